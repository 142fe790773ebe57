"""Collaborative representation detector (CRD)."""

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
from hadviewer.detectors._linalg import cholesky
from hadviewer.detectors._mirror import Border, Mirrored, border_choice
from hadviewer.detectors._parallel import in_threads
from hadviewer.detectors._windows import DualWindow, Strips, WindowParams, cut, dual_window, inner_width, outer_width

if TYPE_CHECKING:
    import torch

TILE_SIDE = {"cpu": 12, "cuda": 32}
"""Side of the tiles whose pixels share one table of inner products."""
TABLE_BYTES = {"cpu": 64 * 2**20, "cuda": 512 * 2**20}
CHUNK_BYTES = {"cpu": 6 * 2**20, "cuda": 512 * 2**20}
"""What the matrices of the pixels solved together may take: near the cache of one core; enough to fill a GPU."""
JITTER = 1e-9
"""Added to the penalty of every neighbour as a share of their mean squared length: equal neighbours stay solvable."""
ABOVE_ANY_LENGTH = 1e300


class CRDParams(WindowParams):
    """Windows and penalty. The defaults are one fixed choice that did well on many scenes; published ones are tuned."""

    inner: OddInt = inner_width(7)
    outer: OddInt = outer_width(11)
    penalty: float = field(
        1e-2,
        "Penalty λ",
        gt=0,
        le=1e3,
        step=1e-3,
        help="Weight of the penalty on neighbours unlike the pixel, for values scaled to 0–1. The paper has 1e-6.",
    )
    sum_to_one: bool = field(
        False, "Weights sum to one", help="Ask, softly, that the neighbours' weights sum to one, as the paper does."
    )
    border: Border = border_choice()


@dataclass(frozen=True)
class _Tile:
    """Pixels to score and the spectra their windows cover.

    ``spectra`` (places, bands + 1) are scaled to 0–1, line by line, zeros where invalid; the last entry is the weight
    of the condition that weights sum to one. ``valid`` (lines, columns) says which places have values, ``corner`` where
    in the scene the first of them lies.
    """

    window: DualWindow
    rows: range
    cols: range
    corner: tuple[int, int]
    spectra: "torch.Tensor"
    valid: NDArray[np.bool_]

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.rows.start, self.rows.stop), slice(self.cols.start, self.cols.stop)

    def scored(self) -> NDArray[np.bool_]:
        """Which of its pixels (rows, cols) have values."""
        top, left = self.rows.start - self.corner[0], self.cols.start - self.corner[1]
        return self.valid[top : top + len(self.rows), left : left + len(self.cols)]

    def places(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where among ``spectra`` the pixels with values (pixels,) and their rings (pixels, samples) lie, in order."""
        rows, cols = (
            at + span.start for at, span in zip(np.nonzero(self.scored()), (self.rows, self.cols), strict=True)
        )
        ring_rows, ring_cols = np.divmod(self.window.ring(rows, cols), self.window.shape[1])
        (top, left), width = self.corner, self.valid.shape[1]
        return (rows - top) * width + cols - left, (ring_rows - top) * width + ring_cols - left


@detector(
    id="crd",
    title="Collaborative representation",
    family="Representation",
    params=CRDParams,
    reference="Li & Du, IEEE TGRS 53(3), 2015, doi:10.1109/TGRS.2014.2343955",
    devices=("cpu", "cuda"),
    streaming=True,
    when="Small targets on mixed local backgrounds, where rings hold too few pixels for a covariance; not for targets "
    "wider than the inner window, which represent themselves.",
)
def crd(blocks: PixelBlocks, p: CRDParams, ctx: Context) -> NDArray[np.float32]:
    """Distance between each pixel and its best reconstruction from the pixels in the ring around it.

    The weights α of the ring's pixels A (bands, samples) minimise |y - Aα|² + λ Σ d_j² α_j², where d_j is the distance
    of the j-th from y; the score is |y - Aα|. With ``sum_to_one``, y and A get a last row of ones, which the score
    leaves out. Values are scaled to 0–1 by the scene's minimum and maximum. Float64. Rings with more pixels than bands
    are solved in the bands (Woodbury), which gives the same scores. ``blocks`` is read twice. Scores (rows, cols)
    float32, NaN on invalid pixels, 0 where the whole ring is invalid.
    """
    rows, cols, bands = blocks.shape
    ctx.stage(0.0, 0.1)
    low, span = _value_range(blocks, ctx)
    ctx.stage(0.1, 1.0)
    margin = p.outer // 2 if p.border == "mirror" else 0
    if margin:
        blocks = Mirrored(blocks, margin, "reflect")
    window = dual_window(blocks.shape[:2], p.inner, p.outer, ctx)
    strips = Strips(blocks, window)
    side = TILE_SIDE[ctx.device.partition(":")[0]]
    scene = (range(margin, rows + margin), range(margin, cols + margin))
    tiles = _tiles(strips, scene, (low, span, float(p.sum_to_one)), side, ctx.device)
    total = sum(len(cut(_common(lines, scene[0]), side)) for lines in strips.rows) * len(cut(scene[1], side))
    solve = partial(_scores, penalty=p.penalty, by_bands=window.samples > bands)
    scores = np.full(window.shape, np.nan, dtype=np.float32)
    lonely = 0
    for tile, found in in_threads(solve, tiles, total, "Reconstruction", ctx):
        alone = np.isnan(found) & tile.scored()
        lonely += int(alone.sum())
        scores[tile.slices] = np.where(alone, 0.0, found)
    if lonely:
        ctx.note(f"{lonely} pixels have no valid pixel in their background and score 0.")
    return scores[margin : margin + rows, margin : margin + cols]


def _value_range(blocks: PixelBlocks, ctx: Context) -> tuple[float, float]:
    """The smallest value of the scene, and how far the largest is from it (1 for a constant scene)."""
    low, high = np.inf, -np.inf
    for _, values in ctx.track(blocks, len(blocks), "Range of values"):
        low = min(low, float(np.nanmin(values, initial=np.inf)))
        high = max(high, float(np.nanmax(values, initial=-np.inf)))
    if low > high:
        raise DetectorError("This scene has no valid pixel.", hint="Check the no-data value and the bands.")
    return low, (high - low) or 1.0


def _tiles(
    strips: Strips, scene: tuple[range, range], scaling: tuple[float, float, float], side: int, device: str
) -> Iterator[_Tile]:
    """The ``scene`` (rows, cols) in squares of ``side`` pixels, each with all that its windows cover."""
    import torch

    window = strips.window
    low, span, last = scaling
    starts = [window.starts(window.outer, axis) for axis in (0, 1)]
    for strip in strips:
        scaled = np.empty((len(strip.pixels), strip.pixels.shape[1] + 1))
        np.subtract(strip.pixels, low, out=scaled[:, :-1])
        scaled[:, :-1] /= span
        scaled[:, -1] = last
        scaled[~strip.valid] = 0
        spectra = torch.from_numpy(scaled).to(device).reshape(-1, window.shape[1], scaled.shape[1])
        valid = strip.valid.reshape(-1, window.shape[1])
        for rows in cut(_common(strip.rows, scene[0]), side):
            top, bottom = _covered(starts[0], rows, window.outer[0])
            for cols in cut(scene[1], side):
                left, right = _covered(starts[1], cols, window.outer[1])
                area = (slice(top - strip.first, bottom - strip.first), slice(left, right))
                flat = spectra[area].reshape(-1, spectra.shape[2])
                yield _Tile(window, rows, cols, (top, left), flat, valid[area])


def _common(one: range, two: range) -> range:
    """What two ranges of consecutive numbers share."""
    start = max(one.start, two.start)
    return range(start, max(start, min(one.stop, two.stop)))


def _covered(starts: NDArray[np.intp], span: range, extent: int) -> tuple[int, int]:
    """Where the windows of a span of rows or columns begin and end."""
    return int(starts[span.start]), int(starts[span.stop - 1]) + extent


def _scores(tile: _Tile, penalty: float, by_bands: bool) -> NDArray[np.float64]:
    """Scores (rows, cols) of one tile; NaN where a pixel or its whole ring is invalid."""
    import torch

    device = tile.spectra.device
    centres, rings = tile.places()
    samples, size = rings.shape[1], tile.spectra.shape[1]
    tabled = not by_bands and 8 * len(tile.spectra) ** 2 <= TABLE_BYTES[device.type]
    table = _products(tile) if tabled and len(centres) else None
    needs = 8 * (size**2 + 2 * samples * size if by_bands else 3 * samples**2 + (0 if tabled else samples * size))
    found = np.empty(len(centres))
    for chunk in cut(range(len(centres)), max(1, CHUNK_BYTES[device.type] // needs)):
        part = slice(chunk.start, chunk.stop)
        chosen = tile.valid.ravel()[rings[part]]
        centre, ring, known = (torch.from_numpy(array).to(device) for array in (centres[part], rings[part], chosen))
        if by_bands:
            scores = _solved_in_bands(tile.spectra[ring], tile.spectra[centre], known, penalty)
        else:
            scores = _solved_in_samples(*_inner_products(tile, table, centre, ring), known, penalty)
        found[part] = np.where(chosen.any(1), scores.cpu(), np.nan)
    placed = np.full((len(tile.rows), len(tile.cols)), np.nan)
    placed[tile.scored()] = found
    return placed


def _products(tile: _Tile) -> "torch.Tensor":
    """Inner products of a tile's spectra (places, places) for all pairs one window can hold; the earlier one first.

    Half a plane of offsets is all that windows need: the rest of the table is left empty.
    """
    import torch

    spectra, count = tile.spectra, len(tile.spectra)
    table = spectra.new_zeros(count, count)
    width, height = tile.valid.shape[1], tile.window.outer[0]
    for start in range(0, count, width):
        line, near = slice(start, start + width), slice(start, start + height * width)
        torch.mm(spectra[line], spectra[near].T, out=table[line, near])
    return table


def _inner_products(
    tile: _Tile, table: "torch.Tensor | None", centre: "torch.Tensor", ring: "torch.Tensor"
) -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """Of each ring: products of its samples, those with the pixel, the pixel's own, and the condition's share in that.

    The products (pixels, samples + 1, samples + 1) are upper triangles with an empty last row and column.
    """
    import torch

    own = tile.spectra[centre]
    samples = ring.shape[1]
    last = own[:, -1] ** 2
    if table is None:
        near = tile.spectra[ring]
        bordered = near.new_zeros(len(ring), samples + 1, samples + 1)
        bordered[:, :samples, :samples] = near @ near.mT
        return bordered, (near @ own[:, :, None])[:, :, 0], (own**2).sum(1), last
    flat, count = table.view(-1), len(table)
    # 32 bits are enough for places in a table that fits its budget, and are read in half the time.
    border = torch.cat([ring, centre[:, None]], 1).to(torch.int32)
    places = (border * count)[:, :, None] + border[:, None, :]
    bordered = flat.index_select(0, places.reshape(-1)).view(places.shape)
    first, second = torch.minimum(ring, centre[:, None]), torch.maximum(ring, centre[:, None])
    return bordered, flat[first * count + second], flat[centre * (count + 1)], last


def _solved_in_samples(
    bordered: "torch.Tensor",
    cross: "torch.Tensor",
    square: "torch.Tensor",
    last: "torch.Tensor",
    known: "torch.Tensor",
    penalty: float,
) -> "torch.Tensor":
    """Scores from the inner products, by a factorisation of size samples.

    ``bordered`` is overwritten. The last row of the factor L of a matrix bordered by c is L⁻¹c: factor and first
    solution in one batched call. From the normal equations, |ỹ - Ãα|² = |ỹ|² - |L⁻¹c|² - Σ D α².
    """
    import torch

    samples = cross.shape[1]
    diagonal = bordered.diagonal(dim1=1, dim2=2)
    lengths = diagonal[:, :samples]
    weights = _penalties(lengths, lengths - 2 * cross + square[:, None], known, penalty)
    diagonal[:, :samples] += weights
    bordered[:, :samples, samples] = cross
    diagonal[:, samples] = ABOVE_ANY_LENGTH
    factor, _ = cholesky(bordered.mT)
    half = factor[:, samples:].clone()
    half[:, :, samples] = 0
    # From the right, so that the factor is taken as it lies in memory; the zero leaves its last row out.
    alpha = torch.linalg.solve_triangular(factor, half, upper=False, left=False)[:, 0, :samples]
    residual = square - (half**2).sum((1, 2)) - (weights * alpha**2).sum(1)
    squared: torch.Tensor = residual - last * (1 - alpha.sum(1)) ** 2
    return squared.clamp(min=0).sqrt()


def _solved_in_bands(
    near: "torch.Tensor", own: "torch.Tensor", known: "torch.Tensor", penalty: float
) -> "torch.Tensor":
    """Scores from the samples (pixels, samples, size) and the pixels (pixels, size), by a factorisation of that size.

    With penalties D, ỹ - Ãα = (Ã D⁻¹ Ãᵀ + I)⁻¹ ỹ.
    """
    import torch

    weights = _penalties((near**2).sum(2), ((near - own[:, None]) ** 2).sum(2), known, penalty)
    scaled = near / weights.sqrt()[:, :, None]
    matrix = scaled.mT @ scaled
    matrix.diagonal(dim1=1, dim2=2).add_(1)
    residual = torch.cholesky_solve(own[:, :, None], cholesky(matrix)[0])
    length: torch.Tensor = torch.linalg.vector_norm(residual[:, :-1, 0], dim=1)
    return length


def _penalties(
    lengths: "torch.Tensor", distances: "torch.Tensor", known: "torch.Tensor", penalty: float
) -> "torch.Tensor":
    """What is added for each neighbour (pixels, samples): λ d² and the jitter; 1 for those without values."""
    import torch

    count = known.sum(1, keepdim=True).clamp(min=1)
    jitter = JITTER * (lengths * known).sum(1, keepdim=True) / count
    weights = penalty * distances.clamp(min=0) + jitter.clamp(min=torch.finfo(lengths.dtype).tiny)
    return torch.where(known, weights, torch.ones_like(weights))
