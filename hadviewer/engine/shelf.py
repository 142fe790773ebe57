"""The spectral libraries that are open beside a scene."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hadviewer.core.library import SpectralLibrary

if TYPE_CHECKING:
    from hadviewer.engine.session import Session


@dataclass(frozen=True, eq=False)
class ShelvedLibrary:
    """An open library."""

    id: int
    library: SpectralLibrary


class Shelf:
    """The open libraries of a session, which another scene does not close; each change is one step to undo."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def find(self, library_id: int) -> SpectralLibrary | None:
        """The library with this id."""
        return next((item.library for item in self._session.state.libraries if item.id == library_id), None)

    def add(self, libraries: Sequence[SpectralLibrary]) -> None:
        """Put libraries on the shelf; one from the same file takes the place of the one before."""
        if not libraries:
            return
        present = self._session.state.libraries
        sources = {library.source for library in libraries if library.source is not None}
        kept = tuple(item for item in present if item.library.source not in sources)
        number = max((item.id for item in present), default=0)
        added = tuple(ShelvedLibrary(number + place, library) for place, library in enumerate(libraries, 1))
        title = libraries[0].name if len(libraries) == 1 else f"{len(libraries)} libraries"
        self._session.change(f"Open {title}", libraries=(*kept, *added))

    def remove(self, library_id: int) -> None:
        """Take a library away; spectra collected from it stay."""
        library = self.find(library_id)
        if library is not None:
            left = tuple(item for item in self._session.state.libraries if item.id != library_id)
            self._session.change(f"Close {library.name}", libraries=left)
