"""Simplified local Reed-Xiaoli detector on fixed blocks (SLRX)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Window
from hadviewer.core.params import Params, field
from hadviewer.core.specs import PixelBlocks, detector
from hadviewer.detectors._background import background
from hadviewer.detectors._linalg import add_products, cholesky
from hadviewer.detectors._parallel import in_threads
from hadviewer.detectors._windows import cut

if TYPE_CHECKING:
    import torch

RIDGE = 1e-6
"""Added to every covariance of the cube scaled to 0..1, as published."""
TILE_BLOCKS = (8, 16)
TILE_PIXELS = 128
"""Rows and columns of the tiles that are scored at a time, in blocks, and at most in pixels."""


class SLRXParams(Params):
    """The side of the blocks; 8 gives the published figures."""

    block: int = field(8, "Block side", ge=2, le=64, unit="px", help="The scene is cut into squares of this side.")


@dataclass(frozen=True)
class _Tile:
    """Blocks to score and those around them.

    ``rows`` and ``cols`` number the blocks to score; ``spectra`` (block rows, block cols, pixels, 1 + bands) also hold
    the neighbours, from block ``top``, ``left`` on. A spectrum begins with a 1 and is centred on the scene's mean; all
    is zero where there is no pixel or no value.
    """

    rows: range
    cols: range
    top: int
    left: int
    spectra: "torch.Tensor"


@detector(
    id="slrx",
    title="Simplified local RX",
    family="Local",
    params=SLRXParams,
    reference="Jin, Dang & Zhu, IEEE GRSL 21, 2024 (comparison method of FERD)",
    devices=("cpu", "cuda"),
    streaming=True,
    when="Small targets on ground that changes across the scene, in a fraction of the time of 'lrx'; not for targets "
    "that fill a block, nor where the pattern of blocks must not show.",
)
def slrx(blocks: PixelBlocks, p: SLRXParams, ctx: Context) -> NDArray[np.float32]:
    """Product of three Mahalanobis distances: to a pixel's own block, to the blocks around it, to the whole image.

    The cube is scaled to 0..1 by one minimum and maximum, every covariance (divisor n-1, float64) gets 1e-6 on its
    diagonal, and each map of distances is brought to 0..1 before they are multiplied. Scores (rows, cols) float32 in
    0..1, NaN on invalid pixels. Where no neighbouring block has two valid pixels, the distance to the image counts
    for the one to the ring; a map without any contrast is left out. Raises DetectorError with fewer than two valid
    pixels.
    """
    ctx.stage(0.0, 0.2)
    watched = _Ranged(blocks)
    mean, covariance, _ = background(watched, ctx)
    span = watched.span
    ctx.stage(0.2, 1.0)
    rows, cols = (math.ceil(length / p.block) for length in blocks.shape[:2])
    down, across = (
        cut(range(length), max(1, min(most, TILE_PIXELS // p.block)))
        for length, most in zip((rows, cols), TILE_BLOCKS, strict=True)
    )
    tiles = _tiles(blocks, mean, span, p.block, (down, across), ctx.device)
    distances = np.zeros((3, *blocks.shape[:2]))
    score = partial(_distances, whitener=_whitener(covariance / span**2, ctx.device))
    for tile, found in in_threads(score, tiles, len(down) * len(across), "Blocks", ctx):
        top, left = tile.rows.start * p.block, tile.cols.start * p.block
        part = distances[:, top : tile.rows.stop * p.block, left : tile.cols.stop * p.block]
        part[:] = found[:, : part.shape[1], : part.shape[2]]
    return _combined(distances)


class _Ranged:
    """Blocks that remember the least and the largest value they have given."""

    def __init__(self, blocks: PixelBlocks) -> None:
        self._blocks = blocks
        self._extremes: list[float] = []

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._blocks.shape

    @property
    def windows(self) -> Sequence[Window]:
        return self._blocks.windows

    def __len__(self) -> int:
        return len(self._blocks)

    def __iter__(self) -> Iterator[tuple[Window, NDArray[np.float64]]]:
        return ((window, self.read(window)) for window in self.windows)

    def read(self, window: Window) -> NDArray[np.float64]:
        values = self._blocks.read(window)
        self._extremes += [float(extreme.reduce(values, axis=None)) for extreme in (np.fmin, np.fmax)]
        return values

    @property
    def span(self) -> float:
        """Largest minus least, 1 when they are equal."""
        return float(np.nanmax(self._extremes) - np.nanmin(self._extremes)) or 1.0


def _whitener(covariance: NDArray[np.float64], device: str) -> "torch.Tensor":
    """W (bands, bands) with |(x - mean) W| the distance to the whole image."""
    import torch

    loaded = torch.from_numpy(covariance + RIDGE * np.eye(len(covariance))).to(device)
    factor = torch.linalg.cholesky(loaded)
    identity = torch.eye(len(loaded), dtype=loaded.dtype, device=loaded.device)
    inverse: torch.Tensor = torch.linalg.solve_triangular(factor, identity, upper=False)
    return inverse.mT.contiguous()


def _tiles(
    blocks: PixelBlocks,
    mean: NDArray[np.float64],
    span: float,
    block: int,
    pieces: tuple[list[range], list[range]],
    device: str,
) -> Iterator[_Tile]:
    """The scene in tiles, ``pieces`` of its rows and columns of blocks, each read by itself with its neighbours."""
    last_rows, last_cols = (piece[-1].stop for piece in pieces)
    for down in pieces[0]:
        top, bottom = max(0, down.start - 1), min(last_rows, down.stop + 1)
        for across in pieces[1]:
            left, right = max(0, across.start - 1), min(last_cols, across.stop + 1)
            last_row, last_col = min(bottom * block, blocks.shape[0]), min(right * block, blocks.shape[1])
            values = blocks.read(Window(top * block, last_row, left * block, last_col))
            yield _Tile(down, across, top, left, _by_block(values, mean, span, block, device))


def _by_block(
    values: NDArray[np.float64], mean: NDArray[np.float64], span: float, block: int, device: str
) -> "torch.Tensor":
    """Spectra (block rows, block cols, pixels, 1 + bands) of a window (rows, cols, bands), as ``_Tile`` holds them."""
    import torch

    rows, cols = (math.ceil(length / block) for length in values.shape[:2])
    known = np.isfinite(values[:, :, 0])
    spectra = np.zeros((rows * block, cols * block, 1 + values.shape[2]))
    inside = spectra[: values.shape[0], : values.shape[1]]
    inside[:, :, 0] = known
    np.subtract(values, mean, out=inside[:, :, 1:])
    inside[:, :, 1:] /= span
    inside[~known] = 0
    by_block = torch.from_numpy(spectra).to(device).reshape(rows, block, cols, block, -1).transpose(1, 2)
    return by_block.reshape(rows, cols, block * block, -1)


def _distances(tile: _Tile, whitener: "torch.Tensor") -> NDArray[np.float64]:
    """Distances (3, rows, cols) of a tile's pixels to their block, the blocks around and the image; NaN if unknown."""
    import torch

    here = slice(tile.cols.start - tile.left, tile.cols.stop - tile.left)
    lines = []
    for row, own, ring in _sums(tile):
        spectra = tile.spectra[row, here]
        to_image = torch.linalg.vector_norm(spectra[..., 1:] @ whitener, dim=2)
        to_ring = torch.where(ring[here, :1, 0] > 1, _to_mean(spectra, ring[here]), to_image)
        few = spectra.shape[1] < spectra.shape[2]
        to_block = _to_own_mean(spectra) if few else _to_mean(spectra, own[here].clone())
        found = torch.stack([to_block, to_ring, to_image])
        lines.append(found.masked_fill_(spectra[..., 0] == 0, torch.nan))
    block = math.isqrt(tile.spectra.shape[2])
    maps = torch.stack(lines, 1).reshape(3, len(tile.rows), len(tile.cols), block, block).transpose(2, 3)
    return np.asarray(maps.reshape(3, len(tile.rows) * block, len(tile.cols) * block).cpu())


def _sums(tile: _Tile) -> Iterator[tuple[int, "torch.Tensor", "torch.Tensor"]]:
    """Each row of blocks to score in ``tile.spectra``, with Σ a aᵀ (block cols, size, size) over the spectra a.

    First over each block itself, then over the up to eight around it; upper triangles count. Three rows of sums are
    kept.
    """
    spectra = tile.spectra
    kept = spectra.new_empty(3, spectra.shape[1], spectra.shape[3], spectra.shape[3])
    ahead = 0
    for row in range(tile.rows.start - tile.top, tile.rows.stop - tile.top):
        while ahead <= min(row + 1, len(spectra) - 1):
            add_products(kept[ahead % 3], spectra[ahead], spectra[ahead], keep=0.0)
            ahead += 1
        column = kept[row % 3].clone()
        for beside in (row - 1, row + 1):
            if 0 <= beside < len(spectra):
                column += kept[beside % 3]
        around = column - kept[row % 3]
        around[1:] += column[:-1]
        around[:-1] += column[1:]
        yield row, kept[row % 3], around


def _to_mean(spectra: "torch.Tensor", sums: "torch.Tensor") -> "torch.Tensor":
    """Distances (blocks, pixels) of spectra to the statistics in ``sums`` = Σ a aᵀ (blocks, 1 + bands, 1 + bands).

    The sums, upper triangles, are loaded in place. Of their factor the first row belongs to the mean and the others to
    the scatter.
    """
    import torch

    spare = (sums[:, 0, 0] - 1).clamp(min=1)
    sums.diagonal(dim1=1, dim2=2)[:, 1:] += (RIDGE * spare)[:, None]
    sums[:, 0, 0].clamp_(min=1)
    factor, _ = cholesky(sums.mT)
    solved: torch.Tensor = torch.linalg.solve_triangular(factor, spectra.mT, upper=False)
    return (spare[:, None] * (solved[:, 1:] ** 2).sum(1)).sqrt()


def _to_own_mean(spectra: "torch.Tensor") -> "torch.Tensor":
    """Distances (blocks, pixels) of spectra to the statistics of their own block, from inner products alone.

    With the centred spectra X and λ the ridge of the scatter, X (Xᵀ X + λ I)⁻¹ Xᵀ = I - λ (X Xᵀ + λ I)⁻¹.
    """
    import torch

    known = spectra[..., :1]
    count = known.sum(1, keepdim=True)
    centred = spectra[..., 1:] - known * (spectra[..., 1:].sum(1, keepdim=True) / count.clamp(min=1))
    spare = (count[:, 0] - 1).clamp(min=1)
    identity = torch.eye(spectra.shape[1], dtype=spectra.dtype, device=spectra.device)
    ridge = RIDGE * spare[..., None]
    factor, _ = cholesky(centred @ centred.mT + ridge * identity)
    inverse: torch.Tensor = torch.linalg.solve_triangular(factor, identity.expand_as(factor), upper=False)
    squares = spare * (1 - ridge[..., 0] * (inverse**2).sum(1))
    return squares.clamp(min=0).sqrt()


def _combined(distances: NDArray[np.float64]) -> NDArray[np.float32]:
    """The product (rows, cols) of maps (3, rows, cols), each brought to 0..1; those without contrast are left out."""
    low, high = (extreme(distances, axis=(1, 2), keepdims=True) for extreme in (np.nanmin, np.nanmax))
    contrasted = (high > low).ravel()
    scaled = (distances - low)[contrasted] / (high - low)[contrasted]
    product = scaled.prod(axis=0) if contrasted.any() else distances[0] * 0.0
    return np.asarray(product, dtype=np.float32)
