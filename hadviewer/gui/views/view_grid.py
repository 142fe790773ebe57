"""One to four views of the scene side by side; one of them is active."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QContextMenuEvent, QPainter, QPalette, QPen
from PyQt6.QtWidgets import QGridLayout, QWidget

from hadviewer.gui.views.data import Marker
from hadviewer.gui.views.image_view import INVITATION, ImageView
from hadviewer.gui.views.mapping import Pixel, SceneMapping
from hadviewer.gui.views.tools import Overlay, PanTool, Tool
from hadviewer.render.tiling import Viewport

Place = tuple[float, float]
Link = Callable[[int, int, float, Place], tuple[float, Place]]
"""Where a view (the second) is to look when another (the first) looks at a scale around a place: scale and place."""

GAP = 2
ROOM = 90
"""Points beside a view's title that are left to what else stands in its corners."""
_PLACES: dict[int, tuple[tuple[int, int, int, int], ...]] = {
    1: ((0, 0, 1, 1),),
    2: ((0, 0, 1, 1), (0, 1, 1, 1)),
    3: ((0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 2)),
    4: ((0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1)),
}
"""Row, column, rows and columns of each view, by how many there are."""
_TOUCHES = (QEvent.Type.MouseButtonPress, QEvent.Type.FocusIn)
_LEADS = (*_TOUCHES, QEvent.Type.Wheel, QEvent.Type.KeyPress)


class ViewGrid(QWidget):
    """Stands for its views: tools, overlays, marks and crosshair are the same in all, zooming is the active one's.

    Signals: ``activated(number)`` when a view was clicked or got the focus; ``views_changed()`` when there are more or
    fewer; ``tool_changed()``; ``menu_requested(place on the screen)`` by the right button or the Menu key; and those of
    the views: ``pixel_hovered``, ``pixel_clicked``, ``crosshair_moved``, and of the active one ``view_changed``,
    ``zoom_changed``.
    """

    activated = pyqtSignal(int)
    views_changed = pyqtSignal()
    tool_changed = pyqtSignal()
    menu_requested = pyqtSignal(QPoint)
    pixel_hovered = pyqtSignal(object)
    pixel_clicked = pyqtSignal(int, int)
    crosshair_moved = pyqtSignal(object)
    view_changed = pyqtSignal()
    zoom_changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Views")
        self._tool: Tool = PanTool()
        self._invitation = INVITATION
        self._overlays: list[Overlay] = []
        self._markers: tuple[Marker, ...] = ()
        self._active = self._leader = 0
        self._link: Link | None = None
        self._aligning = False
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.views: list[ImageView] = []
        self._ghosts: list[CursorOverlay] = []
        self._add()
        self._arrange()

    # How many, and which

    @property
    def active(self) -> ImageView:
        """The view that keys, menus and panels act on."""
        return self.views[self._active]

    def set_count(self, count: int) -> None:
        """Show so many views. An active one that would go puts the last one that stays where it is."""
        if count == len(self.views):
            return
        while len(self.views) < count:
            self._add()
        gone = self.views[count:]
        if self.active in gone:
            self._begin(self.views[count - 1])
        del self.views[count:], self._ghosts[count:]
        self._active = self._leader = min(self._active, count - 1)
        self._arrange()
        self.views_changed.emit()
        for view in gone:
            view.removeEventFilter(self)
            view.hide()
            view.setParent(None)
            view.deleteLater()

    def set_active(self, number: int) -> None:
        """Make a view the active one, with a frame where there are several; the keyboard follows."""
        focused = self.active.hasFocus()
        self._active = self._leader = number
        self.setFocusProxy(self.active)
        if focused:
            self.active.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name()
        self.zoom_changed.emit(self.active.zoom)
        self.update()

    def set_titles(self, titles: Sequence[str]) -> None:
        """Say in the corner of each view what it shows; nothing where there is one view only."""
        for ghost, title in zip(self._ghosts, titles, strict=False):
            ghost.title = title if len(self.views) > 1 else ""
        self.update()

    def set_link(self, link: Link | None) -> None:
        """Keep all views where one of them looks, or let each go its own way (None)."""
        self._link = link
        self._align()

    def begin(self, views: Sequence[ImageView]) -> None:
        """Let new views, which have their scene now, begin as the active one is."""
        for view in views:
            view.set_markers(self._markers)
            view.set_crosshair(self.active.crosshair)
            self._begin(view)

    # The same in all views

    def set_invitation(self, text: str) -> None:
        """What stands where the scene would be while there is none."""
        self._invitation = text
        for view in self.views:
            view.invitation = text
            view.update()

    def set_markers(self, markers: Sequence[Marker]) -> None:
        """Mark these pixels."""
        self._markers = tuple(markers)
        for view in self.views:
            view.set_markers(markers)

    @property
    def crosshair(self) -> Pixel | None:
        """The pixel under the crosshair."""
        return self.active.crosshair

    def set_crosshair(self, pixel: Pixel | None) -> None:
        """Put the crosshair on a pixel, or take it away."""
        for view in self.views:
            view.set_crosshair(pixel)

    def add_overlay(self, overlay: Overlay) -> None:
        """Paint this over the scene, above what was added before."""
        self._overlays.append(overlay)
        for view in self.views:
            view.add_overlay(overlay)

    def remove_overlay(self, overlay: Overlay) -> None:
        """Paint it no more."""
        self._overlays.remove(overlay)
        for view in self.views:
            view.remove_overlay(overlay)

    @property
    def tool(self) -> Tool:
        """What the left button does."""
        return self._tool

    def set_tool(self, tool: Tool) -> None:
        """Give the left button to a tool."""
        self._tool = tool
        for view in self.views:
            view.set_tool(tool)
        self.tool_changed.emit()

    def update(self, *area: object) -> None:
        """Paint all views again."""
        super().update()
        for view in self.views:
            view.update()

    # The active view's

    @property
    def mapping(self) -> SceneMapping | None:
        """Where the pixels of the scene lie on the active view."""
        return self.active.mapping

    @property
    def viewport(self) -> Viewport | None:
        """What of the scene is in sight there."""
        return self.active.viewport

    @property
    def density(self) -> float:
        """The screen's pixels per point."""
        return self.active.density

    @property
    def zoom(self) -> float:
        """Screen pixels per scene pixel, in percent."""
        return self.active.zoom

    def fit(self) -> None:
        """Show the whole scene."""
        self._leading().fit()

    def actual_size(self) -> None:
        """One screen pixel per scene pixel."""
        self._leading().actual_size()

    def zoom_in(self) -> None:
        """Twice as near."""
        self._leading().zoom_in()

    def zoom_out(self) -> None:
        """Twice as far."""
        self._leading().zoom_out()

    def set_zoom(self, percent: float) -> None:
        """Screen pixels per scene pixel, in percent."""
        self._leading().set_zoom(percent)

    def centre_on(self, row: int, col: int) -> None:
        """Bring a pixel to the middle."""
        self._leading().centre_on(row, col)

    def look_at(self, scale: float, centre: tuple[float, float]) -> None:
        """Show the scene at ``scale`` points per pixel around ``centre`` (row, col)."""
        self._leading().look_at(scale, centre)

    def pan(self, way: QPointF) -> None:
        """Move the scene by so many points."""
        self._leading().pan(way)

    def pixel_at(self, position: QPointF) -> Pixel | None:
        """The pixel at a place of the active view."""
        return self.active.pixel_at(position)

    def position_of(self, row: int, col: int) -> QPointF:
        """Where the middle of a pixel is on this widget."""
        return self.active.position_of(row, col) + QPointF(self.active.pos())

    def _leading(self) -> ImageView:
        self._leader = self._active
        return self.active

    # Inside

    def _add(self) -> None:
        view, ghost = ImageView(self), CursorOverlay(self)
        view.set_tool(self._tool)
        view.invitation = self._invitation
        view.installEventFilter(self)
        view.add_overlay(ghost)
        for overlay in self._overlays:
            view.add_overlay(overlay)
        view.pixel_hovered.connect(lambda pixel: self._hovered(view, pixel))
        view.pixel_clicked.connect(self.pixel_clicked)
        view.crosshair_moved.connect(self._crosshair_moved)
        view.view_changed.connect(lambda: self._moved(view))
        view.zoom_changed.connect(lambda percent: self._zoomed(view, percent))
        self.views.append(view)
        self._ghosts.append(ghost)

    def _begin(self, view: ImageView) -> None:
        """Let a view look where the active one does."""
        mapping = self.active.mapping
        if view is not self.active and mapping is not None and not self.active.fitted:
            view.look_at(mapping.scale, mapping.centre)

    def _align(self) -> None:
        """Bring the other views to where the leading one looks; the whole scene is whole in all of them."""
        leader = self.views[self._leader]
        mapping = leader.mapping
        if self._link is None or self._aligning or mapping is None:
            return
        self._aligning = True
        fitted, scale, centre = leader.fitted, mapping.scale, mapping.centre
        if fitted:
            scale = min(view.mapping.fitting.scale for view in self.views if view.mapping is not None)
            centre = mapping.fitting.centre
        for number, view in enumerate(self.views):
            if view is leader:
                view.look_at(scale, centre)
            else:
                view.look_at(*self._link(self._leader, number, scale, centre))
            view.fitted = fitted
        self._aligning = False

    def _arrange(self) -> None:
        for view in self.views:
            self._grid.removeWidget(view)
        for view, place in zip(self.views, _PLACES[len(self.views)], strict=True):
            self._grid.addWidget(view, *place)
            view.show()
        for number in (0, 1):
            used = any(place[number] + place[number + 2] > 1 for place in _PLACES[len(self.views)])
            stretch = self._grid.setRowStretch if number == 0 else self._grid.setColumnStretch
            stretch(0, 1)
            stretch(1, int(used))
        self.setFocusProxy(self.active)
        self._name()

    def _name(self) -> None:
        several = len(self.views) > 1
        for number, (view, ghost) in enumerate(zip(self.views, self._ghosts, strict=True)):
            ghost.framed = several and number == self._active
            state = ", active" if number == self._active else ""
            view.setAccessibleName(f"Image {number + 1} of {len(self.views)}{state}" if several else "Image")

    def _hovered(self, view: ImageView, pixel: Pixel | None) -> None:
        for other, ghost in zip(self.views, self._ghosts, strict=True):
            before, ghost.pixel = ghost.pixel, None if other is view else pixel
            if ghost.pixel != before:
                other.update()
        self.pixel_hovered.emit(pixel)

    def _crosshair_moved(self, pixel: Pixel | None) -> None:
        if any(view.crosshair != pixel for view in self.views):
            self.set_crosshair(pixel)
        else:
            self.crosshair_moved.emit(pixel)

    def _moved(self, view: ImageView) -> None:
        self._align()
        if view is self.active:
            self.view_changed.emit()

    def _zoomed(self, view: ImageView, percent: float) -> None:
        if view is self.active:
            self.zoom_changed.emit(percent)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """A view that is touched leads the others; one that is clicked or focused is active."""
        if event is not None and event.type() in _LEADS and watched in self.views:
            assert isinstance(watched, ImageView)
            number = self.views.index(watched)
            self._leader = number
            if event.type() in _TOUCHES and number != self._active:
                self.activated.emit(number)
        return False

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """The right button puts the crosshair too, so that it is seen which pixel the menu is about."""
        assert event is not None
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            pixel = self.active.pixel_at(self.active.mapFrom(self, QPointF(event.pos())))
            if pixel is not None:
                self.set_crosshair(pixel)
        self.menu_requested.emit(event.globalPos())


class CursorOverlay:
    """What a view among several shows of its own: its frame, its title, and where the mouse is in another."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self.framed = False
        self.title = ""
        self.pixel: Pixel | None = None

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint what there is of it."""
        palette = self._widget.palette()
        if self.pixel is not None:
            place = mapping.middle_of(*self.pixel)
            for pen in (QPen(QColor(0, 0, 0, 150), 3.0), QPen(QColor(255, 255, 255), 1.0)):
                painter.setPen(pen)
                painter.drawLine(place - QPointF(7, 0), place + QPointF(7, 0))
                painter.drawLine(place - QPointF(0, 7), place + QPointF(0, 7))
        if self.title:
            self._paint_title(painter, mapping.area, palette)
        if self.framed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 2.0))
            painter.drawRect(mapping.area.adjusted(1, 1, -1, -1))

    def _paint_title(self, painter: QPainter, area: QRectF, palette: QPalette) -> None:
        metrics = painter.fontMetrics()
        text = metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, int(area.width() - ROOM))
        plate = QRectF(area.left() + 8, area.top() + 8, metrics.horizontalAdvance(text) + 12, metrics.height() + 4)
        ground = palette.color(QPalette.ColorRole.Window)
        ground.setAlpha(215)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)
