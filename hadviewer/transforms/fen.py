"""Feature enhancement network (FEN), trained once on background scenes, as a transform before RX or SLRX."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from hadviewer.core.context import Context
from hadviewer.core.cube import Window
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import transform
from hadviewer.transforms._fen_network import HALO, Enhancer, ProgramNetwork
from hadviewer.transforms._fen_record import Wavelengths, trained_on
from hadviewer.transforms._fen_weights import choose_weights, load_network

if TYPE_CHECKING:
    from torch import Tensor

TILE = 160
"""Side of the squares that are enhanced one at a time, in pixels; each needs about 100 MB."""
REACH = 0.1
"""Scaled values lie between minus and plus this."""

Values = NDArray[np.float32]
Mask = NDArray[np.bool_]


class FENParams(Params):
    """Which network enhances the scene."""

    weights: Path | None = field(
        None,
        "Weights",
        help="Folder with the three files of weights, or with folders of them such as 100bands and 200bands.",
    )

    @field_validator("weights")
    @classmethod
    def _from_anywhere(cls, place: Path | None) -> Path | None:
        """A recipe is repeated in another folder than the one it was made in."""
        return None if place is None else place.expanduser().absolute()


@transform(
    id="fen",
    title="Feature enhancement (FEN)",
    params=FENParams,
    reference="Jin, Dang & Zhu, IEEE GRSL 21, 2024, doi:10.1109/LGRS.2024.3456178",
    devices=("cpu", "cuda", "mps"),
)
def fen(cube: Values, p: FENParams, ctx: Context) -> Values:
    """Enhance the background by a network trained on other scenes, so that RX and SLRX find more.

    Float32 (rows, cols, bands) to (rows, cols, bands of the weights): the first bands, scaled to ±0.1 by one minimum
    and one maximum, plus what the network adds. Pixels with NaN in any band stay NaN; where the network looks at them
    as neighbours it sees the scene mirrored at their edge, as it does at the edge of the scene. Large scenes are
    enhanced in tiles that overlap by what the network sees. Raises DetectorError for a scene with fewer bands than the
    weights need.
    """
    ctx.step(0, 1, "Weights")
    if p.weights is None:
        raise ParamError(
            "FEN needs weights.",
            field="weights",
            hint="Give their folder, as in fen:weights=FOLDER; train fen makes some.",
        )
    weights, remark = choose_weights(p.weights, cube.shape[2])
    network = load_network(weights, ctx.device)
    bands = network.bands
    if bands > cube.shape[2]:
        raise DetectorError(f"The weights of FEN in {weights.title} need {bands} bands; the scene has {cube.shape[2]}.")
    if remark:
        ctx.note(remark)
    used, compared = fit(weights.folder, bands, cube.shape[2], ctx.wavelengths)
    ctx.note(f"FEN with the weights {weights.title} ({weights.fingerprint}), {used}")
    ctx.note(compared)
    return enhance(cube[:, :, :bands], network, ctx)


def fit(folder: Path, bands: int, count: int, wavelengths: Wavelengths | None) -> tuple[str, str]:
    """How the weights in a folder, for so many ``bands``, go with a scene of ``count`` bands at these wavelengths.

    Two pieces of text: which of the scene's bands are used, and whether they are those the weights were trained on.
    """
    left_out = count - bands
    cut = f"the last {left_out} of the scene's {count} are cut off" if left_out else "all of the scene's"
    scene = None if wavelengths is None else wavelengths[:bands]
    return f"for {bands} bands: {cut}.", trained_on(folder, bands).compared(scene)


def enhance(cube: Values, network: Enhancer, ctx: Context, tile: int = TILE) -> Values:
    """The cube (rows, cols, bands of the network) enhanced in squares of ``tile`` pixels."""
    import torch

    valid = np.asarray(np.isfinite(cube).all(axis=2))
    result = np.full(cube.shape, np.nan, dtype=np.float32)
    if not valid.any():
        ctx.step(1, 1)
        return result
    if not valid.all():
        cube = _filled(cube, valid)
        ctx.note(f"{np.count_nonzero(~valid)} pixels without values were mirrored over for their neighbours' sake.")
    low, high = float(cube.min()), float(cube.max())
    rows, cols = (np.pad(np.arange(length), HALO, mode="reflect") for length in valid.shape)
    tiles = list(_tiles(valid.shape, tile))
    # TF32, the default of convolutions on newer GPUs, keeps three digits only.
    with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
        if len(tiles) > 1 and isinstance(network, ProgramNetwork):
            _check_locality(network, cube, low, high, ctx.device)
        for window in ctx.track(tiles, message="Enhancing"):
            across = np.ix_(rows[window.row0 : window.row1 + 2 * HALO], cols[window.col0 : window.col1 + 2 * HALO])
            result[window.slices] = _run(network, scaled(cube[across], low, high), ctx.device)
    result[~valid] = np.nan
    return result


def _run(network: Enhancer, scaled: Values, device: str) -> Values:
    """A scaled piece (rows, cols, bands) through the network; HALO pixels less on each side."""
    import torch

    x = torch.from_numpy(scaled).to(device).permute(2, 0, 1)[None]
    try:
        enhanced: Tensor = network(x)
    except torch.cuda.OutOfMemoryError as error:
        raise DetectorError("The GPU has too little memory for FEN.", hint="Choose the CPU.") from error
    found: Values = enhanced[0].permute(1, 2, 0).cpu().numpy()
    expected = (scaled.shape[0] - 2 * HALO, scaled.shape[1] - 2 * HALO, scaled.shape[2])
    if found.shape != expected or not np.isfinite(found).all():
        raise DetectorError("The weights of FEN give no usable values for this scene.", hint="Choose others.")
    return found


def _tiles(shape: tuple[int, ...], side: int) -> Iterator[Window]:
    """Windows of at most ``side`` × ``side`` pixels that cover (rows, cols)."""
    rows, cols = shape
    for row in range(0, rows, side):
        for col in range(0, cols, side):
            yield Window(row, min(row + side, rows), col, min(col + side, cols))


def scaled(values: Values, low: float, high: float) -> Values:
    """low..high mapped to -REACH..REACH; a scene of one value to -REACH."""
    span = high - low if high > low else 1.0
    return np.asarray((values.astype(np.float64) - low) * (2 * REACH / span) - REACH, dtype=np.float32)


def _filled(cube: Values, valid: Mask) -> Values:
    """A copy in which each pixel without values has those of its mirror image behind the nearest valid pixel.

    Where the mirror image is without values too, those of that nearest pixel.
    """
    from scipy.ndimage import distance_transform_edt

    nearest = distance_transform_edt(~valid, return_distances=False, return_indices=True)[:, ~valid]
    behind = 2 * nearest - np.argwhere(~valid).T
    limits = np.array(valid.shape)[:, None]
    there: Mask = np.all((behind >= 0) & (behind < limits), axis=0)
    there[there] = valid[tuple(behind[:, there])]
    source = np.where(there, behind, nearest)
    filled = cube.copy()
    filled[~valid] = cube[tuple(source)]
    return filled


def _check_locality(network: Enhancer, cube: Values, low: float, high: float, device: str) -> None:
    """Refuse to divide a large scene for a program whose result depends on more than the neighbours of a pixel."""
    corner = scaled(cube[: 6 * HALO, : 6 * HALO], low, high)
    if min(corner.shape[:2]) < 6 * HALO:
        return
    whole, part = _run(network, corner, device), _run(network, corner[HALO:-HALO, HALO:-HALO], device)
    if not np.allclose(whole[HALO:-HALO, HALO:-HALO], part, rtol=1e-3, atol=1e-4):
        raise DetectorError(
            f"These weights look at the whole scene at once, and this one is larger than {TILE} × {TILE} pixels.",
            hint="Choose a region, or weights in the other form (convh.pt, enc.pt, pc.pt).",
        )
