"""Every command of the window, described once: menus, tool bar and shortcut sheet come from this table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMainWindow, QMenu, QWidget

from hadviewer.engine.display import STRETCHES
from hadviewer.gui.icons import icon


@dataclass(frozen=True)
class Action:
    """A command: ``menu`` is its place ('File', 'View/Theme'), ``needs`` what must exist for it to make sense.

    ``needs`` is '', 'scene', 'result', 'jobs', 'undo' or 'redo'. ``plain_key`` marks a shortcut without modifier, which
    must not fire while the user types.
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


ACTIONS: tuple[Action, ...] = (
    Action("open", "Open…", "File", "Ctrl+O", "Open a cube: ENVI, GeoTIFF, HDF5, MATLAB, NumPy", "open", toolbar=True),
    Action("open_demo", "Open demo scene", "File", "", "Open the scene that comes with the program"),
    Action(
        "open_library",
        "Open spectral library…",
        "File",
        "Ctrl+L",
        "Open library spectra: ENVI .sli, ASD, tables, USGS and ECOSTRESS text",
    ),
    Action(
        "open_session",
        "Open session…",
        "File",
        "Ctrl+Shift+O",
        "Go on with a saved session: its cube, results, marks and views as they were",
    ),
    Action(
        "save_session",
        "Save session",
        "File",
        "Ctrl+S",
        "Keep everything as it is now in one file",
        needs="scene",
        separator=True,
    ),
    Action(
        "save_session_as", "Save session as…", "File", "Ctrl+Shift+S", "Keep everything in another file", needs="scene"
    ),
    Action("import_truth", "Import truth…", "File", "Ctrl+T", "Load the mask of known anomalies", "truth", "scene"),
    Action(
        "scene_info", "Scene information", "File", "Ctrl+I", "Everything known about the open file", "info", "scene"
    ),
    Action(
        "export",
        "Export result…",
        "File",
        "Ctrl+E",
        "Write score map, mask, objects, picture and ROC of the selected result",
        "export",
        "result",
        toolbar=True,
    ),
    Action(
        "export_cube",
        "Export cube…",
        "File",
        "",
        "Write lines, samples and bands of the cube as ENVI or GeoTIFF",
        "export",
        "scene",
        separator=True,
    ),
    Action(
        "export_spectra",
        "Export spectra…",
        "File",
        "",
        "Write the spectra shown as a table, ENVI spectral library or text",
        "spectrum",
        "scene",
    ),
    Action("save_plot", "Save picture of the spectra…", "File", "", "The plot of spectra as PNG or SVG", needs="scene"),
    Action("report", "Report…", "File", "", "Write scene, maps, ROC and objects as one web page", needs="scene"),
    Action(
        "save_view",
        "Save picture of the view…",
        "File",
        "Ctrl+Shift+E",
        "Write the image as shown as PNG",
        needs="scene",
    ),
    Action("quit", "Quit", "File", "Ctrl+Q", "Close the program", separator=True),
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
    Action("preferences", "Preferences…", "Edit", "Ctrl+,", "Theme and memory"),
    Action("fit", "Fit to window", "View", "Ctrl+0", "Show the whole scene", "fit", "scene", toolbar=True),
    Action(
        "actual_size",
        "Actual size",
        "View",
        "Ctrl+1",
        "One image pixel per screen pixel",
        "one-to-one",
        "scene",
        toolbar=True,
    ),
    Action("zoom_in", "Zoom in", "View", "+", "Zoom in", "zoom-in", "scene", toolbar=True),
    Action("zoom_out", "Zoom out", "View", "-", "Zoom out", "zoom-out", "scene", toolbar=True),
    Action("mode_true", "True colour", "View/Bands", "Alt+1", "Bands near 650, 550 and 470 nm", needs="scene"),
    Action("mode_cir", "Colour infrared", "View/Bands", "Alt+2", "Bands near 860, 650 and 550 nm", needs="scene"),
    Action("mode_swir", "Shortwave infrared", "View/Bands", "Alt+3", "Bands near 2200, 1650 and 860 nm", needs="scene"),
    Action("mode_grey", "Grey, one band", "View/Bands", "Alt+4", "One band in grey", needs="scene"),
    Action("mode_pca", "Principal components", "View/Bands", "Alt+5", "The first three in colour", needs="scene"),
    Action("mode_mnf", "Minimum noise fraction", "View/Bands", "Alt+6", "Components of most signal", needs="scene"),
    Action(
        "band_previous", "Previous band", "View/Bands", "Left", "Grey: the band before", needs="scene", separator=True
    ),
    Action("band_next", "Next band", "View/Bands", "Right", "Grey: the band after", needs="scene"),
    Action("band_play", "Play the bands", "View/Bands", "P", "Grey: band after band; again pauses", needs="scene"),
    *(
        Action(f"stretch_{kind}", title, "View/Stretch", "", tip, needs="scene")
        for kind, (title, tip) in STRETCHES.items()
    ),
    Action("auto_stretch", "Auto stretch", "View/Stretch", "C", "Cut 2 % at both ends of every channel", needs="scene"),
    Action(
        "tool_browse",
        "Browse",
        "View/Tool",
        "1",
        "Drag to look at spectra on the way; with Shift collect them",
        "browse",
        "scene",
        toolbar=True,
        checkable=True,
    ),
    Action("tool_hand", "Hand", "View/Tool", "2", "Drag to move the image", "hand", "scene", True, True),
    Action(
        "tool_profile",
        "Profile line",
        "View/Tool",
        "8",
        "Drag a line to plot the values along it",
        "profile",
        "scene",
        True,
        True,
    ),
    Action(
        "collect_spectrum", "Collect spectrum", "View", "K", "Keep the spectrum under the crosshair", "pin", "scene"
    ),
    Action("goto", "Go to…", "View", "G", "Bring a line and sample or a map position to the middle", needs="scene"),
    Action("scale_bar", "Scale bar", "View", tip="Show how long a distance is, if the scene has a map", checkable=True),
    Action("north_arrow", "North arrow", "View", tip="Show where north is, where the scene has a map", checkable=True),
    Action(
        "toggle_layer",
        "Show or hide layer",
        "View",
        "V",
        "Show or hide the selected layer",
        "eye",
        "scene",
        separator=True,
    ),
    Action("layer_only", "Show only this layer", "View", "Shift+V", "Hide all other layers", needs="scene"),
    Action("opacity_down", "Layer less opaque", "View", "[", "Lower the opacity of the selected layer", needs="scene"),
    Action("opacity_up", "Layer more opaque", "View", "]", "Raise the opacity of the selected layer", needs="scene"),
    Action("flicker", "Flicker", "View/Compare", "F", "Show and hide the layer in turn; or hold it", needs="scene"),
    Action("swipe", "Swipe", "View/Compare", "S", "Draw a curtain between with and without the layer", needs="scene"),
    Action("flicker_1", "1 change a second", "View/Compare", checkable=True, separator=True),
    Action("flicker_2", "2 changes a second", "View/Compare", checkable=True),
    Action("flicker_4", "4 changes a second", "View/Compare", checkable=True),
    Action("flicker_8", "8 changes a second", "View/Compare", checkable=True),
    Action("overview", "Overview", "View", "O", "The whole scene in small, while it is not in sight", checkable=True),
    Action("views_1", "One view", "View/Views", "Ctrl+Alt+1", "One view of the scene", needs="scene", checkable=True),
    Action("views_2", "Two views", "View/Views", "Ctrl+Alt+2", "Two views side by side", needs="scene", checkable=True),
    Action("views_3", "Three views", "View/Views", "Ctrl+Alt+3", "Two views above one", needs="scene", checkable=True),
    Action("views_4", "Four views", "View/Views", "Ctrl+Alt+4", "Two by two views", needs="scene", checkable=True),
    Action("next_view", "Next view", "View/Views", "N", "Make the next view the active one", needs="scene"),
    Action(
        "link_views",
        "Link views",
        "View/Views",
        "L",
        "Zoom and move all views together",
        needs="scene",
        checkable=True,
        separator=True,
    ),
    Action(
        "link_map",
        "Link by map coordinates",
        "View/Views",
        "Shift+L",
        "Linked views show the same place on the map instead of the same line and sample",
        needs="scene",
        checkable=True,
    ),
    Action(
        "alike_views",
        "Same look in all views",
        "View/Views",
        "",
        "All views show the bands, stretch and layers of the active one",
        needs="scene",
        checkable=True,
    ),
    Action("cube_beside", "Another cube…", "View/Views", "", "Show it where it lies on the scene", needs="scene"),
    Action("scene_again", "Show the scene again", "View/Views", "", "Instead of another cube", needs="scene"),
    Action("theme_system", "As the system", "View/Theme", checkable=True, separator=True),
    Action("theme_light", "Light", "View/Theme", checkable=True),
    Action("theme_dark", "Dark", "View/Theme", checkable=True),
    Action("roi_new", "New ROI", "ROI", "Ctrl+Shift+N", "A region of interest for what is drawn next", needs="scene"),
    Action(
        "roi_rectangle",
        "Draw rectangle",
        "ROI",
        "3",
        "Draw rectangles into the selected region",
        "roi-rectangle",
        "scene",
        separator=True,
    ),
    Action("roi_polygon", "Draw polygon", "ROI", "4", "Draw polygons into the selected region", "roi-polygon", "scene"),
    Action("roi_brush", "Paint with a brush", "ROI", "5", "Paint the selected region", "roi-brush", "scene"),
    Action("roi_points", "Mark points", "ROI", "6", "Add single pixels to the selected region", "roi-points", "scene"),
    Action("roi_grow", "Grow from a pixel", "ROI", "7", "Add neighbours of like spectra", "roi-grow", "scene"),
    Action(
        "roi_from_mask",
        "ROI from the mask",
        "ROI",
        "",
        "Make a region of the threshold mask of the selected result",
        needs="result",
        separator=True,
    ),
    Action(
        "roi_from_range",
        "ROI from a range of values…",
        "ROI",
        "",
        "Make a region of all pixels whose score or band value lies in a range",
        needs="scene",
    ),
    Action("roi_open", "Open ROIs…", "ROI", "", "Read regions: GeoJSON, ENVI XML, ENVI's ASCII dump", needs="scene"),
    Action("roi_export", "Export ROIs…", "ROI", "", "Write all regions as GeoJSON or ENVI XML", needs="scene"),
    Action(
        "roi_averages",
        "Show ROI average spectra",
        "ROI",
        "Ctrl+Shift+A",
        "Collect the mean spectrum of every visible region",
        needs="scene",
        separator=True,
    ),
    Action(
        "roi_statistics", "ROI statistics…", "ROI", "", "Mean, spread and range of every visible region", needs="scene"
    ),
    Action(
        "run",
        "Run detector",
        "Detection",
        "Ctrl+R",
        "Run the chosen detector in the background",
        "run",
        "scene",
        toolbar=True,
    ),
    Action("cancel", "Cancel all runs", "Detection", "Ctrl+.", "Stop what runs and what waits", "cancel", "jobs"),
    Action(
        "toggle_mask",
        "Show mask",
        "Detection",
        "T",
        "Mark the pixels above the threshold",
        "threshold",
        "result",
        separator=True,
    ),
    Action("review", "Review objects", "Detection/Review", "Shift+R", "Look at objects one by one", needs="result"),
    Action("review_good", "Mark as good", "Detection/Review", "Y", "What was picked is a target", needs="result"),
    Action("review_bad", "Mark as bad", "Detection/Review", "X", "What was picked is a false alarm", needs="result"),
    Action("review_pending", "Mark as pending", "Detection/Review", "U", "Look at it again later", needs="result"),
    Action("review_next", "Next object", "Detection/Review", "J", "Pick the next in the table", needs="result"),
    Action("review_previous", "Previous object", "Detection/Review", "Shift+J", "Pick the one before", needs="result"),
    Action("export_review", "Export reviewed objects…", "Detection/Review", tip="With state and note", needs="result"),
    Action(
        "fuse",
        "Fuse marked results",
        "Detection",
        "Ctrl+Shift+F",
        "Add the ranks in the score maps of the results marked in the table up to a new result",
        needs="result",
    ),
    Action(
        "remove_result",
        "Remove result",
        "Detection",
        "",
        "Remove the selected result and its layers",
        "trash",
        "result",
    ),
    Action(
        "superpixels",
        "Compute superpixels",
        "Detection",
        "Ctrl+Shift+P",
        "Cut the scene into superpixels",
        "superpixels",
        "scene",
        separator=True,
    ),
    Action(
        "export_superpixels",
        "Export superpixels…",
        "Detection",
        "",
        "Write the table of superpixels as CSV, or the map of their numbers as ENVI, GeoTIFF or NumPy",
        "export",
        "scene",
    ),
    Action(
        "train_fen",
        "Train FEN…",
        "Detection",
        "",
        "Train the feature enhancement network on a folder of background cubes",
    ),
    Action("manual", "Manual", "Help", "F1", "How to use the program", "info"),
    Action("shortcuts", "Keyboard shortcuts", "Help", "Ctrl+Alt+/", "Every command and its keys"),
    Action("about", "About hadviewer", "Help", "", "Version and licence", separator=True),
)
# Everywhere else these keys move sliders and lists.
_OF_THE_IMAGE = ("Left", "Right")
MENUS = ("File", "Edit", "View", "ROI", "Detection", "Window", "Help")


class Actions:
    """The table come alive: QActions in the window's menus and tool bar."""

    def __init__(self, window: QMainWindow, image: QWidget, handlers: Mapping[str, Callable[[], object]]) -> None:
        self._window, self._image = window, image
        self.menus: dict[str, QMenu] = {}
        self.by_id: dict[str, QAction] = {}
        for name in MENUS:
            self._menu(name)
        bar = window.addToolBar("Main tools")
        assert bar is not None
        bar.setObjectName("main_tools")
        bar.setMovable(False)
        for spec in ACTIONS:
            action = self._build(spec, handlers[spec.id])
            menu = self._menu(spec.menu)
            if spec.separator and not menu.isEmpty():
                menu.addSeparator()
            menu.addAction(action)
            if spec.toolbar:
                bar.addAction(action)
        self.toolbar = bar
        self.redraw_icons()

    def add_menu_before(self, action: str, title: str) -> QMenu:
        """A submenu of its own in front of a command."""
        spec = next(item for item in ACTIONS if item.id == action)
        submenu = QMenu(title, self._window)
        self._menu(spec.menu).insertMenu(self.by_id[action], submenu)
        return submenu

    def enable(self, present: Mapping[str, bool]) -> None:
        """Grey out what makes no sense now; ``present`` says for each need whether it is there."""
        for spec in ACTIONS:
            if spec.needs:
                self.by_id[spec.id].setEnabled(present.get(spec.needs, False))

    def name_undo(self, undo: str, redo: str) -> None:
        """Say in the Edit menu what Undo and Redo would do."""
        self.by_id["undo"].setText(f"Undo {undo}".strip())
        self.by_id["redo"].setText(f"Redo {redo}".strip())

    def redraw_icons(self) -> None:
        """Draw the icons in the present palette's colour."""
        for spec in ACTIONS:
            if spec.icon:
                self.by_id[spec.id].setIcon(icon(spec.icon))

    def _build(self, spec: Action, handler: Callable[[], object]) -> QAction:
        action = QAction(spec.text, self._window)
        action.setObjectName(spec.id)
        action.setCheckable(spec.checkable)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        keys = f" ({spec.shortcut})" if spec.shortcut else ""
        action.setToolTip(f"{spec.tip or spec.text}{keys}")
        action.setStatusTip(spec.tip)
        if spec.shortcut in _OF_THE_IMAGE:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._image.addAction(action)
        action.triggered.connect(lambda checked=False: handler())
        self.by_id[spec.id] = action
        return action

    def _menu(self, path: str) -> QMenu:
        if path in self.menus:
            return self.menus[path]
        parent, _, name = path.rpartition("/")
        holder = self._menu(parent) if parent else self._window.menuBar()
        assert holder is not None
        menu = holder.addMenu(name if parent else f"&{name}")  # so that Alt and its first letter open it
        assert menu is not None
        self.menus[path] = menu
        return menu
