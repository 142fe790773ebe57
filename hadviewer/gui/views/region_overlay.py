"""Regions of interest over the image, and the tools that draw them."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QContextMenuEvent, QImage, QPainter, QPainterPath, QPen, QTransform

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Window
from hadviewer.core.region import Part, Patch, Points, Polygon, Region
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.mapping import Pixel, SceneMapping
from hadviewer.gui.views.region_data import ToolName
from hadviewer.gui.views.region_tools import (
    BrushTool,
    GrowTool,
    PointsTool,
    PolygonTool,
    RectangleTool,
    RegionTool,
)
from hadviewer.gui.views.tools import Tool
from hadviewer.gui.views.view_grid import ViewGrid

FILL, FILL_SELECTED = 40, 75
EDGE = 170
"""Opacity of the outermost pixels of a painted area; an area of one pixel has no others."""
SMALLEST_POINT = 6.0
"""Screen points that a single pixel is drawn with at least, so that it is seen from afar."""
MOST_CORNERS = 2000
"""Of one region: Qt draws so many in a few milliseconds."""
ZOOM_ROOM = 1.3
_RIM = QColor(0, 0, 0, 180)
MOST_PICTURES = 32
"""Kept of what was in sight last: several regions in several views."""
Key = tuple[int, Window, int, str, int]


class RegionsOverlay:
    """Paints regions: areas filled in their colour and outlined, the selected one stronger.

    ``pixels`` are the runs of regions by their id, as far as they are known.
    """

    def __init__(self) -> None:
        self.regions: tuple[Region, ...] = ()
        self.pixels: Mapping[int, runs_of.Runs] = {}
        self.selected: int | None = None
        self._paths: dict[int, tuple[Polygon, QPainterPath]] = {}
        self._pictures: dict[Key, tuple[Patch, QImage]] = {}
        self._patches: dict[int, Patch] = {}

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Called by the image, clipped to its area."""
        for region in self.regions:
            if region.visible:
                strong = region.id == self.selected
                fill = QColor(region.colour)
                fill.setAlpha(FILL_SELECTED if strong else FILL)
                for part in self._drawn(region):
                    self._paint_part(painter, mapping, part, fill, strong)
        while len(self._pictures) > MOST_PICTURES:
            del self._pictures[next(iter(self._pictures))]
        known = {id(runs) for runs in self.pixels.values()}
        self._patches = {key: kept for key, kept in self._patches.items() if key in known}
        present = {id(part) for region in self.regions for part in region.parts}
        self._paths = {key: kept for key, kept in self._paths.items() if key in present}

    def _drawn(self, region: Region) -> tuple[Part, ...]:
        """The parts, or, where they have more corners than can be drawn in time, their pixels once those are known."""
        corners = (len(ring) for part in region.parts if isinstance(part, Polygon) for ring in part.rings)
        if sum(corners) <= MOST_CORNERS:
            return region.parts
        runs = self.pixels.get(region.id)
        if runs is None:
            return ()
        if id(runs) not in self._patches:
            self._patches[id(runs)] = Patch(runs)
        return (self._patches[id(runs)],)

    def _paint_part(self, painter: QPainter, mapping: SceneMapping, part: Part, fill: QColor, strong: bool) -> None:
        solid = QColor(fill.rgb())
        pen = QPen(solid, 2.0 if strong else 1.2)
        if isinstance(part, Patch):
            self._paint_patch(painter, mapping, part, fill)
        elif isinstance(part, Points):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(_RIM, 1.0))
            painter.setBrush(solid)
            size = max(mapping.scale, SMALLEST_POINT)
            for row, col in part.pixels:
                middle = mapping.middle_of(row, col)
                painter.drawRect(QRectF(middle.x() - size / 2, middle.y() - size / 2, size, size))
        else:
            pen.setCosmetic(True)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen)
            painter.setBrush(fill)
            corner = mapping.to_screen(0, 0)
            placed = QTransform(mapping.scale, 0, 0, mapping.scale, corner.x(), corner.y())
            painter.drawPath(placed.map(self._path(part)))

    def _path(self, polygon: Polygon) -> QPainterPath:
        kept = self._paths.get(id(polygon))
        if kept is None:
            path = QPainterPath()
            for ring in polygon.rings:
                path.moveTo(ring[0][1], ring[0][0])
                for row, col in ring[1:]:
                    path.lineTo(col, row)
                path.closeSubpath()
            kept = self._paths[id(polygon)] = (polygon, path)
        return kept[1]

    def _paint_patch(self, painter: QPainter, mapping: SceneMapping, patch: Patch, fill: QColor) -> None:
        """A picture of what is in sight, with no more pixels than the screen has; a lone pixel is never lost."""
        window = mapping.window
        if min(window.shape) <= 0:
            return
        step = max(1, math.ceil(1 / mapping.scale))
        key = (id(patch), window, step, fill.name(), fill.alpha())
        if key not in self._pictures:
            self._pictures[key] = (patch, _picture(patch, window, step, fill))
        image = self._pictures[key][1]
        row, col = window.row0 // step * step, window.col0 // step * step
        start = mapping.to_screen(row, col)
        end = mapping.to_screen(row + image.height() * step, col + image.width() * step)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(start, end), image)


def _picture(patch: Patch, window: Window, step: int, fill: QColor) -> QImage:
    """The runs in a window, ``step`` × ``step`` pixels to one, as an image of one colour."""
    runs = runs_of.clipped(patch.pixels, window)
    row, col = window.row0 // step, window.col0 // step
    shape = (window.row1 - 1) // step + 1 - row, (window.col1 - 1) // step + 1 - col
    mask = _reduced(runs, step, shape, row, col)
    # Beyond the edge of the window the set goes on, so no line runs along it.
    around = np.pad(mask, 1, mode="edge")
    inner = around[:-2, 1:-1] & around[2:, 1:-1] & around[1:-1, :-2] & around[1:-1, 2:]
    colours = mask.astype(np.uint8) + (mask & ~inner)
    image = QImage(colours.data, shape[1], shape[0], shape[1], QImage.Format.Format_Indexed8)  # type: ignore[call-overload]
    edge = QColor(fill)
    edge.setAlpha(EDGE)
    image.setColorTable([0, fill.rgba(), edge.rgba()])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _reduced(runs: runs_of.Runs, step: int, shape: tuple[int, int], row: int, col: int) -> NDArray[np.bool_]:
    """Which blocks of ``step`` × ``step`` pixels hold one; runs may overlap here, so their ends are counted."""
    width = shape[1] + 1
    places = (runs[:, 0] // step - row) * np.int64(width) - col
    starts = np.bincount(places + runs[:, 1] // step, minlength=shape[0] * width)
    stops = np.bincount(places + (runs[:, 2] - 1) // step + 1, minlength=shape[0] * width)
    return (np.cumsum(starts - stops) > 0).reshape(shape[0], width)[:, :-1]


class RegionImage(QObject):
    """Regions on the image: what is drawn of them, and the tool in hand.

    Signals: ``drawn(part, erase)`` after a stroke or shape; ``grown((row, col), erase)`` where a region is to grow;
    ``left()`` when the user lays the tool down, or takes another; ``menu_requested(id, place on the screen)`` for the
    topmost region under the right button.
    """

    drawn = pyqtSignal(object, bool)
    grown = pyqtSignal(object, bool)
    left = pyqtSignal()
    menu_requested = pyqtSignal(int, QPoint)

    def __init__(self, view: ViewGrid, diameter: Callable[[], float], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._view = view
        self._before: Tool = view.tool
        self.overlay = RegionsOverlay()
        view.add_overlay(self.overlay)
        view.tool_changed.connect(self._follow)
        view.views_changed.connect(self._watch)
        self._watch()
        draw, leave = self.drawn.emit, self.left.emit
        self._tools: dict[ToolName, RegionTool] = {
            "rectangle": RectangleTool(draw, leave),
            "polygon": PolygonTool(draw, leave),
            "brush": BrushTool(draw, leave, diameter),
            "points": PointsTool(draw, leave),
            "grow": GrowTool(self.grown.emit, leave),
        }

    def show(
        self, regions: Sequence[Region], selected: int | None, pixels: Mapping[int, runs_of.Runs] | None = None
    ) -> None:
        """Paint these; ``pixels`` are their runs by their id, as far as they are known."""
        self.overlay.regions, self.overlay.selected = tuple(regions), selected
        self.overlay.pixels = {} if pixels is None else pixels
        self._view.update()

    def use(self, tool: ToolName | None) -> None:
        """Take a tool in hand; None gives the mouse back to whoever had it."""
        if not isinstance(self._view.tool, RegionTool):
            self._before = self._view.tool
        if tool is not None:
            self._view.set_tool(self._tools[tool])
            self._view.active.setFocus(Qt.FocusReason.OtherFocusReason)
        elif isinstance(self._view.tool, RegionTool):
            self._view.set_tool(self._before)

    def region_at(self, pixel: Pixel) -> int | None:
        """The topmost visible region that holds a pixel."""
        row, col = pixel
        shown = (region.id for region in reversed(self.overlay.regions) if region.visible)
        known = ((number, self.overlay.pixels[number]) for number in shown if number in self.overlay.pixels)
        return next(
            (number for number, runs in known if len(runs_of.clipped(runs, (row, row + 1, col, col + 1)))), None
        )

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """The right button on a region is for it; elsewhere it is the view's."""
        if isinstance(event, QContextMenuEvent) and isinstance(watched, ImageView):
            pixel = watched.pixel_at(QPointF(event.pos()))
            region = None if pixel is None else self.region_at(pixel)
            if region is not None:
                self.menu_requested.emit(region, event.globalPos())
                return True
        return super().eventFilter(watched, event)

    def _watch(self) -> None:
        """Hear of the right button on every view; a filter counts once however often it is installed."""
        for view in self._view.views:
            view.installEventFilter(self)

    def _follow(self) -> None:
        if not isinstance(self._view.tool, RegionTool):
            self.left.emit()

    def zoom_to(self, window: Window) -> None:
        """Show this part of the scene, with some room around it."""
        mapping = self._view.mapping
        if mapping is not None:
            rows, cols = window.shape
            scale = min(mapping.area.height() / rows, mapping.area.width() / cols) / ZOOM_ROOM
            self._view.look_at(scale, ((window.row0 + window.row1) / 2, (window.col0 + window.col1) / 2))

    def window(self) -> Window | None:
        """The part of the scene in sight."""
        mapping = self._view.mapping
        return None if mapping is None or min(mapping.window.shape) <= 0 else mapping.window
