"""Stretch, components, playing, going to a place and pictures, by mouse and keys in the real window."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QApplication

from hadviewer.core.bands import BandSet
from hadviewer.engine.display import StretchIntent
from hadviewer.gui.views.goto_dialog import GotoDialog
from hadviewer.gui.views.view_picture_dialog import ViewPictureDialog
from hadviewer.io.writers.envi import write_envi_cube

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
ROWS, COLS, BANDS = 40, 50, 12
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def scene_file(tmp_path: Path) -> Path:
    """A small scene on a map, with wavelengths."""
    rng = np.random.default_rng(0)
    shapes = rng.normal(0, 0.1, (ROWS, COLS, 3)) @ rng.normal(1, 1, (3, BANDS))
    cube = (shapes + rng.normal(0.5, 0.01, (ROWS, COLS, BANDS))).astype(np.float32)
    header = tmp_path / "field.hdr"
    write_envi_cube(header, cube, BandSet(BANDS, centres=np.linspace(450, 1200, BANDS)))
    place = "map info = {UTM, 1, 1, 480000, 5000000, 10, 10, 10, North, WGS-84, units=Meters}\n"
    header.write_text(header.read_text() + place)
    return header


@pytest.fixture
def bench(qtbot: "QtBot", workbench: Make, scene_file: Path) -> "Workbench":
    bench = workbench()
    bench.scene.open(scene_file)
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=20_000)
    settle(qtbot, bench)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    """Wait until nothing is left to do."""
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def shown(bench: "Workbench") -> np.ndarray:
    """The middle of the image as it is on the screen."""
    image = bench.image.active.grab().toImage()
    middle = [(image.width() // 2 + 7 * n, image.height() // 2 + 5 * n) for n in range(-9, 10)]
    return np.array([image.pixel(*place) for place in middle])


def test_a_stretch_is_chosen_dragged_taken_back_and_reset(qtbot: "QtBot", bench: "Workbench") -> None:
    panel, session = bench.display_panel, bench.session
    before = shown(bench)
    panel.stretch.setFocus()
    panel.stretch.setCurrentIndex(panel.stretch.findText("Equalised"))
    panel.stretch.activated.emit(panel.stretch.currentIndex())
    settle(qtbot, bench)
    assert (shown(bench) != before).any()
    histogram = panel.histograms[0]
    found = histogram.limits
    qtbot.mousePress(histogram, LEFT, pos=QPoint(round(histogram.place_of(found[0])), 10))
    qtbot.mouseMove(histogram, QPoint(histogram.width() // 2, 10))
    assert session.state.display.stretch.kind == "equalise"
    assert session.state.display.stretch.limits[0][0] > found[0]
    qtbot.keyClick(histogram, Qt.Key.Key_Escape)
    settle(qtbot, bench)
    assert session.state.display.stretch.limits == ()
    assert histogram.limits == pytest.approx(found)
    bench.commands.actions.by_id["auto_stretch"].trigger()
    settle(qtbot, bench)
    assert session.state.display.stretch == StretchIntent()
    assert (shown(bench) == before).all()


def test_components_come_from_the_worker_and_undo_brings_the_bands_back(qtbot: "QtBot", bench: "Workbench") -> None:
    before = shown(bench)
    bench.commands.actions.by_id["mode_pca"].trigger()
    assert bench.display_panel.work.isVisibleTo(bench.display_panel)
    settle(qtbot, bench)
    assert not bench.display_panel.work.isVisibleTo(bench.display_panel)
    assert bench.display_panel.bands[0].currentText().startswith("PC 1")
    assert (shown(bench) != before).any()
    bench.session.undo()
    settle(qtbot, bench)
    assert (shown(bench) == before).all()


def test_bands_are_played_one_after_another(qtbot: "QtBot", bench: "Workbench") -> None:
    player = bench.display_panel.player
    player.player.set_speed(50)
    seen: set[tuple[int, ...]] = set()
    bench.session.display_changed.connect(lambda: seen.add(bench.session.state.display.bands))
    bench.commands.actions.by_id["band_play"].trigger()
    qtbot.waitUntil(lambda: len(seen) >= 4, timeout=20_000)
    bench.commands.actions.by_id["band_play"].trigger()
    assert not player.player.playing
    settle(qtbot, bench)
    assert all(len(bands) == 1 for bands in seen)


def test_a_typed_place_comes_to_the_middle(qtbot: "QtBot", bench: "Workbench") -> None:
    bench.commands.actions.by_id["goto"].trigger()
    dialog = bench.window.findChild(GotoDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData("map"))
    qtbot.keyClicks(dialog.place, "480105, 4999895")
    qtbot.keyClick(dialog.place, Qt.Key.Key_Return)
    settle(qtbot, bench)
    assert bench.image.crosshair == (10, 10)
    dialog.place.clear()
    qtbot.keyClicks(dialog.place, "1, 2")
    qtbot.mouseClick(dialog.go, LEFT)
    settle(qtbot, bench)
    assert "Outside" in dialog.error.text()
    assert bench.image.crosshair == (10, 10)
    dialog.close()


def test_scale_bar_and_north_arrow_are_shown_and_remembered(qtbot: "QtBot", bench: "Workbench") -> None:
    view = bench.image.active
    assert view.mapping is not None
    corner = view.mapping.seen.bottomLeft().toPoint() + QPoint(20, -20)
    with_bar = view.grab().toImage().pixel(corner)
    bench.commands.actions.by_id["scale_bar"].trigger()
    QApplication.processEvents()
    assert view.grab().toImage().pixel(corner) != with_bar
    assert bench.store.settings.scale_bar is False
    assert bench.store.settings.north_arrow is True


def test_a_picture_of_the_view_has_what_was_ticked(
    qtbot: "QtBot", bench: "Workbench", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "view.png"
    monkeypatch.setattr(bench.view_picture, "_choose_target", lambda name: target)
    bench.commands.actions.by_id["save_view"].trigger()
    dialog = bench.window.findChild(ViewPictureDialog)
    qtbot.mouseClick(dialog.save, LEFT)
    settle(qtbot, bench)
    mapping = bench.image.active.mapping
    assert mapping is not None
    with Image.open(target) as page:
        assert page.height > mapping.seen.height()
        assert page.getpixel((2, 2)) == (255, 255, 255)
    assert not dialog.isVisible()
