"""What the editor of keyboard shortcuts shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyRow:
    """A command with its place in the menus and its keys as people read them; ``changed`` by the user or not."""

    id: str
    text: str
    place: str
    keys: str
    tip: str = ""
    changed: bool = False
