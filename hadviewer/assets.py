"""Where the resources lie: beside the package in the source tree, inside it in an installed program."""

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def resources() -> Path:
    """The folder of icons, help pages and samples."""
    installed = _HERE / "_resources"
    return installed if installed.is_dir() else _HERE.parent / "resources"


def resource(*parts: str) -> Path:
    """A file in it; raises FileNotFoundError naming what is missing."""
    path = resources().joinpath(*parts)
    if not path.exists():
        raise FileNotFoundError(f"the program's own file {'/'.join(parts)} is missing: install it again")
    return path
