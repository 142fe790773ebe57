"""Commands of the Edit menu."""

from hadviewer.gui.action_tables.row import Action

EDIT: tuple[Action, ...] = (
    Action("undo", "Undo", "Edit", "Ctrl+Z", "Take back the last change", "undo", "undo", toolbar=True),
    Action("redo", "Redo", "Edit", "Ctrl+Shift+Z", "Do again what was undone", "redo", "redo", toolbar=True),
    Action(
        "clear_pins",
        "Remove all spectra",
        "Edit",
        "Ctrl+Shift+Del",
        "Remove every collected spectrum",
        "trash",
        "scene",
        separator=True,
    ),
    Action(
        "bad_bands",
        "Bad bands…",
        "Edit",
        "Ctrl+B",
        "Which bands composites, plots, statistics and detectors leave out",
        needs="scene",
        separator=True,
    ),
    Action(
        "suggest_bad_bands", "Suggest bad bands", "Edit", "", "Look for noise, saturation and stripes", needs="scene"
    ),
    Action("preferences", "Preferences…", "Edit", "Ctrl+,", "Theme and memory", separator=True),
)
