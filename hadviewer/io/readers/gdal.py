"""Further rasters by GDAL: an explicit list of formats, each known by its content and opened by its own driver only."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _jpeg2000, _raster, _references
from hadviewer.io.readers._envi_files import header_beside
from hadviewer.io.readers._files import head_of, is_stand_in, refuse_stand_in
from hadviewer.io.readers._sidecars import sidecar_bands
from hadviewer.io.readers._single_band import single_band

HEAD_BYTES = 1024
_LABELS = (".lbl", ".xml")
_ESRI_DATA = (".bil", ".bip", ".bsq", ".flt", ".img", ".dat", ".raw")


@dataclass(frozen=True)
class Format:
    """One of GDAL's formats: its driver, what its files begin with or hold early on, and what must be checked first."""

    driver: str
    title: str
    pattern: re.Pattern[bytes]
    check: Callable[[Path], None] | None = None

    @property
    def densest(self) -> int | None:
        """How many bytes of values a byte of the file can hold at most; None where blocks may be left out."""
        return _DENSEST.get(self.driver)


# Plain values may be single bits; what is packed has its own bound. A header that claims more is damaged or means harm.
_DENSEST = {"LAN": 16, "EHdr": 16, "PDS": 16, "PDS4": 16, "ISIS3": 16, "VICAR": 64, "PNG": 1100, "JPEG": 1100,
            "JP2OpenJPEG": _jpeg2000.DENSEST}  # fmt: skip


def _format(driver: str, title: str, pattern: bytes, check: Callable[[Path], None] | None = None) -> Format:
    return Format(driver, title, re.compile(pattern, re.DOTALL), check)


FORMATS = (
    _format("HFA", "ERDAS Imagine", rb"EHFA_HEADER_TAG"),
    _format("LAN", "ERDAS LAN and GIS", rb"HEAD74|HEADER"),
    _format("PCIDSK", "PCI Geomatica", rb"PCIDSK  "),
    _format("NITF", "NITF", rb"NITF0|NSIF0"),
    _format("JP2OpenJPEG", "JPEG 2000", rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", _jpeg2000.check),
    _format("PNG", "PNG", rb"\x89PNG\r\n\x1a\n"),
    _format("JPEG", "JPEG", rb"\xff\xd8\xff"),
    _format("VICAR", "VICAR", rb"LBLSIZE=", _references.check_label),
    _format("ISIS3", "ISIS 3", rb".{0,256}?IsisCube", _references.check_label),
    _format("PDS", "PDS 3", rb".{0,256}?(PDS_VERSION_ID|ODL_VERSION_ID)", _references.check_label),
    _format("PDS4", "PDS 4", rb".{0,1000}?<Product_Observational", _references.check_xml_label),
    _format("VRT", "virtual raster", rb"\s*(<\?xml[^>]*>\s*)?<VRTDataset", _references.check_virtual),
)
ESRI = _format("EHdr", "ESRI BIL", rb"")


def sniff(path: Path, head: bytes) -> int:
    """The content of the file, or a label or ESRI header beside it that describes the file."""
    if path.is_dir() or not head:
        return Match.NO
    try:
        return Match.YES if _known(path, head) else Match.NO
    except ReadError:
        return Match.NO


def contents(path: Path) -> list[Entry]:
    """The one image of the file."""
    dataset, _, _ = _open(path)
    dtype = np.result_type(*map(np.dtype, dataset.dtypes))
    shape = (int(dataset.height), int(dataset.width), int(dataset.count))
    return [Entry(path.name, shape, dtype.name, "cube")]


def open_cube(path: Path, entry: str | None = None, params: object = None) -> Cube:
    """The image as a lazy cube. Raises ReadError."""
    dataset, place, known = _open(path)
    source = _raster.RasterSource(dataset, place)
    bands, notes = _raster.band_set(dataset)
    if bands.centres is None:
        beside, more = sidecar_bands(place, source.shape[2])
        bands, notes = (beside or bands, (*notes, *more))
    nodata, remark = _raster.nodata_of(dataset, source.dtype)
    told = () if place == path else (f"{path.name} was opened by {place.name}.",)
    return Cube(
        source,
        bands,
        name=path.stem,
        path=path,
        scale=_raster.scale_of(dataset),
        nodata=nodata,
        geo=_raster.georeference(dataset),
        default_bands=_raster.default_bands(dataset),
        meta={"format": known.title, **_raster.extra_tags(dataset)},
        notes=(*told, *notes, *remark),
    )


def open_source(path: Path) -> _raster.RasterSource:
    """The pixels alone, for those who put several images together. Raises ReadError."""
    dataset, place, _ = _open(path)
    return _raster.RasterSource(dataset, place)


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """The one band whole, (rows, cols): as stored where values are plain, else scaled with no-data as NaN."""
    return single_band(path, open_cube(path, entry))


def _open(path: Path) -> tuple[Any, Path, Format]:
    head = head_of(path, HEAD_BYTES)
    if not head or is_stand_in(head):
        refuse_stand_in(path, head)
    known = _known(path, head)
    if known is None:
        raise ReadError(f"{path.name} is none of the further raster formats.", hint="Choose another file.")
    place, kind = known
    if kind.check is not None:
        kind.check(place)
    if place.suffix.lower() == ".hdr":
        raise ReadError(
            f"{path.name} is an ESRI header, and its data file is missing.",
            hint=f"Put {path.stem}.bil into the same folder.",
        )
    dataset = _raster.open_raster(place, kind.driver)
    files = _raster.files_of(dataset, place)
    _references.check_files(place, files)
    _check_size(path, dataset, kind, files)
    return dataset, place, kind


def _check_size(path: Path, dataset: Any, kind: Format, files: list[str]) -> None:
    """Raise ReadError where the files cannot hold what their header claims."""
    if kind.densest is None:
        return
    values = int(dataset.height) * int(dataset.width) * int(dataset.count)
    claimed = values * max(np.dtype(name).itemsize for name in set(dataset.dtypes))
    there = sum(Path(name).stat().st_size for name in files if Path(name).is_file())
    if claimed > kind.densest * there:
        raise ReadError(
            f"{path.name} claims {dataset.height} lines × {dataset.width} samples × {dataset.count} bands, "
            f"more than {there} bytes can hold.",
            hint="It is damaged or incomplete: copy it again.",
        )


def _known(path: Path, head: bytes) -> tuple[Path, Format] | None:
    """(file to be opened, its format) by the content, or by what lies beside it."""
    own = _by_content(head)
    if own is not None:
        return path, own
    if path.suffix.lower() == ".hdr" and _is_esri(head):
        return next(iter(_beside(path, _ESRI_DATA)), path), ESRI
    header = header_beside(path) if path.suffix.lower() in _ESRI_DATA else None
    if header is not None and _is_esri(head_of(header, HEAD_BYTES)):
        return path, ESRI
    for label in _beside(path, _LABELS):
        text = head_of(label, _references.LONGEST_LABEL)
        kind = _by_content(text[:HEAD_BYTES])
        if kind is not None and kind.driver in ("PDS", "PDS4", "ISIS3") and path.name.lower().encode() in text.lower():
            return label, kind
    return None


def _by_content(head: bytes) -> Format | None:
    return next((kind for kind in FORMATS if kind.pattern.match(head)), None)


def _is_esri(head: bytes) -> bool:
    """Whether a text has the keys of an ESRI header, which has no equals signs."""
    words = set(head.lower().split())
    return b"nrows" in words and b"ncols" in words and b"\0" not in head


def _beside(path: Path, suffixes: tuple[str, ...]) -> list[Path]:
    names = (path.with_suffix(spelling) for suffix in suffixes for spelling in (suffix, suffix.upper()))
    return [name for name in names if name != path and name.is_file()]


SPEC = ReaderSpec(
    id="gdal",
    title="GDAL rasters",
    extensions=(
        ".img", ".lan", ".gis", ".pix", ".ntf", ".nitf", ".jp2", ".j2k", ".lbl", ".cub", ".vic", ".xml", ".bil", ".bip",
        ".bsq", ".flt", ".vrt", ".png", ".jpg", ".jpeg",
    ),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    summary="ERDAS, PCI, ESRI BIL, NITF, JPEG 2000, PDS, ISIS, VICAR, virtual rasters and pictures.",
)  # fmt: skip
