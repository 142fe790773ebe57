"""What the mouse does on an image: one tool at a time has the left button. Overlays are what is painted over it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QKeyEvent, QPainter
from PyQt6.QtWidgets import QApplication

from hadviewer.gui.views.mapping import Pixel, SceneMapping

if TYPE_CHECKING:
    from hadviewer.gui.views.image_view import ImageView


class Overlay(Protocol):
    """Something painted over the scene and its layers, in the order in which it was added.

    The painter is clipped to the image's area and put back afterwards. After a change call the view's ``update``.
    """

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None: ...


@dataclass(frozen=True)
class Touch:
    """Where and how the mouse touches an image.

    ``place`` is (row, col) as real numbers, ``pixel`` the one under it, None beside the scene.
    """

    position: QPointF
    place: tuple[float, float]
    pixel: Pixel | None
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


class Tool:
    """What the left button does. A new tool overrides what it needs and is given to ``ImageView.set_tool``.

    A press and release at one place is a click; any other is begin, drag ..., end. One tool may serve several views:
    each call says which. What the tool is at is painted by ``paint``, over all overlays.
    """

    cursor = Qt.CursorShape.CrossCursor

    def click(self, view: "ImageView", touch: Touch) -> None:
        """Pressed and released without a movement."""

    def double_click(self, view: "ImageView", touch: Touch) -> None:
        """The second click of two in quick succession, instead of ``click``."""

    def begin(self, view: "ImageView", touch: Touch) -> None:
        """A drag has begun; ``touch`` is where the button was pressed."""

    def drag(self, view: "ImageView", touch: Touch) -> None:
        """The mouse has moved on with the button down."""

    def end(self, view: "ImageView", touch: Touch) -> None:
        """The button was released after a drag."""

    def hover(self, view: "ImageView", touch: Touch) -> None:
        """The mouse has moved with no button down."""

    def wants(self, key: int) -> bool:
        """Whether a key now belongs to the tool (Enter, Esc, Backspace while drawing) and not to menu or crosshair."""
        return False

    def key(self, view: "ImageView", event: QKeyEvent) -> None:
        """A key that the tool wants was pressed."""

    def cancel(self, view: "ImageView") -> None:
        """Give up what is under way: another tool or another scene comes."""

    def paint(self, painter: QPainter, mapping: SceneMapping) -> None:
        """Paint what is being drawn."""


@dataclass
class Gesture:
    """A mouse button held down: whose it is, where it began, whether the mouse has moved since."""

    tool: Tool
    start: Touch
    dragging: bool = False

    def move(self, view: "ImageView", touch: Touch) -> None:
        """Go on; only a movement that can be told from a trembling hand begins a drag."""
        moved = (touch.position - self.start.position).manhattanLength()
        if not self.dragging and moved >= QApplication.startDragDistance():
            self.dragging = True
            self.tool.begin(view, self.start)
        if self.dragging:
            self.tool.drag(view, touch)

    def end(self, view: "ImageView", touch: Touch) -> None:
        """The button was released."""
        if self.dragging:
            self.tool.end(view, touch)
        else:
            self.tool.click(view, self.start)


class PanTool(Tool):
    """The hand: dragging moves the scene, a click sets the crosshair and tells its pixel."""

    def __init__(self) -> None:
        self._from = QPointF()

    def click(self, view: "ImageView", touch: Touch) -> None:
        """Set the crosshair."""
        view.click(touch.pixel)

    def begin(self, view: "ImageView", touch: Touch) -> None:
        """Take hold of the scene."""
        self._from = touch.position
        view.setCursor(Qt.CursorShape.ClosedHandCursor)

    def drag(self, view: "ImageView", touch: Touch) -> None:
        """Move it along."""
        view.pan(touch.position - self._from)
        self._from = touch.position

    def end(self, view: "ImageView", touch: Touch) -> None:
        """Let go."""
        view.show_cursor()


class SelectTool(Tool):
    """The arrow: a click sets the crosshair, dragging takes it along and tells every pixel on the way."""

    def click(self, view: "ImageView", touch: Touch) -> None:
        """Set the crosshair."""
        view.click(touch.pixel)

    def begin(self, view: "ImageView", touch: Touch) -> None:
        """Begin to browse."""
        self.drag(view, touch)

    def drag(self, view: "ImageView", touch: Touch) -> None:
        """Take the crosshair along."""
        if touch.pixel is not None:
            view.set_crosshair(touch.pixel)
            view.hover(touch.pixel)
