"""A folder of images of one band each, as laboratories and older satellites deliver cubes."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Scale
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _raster, gdal, geotiff
from hadviewer.io.readers._files import head_of, unreadable
from hadviewer.io.readers._joined import JoinedSource
from hadviewer.io.readers._wavelengths import Wavelengths, from_band_names

EXTENSIONS = (".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2", ".img")
FEWEST = 2
MOST_FILES = 800
HYPERION = re.compile(r"EO1H.*_B(\d{3})_", re.IGNORECASE)
_HYPERION_EMPTY = {*range(1, 8), *range(58, 79), *range(225, 243)}
_FIRST_SWIR = 71


def sniff(path: Path, head: bytes) -> int:
    """A folder with several images of the same kind."""
    if not path.is_dir():
        return Match.NO
    try:
        return Match.YES if len(_images(path)) >= FEWEST else Match.NO
    except ReadError:
        return Match.NO


def contents(path: Path) -> list[Entry]:
    """The one cube the images make."""
    cube = open_cube(path)
    return [Entry(path.name, cube.shape, cube.dtype.name, "cube")]


def open_cube(path: Path, entry: str | None = None, params: object = None) -> Cube:
    """The images as bands, in the order of the numbers in their names. Raises ReadError."""
    images = _images(path)
    if len(images) < FEWEST:
        raise ReadError(f"{path.name} holds no images of one band each.", hint="Choose the file that holds the cube.")
    if len(images) > MOST_FILES:
        raise ReadError(
            f"{path.name} holds {len(images)} images, and at most {MOST_FILES} can be open at a time.",
            hint="Join them first, for example with: gdal_merge.py -separate",
        )
    opened = {item: _opened(item) for item in images}
    chosen, left = _alike(path, opened)
    sources = [opened[item] for item in chosen]
    first = sources[0]
    names = [item.stem for item in chosen]
    wavelengths, usable, scale = _spectral(names)
    bands = wavelengths.bands(len(chosen), tuple(names), usable)
    nodata, remark = _raster.nodata_of(first.dataset, first.dtype)
    ignored = f"{left} other images of another size or with several bands were left out." if left else ""
    return Cube(
        JoinedSource(sources, [(number, 0) for number in range(len(sources))]),
        bands,
        name=path.name,
        path=path,
        scale=scale,
        nodata=nodata,
        geo=_raster.georeference(first.dataset),
        meta={"format": "Folder of bands"},
        notes=tuple(note for note in (ignored, *wavelengths.notes, *remark) if note),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """No map: a folder is a cube."""
    raise ReadError(f"{path.name} is a folder of bands, not a mask or score map.", hint="Choose one of its files.")


def _images(folder: Path) -> list[Path]:
    """The images of the commonest kind, in the order of the numbers in their names."""
    try:
        items = [item for item in folder.iterdir() if item.suffix.lower() in EXTENSIONS and item.is_file()]
    except OSError as error:
        raise unreadable(folder, error) from None
    kinds = [item.suffix.lower() for item in items]
    kind = max(set(kinds), key=lambda suffix: (kinds.count(suffix), suffix), default="")
    return sorted((item for item in items if item.suffix.lower() == kind), key=_natural)


def _natural(path: Path) -> list[tuple[int, float, str]]:
    """Text in the order of its letters, numbers in that of their values."""
    parts = re.split(r"(\d+(?:\.\d+)?)", path.stem.lower())
    return [(0, float(part[:40]), "") if number % 2 else (1, 0.0, part) for number, part in enumerate(parts)]


def _opened(path: Path) -> _raster.RasterSource:
    head = head_of(path)
    if head.startswith(geotiff.MAGIC):
        return _raster.RasterSource(_raster.open_raster(path, geotiff.GDAL_DRIVER), path)
    return gdal.open_source(path)


def _alike(path: Path, opened: dict[Path, _raster.RasterSource]) -> tuple[list[Path], int]:
    """The images of one band and of the commonest size, and how many are left out."""
    single = [item for item, source in opened.items() if source.shape[2] == 1]
    sizes = [opened[item].shape for item in single]
    size = max(set(sizes), key=lambda shape: (sizes.count(shape), shape), default=None)
    chosen = [item for item in single if opened[item].shape == size]
    if len(chosen) < FEWEST:
        raise ReadError(
            f"The images in {path.name} have several bands each or differ in size.",
            hint="Choose the file that holds the cube.",
        )
    return chosen, len(opened) - len(chosen)


def _spectral(names: list[str]) -> tuple[Wavelengths, NDArray[np.bool_] | None, Scale | None]:
    """Wavelengths in the names, or those of Hyperion by the number of the band."""
    matches = [HYPERION.search(f"{name}_") for name in names]
    numbers = np.array([int(match[1]) for match in matches if match])
    if len(numbers) == len(names) and numbers.min() >= 1 and numbers.max() <= 242:
        vnir = numbers < _FIRST_SWIR
        centres = np.where(vnir, 355.59 + 10.1752 * (numbers - 1), 851.92 + 10.08865 * (numbers - _FIRST_SWIR))
        assumed = "The wavelengths are the nominal ones of Hyperion."
        usable = np.array([number not in _HYPERION_EMPTY for number in numbers.tolist()])
        scale = Scale(np.where(vnir, 1 / 40, 1 / 80), np.zeros(len(numbers)), "Hyperion: VNIR / 40, SWIR / 80")
        return Wavelengths(centres, None, assumed, (assumed,)), usable if usable.any() else None, scale
    found = from_band_names(names)
    if found is None:
        return Wavelengths(), None, None
    assumed = "The wavelengths were taken from the file names."
    return Wavelengths(found, None, assumed, (assumed,)), None, None


SPEC = ReaderSpec(
    id="bands",
    title="Folder of bands",
    extensions=(),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    summary="One image per band in a folder: TIFF, PNG, JPEG, JPEG 2000 or ERDAS.",
)
