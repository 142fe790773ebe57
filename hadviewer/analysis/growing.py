"""Regions that grow from a pixel over its neighbours as long as their spectra are alike."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Window
from hadviewer.core.runs import Runs

FIRST_REACH = 64
"""Pixels around the seed looked at first; then four times as many in each direction, as long as the region needs it."""
STRIP_VALUES = 1 << 21
"""Few enough that a strip, some times over, stays small beside the scene."""
FOUR = ((0, 1, 0), (1, 1, 1), (0, 1, 0))
EIGHT = ((1, 1, 1), (1, 1, 1), (1, 1, 1))


@dataclass(frozen=True, eq=False)
class Growth:
    """What grew; ``full`` says that it stopped at the largest size allowed rather than where spectra differ."""

    runs: Runs
    full: bool


def spectral_angles(values: NDArray[np.floating], spectrum: NDArray[np.floating]) -> NDArray[np.float32]:
    """Angles in degrees between the spectra (..., bands) and one spectrum (bands,); NaN where either has no direction.

    Exact near 0 too, where the arc cosine loses half of its digits.
    """
    pixels = values.astype(np.float64)
    lengths = np.sqrt(np.einsum("...i,...i->...", pixels, pixels))
    with np.errstate(divide="ignore", invalid="ignore"):
        pixels /= lengths[..., None]
        reference = spectrum / np.sqrt(np.sum(spectrum.astype(np.float64) ** 2))
    apart = pixels - reference
    pixels += reference
    distance = np.sqrt(np.einsum("...i,...i->...", apart, apart))
    together = np.sqrt(np.einsum("...i,...i->...", pixels, pixels))
    return np.asarray(np.degrees(2 * np.arctan2(distance, together)), dtype=np.float32)


def grow(
    read: Callable[[Window], NDArray[np.floating]],
    shape: tuple[int, int],
    seed: tuple[int, int],
    angle: float,
    *,
    diagonal: bool = True,
    most: int = 100_000,
) -> Growth:
    """The pixels connected to ``seed`` whose spectra lie within ``angle`` degrees of the seed's.

    ``read`` gives the values (rows, cols, bands) of a window of a scene of ``shape``; only as much of the scene is read
    as the region and its edge need. ``diagonal`` lets corners connect. A region of more than ``most`` pixels keeps
    those that are the fewest steps from the seed. Without a direction at the seed nothing grows.
    """
    from scipy.ndimage import label

    spectrum = read(Window(seed[0], seed[0] + 1, seed[1], seed[1] + 1))[0, 0]
    reach = FIRST_REACH
    while True:
        window = _around(seed, reach, shape)
        alike = _alike(read, window, spectrum, angle)
        origin = seed[0] - window.row0, seed[1] - window.col0
        if not alike[origin]:
            return Growth(runs_of.EMPTY, False)
        pieces, _ = label(alike, EIGHT if diagonal else FOUR)
        piece = pieces == pieces[origin]
        full = bool(np.count_nonzero(piece) > most)
        if full or not _meets_edge(piece, window, shape):
            break
        reach *= 4
    if full:
        piece = _nearest(piece, origin, most, diagonal)
    return Growth(runs_of.of_mask(piece, window.row0, window.col0), full)


def _alike(
    read: Callable[[Window], NDArray[np.floating]], window: Window, spectrum: NDArray[np.floating], angle: float
) -> NDArray[np.bool_]:
    """Which pixels of a window lie within the angle, a strip at a time."""
    height = max(1, STRIP_VALUES // max(1, window.shape[1] * len(spectrum)))
    alike = np.zeros(window.shape, dtype=bool)
    for row in range(window.row0, window.row1, height):
        strip = Window(row, min(row + height, window.row1), window.col0, window.col1)
        alike[row - window.row0 : strip.row1 - window.row0] = spectral_angles(read(strip), spectrum) <= angle
    return alike


def _around(seed: tuple[int, int], reach: int, shape: tuple[int, int]) -> Window:
    (row, col), (rows, cols) = seed, shape
    return Window(max(0, row - reach), min(rows, row + reach + 1), max(0, col - reach), min(cols, col + reach + 1))


def _meets_edge(piece: NDArray[np.bool_], window: Window, shape: tuple[int, int]) -> bool:
    """Whether the piece reaches an edge of the window that is not the scene's."""
    sides = (
        window.row0 > 0 and piece[0].any(),
        window.row1 < shape[0] and piece[-1].any(),
        window.col0 > 0 and piece[:, 0].any(),
        window.col1 < shape[1] and piece[:, -1].any(),
    )
    return any(sides)


def _nearest(piece: NDArray[np.bool_], origin: tuple[int, int], most: int, diagonal: bool) -> NDArray[np.bool_]:
    """The ``most`` pixels of a connected piece that are the fewest steps from ``origin``."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order

    number = np.full((piece.shape[0] + 2, piece.shape[1] + 2), -1, dtype=np.int64)
    inner = number[1:-1, 1:-1]
    inner[piece] = np.arange(np.count_nonzero(piece))
    pairs = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1))[: 4 if diagonal else 2]:
        neighbour = number[1 + down : number.shape[0] - 1 + down, 1 + right : number.shape[1] - 1 + right]
        both = (inner >= 0) & (neighbour >= 0)
        pairs.append((inner[both], neighbour[both]))
    start, end = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    size = int(np.count_nonzero(piece))
    graph = coo_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(size, size)).tocsr()
    order = breadth_first_order(graph, int(inner[origin]), directed=False, return_predecessors=False)
    kept = np.zeros(size, dtype=bool)
    kept[order[:most]] = True
    result = np.zeros(piece.shape, dtype=bool)
    result[piece] = kept
    return result
