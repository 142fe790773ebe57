"""Attribute and edge-preserving filters (AED)."""

import re

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator
from pydantic_core import PydanticCustomError

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._attributes import Map, Structures, principal_planes, quantised, small_structures, unit_range
from hadviewer.detectors._domain_transform import smoothed
from hadviewer.detectors._surroundings import surroundings

LEVELS = 1000
REACH = 12
"""Pixels over which gaps continue with the mirror image of the data."""


def split_areas(text: str) -> list[int]:
    """The areas in '16, 36, 64', each once, smallest first; raises ValueError with what is wrong."""
    if not re.fullmatch(r"\d{1,6}(,\d{1,6})*", text.replace(" ", "")):
        raise ValueError("areas are whole numbers separated by commas, as in 16,36,64,100")
    areas = sorted({int(part) for part in text.split(",")})
    if areas[0] < 2:
        raise ValueError("an area is at least 2 pixels")
    return areas


class AEDParams(Params):
    """The size of targets, and which steps follow the attribute difference."""

    areas: str = field(
        "64",
        "Areas",
        unit="px",
        help="Structures of fewer pixels can be targets (κ in the paper). Several, as in 16,36,64,100, are filtered "
        "one by one and added: where targets of many sizes are looked for.",
    )
    small_only: bool = field(
        True,
        "Only small pieces",
        help="Set to zero what does not belong to a bright piece of at most 1 % of the scene. Cleaner maps, but a "
        "target that is missed here is lost; turn it off to compare detectors.",
    )
    smooth: bool = field(
        True, "Edge-preserving filter", help="Smooth the result within the edges of the first three components."
    )
    sigma_s: float = field(
        5.0, "Reach", gt=0, le=100, unit="px", advanced=True, enabled_when="smooth", help="σ_s of the smoothing filter."
    )
    sigma_r: float = field(
        0.5,
        "Edge strength",
        gt=0,
        le=10,
        step=0.1,
        advanced=True,
        enabled_when="smooth",
        help="σ_r: how much the components, each brought to 0..1, change at an edge. Larger values smooth more.",
    )
    components: int = field(3, "Components", ge=1, le=20, advanced=True, help="Principal components that are filtered.")
    clip: float = field(
        0.0,
        "Clip",
        ge=0,
        le=5,
        step=0.05,
        unit="%",
        advanced=True,
        help="Share of the values cut off at either end of each component; 0.1 keeps a few hot pixels from ruling it.",
    )

    @field_validator("areas")
    @classmethod
    def _whole_numbers(cls, text: str) -> str:
        try:
            split_areas(text)
        except ValueError as error:
            raise PydanticCustomError("areas", "{reason}", {"reason": str(error)}) from None
        return text


@detector(
    id="aed",
    title="Attribute and edge-preserving filters",
    family="Spatial",
    params=AEDParams,
    reference="Kang et al., IEEE TGRS 55(10), 2017, doi:10.1109/TGRS.2017.2710145",
    copies=6,
    when="Small objects brighter or darker than what surrounds them; targets larger than the areas set are missed.",
)
def aed(cube: NDArray[np.float32], p: AEDParams, ctx: Context) -> NDArray[np.float32]:
    """Bright and dark structures of small area in the first principal components, smoothed within edges.

    Float32 (rows, cols, bands) to scores (rows, cols), NaN on invalid pixels. For each component, brought to 0..1 in
    1000 levels, area closing minus area opening at each κ of ``areas``; with ``small_only`` zero outside small pieces
    above Otsu's threshold; their sum over components goes through the domain transform recursive filter. Without both
    steps this is the attribute difference, with several areas the multi-scale one. Gaps count as mirror images of the
    data. Raises DetectorError without a valid pixel.
    """
    valid = np.asarray(np.isfinite(cube).all(axis=2))
    if not valid.any():
        raise DetectorError("This detector needs valid pixels, the scene has none.", hint="Check the no-data value.")
    ctx.stage(0.0, 0.2)
    ctx.step(0, 1, "Principal components")
    planes = principal_planes(cube, valid, max(p.components, 3))
    ctx.stage(0.2, 0.8)
    contrasts = _contrasts(planes[: p.components], valid, _areas(p, int(valid.sum()), ctx), p, ctx)
    ctx.stage(0.8, 1.0)
    ctx.step(0, 1, "Edge-preserving filter" if p.smooth else "Sum")
    maps = np.stack([unit_range(contrast, valid) for contrast in contrasts])
    if p.smooth and len(planes):
        guide = np.stack([_unit_levels(plane, valid, p)[0] / LEVELS for plane in planes[:3]], axis=2)
        maps = smoothed(maps, guide, valid, p.sigma_s, p.sigma_r)
    total = sum((unit_range(one, valid) for one in maps), np.zeros(valid.shape))
    ctx.step(1, 1)
    return np.where(valid, total, np.nan).astype(np.float32)


def _areas(p: AEDParams, pixels: int, ctx: Context) -> list[int]:
    """The areas to filter at; at most a quarter of the scene, above which nothing stands for the background."""
    areas = split_areas(p.areas)
    largest = max(2, pixels // 4)
    if areas[-1] > largest:
        ctx.note(f"The scene has only {pixels} valid pixels: areas above {largest} were lowered to that.")
    return sorted({min(area, largest) for area in areas})


def _unit_levels(plane: NDArray[np.float32], valid: NDArray[np.bool_], p: AEDParams) -> tuple[NDArray[np.int32], float]:
    return quantised(plane, valid, LEVELS, p.clip / 100)


def _contrasts(
    planes: NDArray[np.float32], valid: NDArray[np.bool_], areas: list[int], p: AEDParams, ctx: Context
) -> list[Map]:
    """For each area, closing minus opening summed over the components (rows, cols)."""
    # scikit-image grows no tree on fewer than three lines or columns: these get mirror images on every side.
    around = surroundings(valid, border=int(min(valid.shape) < 3), reach=REACH)
    totals = [np.zeros(valid.shape) for _ in areas]
    for plane in ctx.track(planes, len(planes), "Attribute filters"):
        levels, _ = _unit_levels(plane, valid, p)
        structures = Structures(levels, LEVELS, around)
        for total, area in zip(totals, areas, strict=True):
            bright, dark = structures.below_area(area)
            contrast = np.where(valid, bright + dark, 0) / LEVELS
            total += contrast * small_structures(contrast, valid, valid.sum() / 100) if p.small_only else contrast
    return totals
