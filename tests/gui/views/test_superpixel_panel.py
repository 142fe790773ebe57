"""The panel where a scene is cut into superpixels."""

import pytest
from PyQt6.QtCore import Qt

from hadviewer.engine.superpixel_tasks import SuperpixelParams
from hadviewer.gui.views.superpixel_panel import PAUSE_MS, SuperpixelPanel


@pytest.fixture
def panel(qtbot):
    panel = SuperpixelPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def press(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_without_a_scene_nothing_can_be_started(panel):
    assert not panel.run.isEnabled()
    assert not panel.cancel.isEnabled()
    assert "Open a cube" in panel._text.text()


def test_the_parameters_filled_in_are_sent_out(panel, qtbot):
    panel.set_ready(True)
    panel.form.set_values({"number": 150, "compactness": 2.5})
    with qtbot.waitSignal(panel.run_requested) as told:
        press(qtbot, panel.run)
    assert told.args == [SuperpixelParams(number=150, compactness=2.5)]


def test_while_it_runs_it_can_be_cancelled_and_not_started(panel, qtbot):
    panel.set_ready(True)
    panel.set_running(True)
    panel.set_progress(0.4, "Mean spectra")
    assert not panel.run.isEnabled()
    assert panel.progress.isVisible()
    assert panel.progress.value() == 40
    with qtbot.waitSignal(panel.cancel_requested):
        press(qtbot, panel.cancel)
    panel.set_running(False)
    assert panel.run.isEnabled()
    assert not panel.progress.isVisible()


def test_a_failure_is_shown_until_the_next_run(panel):
    panel.set_ready(True)
    panel.show_failure("Too little memory.")
    assert panel.error.text() == "Too little memory."
    panel.set_running(True)
    assert panel.error.text() == ""


def test_boundaries_and_removal_are_offered_once_there_are_superpixels(panel, qtbot):
    panel.set_ready(True)
    assert not panel.outline.isEnabled()
    with qtbot.assertNotEmitted(panel.outline_toggled):
        panel.set_segments(80, True)
    assert panel.outline.isChecked()
    with qtbot.waitSignal(panel.outline_toggled) as told:
        press(qtbot, panel.outline)
    assert told.args == [False]
    with qtbot.waitSignal(panel.remove_requested):
        press(qtbot, panel.remove)


def test_it_tells_the_superpixel_under_the_cursor_or_how_many_there_are(panel):
    panel.set_ready(True)
    panel.set_segments(80, True)
    assert panel._text.text() == "80 superpixels."
    panel.show_segment("Superpixel 3 of 80: 7 pixels.")
    assert panel._text.text() == "Superpixel 3 of 80: 7 pixels."
    panel.show_segment("")
    assert panel._text.text() == "80 superpixels."


def test_live_tells_at_once_and_then_the_last_of_several_changes(panel, qtbot):
    panel.set_ready(True)
    with qtbot.waitSignal(panel.live_changed) as told:
        press(qtbot, panel.live)
    assert told.args == [SuperpixelParams()]
    with qtbot.waitSignal(panel.live_changed) as told:
        for number in (100, 150, 200):
            panel.form.set_values({"number": number})
    assert told.args == [SuperpixelParams(number=200)]
    with qtbot.waitSignal(panel.live_changed) as told:
        press(qtbot, panel.live)
    assert told.args == [None]


def test_not_live_a_change_tells_nothing(panel, qtbot):
    panel.set_ready(True)
    with qtbot.assertNotEmitted(panel.live_changed, wait=2 * PAUSE_MS):
        panel.form.set_values({"number": 200})


def test_the_composite_is_not_asked_for(panel):
    assert "composite" not in panel.form.values()
    assert panel.form.values()["channels"] == "components"


def test_superpixels_are_coloured_by_score_only_when_there_is_a_result(panel, qtbot):
    panel.set_ready(True)
    assert not panel.fill.isEnabled()
    panel.set_segments(80, True)
    assert not panel.fill.model().item(1).isEnabled()
    panel.set_fill("", "GRX")
    assert panel.fill.model().item(1).isEnabled()
    assert panel.fill.itemText(1) == "Mean score of GRX"
    with qtbot.waitSignal(panel.fill_chosen) as told:
        panel.fill.setFocus()
        qtbot.keyClick(panel.fill, Qt.Key.Key_Down)
    assert told.args == ["segment_scores"]
    with qtbot.assertNotEmitted(panel.fill_chosen):
        panel.set_fill("segment_colours", "GRX")
    assert panel.fill.currentText() == "Mean colour"


def test_a_note_stands_until_it_is_taken_back(panel):
    panel.set_ready(True)
    panel.set_segments(80, True)
    panel.show_note("A preview.")
    assert panel._text.text() == "A preview."
    panel.show_note("")
    assert panel._text.text() == "80 superpixels."


def test_live_the_whole_can_be_computed_while_a_preview_is_under_way(panel, qtbot):
    panel.set_ready(True)
    press(qtbot, panel.live)
    panel.set_running(True)
    with qtbot.waitSignal(panel.run_requested):
        press(qtbot, panel.run)
