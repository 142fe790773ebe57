"""Rank fusion: several detectors vote."""

import re
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator
from pydantic_core import PydanticCustomError

import hadviewer.detectors
from hadviewer.analysis.ranks import relative_ranks
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import Params, field, parse
from hadviewer.core.specs import SPEC_ATTRIBUTE, DetectorSpec, PixelBlocks, detector

OWN_ID = "fusion"
READING = 0.05
"""Share of the progress bar given to reading the scene for detectors that need all of it."""


@dataclass(frozen=True)
class Part:
    """One detector of a fusion: as it was written, its id, its parameters as text."""

    text: str
    id: str
    params: dict[str, str]


def split_parts(text: str) -> list[Part]:
    """The detectors in 'grx, cbad:clusters=4:components=20'; raises ValueError with what is wrong.

    A comma before a number belongs to the value it stands in, as in 'aed:areas=16,36,64'.
    """
    parts = []
    for item in re.split(r",(?=\s*\d*[A-Za-z])", text):
        written = item.strip().rstrip(",")
        id_, *pairs = (piece.strip() for piece in written.split(":"))
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", id_):
            raise ValueError(f"{written!r} is not a detector such as grx or cbad:clusters=4")
        if not all("=" in pair for pair in pairs):
            raise ValueError(f"the parameters in {written!r} are not written as name=value")
        params = {key.strip(): value.strip() for key, _, value in (pair.partition("=") for pair in pairs)}
        parts.append(Part(written, id_, params))
    names = [part.text for part in parts]
    if OWN_ID in [part.id for part in parts]:
        raise ValueError("a fusion cannot hold a fusion")
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError("a fusion needs two or more different detectors")
    return parts


class FusionParams(Params):
    """Whose maps are fused."""

    detectors: str = field(
        "grx,cbad,aed",
        "Detectors",
        help="Ids separated by commas; a parameter follows its id after a colon. The best sum measured without "
        "training is cbad,aed:areas=16,36,64,100,aed:areas=16,36,64,100:small_only=no:smooth=no.",
    )

    @field_validator("detectors")
    @classmethod
    def _well_formed(cls, text: str) -> str:
        try:
            split_parts(text)
        except ValueError as error:
            raise PydanticCustomError("detectors", "{reason}", {"reason": str(error)}) from None
        return text


@detector(
    id=OWN_ID,
    title="Rank fusion",
    family="Combination",
    params=FusionParams,
    reference="Rank sums, or Borda counts: Ho, Hull & Srihari, IEEE TPAMI 16(1), 1994, doi:10.1109/34.273716",
    streaming=True,
    devices=("cpu", "cuda"),
    when="Where no single detector is to be trusted: pixels that several of them rank high come first.",
)
def fusion(blocks: PixelBlocks, p: FusionParams, ctx: Context) -> NDArray[np.float32]:
    """Several detectors score the scene and the ranks they give each pixel are added.

    Scores (rows, cols) float32: the sum over the detectors of rank / number of valid pixels, ties sharing the mean of
    their ranks; NaN on invalid pixels. Streaming detectors get ``blocks`` as they are, the others the scene read from
    them. The map of every detector comes along under its name. Raises ParamError for an unknown detector or parameter
    before anything is computed, DetectorError when a detector refuses.
    """
    parts = split_parts(p.detectors)
    specs = [_find(part.id, ctx) for part in parts]
    params = [parse(spec.params, part.params) for spec, part in zip(specs, parts, strict=True)]
    cube: NDArray[np.float32] | None = None
    start = 0.0
    if not all(spec.streaming for spec in specs):
        start = READING
        ctx.stage(0.0, start)
        cube = _read(blocks, ctx)
    total = np.zeros(blocks.shape[:2])
    share = (1 - start) / len(parts)
    for number, (part, spec, values) in enumerate(zip(parts, specs, params, strict=True)):
        device = ctx.device if ctx.device.partition(":")[0] in spec.devices else "cpu"
        inner = ctx.part(start + share * number, start + share * (number + 1), device)
        try:
            scores = spec.function(blocks if spec.streaming else cube, values, inner)
        except DetectorError as error:
            raise DetectorError(f"{spec.title} cannot take part: {error.message}", hint=error.hint) from error
        ctx.extras |= {part.text: scores, **{f"{part.text} {name}": extra for name, extra in inner.extras.items()}}
        ctx.remarks += [f"{spec.title}: {remark}" for remark in inner.remarks]
        if device != ctx.device:
            ctx.note(f"{spec.title} ran on the CPU.")
        total += relative_ranks(scores)
        ctx.preview(total.astype(np.float32))
    ctx.stage(0.0, 1.0)
    ctx.step(1, 1)
    return total.astype(np.float32)


def _find(id_: str, ctx: Context) -> DetectorSpec:
    """The detector with this id: by the engine's catalogue, which knows plug-ins, else among the files beside this one.

    The catalogue lies in a layer above and cannot be imported here; a detector also runs without it, as in a test.
    """
    if ctx.find_detector is not None:
        return ctx.find_detector(id_)
    for module in iter_modules(hadviewer.detectors.__path__):
        if not module.name.startswith("_"):
            for value in vars(import_module(f"{__package__}.{module.name}")).values():
                spec = getattr(value, SPEC_ATTRIBUTE, None)
                if isinstance(spec, DetectorSpec) and spec.id == id_:
                    return spec
    raise ParamError(f"There is no detector {id_!r}.", field="detectors")


def _read(blocks: PixelBlocks, ctx: Context) -> NDArray[np.float32]:
    """The whole scene (rows, cols, bands) as detectors of arrays get it: float32 and read-only."""
    cube = np.empty(blocks.shape, dtype=np.float32)
    for window, values in ctx.track(blocks, len(blocks), "Reading"):
        cube[window.slices] = values
    cube.flags.writeable = False
    return cube
