"""The steps of the tour, each at the widgets it is about."""

from typing import TYPE_CHECKING

from PyQt6.QtCore import QPoint, QRect
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.action_tables import ACTIONS
from hadviewer.gui.keys import shown

if TYPE_CHECKING:
    from hadviewer.gui.controllers.tour import Step
    from hadviewer.gui.workbench import Workbench

STEPS = (
    (
        "tool:open",
        "Open a cube",
        (
            "Without a file the program shows a computed demo scene with hidden objects. Open a cube of your own "
            "here{open}, or drop a file on the window. What a file is, its content tells."
        ),
    ),
    (
        "dock:display",
        "Choose bands",
        (
            "True colour, infrared, one band in grey or components; below it the stretch, with a histogram to "
            "drag. In grey, Left and Right on the image step from band to band."
        ),
    ),
    (
        "dock:spectrum",
        "Look at spectra",
        (
            "Point at the image: the spectrum of the pixel is here, live. A click keeps the crosshair there, "
            "Shift+click collects the spectrum{collect_spectrum}."
        ),
    ),
    (
        "dock:detect",
        "Run a detector",
        (
            "Automatic needs no settings and is the first choice. Run{run} works in the background: its score map "
            "appears as a layer over the image."
        ),
    ),
    (
        "dock:threshold",
        "Set a threshold",
        (
            "Drag the line in the histogram, or choose a rule; Show mask{toggle_mask} marks the pixels above it. "
            "Small objects can be left out, gaps closed."
        ),
    ),
    (
        "dock:review",
        "Review the objects",
        (
            "Every object of the mask is a row: the arrow keys go from one to the next, Y says it is a target, N "
            "a false alarm. The image shows what you decided."
        ),
    ),
    (
        "menu:File",
        "Take it along",
        (
            "The File menu writes a report, a page with pictures, figures and objects; exports maps and objects; "
            "and saves the session. Help > Find a command{palette} lists all that can be done, Help > "
            "Manual{manual} opens at what has the keyboard."
        ),
    ),
)
"""Where in the window, title, text; a command in braces stands for its keys."""


def assemble_tour(bench: "Workbench") -> None:
    """Build the bubble and its controller."""
    from hadviewer.gui.controllers.tour import TourController
    from hadviewer.gui.views.tour_view import TourView

    def keep() -> None:
        bench.store.update(tour_seen=True)

    view = bench.tour_view = TourView(bench.window)
    steps = [_step(bench, *step) for step in STEPS]
    bench.tour = TourController(view, steps, bench.store.settings.tour_seen, keep)


def _step(bench: "Workbench", where: str, title: str, text: str) -> "Step":
    from hadviewer.gui.controllers.tour import Step

    kind, _, name = where.partition(":")
    actions = bench.commands.actions

    def say() -> str:
        keys = {spec.id: shown(actions.keys_of(spec.id)) for spec in ACTIONS}
        return text.format_map({name: f" ({key})" if key else "" for name, key in keys.items()})

    def prepare() -> None:
        if kind == "dock":
            bench.window.raise_dock(name)

    def place() -> QRect:
        if kind == "menu":
            return _menu_place(bench, name)
        widget = bench.window.docks[name] if kind == "dock" else actions.toolbar.widgetForAction(actions.by_id[name])
        return _place(bench.window, widget)

    return Step(title, say, prepare, place)


def _place(window: QWidget, widget: QWidget | None) -> QRect:
    """Where a widget is in the window."""
    return QRect() if widget is None else QRect(widget.mapTo(window, QPoint()), widget.size())


def _menu_place(bench: "Workbench", name: str) -> QRect:
    """Where the title of a menu is."""
    bar, action = bench.window.menuBar(), bench.commands.actions.menus[name].menuAction()
    return bar.actionGeometry(action).translated(bar.pos()) if bar is not None else QRect()
