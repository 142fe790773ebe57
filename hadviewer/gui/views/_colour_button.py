"""Chooses one colour: a few that stand out on imagery, or any other."""

from PyQt6.QtCore import QSize, pyqtSignal
from PyQt6.QtGui import QAction, QColor, QIcon, QPixmap
from PyQt6.QtWidgets import QColorDialog, QMenu, QToolButton, QWidget

COLOURS = (
    ("Red", "#ff3b30"),
    ("Orange", "#ff9500"),
    ("Yellow", "#ffd54a"),
    ("Green", "#34c759"),
    ("Cyan", "#00e5ff"),
    ("Blue", "#2979ff"),
    ("Magenta", "#ff2dd4"),
    ("White", "#ffffff"),
    ("Black", "#000000"),
)
_SIZE = QSize(28, 12)


class ColourButton(QToolButton):
    """A patch of the colour in use, with a menu of others.

    Signals: ``colour_chosen(str)`` as '#rrggbb'.
    """

    colour_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour = "#ffffff"
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # it would lie on the colour
        self.setIconSize(_SIZE)
        self.setAccessibleName("Colour")
        self.setToolTip("The colour of this layer")
        menu = QMenu(self)
        for name, colour in COLOURS:
            action = QAction(patch(colour, QSize(16, 16)), name, menu)
            action.setData(colour)
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction("Other…", self._ask)
        menu.triggered.connect(self._chosen)
        self.setMenu(menu)
        self.show_colour(self._colour)

    def show_colour(self, colour: str) -> None:
        """Show this colour (#rrggbb) as the one in use."""
        self._colour = colour
        self.setIcon(patch(colour, _SIZE))

    def _chosen(self, action: QAction) -> None:
        if action.data():
            self.colour_chosen.emit(action.data())

    def _ask(self) -> None:
        dialog = QColorDialog(QColor(self._colour), self)
        dialog.setWindowTitle("Colour of the layer")
        dialog.colorSelected.connect(lambda colour: self.colour_chosen.emit(colour.name()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()


def patch(colour: str, size: QSize) -> QIcon:
    """An icon filled with a colour."""
    pixmap = QPixmap(size)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
