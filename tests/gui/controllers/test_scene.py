"""Opening scenes, truth masks and dropped files."""

import numpy as np
import pytest
import scipy.io

from hadviewer.core.cube import Scale, Scene
from hadviewer.engine.demo import files as demo_files
from hadviewer.gui.controllers.scene import SceneController
from hadviewer.gui.views.protocols import EntryChooserLike, SceneInfoLike


@pytest.fixture
def chooser(double):
    chooser = double(EntryChooserLike)
    chooser.options = {}
    return chooser


@pytest.fixture
def info(double):
    return double(SceneInfoLike)


@pytest.fixture
def remembered():
    return []


@pytest.fixture
def controller(session, jobs, chooser, info, messages, remembered):
    return SceneController(session, jobs, chooser, info, messages, remembered.append)


@pytest.fixture
def write(tmp_path):
    """Writes arrays into a MATLAB file."""

    def save(name, **arrays):
        scipy.io.savemat(tmp_path / name, arrays)
        return tmp_path / name

    return save


@pytest.fixture
def values():
    return np.random.default_rng(1).integers(1, 4000, (12, 15, 20)).astype(np.uint16)


def mask(rows=12, cols=15):
    array = np.zeros((rows, cols), dtype=np.uint8)
    array[3:5, 4] = 1
    return array


def test_a_file_opens_with_the_truth_in_it(controller, session, write, values, remembered, messages):
    path = write("field.mat", data=values, map=mask())
    controller.open(path)
    np.testing.assert_array_equal(session.cube.values(), values)
    assert session.truth.count == 2
    assert remembered == [path]
    messages.error.assert_not_called()


def test_what_cannot_be_read_is_told_and_changes_nothing(controller, session, scene, tmp_path, messages, remembered):
    session.open(scene)
    before = session.state
    (tmp_path / "notes.txt").write_text("no cube")
    controller.open(tmp_path / "notes.txt")
    sentence, details = messages.error.call_args.args
    assert "notes.txt" in sentence
    assert "ENVI" in details
    assert session.state is before
    assert remembered == []


def test_a_file_that_is_gone_is_told(controller, session, tmp_path, messages):
    controller.open(tmp_path / "gone.mat")
    assert "does not exist" in messages.error.call_args.args[0]
    assert session.cube is None


def test_several_cubes_are_offered_and_the_chosen_one_opens(controller, session, chooser, write, values):
    path = write("both.mat", first=values, second=values[:, :, :10])
    controller.open(path)
    assert session.cube is None
    file, rows, params, options = chooser.offer.call_args.args
    assert (file, set(params.model_fields), options) == ("both.mat", {"order"}, {})
    assert {(row.name, row.size, row.dtype) for row in rows} == {
        ("first", "12 × 15 × 20", "uint16"),
        ("second", "12 × 15 × 10", "uint16"),
    }
    chooser.chosen.emit("second")
    assert session.cube.shape == (12, 15, 10)


def test_a_cube_opens_with_the_options_it_was_seen_with(controller, session, chooser, write, values):
    controller.open(write("both.mat", first=values, second=values[:, :, :10]))
    chooser.options = {"order": "bsq"}
    chooser.chosen.emit("first")
    assert session.cube.shape == (15, 20, 12)
    assert session.cube.origin.options == {"order": "bsq"}


def test_each_cube_offered_is_looked_at(controller, chooser, write, values):
    controller.open(write("both.mat", first=values, second=values[:, :, :10]))
    chooser.looked_at.emit("second")
    seen = {call.args[0]: call.args[1] for call in chooser.show_preview.call_args_list}
    assert list(seen) == ["second", "first"]
    assert seen["second"].picture.shape == (12, 15, 4)
    assert ("Size", "12 lines × 15 samples × 10 bands") in seen["second"].facts
    assert "custom" in seen["first"].remarks[0]


def test_a_look_with_options_of_before_is_not_shown(session, held_jobs, chooser, info, messages, write, values):
    controller = SceneController(session, held_jobs, chooser, info, messages)
    controller.open(write("both.mat", first=values, second=values[:, :, :10]))
    held_jobs.perform()
    chooser.looked_at.emit("first")
    chooser.options = {"order": "bsq"}
    chooser.looked_at.emit("first")
    held_jobs.perform()
    chooser.show_preview.assert_not_called()
    held_jobs.perform()
    assert dict(chooser.show_preview.call_args.args[1].facts)["Size"].startswith("15 lines")


def test_options_that_a_reader_refuses_are_told_at_their_field(controller, chooser, write, values):
    controller.open(write("both.mat", first=values, second=values[:, :, :10]))
    chooser.options = {"order": "sideways"}
    chooser.looked_at.emit("first")
    assert chooser.show_failure.call_args_list[0].args[:2] == ("first", "order")


def test_a_file_that_ends_too_early_is_offered_with_the_option_that_opens_it(
    controller, session, chooser, tmp_path, messages
):
    header = "ENVI\nsamples = 4\nlines = 5\nbands = 2\ndata type = 1\ninterleave = bil\nbyte order = 0\n"
    (tmp_path / "short.hdr").write_text(header)
    (tmp_path / "short.img").write_bytes(bytes(range(24)))
    controller.open(tmp_path / "short.hdr")
    assert "3 of 5 lines are there" in messages.error.call_args.args[0]
    assert session.cube is None
    assert chooser.offer.call_args.args[0] == "short.hdr"
    chooser.looked_at.emit("short.img")
    assert chooser.show_failure.call_args.args[:2] == ("short.img", "truncated")
    chooser.options = {"truncated": True, "interleave": "header"}
    chooser.chosen.emit("short.img")
    assert session.cube.shape == (3, 4, 2)
    assert session.cube.origin.options == {"truncated": True}


def test_one_cube_is_offered_where_its_options_are_asked_for(controller, session, chooser, write, values, remembered):
    path = write("one.mat", data=values)
    controller.open_with_options(path)
    assert session.cube is None
    assert len(chooser.offer.call_args.args[1]) == 1
    chooser.options = {"order": "bsq"}
    chooser.chosen.emit("data")
    assert session.cube.shape == (15, 20, 12)
    assert remembered == [path]


def test_a_folder_of_bands_opens(controller, session, tmp_path, values, remembered):
    from PIL import Image

    folder = tmp_path / "bands"
    folder.mkdir()
    for band in range(4):
        Image.fromarray((values[:, :, band] // 16).astype(np.uint8)).save(folder / f"band_{400 + 10 * band}nm.png")
    controller.open_dropped([folder])
    assert session.cube.shape == (12, 15, 4)
    assert remembered == [folder]


def test_a_guess_is_told_with_a_way_to_change_it(controller, write, values, messages):
    asked = []
    controller.edit = lambda: asked.append(True)
    controller.open(write("one.mat", data=values))
    text, (label, act) = messages.info.call_args.args
    assert "lines × samples × bands" in text
    assert label == "Edit metadata…"
    act()
    assert asked == [True]


def test_a_named_cube_opens_without_asking(controller, session, chooser, write, values):
    controller.open(write("both.mat", first=values, second=values[:, :, :10]), "first")
    chooser.offer.assert_not_called()
    assert session.cube.shape == (12, 15, 20)


def test_a_dismissed_choice_opens_nothing(controller, session, chooser, write, values):
    controller.open(write("both.mat", first=values, second=values[:, :, :10]))
    chooser.dismissed.emit()
    chooser.chosen.emit("second")
    assert session.cube is None


def test_opening_another_file_takes_the_choice_away(controller, session, chooser, write, values):
    controller.open(write("both.mat", first=values, second=values[:, :, :10]))
    controller.open(write("one.mat", data=values))
    chooser.withdraw.assert_called_once()
    assert session.cube.name == "one"


def test_only_the_last_of_two_files_asked_for_opens(session, held_jobs, chooser, info, messages, write, values):
    controller = SceneController(session, held_jobs, chooser, info, messages)
    controller.open(write("slow.mat", data=values))
    controller.open(write("fast.mat", data=values))
    held_jobs.perform(1)
    held_jobs.perform(0)
    assert session.cube.name == "fast"


def test_a_truth_from_another_file_is_used_and_counted(controller, session, write, values, messages):
    controller.open(write("field.mat", data=values))
    controller.open_truth(write("truth.mat", gt=mask()))
    assert session.truth.count == 2
    assert "2 pixels" in messages.info.call_args.args[0]


def test_a_truth_that_lies_on_its_side_is_turned_and_told(controller, session, write, values, messages):
    controller.open(write("field.mat", data=values))
    controller.open_truth(write("truth.mat", gt=mask().T))
    np.testing.assert_array_equal(session.truth.mask, mask() > 0)
    assert "transposed" in messages.info.call_args.args[0]


def test_a_truth_of_another_size_is_refused(controller, session, write, values, messages):
    controller.open(write("field.mat", data=values, map=mask()))
    before = session.truth
    controller.open_truth(write("truth.mat", gt=mask(10, 10)))
    messages.error.assert_called_once()
    assert session.truth is before


def test_a_truth_without_a_scene_is_no_error_but_told(controller, write, messages):
    controller.open_truth(write("truth.mat", gt=mask()))
    assert "Open a cube first" in messages.warn.call_args.args[0]


def test_a_dropped_cube_and_its_truth_open_together_in_any_order(controller, session, write, values):
    paths = [write("truth.mat", gt=mask()), write("field.mat", data=values)]
    for order in (paths, paths[::-1]):
        controller.open_dropped(order)
        assert session.cube.name == "field"
        assert session.truth.count == 2


def test_a_dropped_mask_that_fits_becomes_the_truth_of_the_open_scene(controller, session, write, values):
    controller.open(write("field.mat", data=values))
    cube = session.cube
    controller.open_dropped([write("truth.mat", gt=mask())])
    assert session.cube is cube
    assert session.truth.count == 2


def test_a_dropped_cube_replaces_the_open_scene(controller, session, write, values):
    controller.open(write("field.mat", data=values))
    controller.open_dropped([write("next.mat", data=values, map=mask())])
    assert session.cube.name == "next"


def test_both_files_of_an_envi_pair_may_be_dropped(controller, session, messages, tmp_path):
    header = demo_files.write_demo(tmp_path)
    controller.open_dropped([header.with_suffix(".dat"), header])
    assert session.cube.shape[:2] == (200, 200)
    messages.error.assert_not_called()
    messages.info.assert_not_called()


def test_a_second_cube_dropped_is_left_aside_and_told(controller, session, write, values, messages):
    controller.open_dropped([write("one.mat", data=values), write("two.mat", data=values)])
    assert session.cube.name == "one"
    assert "two.mat" in messages.info.call_args.args[0]


def test_of_two_cubes_dropped_the_second_gives_no_truth_to_the_first(controller, session, write, values, messages):
    other = np.zeros_like(mask())
    other[0, 0] = 1
    paths = [write("one.mat", data=values, map=mask()), write("two.mat", data=values, map=other)]
    controller.open_dropped(paths)
    assert session.cube.name == "one"
    assert session.truth.count == 2
    assert "two.mat" in messages.info.call_args.args[0]


def test_dropped_files_of_no_use_are_told(controller, session, tmp_path, messages):
    (tmp_path / "letter.txt").write_text("dear")
    controller.open_dropped([tmp_path / "letter.txt"])
    assert "letter.txt" in messages.error.call_args.args[0]


def test_dropping_nothing_does_nothing(controller, session, messages):
    controller.open_dropped([])
    messages.error.assert_not_called()


def test_a_truth_that_does_not_fit_leaves_the_cube_open(controller, session, write, values, messages):
    controller.open(write("field.mat", data=values), truth=write("truth.mat", gt=mask(9, 9)))
    assert session.cube.name == "field"
    assert session.truth is None
    messages.error.assert_called_once()


def test_the_demo_scene_is_computed_once_and_has_its_truth(
    controller, session, messages, remembered, tmp_path, monkeypatch
):
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *given, **more: tmp_path)
    controller.open_demo()
    assert session.cube.shape == (200, 200, 180)
    assert session.truth.count > 0
    assert "Computing" in messages.info.call_args.args[0]
    assert remembered == []
    messages.reset_mock()
    controller.open_demo()
    messages.info.assert_not_called()


def test_what_was_guessed_while_opening_is_told_once(controller, session, messages, tmp_path, values):
    (tmp_path / "odd.hdr").write_text(
        "ENVI\nsamples = 15\nlines = 12\nbands = 20\ndata type = 12\ninterleave = bip\nbyte order = 0\n"
        f"wavelength = {{{', '.join(str(400 + 10 * band) for band in range(20))}}}\n"
    )
    values.tofile(tmp_path / "odd.dat")
    controller.open(tmp_path / "odd.hdr")
    assert messages.info.call_args.args[0].count("assumed") == 1


def test_undo_brings_the_scene_before_back(controller, session, write, values):
    controller.open(write("one.mat", data=values))
    controller.open(write("two.mat", data=values))
    session.undo()
    assert session.cube.name == "one"


def test_the_sheet_of_facts_follows_the_scene(controller, session, info, make_cube, truth):
    cube = make_cube(bad=(1, 2, 5), quantity="Reflectance", nodata=-9999.0, meta={"sensor type": "x" * 1000})
    session.open(Scene(cube, truth))
    title, facts, _ = info.show_facts.call_args.args
    assert title == "small"
    assert facts["File"]["Size"] == "12 lines × 17 samples × 8 bands"
    assert facts["File"]["Type"].startswith("float32")
    assert facts["Bands"]["Wavelengths"] == "450.0 to 1000.0 nm"
    assert facts["Bands"]["Bad bands"] == "3: 2-3, 6"
    assert facts["Values"]["No-data value"] == "-9999"
    assert facts["Truth"]["Anomalous pixels"].startswith("1 ")
    assert facts["Other header fields"]["sensor type"] == "x" * 1000
    assert facts["Bands"]["Source"] == "as the file says"
    assert facts["Bands, one by one"]["Band 2"].endswith(" nm, bad")
    controller.show_info()
    info.present.assert_called_once()


def test_the_sheet_tells_scales_by_band_and_leaves_out_what_nobody_knows(controller, session, info, make_cube):
    gains = Scale(np.linspace(0.1, 0.8, 8), 0.5, "header")
    session.open(Scene(make_cube(wavelengths=False, scale=gains, header={"map info": "Arbitrary", "bands": "8"})))
    facts = info.show_facts.call_args.args[1]
    assert facts["Values"]["Scale"] == "value × a gain for each band + 0.5 (header)"
    assert facts["Bands, one by one"]["Band 8"] == "gain 0.8"
    assert facts["Header, as in the file"] == {"map info": "Arbitrary", "bands": "8"}
    session.open(Scene(make_cube(wavelengths=False)))
    assert "Bands, one by one" not in info.show_facts.call_args.args[1]


def test_real_headers_are_told_field_by_field(controller, samples, messages, info):
    """What ENVI, MATLAB and NumPy files from elsewhere say is on the sheet, whole."""
    controller.open(samples / "envi" / "enmapbox_fraction" / "fraction.hdr")
    facts = info.show_facts.call_args.args[1]
    assert facts["Values"]["No-data value"] == "-1"
    assert facts["Header, as in the file"]["samples"] == "220"
    assert "map info" in facts["Header, as in the file"]
    assert facts["Bands, one by one"]["Band 3"] == "tree"
    assert facts["Place"]["Definition"].startswith("PROJCS")
    controller.open(next((samples / "envi" / "emit_unmix").glob("*.hdr")))
    facts = info.show_facts.call_args.args[1]
    assert "nanometres assumed" in facts["Bands"]["Source"]
    assert facts["Bands"]["Bad bands"].startswith("41: ")
    assert facts["Header, as in the file"]["fwhm"].count(",") == 284
    controller.open(samples / "mat" / "MUUFL_GatorSense" / "a_hsi_img_for_VI_demo.mat")
    assert "assumed" in info.show_facts.call_args.args[1]["Bands"]["Source"]
    messages.error.assert_not_called()


def test_every_benchmark_scene_opens_with_its_truth(controller, session, scenes, messages, info):
    for path in sorted(scenes.glob("*.mat")):
        controller.open(path)
        assert session.cube.path.name == path.name
        assert session.truth is not None, path.name
        assert info.show_facts.call_args.args[0] == path.stem
    messages.error.assert_not_called()
