"""Spectra follow pointer, crosshair and collection, read and treated in the background."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from hadviewer.analysis.continuum import remove_continuum
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.errors import ReadError
from hadviewer.engine import bad_bands
from hadviewer.engine.display import DisplayIntent
from hadviewer.engine.session import Segmentation
from hadviewer.gui.controllers.spectrum import MANY, SpectrumController
from hadviewer.gui.views.spectrum_data import LIVE, SEGMENT, SUMMARY
from hadviewer.gui.views.spectrum_protocols import SpectrumViewLike
from hadviewer.io.sources import ArraySource


@pytest.fixture
def view(double):
    return double(SpectrumViewLike)


@pytest.fixture
def controller(session, jobs, view, messages):
    return SpectrumController(session, jobs, view, messages)


@pytest.fixture
def held(session, held_jobs, view, messages):
    return SpectrumController(session, held_jobs, view, messages)


@pytest.fixture
def rough():
    """A cube of noise around 100."""
    values = np.random.default_rng(0).normal(100, 5, size=(12, 17, 8)).astype(np.float32)
    return Cube(ArraySource(values), BandSet(8, centres=np.linspace(450, 1000, 8)), name="rough")


def pins(view):
    """The collected spectra the view was last told of."""
    return view.set_pins.call_args.args[0]


def told(view, key):
    """The curve last told for a key, None where it was taken away or never came."""
    calls = [call.args[1] for call in view.follow.call_args_list if call.args[0] == key]
    return calls[-1] if calls else None


def test_the_view_learns_bands_and_quantity_of_the_cube(controller, session, view, make_cube):
    cube = make_cube(bad=(2,), quantity="Radiance", unit="W/m²/sr/nm")
    session.open(Scene(cube))
    axis, quantity = view.set_axis.call_args.args
    assert axis.usable.tolist() == cube.bands.mask.tolist()
    assert axis.centres is cube.bands.centres
    assert quantity == "Radiance (W/m²/sr/nm)"


def test_the_spectrum_under_the_cursor_is_the_cubes(controller, session, view, scene):
    session.open(scene)
    session.set_cursor((3, 5))
    np.testing.assert_array_equal(told(view, LIVE).values, scene.cube.pixel(3, 5))
    assert told(view, LIVE).title == "Cursor: line 3, sample 5"


def test_only_where_the_cursor_is_last_is_read(held, held_jobs, session, view, scene):
    session.open(scene)
    for col in range(10):
        session.set_cursor((0, col))
    assert len(held_jobs.held) == 1
    held_jobs.perform()
    assert told(view, LIVE).title == "Cursor: line 0, sample 0"
    held_jobs.perform()
    assert told(view, LIVE).title == "Cursor: line 0, sample 9"
    assert held_jobs.held == []


def test_off_the_image_the_crosshairs_spectrum_comes_back(controller, session, view, scene):
    session.open(scene)
    controller.look_at((3, 5))
    session.set_cursor((7, 7))
    assert told(view, LIVE).title == "Cursor: line 7, sample 7"
    session.set_cursor(None)
    assert told(view, LIVE).title == "Cursor: line 3, sample 5"


def test_without_a_crosshair_the_last_spectrum_stays(controller, session, view, scene):
    session.open(scene)
    session.set_cursor((3, 5))
    view.follow.reset_mock()
    session.set_cursor(None)
    view.follow.assert_not_called()


def test_the_live_curve_can_keep_to_the_crosshair(controller, session, view, scene):
    session.open(scene)
    view.intent_edited.emit({"follow": False})
    session.set_cursor((7, 7))
    assert told(view, LIVE) is None
    controller.look_at((3, 5))
    session.set_cursor((8, 8))
    assert told(view, LIVE).title == "Cursor: line 3, sample 5"


def test_a_cursor_left_from_a_larger_scene_is_ignored(controller, session, view, scene, messages):
    session.open(scene)
    session.set_cursor((500, 500))
    assert told(view, LIVE) is None
    messages.error.assert_not_called()


def test_a_spectrum_of_the_scene_before_never_shows(held, held_jobs, session, view, scene, make_cube):
    session.open(scene)
    session.set_cursor((3, 5))
    session.open(Scene(make_cube(rows=5)))
    held_jobs.perform()
    assert told(view, LIVE) is None
    session.set_cursor((1, 1))
    held_jobs.perform()
    assert told(view, LIVE).title == "Cursor: line 1, sample 1"


def test_a_window_is_averaged_and_its_spread_is_a_band(controller, session, view, rough):
    session.open(Scene(rough))
    view.intent_edited.emit({"window": (3, 5)})
    view.intent_edited.emit({"spread": "sigma"})
    session.set_cursor((4, 6))
    window = rough.values()[3:6, 4:9].reshape(-1, 8).astype(float)
    live = told(view, LIVE)
    assert live.title == "Cursor: line 4, sample 6"
    assert controller.spectra()[0][0] == "Cursor: line 4, sample 6 (3×5)"
    np.testing.assert_allclose(live.values, window.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(live.ribbon.low, window.mean(axis=0) - window.std(axis=0), rtol=1e-6)
    view.intent_edited.emit({"spread": "range"})
    np.testing.assert_allclose(told(view, LIVE).ribbon.high, window.max(axis=0))
    controller.collect([(0, 0)])
    corner = rough.values()[:2, :3].reshape(-1, 8).astype(float)
    np.testing.assert_allclose(pins(view)[0].values, corner.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(pins(view)[0].ribbon.low, corner.min(axis=0))


def test_collected_spectra_are_summed_up(controller, session, view, rough):
    session.open(Scene(rough))
    controller.collect([(0, 0), (5, 5), (9, 9)])
    assert told(view, SUMMARY) is None
    view.intent_edited.emit({"spread": "sigma"})
    three = np.stack([rough.pixel(n, n) for n in (0, 5, 9)]).astype(float)
    assert told(view, SUMMARY).title == "Mean of 3 ± σ"
    np.testing.assert_allclose(told(view, SUMMARY).values, three.mean(axis=0))
    np.testing.assert_allclose(told(view, SUMMARY).ribbon.high, three.mean(axis=0) + three.std(axis=0))
    view.pins_shown.emit([session.state.pins[0].id], False)
    np.testing.assert_allclose(told(view, SUMMARY).values, three[1:].mean(axis=0))
    view.intent_edited.emit({"spread": "none"})
    assert told(view, SUMMARY) is None


def test_treatment_holds_for_every_curve_and_is_named(controller, session, view, rough):
    session.open(Scene(replace(rough, quantity="Reflectance")))
    controller.collect([(2, 4)])
    session.set_cursor((3, 5))
    view.intent_edited.emit({"treatment": "continuum"})
    for curve, pixel in ((pins(view)[0], (2, 4)), (told(view, LIVE), (3, 5))):
        np.testing.assert_allclose(curve.values, remove_continuum(rough.pixel(*pixel), rough.bands.centres))
    assert view.set_axis.call_args.args[1] == "Continuum removed"
    session.undo()
    np.testing.assert_array_equal(pins(view)[0].values, rough.pixel(2, 4))


def test_derivatives_are_per_unit_of_the_axis_and_bad_bands_stay_out(controller, session, view, make_cube):
    cube = make_cube(bad=(2,))
    session.open(Scene(cube))
    controller.collect([(2, 4)])
    view.intent_edited.emit({"treatment": "first"})
    step = float(np.diff(cube.bands.centres)[0])
    expected = np.full(8, 10_000 / step)
    expected[2] = np.nan
    np.testing.assert_allclose(pins(view)[0].values, expected, rtol=1e-6)
    view.intent_edited.emit({"in_nm": False})
    np.testing.assert_allclose(np.delete(pins(view)[0].values, 2), 10_000)


def test_a_collected_pixel_is_shown_in_its_markers_colour(controller, session, view, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    (kept,) = pins(view)
    np.testing.assert_array_equal(kept.values, scene.cube.pixel(2, 4))
    assert kept.colour == session.state.pins[0].colour
    assert kept.title == "Line 2, sample 4"


def test_a_pixel_is_collected_once(controller, session, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    controller.collect([(2, 4), (2, 4)])
    assert len(session.state.pins) == 1


def test_collecting_a_hidden_pixel_shows_it_again(controller, session, view, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    view.pins_shown.emit([session.state.pins[0].id], False)
    assert not pins(view)[0].visible
    controller.collect([(2, 4)])
    assert [kept.visible for kept in pins(view)] == [True]


def test_nothing_is_collected_outside_the_scene_or_without_one(controller, session, scene):
    controller.collect([(0, 0)])
    session.open(scene)
    controller.collect([(-1, 0)])
    controller.collect([(0, 17)])
    assert session.state.pins == ()


def test_thousands_are_collected_only_when_the_user_insists(controller, session, make_cube, messages):
    session.open(Scene(make_cube(rows=40, cols=40)))
    controller.collect([(row, col) for row in range(40) for col in range(40)])
    assert len(session.state.pins) == MANY
    text, (label, insist) = messages.info.call_args.args
    assert (str(MANY) in text, label) == (True, "Collect 1400 more")
    insist()
    assert len(session.state.pins) == 1600


def test_a_collected_pixel_is_read_once(controller, session, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    reads = len(scene.cube.source.reads)
    controller.collect([(3, 4)])
    session.pins.update([session.state.pins[0].id], visible=False)
    assert len(scene.cube.source.reads) == reads + 1


def test_what_does_not_change_keeps_its_very_values(controller, session, view, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    before = pins(view)[0].values
    controller.collect([(3, 4)])
    assert pins(view)[0].values is before


def test_renaming_and_colouring_reach_curve_and_marker(controller, session, view, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    pin = session.state.pins[0].id
    view.pin_renamed.emit(pin, "Roof")
    view.pins_coloured.emit([pin], "#010203")
    assert (pins(view)[0].title, pins(view)[0].colour) == ("Roof", "#010203")
    assert pins(view)[0].about == "Line 2, sample 4"
    assert session.state.pins[0].colour == "#010203"


def test_means_and_the_live_curve_can_be_collected(controller, session, view, rough):
    session.open(Scene(rough))
    controller.collect([(0, 0), (5, 5)])
    view.intent_edited.emit({"spread": "sigma"})
    view.intent_edited.emit({"treatment": "max"})
    session.set_cursor((7, 8))
    view.kept.emit([LIVE, SUMMARY])
    *_, mean, live = session.state.pins
    assert (live.row, live.col, mean.kind, mean.title()) == (7, 8, "mean", "Mean of 2 ± σ")
    both = np.stack([rough.pixel(0, 0), rough.pixel(5, 5)])
    np.testing.assert_allclose(mean.values, both.mean(axis=0), rtol=1e-6)


def test_libraries_and_means_have_no_part_in_the_mean(controller, session, view, rough):
    session.open(Scene(rough))
    controller.collect([(0, 0), (5, 5)])
    session.pins.keep([("Quartz", np.zeros(8, np.float32))], "library")
    view.intent_edited.emit({"spread": "sigma"})
    assert told(view, SUMMARY).title == "Mean of 2 ± σ"


def test_spectra_without_a_pixel_are_drawn_with_the_others(controller, session, view, scene):
    session.open(scene)
    session.pins.keep([("Quartz", np.arange(8, dtype=np.float32)), ("Odd", np.zeros(5, np.float32))], "library")
    assert [kept.title for kept in pins(view)] == ["Quartz"]


def test_removing_and_undoing_bring_the_spectra_back(controller, session, view, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    controller.collect([(3, 4)])
    view.pins_removed.emit([session.state.pins[0].id])
    assert [kept.title for kept in pins(view)] == ["Line 3, sample 4"]
    session.undo()
    assert [kept.title for kept in pins(view)] == ["Line 2, sample 4", "Line 3, sample 4"]
    view.pins_cleared.emit()
    assert pins(view) == []


def test_another_scene_has_none_of_the_spectra_and_undo_reads_them_again(controller, session, view, scene, make_cube):
    session.open(scene)
    controller.collect([(2, 4)])
    session.open(Scene(make_cube(rows=5)))
    assert pins(view) == []
    session.undo()
    np.testing.assert_array_equal(pins(view)[0].values, scene.cube.pixel(2, 4))


def test_loading_a_truth_keeps_the_spectra(controller, session, view, cube, truth):
    session.open(Scene(cube))
    controller.collect([(2, 4)])
    view.set_axis.reset_mock()
    session.set_truth(truth)
    view.set_axis.assert_not_called()
    assert len(pins(view)) == 1


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
    segment = told(view, SEGMENT)
    assert (segment.values.tolist(), segment.title) == (means[0].tolist(), "Superpixel 1: mean")
    session.set_cursor((4, 9))
    assert told(view, SEGMENT).title == "Superpixel 2: mean"
    session.set_cursor((0, 0))
    assert told(view, SEGMENT) is None
    session.set_cursor((4, 9))
    session.set_segmentation(None)
    assert told(view, SEGMENT) is None


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
    assert told(view, LIVE) is None


def test_the_exported_table_holds_what_is_shown(controller, session, view, make_cube, messages, tmp_path):
    cube = make_cube(bad=(2,))
    session.open(Scene(cube))
    session.set_cursor((1, 1))
    controller.collect([(2, 4)])
    controller.collect([(3, 4)])
    session.pins.update([session.state.pins[1].id], visible=False)
    view.export_requested.emit(tmp_path / "spectra.csv", [])
    comment, *lines = (tmp_path / "spectra.csv").read_text().splitlines()
    assert comment == "# Spectra of small: Value"
    header, *rows = csv.reader(lines)
    assert header == ["band", "wavelength_nm", "usable", "Cursor: line 1, sample 1", "Line 2, sample 4"]
    assert [int(row[0]) for row in rows] == list(range(1, 9))
    np.testing.assert_allclose([float(row[1]) for row in rows], cube.bands.centres)
    assert [row[2] for row in rows] == ["1", "1", "0", "1", "1", "1", "1", "1"]
    np.testing.assert_array_equal([float(row[4]) for row in rows], cube.pixel(2, 4))
    assert "spectra.csv" in messages.info.call_args.args[0]


def test_one_spectrum_is_exported_as_a_library_that_opens_again(controller, session, view, make_cube, tmp_path):
    from hadviewer.io.readers.envi_library import open_library

    cube = make_cube(quantity="Reflectance")
    session.open(Scene(cube))
    controller.collect([(2, 4), (3, 4)])
    second = session.state.pins[1].id
    view.pin_renamed.emit(second, "Roof, old")
    view.export_requested.emit(tmp_path / "one.sli", [second])
    library = open_library(tmp_path / "one.sli")
    assert (library.names, library.quantity) == (("Roof old",), "Reflectance")
    np.testing.assert_array_equal(library.spectra[0], cube.pixel(3, 4))
    np.testing.assert_allclose(library.wavelengths, cube.bands.centres)


def test_the_band_around_a_mean_is_exported_with_it(controller, session, view, rough):
    session.open(Scene(rough))
    controller.collect([(0, 0), (5, 5)])
    view.intent_edited.emit({"spread": "sigma"})
    assert [title for title, _ in controller.spectra([SUMMARY])] == [
        "Mean of 2 ± σ",
        "Mean of 2, − σ",
        "Mean of 2, + σ",
    ]


def test_without_a_spectrum_nothing_is_written(controller, session, view, scene, messages, tmp_path):
    session.open(scene)
    view.export_requested.emit(tmp_path / "spectra.csv", [])
    assert not (tmp_path / "spectra.csv").exists()
    messages.warn.assert_called_once()


def test_a_folder_that_cannot_be_written_is_told(controller, session, view, scene, messages, tmp_path):
    session.open(scene)
    controller.collect([(2, 4)])
    (tmp_path / "file").write_text("")
    view.export_requested.emit(tmp_path / "file" / "spectra.csv", [])
    messages.error.assert_called_once()


def test_the_cube_itself_is_never_replaced(controller, session, view, scene, messages, tmp_path):
    (tmp_path / "cube.sli").write_bytes(b"pixels")
    session.open(Scene(replace(scene.cube, path=tmp_path / "cube.sli")))
    controller.collect([(2, 4)])
    view.export_requested.emit(tmp_path / "cube.sli", [])
    assert (tmp_path / "cube.sli").read_bytes() == b"pixels"
    messages.error.assert_called_once()


def test_the_plot_is_written_as_a_picture(controller, view, messages, tmp_path):
    view.picture.return_value = b"<svg/>"
    view.picture_requested.emit(tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_bytes() == b"<svg/>"
    view.picture.assert_called_once_with(True)


def test_copying_puts_a_table_with_tabs_on_the_clipboard(controller, session, view, scene):
    session.open(scene)
    controller.collect([(2, 4)])
    view.copy_requested.emit([])
    text = view.copy_text.call_args.args[0]
    assert text.splitlines()[0].split("\t")[-1] == "Line 2, sample 4"
    assert len(text.splitlines()) == 9


def test_bands_marked_as_bad_later_stay_out_of_what_is_drawn(controller, session, view, rough):
    session.open(Scene(rough))
    controller.collect([(2, 4)])
    view.intent_edited.emit({"treatment": "continuum"})
    bad_bands.mark(session, [3], usable=False)
    assert not view.set_axis.call_args.args[0].usable[3]
    expected = remove_continuum(np.where(np.arange(8) == 3, np.nan, rough.pixel(2, 4)), rough.bands.centres)
    np.testing.assert_allclose(pins(view)[0].values, expected)
    session.undo()
    np.testing.assert_allclose(pins(view)[0].values, remove_continuum(rough.pixel(2, 4), rough.bands.centres))
