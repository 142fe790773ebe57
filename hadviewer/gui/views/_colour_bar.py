"""The scale of a score map: its colours, and which score each stands for."""

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent, QPalette
from PyQt6.QtWidgets import QSizePolicy, QWidget

from hadviewer.gui.views.data import ColourScale

BAR = 14
GAP = 6
WIDTH = 98


class ColourBar(QWidget):
    """A vertical bar with scores beside it where they belong, and the score map's name along it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: ColourScale | None = None
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Colour bar")
        self.setVisible(False)

    def set_scale(self, scale: ColourScale | None) -> None:
        """Show this scale, or nothing."""
        self._scale = scale
        self.setVisible(scale is not None)
        if scale is not None:
            low, high = (number_text(value) for value in scale.limits)
            self.setToolTip(f"{scale.title}: scores from {low} to {high}; those beyond have the colours of the ends")
            self.setAccessibleDescription(self.toolTip())
        self.update()

    @property
    def scale(self) -> ColourScale | None:
        """What is shown."""
        return self._scale

    def labels(self) -> list[tuple[float, str]]:
        """The texts beside the bar, and where they stand, 0 (bottom) to 1 (top)."""
        if self._scale is None:
            return []
        low, high = self._scale.limits
        ticks = self._scale.ticks or ((0.0, low), (0.5, (low + high) / 2), (1.0, high))
        return [(place, number_text(value)) for place, value in ticks]

    def sizeHint(self) -> QSize:
        """Narrow and as high as there is room."""
        return QSize(WIDTH, 240)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the title, the bar and its labels."""
        if self._scale is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Window))
        metrics = QFontMetricsF(self.font())
        line = metrics.height()
        top, height = 12.0, min(self.height() - 24.0, 420.0)
        left = GAP + line + GAP
        bar = QRectF(left, top, BAR, height)
        table = self._scale.table[::-1].copy()
        colours = QImage(table.data, 1, 256, 4, QImage.Format.Format_RGBA8888)  # type: ignore[call-overload]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(bar, colours)
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawRect(bar)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        room = self.width() - bar.right() - GAP
        for share, text in self.labels():
            place = bar.bottom() - share * bar.height()
            painter.drawLine(int(bar.right()), int(place), int(bar.right()) + 3, int(place))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            area = QRectF(bar.right() + GAP, place - line / 2, room, line)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
        painter.translate(GAP, bar.bottom())
        painter.rotate(-90)
        title = metrics.elidedText(self._scale.title, Qt.TextElideMode.ElideRight, height)
        painter.drawText(QRectF(0, 0, height, line), Qt.AlignmentFlag.AlignCenter, title)
        painter.end()


def number_text(value: float) -> str:
    """A score in at most four digits: 0.1234, 12.34, 1234, 1.23e6."""
    if value == 0 or 1e-2 <= abs(value) < 1e5:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    digits, _, power = f"{value:.2e}".partition("e")
    return f"{digits}e{int(power)}"
