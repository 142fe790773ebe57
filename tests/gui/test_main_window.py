"""The layout of the window."""

from collections.abc import Iterator
from typing import Any

import pytest
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QApplication, QTabBar, QWidget

from hadviewer.gui.main_window import MainWindow

Area = Qt.DockWidgetArea
DOCKS = (
    *("display", "layers", "regions", "detect", "superpixels", "libraries", "results"),
    *("spectrum", "profile", "threshold", "review", "agreement", "roc", "training", "segments", "log"),
)


@pytest.fixture
def window(qtbot: Any) -> Iterator[MainWindow]:
    """A window with empty docks, deleted as the program deletes it: with Qt's own events, not by a lost reference."""
    window = MainWindow()
    window.set_centre(QWidget())
    for name in DOCKS:
        window.add_dock(name, name.title(), Area.LeftDockWidgetArea)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()


def test_docks_that_share_a_place_have_one_row_of_tabs_however_often_they_are_arranged(window: MainWindow) -> None:
    for size in ((1280, 800), (1000, 700), (1400, 900)):
        window.arrange()
        window.resize(*size)
        window.grab()
        bars = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        shown = [[bar.tabText(tab) for tab in range(bar.count())] for bar in bars if bar.isVisible()]
        below = ["Spectrum", "Profile", "Threshold", "Review", "Agreement", "Roc", "Training", "Segments"]
        assert sorted(shown) == [["Detect", "Superpixels", "Libraries"], ["Layers", "Regions"], below]
