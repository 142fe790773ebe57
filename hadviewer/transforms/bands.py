"""Keeping some of the bands."""

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator
from pydantic_core import PydanticCustomError

from hadviewer.core.bands import BandSet, select_bands
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import transform


class BandsParams(Params):
    """Which bands stay."""

    keep: str = field(
        "all",
        "Bands",
        help="Numbers and ranges such as 1-50,60, counted from 1 among the bands that reach this step.",
    )

    @field_validator("keep")
    @classmethod
    def _numbers_only(cls, text: str) -> str:
        # A transform sees values without their wavelengths: those before it may have made components of them.
        if "nm" in text.lower():
            reason = "wavelengths are chosen with the bands of the run; a step of a chain knows band numbers only"
            raise PydanticCustomError("bands", "{reason}", {"reason": reason})
        return text


@transform(id="bands", title="Keep some bands", params=BandsParams)
def bands(cube: NDArray[np.float32], p: BandsParams, ctx: Context) -> NDArray[np.float32]:
    """Keep some of the bands and drop the rest, also in the middle of a chain.

    Float32 (rows, cols, bands) to (rows, cols, kept), in the order of the cube. A pixel with NaN in any band, also a
    dropped one, is NaN. Raises DetectorError when the choice does not fit the number of bands.
    """
    ctx.step(0, 1)
    try:
        index = select_bands(p.keep, BandSet(cube.shape[2]))
    except ParamError as error:
        raise DetectorError(error.message, hint=error.hint or f"There are {cube.shape[2]} bands here.") from None
    result = np.array(cube[:, :, index], dtype=np.float32, order="C")
    result[~np.isfinite(cube).all(axis=2)] = np.nan
    ctx.step(1, 1)
    return result
