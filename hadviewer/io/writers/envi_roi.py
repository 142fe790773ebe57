"""ENVI's regions of interest: objects to go on with in ENVI, as XML or as its ASCII dump."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core import runs as runs_of
from hadviewer.core.params import Params
from hadviewer.core.region import COLOURS, Patch, Region
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.regions import envi_text, envi_xml
from hadviewer.io.writers._geo import georeference
from hadviewer.io.writers._products import target_path
from hadviewer.io.writers._shapes import features_of


@writer(id="envi_roi", title="ENVI ROI (XML)", extension=".xml", products=("objects",))
def write_envi_roi(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as regions of interest for ENVI 5 and later, in map coordinates where there are some."""
    target = target_path(folder, stem, ".xml", product)
    return [envi_xml.write(target, regions(product), _shape(product), georeference(product))]


@writer(id="envi_roi_text", title="ENVI ROI (ASCII)", extension=".txt", products=("objects",))
def write_envi_roi_text(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Objects as ENVI's table of pixels: ID, X, Y from 1, map coordinates, and the score of each pixel."""
    target = target_path(folder, stem, ".txt", product)
    geo = georeference(product)
    return [envi_text.write(target, regions(product), _shape(product), geo, product.array)]


def regions(product: MapProduct) -> list[Region]:
    """Each object as a region of its own, called by its number."""
    labels = features_of(product).labels
    inside = np.flatnonzero(labels)
    owner = labels.ravel()[inside]
    order = np.argsort(owner, kind="stable")
    numbers, starts = np.unique(owner[order], return_index=True)
    parts = np.split(inside[order], starts[1:]) if len(numbers) else []
    return [
        Region(number, f"Object {number}", COLOURS[(number - 1) % len(COLOURS)], parts=(Patch(_runs(pixels, labels)),))
        for number, pixels in zip(numbers.tolist(), parts, strict=True)
    ]


def _runs(pixels: NDArray[np.intp], labels: NDArray[np.int32]) -> runs_of.Runs:
    rows, cols = np.divmod(pixels, labels.shape[1])
    return runs_of.of_pixels(zip(rows.tolist(), cols.tolist(), strict=True))


def _shape(product: MapProduct) -> tuple[int, int]:
    rows, cols = product.array.shape
    return rows, cols
