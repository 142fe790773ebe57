"""Commands of the Help menu."""

from hadviewer.gui.action_tables.row import Action

HELP: tuple[Action, ...] = (
    Action("manual", "Manual", "Help", "F1", "How to use the program", "info"),
    Action("shortcuts", "Keyboard shortcuts", "Help", "Ctrl+Alt+/", "Every command and its keys"),
    Action("about", "About hadviewer", "Help", "", "Version and licence", separator=True),
)
