"""Which header belongs to which data file."""

from pathlib import Path

from hadviewer.core.errors import ReadError
from hadviewer.io.readers._envi_header import EnviHeader, is_envi_text
from hadviewer.io.readers._files import head_of, unreadable

# In the order they are tried; '' is the stem itself: 'scene' beside 'scene.hdr', 'scene.img' beside 'scene.img.hdr'.
DATA_EXTENSIONS = (
    "", "img", "dat", "raw", "bsq", "bil", "bip", "bin", "sli", "hyspex", "pix", "cube", "envi", "rfl", "rdn",
)  # fmt: skip


def header_beside(path: Path) -> Path | None:
    """The file X.ext.hdr or X.hdr beside the data file X.ext, in any case; None when there is none."""
    wanted = [f"{path.name}.hdr", f"{path.stem}.hdr"]
    for name in wanted:
        for spelling in (name, f"{name[:-4]}.HDR"):
            candidate = path.with_name(spelling)
            if candidate != path and candidate.is_file():
                return candidate
    names = _names_beside(path)
    return next((path.with_name(names[name.lower()]) for name in wanted if name.lower() in names), None)


def resolve_pair(path: Path) -> tuple[Path, Path | None]:
    """(header, data) for either of the two files; data is None when ``path`` is the header. Raises ReadError."""
    if path.suffix.lower() == ".hdr" or is_envi_text(head_of(path)):
        return path, None
    header = header_beside(path)
    if header is None:
        raise ReadError(
            f"{path.name} has no ENVI header beside it.",
            hint=f"Put {path.stem}.hdr into the same folder, or choose a file of another format.",
        )
    return header, path


def find_data(header_path: Path, header: EnviHeader, needed: int) -> Path:
    """The data file of a header: the one whose size is right, else the first in the usual order. Raises ReadError."""
    stem = header_path.name[: -len(".hdr")] if header_path.suffix.lower() == ".hdr" else header_path.stem
    names = _names_beside(header_path)
    usual = [f"{stem}.{extension}".rstrip(".").lower() for extension in DATA_EXTENSIONS]
    order = [names[name] for name in usual if name in names]
    others = [real for name, real in names.items() if name.startswith(f"{stem.lower()}.") and real not in order]
    by_size = [name for name in [*order, *sorted(others)] if _size(header_path.with_name(name)) == needed]
    chosen = next((name for name in [*by_size, *order] if name != header_path.name), None)
    if chosen is not None:
        if len(order) > 1 or chosen not in order:
            header.notes.append(f"The data file {chosen} was chosen among those beside the header.")
        return header_path.with_name(chosen)
    raise ReadError(
        f"The data file of {header_path.name} is missing: there is no {stem}, {stem}.img, {stem}.dat or the like.",
        hint="Put it into the same folder as the header.",
    )


def tiff_beside(header: Path) -> str:
    """The name of the TIFF file that a header describes, as far as it can be found."""
    stem = header.name[: -len(".hdr")].lower()
    for name, real in _names_beside(header).items():
        if name.startswith(stem) and head_of(header.with_name(real), 4) in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
            return real
    return f"{header.stem}.tif"


def is_data_name(data: Path, header: Path) -> bool:
    """Whether the names alone make ``data`` the data file of ``header``: X.ext.hdr, or a usual extension."""
    full = header.name.lower() == f"{data.name.lower()}.hdr"
    return full or data.suffix.lower().lstrip(".") in DATA_EXTENSIONS


def _names_beside(path: Path) -> dict[str, str]:
    """Files in the same folder by lower-case name."""
    try:
        return {item.name.lower(): item.name for item in sorted(path.parent.iterdir()) if item.is_file()}
    except OSError as error:
        raise unreadable(path.parent, error) from None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
