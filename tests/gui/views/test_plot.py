"""Lines of plots are as thick on a fine screen as on any other."""

from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import Qt

from hadviewer.gui.views.plot import Plot

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("density", [1.0, 1.5, 2.0])
def test_pens_count_in_points(qtbot: "QtBot", monkeypatch: pytest.MonkeyPatch, density: float) -> None:
    plot = Plot()
    qtbot.addWidget(plot)
    monkeypatch.setattr(plot, "devicePixelRatioF", lambda: density)
    assert plot.pen("#1a73e8").widthF() == density
    pen = plot.pen("#1a73e8", 2, Qt.PenStyle.DashLine)
    assert (pen.widthF(), pen.style(), pen.isCosmetic()) == (2 * density, Qt.PenStyle.DashLine, True)
