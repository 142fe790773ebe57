"""The program's own line icons, drawn in the colour of the text around them."""

from PyQt6.QtCore import QByteArray, QRectF, Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap
from PyQt6.QtSvg import QSvgRenderer
from PyQt6.QtWidgets import QApplication

from hadviewer.assets import resources

SIZE = 20
_PLACEHOLDER = "currentColor"


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """The icon called ``name``; an empty one if there is none, so that a missing drawing never stops the program."""
    path = resources() / "icons" / f"{name}.svg"
    if not path.is_file():
        return QIcon()
    drawing = path.read_text(encoding="utf-8")
    palette = QApplication.palette()
    picture = QIcon()
    normal = colour or palette.color(QPalette.ColorRole.ButtonText)
    greyed = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    picture.addPixmap(_paint(drawing, normal), QIcon.Mode.Normal)
    picture.addPixmap(_paint(drawing, greyed), QIcon.Mode.Disabled)
    return picture


def _paint(drawing: str, colour: QColor, scale: int = 3) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(drawing.replace(_PLACEHOLDER, colour.name()).encode("utf-8")))
    pixmap = QPixmap(SIZE * scale, SIZE * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap
