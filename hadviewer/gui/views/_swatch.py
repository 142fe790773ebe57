"""The colour of a result as a small disc."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QIcon, QPainter, QPixmap

SWATCH = 12


def swatch(colour: str) -> QIcon:
    """A disc of ``colour`` (#rrggbb), beside the name of a result."""
    picture = QPixmap(SWATCH, SWATCH)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor("white"))  # a rim, so that the colour shows on the selected line too
    painter.setBrush(QColor(colour))  # a disc: a square would pass for a box to tick
    painter.drawEllipse(1, 1, SWATCH - 2, SWATCH - 2)
    painter.end()
    disc = QIcon(picture)
    disc.addPixmap(picture, QIcon.Mode.Selected)
    return disc
