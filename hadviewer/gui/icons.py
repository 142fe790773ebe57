"""The program's own line icons, drawn in the colour of the text around them."""

from functools import cache

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from hadviewer.assets import resources

SIZE = 20
_PLACEHOLDER = "currentColor"


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """The icon called ``name``; an empty one if there is none, so that a missing drawing never stops the program."""
    if not _drawing(name):
        return QIcon()
    palette = QApplication.palette()
    picture = QIcon()
    normal = colour or palette.color(QPalette.ColorRole.ButtonText)
    greyed = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    picture.addPixmap(_painted(name, normal.name()), QIcon.Mode.Normal)
    picture.addPixmap(_painted(name, greyed.name()), QIcon.Mode.Disabled)
    picked = colour or palette.color(QPalette.ColorRole.HighlightedText)
    picture.addPixmap(_painted(name, picked.name()), QIcon.Mode.Selected)
    return picture


@cache
def _drawing(name: str) -> str:
    """The text of a drawing, '' where there is none."""
    path = resources() / "icons" / f"{name}.svg"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@cache
def _painted(name: str, colour: str, scale: int = 3) -> QPixmap:
    """A drawing in a colour: few of either, so each is painted once."""
    renderer = QSvgRenderer(QByteArray(_drawing(name).replace(_PLACEHOLDER, colour).encode("utf-8")))
    pixmap = QPixmap(SIZE * scale, SIZE * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
