"""Where the pixels of a scene lie on a widget: the only place where rows and columns become x and y."""

import math
from dataclasses import dataclass, replace

from PyQt6.QtCore import QPointF, QRectF

from hadviewer.core.cube import Window
from hadviewer.core.geo import Placement

Pixel = tuple[int, int]

MARGIN = 8
LARGEST_PIXEL = 128.0
"""Points of the screen per scene pixel at the strongest zoom."""


@dataclass(frozen=True)
class SceneMapping:
    """A scene of ``shape`` (rows, cols) in ``area`` of a widget: ``centre`` (row, col) lies in the area's middle.

    ``scale`` is points of the screen per scene pixel. Rows and columns are real numbers: (0, 0) is the corner of the
    first pixel, its middle is (0.5, 0.5).
    """

    shape: tuple[int, int]
    area: QRectF
    scale: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)

    def to_screen(self, row: float, col: float) -> QPointF:
        """Where a place of the scene is on the widget."""
        middle = self.area.center()
        return QPointF(
            middle.x() + (col - self.centre[1]) * self.scale, middle.y() + (row - self.centre[0]) * self.scale
        )

    def to_scene(self, position: QPointF) -> tuple[float, float]:
        """The (row, col) at a place of the widget, also beside the scene."""
        corner = self.to_screen(0.0, 0.0)
        return (position.y() - corner.y()) / self.scale, (position.x() - corner.x()) / self.scale

    def middle_of(self, row: int, col: int) -> QPointF:
        """Where the middle of a pixel is on the widget."""
        return self.to_screen(row + 0.5, col + 0.5)

    def pixel_at(self, position: QPointF) -> Pixel | None:
        """The pixel at a place of the widget, None beside the scene."""
        row, col = self.to_scene(position)
        return self.inside((math.floor(row), math.floor(col)))

    def inside(self, pixel: Pixel | None) -> Pixel | None:
        """The pixel itself if it lies in the scene, else None."""
        if pixel is None:
            return None
        return pixel if 0 <= pixel[0] < self.shape[0] and 0 <= pixel[1] < self.shape[1] else None

    @property
    def seen(self) -> QRectF:
        """The part of the widget on which the scene is seen."""
        return QRectF(self.to_screen(0, 0), self.to_screen(*self.shape)).intersected(self.area)

    @property
    def window(self) -> Window:
        """The pixels in sight, also those of which a part is; empty when the scene is out of sight."""
        seen = self.seen
        top, left = self.to_scene(seen.topLeft())
        bottom, right = self.to_scene(seen.bottomRight())
        # Rounding must neither lose a line at the edge nor add one beyond it.
        rows, cols = (
            (math.floor(top + 1e-6), math.ceil(bottom - 1e-6)),
            (math.floor(left + 1e-6), math.ceil(right - 1e-6)),
        )
        row0, col0 = max(0, rows[0]), max(0, cols[0])
        return Window(row0, max(row0, min(rows[1], self.shape[0])), col0, max(col0, min(cols[1], self.shape[1])))

    def placed(self, placement: Placement, shape: tuple[int, int]) -> "SceneMapping":
        """The same for the pixels of another cube, which lie on those of the scene."""
        row, col = ((at - start) / placement.step for at, start in zip(self.centre, placement, strict=False))
        return SceneMapping(shape, self.area, self.scale * placement.step, (row, col))

    @property
    def fitting(self) -> "SceneMapping":
        """The whole scene, as large as it goes."""
        rows, cols = self.shape
        room = max(1.0, self.area.width() - 2 * MARGIN) / cols, max(1.0, self.area.height() - 2 * MARGIN) / rows
        return replace(self, scale=min(*room, LARGEST_PIXEL), centre=(rows / 2, cols / 2))

    def looking(self, scale: float, centre: tuple[float, float]) -> "SceneMapping":
        """The same scene at another scale around another place, both kept within reason."""
        smallest = min(self.area.width() / self.shape[1], self.area.height() / self.shape[0], 1.0) / 8
        row, col = min(max(centre[0], 0.0), self.shape[0]), min(max(centre[1], 0.0), self.shape[1])
        return replace(self, scale=min(max(scale, smallest), LARGEST_PIXEL), centre=(row, col))

    def zoomed(self, position: QPointF, factor: float) -> "SceneMapping":
        """Nearer (above 1) or further, so that what lies at ``position`` stays there."""
        row, col = self.to_scene(position)
        scale = self.looking(self.scale * factor, self.centre).scale
        offset = position - self.area.center()
        return self.looking(scale, (row - offset.y() / scale, col - offset.x() / scale))

    def moved(self, way: QPointF) -> "SceneMapping":
        """The scene dragged by so many points."""
        return self.looking(self.scale, (self.centre[0] - way.y() / self.scale, self.centre[1] - way.x() / self.scale))
