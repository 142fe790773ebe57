"""Products of a mission: an image and the file that describes it, found from either, from their folder or archive."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.io.readers import _archives, envi, gdal, geotiff
from hadviewer.io.readers._files import head_of, unreadable

IMAGE = "SPECTRAL_IMAGE"
IMAGE_EXTENSIONS = (".tif", ".tiff", ".bsq", ".bil", ".bip", ".jp2", ".img", ".dat")


@dataclass(frozen=True)
class Product:
    """The files of one product: its ``images`` and the file with its ``metadata``."""

    images: tuple[Path, ...]
    metadata: Path

    def image(self, path: Path, entry: str | None) -> Path:
        """The image called ``entry``, else the one ``path`` names, else the first."""
        wanted = entry or path.name
        found = next((item for item in self.images if item.name == wanted), None)
        if found is None and entry is not None:
            names = ", ".join(item.name for item in self.images)
            raise ReadError(f"{path.name} has no entry {entry!r}.", hint=f"It holds {names}.")
        return found or self.images[0]


def is_image_name(name: str) -> bool:
    """Whether a file is the image of a product rather than one of its many masks."""
    stem, _, suffix = name.upper().rpartition(".")
    return stem.endswith((IMAGE, f"{IMAGE}_VNIR", f"{IMAGE}_SWIR")) and f".{suffix.lower()}" in IMAGE_EXTENSIONS


def names_at(path: Path, head: bytes) -> list[str]:
    """The names of the files that could belong to the product at ``path``: a folder, an archive, or a file of it."""
    if head.startswith(_archives.MAGIC) and path.suffix.lower() == ".zip":
        return _archives.members(path)
    return [item.name for item in _files(path)]


def find(path: Path, metadata_ending: str) -> Product:
    """The product at ``path``, whose describing file ends so (upper case). Raises ReadError naming what is missing."""
    where, own = path, path.name
    if not path.is_dir() and head_of(path, 4) == _archives.MAGIC:
        where, own = _archives.unpack(path, lambda name: _belongs(name, metadata_ending)), ""
    files = _files(where)
    if where.is_dir():
        own = ""
    described = [item for item in files if item.name.upper().endswith(metadata_ending)]
    images = [item for item in files if is_image_name(item.name)]
    if own:
        prefix = _prefix(own)
        described, images = ([item for item in group if _prefix(item.name) == prefix] for group in (described, images))
    if not described or not images:
        missing = f"the file ending in {metadata_ending}" if not described else f"the image called {IMAGE}"
        raise ReadError(f"{path.name} is a product without {missing}.", hint="Put it into the same folder.")
    chosen = _prefix(described[0].name)
    matching = [item for item in images if _prefix(item.name) == chosen] or images
    matching.sort(key=lambda item: (item != path, "SWIR" in item.stem.upper()))
    return Product(tuple(matching), described[0])


def home(path: Path, metadata_ending: str) -> Path:
    """The file that stands for the product: the one that describes it, or the archive."""
    packed = not path.is_dir() and head_of(path, 4) == _archives.MAGIC
    return path if packed else find(path, metadata_ending).metadata


def open_image(image: Path) -> Cube:
    """The image of a product as its own format has it."""
    head = head_of(image)
    if geotiff.sniff(image, head) or not head:
        return geotiff.open_cube(image)
    return gdal.open_cube(image) if gdal.sniff(image, head) else envi.open_cube(image)


def _files(path: Path) -> list[Path]:
    """The files of a folder, or of the one folder in it, or those beside a file."""
    folder = path if path.is_dir() else path.parent
    try:
        items = sorted(folder.iterdir())
        inner = [item for item in items if item.is_dir()]
        if path.is_dir() and len(inner) == 1 and not any(is_image_name(item.name) for item in items):
            items += sorted(inner[0].iterdir())
        return [item for item in items if item.is_file()]
    except OSError as error:
        raise unreadable(folder, error) from None


def _prefix(name: str) -> str:
    """What the names of a product's files have in common."""
    upper = name.upper()
    return next((upper[: upper.index(word)] for word in (IMAGE, "METADATA") if word in upper), upper)


def _belongs(name: str, metadata_ending: str) -> bool:
    upper = name.upper()
    return is_image_name(name) or upper.endswith((metadata_ending, f"{IMAGE}.HDR"))


def joined(notes: Sequence[str], *more: str) -> tuple[str, ...]:
    """Remarks without repeats or gaps."""
    return tuple(dict.fromkeys(note for note in (*notes, *more) if note))
