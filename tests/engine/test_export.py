"""Exports can be opened again, and the recipe beside them repeats the result."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

import hadviewer
from hadviewer.core.cube import Truth
from hadviewer.core.errors import ParamError, ReadError, WriteError
from hadviewer.core.geo import Georeference
from hadviewer.engine import verbs
from hadviewer.engine.export import default_stem, export_result, mask_of, planned_files
from hadviewer.engine.recipe import MAX_BYTES, make_recipe, read_recipe


@pytest.fixture
def cube(tmp_path):
    values = np.random.default_rng(0).random((12, 15, 7), dtype=np.float32)
    values[2, 3] = np.nan
    np.save(tmp_path / "my scene.npy", values)
    return hadviewer.open(tmp_path / "my scene.npy").cube


@pytest.fixture
def result(cube):
    return hadviewer.detect(cube, "grx", loading=0.1, seed=3, bands="2-6")


@pytest.fixture
def truth():
    mask = np.zeros((12, 15), bool)
    mask[4:6, 7] = True
    return Truth(mask, "map")


def test_the_score_map_comes_back_with_its_gaps(result, cube, tmp_path):
    written = hadviewer.export(result, tmp_path / "out", ["envi", "npy", "mat"], cube=cube)
    assert all(path.is_file() for path in written)
    for name in ("my-scene_grx.hdr", "my-scene_grx.npy", "my-scene_grx.mat"):
        np.testing.assert_array_equal(verbs.open_map(tmp_path / "out" / name), result.scores)


def test_a_threshold_adds_masks_and_truth_adds_the_curve(result, cube, truth, tmp_path):
    threshold = float(np.nanquantile(result.scores, 0.9))
    written = hadviewer.export(
        result, tmp_path, ["envi", "npy"], cube=cube, threshold=threshold, truth=truth, stem="run"
    )
    assert {path.name for path in written} == {
        *(
            "run.hdr",
            "run.dat",
            "run.npy",
            "run_mask.hdr",
            "run_mask.dat",
            "run_mask.npy",
            "run_roc.csv",
            "recipe.json",
        ),
    }
    assert json.loads((tmp_path / "recipe.json").read_text())["threshold"] == threshold
    np.testing.assert_array_equal(np.load(tmp_path / "run_mask.npy") == 1, result.scores >= threshold)
    lines = [line for line in (tmp_path / "run_roc.csv").read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert [float(rows[0][name]) for name in ("false_alarm", "detection")] == [0, 0]
    assert [float(rows[-1][name]) for name in ("false_alarm", "detection")] == [1, 1]


def test_a_mask_tells_no_data_background_and_anomaly_apart(result):
    threshold = float(np.nanmedian(result.scores))
    mask = mask_of(result, threshold)
    assert mask.dtype == np.uint8
    assert mask[2, 3] == 0
    np.testing.assert_array_equal(mask == 2, result.scores >= threshold)


def test_names_are_safe_in_every_file_system(result, cube):
    assert default_stem(result, cube) == "my-scene_grx"
    assert default_stem(result) == "my-scene_grx"


@pytest.mark.parametrize("stem", ["../up", "a/b", ".", " "])
def test_a_name_that_leads_elsewhere_is_refused(result, tmp_path, stem):
    with pytest.raises(ParamError, match="is not a file name"):
        hadviewer.export(result, tmp_path / "out", ["npy"], stem=stem)
    assert not (tmp_path / "out").exists()


def test_what_a_plug_in_computed_is_written_without_it(result, cube, tmp_path):
    gone = replace(result, request=result.request.model_copy(update={"detector": "gone"}))
    files = export_result(gone, tmp_path, ("envi",), cube=cube)
    assert "gone score" in next(path for path in files if path.suffix == ".hdr").read_text(encoding="utf-8")


def test_an_unknown_format_writes_nothing(result, tmp_path):
    with pytest.raises(ParamError, match="There is no writer 'jpeg'"):
        hadviewer.export(result, tmp_path / "out", ["npy", "jpeg"])
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_is_a_write_error(result, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError):
        hadviewer.export(result, tmp_path / "file", ["npy"])


@pytest.mark.parametrize("before", [False, True], ids=["new folder", "over a former export"])
def test_where_one_format_fails_nothing_is_written(result, cube, tmp_path, monkeypatch, before):
    folder = tmp_path / "new" / "out"
    if before:
        hadviewer.export(result, folder, ["npy", "envi"], cube=cube)
    there = {path: path.read_bytes() for path in folder.rglob("*")}

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    other = hadviewer.detect(cube, "utd")
    monkeypatch.setattr("PIL.Image.Image.save", full)
    with pytest.raises(WriteError) as caught:
        hadviewer.export(other, folder, ["npy", "envi", "png"], cube=cube, stem="my-scene_grx")
    assert caught.value.message == f"my-scene_grx.png cannot be written into {folder}: No space left on device."
    assert {path: path.read_bytes() for path in folder.rglob("*")} == there
    assert (tmp_path / "new").exists() == before


def test_a_folder_in_the_way_of_the_last_file_leaves_all_others_alone(result, tmp_path):
    folder = tmp_path / "out"
    (folder / "recipe.json").mkdir(parents=True)
    with pytest.raises(WriteError, match=r"recipe\.json is a folder"):
        hadviewer.export(result, folder, ["npy", "mat"])
    assert [path.name for path in folder.iterdir()] == ["recipe.json"]


def test_the_file_it_was_made_from_is_never_replaced(result, cube, tmp_path):
    before = (tmp_path / "my scene.npy").read_bytes()
    with pytest.raises(WriteError, match="would replace the file it was made from"):
        hadviewer.export(result, tmp_path, ["npy"], cube=cube, stem="my scene")
    assert (tmp_path / "my scene.npy").read_bytes() == before


def test_the_recipe_of_another_export_in_the_folder_is_kept(result, cube, tmp_path):
    for stem in ("first", "second"):
        hadviewer.export(result, tmp_path / "out", ["npy"], cube=cube, stem=stem)
    assert json.loads((tmp_path / "out" / "recipe.json").read_text())["stem"] == "second"
    assert json.loads((tmp_path / "out" / "first_recipe.json").read_text())["stem"] == "first"


class TestRecipe:
    def test_repeats_the_result(self, result, tmp_path):
        hadviewer.export(result, tmp_path / "out", ["npy"])
        recipe = read_recipe(tmp_path / "out" / "recipe.json")
        assert recipe.request == result.request
        again = hadviewer.detect(verbs.open_origin(recipe.origin), recipe.request)
        np.testing.assert_array_equal(again.scores, result.scores)

    def test_is_plain_json_and_complete(self, result):
        recipe = json.loads(json.dumps(make_recipe(result), allow_nan=False))
        assert recipe["request"]["params"] == {"loading": 0.1}
        assert recipe["request"]["seed"] == 3
        assert recipe["invalid_pixels"] == 1
        assert recipe["bands_used"] == 5
        assert {"python", "numpy"} <= set(recipe["versions"])

    def test_of_an_array_names_no_file(self, tmp_path):
        result = hadviewer.detect(np.random.default_rng(0).random((5, 6, 3)), "grx")
        (tmp_path / "r.json").write_text(json.dumps(make_recipe(result)))
        assert read_recipe(tmp_path / "r.json").origin is None

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "not JSON"),
            ("[" * 100_000, "not JSON"),
            ("{}", "not a recipe of this program"),
            ('{"format": "hadviewer recipe", "version": 2}', "another version"),
            ('{"format": "hadviewer recipe", "version": 1}', "is damaged"),
            ('{"format": "hadviewer recipe", "version": 1, "request": {"detector": "grx", "evil": 1}}', "is damaged"),
            ("\\xff\\xfe", "not JSON"),
        ],
    )
    def test_that_is_none_is_refused_with_a_sentence(self, tmp_path, text, sentence):
        (tmp_path / "r.json").write_text(text)
        with pytest.raises(ReadError, match=sentence):
            read_recipe(tmp_path / "r.json")

    def test_that_is_missing_or_huge_is_refused(self, tmp_path):
        with pytest.raises(ReadError, match="cannot be read"):
            read_recipe(tmp_path / "none.json")
        with (tmp_path / "huge.json").open("wb") as file:
            file.truncate(MAX_BYTES + 1)
        with pytest.raises(ReadError, match="too large"):
            read_recipe(tmp_path / "huge.json")


def test_of_a_placed_scene_the_side_files_are_announced_too(tmp_path):
    placed = Georeference((500_000.0, 2.0, 0.0, 4_100_000.0, 0.0, -2.0), "EPSG:32611", units="m")
    cube = replace(verbs.as_cube(np.random.default_rng(0).normal(size=(9, 8, 4))), geo=placed)
    result = hadviewer.detect(cube, "grx")
    formats = ["png_map", "shapefile", "kml", "gpkg"]
    planned = planned_files(tmp_path, formats, "a", mask=True, truth=False, objects=True, cube=cube)
    written = export_result(result, tmp_path, formats, cube=cube, stem="a", threshold=float(np.median(result.scores)))
    assert sorted(planned) == sorted(written)
