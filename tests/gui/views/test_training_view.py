"""The training dock: runs, steps, curves and pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, QSize, Qt
from PyQt6.QtWidgets import QApplication, QFileDialog

from hadviewer.gui.views.data import PlotLine, TrainingRun, TrainingTile
from hadviewer.gui.views.picture_tiles import LEAST, PictureTiles
from hadviewer.gui.views.training_view import HINT, TrainingView

STEPS = np.arange(1.0, 101.0)
LOSSES = (
    PlotLine(7, "loss", "#1a73e8", STEPS, 1 / STEPS),
    PlotLine(7, "energy", "#e8710a", STEPS, 50 - STEPS),
)
AREAS = (PlotLine(7, "AUC", "#1e8e3e", STEPS[::10], np.linspace(0.9, 0.99, 10)),)
RUNS = (TrainingRun(7, "LREN", True), TrainingRun(5, "SUPERAD", False))


def tile(name: str, rows: int = 40, cols: int = 60, seed: int = 0) -> TrainingTile:
    values = np.random.default_rng(seed).random((rows, cols), dtype=np.float32)
    rgba = np.full((rows, cols, 4), 255, dtype=np.uint8)
    return TrainingTile(name, "0 to 1", rgba, values)


@pytest.fixture
def view(qtbot: Any) -> TrainingView:
    view = TrainingView()
    qtbot.addWidget(view)
    view.resize(900, 240)
    view.show()
    qtbot.waitExposed(view)
    return view


@pytest.fixture
def filled(view: TrainingView) -> TrainingView:
    view.set_runs(RUNS, 7)
    view.set_curves(LOSSES, AREAS, 7)
    view.set_steps(list(range(0, 101, 10)), 10, True)
    view.set_tiles([tile("Anomaly map"), tile("Input"), tile("Reconstruction")])
    view.grab()
    return view


def test_an_empty_dock_says_what_it_is_for(view: TrainingView) -> None:
    hints = [label.text() for label in view.findChildren(type(view.step_label)) if label.isVisible()]
    assert HINT in hints
    assert not view.runs.isVisible()
    assert not view.export_button.isVisible()


def test_runs_are_offered_and_those_under_way_marked(filled: TrainingView, qtbot: Any) -> None:
    assert [filled.runs.itemText(n) for n in range(2)] == ["LREN …", "SUPERAD"]
    assert filled.runs.currentData() == 7
    assert not filled.forget_button.isEnabled()
    with qtbot.waitSignal(filled.run_chosen) as caught:
        filled.runs.setFocus()
        qtbot.keyClick(filled.runs, Qt.Key.Key_Down)
    assert caught.args == [5]
    filled.set_runs(RUNS, 5)
    with qtbot.waitSignal(filled.forget_requested):
        qtbot.mouseClick(filled.forget_button, Qt.MouseButton.LeftButton)


def test_the_legend_tells_every_curve_at_the_step(filled: TrainingView) -> None:
    text = filled.legend.toolTip()
    assert "AUC 0.9900" in text
    assert "loss 0.01" in text
    assert "energy -50" in text
    filled.slider.setValue(5)
    assert "loss 0.02" in filled.legend.toolTip()
    assert filled.step_label.text() == "Step 50 of 100"


def test_the_slider_leaves_the_live_end_and_comes_back_to_it(filled: TrainingView, qtbot: Any) -> None:
    seen: list[Any] = []
    filled.step_chosen.connect(seen.append)
    filled.slider.setFocus()
    qtbot.keyClick(filled.slider, Qt.Key.Key_Left)
    assert not filled.live.isChecked()
    qtbot.keyClick(filled.slider, Qt.Key.Key_Home)
    qtbot.keyClick(filled.slider, Qt.Key.Key_End)
    assert filled.live.isChecked()
    qtbot.mouseClick(filled.live, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(filled.live, Qt.MouseButton.LeftButton)
    assert seen == [90, 0, None, 100, None]


def test_a_click_into_the_curves_chooses_the_nearest_step(filled: TrainingView) -> None:
    filled.plot.step_pointed.emit(42.0)
    assert filled.step == 40


def test_a_logarithmic_axis_leaves_out_what_is_not_above_zero(filled: TrainingView) -> None:
    filled.plot.grab()
    curves = [
        item for item in filled.plot.getViewBox().addedItems if hasattr(item, "getData") and len(item.getData()[0])
    ]
    energy = curves[1].getData()[1]
    assert np.isnan(energy[60:]).all()
    np.testing.assert_allclose(energy[:49], np.log10(50 - STEPS[:49]))
    filled.log.setChecked(False)
    filled.plot.grab()


def test_a_part_looked_at_stays_in_sight_while_curves_grow(filled: TrainingView) -> None:
    box = filled.plot.getViewBox()
    box.setRange(xRange=(10, 20), padding=0)
    box.sigRangeChangedManually.emit(box.mouseEnabled())
    filled.set_curves(LOSSES, AREAS, 7)
    assert box.viewRange()[0] == pytest.approx([10, 20])


def test_news_are_asked_for_not_oftener_than_the_eye_follows(view: TrainingView, qtbot: Any) -> None:
    asked: list[bool] = []
    view.due.connect(lambda: asked.append(True))
    for _ in range(50):
        view.announce()
    qtbot.waitUntil(lambda: bool(asked))
    qtbot.wait(250)
    assert asked == [True]


def test_a_hidden_dock_asks_for_news_when_it_is_looked_at(view: TrainingView, qtbot: Any) -> None:
    asked: list[bool] = []
    view.due.connect(lambda: asked.append(True))
    view.hide()
    view.announce()
    qtbot.wait(250)
    assert asked == []
    view.show()
    qtbot.waitUntil(lambda: bool(asked))


def test_exports_ask_where_and_add_the_ending(
    filled: TrainingView, qtbot: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "course"), ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    menu = filled.export_button.menu()
    assert menu is not None
    expected = (
        (filled.curves_export_requested, tmp_path / "course.csv"),
        (filled.pictures_export_requested, tmp_path),
        (filled.film_export_requested, tmp_path / "course.png"),
    )
    for action, (signal, path) in zip(menu.actions(), expected, strict=True):
        with qtbot.waitSignal(signal) as caught:
            action.trigger()
        assert caught.args == [path]


class TestTiles:
    @pytest.fixture
    def tiles(self, qtbot: Any) -> PictureTiles:
        tiles = PictureTiles()
        qtbot.addWidget(tiles)
        tiles.resize(700, 200)
        tiles.set_tiles([tile("Anomaly map"), tile("Input", seed=1), tile("Attention", 30, 30, seed=2)])
        tiles.show()
        qtbot.waitExposed(tiles)
        return tiles

    def test_no_picture_covers_another_and_all_are_inside(self, tiles: PictureTiles) -> None:
        for size in ((700, 200), (200, 700), (400, 400), (120, 60)):
            tiles.resize(*size)
            tiles.grab()
            found = [place.picture for place in tiles.places()]
            assert all(tiles.rect().toRectF().adjusted(-1, -1, 1, 1).contains(picture) for picture in found)
            assert not any(a.intersects(b) for n, a in enumerate(found) for b in found[:n])

    def test_pixels_are_square(self, tiles: PictureTiles) -> None:
        for place, (rows, cols) in zip(tiles.places(), ((40, 60), (40, 60), (30, 30)), strict=True):
            assert place.picture.width() / place.picture.height() == pytest.approx(cols / rows)

    def test_the_value_of_a_pixel_is_told(self, tiles: PictureTiles) -> None:
        place = tiles.places()[1].picture
        at = QPointF(place.left() + place.width() * 10.5 / 60, place.top() + place.height() * 20.5 / 40)
        values = tiles.shown[1].values
        assert values is not None
        assert tiles.tip_at(at) == f"Input\nLine 20, sample 10: {values[20, 10]:.4g}"
        assert tiles.tip_at(QPointF(-5, -5)) == ""
        tiles.count_from(1)
        assert tiles.tip_at(at) == f"Input\nLine 21, sample 11: {values[20, 10]:.4g}"

    def test_a_double_click_shows_one_alone_and_another_all_again(self, tiles: PictureTiles, qtbot: Any) -> None:
        def double_click() -> None:
            centre = tiles.places()[-1].picture.center().toPoint()
            qtbot.mouseDClick(tiles, Qt.MouseButton.LeftButton, pos=centre)

        before = tiles.places()[-1].picture.height()
        double_click()
        assert tiles.alone == "Attention"
        assert tiles.places()[0].picture.height() >= before
        double_click()
        assert tiles.alone is None
        double_click()
        qtbot.keyClick(tiles, Qt.Key.Key_Escape)
        assert tiles.alone is None

    def test_one_alone_that_is_gone_gives_way_to_all(self, tiles: PictureTiles) -> None:
        tiles.show_alone("Attention")
        tiles.set_tiles([tile("Anomaly map")])
        assert tiles.alone is None
        assert len(tiles.places()) == 1

    def test_many_pictures_make_the_page_wider_rather_than_tiny(self, tiles: PictureTiles) -> None:
        assert tiles.width_for(QSize(700, 200), 14) == 0
        tiles.set_tiles([tile(str(number)) for number in range(9)])
        width = tiles.width_for(QSize(400, 160), 14)
        assert width > 400
        tiles.resize(width, 146)
        assert all(place.picture.height() >= LEAST for place in tiles.places())

    def test_nothing_is_painted_from_memory_that_is_gone(self, tiles: PictureTiles) -> None:
        for seed in range(20):
            tiles.set_tiles([tile("Anomaly map", seed=seed)])
            QApplication.processEvents()
        assert tiles.grab().toImage().pixelColor(tiles.places()[0].picture.center().toPoint()).name() == "#ffffff"


def test_a_narrow_legend_drops_what_does_not_fit_the_least_important_first(filled: TrainingView) -> None:
    filled.legend.resize(110, 20)
    assert "AUC 0.9900" in filled.legend.text()
    assert "energy" not in filled.legend.text()
    assert filled.legend.text().endswith("…")
    filled.legend.resize(900, 20)
    assert "energy -50" in filled.legend.text()


def test_the_steps_are_played_from_the_first_and_the_end_stops_it(filled: TrainingView, qtbot: Any) -> None:
    seen: list[Any] = []
    filled.step_chosen.connect(seen.append)
    assert filled.player.accessibleName() == "Play the steps"
    qtbot.mouseClick(filled.player, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert filled.player.timer.isActive()
    assert filled.player.accessibleName() == "Pause"
    assert filled.step == 0
    for _ in range(10):
        filled.player.timer.timeout.emit()
    assert seen == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, None]
    assert not filled.player.timer.isActive()
    assert filled.player.accessibleName() == "Play the steps"


def test_playing_goes_on_by_itself(filled: TrainingView, qtbot: Any) -> None:
    filled.slider.setValue(3)
    filled.player.speeds.actions()[-1].trigger()
    qtbot.mouseClick(filled.player, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    qtbot.waitUntil(lambda: filled.slider.value() >= 5)
    assert filled.player.timer.interval() == 50
    assert filled.player.speeds.actions()[-1].isChecked()


def test_space_at_the_slider_plays_and_pauses(filled: TrainingView, qtbot: Any) -> None:
    filled.slider.setValue(2)
    filled.slider.setFocus()
    qtbot.keyClick(filled.slider, Qt.Key.Key_Space)
    assert filled.player.playing
    filled.player.timer.timeout.emit()
    qtbot.keyClick(filled.slider, Qt.Key.Key_Space)
    assert not filled.player.playing
    assert filled.step == 30


@pytest.mark.parametrize("end", ["live", "run", "hide"])
def test_whatever_takes_the_steps_out_of_sight_pauses(filled: TrainingView, qtbot: Any, end: str) -> None:
    filled.player.click()
    filled.slider.setValue(4)
    if end == "live":
        qtbot.mouseClick(filled.live, Qt.MouseButton.LeftButton)
    elif end == "run":
        filled.runs.setFocus()
        qtbot.keyClick(filled.runs, Qt.Key.Key_Down)
    else:
        filled.hide()
    assert not filled.player.timer.isActive()


def test_there_is_nothing_to_play_in_one_step(filled: TrainingView) -> None:
    filled.set_steps([0], 0, True)
    assert not filled.player.isEnabled()


@pytest.mark.parametrize(
    ("ends", "expected"),
    [((-1.6, 0.0), [0.05, 0.1, 0.2, 0.5, 1.0]), ((-3.2, 0.5), [0.001, 0.01, 0.1, 1.0])],
)
def test_the_axis_of_the_losses_has_few_numbers(
    filled: TrainingView, ends: tuple[float, float], expected: list[float]
) -> None:
    (_, ticks), *others = filled.plot.getAxis("left").logTickValues(*ends, 100, [])
    assert 10 ** np.array(ticks) == pytest.approx(expected)
    assert not others
