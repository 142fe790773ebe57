"""One row of the table of commands."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Action:
    """A command: ``menu`` is its place ('File', 'View/Theme'), ``needs`` what must exist for it to make sense.

    ``needs`` is '', 'scene', 'result', 'jobs', 'undo' or 'redo'.
    """

    id: str
    text: str
    menu: str
    shortcut: str = ""
    tip: str = ""
    icon: str = ""
    needs: str = ""
    toolbar: bool = False
    checkable: bool = False
    separator: bool = False

    @property
    def place(self) -> str:
        """Where it stands in the menus, as users read it: 'View > Theme'."""
        return self.menu.replace("/", " > ")
