"""A plot as a picture for documents: dark on white, with its legend."""

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
from PyQt6.QtGui import QColor, QImage, QPainter, QPalette
from PyQt6.QtSvg import QSvgGenerator

from hadviewer.gui.views.plot import Plot

SCALE = 2
"""Picture points per point of the screen."""


def plot_picture(plot: Plot, vector: bool, title: str) -> bytes:
    """The plot as it is seen, in light colours, as SVG (``vector``) or PNG."""
    palette = plot.palette()
    light = QPalette(palette)
    for role, colour in (("Base", "#ffffff"), ("Text", "#202124"), ("Window", "#ffffff")):
        light.setColor(QPalette.ColorRole[role], QColor(colour))
    plot.setPalette(light)
    try:
        return _svg(plot, title) if vector else _png(plot)
    finally:
        plot.setPalette(palette)


def _png(plot: Plot) -> bytes:
    picture = QImage(plot.size() * SCALE, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    plot.render(painter, QRectF(0, 0, picture.width(), picture.height()))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return bytes(data.data())


def _svg(plot: Plot, title: str) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    size: QSize = plot.size()
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    plot.render(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return bytes(data.data())
