"""The multi-scale prior of MTGAN: how far each pixel lies from those of its surroundings that are most like it."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.ranks import relative_ranks
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._parallel import in_threads
from hadviewer.detectors._windows import DualWindow, cut

if TYPE_CHECKING:
    from torch import Tensor

FLOOR = 1e-12
"""Directions with less than this share of the largest variance do not count."""

RIDGE = 1e-6
CHUNK_BYTES = 32 * 2**20
SMALLEST_SCALE = 3

Matrix = NDArray[np.float64]
Index = NDArray[np.intp]


class Dictionaries(NamedTuple):
    """Pixels taken for background (Y) and for anomalies (X), as positions in the list of valid pixels."""

    background: Index
    anomalies: Index


def dictionaries(pseudo: Matrix, background_share: float, anomaly_share: float) -> Dictionaries:
    """The pixels of lowest and of highest pseudo-score (n,): two and one at least."""
    order = np.argsort(pseudo, kind="stable")
    lowest, highest = round(background_share * len(order)), round(anomaly_share * len(order))
    return Dictionaries(np.sort(order[: max(2, lowest)]), np.sort(order[-max(1, highest) :]))


def whitened(pixels: NDArray[np.float32], count: int) -> Matrix:
    """The first principal components (n, up to ``count``) of spectra (n, bands), each with unit variance."""
    from hadviewer.analysis.components import BLOCK_PIXELS, fit_components

    found = fit_components(pixels[np.newaxis], count)
    kept = found.variance > FLOOR * found.variance[0]
    axes = found.axes[:, kept] / np.sqrt(found.variance[kept])
    blocks = [pixels[start : start + BLOCK_PIXELS] for start in range(0, len(pixels), BLOCK_PIXELS)]
    return np.concatenate([(block - found.mean) @ axes for block in blocks])


def neighbour_counts(scales: int, shape: tuple[int, int], window: int, ctx: Context) -> tuple[DualWindow, list[int]]:
    """The window, cut to the scene (rows, cols), and the R²-1 neighbours of the scales R = 3, 5, 7 ... that fit.

    Raises DetectorError where not even the smallest does.
    """
    extent = min(window, shape[0]), min(window, shape[1])
    wanted = [side * side - 1 for side in range(SMALLEST_SCALE, SMALLEST_SCALE + 2 * scales, 2)]
    fitting = [count for count in wanted if count < extent[0] * extent[1]]
    if not fitting:
        raise DetectorError(
            f"The prior needs windows of at least {SMALLEST_SCALE**2} pixels, "
            f"here they have {extent[0]} × {extent[1]}.",
            hint="Choose a larger region, or Global RX.",
        )
    if extent != (window, window):
        ctx.note(f"The window of {window} × {window} pixels was cut to the scene: {extent[0]} × {extent[1]}.")
    if len(fitting) < scales:
        ctx.note(f"Only {len(fitting)} of {scales} scales fit into the window and were used.")
    return DualWindow(shape, extent, extent), fitting


def pseudo_scores(
    points: Matrix, valid: NDArray[np.bool_], window: DualWindow, counts: list[int], ctx: Context
) -> Matrix:
    """Pseudo-scores (n,) in 0..1 of the valid pixels with coordinates (n, q): mean relative rank over the scales.

    At each scale R a pixel's distance to the mean of its R²-1 nearest neighbours within the window is taken under the
    mean of all pixels' covariance maps (equation 4), the covariance pool. The pixel itself is not its neighbour.
    """
    deviations, pooled, pairs = _neighbourhoods(points, valid, window, counts, ctx)
    total = np.zeros(len(points))
    for deviation, scatter, pixels in zip(deviations, pooled, pairs, strict=True):
        covariance = scatter / max(1, pixels) + RIDGE * np.eye(len(scatter))
        total += relative_ranks((deviation * np.linalg.solve(covariance, deviation.T).T).sum(axis=1))
    return total / len(counts)


def _neighbourhoods(
    points: Matrix, valid: NDArray[np.bool_], window: DualWindow, counts: list[int], ctx: Context
) -> tuple[Matrix, Matrix, NDArray[np.int64]]:
    """Of each scale: the deviations (n, q) from the means, the sum (q, q) of the covariance maps, how many have one."""
    import torch

    device = "cpu" if ctx.device == "mps" else ctx.device  # which has no numbers of double precision
    size, dimensions = valid.size, points.shape[1]
    places = np.flatnonzero(valid)
    grid = torch.zeros((size, dimensions), dtype=torch.float64, device=device)
    grid[torch.from_numpy(places).to(device)] = torch.from_numpy(points).to(device)
    known = torch.from_numpy(valid.ravel()).to(device)

    def work(part: range) -> "tuple[list[Tensor], Tensor, Tensor]":
        chosen = places[part.start : part.stop]
        around = torch.from_numpy(window.inside(*np.divmod(chosen, valid.shape[1]))).to(device)
        own = torch.from_numpy(chosen).to(device)
        neighbours, there = _nearest(grid, known, own, around, counts[-1])
        found = [_at_scale(grid[own], neighbours[:, :count], there[:, :count]) for count in counts]
        return (
            [deviation.cpu() for deviation, _, _ in found],
            torch.stack([scatter for _, scatter, _ in found]).cpu(),
            torch.stack([pairs for _, _, pairs in found]).cpu(),
        )

    deviations = np.empty((len(counts), len(points), dimensions))
    pooled, pairs = np.zeros((len(counts), dimensions, dimensions)), np.zeros(len(counts), np.int64)
    each = 24 * (window.inner[0] * window.inner[1] + counts[-1]) * dimensions
    parts = cut(range(len(places)), max(1, CHUNK_BYTES // each))
    for part, (apart, scatter, with_map) in in_threads(work, parts, len(parts), "Prior", ctx):
        for scale, deviation in enumerate(apart):
            deviations[scale, part.start : part.stop] = deviation.numpy()
        pooled += scatter.numpy()
        pairs += with_map.numpy()
    return deviations, pooled, pairs


def _nearest(grid: "Tensor", known: "Tensor", own: "Tensor", around: "Tensor", count: int) -> "tuple[Tensor, Tensor]":
    """The ``count`` pixels (pixels, count, q) of each window nearest to its own pixel, and which of them are valid.

    Sorted by distance, equal ones by place; the pixel itself is left out, invalid ones come last.
    """
    import torch

    cells = grid[around]
    distances = (cells - grid[own][:, None]).square_().sum(dim=2)
    distances[~known[around]] = torch.inf
    distances[around == own[:, None]] = -1
    ordered, order = distances.sort(dim=1, stable=True)
    nearest = order[:, 1 : count + 1, None].expand(-1, -1, grid.shape[1])
    return cells.gather(1, nearest), ordered[:, 1 : count + 1].isfinite()


def _at_scale(own: "Tensor", neighbours: "Tensor", there: "Tensor") -> "tuple[Tensor, Tensor, Tensor]":
    """Deviations (pixels, q) from the mean of the neighbours, the sum (q, q) of the covariance maps, their number.

    Neighbours (pixels, count, q) that are not ``there`` are zeros. Without any, the mean is that of the scene, 0.
    """
    number = there.sum(dim=1, keepdim=True).to(own.dtype)
    mean = neighbours.sum(dim=1) / number.clamp(min=1)
    weight = there / (number - 1).clamp(min=1).sqrt()
    spread = ((neighbours - mean[:, None]) * weight[:, :, None]).flatten(0, 1)
    return own - mean, spread.T @ spread, (number > 1).sum()
