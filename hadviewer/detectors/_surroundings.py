"""What lies beyond the edge of the data: its mirror image, around the scene and in its gaps."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Surroundings:
    """The scene with a border on every side.

    ``sources`` (rows + 2·border, cols + 2·border) is the number (row · cols + col) of the valid pixel each place takes
    its value from, -1 where nothing is near.
    """

    sources: NDArray[np.intp]
    border: int

    def extend(self, plane: NDArray[Any], nothing: float = 0) -> NDArray[Any]:
        """The plane (rows, cols) with its mirror image in border and gaps, ``nothing`` where nothing is near."""
        flat = np.append(plane.ravel(), plane.dtype.type(nothing))
        return np.asarray(flat[self.sources])

    def crop(self, extended: NDArray[Any]) -> NDArray[Any]:
        """The part (rows, cols) of an extended plane that is the scene."""
        rows, cols = extended.shape
        return extended[self.border : rows - self.border, self.border : cols - self.border]


def surroundings(valid: NDArray[np.bool_], border: int, reach: int) -> Surroundings:
    """Mirror images, at the nearest valid pixel, of what ``valid`` (rows, cols) holds, ``reach`` pixels far.

    A scene without gaps continues as numpy.pad's mode 'symmetric' does. Where the mirror image would fall on another
    gap, the nearest valid pixel itself is repeated.
    """
    from scipy.ndimage import distance_transform_edt

    padded = np.pad(valid, border)
    nearest = distance_transform_edt(~padded, return_distances=False, return_indices=True)
    places = np.indices(padded.shape, dtype=nearest.dtype)
    inwards = nearest - places
    distance = np.abs(inwards).max(axis=0)
    nearest -= border
    mirrored = nearest + inwards - np.sign(inwards)
    for axis, size in enumerate(valid.shape):
        folded = mirrored[axis] % (2 * size)
        mirrored[axis] = np.minimum(folded, 2 * size - 1 - folded)
    usable = valid[mirrored[0], mirrored[1]]
    chosen = np.where(usable, mirrored, nearest).astype(np.intp)
    sources = np.where(distance <= reach, chosen[0] * valid.shape[1] + chosen[1], -1)
    return Surroundings(sources, border)
