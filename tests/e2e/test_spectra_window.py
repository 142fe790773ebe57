"""Spectra in the real window: browse, collect, average, treat, plot along a line, export and open again, undo."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtWidgets import QApplication, QComboBox, QFileDialog

from hadviewer.analysis.continuum import remove_continuum
from hadviewer.core.bands import BandSet
from hadviewer.engine.display import resolve
from hadviewer.gui.views.spectrum_data import LIVE, SUMMARY
from hadviewer.io.readers.envi_library import open_library
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
SHAPE = (40, 50, 24)
CENTRES = np.linspace(450, 2400, 24)


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path) -> "Workbench":
    """The window on a scene of noise, band by band in its file, with a bad band."""
    values = np.random.default_rng(0).normal(0.3, 0.02, SHAPE).astype(np.float32)
    usable = np.ones(24, dtype=bool)
    usable[20] = False
    header = tmp_path / "field.hdr"
    write_envi_cube(header, values, BandSet(24, centres=CENTRES, usable=usable), interleave="bsq")
    bench = workbench()
    bench.scene.open(header)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def place(bench: "Workbench", row: int, col: int) -> QPoint:
    return bench.image.active.position_of(row, col).toPoint()


def drag(qtbot: "QtBot", bench: "Workbench", *path: tuple[int, int], keys: Qt.KeyboardModifier = NONE) -> None:
    view = bench.image.active
    qtbot.mousePress(view, LEFT, keys, place(bench, *path[0]))
    for pixel in path[1:]:
        here = QPointF(place(bench, *pixel))
        move = QMouseEvent(
            QEvent.Type.MouseMove, here, QPointF(view.mapToGlobal(here)), Qt.MouseButton.NoButton, LEFT, keys
        )
        QApplication.sendEvent(view, move)
    qtbot.mouseRelease(view, LEFT, keys, place(bench, *path[-1]))
    settle(qtbot, bench)


def choose(qtbot: "QtBot", combo: QComboBox, letter: str) -> None:
    """Type into a closed choice as users do, with the keyboard in it: elsewhere letters are commands."""
    combo.setFocus()
    assert combo.hasFocus()
    qtbot.keyClicks(combo, letter)


def pixel(bench: "Workbench", row: int, col: int) -> np.ndarray:
    cube = bench.session.cube
    assert cube is not None
    return cube.pixel(row, col)


def drawn(bench: "Workbench", key: int) -> np.ndarray:
    """The values of a curve in the plot."""
    return np.asarray(bench.spectrum_view.plot.line(key).getData()[1])


def with_gap(values: np.ndarray) -> np.ndarray:
    return np.where(np.arange(24) == 20, np.nan, values)


def test_dragging_browses_live_and_shift_collects_along_the_path(qtbot: "QtBot", bench: "Workbench") -> None:
    assert bench.commands.actions.by_id["tool_browse"].isChecked()
    drag(qtbot, bench, (5, 5), (8, 9), (20, 30))
    np.testing.assert_allclose(drawn(bench, LIVE), with_gap(pixel(bench, 20, 30)))
    assert bench.image.crosshair == (20, 30)
    assert bench.session.state.pins == ()
    drag(qtbot, bench, (5, 5), (5, 8), (6, 9), keys=SHIFT)
    pins = bench.session.state.pins
    assert [(pin.row, pin.col) for pin in pins] == [(5, 5), (5, 6), (5, 7), (5, 8), (6, 9)]
    for pin in pins:
        np.testing.assert_allclose(drawn(bench, pin.id), with_gap(pixel(bench, pin.row, pin.col)))
        assert bench.spectrum_view.plot.line(pin.id).opts["pen"].color().name() == pin.colour
    markers = bench.image.active._markers.markers
    assert [marker.colour for marker in markers] == [pin.colour for pin in pins]
    bench.session.undo()
    assert bench.session.state.pins == (), "a path is one step"


def test_the_spectrum_of_the_crosshair_comes_back_when_the_pointer_leaves(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.mouseClick(bench.image.active, LEFT, pos=place(bench, 7, 11))
    bench.session.set_cursor((1, 1))
    settle(qtbot, bench)
    np.testing.assert_allclose(drawn(bench, LIVE), with_gap(pixel(bench, 1, 1)))
    bench.session.set_cursor(None)
    settle(qtbot, bench)
    np.testing.assert_allclose(drawn(bench, LIVE), with_gap(pixel(bench, 7, 11)))
    bench.commands.actions.by_id["collect_spectrum"].trigger()
    assert [(pin.row, pin.col) for pin in bench.session.state.pins] == [(7, 11)]


def test_means_bands_and_treatment_by_the_dock_then_undone(qtbot: "QtBot", bench: "Workbench") -> None:
    options, cube = bench.spectrum_view.options, bench.session.cube
    assert cube is not None
    for box in (options.rows, options.cols):
        qtbot.keyClick(box, Qt.Key.Key_Up)
    qtbot.mouseClick(bench.image.active, LEFT, SHIFT, place(bench, 7, 11))
    qtbot.mouseClick(bench.image.active, LEFT, SHIFT, place(bench, 30, 40))
    choose(qtbot, options.spread, "M")
    settle(qtbot, bench)
    window = cube.values()[6:9, 10:13].reshape(-1, 24).mean(axis=0)
    np.testing.assert_allclose(drawn(bench, bench.session.state.pins[0].id), with_gap(window), rtol=1e-5)
    assert bench.spectrum_view.plot.ribbon(SUMMARY) is not None
    choose(qtbot, options.treatment, "N")
    settle(qtbot, bench)
    removed = remove_continuum(with_gap(window), CENTRES)
    np.testing.assert_allclose(drawn(bench, bench.session.state.pins[0].id), removed, rtol=1e-5)
    bench.session.undo()
    settle(qtbot, bench)
    assert options.treatment.currentData() == "none"
    np.testing.assert_allclose(drawn(bench, bench.session.state.pins[0].id), with_gap(window), rtol=1e-5)


def test_exported_libraries_open_again(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in ((7, 11), (30, 40)):
        qtbot.mouseClick(bench.image.active, LEFT, SHIFT, place(bench, *at))
    settle(qtbot, bench)
    target = str(tmp_path / "mine.sli")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (target, "ENVI spectral library (*.sli)"))
    bench.spectrum_view.list.clearSelection()
    bench.commands.actions.by_id["export_spectra"].trigger()
    settle(qtbot, bench)
    library = open_library(tmp_path / "mine.sli")
    assert library.names[-2:] == ("Line 7 sample 11", "Line 30 sample 40")
    np.testing.assert_allclose(library.spectra[-1], with_gap(pixel(bench, 30, 40)))
    np.testing.assert_allclose(library.wavelengths, CENTRES)


def test_a_line_drawn_on_the_image_is_plotted(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.commands.actions.by_id["tool_profile"].trigger()
    drag(qtbot, bench, (5, 5), (8, 20), (5, 45))
    line = bench.session.state.profile
    assert line is not None
    assert (line.start, line.end) == ((5, 5), (5, 45))
    view = bench.window.docks["profile"].widget()
    qtbot.waitUntil(lambda: len(view._lines) == 3)
    cube = bench.session.cube
    assert cube is not None
    red = resolve(bench.session.state.display, cube).bands[0]
    np.testing.assert_allclose(view._lines[0].getData()[1], cube.plane(red)[5, 5:46])
    bench.session.undo()
    assert bench.session.state.profile is None
    bench.commands.actions.by_id["tool_hand"].trigger()
    assert not bench.commands.actions.by_id["tool_profile"].isChecked()


def test_a_spectrum_double_clicked_is_found_on_the_image(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.mouseClick(bench.image.active, LEFT, SHIFT, place(bench, 7, 11))
    settle(qtbot, bench)
    listed = bench.spectrum_view.list
    listed.itemDoubleClicked.emit(listed.item(listed.count() - 1))
    assert bench.image.crosshair == (7, 11)
