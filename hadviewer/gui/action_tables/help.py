"""Commands of the Help menu."""

from hadviewer.gui.action_tables.row import Action

HELP: tuple[Action, ...] = (
    Action("manual", "Manual", "Help", "F1", "How to use the program; opens at what has the keyboard", "info"),
    Action("tour", "Tour", "Help", "", "The way from an open scene to a report, in a few steps"),
    Action(
        "palette",
        "Find a command…",
        "Help",
        "Ctrl+Shift+P",
        "Type what you want to do: commands, docks, detectors, recent files, bands, places",
        "search",
        separator=True,
    ),
    Action("shortcuts", "Keyboard shortcuts", "Help", "Ctrl+Alt+/", "Every command and its keys"),
    Action("edit_shortcuts", "Change keyboard shortcuts…", "Help", "", "Give commands other keys"),
    Action("about", "About hadviewer", "Help", "", "Version and licence", separator=True),
)
