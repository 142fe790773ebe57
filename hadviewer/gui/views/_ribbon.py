"""A band between two curves, with the gaps of both."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QPainterPath, QPen, QPolygonF
from PyQt6.QtWidgets import QGraphicsPathItem


class RibbonItem(QGraphicsPathItem):
    """Filled from its lower to its upper edge, without an outline."""

    def __init__(self) -> None:
        super().__init__()
        self.setPen(QPen(Qt.PenStyle.NoPen))

    def set_edges(self, x: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> None:
        """Lay the band out over ``x``; it ends and begins again wherever one of them is NaN."""
        path = QPainterPath()
        known = np.isfinite(x) & np.isfinite(low) & np.isfinite(high)
        ends = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]]).astype(np.int8)))
        for start, stop in ends.reshape(-1, 2).tolist():
            part = slice(start, stop)
            across = np.concatenate([x[part], x[part][::-1]]).tolist()
            along = np.concatenate([low[part], high[part][::-1]]).tolist()
            path.addPolygon(QPolygonF([QPointF(*point) for point in zip(across, along, strict=True)]))
            path.closeSubpath()
        self.setPath(path)
