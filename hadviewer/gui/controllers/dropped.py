"""What files dropped on the window are: a cube, a mask, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry
from hadviewer.engine import verbs

Size = tuple[int, int]


@dataclass(frozen=True)
class Dropped:
    """A cube, a mask, and the names of files that are of no use beside them."""

    cube: Path | None = None
    truth: Path | None = None
    left: tuple[str, ...] = ()


def sort_out(paths: Sequence[Path], shape: Size | None) -> Dropped:
    """Tell a cube from the mask that goes with it; ``shape`` (lines, samples) is that of the open scene, if any.

    A file that cannot be told is taken for a cube, so that opening it says why not. Raises ReadError when no file can
    be read.
    """
    contents = _look_into(paths)
    cube = next((path for path, entries in contents.items() if _spectral_size(entries)), None)
    size = shape if cube is None else _spectral_size(contents[cube])
    # A mask beside a cube of its own is that cube's.
    others = [path for path, entries in contents.items() if not _spectral_size(entries)]
    truth = next((path for path in others if size and any(_is_mask(item, size) for item in contents[path])), None)
    if cube is None and truth is None:
        cube = next(iter(contents))
    stems = {path.stem for path in (cube, truth) if path is not None}
    return Dropped(cube, truth, tuple(path.name for path in paths if path.stem not in stems))


def _look_into(paths: Sequence[Path]) -> dict[Path, list[Entry]]:
    contents: dict[Path, list[Entry]] = {}
    refusals: list[ReadError] = []
    for path in paths:
        try:
            contents[path] = verbs.contents(path)
        except ReadError as error:
            refusals.append(error)
    if not contents:
        raise refusals[0]
    return contents


def _spectral_size(entries: Sequence[Entry]) -> Size | None:
    """Lines and samples of the best cube of more than one band."""
    shape = next((item.shape for item in entries if item.role == "cube" and item.shape[2] > 1), None)
    return None if shape is None else (shape[0], shape[1])


def _is_mask(entry: Entry, size: Size) -> bool:
    """Whether an array is flat, fits, and holds whole numbers unless its reader knows it for a mask."""
    flat = tuple(length for length in entry.shape if length != 1) if len(entry.shape) > 2 else entry.shape
    return flat in (size, size[::-1]) and (entry.role == "mask" or np.dtype(entry.dtype).kind in "biu")
