"""A plot as a picture for documents: dark on white, of a size of its own, whatever the window is like."""

from PyQt6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QImage, QPainter, QPalette
from PyQt6.QtSvg import QSvgGenerator
from PyQt6.QtWidgets import QWidget

from hadviewer.gui.views.plot import Plot

SIZE = QSize(900, 540)
SHARPNESS = 2
"""Points of the picture per point of the plot."""


def plot_picture(plot: Plot, vector: bool, title: str) -> bytes:
    """A plot that is on no screen as SVG (``vector``) or PNG."""
    light = QPalette(plot.palette())
    for role, colour in (("Base", "#ffffff"), ("Text", "#202124"), ("Window", "#ffffff")):
        light.setColor(QPalette.ColorRole[role], QColor(colour))
    plot.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    plot.setPalette(light)
    plot.resize(SIZE)
    plot.show()
    plot.grab()  # axes find their width only when they are painted
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if vector:
        _draw_svg(plot, buffer, title)
    else:
        picture = QImage(SIZE * SHARPNESS, QImage.Format.Format_RGB32)
        picture.setDevicePixelRatio(SHARPNESS)
        QWidget.render(plot, picture)
        picture.save(buffer, "PNG")
    return bytes(data.data())


def _draw_svg(plot: Plot, buffer: QBuffer, title: str) -> None:
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(plot.logicalDpiX())  # axes are recorded at the screen's resolution
    generator.setSize(SIZE)
    generator.setViewBox(QRectF(0, 0, SIZE.width(), SIZE.height()))
    generator.setTitle(title)
    painter = QPainter(generator)
    plot.render(painter, QRectF(0, 0, SIZE.width(), SIZE.height()))
    painter.end()
