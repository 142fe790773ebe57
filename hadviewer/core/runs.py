"""Sets of pixels as runs along the lines: int32 (runs, 3) of row, first column and the column after the last.

Runs are sorted by row and column and never touch each other, so that equal sets have equal runs. They cost twelve bytes
each, whatever the size of the scene.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Runs = NDArray[np.int32]
Flags = NDArray[np.bool_]
Rings = Sequence[Sequence[tuple[float, float]]]

EMPTY: Runs = np.zeros((0, 3), dtype=np.int32)
MOST_CROSSINGS = 20_000_000
"""Lines that the edges of one polygon may cross, all together: memory, and patience, end somewhere."""
_ITEM = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")


def of_mask(mask: Flags, row: int = 0, col: int = 0) -> Runs:
    """The runs of a mask whose first pixel is (row, col)."""
    padded = np.zeros((mask.shape[0], mask.shape[1] + 1), dtype=np.int8)
    padded[:, :-1] = mask
    flat = padded.ravel()
    steps = np.diff(flat, prepend=np.int8(0))
    starts, stops = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    width = padded.shape[1]
    return _array(starts // width + row, starts % width + col, stops % width + col)


def to_mask(runs: Runs, shape: tuple[int, int], row: int = 0, col: int = 0) -> Flags:
    """The mask of ``shape`` whose first pixel is (row, col); what lies outside is left out."""
    inside = clipped(runs, (row, row + shape[0], col, col + shape[1]))
    steps = np.zeros((shape[0], shape[1] + 1), dtype=np.int8)
    steps[inside[:, 0] - row, inside[:, 1] - col] = 1
    steps[inside[:, 0] - row, inside[:, 2] - col] = -1
    return np.cumsum(steps, axis=1, dtype=np.int8)[:, :-1].astype(bool)


def of_pixels(pixels: Iterable[tuple[int, int]]) -> Runs:
    """The runs of single pixels (row, col), in any order; negative ones are left out."""
    array = np.array(list(pixels), dtype=np.int64).reshape(-1, 2)
    array = array[(array >= 0).all(axis=1)]
    return joined([_array(array[:, 0], array[:, 1], array[:, 1] + 1)])


def of_polygons(polygons: Iterable[Rings], shape: tuple[int, int]) -> Runs:
    """The pixels of a scene (rows, cols) that lie in at least one polygon.

    A pixel lies in a polygon when its centre does in an odd number of its rings of (row, col) corners. The centre of
    pixel (r, c) is (r + 0.5, c + 0.5). Raises ValueError when the edges cross too many lines.
    """
    (from_row, from_col, to_row, to_col), owner = _edges(polygons)
    first = np.clip(np.ceil(from_row - 0.5), 0, shape[0]).astype(np.int64)
    last = np.clip(np.ceil(to_row - 0.5), 0, shape[0]).astype(np.int64)
    counts = last - first
    total = int(counts.sum())
    if total > MOST_CROSSINGS:
        raise ValueError("the polygon has too many edges for a scene of this size")
    edge = np.repeat(np.arange(len(counts)), counts)
    rows = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts) + first[edge]
    share = (rows + 0.5 - from_row[edge]) / (to_row - from_row)[edge]
    cols = from_col[edge] + share * (to_col - from_col)[edge]
    order = np.lexsort((cols, owner[edge], rows))
    # Rings are closed, so a polygon crosses every line an even number of times.
    bounds = np.clip(np.ceil(cols[order] - 0.5), 0, shape[1]).astype(np.int64)
    return joined([_array(rows[order][::2], bounds[::2], bounds[1::2])])


def joined(parts: Iterable[Runs]) -> Runs:
    """All pixels of several sets, whose runs may overlap, touch and be empty."""
    present = [part for part in parts if len(part)]
    if not present:
        return EMPTY
    whole = np.concatenate(present)
    return _combined(whole, EMPTY, lambda first, second: first > 0)


def minus(runs: Runs, other: Runs) -> Runs:
    """The pixels of the first set that are not in the second."""
    return _combined(runs, other, lambda first, second: (first > 0) & (second <= 0))


def common(runs: Runs, other: Runs) -> Runs:
    """The pixels that are in both sets."""
    return _combined(runs, other, lambda first, second: (first > 0) & (second > 0))


def clipped(runs: Runs, bounds: tuple[int, int, int, int]) -> Runs:
    """The pixels inside row0..row1-1 and col0..col1-1."""
    row0, row1, col0, col1 = bounds
    kept = runs[(runs[:, 0] >= row0) & (runs[:, 0] < row1) & (runs[:, 2] > col0) & (runs[:, 1] < col1)]
    return _array(kept[:, 0], np.maximum(kept[:, 1], col0), np.minimum(kept[:, 2], col1))


def count(runs: Runs) -> int:
    """The number of pixels."""
    return int((runs[:, 2] - runs[:, 1]).sum(dtype=np.int64))


def bounds(runs: Runs) -> tuple[int, int, int, int] | None:
    """The smallest (row0, row1, col0, col1) around all pixels, None around none."""
    if not len(runs):
        return None
    return int(runs[0, 0]), int(runs[-1, 0]) + 1, int(runs[:, 1].min()), int(runs[:, 2].max())


def to_text(runs: Runs) -> str:
    """'12-40:3-7,9;41:3' for lines 12 to 40 with the samples 3 to 7 and 9, and line 41 with sample 3; all from 0."""
    groups: list[list[object]] = []
    rows, starts = np.unique(runs[:, 0], return_index=True)
    for row, part in zip(rows.tolist(), np.split(runs[:, 1:], starts[1:]), strict=True) if len(rows) else ():
        text = ",".join(_range(first, after - 1) for first, after in part.tolist())
        if groups and groups[-1][1] == row - 1 and groups[-1][2] == text:
            groups[-1][1] = row
        else:
            groups.append([row, row, text])
    return ";".join(f"{_range(first, last)}:{text}" for first, last, text in groups)


def from_text(text: str) -> Runs:
    """The runs that ``to_text`` wrote; raises ValueError for anything else."""
    found: list[tuple[int, int, int]] = []
    for group in filter(None, text.split(";")):
        lines, colon, samples = group.partition(":")
        first, last = _ends(lines)
        spans = [_ends(item) for item in samples.split(",")]
        if not colon or (last - first + 1) * len(spans) + len(found) > MOST_CROSSINGS:
            raise ValueError(f"{group[:40]!r} is no list of pixels")
        found += [(row, start, end + 1) for row in range(first, last + 1) for start, end in spans]
    return joined([np.array(found, dtype=np.int32).reshape(-1, 3)])


def _combined(runs: Runs, other: Runs, keep: Callable[[NDArray[np.int64], NDArray[np.int64]], Flags]) -> Runs:
    """The pixels where ``keep`` likes in how many runs of either set they lie: a sweep over the ends of all runs."""
    sets = [part[part[:, 2] > part[:, 1]].astype(np.int64) for part in (runs, other)]
    width = max((int(part[:, 2].max()) for part in sets if len(part)), default=0) + 1
    places = [part[:, 0] * width + part[:, end] for part in sets for end in (1, 2)]
    place = np.concatenate(places)
    order = np.argsort(place, kind="stable")
    place = place[order]
    kind = np.repeat(np.arange(4), [len(part) for part in places])[order]
    first = np.cumsum((kind == 0).astype(np.int64) - (kind == 1))
    second = np.cumsum((kind == 2).astype(np.int64) - (kind == 3))
    # Only after the last of several ends at one place is the count what holds from there on.
    settled = np.append(place[1:] != place[:-1], True) if len(place) else np.zeros(0, dtype=bool)
    place, kept = place[settled], keep(first[settled], second[settled])
    changes = np.flatnonzero(np.diff(kept, prepend=False))
    starts, stops = place[changes[::2]], place[changes[1::2]]
    return _array(starts // width, starts % width, stops % width)


def _edges(polygons: Iterable[Rings]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Edges of closed rings as from_row, from_col, to_row, to_col (4, edges), downwards, and the polygon of each.

    Level edges are left out: they cross no line.
    """
    rings = [(number, ring) for number, polygon in enumerate(polygons) for ring in polygon if len(ring)]
    lengths = np.array([len(ring) for _, ring in rings], dtype=np.intp)
    flat = chain.from_iterable(chain.from_iterable(ring for _, ring in rings))
    corners = np.fromiter(flat, dtype=np.float64, count=2 * int(lengths.sum())).reshape(-1, 2)
    after = np.arange(1, len(corners) + 1)
    ends = np.cumsum(lengths)
    after[ends - 1] = ends - lengths
    owner = np.repeat(np.array([number for number, _ in rings], dtype=np.intp), lengths)
    edges = np.hstack((corners, corners[after]))
    upwards = edges[:, 0] > edges[:, 2]
    edges[upwards] = edges[upwards][:, [2, 3, 0, 1]]
    sloping = edges[:, 0] < edges[:, 2]
    return np.asarray(edges[sloping].T), owner[sloping]


def _array(rows: NDArray[np.integer], starts: NDArray[np.integer], stops: NDArray[np.integer]) -> Runs:
    return np.stack((rows, starts, stops), axis=1).astype(np.int32)


def _range(first: object, last: object) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


def _ends(text: str) -> tuple[int, int]:
    match = _ITEM.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:40]!r} is no range")
    first = int(match[1])
    last = first if match[2] is None else int(match[2])
    if last < first:
        raise ValueError(f"{text[:40]!r} runs backwards")
    return first, last
