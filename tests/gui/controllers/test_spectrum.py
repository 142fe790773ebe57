"""Spectra follow the cursor and the pins, read in the background."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from hadviewer.core.cube import Scene
from hadviewer.core.errors import ReadError
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.session import Segmentation
from hadviewer.gui.controllers.spectrum import SpectrumController, spectra_table
from hadviewer.gui.views.protocols import SpectrumViewLike


@pytest.fixture
def view(double):
    return double(SpectrumViewLike)


@pytest.fixture
def controller(session, jobs, view, messages):
    return SpectrumController(session, jobs, view, messages)


@pytest.fixture
def held(session, held_jobs, view, messages):
    return SpectrumController(session, held_jobs, view, messages)


def shown(view):
    """The kept spectra the view was last told of."""
    return view.set_pins.call_args.args[0]


def test_the_view_learns_bands_and_quantity_of_the_cube(controller, session, view, make_cube):
    cube = make_cube(bad=(2,), quantity="Radiance", unit="W/m²/sr/nm")
    session.open(Scene(cube))
    usable, centres, quantity = view.set_bands.call_args.args
    assert usable.tolist() == cube.bands.mask.tolist()
    assert centres is cube.bands.centres
    assert quantity == "Radiance (W/m²/sr/nm)"


def test_the_spectrum_under_the_cursor_is_the_cubes(controller, session, view, scene):
    session.open(scene)
    session.set_cursor((3, 5))
    values, title = view.set_live.call_args.args
    np.testing.assert_array_equal(values, scene.cube.pixel(3, 5))
    assert title == "Cursor: line 3, sample 5"


def test_only_where_the_cursor_is_last_is_read(held, held_jobs, session, view, scene):
    session.open(scene)
    for col in range(10):
        session.set_cursor((0, col))
    assert len(held_jobs.held) == 1
    held_jobs.perform()
    assert view.set_live.call_args.args[1] == "Cursor: line 0, sample 0"
    held_jobs.perform()
    assert view.set_live.call_args.args[1] == "Cursor: line 0, sample 9"
    assert held_jobs.held == []


def test_off_the_image_the_last_spectrum_stays(controller, session, view, scene):
    session.open(scene)
    session.set_cursor((3, 5))
    view.set_live.reset_mock()
    session.set_cursor(None)
    view.set_live.assert_not_called()


def test_a_cursor_left_from_a_larger_scene_is_ignored(controller, session, view, scene, messages):
    session.open(scene)
    session.set_cursor((500, 500))
    view.set_live.assert_not_called()
    messages.error.assert_not_called()


def test_a_spectrum_of_the_scene_before_never_shows(held, held_jobs, session, view, scene, make_cube):
    session.open(scene)
    session.set_cursor((3, 5))
    session.open(Scene(make_cube(rows=5)))
    held_jobs.perform()
    view.set_live.assert_not_called()
    session.set_cursor((1, 1))
    held_jobs.perform()
    assert view.set_live.call_args.args[1] == "Cursor: line 1, sample 1"


def test_a_pinned_pixel_is_shown_in_its_markers_colour(controller, session, view, scene):
    session.open(scene)
    controller.pin(2, 4)
    (kept,) = shown(view)
    np.testing.assert_array_equal(kept.values, scene.cube.pixel(2, 4))
    assert kept.colour == session.state.pins[0].colour
    assert kept.title == "Line 2, sample 4"


def test_a_pixel_is_pinned_once(controller, session, scene):
    session.open(scene)
    controller.pin(2, 4)
    controller.pin(2, 4)
    assert len(session.state.pins) == 1


def test_pinning_a_hidden_pixel_shows_it_again(controller, session, view, scene):
    session.open(scene)
    controller.pin(2, 4)
    view.pin_shown.emit(session.state.pins[0].id, False)
    assert not shown(view)[0].visible
    controller.pin(2, 4)
    assert [kept.visible for kept in shown(view)] == [True]


def test_nothing_is_pinned_outside_the_scene_or_without_one(controller, session, scene):
    controller.pin(0, 0)
    session.open(scene)
    controller.pin(-1, 0)
    controller.pin(0, 17)
    assert session.state.pins == ()


def test_a_pinned_pixel_is_read_once(controller, session, scene):
    session.open(scene)
    controller.pin(2, 4)
    reads = len(scene.cube.source.reads)
    controller.pin(3, 4)
    session.pins.update([session.state.pins[0].id], visible=False)
    assert len(scene.cube.source.reads) == reads + 1


def test_removing_and_undoing_bring_the_spectra_back(controller, session, view, scene):
    session.open(scene)
    controller.pin(2, 4)
    controller.pin(3, 4)
    view.pin_removed.emit(session.state.pins[0].id)
    assert [kept.title for kept in shown(view)] == ["Line 3, sample 4"]
    session.undo()
    assert [kept.title for kept in shown(view)] == ["Line 2, sample 4", "Line 3, sample 4"]
    view.pins_cleared.emit()
    assert shown(view) == []


def test_another_scene_has_none_of_the_spectra_and_undo_reads_them_again(controller, session, view, scene, make_cube):
    session.open(scene)
    controller.pin(2, 4)
    session.open(Scene(make_cube(rows=5)))
    assert shown(view) == []
    session.undo()
    np.testing.assert_array_equal(shown(view)[0].values, scene.cube.pixel(2, 4))


def test_loading_a_truth_keeps_the_spectra(controller, session, view, cube, truth):
    session.open(Scene(cube))
    controller.pin(2, 4)
    view.set_bands.reset_mock()
    session.set_truth(truth)
    view.set_bands.assert_not_called()
    assert len(shown(view)) == 1


def test_the_bands_on_the_screen_are_marked(controller, session, view, scene):
    session.open(scene)
    session.set_display(DisplayIntent("custom", (5, 3, 1)))
    assert view.show_bands.call_args.args == ((5, 3, 1),)


def test_the_mean_of_the_superpixel_under_the_cursor_shows(controller, session, view, scene):
    session.open(scene)
    labels = np.zeros((12, 17), dtype=np.int32)
    labels[:, 8:], labels[0, 0] = 1, -1
    means = np.arange(16, dtype=np.float32).reshape(2, 8)
    session.set_cursor((4, 2))
    session.set_segmentation(Segmentation(labels, means))
    values, title = view.set_segment.call_args.args
    assert (values.tolist(), title) == (means[0].tolist(), "Superpixel 1: mean")
    session.set_cursor((4, 9))
    assert view.set_segment.call_args.args[1] == "Superpixel 2: mean"
    session.set_cursor((0, 0))
    assert view.set_segment.call_args.args == (None,)
    session.set_cursor((4, 9))
    session.set_segmentation(None)
    assert view.set_segment.call_args.args == (None,)


class Broken:
    """A source whose disk went away."""

    shape, dtype, order = (12, 17, 8), np.dtype(np.float32), "bip"

    def read(self, window, bands, step=1):
        raise ReadError("The file is gone.")


def test_a_disk_that_fails_is_told_once_not_at_every_movement(controller, session, view, scene, messages):
    session.open(Scene(replace(scene.cube, source=Broken())))
    for col in range(5):
        session.set_cursor((0, col))
    assert [call.args[0] for call in messages.error.call_args_list] == ["The file is gone."]
    view.set_live.assert_not_called()


def test_the_exported_table_holds_what_is_shown(controller, session, view, make_cube, messages, tmp_path):
    cube = make_cube(bad=(2,))
    session.open(Scene(cube))
    session.set_cursor((1, 1))
    controller.pin(2, 4)
    controller.pin(3, 4)
    session.pins.update([session.state.pins[1].id], visible=False)
    view.export_requested.emit(tmp_path / "spectra.csv")
    comment, *lines = (tmp_path / "spectra.csv").read_text().splitlines()
    assert comment.startswith("# Spectra of small")
    header, *rows = csv.reader(lines)
    assert header == ["band", "wavelength_nm", "usable", "Cursor: line 1, sample 1", "Line 2, sample 4"]
    assert [int(row[0]) for row in rows] == list(range(1, 9))
    np.testing.assert_allclose([float(row[1]) for row in rows], cube.bands.centres)
    assert [row[2] for row in rows] == ["1", "1", "0", "1", "1", "1", "1", "1"]
    np.testing.assert_array_equal([float(row[4]) for row in rows], cube.pixel(2, 4))
    assert "spectra.csv" in messages.info.call_args.args[0]


def test_without_a_spectrum_nothing_is_written(controller, session, view, scene, messages, tmp_path):
    session.open(scene)
    view.export_requested.emit(tmp_path / "spectra.csv")
    assert not (tmp_path / "spectra.csv").exists()
    messages.warn.assert_called_once()


def test_a_folder_that_cannot_be_written_is_told(controller, session, view, scene, messages, tmp_path):
    session.open(scene)
    controller.pin(2, 4)
    (tmp_path / "file").write_text("")
    view.export_requested.emit(tmp_path / "file" / "spectra.csv")
    messages.error.assert_called_once()


def test_copying_puts_a_table_with_tabs_on_the_clipboard(controller, session, view, scene):
    session.open(scene)
    controller.pin(2, 4)
    view.copy_requested.emit()
    text = view.copy_text.call_args.args[0]
    assert text.splitlines()[0].split("\t")[-1] == "Line 2, sample 4"
    assert len(text.splitlines()) == 9


def test_a_table_without_wavelengths_has_no_column_for_them(make_cube):
    cube = make_cube(wavelengths=False)
    header, rows = spectra_table(cube.bands, [("one", np.full(8, np.nan, np.float32))])
    assert header == ["band", "usable", "one"]
    assert next(rows) == [1, 1, ""]
