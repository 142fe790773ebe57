"""Rasters that name other files: only files of their own folder are followed, before GDAL is asked to open anything."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._files import head_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

LONGEST_LABEL = 2**20
LONGEST_XML = 8 * 2**20
_POINTER = re.compile(rb"^\s*(?:\^\w+|\w*FILE_NAME)\s*=\s*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_SOURCES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\x89PNG", b"\xff\xd8\xff", b"EHFA_HEADER_TAG", b"\0\0\0\x0cjP  ")
_DOMAINS = ("", "ENVI", "IMAGERY", "IMAGE_STRUCTURE", "RPC", "DERIVED_SUBDATASETS", "COLOR_PROFILE")
# Elements of a virtual raster that neither compute nor name files, apart from SourceFilename.
_PLAIN = {
    "VRTDataset", "SRS", "GeoTransform", "Metadata", "MDI", "VRTRasterBand", "Description", "NoDataValue",
    "ColorInterp", "UnitType", "Offset", "Scale", "SimpleSource", "ComplexSource", "SourceFilename", "SourceBand",
    "SourceProperties", "SrcRect", "DstRect", "NODATA", "ScaleOffset", "ScaleRatio", "BlockXSize", "BlockYSize",
    "HideNoDataValue", "Histograms", "HistItem", "HistMin", "HistMax", "BucketCount", "IncludeOutOfRange",
    "Approximate", "HistCounts", "GCPList", "GCP", "CategoryNames", "Category", "ColorTable", "Entry", "UseMaskBand",
}  # fmt: skip


def check_label(path: Path) -> None:
    """Raise ReadError when a label of PDS, ISIS or VICAR points to a file outside its own folder."""
    for match in _POINTER.finditer(head_of(path, LONGEST_LABEL)):
        if b"/" in match[1] or b"\\" in match[1]:
            raise outside(path, match[1].decode("latin-1").strip(' ()"'))


def check_xml_label(path: Path) -> None:
    """The same for the XML label of PDS4."""
    for element in read_xml(path).iter():
        text = element.text or ""
        if element.tag.rpartition("}")[2] == "file_name" and ("/" in text or "\\" in text):
            raise outside(path, text.strip())


def check_virtual(path: Path) -> None:
    """Raise ReadError unless a virtual raster is put together plainly from images below its own folder."""
    for element in read_xml(path).iter():
        where = element.get("domain", "") if element.tag == "Metadata" else ""
        if element.tag not in _PLAIN or element.get("subClass") or where not in _DOMAINS:
            what = " ".join((element.get("subClass") or where or element.tag).split())
            raise ReadError(
                f"{path.name} is a virtual raster with '{what[:40]}', which this program does not follow.",
                hint="Compute it first, for example with: gdal_translate in.vrt out.tif",
            )
        if element.tag == "SourceFilename":
            _check_source(path, (element.text or "").strip(), relative=element.get("relativeToVRT") == "1")


def check_files(path: Path, files: list[str]) -> None:
    """Raise ReadError when an opened raster consists of files outside its own folder."""
    folder = path.parent.absolute()
    for name in files:
        place = Path(name).absolute()
        if not place.is_relative_to(folder) or ".." in place.relative_to(folder).parts:
            raise outside(path, name)


def read_xml(path: Path) -> "Element":
    """The root of an XML file without declarations of its own. Raises ReadError."""
    from xml.etree import ElementTree as ET

    raw = head_of(path, LONGEST_XML + 1)
    if len(raw) > LONGEST_XML or b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ReadError(f"{path.name} is no plain XML file of a size to be expected.", hint="Download it again.")
    try:
        return ET.fromstring(raw)  # noqa: S314 - without declarations, so nothing in it can expand
    except (ET.ParseError, ValueError, LookupError) as error:
        raise ReadError(f"{path.name} is damaged: {error}.", hint="Download it again.") from None


def outside(path: Path, name: str) -> ReadError:
    """The sentence for a file that refers to one elsewhere."""
    return ReadError(
        f"{path.name} refers to {name[:200]!r}, which is not in its own folder.",
        hint="Put both into one folder and name the other without a path.",
    )


def _check_source(path: Path, name: str, *, relative: bool) -> None:
    shown = " ".join(name.split())[:200]
    folder = path.resolve().parent
    place = folder / name if relative else Path(name)
    try:
        inside = bool(name) and place.is_absolute() and place.resolve().is_relative_to(folder)
        there = inside and place.is_file()
    except (OSError, ValueError):
        inside = there = False
    if not inside:
        raise outside(path, name)
    if not there:
        raise ReadError(f"{path.name} refers to {shown}, which is not there.", hint="Put it into the same folder.")
    if not head_of(place).startswith(_SOURCES):
        raise ReadError(
            f"{path.name} refers to {shown}, which is no TIFF, PNG, JPEG, JPEG 2000 or ERDAS image.",
            hint="Convert it first, for example with: gdal_translate",
        )
