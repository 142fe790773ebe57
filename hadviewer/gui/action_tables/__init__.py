"""Every command of the window, described once, in one table for each menu; a new command is a row in one of them."""

from hadviewer.gui.action_tables.detection import DETECTION
from hadviewer.gui.action_tables.edit import EDIT
from hadviewer.gui.action_tables.file import FILE
from hadviewer.gui.action_tables.help import HELP
from hadviewer.gui.action_tables.roi import ROI
from hadviewer.gui.action_tables.row import Action
from hadviewer.gui.action_tables.view import VIEW
from hadviewer.gui.action_tables.window import WINDOW

__all__ = ["ACTIONS", "CHOICES", "MENUS", "Action"]

ACTIONS: tuple[Action, ...] = (*FILE, *EDIT, *VIEW, *ROI, *DETECTION, *WINDOW, *HELP)
CHOICES = ("views_", "flicker_", "theme_")
"""Of the commands whose names begin alike one is ticked."""
MENUS = ("File", "Edit", "View", "ROI", "Detection", "Window", "Help")
