"""Editing metadata: the scene follows, Undo takes it back, and the file beside follows both."""

import json

import numpy as np
import pytest

from hadviewer.core.corrections import Corrections
from hadviewer.core.cube import Window
from hadviewer.core.region import rectangle
from hadviewer.engine import bad_bands, verbs
from hadviewer.gui.controllers.metadata import MetadataController
from hadviewer.gui.views.metadata_data import MetadataOrder
from hadviewer.gui.views.protocols import MetadataEditorLike
from hadviewer.io.sidecar import place_of


@pytest.fixture
def path(tmp_path):
    values = np.random.default_rng(3).integers(1, 4000, (5, 12, 14)).astype(np.int16)
    np.save(tmp_path / "field.npy", values)
    return tmp_path / "field.npy"


@pytest.fixture
def editor(double):
    editor = double(MetadataEditorLike)
    editor.isVisible.return_value = False
    return editor


@pytest.fixture
def chosen():
    return []


@pytest.fixture
def controller(session, jobs, editor, messages, path, chosen):
    session.open(verbs.open_scene(path))
    controller = MetadataController(
        session, jobs, editor, messages, lambda: chosen[0] if chosen else None, lambda: chosen.append("bands")
    )
    controller.ask()
    return controller


def order(editor, options=None, remember=True, **texts):
    sheet = editor.offer.call_args.args[0]
    return MetadataOrder(options or {}, {**sheet.texts, **texts}, remember)


def said(path):
    return json.loads(place_of(path).read_text())["cubes"]["field"]


def test_the_sheet_tells_what_was_guessed(controller, editor):
    sheet = editor.offer.call_args.args[0]
    assert sheet.filed.sources["order"].kind == "guess"
    assert sheet.filed.guessed_options == {"order": "bsq"}
    assert sheet.filed.size == "12 lines × 14 samples × 5 bands, int16"
    assert sheet.filed.suggestion == "0.0001"
    assert sheet.place == "field.npy.hadviewer.json"
    editor.present.assert_called_once()


def test_what_is_said_changes_the_scene_and_is_kept(controller, editor, session, path):
    editor.ordered.emit(order(editor, scale="0.0001", nodata="0", wavelengths="400\n500\n600\n700\n800"))
    assert session.cube.nodata == 0
    assert session.cube.bands.centres.tolist() == [400, 500, 600, 700, 800]
    assert said(path)["scale"] == 0.0001
    assert verbs.open_scene(path).cube.nodata == 0


def test_undo_takes_it_back_in_the_window_and_beside_the_file(controller, editor, session, path):
    editor.ordered.emit(order(editor, scale="2"))
    editor.ordered.emit(order(editor, scale="2", nodata="3"))
    session.undo()
    assert said(path) == {"scale": 2}
    session.undo()
    assert not place_of(path).exists()
    session.redo()
    assert said(path) == {"scale": 2}


def test_marks_of_bad_bands_made_later_are_kept_too(controller, editor, session, path):
    editor.ordered.emit(order(editor, scale="2"))
    bad_bands.mark(session, [1, 3], False)
    assert said(path)["bad_bands"] == [2, 4]
    assert editor.show_bad_bands.call_args.args == ("2 of 5: 2, 4",)


def test_nothing_is_kept_unless_asked_for(controller, editor, session, path):
    editor.ordered.emit(order(editor, remember=False, scale="2"))
    assert session.cube.scale.gain == 2
    assert not place_of(path).exists()


def test_saying_nothing_any_more_removes_what_was_kept(session, jobs, editor, messages, path):
    place_of(path).write_text(
        '{"format": "hadviewer metadata", "version": 1, "cubes": {"field": {"scale": 2, "nodata": 5}}}'
    )
    session.open(verbs.open_scene(path))
    MetadataController(session, jobs, editor, messages, lambda: None, lambda: None).ask()
    editor.ordered.emit(order(editor, scale="1", nodata="none"))
    assert session.cube.scale is None
    assert not place_of(path).exists()


def test_another_axis_order_reads_the_file_anew_and_can_be_undone(controller, editor, session, path):
    former = session.cube
    editor.options_changed.emit({"order": "bip"})
    assert editor.show_filed.call_args.args[0].size.startswith("5 lines × 12 samples × 14 bands")
    editor.ordered.emit(order(editor, {"order": "bip"}, nodata="7"))
    assert session.cube.shape == (5, 12, 14)
    assert session.cube.nodata == 7
    assert said(path) == {"options": {"order": "bip"}, "nodata": 7}
    session.undo()
    assert session.cube is former


def test_a_scene_opened_meanwhile_stays_when_the_other_reading_arrives(
    session, held_jobs, editor, messages, path, tmp_path
):
    session.open(verbs.open_scene(path))
    MetadataController(session, held_jobs, editor, messages, lambda: None, lambda: None).ask()
    held_jobs.perform()
    editor.options_changed.emit({"order": "bip"})
    held_jobs.perform()
    editor.ordered.emit(order(editor, {"order": "bip"}))
    np.save(tmp_path / "other.npy", np.ones((6, 7, 9), np.float32))
    session.open(verbs.open_scene(tmp_path / "other.npy"))
    other = session.cube
    while held_jobs.held:
        held_jobs.perform()
    assert session.cube is other


def test_saying_that_the_axis_order_is_right_keeps_everything_found_in_the_scene(controller, editor, session, path):
    session.regions.add([rectangle(Window(2, 5, 3, 6))], "field")
    source = session.cube.source
    editor.options_changed.emit({"order": "bsq"})
    editor.ordered.emit(order(editor, {"order": "bsq"}))
    assert session.cube.guesses == ()
    assert session.cube.source is source
    assert len(session.state.regions) == 1
    assert said(path) == {"options": {"order": "bsq"}}


def test_what_does_not_fit_the_other_order_is_told_at_its_field(controller, editor, session):
    before = session.state
    editor.options_changed.emit({"order": "bip"})
    editor.ordered.emit(order(editor, {"order": "bip"}, wavelengths="400\n500\n600\n700\n800"))
    assert editor.show_error.call_args.args[0] == "wavelengths"
    assert session.state is before


def test_what_cannot_be_is_told_at_its_field_and_changes_nothing(controller, editor, session):
    before = session.state
    editor.ordered.emit(order(editor, nodata="many"))
    assert editor.show_error.call_args.args == ("nodata", "'many' is no number.")
    editor.ordered.emit(order(editor, wavelengths="400\n500"))
    assert editor.show_error.call_args.args[0] == "wavelengths"
    assert session.state is before


def test_wavelengths_come_from_a_file(controller, editor, chosen, tmp_path):
    (tmp_path / "waves.txt").write_text("0.4\n0.5\n0.6\n0.7\n0.8\n")
    chosen.append(tmp_path / "waves.txt")
    editor.load_requested.emit()
    assert editor.set_wavelengths.call_args.args == ("0.4\n0.5\n0.6\n0.7\n0.8", "um")
    chosen[0] = tmp_path / "none.txt"
    editor.load_requested.emit()
    assert editor.show_error.call_args.args[0] == "wavelengths"


def test_a_folder_that_cannot_be_written_is_told_and_the_session_keeps_it(
    controller, editor, session, messages, path, monkeypatch
):
    from hadviewer.core.errors import WriteError
    from hadviewer.io import sidecar

    def refuse(*targets):
        raise WriteError("It cannot be written.")

    monkeypatch.setattr(sidecar, "replacing", refuse)
    editor.ordered.emit(order(editor, scale="2"))
    assert session.cube.scale.gain == 2
    assert "session" in messages.warn.call_args.args[0]


def test_a_scene_without_a_file_is_edited_in_the_session_only(session, jobs, editor, messages, scene):
    session.open(scene)
    MetadataController(session, jobs, editor, messages, lambda: None, lambda: None).ask()
    assert editor.offer.call_args.args[0].place == ""
    editor.ordered.emit(order(editor, scale="2"))
    assert session.cube.scale.gain == 2


def test_an_open_editor_follows_another_scene(controller, editor, session, scene):
    editor.isVisible.return_value = True
    session.open(scene)
    assert editor.offer.call_args.args[0].title == "small"


def test_bands_are_marked_elsewhere(controller, editor, chosen):
    editor.bad_bands_requested.emit()
    assert chosen == ["bands"]


def test_corrections_reach_whoever_opens_the_cube_again(controller, editor, session):
    editor.ordered.emit(order(editor, offset="5"))
    assert session.cube.origin.corrections == Corrections(offset=5)
    np.testing.assert_array_equal(verbs.open_origin(session.cube.origin).values(), session.cube.values())
