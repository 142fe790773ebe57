"""Libraries and bad bands in the whole window: real clicks, real files."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtTest import QTest

from hadviewer.core.bands import BandSet
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

# Without a window system, windows cannot be raised nor menus take the keyboard.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
Shift, Left = Qt.KeyboardModifier.ShiftModifier, Qt.MouseButton.LeftButton
CENTRES = np.linspace(400, 2400, 50)


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """Rows of three materials, whose spectra the library has."""
    values = np.repeat(materials()[:, np.newaxis, np.newaxis], 4, axis=1).repeat(12, axis=2).reshape(12, 12, 50)
    noise = np.random.default_rng(0).normal(1, 0.002, values.shape)
    header = tmp_path / "scene.hdr"
    write_envi_cube(header, (values * 3000 * noise).astype(np.float32), BandSet(50, CENTRES))
    return header


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "materials.csv"
    rows = [",".join([f"{wave:.2f}", *(f"{value:.6f}" for value in column)]) for wave, column in zip(
        CENTRES, materials().T, strict=True)]  # fmt: skip
    path.write_text("wavelength,grass,sand,roof\n" + "\n".join(rows) + "\n")
    return path


def materials() -> np.ndarray:
    x = np.linspace(0, 1, 50)
    return np.stack([0.3 + 0.2 * np.sin(6 * x), 0.2 + 0.5 * x, 0.6 - 0.4 * x**2])


def first_rows(bench: "Workbench", count: int = 3) -> list[tuple[str, str]]:
    model = bench.library_panel.model
    return [(model.index(row, 0).data(), model.index(row, 1).data()) for row in range(min(count, model.rowCount()))]


def opened(make: "Callable[[], Workbench]", scene: Path, qtbot: "QtBot") -> "Workbench":
    bench = make()
    bench.open_first(str(scene))
    qtbot.waitUntil(lambda: bench.session.cube is not None)
    return bench


def test_a_library_is_opened_ranked_and_drawn(
    workbench: "Callable[[], Workbench]", scene: Path, table: Path, qtbot: "QtBot"
) -> None:
    bench = opened(workbench, scene, qtbot)
    bench.window.files_dropped.emit([table])
    qtbot.waitUntil(lambda: bench.library_panel.model.rowCount() == 3)
    assert bench.session.cube is not None, "the drop of a library leaves the scene open"
    bench.image.active.set_crosshair((5, 6))
    qtbot.waitUntil(lambda: first_rows(bench, 1)[0][1] != "")
    assert first_rows(bench)[0][0] == "sand"
    assert float(first_rows(bench)[0][1]) < 0.5 < float(first_rows(bench)[1][1])
    bench.library_panel.level.setChecked(True)
    model = bench.library_panel.model
    model.setData(model.index(0, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole)
    pins = bench.session.state.pins
    assert [pin.kind for pin in pins] == ["library"]
    assert pins[0].values is not None
    np.testing.assert_allclose(pins[0].values, materials()[1] * 3000, rtol=0.01)
    qtbot.waitUntil(lambda: pins[0].id in bench.spectrum_view.plot.shown_keys())
    assert model.index(0, 0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
    bench.session.undo()
    assert model.index(0, 0).data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Unchecked


def test_a_range_of_the_plot_is_marked_as_bad_and_left_out(
    workbench: "Callable[[], Workbench]", scene: Path, qtbot: "QtBot"
) -> None:
    bench = opened(workbench, scene, qtbot)
    bench.image.active.set_crosshair((5, 6))
    plot = bench.spectrum_view.plot
    qtbot.waitUntil(lambda: not plot.hint)
    qtbot.waitUntil(lambda: plot.getViewBox().viewRange()[0][1] > 2000)
    ends = [plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, 0))) for x in (1318, 1440)]
    viewport = plot.viewport()
    assert viewport is not None
    middle = viewport.height() // 2
    places = [end.__class__(end.x(), middle) for end in ends]
    QTest.mousePress(viewport, Left, Shift, places[0])
    QTest.mouseMove(viewport, places[1])
    QTest.mouseRelease(viewport, Left, Shift, places[1])
    menu = bench.band_marker.menu
    assert menu is not None
    expected = np.flatnonzero((CENTRES > 1318) & (CENTRES < 1440))
    bad = menu.actions()[0]
    assert bad.text().startswith(f"Mark bands {expected[0] + 1}-{expected[-1] + 1}")
    bad.trigger()
    menu.close()
    assert bench.session.cube is not None
    np.testing.assert_array_equal(np.flatnonzero(~bench.session.cube.bands.mask), expected)
    assert plot.axis is not None
    assert not plot.axis.usable[expected].any()
    qtbot.waitUntil(lambda: -1 in plot.shown_keys())
    bench.session.undo()
    assert bench.session.cube.bands.mask.all()
    assert plot.axis.usable.all()


def test_a_band_on_the_screen_that_becomes_bad_is_replaced(
    workbench: "Callable[[], Workbench]", scene: Path, qtbot: "QtBot"
) -> None:
    bench = opened(workbench, scene, qtbot)
    zoom = bench.image.zoom_in
    zoom()
    plan = bench.display._plan
    assert plan is not None
    red = plan.bands[0]
    bench.bad_bands.mark([red], usable=False)
    after = bench.display._plan
    assert after is not None
    assert red not in after.bands
    bench.session.undo()
    assert bench.display._plan == plan


def test_a_detector_run_leaves_marked_bands_out(
    workbench: "Callable[[], Workbench]", scene: Path, qtbot: "QtBot"
) -> None:
    bench = opened(workbench, scene, qtbot)
    bench.bad_bands.mark(range(10, 50), usable=False)
    bench.run_detector("grx")
    bench.bad_bands.mark([9], usable=False)
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    [entry] = bench.session.state.results
    assert entry.title == "GRX"
    assert entry.result.request.bands == "1-10", "the marks when it started, spelled out for the recipe"
    assert entry.result.provenance["bands_used"] == 10


def test_bad_bands_are_suggested_and_accepted(
    workbench: "Callable[[], Workbench]", scene: Path, qtbot: "QtBot"
) -> None:
    bench = opened(workbench, scene, qtbot)
    bench.commands.actions.by_id["suggest_bad_bands"].trigger()
    dialog = bench.bad_bands_dialog
    assert dialog.isVisible()
    qtbot.waitUntil(lambda: dialog.accept_all.isEnabled(), timeout=60_000)
    reasons = [row.reasons for row in dialog.model.rows]
    water = np.flatnonzero((CENTRES >= 1340) & (CENTRES <= 1450))
    assert all("water vapour" in reasons[band] for band in water)
    dialog.accept_all.click()
    assert bench.session.cube is not None
    assert not bench.session.cube.bands.mask[water].any()
    assert dialog.restore.isEnabled()
    dialog.restore.click()
    assert bench.session.cube.bands.mask.all()
    dialog.table.selectRow(3)
    QTest.keyClick(dialog.table, Qt.Key.Key_Space)
    assert np.flatnonzero(~bench.session.cube.bands.mask).tolist() == [3]
    assert "1 of 50 bands are bad: 4." in dialog.summary.text()
