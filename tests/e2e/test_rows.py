"""What a daily user of ENVI or WISER would miss at once: one test for each row that concerns the viewer."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog

from hadviewer.core import runs
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Truth
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.gui.views.scene_info import SceneInfo
from hadviewer.io.readers.envi_library import open_library
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

LEFT, NONE, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
ROWS, COLS, BANDS = 40, 50, 24
CENTRES = np.linspace(450, 2400, BANDS)
BAD = 20
HIDDEN = (30, 40)
"""A pixel without values."""
MAP = "map info = {UTM, 1, 1, 480000, 5000000, 10, 10, 10, North, WGS-84, units=Meters}\n"
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


@pytest.fixture
def values() -> np.ndarray:
    """Noise, one pixel without values."""
    values = np.random.default_rng(0).normal(0.3, 0.02, (ROWS, COLS, BANDS)).astype(np.float32)
    values[HIDDEN] = np.nan
    return values


@pytest.fixture
def bench(qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path, values: np.ndarray) -> "Workbench":
    """The program with a scene that has wavelengths, a bad band, a hole and a map."""
    usable = np.ones(BANDS, dtype=bool)
    usable[BAD] = False
    header = tmp_path / "field.hdr"
    write_envi_cube(header, values, BandSet(BANDS, centres=CENTRES, usable=usable), interleave="bil")
    header.write_text(header.read_text() + MAP)
    bench = workbench()
    opened(qtbot, bench, header)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def opened(qtbot: "QtBot", bench: "Workbench", path: Path) -> None:
    before = bench.session.cube
    bench.scene.open(path)
    qtbot.waitUntil(lambda: bench.session.cube is not before, timeout=20_000)
    settle(qtbot, bench)


def do(qtbot: "QtBot", bench: "Workbench", command: str) -> None:
    bench.commands.actions.by_id[command].trigger()
    settle(qtbot, bench)


def press(qtbot: "QtBot", bench: "Workbench", key: Qt.Key | str, keys: Qt.KeyboardModifier = NONE) -> None:
    """A key in the active view, as the window hears it."""
    bench.window.activateWindow()
    bench.image.active.setFocus()
    qtbot.waitUntil(bench.image.active.hasFocus)
    qtbot.keyClick(bench.image.active, key, keys)
    settle(qtbot, bench)


def click(qtbot: "QtBot", bench: "Workbench", row: int, col: int, keys: Qt.KeyboardModifier = NONE) -> None:
    view = bench.image.active
    qtbot.mouseClick(view, LEFT, keys, view.position_of(row, col).toPoint())
    settle(qtbot, bench)


def drag(qtbot: "QtBot", bench: "Workbench", *pixels: tuple[int, int]) -> None:
    view = bench.image.active
    places = [view.position_of(*pixel).toPoint() for pixel in pixels]
    QTest.mousePress(view, LEFT, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(view, place)
    QTest.mouseRelease(view, LEFT, pos=places[-1])
    settle(qtbot, bench)


def add_result(qtbot: "QtBot", bench: "Workbench", title: str) -> np.ndarray:
    scores = np.linspace(0, 1, ROWS * COLS, dtype=np.float32).reshape(ROWS, COLS)
    bench.session.add_result(DetectionResult(DetectionRequest(detector="grx"), scores, scores >= 0, 0.1), title)
    settle(qtbot, bench)
    return scores


def readout(bench: "Workbench") -> str:
    return bench.window._readout.text()


def with_gap(spectrum: np.ndarray) -> np.ndarray:
    return np.where(np.arange(BANDS) == BAD, np.nan, spectrum)


def test_row_1_an_envi_pair_opens_by_either_file(
    qtbot: "QtBot", workbench: "Callable[[], Workbench]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any interleave, big-endian numbers, an offset, an extension of the user's own."""
    values = np.arange(5 * 7 * 4, dtype=">u2").reshape(5, 7, 4)
    fields = "samples = 7\nlines = 5\nbands = 4\nheader offset = 16\ndata type = 12\nbyte order = 1\n"
    bench = workbench()
    for interleave, order in {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}.items():
        data, header = tmp_path / f"{interleave}.raw", tmp_path / f"{interleave}.hdr"
        data.write_bytes(b"x" * 16 + values.transpose(order).tobytes())
        header.write_text(f"ENVI\n{fields}interleave = {interleave}\n")
        for path in (data, header):
            monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given, path=path: (str(path), ""))
            before = bench.session.cube
            bench.commands.actions.by_id["open"].trigger()
            qtbot.waitUntil(lambda before=before: bench.session.cube is not before, timeout=20_000)
            settle(qtbot, bench)
            assert bench.session.cube is not None
            np.testing.assert_array_equal(bench.session.cube.values(), values)
            assert bench.image.active.mapping is not None


def test_row_2_a_click_shows_the_spectrum_and_a_drag_browses(
    qtbot: "QtBot", bench: "Workbench", values: np.ndarray
) -> None:
    plot = bench.spectrum_view.plot
    click(qtbot, bench, 7, 11)
    axis, drawn = plot.line(-1).getData()
    np.testing.assert_allclose(axis, CENTRES)
    np.testing.assert_allclose(drawn, with_gap(values[7, 11]))
    assert "nm" in plot.getAxis("bottom").labelText
    drag(qtbot, bench, (7, 11), (8, 12), (20, 30))
    np.testing.assert_allclose(plot.line(-1).getData()[1], with_gap(values[20, 30]))


def test_row_3_the_wheel_zooms_at_the_cursor_and_the_zoom_is_told(qtbot: "QtBot", bench: "Workbench") -> None:
    view = bench.image.active
    at = view.position_of(10, 12)
    globally = QPointF(view.mapToGlobal(at.toPoint()))
    for turn in (120, 120, -120):
        wheel = QWheelEvent(
            at, globally, QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False
        )
        QApplication.sendEvent(view, wheel)
    assert view.pixel_at(at) == (10, 12)
    do(qtbot, bench, "actual_size")
    assert bench.window._zoom.text() == "100 %"
    press(qtbot, bench, "0", Qt.KeyboardModifier.ControlModifier)
    assert view.fitted
    assert bench.window._zoom.text() != "100 %"
    for key in ("r", Qt.Key.Key_Home):
        press(qtbot, bench, "+")
        assert not view.fitted
        press(qtbot, bench, key)
        assert view.fitted


def test_row_4_bands_by_wavelength_presets_and_arrow_keys(qtbot: "QtBot", bench: "Workbench") -> None:
    panel, session = bench.display_panel, bench.session
    assert "450.0 nm" in panel.bands[0].itemText(0)
    for number, mode in enumerate(("true", "cir", "swir", "grey"), 1):
        press(qtbot, bench, str(number), Qt.KeyboardModifier.AltModifier)
        assert session.state.display.mode == mode
    (first,) = session.state.display.bands
    press(qtbot, bench, Qt.Key.Key_Right)
    press(qtbot, bench, Qt.Key.Key_Right)
    press(qtbot, bench, Qt.Key.Key_Left)
    (band,) = session.state.display.bands
    assert band == first + 1 + (first + 1 == BAD)
    assert f"Band {band + 1}" in panel.bands[0].currentText()


def test_row_5_stretches_from_the_list_typed_limits_and_scope(qtbot: "QtBot", bench: "Workbench") -> None:
    panel, session = bench.display_panel, bench.session
    titles = [panel.stretch.itemText(number) for number in range(panel.stretch.count())]
    assert len(titles) >= 10
    for number in range(len(titles)):
        panel.stretch.setCurrentIndex(number)
        panel.stretch.activated.emit(number)
        settle(qtbot, bench)
        assert panel.stretch.currentText() == titles[number]
    low, high = panel.limits[0]
    for box, text in ((low, "0.25"), (high, "0.5")):
        box.setFocus()
        box.selectAll()
        qtbot.keyClicks(box, text)
        qtbot.keyClick(box, Qt.Key.Key_Return)
    settle(qtbot, bench)
    assert session.state.display.stretch.limits[0] == (0.25, 0.5)
    assert panel.histograms[0].limits == (0.25, 0.5)
    panel.scope.activated.emit(1)
    settle(qtbot, bench)
    assert session.state.display.stretch.scope == "view"
    press(qtbot, bench, "c")
    assert session.state.display.stretch.limits == ()


def test_row_6_what_is_under_the_cursor_is_told(qtbot: "QtBot", bench: "Workbench", values: np.ndarray) -> None:
    scores = add_result(qtbot, bench, "GRX")
    view = bench.image.active
    QTest.mouseMove(view, view.position_of(7, 11).toPoint())
    settle(qtbot, bench)
    assert bench.display._plan is not None
    shown = [f"{CENTRES[band]:.1f} nm: {values[7, 11, band]:.5g}" for band in bench.display._plan.bands]
    told = readout(bench)
    assert told.startswith("Line 7, sample 11 · " + ", ".join(shown))
    assert "Map 480115.0, 4999925.0" in told
    assert f"Score {scores[7, 11]:.5g} (GRX)" in told
    QTest.mouseMove(view, view.position_of(*HIDDEN).toPoint())
    settle(qtbot, bench)
    assert "no data" in readout(bench)


def test_row_6_lines_count_from_one_everywhere_for_those_who_prefer_it(qtbot: "QtBot", bench: "Workbench") -> None:
    click(qtbot, bench, 7, 11, SHIFT)
    click(qtbot, bench, 7, 11)
    bench.session.count_from(1)
    settle(qtbot, bench)
    assert readout(bench).startswith("Line 8, sample 12")
    listed = bench.spectrum_view.list
    titles = [listed.item(row).text() for row in range(listed.count())]
    assert titles == ["Cursor: line 8, sample 12", "Line 8, sample 12"]
    assert [title for title, _ in bench.spectrum.spectra()][-1] == "Line 8, sample 12"


def test_row_6_components_are_told_as_soon_as_they_are_known(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.session.set_cursor((7, 11))
    do(qtbot, bench, "mode_pca")
    qtbot.waitUntil(lambda: "PC 1: " in readout(bench), timeout=5000)


def test_row_7_layers_are_ticked_faded_ordered_renamed_and_removed(qtbot: "QtBot", bench: "Workbench") -> None:
    session, panel = bench.session, bench.layers_panel
    session.set_truth(Truth(np.eye(ROWS, COLS, dtype=bool)))
    add_result(qtbot, bench, "GRX")
    panel.list.setCurrentRow(1)
    item = panel.list.item(1)
    assert item is not None
    assert item.text() == "GRX"
    press(qtbot, bench, "v")
    assert item.checkState() == Qt.CheckState.Unchecked
    press(qtbot, bench, "v")
    press(qtbot, bench, "[")
    assert session.state.layers[0].opacity == pytest.approx(0.65)
    qtbot.mouseClick(panel.up, LEFT)
    assert [layer.title for layer in session.state.layers] == ["Truth", "GRX"]
    item = panel.list.item(0)
    assert item is not None
    item.setText("Mine")
    assert session.state.layers[-1].title == "Mine"
    qtbot.mouseClick(panel.remove, LEFT)
    assert [layer.title for layer in session.state.layers] == ["Truth"]
    for _ in range(5):
        session.undo()
    assert [layer.title for layer in session.state.layers] == ["GRX", "Truth"]


def test_row_8_linked_views_share_the_cursor_and_unlinked_ones_nothing(qtbot: "QtBot", bench: "Workbench") -> None:
    do(qtbot, bench, "views_2")
    first, second = bench.image.views
    click(qtbot, bench, 10, 20)
    assert first.crosshair == second.crosshair == (10, 20)
    press(qtbot, bench, "+")
    assert first.zoom == second.zoom
    press(qtbot, bench, "l")
    press(qtbot, bench, "4", Qt.KeyboardModifier.AltModifier)
    press(qtbot, bench, "+")
    assert first.zoom != second.zoom
    modes = [look.display.mode for look in bench.session.views.looks]
    assert sorted(modes) == ["grey", "true"]
    press(qtbot, bench, "l", SHIFT)
    assert bench.commands.actions.by_id["link_map"].isChecked()
    assert first.zoom == second.zoom


def test_row_9_the_box_of_the_overview_is_dragged(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.image.look_at(40.0, (20.0, 25.0))
    settle(qtbot, bench)
    overview = bench.overview_view
    assert overview.isVisible()
    middle = QPoint(overview.width() // 2, overview.height() // 2)
    QTest.mousePress(overview, LEFT, pos=middle)
    QTest.mouseMove(overview, QPoint(overview.width() // 4, overview.height() // 4))
    QTest.mouseRelease(overview, LEFT, pos=QPoint(overview.width() // 4, overview.height() // 4))
    settle(qtbot, bench)
    assert bench.image.mapping is not None
    assert bench.image.mapping.centre == pytest.approx((ROWS / 4, COLS / 4), abs=2)


def test_row_10_bad_bands_are_marked_on_the_plot_and_honoured(
    qtbot: "QtBot", bench: "Workbench", values: np.ndarray
) -> None:
    click(qtbot, bench, 7, 11)
    plot = bench.spectrum_view.plot
    viewport = plot.viewport()
    assert viewport is not None
    assert bench.display._plan is not None
    red = bench.display._plan.bands[0]
    ends = [
        plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(CENTRES[band], 0.3))) for band in (red - 1, red + 1)
    ]
    QTest.mousePress(viewport, LEFT, SHIFT, ends[0])
    QTest.mouseMove(viewport, ends[1])
    QTest.mouseRelease(viewport, LEFT, SHIFT, ends[1])
    menu = bench.band_marker.menu
    assert menu is not None
    menu.actions()[0].trigger()
    menu.close()
    settle(qtbot, bench)
    assert bench.session.cube is not None
    assert not bench.session.cube.bands.mask[red]
    assert red not in bench.display._plan.bands
    assert np.isnan(plot.line(-1).getData()[1][red])
    do(qtbot, bench, "undo")
    assert bench.display._plan.bands[0] == red


def test_row_12_a_region_is_drawn_measured_written_and_read(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(qtbot, bench, "3")
    drag(qtbot, bench, (2, 3), (5, 5), (11, 12))
    press(qtbot, bench, "A", Qt.KeyboardModifier.ControlModifier | SHIFT)
    (pin,) = bench.session.state.pins
    assert pin.values is not None
    inside = values[2:12, 3:13].reshape(-1, BANDS)
    np.testing.assert_allclose(pin.values, inside.mean(axis=0), rtol=1e-5)
    for name in ("r.geojson", "r.xml"):
        target = str(tmp_path / name)
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given, target=target: (target, ""))
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *given, target=target: (target, ""))
        do(qtbot, bench, "roi_export")
        do(qtbot, bench, "roi_open")
    sizes = [runs.count(region.runs((ROWS, COLS))) for region in bench.session.state.regions]
    assert sizes == [100] * 4


def test_row_13_spectra_are_collected_named_hidden_and_come_back_from_a_file(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    click(qtbot, bench, 7, 11, SHIFT)
    click(qtbot, bench, 20, 30, SHIFT)
    first, second = bench.session.state.pins
    markers = [marker.colour for marker in bench.image.active._markers.markers]
    assert markers == [first.colour, second.colour]
    listed = bench.spectrum_view.list
    item = next(listed.item(row) for row in range(listed.count()) if listed.item(row).text() == "Line 20, sample 30")
    item.setText("roof")
    assert bench.session.state.pins[1].name == "roof"
    target = str(tmp_path / "mine.sli")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *given: (target, "ENVI spectral library (*.sli)"))
    bench.spectrum_view.list.clearSelection()
    do(qtbot, bench, "export_spectra")
    library = open_library(Path(target))
    np.testing.assert_allclose(library.spectra[library.names.index("roof")], with_gap(values[20, 30]))
    item.setCheckState(Qt.CheckState.Unchecked)
    settle(qtbot, bench)
    assert len(bench.image.active._markers.markers) == 1


def test_row_17_a_run_takes_a_part_of_the_scene_and_of_the_bands(qtbot: "QtBot", bench: "Workbench") -> None:
    press(qtbot, bench, "3")
    drag(qtbot, bench, (2, 3), (5, 5), (21, 22))
    bench.detector_panel.choose("grx")
    bench.detector_panel.scope.choose("inside", 1)
    bench.detector_panel.options.set_values({"bands": "1-10"})
    press(qtbot, bench, "R", Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    (entry,) = bench.session.state.results
    assert entry.result.valid.sum() == 400
    assert entry.result.provenance["bands_used"] == 10


def test_row_19_a_library_is_ranked_and_the_continuum_removed(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, values: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = tmp_path / "materials.csv"
    lines = [f"{CENTRES[band]},{values[7, 11, band]},{values[8, 8, band]}" for band in range(BANDS)]
    table.write_text("wavelength,mine,other\n" + "\n".join(lines) + "\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *given: ([str(table)], ""))
    click(qtbot, bench, 7, 11)
    press(qtbot, bench, "L", Qt.KeyboardModifier.ControlModifier)
    model = bench.library_panel.model
    qtbot.waitUntil(lambda: model.rowCount() == 2 and bool(model.index(0, 1).data()), timeout=20_000)
    assert model.index(0, 0).data() == "mine"
    assert float(model.index(0, 1).data()) < 0.01
    options = bench.spectrum_view.options
    options.treatment.setCurrentIndex(options.treatment.findData("continuum"))
    settle(qtbot, bench)
    drawn = bench.spectrum_view.plot.line(-1).getData()[1]
    assert np.nanmax(drawn) == pytest.approx(1)


def test_row_20_flicker_and_swipe_by_key(qtbot: "QtBot", bench: "Workbench") -> None:
    add_result(qtbot, bench, "GRX")
    press(qtbot, bench, "f")
    assert bench.comparison.way == "flicker"
    press(qtbot, bench, "s")
    assert [layer.side for layer in bench.image.active._layers] == ["right"]
    press(qtbot, bench, "s")
    assert bench.comparison.way == ""


def test_row_21_the_header_can_be_looked_through(qtbot: "QtBot", bench: "Workbench") -> None:
    press(qtbot, bench, "I", Qt.KeyboardModifier.ControlModifier)
    sheet = bench.window.findChild(SceneInfo)
    assert sheet is not None
    assert sheet.isVisible()
    qtbot.keyClicks(sheet.search, "map")
    texts = [
        index.text(1) for index in sheet.table.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
    ]
    assert any("480000" in text for text in texts)
    sheet.close()
