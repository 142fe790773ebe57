"""EnMAP L1B, L1C and L2A: an image with wavelengths, gains and offsets in METADATA.XML, as folder, zip or file."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Scale
from hadviewer.core.errors import ReadError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import Entry, Match, ReaderSpec
from hadviewer.io.readers import _products
from hadviewer.io.readers._joined import JoinedSource
from hadviewer.io.readers._references import read_xml
from hadviewer.io.readers._wavelengths import in_nanometres

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

METADATA = "METADATA.XML"
_DETECTORS = ("vnir", "swir")


class EnmapParams(Params):
    """Which of the two detectors to take where both have measured the same wavelengths."""

    detector: Literal["both", "vnir", "swir"] = field(
        "both", "Detector", help="Both measure between 900 and 1000 nm, where their bands alternate."
    )


def sniff(path: Path, head: bytes) -> int:
    """The metadata file by its content; image, folder and archive by the names they have together."""
    if path.name.upper().endswith(METADATA):
        return Match.PRODUCT if b"<level_X" in head else Match.NO
    if not (path.is_dir() or path.suffix.lower() == ".zip" or _products.is_image_name(path.name)):
        return Match.NO
    try:
        names = [name.upper() for name in _products.names_at(path, head)]
    except ReadError:
        return Match.NO
    if any("DESIS" in name for name in names) or not any(name.endswith(METADATA) for name in names):
        return Match.NO
    return Match.PRODUCT if any(_products.is_image_name(name) for name in names) else Match.NO


def contents(path: Path) -> list[Entry]:
    """The image, or those of the two detectors in L1B."""
    product = _products.find(path, METADATA)
    cubes = {image.name: _products.open_image(image) for image in product.images}
    return [Entry(name, cube.shape, cube.dtype.name, "cube") for name, cube in cubes.items()]


def open_cube(path: Path, entry: str | None = None, params: EnmapParams | None = None) -> Cube:
    """The image with what its metadata say. Raises ReadError."""
    detector = (params or EnmapParams()).detector
    product = _products.find(path, METADATA)
    image = product.image(path, entry)
    cube = _products.open_image(image)
    table = _table(product.metadata).of(image)
    if len(table.centres) != cube.shape[2]:
        raise ReadError(
            f"{product.metadata.name} describes {len(table.centres)} bands, and {image.name} has {cube.shape[2]}.",
            hint="Put the metadata of this image into its folder.",
        )
    if detector != "both":
        chosen = table.detectors.get(detector) or []
        if not chosen or max(chosen) >= cube.shape[2]:
            raise ReadError(
                f"{product.metadata.name} does not say which bands of {image.name} are of the detector {detector}.",
                hint="Leave the reader option detector at both.",
            )
        source = JoinedSource([cube.source], [(0, band) for band in chosen])
        cube, table = replace(cube, source=source, bands=cube.bands.take(chosen)), table.part(chosen)
    found = in_nanometres(table.centres, "nm", table.widths)
    bands = found.bands(cube.shape[2], cube.bands.names, cube.bands.mask)
    reflectance = table.level.startswith("L2")
    return replace(
        cube,
        bands=bands,
        name=path.stem if not path.is_dir() else path.name,
        path=path,
        scale=Scale(table.gains, table.offsets, METADATA),
        nodata=cube.nodata if cube.nodata is not None else _fitting(table.background, cube.dtype),
        quantity="Reflectance" if reflectance else "Radiance",
        unit="" if reflectance else "W/(m² sr nm)",
        meta={**cube.meta, "format": f"EnMAP {table.level}".strip()},
        notes=_products.joined(cube.notes, *found.notes, table.overlap()),
    )


def open_array(path: Path, entry: str | None = None) -> NDArray[Any]:
    """No map: an EnMAP image has many bands."""
    raise ReadError(f"{path.name} is an EnMAP product, not a mask or score map.", hint="Choose another file.")


@dataclass(frozen=True, eq=False)
class _Table:
    """What the metadata say of each band, and which bands by rising wavelength (0-based) each detector has."""

    level: str
    centres: NDArray[np.float64]
    widths: NDArray[np.float64]
    gains: NDArray[np.float64]
    offsets: NDArray[np.float64]
    background: float | None
    detectors: dict[str, list[int]]

    def of(self, image: Path) -> "_Table":
        """The part for the image of one detector, which L1B has: there all bands of VNIR stand first."""
        count = len(self.detectors["vnir"])
        for name, part in (("vnir", slice(0, count)), ("swir", slice(count, None))):
            if image.stem.upper().endswith(f"_{name.upper()}"):
                return self.part(part)
        return self

    def part(self, chosen: slice | list[int]) -> "_Table":
        """Some of the bands, all of one detector."""
        columns = {key: getattr(self, key)[chosen] for key in ("centres", "widths", "gains", "offsets")}
        return replace(self, **columns, detectors={})

    def overlap(self) -> str:
        """A remark on wavelengths that both detectors measured."""
        vnir, swir = (self.detectors.get(name) or [] for name in _DETECTORS)
        if not vnir or not swir or max(*vnir, *swir) >= len(self.centres) or min(*vnir, *swir) < 0:
            return ""
        low, high = self.centres[swir].min(), self.centres[vnir].max()
        if low >= high:
            return ""
        return f"Between {low:.0f} and {high:.0f} nm both detectors of EnMAP measured; their bands alternate there."


def _table(path: Path) -> _Table:
    root = read_xml(path)
    items = root.findall("specific/bandCharacterisation/bandID")
    if not items:
        raise ReadError(f"{path.name} describes no bands, as that of EnMAP does.", hint="Download the product again.")
    try:
        names = ("wavelengthCenterOfBand", "FWHMOfBand", "GainOfBand", "OffsetOfBand")
        columns = np.array([[float(item.findtext(name, "")) for name in names] for item in items]).T
    except ValueError:
        columns = np.full((4, 1), np.nan)
    if not np.isfinite(columns).all():
        raise ReadError(f"{path.name} has bands without wavelength, width or gain.", hint="Download the product again.")
    level = (root.findtext("specific/code") or "").strip()
    background = _number(root.findtext("specific/backgroundValue"))
    detectors = {name: _numbers(root, name) for name in _DETECTORS}
    return _Table(level, columns[0], columns[1], columns[2], columns[3], background, detectors)


def _numbers(root: "Element", detector: str) -> list[int]:
    """The 0-based bands of a detector, empty where the list is none."""
    text = root.findtext(f"specific/{detector}ProductQuality/expectedChannelsList") or ""
    words = text.replace(",", " ").split()
    sound = all(word.isascii() and word.isdigit() and len(word) < 6 for word in words)
    return [int(word) - 1 for word in words] if sound else []


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and np.isfinite(value) else None


def _fitting(value: float | None, dtype: np.dtype[Any]) -> float | None:
    """A no-data value where the type can hold it."""
    if value is None or dtype.kind not in "iu":
        return value
    limits = np.iinfo(dtype)
    return value if limits.min <= value <= limits.max and value == int(value) else None


SPEC = ReaderSpec(
    id="enmap",
    title="EnMAP product",
    extensions=(".xml", ".zip", ".tif", ".bsq", ".jp2"),
    sniff=sniff,
    contents=contents,
    open=open_cube,
    open_array=open_array,
    home=lambda path: _products.home(path, METADATA),
    params=EnmapParams,
    summary="Products of the EnMAP mission as folder, zip archive, image or METADATA.XML.",
)
