"""Local Reed-Xiaoli detector with a dual window (LRX)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import OddInt, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import background
from hadviewer.detectors._linalg import add_products, cholesky
from hadviewer.detectors._parallel import in_threads
from hadviewer.detectors._windows import DualWindow, Strips, WindowParams, cut, dual_window, inner_width, outer_width

if TYPE_CHECKING:
    import torch

TILE_BYTES = {"cpu": 4 * 2**20, "cuda": 512 * 2**20}
"""What the covariances of one column of a tile may take: near the cache of one core; enough to fill a GPU."""
TILE_COLUMNS = 192
"""Sums slide along this many columns before they are formed afresh: rounding errors do not gather."""
DUAL_SIDE = 12
"""Side of the tiles that share one matrix of inner products."""
LEAST_VARIANCE = 1e-12
"""Share of the scene's mean variance below which no loading falls: for windows whose pixels are all alike."""
NULL_SPACE = 1e-11
"""A direction with less than this share of the variance of the strongest has none."""
ABOVE_ANY_SCORE = 1e300


class LRXParams(WindowParams):
    """Windows and loading. The default ring holds 416 pixels, about twice as many as a scene of 200 bands needs."""

    inner: OddInt = inner_width(5)
    outer: OddInt = outer_width(21)
    loading: float = field(
        1e-4,
        "Diagonal loading",
        ge=0,
        le=1,
        step=1e-5,
        advanced=True,
        help="Added to each local covariance as this share of its mean variance. 0 needs more pixels than bands.",
    )


@dataclass(frozen=True)
class _Tile:
    """Pixels to score and the spectra their windows cover.

    ``spectra`` (lines, columns, 1 + bands) begin with a 1, and are all zero where invalid; ``top`` and ``left`` are
    where they begin in the scene. A sum of outer products of such spectra holds count, sums and products in one.
    """

    window: DualWindow
    rows: range
    cols: range
    top: int
    left: int
    spectra: "torch.Tensor"
    valid: NDArray[np.bool_]

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.rows.start, self.rows.stop), slice(self.cols.start, self.cols.stop)

    def flat(self) -> "torch.Tensor":
        """The spectra (lines · columns, 1 + bands) centred on their mean, where products lose least."""
        flat = self.spectra.reshape(-1, self.spectra.shape[2]).clone()
        known = flat[:, :1]
        flat[:, 1:] -= known * (flat[:, 1:].sum(0) / known.sum().clamp(min=1))
        return flat

    def places(self, scene_places: NDArray[np.intp]) -> "torch.Tensor":
        """Where pixels, counted line by line in the scene, lie in ``flat``."""
        import torch

        rows, cols = np.divmod(scene_places, self.window.shape[1])
        return torch.from_numpy((rows - self.top) * self.spectra.shape[1] + cols - self.left).to(self.spectra.device)


@detector(
    id="lrx",
    title="Local RX",
    family="Local",
    params=LRXParams,
    reference="Reed & Yu, IEEE TASSP 38(10), 1990, doi:10.1109/29.60107",
    devices=("cpu", "cuda"),
    streaming=True,
    when="Small targets on ground that changes across the scene; not for targets wider than the inner window. Use it "
    "after 'pca' when the ring holds fewer than twice as many pixels as there are bands.",
)
def lrx(blocks: PixelBlocks, p: LRXParams, ctx: Context) -> NDArray[np.float32]:
    """Squared Mahalanobis distance of each pixel from the mean of the ring around it.

    Mean and covariance C (divisor n-1, float64) of the n valid pixels in the outer and not in the inner window; windows
    are shifted inwards at the border. Each C is loaded: C + loading · tr(C)/bands · I. Where the ring holds fewer
    pixels than there are bands, their inner products are factored instead (Woodbury): the same scores.
    Scores (rows, cols) float32, NaN on invalid pixels, 0 with fewer than two valid pixels in the ring. Raises
    DetectorError when a covariance is singular and there is no loading.
    """
    rows, cols, bands = blocks.shape
    strips = Strips(blocks, dual_window((rows, cols), p.inner, p.outer, ctx))
    ctx.stage(0.0, 0.05)
    mean, change = _coordinates(blocks, p.loading, ctx)
    ctx.stage(0.05, 1.0)
    by_samples = _worth_the_dual(strips.window.samples, change.shape[1], bands, p.loading, ctx)
    shape = (DUAL_SIDE, DUAL_SIDE) if by_samples else _tile_shape(change.shape[1], ctx.device)
    total = sum(len(cut(lines, shape[0])) for lines in strips.rows) * len(cut(range(cols), shape[1]))
    score = partial(_score_by_samples if by_samples else _score_by_bands, loading=p.loading, bands=bands)
    scores = np.full((rows, cols), np.nan, dtype=np.float32)
    starved = 0
    for tile, found in in_threads(score, _tiles(strips, mean, change, shape, ctx.device), total, "Scores", ctx):
        unknown = np.isnan(found) & tile.valid
        starved += int(unknown.sum())
        scores[tile.slices] = np.where(tile.valid, np.where(unknown, 0.0, found), np.nan)
    if starved:
        ctx.note(f"{starved} pixels have fewer than two valid pixels in their background and score 0.")
    return scores


def _coordinates(blocks: PixelBlocks, loading: float, ctx: Context) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The scene's mean and a change of bands (bands, kept) in which its variances are near 1.

    Without loading the scores are the same in any coordinates, and whitened ones are the most precise; directions
    without variance are left out. Loading allows a common factor only.
    """
    mean, covariance, _ = background(blocks, ctx)
    variances = np.diag(covariance)
    if loading > 0 or not variances.any():
        spread = float(np.sqrt(variances.mean())) or 1.0
        return mean, np.eye(len(mean)) / spread
    deviations = np.sqrt(np.where(variances > 0, variances, 1.0))
    values, vectors = np.linalg.eigh(covariance / np.outer(deviations, deviations))
    kept = values > NULL_SPACE * values[-1]
    return mean, vectors[:, kept] / np.sqrt(values[kept]) / deviations[:, np.newaxis]


def _worth_the_dual(samples: int, kept: int, bands: int, loading: float, ctx: Context) -> bool:
    """Whether there are fewer samples than bands, which only loading allows."""
    if loading == 0 and samples <= kept:
        raise DetectorError(
            f"The {samples} pixels of the background window are too few for {kept} bands without loading.",
            hint="Use a larger outer window, fewer bands or some loading.",
        )
    if samples < bands:
        ctx.note(f"The background of a pixel is {samples} pixels for {bands} bands: much depends on the loading.")
    return loading > 0 and samples < bands


def _tile_shape(kept: int, device: str) -> tuple[int, int]:
    """Rows and columns of the tiles that sums slide through, at most: what fits a cache, or fills a GPU."""
    rows = TILE_BYTES[device.partition(":")[0]] // ((kept + 1) ** 2 * 8)
    return max(1, rows), TILE_COLUMNS


def _tiles(
    strips: Strips, mean: NDArray[np.float64], change: NDArray[np.float64], shape: tuple[int, int], device: str
) -> Iterator[_Tile]:
    """The scene in tiles, each with all that its windows cover."""
    import torch

    window = strips.window
    first_row, first_col = (window.starts(window.outer, axis) for axis in (0, 1))
    for strip in strips:
        augmented = np.empty((len(strip.pixels), 1 + change.shape[1]))
        augmented[:, 0] = strip.valid
        augmented[:, 1:] = np.subtract(strip.pixels, mean, out=strip.pixels) @ change
        augmented[~strip.valid] = 0
        spectra = torch.from_numpy(augmented).to(device).reshape(-1, window.shape[1], augmented.shape[1])
        valid = strip.valid.reshape(-1, window.shape[1])
        for rows in cut(strip.rows, shape[0]):
            top, bottom = int(first_row[rows.start]), int(first_row[rows.stop - 1]) + window.outer[0]
            for cols in cut(range(window.shape[1]), shape[1]):
                left, right = int(first_col[cols.start]), int(first_col[cols.stop - 1]) + window.outer[1]
                area = spectra[top - strip.first : bottom - strip.first, left:right]
                scored = valid[rows.start - strip.first : rows.stop - strip.first, cols.start : cols.stop]
                yield _Tile(window, rows, cols, top, left, area, scored)


def _score_by_bands(tile: _Tile, loading: float, bands: int) -> NDArray[np.float64]:
    """Scores (rows, cols) of a tile from the covariances of its rings; NaN with fewer than two samples."""
    import torch

    flat = tile.flat()
    size = flat.shape[1]
    bordered = flat.new_zeros(len(tile.rows), size + 1, size + 1)
    sums, diagonal = bordered[:, :size, :size], bordered.diagonal(dim1=1, dim2=2)[:, 1:size]
    scores = flat.new_empty(len(tile.rows), len(tile.cols))
    centres = tile.places(np.add.outer(tile.cols, np.multiply(tile.rows, tile.window.shape[1])))
    for number, col in enumerate(_slide(tile, flat, sums)):
        count = sums[:, 0, 0].clamp(min=1)
        bordered[:, :size, size] = flat[centres[number]]
        if loading > 0:
            unloaded = diagonal.clone()
            variances = unloaded - sums[:, 0, 1:] ** 2 / count[:, None]
            diagonal += torch.maximum(loading / bands * variances.sum(1), LEAST_VARIANCE * (count - 1))[:, None]
            solved, _ = _solved(bordered)
            diagonal.copy_(unloaded)
        else:
            solved, pivots = _solved(bordered)
            _refuse_singular((pivots.amin(1) <= NULL_SPACE * pivots.amax(1)) & (count > 1), tile, col)
        scores[:, number] = torch.where(count > 1, (count - 1) * (solved[:, 1:] ** 2).sum(1), torch.nan)
    return np.asarray(scores.cpu())


def _refuse_singular(singular: "torch.Tensor", tile: _Tile, col: int) -> None:
    if bool(singular.any()):
        raise DetectorError(
            f"The background of line {tile.rows[int(singular.int().argmax())] + 1}, sample {col + 1} has no variance "
            "in some direction.",
            hint="Use some loading, a larger outer window or fewer bands.",
        )


def _solved(bordered: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """L⁻¹ x (many, size) for matrices L Lᵀ bordered by x, and the squared pivots of L but the first, 0 in a failure.

    ``bordered`` (many, size+1, size+1) holds upper triangles, x in the last column; its corner is overwritten. The last
    row of the factor of a bordered matrix is the solution: one batched call for factor and solution.
    """
    bordered[:, -1, -1] = ABOVE_ANY_SCORE
    factor, failed = cholesky(bordered.mT)
    pivots = factor.diagonal(dim1=1, dim2=2)[:, 1:-1] ** 2
    return factor[:, -1, :-1], pivots.masked_fill_(failed[:, None], 0)


def _slide(tile: _Tile, flat: "torch.Tensor", sums: "torch.Tensor") -> Iterator[int]:
    """Each column of a tile, with Σ a aᵀ (rows, size, size) over the spectra a of its rings put in ``sums``.

    Upper triangles count. From one column to the next only the edges of the windows enter and leave.
    """
    import torch

    window, width = tile.window, tile.spectra.shape[1]
    rows = np.arange(tile.rows.start, tile.rows.stop)
    samples = flat[tile.places(window.ring(rows, np.full(len(rows), tile.cols.start)))]
    torch.matmul(samples.mT, samples, out=sums)
    yield tile.cols.start
    starts = [window.starts(extent, 0)[rows] - tile.top for extent in (window.outer, window.inner)]
    outer = torch.from_numpy(_edge(starts[0], window.outer[0], width)).to(flat.device)
    inner = torch.from_numpy(_edge(starts[1], window.inner[0], width)).to(flat.device)
    outer_cols, inner_cols = (window.starts(extent, 1) - tile.left for extent in (window.outer, window.inner))
    for col in tile.cols[1:]:
        entering, leaving = [], []
        if outer_cols[col] > outer_cols[col - 1]:
            entering.append(outer + int(outer_cols[col]) + window.outer[1] - 1)
            leaving.append(outer + int(outer_cols[col - 1]))
        if inner_cols[col] > inner_cols[col - 1]:
            entering.append(inner + int(inner_cols[col - 1]))
            leaving.append(inner + int(inner_cols[col]) + window.inner[1] - 1)
        if entering:
            _exchange(sums, flat[torch.cat(entering + leaving, 1)])
        yield col


def _edge(starts: NDArray[np.intp], height: int, width: int) -> NDArray[np.intp]:
    """Where the pixels (windows, height) of column 0 of windows with these first lines lie in ``_Tile.flat``."""
    return (starts[:, np.newaxis] + np.arange(height)) * width


def _exchange(sums: "torch.Tensor", samples: "torch.Tensor") -> None:
    """Add the products of the first half of the samples (rows, many, size) to the sums, take those of the rest off."""
    signed = samples.clone()
    signed[:, samples.shape[1] // 2 :].neg_()
    add_products(sums, samples, signed)


def _score_by_samples(tile: _Tile, loading: float, bands: int) -> NDArray[np.float64]:
    """Scores (rows, cols) of a tile from the inner products of its samples; NaN with fewer than two.

    With centred samples X, their products G = X Xᵀ, the pixel d off their mean and the load λ of the scatter:
    dᵀ(Xᵀ X + λ I)⁻¹ d = (|d|² - (X d)ᵀ(G + λ I)⁻¹ X d) / λ.
    """
    import torch

    flat = tile.flat()
    products = flat[:, 1:] @ flat[:, 1:].T
    rows, cols = (places.ravel() for places in np.meshgrid(tile.rows, tile.cols, indexing="ij"))
    centres = rows * tile.window.shape[1] + cols
    spectra = tile.places(np.column_stack([tile.window.ring(rows, cols), centres]))
    weights = flat[:, 0][spectra]
    weights[:, -1] = 0
    at_once = max(1, TILE_BYTES[flat.device.type] // (spectra.shape[1] ** 2 * 8))
    found = [
        _dual_scores(products, some, weight, loading, bands)
        for some, weight in zip(torch.split(spectra, at_once), torch.split(weights, at_once), strict=True)
    ]
    return np.asarray(torch.cat(found).reshape(len(tile.rows), len(tile.cols)).cpu())


def _dual_scores(
    products: "torch.Tensor", spectra: "torch.Tensor", weights: "torch.Tensor", loading: float, bands: int
) -> "torch.Tensor":
    """Scores (pixels,) from the products (all, all) of all spectra of a tile.

    ``spectra`` (pixels, samples + 1) says where the samples of each pixel are, and the pixel itself behind them;
    ``weights`` is 1 for samples with values, else 0.
    """
    import torch

    count = weights.sum(1).clamp(min=1)
    mean = products.new_zeros(len(spectra), len(products)).scatter_add_(1, spectra, weights / count[:, None])
    off = (mean @ products).gather(1, spectra)
    off -= (off * weights).sum(1, keepdim=True) / count[:, None] / 2
    places = (spectra * len(products))[:, :, None] + spectra[:, None, :]
    bordered = products.reshape(-1).index_select(0, places.reshape(-1)).reshape(places.shape)
    one = torch.ones_like(off)
    bordered.baddbmm_(torch.stack([one, off], 2), torch.stack([off, one], 1), alpha=-1)
    if not bool(weights[:, :-1].all()):
        bordered[:, :, :-1] *= weights[:, None, :-1]
        bordered[:, :-1] *= weights[:, :-1, None]
    distance = bordered[:, -1, -1].clone()
    diagonal = bordered.diagonal(dim1=1, dim2=2)[:, :-1]
    load = torch.maximum(loading / bands * diagonal.sum(1), LEAST_VARIANCE * (count - 1))
    diagonal += load[:, None]
    solved, _ = _solved(bordered)
    score = (count - 1) * (distance - (solved**2).sum(1)).clamp(min=0) / load
    return torch.where(count > 1, score, torch.nan)
