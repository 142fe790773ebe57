"""Attribute filters: the small bright and dark structures of a plane, by their area or extent, whatever their form."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.components import fit_components
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._surroundings import Surroundings

Map = NDArray[np.float64]
Levels = NDArray[np.int32]
Numbers = NDArray[np.intp]

NULL_SPREAD = 1e-6
"""Components whose deviation is below this share of the largest are rounding errors."""


def principal_planes(cube: NDArray[np.float32], valid: NDArray[np.bool_], count: int) -> NDArray[np.float32]:
    """The first principal components (k, rows, cols) of a cube, strongest first, 0 on invalid pixels.

    Fewer than ``count`` where the cube varies along fewer directions; none where all spectra are alike. Raises
    DetectorError for values that overflow.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        components = fit_components(cube, count)
        scores = components.scores(cube)
    if not np.isfinite(scores[valid]).all():
        raise DetectorError("The values of this scene are too large to be added up.", hint="Divide them by a constant.")
    scores[~valid] = 0
    kept = components.variance > components.variance.max(initial=0.0) * NULL_SPREAD**2
    return np.ascontiguousarray(np.moveaxis(scores[..., kept], 2, 0))


def unit_range(plane: NDArray[np.floating], valid: NDArray[np.bool_]) -> Map:
    """A plane (rows, cols) brought to 0..1 by its smallest and largest valid value; 0 where invalid or constant."""
    low, high = (float(end(plane[valid])) for end in (np.min, np.max))
    scaled = (plane.astype(np.float64) - low) / (high - low) if high > low else np.zeros(plane.shape)
    return np.where(valid, scaled, 0.0)


def quantised(plane: NDArray[np.floating], valid: NDArray[np.bool_], levels: int, tail: float) -> tuple[Levels, float]:
    """A plane (rows, cols) as whole numbers 0..levels, and what one level is worth.

    The share ``tail`` of the valid values at either end is clipped first. Invalid pixels, and a plane of one value,
    become 0.
    """
    low, high = np.quantile(plane[valid], [tail, 1 - tail]).astype(np.float64)
    if not high > low:
        return np.zeros(plane.shape, dtype=np.int32), 0.0
    step = (high - low) / levels
    clipped = np.clip(np.where(valid, plane, low), low, high)
    return np.rint((clipped - low) / step).astype(np.int32), float(step)


@dataclass(frozen=True, eq=False)
class ComponentTree:
    """The connected components of all upper level sets of an image, as a tree over its pixels.

    Each pixel's parent stands for the component of the next lower level around it, or for its own component. ``area``
    is the number of pixels and ``extent`` the longer side of the bounding box of the component a pixel stands for.
    All are flat (pixels,).
    """

    levels: Levels
    parents: Numbers
    area: Numbers
    extent: Numbers

    def opened(self, size: Numbers, least: int) -> Levels:
        """Levels (pixels,) after components with a size (area or extent) below ``least`` are cut down.

        The component of the whole image always stays.
        """
        keeps = np.where(size >= least, np.arange(size.size), self.parents)
        while True:
            further = keeps[keeps]
            if np.array_equal(further, keeps):
                return np.asarray(self.levels[keeps])
            keeps = further


def component_tree(image: Levels) -> ComponentTree:
    """The component tree of an image (rows, cols) with 4-connectivity."""
    from skimage.morphology import max_tree

    parents = max_tree(image, connectivity=1)[0].ravel().astype(np.intp)
    return ComponentTree(image.ravel(), parents, *_sizes(parents, image.shape[1]))


def _sizes(parents: Numbers, cols: int) -> tuple[Numbers, Numbers]:
    """Area and extent (pixels,) of the component each pixel stands for.

    What a pixel knows of its descendants less than 2^s generations away goes to its ancestor 2^s generations up, for
    s = 0, 1, ...: as many rounds as the depth of the tree has binary digits, each over all pixels at once.
    """
    pixels = np.arange(parents.size)
    row, col = np.divmod(pixels, cols)
    area = np.ones(parents.size)
    # Largest and smallest row and column; the smallest as largest of the negative.
    bounds = [row, -row, col.copy(), -col]
    ancestor = parents.copy()
    active = np.flatnonzero(parents != pixels)
    while active.size:
        target = ancestor[active]
        area += np.bincount(target, weights=area[active], minlength=area.size)
        for bound in bounds:
            np.maximum.at(bound, target, bound[active])
        ancestor[active] = ancestor[target]
        active = active[parents[target] != target]
    extent = np.maximum(bounds[0] + bounds[1], bounds[2] + bounds[3]) + 1
    return area.astype(np.intp), extent


class Structures:
    """The bright and dark structures of a plane of levels 0..top, smaller than some area or extent.

    Pixels where nothing is near lie at the bottom of both trees: they join nothing.
    """

    def __init__(self, levels: Levels, top: int, around: Surroundings) -> None:
        self._levels, self._top, self._around = levels, top, around
        self._bright = component_tree(around.extend(levels))
        self._dark = component_tree(around.extend((top - levels).astype(np.int32)))

    def below_area(self, area: int) -> tuple[Levels, Levels]:
        """How far (rows, cols) each pixel stands out from, and lies below, what has at least this many pixels."""
        bright, dark = self._bright, self._dark
        return self._residual(bright.opened(bright.area, area)), self._residual(dark.opened(dark.area, area), True)

    def below_extent(self, extent: int) -> tuple[Levels, Levels]:
        """How far (rows, cols) each pixel stands out from, and lies below, what is at least this long or wide."""
        bright, dark = self._bright, self._dark
        return self._residual(bright.opened(bright.extent, extent)), self._residual(
            dark.opened(dark.extent, extent), True
        )

    def _residual(self, opened: Levels, dark: bool = False) -> Levels:
        kept = self._around.crop(opened.reshape(self._around.sources.shape))
        return np.asarray((self._top - self._levels if dark else self._levels) - kept, dtype=np.int32)


def small_structures(contrast: Map, valid: NDArray[np.bool_], largest: float) -> NDArray[np.bool_]:
    """Where (rows, cols) a contrast map, widened by a pixel, is high in one piece of at most ``largest`` pixels.

    Otsu's threshold over the valid pixels says what is high; pieces hang together over edges and corners.
    """
    from scipy.ndimage import grey_dilation, label
    from skimage.filters import threshold_otsu

    widened = grey_dilation(contrast, size=(2, 2))
    high = (widened > threshold_otsu(widened[valid])) & valid
    pieces, _ = label(high, np.ones((3, 3)))
    small = np.bincount(pieces.ravel()) <= largest
    small[0] = False
    return np.asarray(small[pieces])
