"""Rasters that GDAL opens as a source of pixels, and what GDAL says about their bands, values and place."""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import BandIndex, Scale, Window
from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Geolocation, Location
from hadviewer.io.readers import _geolocation
from hadviewer.io.readers._wavelengths import Wavelengths, from_band_names, in_nanometres
from hadviewer.io.sources import pick_indices, pick_slice

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MOST_BANDS = 10_000
LARGEST_BLOCK = 2**28
"""GDAL holds whole blocks in memory; a header of a few bytes may claim one of any size."""

_QUIET = threading.Lock()
"""Leaving a warning out changes what is kept for the whole process: one thread at a time."""


def open_raster(path: Path, driver: str) -> "DatasetReader":
    """A raster of one GDAL driver. Raises ReadError, also where a block of it would not fit into memory."""
    import rasterio

    with _as_read_error(path), _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        dataset: DatasetReader = rasterio.open(str(path), driver=driver)
    if dataset.count == 0:
        raise ReadError(f"{path.name} holds no image of its own.", hint="Open one of the images it refers to.")
    if dataset.count > MOST_BANDS:
        raise ReadError(f"{path.name} claims {dataset.count} bands.", hint="It is damaged: copy it again.")
    (height, width), values = dataset.block_shapes[0], np.dtype(dataset.dtypes[0]).itemsize
    together = dataset.count if _by_pixel(dataset) else 1
    if height * width * values * together > LARGEST_BLOCK:
        size = height * width * values * together / 2**30
        raise ReadError(
            f"{path.name} is stored in blocks of {height} × {width} pixels, {size:.2g} GiB each.",
            hint="Save it in tiles, for example with: gdal_translate -co TILED=YES",
        )
    return dataset


class RasterSource:
    """The bands of a raster, read by the blocks they are stored in, one thread at a time as GDAL wants it."""

    def __init__(self, dataset: "DatasetReader", path: Path) -> None:
        self.dataset, self._path, self._lock = dataset, path, threading.Lock()
        self._dtype = np.result_type(*(np.dtype(name) for name in set(dataset.dtypes)))

    @property
    def shape(self) -> tuple[int, int, int]:
        return int(self.dataset.height), int(self.dataset.width), int(self.dataset.count)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._dtype

    @property
    def order(self) -> str:
        return "bip" if _by_pixel(self.dataset) else "bsq"

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        rows, cols, chosen = pick_indices(self.shape, window, bands, step)
        out = np.empty((len(chosen), len(rows), len(cols)), dtype=self._dtype)
        if out.size:
            indexes = (chosen + 1).tolist()
            for part in _by_blocks(rows, int(self.dataset.block_shapes[0][0])):
                out[:, part] = self._values(indexes, rows[part], cols)
        return out.transpose(1, 2, 0)

    def _values(self, indexes: list[int], rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[Any]:
        top, left = int(rows[0]), int(cols[0])
        extent = (top, int(rows[-1]) + 1), (left, int(cols[-1]) + 1)
        with self._lock, _as_read_error(self._path):
            values: NDArray[Any] = self.dataset.read(indexes, window=extent, out_dtype=self._dtype)
        return values[:, pick_slice(rows - top)][:, :, pick_slice(cols - left)]


def band_set(dataset: "DatasetReader") -> tuple[BandSet, tuple[str, ...]]:
    """The bands as tags, or else their names, describe them, and remarks.

    The exact value comes before the rounded one: GDAL writes its own wavelength tags with three decimals only.
    """
    count = dataset.count
    names = names_of(dataset)
    tags = [_lower(tags_of(dataset, band)) for band in range(1, count + 1)]
    found = _from_tags(tags) or _from_envi_tags(dataset) or _from_names(dataset, names) or _from_imagery(dataset)
    found = found or Wavelengths()
    usable = _flags(tags, fields_of(dataset))
    return found.bands(count, names if any(names) else None, usable), found.notes


def default_bands(dataset: "DatasetReader") -> tuple[int, ...]:
    """The 0-based bands to show first, one or three, as a field of ENVI kept among the tags names them; or none."""
    values = _list(fields_of(dataset).get("default bands", ""))
    first = 0 if 0 in values else 1
    chosen = tuple(int(value) - first for value in values)
    sound = len(chosen) in (1, 3) and all(0 <= band < dataset.count for band in chosen)
    return chosen if sound else ()


def fields_of(dataset: "DatasetReader") -> dict[str, str]:
    """Fields of an ENVI header kept as tags of the raster, by name: in a domain of their own, or among the others."""
    plain = _lower(tags_of(dataset))
    kept = {"bbl": plain.get("bad_bands", ""), "default bands": plain.get("default_bands", "")}
    own = {key.replace("_", " "): value for key, value in _lower(tags_of(dataset, namespace="ENVI")).items()}
    return kept | own


def tags_of(dataset: "DatasetReader", band: int = 0, namespace: str | None = None) -> dict[str, str]:
    """The tags of the raster or a band (1-based); none where they are no text."""
    try:
        return dict(dataset.tags(band, ns=namespace))
    except UnicodeDecodeError:
        return {}


def names_of(dataset: "DatasetReader") -> tuple[str, ...]:
    """The names of the bands, '' where there is none."""
    try:
        return tuple(name or "" for name in dataset.descriptions)
    except UnicodeDecodeError:
        return ("",) * int(dataset.count)


def files_of(dataset: "DatasetReader", path: Path) -> list[str]:
    """The files a raster consists of."""
    with _as_read_error(path):
        return list(dataset.files)


def scale_of(dataset: "DatasetReader") -> Scale | None:
    """Gain and offset of the values where any differ from 1 and 0."""
    gain, offset = np.array(dataset.scales, dtype=np.float64), np.array(dataset.offsets, dtype=np.float64)
    if not (np.isfinite(gain).all() and np.isfinite(offset).all()) or (np.all(gain == 1) and np.all(offset == 0)):
        return None
    return Scale(gain, offset, "scale and offset of the raster")


def nodata_of(dataset: "DatasetReader", dtype: np.dtype[Any]) -> tuple[float | None, tuple[str, ...]]:
    """The no-data value as the data can hold it, and a remark where they cannot."""
    value = dataset.nodata
    if value is None or np.isnan(value):
        return None, ()
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        if not (limits.min <= value <= limits.max and value == int(value)):
            return None, (f"The no-data value {value:g} cannot occur in {dtype.name} data and was ignored.",)
        return float(value), ()
    with np.errstate(over="ignore"):
        stored = float(np.asarray(value).astype(np.float32 if dtype == np.float32 else np.float64))
    return (None if np.isinf(stored) else stored), ()


def georeference(dataset: "DatasetReader") -> Location | None:
    """Where the raster lies: by its transform, else by a grid of ground control points; None where it does not say."""
    from rasterio.errors import CRSError

    try:
        return _georeference(dataset.transform, dataset.crs) or _by_points(dataset)
    except (CRSError, UnicodeDecodeError):
        return None


def _georeference(transform: Any, crs: Any) -> Georeference | None:
    if transform.is_identity and crs is None:
        return None
    if not np.isfinite(transform.to_gdal()).all() or transform.determinant == 0:
        return None
    return Georeference(transform.to_gdal(), *_system(crs))


def _by_points(dataset: "DatasetReader") -> Geolocation | None:
    points, crs = dataset.gcps
    places = [(point.row, point.col, point.x, point.y) for point in points]
    text, label, units = _system(crs)
    coordinates = _geolocation.between_points(places, dataset.shape, degrees=units == "deg")
    if coordinates is None or not text:
        return None
    return Geolocation(coordinates, text, f"{label}, ground control points", units)


def _system(crs: Any) -> tuple[str, str, str]:
    """(crs, label, units) of a coordinate system, empty where it is not known."""
    if crs is None:
        return "", "", ""
    code = crs.to_epsg()
    text = f"EPSG:{code}" if code else crs.to_wkt()
    label = text if code else crs.to_dict().get("proj", "") or "own coordinate system"
    units = "deg" if crs.is_geographic else ("m" if str(crs.linear_units).lower().startswith("met") else "")
    return text, label, units


def extra_tags(dataset: "DatasetReader") -> dict[str, str]:
    """The tags of the raster for display."""
    tags = {key: value for key, value in tags_of(dataset).items() if not key.lower().startswith("band_")}
    compression = tags_of(dataset, namespace="IMAGE_STRUCTURE").get("COMPRESSION")
    return {**tags, **({"compression": compression} if compression else {})}


@contextmanager
def _as_read_error(path: Path) -> Iterator[None]:
    from rasterio.errors import RasterioError

    try:
        yield
    except (RasterioError, OSError, ValueError, MemoryError) as error:
        raise ReadError(
            f"{path.name} is damaged or no raster that can be read.",
            hint="Copy or download it again.",
            details=str(error),
        ) from error


def _by_pixel(dataset: "DatasetReader") -> bool:
    interleave = tags_of(dataset, namespace="IMAGE_STRUCTURE").get("INTERLEAVE", "")
    return dataset.count > 1 and interleave.upper() == "PIXEL"


def _by_blocks(rows: NDArray[np.intp], height: int) -> Iterator[slice]:
    """Parts of the wanted rows that lie in one row of blocks each, so that lines between blocks are not read."""
    if len(rows) < 2 or rows[1] - rows[0] == 1:
        yield slice(0, len(rows))
        return
    starts = np.flatnonzero(np.diff(rows // height, prepend=-1))
    for start, stop in zip(starts, [*starts[1:], len(rows)], strict=True):
        yield slice(int(start), int(stop))


def _from_tags(tags: list[dict[str, str]]) -> Wavelengths | None:
    """Tags of single bands, as EnMAP-Box and QGIS write them."""
    values = [_number(one.get("wavelength")) for one in tags]
    if any(value is None for value in values):
        return None
    widths = [_number(one.get("fwhm")) for one in tags]
    unit = tags[0].get("wavelength_units") or tags[0].get("wavelength_unit") or ""
    return _usable_only(in_nanometres(_array(values), unit, None if None in widths else _array(widths)))


def _from_envi_tags(dataset: "DatasetReader") -> Wavelengths | None:
    """Fields of an ENVI header kept as tags of the raster."""
    fields = fields_of(dataset)
    values = _list(fields.get("wavelength", ""))
    if len(values) != dataset.count:
        return None
    widths = _list(fields.get("fwhm", ""))
    unit = fields.get("wavelength units", "")
    return _usable_only(in_nanometres(values, unit, np.array(widths) if len(widths) == len(values) else None))


def _from_names(dataset: "DatasetReader", names: tuple[str, ...]) -> Wavelengths | None:
    """Wavelengths in the bands' names, or in tags Band_1, Band_2, ... of the raster."""
    tags = tags_of(dataset)
    numbered = [str(tags.get(f"Band_{band}", "")) for band in range(1, dataset.count + 1)]
    for source in (names, numbered):
        centres = from_band_names(source)
        if centres is not None:
            assumed = "The wavelengths were taken from the band names."
            return Wavelengths(centres, None, assumed, (assumed,))
    return None


def _from_imagery(dataset: "DatasetReader") -> Wavelengths | None:
    """GDAL's own tags, in micrometres with three decimals."""
    tags = [tags_of(dataset, band, "IMAGERY") for band in range(1, dataset.count + 1)]
    values = [_number(one.get("CENTRAL_WAVELENGTH_UM")) for one in tags]
    if any(value is None for value in values):
        return None
    widths = [_number(one.get("FWHM_UM")) for one in tags]
    return _usable_only(in_nanometres(_array(values), "um", None if None in widths else _array(widths)))


def _usable_only(found: Wavelengths) -> Wavelengths | None:
    return found if found.centres is not None else None


def _flags(tags: list[dict[str, str]], fields: dict[str, str]) -> NDArray[np.bool_] | None:
    """The bad bands list, kept band by band or whole."""
    marks = [_number(one.get("bbl")) for one in tags]
    if None in marks:
        marks = [*_list(fields.get("bbl", ""))]
        if len(marks) != len(tags):
            return None
    usable = np.asarray(_array(marks) > 0)
    return usable if usable.any() else None


def _lower(tags: Mapping[str, Any]) -> dict[str, str]:
    return {str(key).lower(): str(value) for key, value in tags.items()}


def _array(values: list[float | None]) -> NDArray[np.float64]:
    return np.array(values, dtype=np.float64)


def _list(text: str) -> list[float]:
    numbers = [_number(item) for item in text.strip(" {}[]").split(",") if item.strip()]
    return [number for number in numbers if number is not None]


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text is not None else None
    except ValueError:
        return None
    return value if value is not None and np.isfinite(value) else None
