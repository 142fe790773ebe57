"""The superpixels SuperAD pools over: computed from the scene, or handed in."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.superpixels import Labels, principal_components, segment
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError

Segmentation = Literal["components", "composite", "released"]

COMPOSITE = (54, 34, 14)
"""Bands of the published false-colour composite, red to blue."""

PIXELS_PER_SEGMENT = 10
"""A superpixel hides an anomaly only in the mean of enough pixels; with fewer on average, fewer segments are made."""

RELEASED = {"n_segments": 100, "compactness": 0.01, "max_num_iter": 1000}


def composite_bands(bands: int) -> tuple[int, int, int]:
    """The published bands; the middles of thirds of the range where a scene has too few."""
    return COMPOSITE if bands > max(COMPOSITE) else (5 * bands // 6, bands // 2, bands // 6)


def superpixels(
    cube: NDArray[np.float32],
    valid: NDArray[np.bool_],
    kind: Segmentation,
    count: int,
    compactness: float,
    ctx: Context,
) -> Labels:
    """Segments 0..n-1 of the valid pixels of a scene (rows, cols, bands), -1 elsewhere."""
    if kind == "released":
        return renumbered(_released(cube, valid), valid)
    most = max(1, int(valid.sum()) // PIXELS_PER_SEGMENT)
    if count > most:
        ctx.note(f"The scene has room for {most} superpixels of {PIXELS_PER_SEGMENT} pixels; {count} were asked for.")
    features = principal_components(cube) if kind == "components" else cube[..., list(composite_bands(cube.shape[2]))]
    return segment(features, min(count, most), compactness)


def handed_in(labels: NDArray[np.integer], valid: NDArray[np.bool_]) -> Labels:
    """Labels of the user's own (rows, cols), counted anew over the valid pixels; one without gets its neighbour's.

    Raises DetectorError where the sizes differ or no valid pixel is in a segment.
    """
    if labels.shape != valid.shape:
        raise DetectorError(
            f"The superpixels handed in are {' × '.join(map(str, labels.shape))}, "
            f"the scene is {' × '.join(map(str, valid.shape))}.",
            hint="Divide this scene into superpixels again.",
        )
    labelled = valid & (labels >= 0)
    if not labelled.any():
        raise DetectorError(
            "No pixel with values is in a superpixel.", hint="Divide this scene into superpixels again."
        )
    return renumbered(labels[nearest(labelled)], valid)


def nearest(known: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row and column (rows, cols) of the nearest known pixel of every pixel: itself where it is known."""
    from scipy.ndimage import distance_transform_edt

    places = distance_transform_edt(~known, return_distances=False, return_indices=True)
    return places[0], places[1]


def renumbered(labels: NDArray[np.integer], valid: NDArray[np.bool_]) -> Labels:
    """Labels counted 0..n-1 over the valid pixels, -1 elsewhere."""
    result = np.full(labels.shape, -1, dtype=np.int32)
    result[valid] = np.unique(labels[valid], return_inverse=True)[1]
    return result


def _released(cube: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.integer]:
    """Superpixels as the published figures had them: three bands over the maximum, taken for RGB, in CIE Lab."""
    from skimage.segmentation import slic

    largest = float(cube[valid].max())
    bands = cube[..., list(composite_bands(cube.shape[2]))].astype(np.float64)[nearest(valid)]
    labels: NDArray[np.integer] = slic(bands / largest if largest > 0 else bands, start_label=1, **RELEASED)
    return labels
