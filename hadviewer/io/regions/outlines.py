"""The outlines of any set of pixels as polygons, for formats that know no pixels."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.region import Corner, Polygon
from hadviewer.core.runs import Runs

Vertex = tuple[int, int]


def polygons(runs: Runs) -> list[Polygon]:
    """A polygon, with its holes, for each 4-connected piece; together they hold exactly the pixels of the set."""
    box = runs_of.bounds(runs)
    if box is None:
        return []
    row, col = box[0], box[2]
    return _pieces(runs_of.to_mask(runs, (box[1] - row, box[3] - col), row, col), row, col)[0]


def outlines_of(labels: NDArray[np.int32]) -> list[tuple[Polygon, ...]]:
    """The polygons of each object of a label image (rows, cols), 0 outside, in the order of their numbers 1, 2, 3...

    Pixels of different objects never share a side.
    """
    found: list[list[Polygon]] = [[] for _ in range(int(labels.max(initial=0)))]
    outlines, pieces = _pieces(labels > 0, 0, 0)
    inside = np.flatnonzero(pieces)
    _, first = np.unique(pieces.ravel()[inside], return_index=True)
    for owner, outline in zip(labels.ravel()[inside[first]].tolist(), outlines, strict=True):
        found[owner - 1].append(outline)
    return [tuple(several) for several in found]


def _pieces(mask: NDArray[np.bool_], row: int, col: int) -> tuple[list[Polygon], NDArray[np.int32]]:
    """The polygon of each piece of a mask whose first pixel is (row, col), and where the pieces are, from 1."""
    from scipy.ndimage import label

    found, count = label(mask)
    labels = np.asarray(found, dtype=np.int32)
    outlines: list[list[tuple[Corner, ...]]] = [[] for _ in range(count)]
    for piece, ring in _rings(np.pad(mask, 1), np.pad(labels, 1)):
        corners = tuple((float(r + row - 1), float(c + col - 1)) for r, c in ring)
        # Rings run with the set on their right, so only outlines run clockwise on the screen.
        if _turns_right(ring):
            outlines[piece].insert(0, corners)
        else:
            outlines[piece].append(corners)
    return [Polygon(tuple(rings)) for rings in outlines], labels


def _rings(mask: NDArray[np.bool_], labels: NDArray[np.int32]) -> list[tuple[int, list[Vertex]]]:
    """(piece, corners) of every closed line between the set and the rest; pieces count from 0."""
    onward: dict[Vertex, list[tuple[Vertex, int]]] = defaultdict(list)
    # For each side of a pixel: where its neighbour is, and from which to which of its corners it runs.
    sides = {(-1, 0): ((0, 0), (0, 1)), (0, 1): ((0, 1), (1, 1)), (1, 0): ((1, 1), (1, 0)), (0, -1): ((1, 0), (0, 0))}
    for (down, right), (start, end) in sides.items():
        neighbour = np.roll(mask, (-down, -right), axis=(0, 1))
        rows, cols = np.nonzero(mask & ~neighbour)
        pieces = labels[rows, cols] - 1
        for r, c, piece in zip(rows.tolist(), cols.tolist(), pieces.tolist(), strict=True):
            onward[r + start[0], c + start[1]].append(((r + end[0], c + end[1]), piece))
    rings = []
    while onward:
        first = next(iter(onward))
        rings.append(_followed(onward, first))
    return rings


def _followed(onward: dict[Vertex, list[tuple[Vertex, int]]], first: Vertex) -> tuple[int, list[Vertex]]:
    """Walk one ring from ``first``, taking its sides away; corners only, without the vertices along straight lines."""
    here, piece = first, onward[first][0][1]
    path = [first]
    while True:
        here = _leave(onward, here, piece, path)
        if here == first:
            break
        path.append(here)
    turns = [
        vertex
        for before, vertex, after in zip([path[-1], *path[:-1]], path, [*path[1:], path[0]], strict=True)
        if before[0] != after[0] and before[1] != after[1]
    ]
    return piece, turns


def _leave(onward: dict[Vertex, list[tuple[Vertex, int]]], here: Vertex, piece: int, path: list[Vertex]) -> Vertex:
    """The next vertex. Where two pixels of a piece touch at a corner the way turns left: no ring meets itself."""
    choices = [choice for choice in onward[here] if choice[1] == piece]
    taken = choices[0]
    if len(choices) > 1 and len(path) > 1:
        down, right = here[0] - path[-2][0], here[1] - path[-2][1]
        turned = (here[0] - right, here[1] + down)
        taken = next((choice for choice in choices if choice[0] == turned), taken)
    onward[here].remove(taken)
    if not onward[here]:
        del onward[here]
    return taken[0]


def _turns_right(ring: list[Vertex]) -> bool:
    """Whether a ring of (row, col), rows downwards, runs clockwise as seen on the screen."""
    corners = np.array(ring, dtype=np.int64)
    after = np.roll(corners, -1, axis=0)
    return bool((corners[:, 1] * after[:, 0] - after[:, 1] * corners[:, 0]).sum() > 0)
