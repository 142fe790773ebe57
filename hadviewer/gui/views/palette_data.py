"""What the command palette shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PaletteRow:
    """Something that can be done: its name, its place ('View > Bands'), its keys as people read them.

    ``reason`` says why it cannot be done now; '' where it can.
    """

    text: str
    place: str = ""
    keys: str = ""
    tip: str = ""
    reason: str = ""
