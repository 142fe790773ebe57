"""hadviewer info and hadviewer list say what there is."""

import json

import numpy as np
import pytest

from hadviewer.engine import catalog
from hadviewer.engine.demo import truth_path


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    from hadviewer.engine.demo import write_demo

    return write_demo(tmp_path_factory.mktemp("demo"))


def test_info_tells_everything_about_the_demo_scene(shell, demo):
    assert shell("info", demo, "--truth", truth_path(demo)) == 0
    for text in (
        "200 lines × 200 samples × 180 bands",
        "int16",
        "400.0 to 2500.0 nm",
        "120-134",
        "UTM 31 N",
        "60 pixels",
    ):
        assert text in shell.out
    found = shell.json("info", demo, "--truth", truth_path(demo))
    assert found["shape"] == [200, 200, 180]
    assert (found["dtype"], found["interleave"], found["reader"]) == ("int16", "bsq", "envi")
    assert len(found["wavelengths"]["centres"]) == 180
    assert found["bad_bands"][:2] == [1, 2]
    assert found["scale"]["gain"] == pytest.approx(1e-4)
    assert found["georeference"]["corner"] == [448200, 5031600]
    assert found["truth"]["pixels"] == 60
    assert found["path"].endswith(".hdr")


def test_info_lists_the_arrays_of_a_file_that_holds_several(shell, scene):
    assert shell("info", scene) == 0
    assert "20 lines × 30 samples × 8 bands" in shell.out
    assert "--entry" in shell.out
    found = shell.json("info", scene)
    assert {entry["name"]: entry["role"] for entry in found["entries"]} == {
        "data": "cube",
        "map": "mask",
        "other": "cube",
    }
    assert found["truth"]["name"] == "map"
    assert found["wavelengths"] is None
    assert shell.json("info", scene, "--entry", "other")["shape"] == [16, 18, 12]


def test_info_of_a_file_without_a_cube_lists_what_it_holds(shell, tmp_path):
    np.save(tmp_path / "scores.npy", np.zeros((7, 9), np.float32))
    assert shell("info", tmp_path / "scores.npy") == 0
    assert "7 × 9" in shell.out
    assert [entry["shape"] for entry in shell.json("info", tmp_path / "scores.npy")["entries"]] == [[7, 9]]


def test_info_tells_of_a_spectral_library(shell, tmp_path):
    (tmp_path / "lib.csv").write_text("wavelength,grass,sand\n400,1,2\n500,2,3\n600,1,2\n")
    assert shell("info", tmp_path / "lib.csv") == 0
    for text in ("2 spectra of 3 bands", "400.0 to 600.0 nm", "grass", "sand"):
        assert text in shell.out
    found = shell.json("info", tmp_path / "lib.csv")
    assert (found["names"], found["wavelengths"]["first"]) == (["grass", "sand"], 400.0)


def test_info_refuses_what_cannot_be_read(shell, scene, tmp_path):
    assert "does not exist" in shell.refuses(3, "info", tmp_path / "none.hdr")
    assert "has no entry 'none'" in shell.refuses(3, "info", scene, "--entry", "none")
    (tmp_path / "notes.txt").write_text("hello")
    assert "in no format this program knows" in shell.refuses(3, "info", tmp_path / "notes.txt")
    assert shell("info", tmp_path / "notes.txt", "--verbose") == 3
    assert "ENVI: does not look like it" in shell.err
    assert "Traceback" in shell.err


def test_list_shows_every_kind_or_one(shell):
    assert shell("list") == 0
    for title in ("Detectors", "Transforms", "Readers", "Writers"):
        assert f"\n{title}\n" in f"\n{shell.out}"
    assert shell("list", "transforms") == 0
    assert "pca" in shell.out
    assert "grx" not in shell.out
    everything = shell.json("list")
    assert {item["id"] for item in everything["detectors"]} == set(catalog.detectors().specs)
    assert everything["broken"] == {}


@pytest.mark.parametrize("arguments", [("list", "detectors", "grx"), ("list", "grx")])
def test_list_shows_the_parameters_of_one(shell, arguments):
    assert shell(*arguments) == 0
    for text in ("Global RX", "10.1109/29.60107", "loading", "0 … 1", "Diagonal loading"):
        assert text in shell.out
    found = shell.json(*arguments)
    assert found["kind"] == "detector"
    assert [item["name"] for item in found["params"]] == ["loading"]
    assert (found["params"][0]["default"], found["params"][0]["maximum"]) == (0, 1)


def test_list_says_when_there_are_no_parameters(shell):
    assert shell("list", "l2") == 0
    assert "It has no parameters." in shell.out


def test_list_asks_back_when_a_name_is_two_things(shell):
    assert shell.refuses(2, "list", "mat") == "'mat' is a reader and a writer. Say which: hadviewer list readers mat."
    assert shell("list", "writers", "mat") == 0


def test_list_refuses_what_is_not_there(shell):
    assert "There is no detector 'none'" in shell.refuses(2, "list", "detectors", "none")
    assert "There is no detector, transform, reader or writer 'none'" in shell.refuses(2, "list", "none")
    assert "There is no kind 'things'" in shell.refuses(2, "list", "things", "grx")
    assert "There is no device 'abacus'" in shell.refuses(2, "list", "devices", "abacus")


def test_list_shows_the_devices_of_this_machine(shell):
    assert shell("list", "devices") == 0
    assert shell.out.splitlines()[1].startswith("cpu")
    assert shell.json("list", "devices")["devices"][0]["id"] == "cpu"


def test_list_shows_broken_plug_ins(shell, monkeypatch):
    monkeypatch.setenv(catalog.PLUGIN_VARIABLE, "no_such_plug_in")
    catalog.detectors.cache_clear()
    assert shell("list", "detectors") == 0
    assert "no_such_plug_in could not be loaded: ModuleNotFoundError" in shell.err
    assert "no_such_plug_in" in shell.json("list", "detectors")["broken"]
    monkeypatch.undo()
    catalog.detectors.cache_clear()


def test_demo_writes_the_scene_and_says_what_to_do_with_it(shell, tmp_path):
    found = shell.json("demo", "--out", tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "hadviewer-demo-truth.dat",
        "hadviewer-demo-truth.hdr",
        "hadviewer-demo.dat",
        "hadviewer-demo.hdr",
    ]
    assert shell.json("info", found["cube"], "--truth", found["truth"])["truth"]["pixels"] == 60
    (tmp_path / "file").touch()
    assert "cannot be written" in shell.refuses(3, "demo", "--out", tmp_path / "file")


def test_options_of_a_reader_change_how_a_file_is_read(shell, tmp_path):
    np.save(tmp_path / "turned.npy", np.ones((10, 12, 14), np.int16))
    known = shell.json("info", tmp_path / "turned.npy", "--option", "order=bsq")
    assert known["shape"] == [12, 14, 10]
    assert known["told_by"]["order"]["kind"] == "yours"
    assert "no parameter" in shell.refuses(2, "info", tmp_path / "turned.npy", "--option", "sideways=yes")


def test_info_says_where_values_come_from_and_honours_what_was_remembered(shell, tmp_path):
    np.save(tmp_path / "field.npy", np.ones((10, 12, 14), np.int16))
    known = shell.json("info", tmp_path / "field.npy")
    assert known["told_by"]["order"]["kind"] == "guess"
    assert known["guesses"][0]["alternatives"]
    said = {"options": {"order": "bsq"}, "nodata": -9999, "bad_bands": [2]}
    sidecar = {"format": "hadviewer metadata", "version": 1, "cubes": {"field": said}}
    (tmp_path / "field.npy.hadviewer.json").write_text(json.dumps(sidecar))
    known = shell.json("info", tmp_path / "field.npy")
    assert (known["shape"], known["nodata"], known["bad_bands"]) == ([12, 14, 10], -9999, [2])
    assert {known["told_by"][name]["kind"] for name in ("order", "nodata", "bad_bands")} == {"yours"}
    assert shell("info", tmp_path / "field.npy") == 0
    assert "-9999 (yours)" in shell.out
