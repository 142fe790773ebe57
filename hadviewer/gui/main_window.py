"""The main window: which dock lies where. Layout only."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PyQt6.QtWidgets import QDockWidget, QLabel, QMainWindow, QPlainTextEdit, QScrollArea, QTabBar, QVBoxLayout, QWidget

from hadviewer.gui.messages import MessageBar
from hadviewer.gui.views.readout import Readout

Area = Qt.DockWidgetArea
DEFAULT_SIZE = QSize(1280, 800)
LEFT_WIDTH, RIGHT_WIDTH, BOTTOM_HEIGHT = 272, 332, 252
_VERSION = 2


class MainWindow(QMainWindow):
    """Image in the centre, what is shown on the left, what is found on the right, plots below.

    Signals: ``painted()`` once, after the first paint; ``files_dropped(list of Path)``; ``closing()``;
    ``palette_changed()``.
    """

    painted = pyqtSignal()
    files_dropped = pyqtSignal(list)
    closing = pyqtSignal()
    palette_changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("hadviewer")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setDockOptions(self.dockOptions() | QMainWindow.DockOption.GroupedDragging)
        self.setCorner(Qt.Corner.BottomLeftCorner, Area.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Area.RightDockWidgetArea)
        self.message_bar = MessageBar()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setAccessibleName("Log of messages")
        self.log.setPlaceholderText("All that the program says is kept here: remarks, warnings and errors.")
        self.log.setMaximumBlockCount(2000)
        self.docks: dict[str, QDockWidget] = {}
        self.may_close: Callable[[], bool] = lambda: True
        self._painted = False
        self._readout = Readout()
        self._zoom = QLabel()
        bar = self.statusBar()
        assert bar is not None
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._readout, 1)
        bar.addPermanentWidget(self._zoom)
        self.resize(DEFAULT_SIZE)

    def set_centre(self, image: QWidget) -> None:
        """The image, below the message bar."""
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.message_bar)
        column.addWidget(image, 1)
        self.setCentralWidget(centre)

    def add_dock(
        self, name: str, title: str, area: Area, widget: QWidget | None = None, *, scroll: bool = False
    ) -> QDockWidget:
        """Add a dock, empty unless a widget is given; docks are found again by ``name``."""
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock_{name}")
        self.addDockWidget(area, dock)
        there = next((other for other in self.docks.values() if self.dockWidgetArea(other) == area), None)
        if there is not None:  # side by side they would widen the window before they are arranged
            self.tabifyDockWidget(there, dock)
        self.docks[name] = dock
        self.fill_dock(name, QWidget() if widget is None else widget, scroll=scroll)
        return dock

    def fill_dock(self, name: str, widget: QWidget, *, scroll: bool = False) -> None:
        """Put a widget into a dock."""
        if scroll:
            frame = QScrollArea()
            frame.setWidgetResizable(True)
            frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            frame.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            frame.setWidget(widget)
            widget = frame
        self.docks[name].setWidget(widget)

    def arrange(self) -> None:
        """The layout a new user sees."""
        layout = self.layout()
        assert layout is not None
        before = self._tab_bars()
        layout.setEnabled(False)  # else Qt leaves a row of tabs behind for every layout on the way to the last one
        self._place_docks()
        layout.setEnabled(True)
        layout.activate()
        if len(self._tab_bars()) > len(before):  # nor does it take away those of the layout before
            for bar in before:
                bar.hide()

    def _tab_bars(self) -> list[QTabBar]:
        """The tabs of docks that share a place."""
        return self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def _place_docks(self) -> None:
        docks = self.docks
        for dock in docks.values():
            dock.setFloating(False)
            dock.setVisible(True)
        for name, area in (
            ("display", Area.LeftDockWidgetArea),
            ("layers", Area.LeftDockWidgetArea),
            ("detect", Area.RightDockWidgetArea),
            ("results", Area.RightDockWidgetArea),
            ("spectrum", Area.BottomDockWidgetArea),
        ):
            self.addDockWidget(area, docks[name])
        self.splitDockWidget(docks["display"], docks["layers"], Qt.Orientation.Vertical)
        self.splitDockWidget(docks["detect"], docks["results"], Qt.Orientation.Vertical)
        for name in ("superpixels", "libraries"):
            self.tabifyDockWidget(docks["detect"], docks[name])
        self.tabifyDockWidget(docks["layers"], docks["regions"])
        for name in ("profile", "threshold", "review", "agreement", "roc", "training", "segments", "log"):
            self.tabifyDockWidget(docks["spectrum"], docks[name])
        docks["log"].hide()
        self.raise_dock("layers")
        self.raise_dock("detect")
        self.raise_dock("spectrum")
        self.resizeDocks([docks["display"], docks["detect"]], [LEFT_WIDTH, RIGHT_WIDTH], Qt.Orientation.Horizontal)
        self.resizeDocks([docks["spectrum"]], [BOTTOM_HEIGHT], Qt.Orientation.Vertical)
        height = self.height()
        self.resizeDocks(
            [docks["display"], docks["layers"]], [int(height * 0.5), int(height * 0.5)], Qt.Orientation.Vertical
        )
        self.resizeDocks(
            [docks["detect"], docks["results"]], [int(height * 0.7), int(height * 0.3)], Qt.Orientation.Vertical
        )

    def raise_dock(self, name: str) -> None:
        """Show a dock and bring its tab to the front."""
        self.docks[name].show()
        self.docks[name].raise_()

    def toggle_dock(self, name: str) -> None:
        """Bring a dock to the front with the keyboard in it; hide it if it is there already."""
        dock = self.docks[name]
        if not dock.isHidden() and not dock.visibleRegion().isEmpty():
            dock.hide()
        else:
            self.enter_dock(name)

    def enter_dock(self, name: str) -> None:
        """Bring a dock to the front with the keyboard in it."""
        self.raise_dock(name)
        content = self.docks[name].widget()
        stops = [] if content is None else [content, *content.findChildren(QWidget)]
        first = next(
            (stop for stop in stops if stop.focusPolicy() & Qt.FocusPolicy.TabFocus and stop.isEnabled()), None
        )
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_text(self, text: str) -> None:
        """The cursor read-out."""
        self._readout.say(text)

    def set_zoom(self, percent: float) -> None:
        """The zoom read-out."""
        self._zoom.setText(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")

    def layout_text(self) -> tuple[str, str]:
        """Position and layout of the window as text, for the settings."""
        return _text(self.saveGeometry()), _text(self.saveState(_VERSION))

    def restore_layout(self, geometry: str, layout: str) -> bool:
        """Put the window back as it was; False when there is nothing to go by."""
        if not layout or not self.restoreState(QByteArray.fromBase64(layout.encode("ascii")), _VERSION):
            return False
        return self.restoreGeometry(QByteArray.fromBase64(geometry.encode("ascii")))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Tell of the first one."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.painted.emit)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Files may be dropped anywhere."""
        data = event.mimeData() if event is not None else None
        if event is not None and data is not None and any(url.isLocalFile() for url in data.urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Hand the files on."""
        data = event.mimeData() if event is not None else None
        if data is not None:
            self.files_dropped.emit([Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()])

    def changeEvent(self, event: QEvent | None) -> None:
        """Tell who draws icons when the theme changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.palette_changed.emit()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Say so first, unless there is something to be asked before."""
        if event is not None and not self.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")
