"""Commands of the Window menu; the docks stand before them."""

from hadviewer.gui.action_tables.row import Action

WINDOW: tuple[Action, ...] = (
    Action("reset_layout", "Reset layout", "Window", "", "Put all docks back where they were at first"),
)
