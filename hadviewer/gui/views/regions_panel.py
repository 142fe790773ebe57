"""The dock of regions of interest: tools to draw them, their list, what can be done with them."""

from collections.abc import Callable, Sequence
from typing import cast

from PyQt6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QKeySequence, QPalette, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QColorDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.icons import icon
from hadviewer.gui.views._page import hint_over
from hadviewer.gui.views._swatch import swatch
from hadviewer.gui.views.region_data import GrowOptions, RegionRow, ToolName

_ID = Qt.ItemDataRole.UserRole
NO_REGIONS = "No region yet. Draw one on the image, or make one from a mask or a range of values."
TOOLS: tuple[tuple[ToolName, str, str], ...] = (
    ("rectangle", "Rectangle", "Drag from corner to corner (key 3). Shift takes away."),
    (
        "polygon",
        "Polygon",
        "Click corners; double click or Enter closes it, Backspace takes one back (key 4). Shift takes away.",
    ),
    ("brush", "Brush", "Paint the pixels of the region (key 5). Shift wipes them out."),
    ("points", "Points", "Click single pixels (key 6). Shift takes away."),
    (
        "grow",
        "Grow",
        "Click a pixel: its neighbours join as long as their spectra are alike (key 7). Shift takes away.",
    ),
)
LEFT = {
    None: "Choose a tool and draw on the image. Esc lays it down.",
    "rectangle": "Drag from corner to corner.",
    "polygon": "Click the corners; double click or Enter closes.",
    "brush": "Paint; with Shift wipe out.",
    "points": "Click pixels.",
    "grow": "Click a pixel.",
}


class RegionsPanel(QWidget):
    """Tools and their settings above, the list in the middle, commands below and in its context menu.

    Signals: ``tool_chosen(name or None)``; ``selected(id or None)``; ``new_requested()``; ``renamed(id, str)``;
    ``shown(id, bool)``; ``recoloured(id, '#rrggbb')``; ``remove_requested([id])``; ``averages_requested([id])``, None
    for all that are visible; ``statistics_requested([id] or None)``; ``zoom_requested(id)``; ``truth_requested([id])``;
    ``role_requested('inside' | 'exclude' | 'background', id)``; ``open_requested()``; ``save_requested([id] or None)``;
    ``from_mask_requested()``; ``from_truth_requested()``; ``from_range_requested()``.
    """

    tool_chosen = pyqtSignal(object)
    selected = pyqtSignal(object)
    new_requested = pyqtSignal()
    renamed = pyqtSignal(int, str)
    shown = pyqtSignal(int, bool)
    recoloured = pyqtSignal(int, str)
    remove_requested = pyqtSignal(list)
    averages_requested = pyqtSignal(object)
    statistics_requested = pyqtSignal(object)
    zoom_requested = pyqtSignal(int)
    truth_requested = pyqtSignal(list)
    role_requested = pyqtSignal(str, int)
    open_requested = pyqtSignal()
    save_requested = pyqtSignal(object)
    from_mask_requested = pyqtSignal()
    from_truth_requested = pyqtSignal()
    from_range_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[int, RegionRow] = {}
        self._tool: ToolName | None = None
        self.tools = {name: self._tool_button(name, title, tip) for name, title, tip in TOOLS}
        self.hint = QLabel(LEFT[None])
        self.hint.setWordWrap(True)
        self.width_box = _box("Brush width", 1, 501, 5, " px", 0, "Width of the brush in pixels of the scene")
        self.angle = _box(
            "Largest angle", 0.05, 90, 3, "°", 2, "Pixels join whose spectral angle to the clicked one is no larger"
        )
        self.corners = QCheckBox("Over corners")
        self.corners.setChecked(True)
        self.corners.setToolTip("Pixels that touch at a corner only are neighbours too (8 instead of 4)")
        self.most = _box("Largest size", 1, 10_000_000, 100_000, " px", 0, "Growing stops at so many pixels")
        self.list = QTreeWidget()
        self._none = hint_over(self.list)
        self._none.say(NO_REGIONS)
        self._make_list()
        self._make_buttons()
        self._arrange()
        self.show_tool(None)
        self.set_ready(False, False, False)

    # What the controller says

    def set_rows(self, rows: Sequence[RegionRow]) -> None:
        """Show these regions; those selected stay so."""
        kept = self.chosen()
        with QSignalBlocker(self.list):
            if [row.id for row in rows] != list(self._rows):
                self.list.clear()
                self.list.addTopLevelItems([QTreeWidgetItem() for _ in rows])
            self._rows = {row.id: row for row in rows}
            for number, row in enumerate(rows):
                self._fill(self.list.topLevelItem(number), row, row.id in kept)
        if self.chosen() != kept:
            self.selected.emit(self.current())
        self._none.say("" if rows else NO_REGIONS)
        self._tell_state()

    def select(self, region_id: int | None) -> None:
        """Select one region, or none."""
        with QSignalBlocker(self.list):
            self.list.clearSelection()
            for number, row in enumerate(self._rows):
                if row == region_id:
                    self.list.setCurrentItem(self.list.topLevelItem(number))
        self._tell_state()

    def show_tool(self, tool: ToolName | None) -> None:
        """Show which tool is in hand, and its settings."""
        self._tool = tool
        self._dress_tools()
        self.hint.setText(LEFT[tool])
        self._brush_row.setVisible(tool == "brush")
        self._grow_row.setVisible(tool == "grow")

    def set_ready(self, scene: bool, mask: bool, truth: bool) -> None:
        """Whether there is a scene, a threshold mask of the selected result, a truth."""
        for button in (*self.tools.values(), self.new, self.make, self.open):
            button.setEnabled(scene)
        self._from_mask.setEnabled(mask)
        self._from_truth.setEnabled(truth)
        self._from_range.setEnabled(scene)

    def brush(self) -> float:
        """The width of the brush in pixels."""
        return self.width_box.value()

    def growing(self) -> GrowOptions:
        """How a region grows."""
        return GrowOptions(self.angle.value(), self.corners.isChecked(), int(self.most.value()))

    # What the user does

    def current(self) -> int | None:
        """The region that what is drawn goes to."""
        item = self.list.currentItem()
        return item.data(0, _ID) if item is not None and item.isSelected() else None

    def chosen(self) -> list[int]:
        """All selected regions."""
        return [item.data(0, _ID) for item in self.list.selectedItems()]

    def context_menu(self) -> QMenu:
        """What can be done with the selected regions."""
        menu = QMenu(self)
        chosen = self.chosen()
        one = len(chosen) == 1
        add = self._adder(menu)
        add("Show ROI average spectrum", lambda: self.averages_requested.emit(chosen))
        add("ROI statistics…", lambda: self.statistics_requested.emit(chosen))
        add("Zoom to ROI", lambda: self.zoom_requested.emit(chosen[0]), one)
        menu.addSeparator()
        add("Detect inside", lambda: self.role_requested.emit("inside", chosen[0]), one)
        add("Exclude", lambda: self.role_requested.emit("exclude", chosen[0]), one)
        add("Use as background", lambda: self.role_requested.emit("background", chosen[0]), one)
        add("Use as truth", lambda: self.truth_requested.emit(chosen))
        menu.addSeparator()
        add("Rename", self._rename, one)
        add("Colour…", self._ask_colour, one)
        add("Export ROI…", lambda: self.save_requested.emit(chosen))
        add("Remove", lambda: self.remove_requested.emit(chosen))
        return menu

    def popup(self, region_id: int, place: QPoint) -> None:
        """Select a region and offer what can be done with it, at a place on the screen."""
        self.select(region_id)
        self.selected.emit(region_id)
        menu = self.context_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme with the icons."""
        if event is not None and event.type() == QEvent.Type.PaletteChange and hasattr(self, "remove"):
            self._dress_tools()
            self.remove.setIcon(icon("trash"))
        super().changeEvent(event)

    # Inside

    def _fill(self, item: QTreeWidgetItem | None, row: RegionRow, selected: bool) -> None:
        assert item is not None
        item.setData(0, _ID, row.id)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setText(0, row.name)
        item.setToolTip(0, f"{row.name}: double click renames, the box shows or hides it")
        item.setIcon(0, swatch(row.colour))
        item.setCheckState(0, Qt.CheckState.Checked if row.visible else Qt.CheckState.Unchecked)
        item.setText(1, "" if row.pixels is None else f"{row.pixels:,}")
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setSelected(selected)

    def _on_changed(self, item: QTreeWidgetItem) -> None:
        row = self._rows.get(item.data(0, _ID))
        if row is None:
            return
        visible, name = item.checkState(0) == Qt.CheckState.Checked, item.text(0).strip()
        if visible != row.visible:
            self.shown.emit(row.id, visible)
        elif name and name != row.name:
            self.renamed.emit(row.id, name)
        elif not name:
            with QSignalBlocker(self.list):
                item.setText(0, row.name)

    def _on_selection(self) -> None:
        self._tell_state()
        self.selected.emit(self.current())

    def _tell_state(self) -> None:
        self.remove.setEnabled(bool(self.chosen()))
        for button in (self.averages, self.statistics, self.save):
            button.setEnabled(bool(self._rows))

    def _toggle_tool(self, name: ToolName) -> None:
        self.tool_chosen.emit(None if self._tool == name else name)
        self.show_tool(self._tool)

    def _dress_tools(self) -> None:
        """The tool in hand is marked, also where the style hardly does."""
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        for name, button in self.tools.items():
            button.setChecked(name == self._tool)
            button.setIcon(icon(f"roi-{name}", accent if name == self._tool else None))

    def _rename(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.list.editItem(item, 0)

    def _ask_colour(self) -> None:
        row = self._rows.get(self.current() or 0)
        if row is None:
            return
        dialog = QColorDialog(QColor(row.colour), self)
        dialog.setWindowTitle(f"Colour of {row.name}")
        dialog.colorSelected.connect(lambda colour: self.recoloured.emit(row.id, colour.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def _ask_menu(self, place: QPoint) -> None:
        viewport = self.list.viewport()
        if self.chosen() and viewport is not None:
            menu = self.context_menu()
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(viewport.mapToGlobal(place))

    def _adder(self, menu: QMenu) -> Callable[..., None]:
        def add(text: str, act: Callable[[], object], enabled: bool = True) -> None:
            action = QAction(text, menu)
            action.setEnabled(enabled)
            action.triggered.connect(lambda checked=False: act())
            menu.addAction(action)

        return add

    def _tool_button(self, name: ToolName, title: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setIcon(icon(f"roi-{name}"))
        button.setText(title)
        button.setAccessibleName(title)
        button.setToolTip(f"{title}. {tip}")
        button.clicked.connect(lambda checked=False: self._toggle_tool(name))
        return button

    def _make_list(self) -> None:
        tree = self.list
        tree.setColumnCount(2)
        tree.setHeaderLabels(["Region", "Pixels"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed)
        tree.setAccessibleName("Regions of interest")
        tree.setToolTip("What is drawn goes to the selected region; without one, a new region is made")
        tree.setMinimumHeight(80)
        header = cast("QHeaderView", tree.header())
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._ask_menu)
        tree.itemChanged.connect(self._on_changed)
        tree.itemSelectionChanged.connect(self._on_selection)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), tree)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self.remove_requested.emit(self.chosen()))

    def _make_buttons(self) -> None:
        self.new = _button("New", "A new region; what is drawn next goes to it", self.new_requested.emit)
        self.averages = _button(
            "Averages", "Show the average spectrum of every visible region", lambda: self.averages_requested.emit(None)
        )
        self.statistics = _button(
            "Statistics…",
            "Mean, spread and range of every visible region",
            lambda: self.statistics_requested.emit(None),
        )
        self.open = _button("Open…", "Read regions: GeoJSON, ENVI XML or ENVI's ASCII dump", self.open_requested.emit)
        self.save = _button(
            "Export…", "Write all regions as GeoJSON or ENVI XML", lambda: self.save_requested.emit(None)
        )
        self.remove = QToolButton()
        self.remove.setIcon(icon("trash"))
        self.remove.setAutoRaise(True)
        self.remove.setToolTip("Remove the selected regions (Delete)")
        self.remove.setAccessibleName("Remove the selected regions")
        self.remove.clicked.connect(lambda: self.remove_requested.emit(self.chosen()))
        menu = QMenu(self)
        add = self._adder(menu)
        add("From the mask of the selected result", self.from_mask_requested.emit)
        add("From the truth", self.from_truth_requested.emit)
        add("From a range of values…", self.from_range_requested.emit)
        self._from_mask, self._from_truth, self._from_range = menu.actions()
        self.make = QPushButton("New from")
        self.make.setToolTip("Make a region of a mask, of the truth, or of a range of values")
        self.make.setAccessibleName("Make a region from a mask")
        self.make.setMenu(menu)

    def _arrange(self) -> None:
        self._brush_row, self._grow_row = QWidget(), QWidget()
        _line([QLabel("Width"), self.width_box], holder=self._brush_row)
        grow = QVBoxLayout(self._grow_row)
        grow.setContentsMargins(0, 0, 0, 0)
        grow.setSpacing(6)
        grow.addLayout(_line([QLabel("Angle"), self.angle, self.corners]))
        grow.addLayout(_line([QLabel("At most"), self.most]))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addLayout(_line(list(self.tools.values())))
        column.addWidget(self.hint)
        column.addWidget(self._brush_row)
        column.addWidget(self._grow_row)
        column.addWidget(self.list, 1)
        buttons = QGridLayout()
        buttons.setSpacing(6)
        for place, button in enumerate((self.new, self.make, self.averages, self.statistics, self.open, self.save)):
            buttons.addWidget(button, *divmod(place, 2))
        buttons.addWidget(self.remove, 0, 2)
        for side in (0, 1):
            buttons.setColumnStretch(side, 1)
        column.addLayout(buttons)


def _line(widgets: Sequence[QWidget], last: QWidget | None = None, holder: QWidget | None = None) -> QHBoxLayout:
    line = QHBoxLayout() if holder is None else QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(6)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    if last is not None:
        line.addWidget(last)
    return line


def _button(text: str, tip: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAccessibleName(text.rstrip("…"))
    button.clicked.connect(lambda checked=False: act())
    return button


def _box(name: str, low: float, high: float, value: float, unit: str, digits: int, tip: str) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setDecimals(digits)
    box.setRange(low, high)
    box.setValue(value)
    box.setSuffix(unit)
    box.setAccessibleName(name)
    box.setToolTip(tip)
    return box
