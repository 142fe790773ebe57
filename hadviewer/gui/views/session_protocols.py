"""What saving, opening and recovering sessions may ask of the window."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hadviewer.engine.session_file import Viewing

Answer = Callable[[str], None]


class SessionDialogsLike(Protocol):
    """The questions about sessions. ``answer`` is told the name of one choice, such as 'save' or 'discard', once."""

    def ask_to_save(self, name: str, answer: Answer) -> None: ...
    def ask_to_stop(self, running: list[str], answer: Answer) -> None: ...
    def offer_recovery(self, name: str, kept: str, answer: Answer) -> None: ...
    def choose_target(self, suggestion: Path) -> Path | None: ...
    def choose_session(self) -> Path | None: ...
    def find_cube(self, missing: Path) -> Path | None: ...


class SightLike(Protocol):
    """Where the window looks."""

    def viewing(self) -> "Viewing": ...
    def look(self, viewing: "Viewing") -> None: ...
