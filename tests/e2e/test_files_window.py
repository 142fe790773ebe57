"""Files in the window: choosing a cube by its picture, folders, options of readers, metadata, exporting the cube."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
import scipy.io
import spectral
from PIL import Image
from PyQt6.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt6.QtGui import QDropEvent
from PyQt6.QtWidgets import QApplication, QComboBox, QDialogButtonBox, QFileDialog

from hadviewer.core.cube import Cube, Window
from hadviewer.core.geo import Georeference
from hadviewer.core.region import rectangle
from hadviewer.engine import verbs
from hadviewer.gui.views.cube_export_dialog import CubeExportDialog

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
Click = Callable[[str], None]
NEON = Path("hdf5/neon/neonhs_ex.h5")
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)


@pytest.fixture
def bench(workbench: Make) -> "Workbench":
    return workbench()


@pytest.fixture
def command(bench: "Workbench", qtbot: "QtBot") -> Click:
    """Does what a command of the menus does, and waits until nothing is left to do."""

    def act(name: str) -> None:
        action = bench.commands.actions.by_id[name]
        assert action.isEnabled()
        action.trigger()
        settle(qtbot, bench)

    return act


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    for _ in range(2):
        qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
        QApplication.processEvents()


def answer(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Whoever asks for a file or folder is told this one."""
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *given: (str(path), "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *given: str(path)))


def corner(cube: Cube, row: int, col: int) -> tuple[float, float]:
    """Where the upper left corner of a pixel lies on the map."""
    assert isinstance(cube.geo, Georeference)
    x0, dx, rx, y0, ry, dy = cube.geo.affine
    return x0 + dx * col + rx * row, y0 + ry * col + dy * row


def press(qtbot: "QtBot", buttons: QDialogButtonBox, which: QDialogButtonBox.StandardButton) -> None:
    button = buttons.button(which)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_one_of_several_cubes_is_chosen_by_its_picture_with_the_keyboard(
    bench: "Workbench", qtbot: "QtBot", command: Click, scenes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = verbs.open_scene(scenes / "abu-urban-1.mat").cube.values()
    scipy.io.savemat(tmp_path / "two.mat", {"whole": whole, "corner": whole[:40, :50]})
    answer(monkeypatch, tmp_path / "two.mat")
    command("open")
    chooser = bench.entry_chooser
    assert chooser.isVisible()
    assert bench.session.cube is None
    rows = [chooser.table.topLevelItem(place) for place in range(2)]
    for item in rows:
        icon = item.icon(0).pixmap(48, 48).toImage()
        colours = {icon.pixel(x, y) for x in range(icon.width()) for y in range(icon.height())}
        assert len(colours) > 20
    qtbot.keyClick(chooser.table, Qt.Key.Key_Down)
    settle(qtbot, bench)
    assert not chooser.picture.pixmap().isNull()
    qtbot.keyClick(chooser.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    assert bench.session.cube.shape[:2] == (40, 50)
    np.testing.assert_array_equal(bench.session.cube.values(), whole[:40, :50])


def test_the_order_of_axes_is_chosen_by_what_comes_of_it(
    bench: "Workbench", qtbot: "QtBot", command: Click, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = np.random.default_rng(0).integers(0, 999, (40, 60, 50)).astype(np.int16)
    scipy.io.savemat(tmp_path / "turned.mat", {"data": values})
    answer(monkeypatch, tmp_path / "turned.mat")
    command("open_options")
    chooser = bench.entry_chooser
    order = chooser.form.editor("order")
    assert isinstance(order, QComboBox)
    order.setFocus()
    before = chooser.picture.pixmap().toImage()
    qtbot.keyClick(order, Qt.Key.Key_Down)
    qtbot.keyClick(order, Qt.Key.Key_Down)
    settle(qtbot, bench)
    assert chooser.options == {"order": "bsq"}
    assert chooser.picture.pixmap().toImage() != before
    press(qtbot, chooser.buttons, QDialogButtonBox.StandardButton.Open)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    np.testing.assert_array_equal(bench.session.cube.values(), values.transpose(1, 2, 0))


def test_a_folder_is_opened_dropped_and_found_among_the_recent(
    bench: "Workbench", qtbot: "QtBot", command: Click, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "flight"
    folder.mkdir()
    values = np.random.default_rng(0).integers(0, 255, (20, 30, 5)).astype(np.uint8)
    for band in range(5):
        Image.fromarray(values[:, :, band]).save(folder / f"flight_{450 + 50 * band}nm.png")
    answer(monkeypatch, folder)
    command("open_folder")
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    np.testing.assert_array_equal(bench.session.cube.values(), values)
    assert bench.session.cube.bands.centres[-1] == 650
    recent = bench.commands._recent.actions()[0]
    assert recent.text().startswith("flight ")
    first = bench.session.cube
    recent.trigger()
    qtbot.waitUntil(lambda: bench.session.cube is not first, timeout=20_000)
    second = bench.session.cube
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(folder))])
    drop = QDropEvent(
        QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    bench.window.dropEvent(drop)
    qtbot.waitUntil(lambda: bench.session.cube is not second, timeout=20_000)
    assert bench.session.cube.shape == (20, 30, 5)


def test_guesses_about_a_real_file_are_shown_corrected_remembered_and_undone(
    bench: "Workbench", qtbot: "QtBot", command: Click, samples: Path, tmp_path: Path
) -> None:
    path = tmp_path / NEON.name
    shutil.copy(samples / NEON, path)
    bench.scene.open(path)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    command("scene_info")
    assert "Wavelengths" in bench.scene_info.guessed.text()
    qtbot.mouseClick(bench.scene_info.edit_button, Qt.MouseButton.LeftButton)
    settle(qtbot, bench)
    editor = bench.metadata_editor
    assert editor.marks["wavelengths"].text() == "guessed"
    assert editor.marks["scale"].text() == "file"
    bench.image.look_at(20, (15, 15))
    qtbot.mouseClick(editor.backs["wavelength_unit"], Qt.MouseButton.LeftButton)
    editor.editors["nodata"].setFocus()
    editor.editors["nodata"].selectAll()
    qtbot.keyClicks(editor.editors["nodata"], "-1")
    qtbot.mouseClick(editor.apply_button, Qt.MouseButton.LeftButton)
    settle(qtbot, bench)
    assert bench.session.cube.nodata == -1
    assert bench.session.cube.guesses == ()
    assert bench.image.active.mapping.scale == 20
    assert not bench.scene_info.guessed.isVisible()
    sidecar = tmp_path / "neonhs_ex.h5.hadviewer.json"
    assert next(iter(json.loads(sidecar.read_text())["cubes"].values())) == {"wavelength_unit": "nm", "nodata": -1}
    again = verbs.open_scene(path).cube
    assert (again.nodata, again.guesses) == (-1, ())
    np.testing.assert_array_equal(again.values(), bench.session.cube.values())
    command("undo")
    assert bench.session.cube.nodata == -9999
    assert not sidecar.exists()


def test_a_region_of_the_cube_is_exported_and_other_programs_read_the_same(
    bench: "Workbench", qtbot: "QtBot", command: Click, samples: Path, tmp_path: Path
) -> None:
    bench.scene.open(samples / NEON)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    cube = bench.session.cube
    assert cube is not None
    bench.session.regions.add([rectangle(Window(5, 15, 8, 28))], "field")
    for name in ("part.hdr", "part.tif"):
        command("export_cube")
        dialog = bench.window.findChild(CubeExportDialog)
        assert dialog is not None
        dialog.region.setCurrentIndex(1)
        dialog.path.setText(str(tmp_path / name))
        dialog.form.set_values({"bands": "10-60"})
        settle(qtbot, bench)
        assert "10 lines × 20 samples × 51 bands" in dialog.plan.text()
        qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
        settle(qtbot, bench)
        qtbot.waitUntil((tmp_path / name).exists, timeout=60_000)
    expected = cube.values(np.arange(9, 60), Window(5, 15, 8, 28))
    raw = cube.source.read(Window(5, 15, 8, 28), np.arange(9, 60))
    written = spectral.io.envi.open(str(tmp_path / "part.hdr"))
    np.testing.assert_allclose(np.asarray(written.load()), expected, rtol=1e-6)
    np.testing.assert_allclose(written.bands.centers, cube.bands.centres[9:60], rtol=1e-6)
    with rasterio.open(tmp_path / "part.tif") as dataset:
        np.testing.assert_array_equal(dataset.read().transpose(1, 2, 0), raw)
        assert dataset.crs.to_epsg() == 32611
        assert (dataset.transform.c, dataset.transform.f) == pytest.approx(corner(cube, 5, 8))
    np.testing.assert_allclose(verbs.open_scene(tmp_path / "part.tif").cube.values(), expected, rtol=1e-6)
