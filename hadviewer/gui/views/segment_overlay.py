"""Superpixels over the image that are no layer: a preview of the part in sight, and the one that was picked."""

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QLineF, QObject, QRectF, pyqtSignal
from PyQt6.QtGui import QColor, QImage, QPainter, QPen

from hadviewer.gui.views.mapping import SceneMapping
from hadviewer.gui.views.segment_data import SegmentMark, SegmentPreview
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.render.overlay import boundary_lines
from hadviewer.render.tiling import Viewport

LINES_FROM = 3.0
"""Screen pixels per pixel of the preview from which on its boundaries are lines."""
MARK, HALO = QColor("#ffffff"), QColor(0, 0, 0, 170)


class SegmentOverlay(QObject):
    """What is painted over the views of the image.

    Signals:
        view_changed(): another part of the scene is in sight.
    """

    view_changed = pyqtSignal()

    def __init__(self, image: ViewGrid) -> None:
        super().__init__(image)
        self._image = image
        self._preview: SegmentPreview | None = None
        self._lines: NDArray[np.intp] | None = None
        image.add_overlay(self)
        image.view_changed.connect(self.view_changed)

    @property
    def viewport(self) -> Viewport | None:
        """What of the scene is in sight."""
        return self._image.active.viewport

    def show_preview(self, preview: SegmentPreview | None) -> None:
        """Show the boundaries of a part of the scene, or none."""
        if preview is not self._preview:
            self._preview = preview
            self._repaint()

    def mark(self, mark: SegmentMark | None, *, centre: bool = False) -> None:
        """Outline a segment, and bring it to the middle of the image, where not the whole scene is in sight anyway."""
        self._lines = None
        if mark is not None:
            self._lines = boundary_lines(mark.mask) + np.array((mark.row, mark.col) * 2)
            if centre and not self._whole_scene_in_sight:
                self._image.centre_on(*mark.middle)
        self._repaint()

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Called by the image, clipped to its area."""
        if self._preview is not None:
            self._paint_preview(painter, mapping, self._preview)
        if self._lines is not None:
            lines = placed(self._lines, mapping)
            for colour, width in ((HALO, 4), (MARK, 2)):
                painter.setPen(QPen(colour, width))
                painter.drawLines(lines)  # type: ignore[call-overload]

    @property
    def _whole_scene_in_sight(self) -> bool:
        mapping = self._image.active.mapping
        return mapping is not None and mapping.window.shape == mapping.shape

    def _repaint(self) -> None:
        for view in self._image.views:
            view.update()

    def _paint_preview(self, painter: QPainter, mapping: SceneMapping, preview: SegmentPreview) -> None:
        window, step = preview.window, preview.step
        rows, cols = preview.labels.shape
        if mapping.scale * step * self._image.active.density >= LINES_FROM:
            seen = mapping.window
            top, left = max(0, (seen.row0 - window.row0) // step - 1), max(0, (seen.col0 - window.col0) // step - 1)
            part = preview.labels[
                top : (seen.row1 - window.row0) // step + 2, left : (seen.col1 - window.col0) // step + 2
            ]
            lines = (boundary_lines(part) + np.array((top, left) * 2)) * step
            painter.setPen(QPen(QColor(preview.colour), 1))
            painter.drawLines(placed(lines + np.array((window.row0, window.col0) * 2), mapping))  # type: ignore[call-overload]
            return
        image = QImage(preview.rgba.data, cols, rows, preview.rgba.strides[0], QImage.Format.Format_RGBA8888)  # type: ignore[call-overload]
        corner = mapping.to_screen(window.row0, window.col0)
        size = mapping.scale * step
        painter.drawImage(QRectF(corner.x(), corner.y(), cols * size, rows * size), image)


def placed(lines: NDArray[np.intp], mapping: SceneMapping) -> list[QLineF]:
    """Lines of the scene (row, col, row, col) on the widget."""
    corner = mapping.to_screen(0, 0)
    ends = (lines * mapping.scale + np.array((corner.y(), corner.x()) * 2)).tolist()
    return [QLineF(left, top, right, bottom) for top, left, bottom, right in ends]
