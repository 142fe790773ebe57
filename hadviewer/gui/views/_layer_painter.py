"""Paints layers over the image: how opaque, how blended, on which side of the curtain."""

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QPainter

from hadviewer.gui.views._mosaic_painter import paint_mosaic
from hadviewer.gui.views.data import LayerPicture
from hadviewer.gui.views.mapping import SceneMapping

Mode = QPainter.CompositionMode
BLENDS: dict[str, tuple[str, Mode]] = {
    "normal": ("Normal", Mode.CompositionMode_SourceOver),
    "multiply": ("Multiply", Mode.CompositionMode_Multiply),
    "screen": ("Screen", Mode.CompositionMode_Screen),
    "difference": ("Difference", Mode.CompositionMode_Difference),
    "add": ("Add", Mode.CompositionMode_Plus),
}
"""How colours meet those below: the title of each way, and what the painter does."""


def paint_layers(
    painter: QPainter,
    layers: Sequence[LayerPicture],
    mapping: SceneMapping,
    density: float,
    curtain: float | None = None,
) -> None:
    """Paint layers, the last on top. ``curtain`` is its place as a share of the area's width."""
    for layer in layers:
        if layer.opacity > 0:
            painter.save()
            if curtain is not None and layer.side in ("left", "right"):
                painter.setClipRect(_half(mapping.area, curtain, layer.side), Qt.ClipOperation.IntersectClip)
            painter.setOpacity(layer.opacity)
            painter.setCompositionMode(BLENDS[layer.blend][1])
            paint_mosaic(painter, layer.picture, mapping, density, layer.outline)
            painter.restore()


def _half(area: QRectF, curtain: float, side: str) -> QRectF:
    middle = area.left() + curtain * area.width()
    left = area.left() if side == "left" else middle
    right = middle if side == "left" else area.right() + 1
    return QRectF(left, area.top(), right - left, area.height() + 1)
