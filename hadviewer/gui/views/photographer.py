"""A view as a picture: the scene with its layers and marks, without the window around it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from hadviewer.gui.views._colour_bar import ColourBar
from hadviewer.gui.views.data import ColourScale
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.map_marks import NorthArrowOverlay, ScaleBarOverlay


class Photographer:
    """Takes pictures of the view that ``view()`` names."""

    def __init__(
        self, view: Callable[[], ImageView], scale_bar: ScaleBarOverlay, north_arrow: NorthArrowOverlay
    ) -> None:
        self._view, self._scale_bar, self._north_arrow = view, scale_bar, north_arrow

    @property
    def colour_scale(self) -> ColourScale | None:
        """What the colour bar beside the view shows."""
        return self._view().findChild(ColourBar).scale

    def take(self, *, scale_bar: bool, north_arrow: bool, crosshair: bool) -> NDArray[np.uint8] | None:
        """The part of the scene in sight, uint8 (rows, cols, 3) in pixels of the screen; None without a scene."""
        view = self._view()
        if view.mapping is None:
            return None
        shown = self._scale_bar.shown, self._north_arrow.shown, view.crosshair
        self._scale_bar.shown, self._north_arrow.shown = scale_bar, north_arrow
        blocked = view.blockSignals(True)
        if not crosshair:
            view.set_crosshair(None)
        taken = view.grab(view.mapping.seen.toAlignedRect())
        self._scale_bar.shown, self._north_arrow.shown = shown[:2]
        view.set_crosshair(shown[2])
        view.blockSignals(blocked)
        return _pixels(taken.toImage())


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """A copy of the pixels, (rows, cols, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    bits = plain.constBits()
    assert bits is not None
    rows = np.frombuffer(bytes(bits.asarray(plain.sizeInBytes())), dtype=np.uint8).reshape(plain.height(), -1)
    return rows[:, : 3 * plain.width()].reshape(plain.height(), plain.width(), 3).copy()
