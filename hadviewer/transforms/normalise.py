"""Normalisations: bring the values of a scene to a known range.

Every function takes float32 (rows, cols, bands) and returns a new array of the same shape. A pixel with NaN in any band
takes no part and is NaN in every band of the result. What has no spread (a constant band, a black pixel) becomes 0.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from hadviewer.core.context import Context
from hadviewer.core.params import NoParams, Params, field
from hadviewer.core.specs import transform

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]


class RangeParams(Params):
    """How the two ends of the range are found."""

    tails: float = field(
        0.0,
        "Clipped tails",
        ge=0,
        lt=50,
        step=0.1,
        unit="%",
        help="Share of the values clipped at either end. 0 takes minimum and maximum as published figures do.",
    )


class ClipParams(Params):
    """Percentiles of each band between which values are kept."""

    low: float = field(
        0.02, "Lower percentile", ge=0, le=100, step=0.01, unit="%", help="Values below are raised to it."
    )
    high: float = field(
        99.98, "Upper percentile", ge=0, le=100, step=0.01, unit="%", help="Values above are lowered to it."
    )

    @model_validator(mode="after")
    def _in_order(self) -> "ClipParams":
        if self.low >= self.high:
            raise PydanticCustomError("order", "the lower percentile must be below the upper one", {"field": "low"})
        return self


@transform(id="unit", title="Scale scene to 0–1", params=RangeParams)
def unit(cube: Values, p: RangeParams, ctx: Context) -> Values:
    """Scale the whole scene to 0–1 by one minimum and one maximum, which keeps the shape of the spectra."""
    valid = _valid(cube)
    if not valid.any():
        return _empty(cube)
    if p.tails:
        ctx.step(0, 1)
        low, high = np.percentile(cube[valid], [p.tails, 100 - p.tails])
    else:
        ends = [(plane.min(), plane.max()) for _, plane in _planes(cube, valid, ctx)]
        low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    result = _empty(cube)
    result[valid] = _stretched(cube[valid], float(low), float(high))
    ctx.step(1, 1)
    return result


@transform(id="bandwise", title="Scale each band to 0–1", params=RangeParams)
def bandwise(cube: Values, p: RangeParams, ctx: Context) -> Values:
    """Scale every band to 0–1 by its own minimum and maximum, so that dim bands count as much as bright ones."""
    valid = _valid(cube)
    result = _empty(cube)
    for band, plane in _planes(cube, valid, ctx):
        low, high = np.percentile(plane, [p.tails, 100 - p.tails])
        result[valid, band] = _stretched(plane, float(low), float(high))
    return result


@transform(id="zscore", title="Standardise each band")
def zscore(cube: Values, p: NoParams, ctx: Context) -> Values:
    """Give every band mean 0 and standard deviation 1."""
    valid = _valid(cube)
    result = _empty(cube)
    for band, plane in _planes(cube, valid, ctx):
        deviations = plane.astype(np.float64)
        deviations -= deviations.mean()
        spread = deviations.std()
        result[valid, band] = 0.0 if plane.min() == plane.max() else deviations / spread
    return result


@transform(id="l2", title="Spectra of length 1")
def l2(cube: Values, p: NoParams, ctx: Context) -> Values:
    """Divide every spectrum by its length, which removes brightness and keeps the shape."""
    valid = _valid(cube)
    ctx.step(0, 1)
    length = np.sqrt(np.einsum("ijk,ijk->ij", cube, cube, dtype=np.float64))
    length[length == 0] = 1.0
    result = _empty(cube)
    result[valid] = cube[valid] / length[valid][:, None]
    ctx.step(1, 1)
    return result


@transform(id="clip", title="Clip each band", params=ClipParams)
def clip(cube: Values, p: ClipParams, ctx: Context) -> Values:
    """Clip the extreme values of every band, so that a few hot or dead pixels do not rule the range."""
    valid = _valid(cube)
    result = _empty(cube)
    for band, plane in _planes(cube, valid, ctx):
        low, high = np.percentile(plane, [p.low, p.high])
        result[valid, band] = np.clip(plane, low, high)
    return result


def _valid(cube: Values) -> Mask:
    return np.asarray(np.isfinite(cube).all(axis=2))


def _empty(cube: Values) -> Values:
    return np.full(cube.shape, np.nan, dtype=np.float32)


def _planes(cube: Values, valid: Mask, ctx: Context) -> Iterator[tuple[int, Values]]:
    """Each band's number and valid values (pixels,), with progress; nothing for a scene without valid pixels."""
    if valid.any():
        for band in ctx.track(range(cube.shape[2])):
            yield band, cube[valid, band]


def _stretched(values: Values, low: float, high: float) -> Values:
    """Values mapped from low..high to 0..1 and clipped there; all 0 when the range is empty."""
    if not high > low:
        return np.zeros_like(values)
    return np.asarray(np.clip((values.astype(np.float64) - low) / (high - low), 0, 1), dtype=np.float32)
