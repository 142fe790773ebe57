"""Band selection by orthogonal projections (OPBS)."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import transform

BLOCK_PIXELS = 65_536
REDUNDANT = 1e-12
"""A band whose part that the chosen ones do not explain has less than this share of its energy says nothing new."""


class BandSelectParams(Params):
    """How many bands stay."""

    count: int = field(64, "Bands", ge=1, le=2000, help="Number kept; with as few bands or fewer, all stay.")


@transform(
    id="bandselect",
    title="Select bands (OPBS)",
    params=BandSelectParams,
    reference="Zhang, Li, Dou & Zhao, IEEE TGRS 56(8), 2018",
)
def bandselect(cube: NDArray[np.float32], p: BandSelectParams, ctx: Context) -> NDArray[np.float32]:
    """Keep the bands that say most that the others do not.

    Float32 (rows, cols, bands) to (rows, cols, count), in the order of the cube. The band of largest variance comes
    first, then again and again the one with the largest energy orthogonal to those chosen. Bands that the chosen ones
    explain wholly are left out, so fewer may stay. A pixel with NaN in any band takes no part and stays NaN.
    """
    valid = np.asarray(np.isfinite(cube).all(axis=2))
    pixels = cube[valid]
    variance = [pixels[:, band].var(dtype=np.float64) if len(pixels) else 0.0 for band in range(cube.shape[2])]
    chosen = _chosen(_products(pixels, ctx), int(np.argmax(variance)), min(p.count, cube.shape[2]))
    if len(chosen) < min(p.count, cube.shape[2]):
        ctx.note(f"{len(chosen)} bands explain the others wholly; more would say nothing new.")
    numbers = ", ".join(str(band + 1) for band in chosen)
    ctx.note(f"Bands kept, counted among those that reached this step: {numbers}.")
    result = np.array(cube[:, :, chosen], dtype=np.float32, order="C")
    result[~valid] = np.nan
    ctx.step(1, 1)
    return result


def _products(pixels: NDArray[np.float32], ctx: Context) -> NDArray[np.float64]:
    """The inner products (bands, bands) of the bands as vectors of pixels, not centred."""
    gram = np.zeros((pixels.shape[1], pixels.shape[1]))
    for start in ctx.track(range(0, len(pixels), BLOCK_PIXELS)):
        block = pixels[start : start + BLOCK_PIXELS].astype(np.float64)
        gram += block.T @ block
    return gram


def _chosen(gram: NDArray[np.float64], first: int, count: int) -> list[int]:
    """The bands in their order: Gram-Schmidt written as a pivoted Cholesky factorisation of the inner products."""
    energy = np.diag(gram).copy()
    least = REDUNDANT * energy
    directions = np.zeros((count, len(gram)))
    chosen = [first]
    for step in range(count - 1):
        latest = chosen[-1]
        if energy[latest] > 0:
            explained = directions[:step].T @ directions[:step, latest]
            directions[step] = (gram[latest] - explained) / np.sqrt(energy[latest])
        energy -= directions[step] ** 2
        energy[chosen] = 0.0
        following = int(np.argmax(energy))
        if energy[following] <= least[following]:
            break
        chosen.append(following)
    return sorted(chosen)
