"""The plain data that passes between the controllers of libraries and bad bands and their views."""

from dataclasses import dataclass

LibraryPlace = tuple[int, int]
"""The id of a library and the row of a spectrum in it."""


@dataclass(frozen=True)
class LibraryRows:
    """An open library: the names of its spectra, and where it comes from."""

    id: int
    title: str
    names: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True)
class Choice:
    """Something to choose: ``id`` as the controller knows it."""

    id: str
    title: str
    help: str = ""


@dataclass(frozen=True)
class BandRow:
    """A band in the table of bad bands; ``reasons`` say why it might be bad, '' where nothing speaks against it."""

    label: str
    usable: bool
    snr: float | None = None
    reasons: str = ""
