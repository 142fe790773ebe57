"""hadviewer detect and hadviewer evaluate: figures, files, recipes, refusals."""

import json

import numpy as np
import pytest

import hadviewer
from hadviewer.core.errors import DetectorError
from hadviewer.core.specs import DetectorSpec
from hadviewer.engine import catalog


def test_json_is_one_object_with_all_that_scripts_rely_on(shell, scene):
    found = shell.json("detect", scene, "-d", "grx", "--seed", "5")
    assert {
        *("detector", "params", "device", "seed", "seconds", "shape", "invalid_pixels", "evaluation", "outputs"),
        *("recipe", "transforms", "bands", "truth", "notes"),
    } <= set(found)
    assert (found["detector"], found["device"], found["seed"]) == ("grx", "cpu", 5)
    assert found["params"] == {"loading": 0.0}
    assert found["shape"] == [20, 30]
    assert found["invalid_pixels"] == 0
    assert found["outputs"] == []
    assert {"auc_pd_pf", "auc_pf_tau", "auc_pd_tau"} <= set(found["evaluation"])
    assert found["recipe"]["request"]["detector"] == "grx"
    opened = hadviewer.open(scene)
    expected = hadviewer.evaluate(hadviewer.detect(opened.cube, "grx").scores, opened.truth)
    assert found["evaluation"]["auc_pd_pf"] == expected.auc_pd_pf


def test_without_truth_the_evaluation_is_null(shell, scene):
    found = shell.json("detect", scene, "-d", "grx", "--entry", "other")
    assert found["evaluation"] is None
    assert found["truth"] is None
    assert shell("detect", scene, "-d", "grx", "--entry", "other") == 0
    assert "AUC" not in shell.out


def test_without_json_it_is_for_reading(shell, scene):
    assert shell("detect", scene, "-d", "grx", "-t", "pca:components=3") == 0
    for text in ("grx", "20 × 30", "AUC", "pca(components=3, whiten=False)"):
        assert text in shell.out
    assert "Note: 3 principal components hold" in shell.err


def test_parameters_transforms_bands_and_truth_reach_the_detector(shell, scene):
    flags = (
        "-p",
        "loading=0.25",
        "-t",
        "pca:components=4,whiten=yes",
        "-t",
        "unit",
        "--bands",
        "2-7",
        "--device",
        "cpu",
    )
    found = shell.json("detect", scene, "-d", "grx", *flags, "--truth", f"{scene}:map")
    assert found["params"] == {"loading": 0.25}
    assert [step["id"] for step in found["transforms"]] == ["pca", "unit"]
    assert found["transforms"][0]["params"] == {"components": 4, "whiten": True}
    assert found["bands"] == "2-7"
    assert found["recipe"]["bands_used"] == 6
    assert found["truth"] == "map"


def test_results_are_written_as_envi_unless_asked_otherwise(shell, scene, tmp_path):
    found = shell.json("detect", scene, "-d", "grx", "--out", tmp_path / "out")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["field_grx.dat", "field_grx.hdr", "field_grx_roc.csv", "recipe.json"]
    assert sorted(found["outputs"]) == sorted(str(tmp_path / "out" / name) for name in names)
    again = hadviewer.open(tmp_path / "out" / "field_grx.hdr").cube.values()[..., 0]
    np.testing.assert_array_equal(again, hadviewer.detect(hadviewer.open(scene).cube, "grx").scores)


def test_each_format_asked_for_is_written(shell, scene, tmp_path):
    shell.json("detect", scene, "-d", "grx", "--out", tmp_path / "out", "--format", "npy, mat,geotiff,png")
    suffixes = {path.suffix for path in (tmp_path / "out").iterdir()}
    assert {".npy", ".mat", ".tif", ".png", ".csv", ".json"} == suffixes
    assert np.load(tmp_path / "out" / "field_grx.npy").shape == (20, 30)


class TestThreshold:
    def test_objects_are_reported_and_written(self, shell, scene, tmp_path):
        flags = ("-d", "grx", "--threshold", "percentile=0.5", "--out", tmp_path / "out", "--format", "npy")
        found = shell.json("detect", scene, *flags)
        detections = found["detections"]
        assert (detections["rule"], detections["argument"], detections["minimum"]) == ("percentile", 0.5, 1)
        assert sorted((item["row"], item["col"]) for item in detections["objects"]) == [(3, 4), (10, 20), (15, 7)]
        names = {path.name for path in (tmp_path / "out").iterdir()}
        assert {"field_grx_mask.npy", "field_grx_objects.csv"} <= names
        assert str(tmp_path / "out" / "field_grx_objects.csv") in found["outputs"]
        assert np.argwhere(np.load(tmp_path / "out" / "field_grx_mask.npy")).tolist() == [[3, 4], [10, 20], [15, 7]]

    def test_small_objects_are_left_out(self, shell, scene, tmp_path):
        flags = ("-d", "grx", "--threshold", "percentile=0.5", "--smallest", "2")
        found = shell.json("detect", scene, *flags, "--out", tmp_path, "--format", "npy")
        assert found["detections"]["objects"] == []
        assert not np.load(tmp_path / "field_grx_mask.npy").any()

    def test_gaps_are_closed_on_request(self, shell, scene, tmp_path):
        flags = ("-d", "grx", "--threshold", "percentile=10")
        apart = shell.json("detect", scene, *flags)["detections"]
        found = shell.json("detect", scene, *flags, "--close-gaps", "3", "--out", tmp_path, "--format", "npy")
        joined = found["detections"]
        assert joined["gap"] == 3
        assert len(joined["objects"]) < len(apart["objects"])
        mask = np.load(tmp_path / "field_grx_mask.npy") == 1
        assert mask.sum() == sum(item["area"] for item in joined["objects"])
        assert mask.sum() > sum(item["area"] for item in apart["objects"])
        assert json.loads((tmp_path / "recipe.json").read_text())["closed_gaps"] == 3

    def test_it_reads_as_a_table(self, shell, scene):
        assert shell("detect", scene, "-d", "grx", "--threshold", "otsu") == 0
        assert "(otsu)" in shell.out
        assert "Objects" in shell.out
        assert "Line" in shell.out

    def test_without_it_there_are_no_detections(self, shell, scene):
        assert shell.json("detect", scene, "-d", "grx")["detections"] is None

    def test_a_rule_without_a_threshold_writes_no_mask(self, shell, scene, tmp_path):
        flags = ("-d", "grx", "--threshold", "percentile=0", "--out", tmp_path, "--format", "npy")
        assert shell.json("detect", scene, *flags)["detections"]["threshold"] is None
        assert not (tmp_path / "field_grx_mask.npy").exists()
        assert shell("detect", scene, "-d", "grx", "--threshold", "percentile=0") == 0
        assert "none found" in shell.out

    def test_a_recipe_may_have_one(self, shell, scene, tmp_path):
        shell.json("detect", scene, "-d", "grx", "--out", tmp_path, "--format", "npy")
        found = shell.json("detect", "--recipe", tmp_path / "recipe.json", "--threshold", "gpd=0.01")
        assert found["detections"]["rule"] == "gpd"

    @pytest.mark.parametrize(
        ("flags", "sentence"),
        [
            (("--threshold", "none=1"), "There is no threshold rule 'none'."),
            (("--threshold", "gpd=x"), "'gpd=x' is not RULE or RULE=number"),
            (("--threshold", "value=inf"), "does not give a finite number"),
            (("--threshold", "percentile=200"), "from 0 to 100"),
            (("--smallest", "2"), "--threshold must say how to find them"),
            (("--close-gaps", "2"), "--close-gaps is about objects"),
            (("--threshold", "otsu", "--smallest", "0"), "'0' is not a whole number from 1"),
        ],
    )
    def test_what_makes_no_sense_is_2(self, shell, scene, flags, sentence):
        assert sentence in shell.refuses(2, "detect", scene, "-d", "grx", *flags)


class TestRecipe:
    @pytest.fixture
    def written(self, shell, scene, tmp_path):
        flags = ("-p", "loading=0.1", "-t", "pca:components=5", "--bands", "1-6", "--seed", "9")
        shell.json("detect", scene, "-d", "grx", *flags, "--out", tmp_path / "first", "--format", "npy")
        return tmp_path / "first" / "recipe.json"

    def test_repeats_the_scores_bit_for_bit(self, shell, written, tmp_path):
        shell.json("detect", "--recipe", written, "--out", tmp_path / "again", "--format", "npy")
        first, again = ((tmp_path / name / "field_grx.npy").read_bytes() for name in ("first", "again"))
        assert first == again
        one, other = (json.loads((tmp_path / name / "recipe.json").read_text()) for name in ("first", "again"))
        assert one["request"] == other["request"]
        assert one["source"] == other["source"]

    def test_printed_by_json_it_can_be_saved_and_used(self, shell, scene, tmp_path):
        first = shell.json("detect", scene, "-d", "grx", "--bands", "2-5")
        (tmp_path / "kept.json").write_text(json.dumps(first["recipe"]))
        again = shell.json("detect", "--recipe", tmp_path / "kept.json")
        assert again["recipe"]["request"] == first["recipe"]["request"]
        assert again["evaluation"] == first["evaluation"]

    def test_may_be_used_on_another_cube(self, shell, written, tmp_path):
        np.save(tmp_path / "other.npy", np.random.default_rng(1).random((9, 11, 6), dtype=np.float32))
        found = shell.json("detect", tmp_path / "other.npy", "--recipe", written)
        assert found["shape"] == [9, 11]
        assert found["params"] == {"loading": 0.1}

    def test_on_a_cube_of_another_size_says_so(self, shell, written, scene, tmp_path):
        np.save(tmp_path / "other.npy", np.random.default_rng(1).random((9, 11, 6), dtype=np.float32))
        found = shell.json("detect", tmp_path / "other.npy", "--recipe", written)
        assert found["notes"][0].startswith("The recipe was written for a cube of 20 × 30 ×")
        assert "9 × 11 × 6" in found["notes"][0]
        assert not any("recipe" in note for note in shell.json("detect", scene, "--recipe", written)["notes"])

    def test_on_a_file_that_was_changed_says_so(self, shell, written, scene):
        recipe = json.loads(written.read_text())
        assert recipe["source"]["bytes"] == scene.stat().st_size
        recipe["source"]["bytes"] += 1
        written.write_text(json.dumps(recipe))
        notes = shell.json("detect", "--recipe", written)["notes"]
        assert notes[0].startswith(f"{scene.name} has changed since the recipe was written")

    def test_of_a_file_that_is_gone_says_what_to_do(self, shell, written, scene):
        scene.rename(scene.with_name("moved.mat"))
        sentence = shell.refuses(3, "detect", "--recipe", written)
        assert "does not exist. Give the file before --recipe." in sentence

    @pytest.mark.parametrize(
        ("flag", "value"),
        [
            *(("-d", "grx"), ("-p", "loading=1"), ("-t", "l2"), ("--bands", "all")),
            *(("--device", "cpu"), ("--seed", "0"), ("--entry", "data")),
        ],
    )
    def test_flags_that_it_decides_are_refused(self, shell, written, flag, value):
        assert "has no place beside --recipe" in shell.refuses(2, "detect", "--recipe", written, flag, value)

    def test_without_a_file_in_it_one_must_be_named(self, shell, written, scene, tmp_path):
        recipe = json.loads(written.read_text())
        del recipe["source"]["path"]
        (tmp_path / "no-file.json").write_text(json.dumps(recipe))
        assert "does not say which file" in shell.refuses(3, "detect", "--recipe", tmp_path / "no-file.json")
        assert shell("detect", scene, "--recipe", tmp_path / "no-file.json") == 0

    @pytest.mark.parametrize(
        "text", ["", "[1]", '{"format": "other"}', '{"format": "hadviewer recipe", "version": 99}']
    )
    def test_what_is_no_recipe_is_refused(self, shell, tmp_path, text):
        (tmp_path / "bad.json").write_text(text)
        assert "recipe" in shell.refuses(3, "detect", "--recipe", tmp_path / "bad.json")


class TestRefusals:
    @pytest.mark.parametrize(
        ("flags", "sentence"),
        [
            ((), "Something is missing: -d, the detector."),
            (("-d", "none"), "There is no detector 'none'. Known: "),
            (("-d", "grx", "-p", "loading=2"), "loading: input should be less than or equal to 1 (given: '2')."),
            (("-d", "grx", "-p", "loading"), "'loading' is not key=value"),
            (("-d", "grx", "-p", "inner=3"), "There is no parameter 'inner'. Known: loading."),
            (("-d", "grx:inner=3"), "There is no parameter 'inner'. Known: loading."),
            (("-d", "grx:loading=0", "-p", "loading=1"), "The parameter 'loading' is given twice."),
            (("-d", "grx", "-p", "loading=0", "-p", "loading=1"), "The parameter 'loading' is given twice."),
            (("-d", "grx", "-t", "none"), "There is no transform 'none'."),
            (("-d", "grx", "-t", "pca:components"), "'components' is not key=value"),
            (("-d", "grx", "-t", "pca:components=0"), "components: input should be greater than or equal to 1"),
            (("-d", "grx", "--bands", "9"), "'9' is outside bands 1-8."),
            (("-d", "grx", "--bands", "400-500nm"), "needs wavelengths, and this cube has none."),
            (("-d", "grx", "--device", "abacus"), "There is no device 'abacus'."),
            (("-d", "grx", "--seed", "-1"), "'-1' is not a whole number from 0"),
            (("-d", "grx", "--format", "npy"), "--out must say where."),
            (("-d", "grx", "--out", "here", "--format", "jpeg"), "There is no writer 'jpeg'."),
            (("-d", "grx", "--sead", "1"), "Unrecognized arguments: --sead 1. See hadviewer detect --help."),
            (("-d", "grx", "--see", "1"), "Unrecognized arguments: --see 1."),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_wrong_usage_is_2(self, shell, scene, flags, sentence):
        assert sentence in shell.refuses(2, "detect", scene, *flags)

    def test_nothing_is_computed_before_the_flags_are_right(self, shell, scene, tmp_path, monkeypatch):
        monkeypatch.setattr(hadviewer.engine.verbs, "detect", lambda *a, **k: pytest.fail("it ran"))
        (tmp_path / "file").touch()
        assert "is a file" in shell.refuses(3, "detect", scene, "-d", "grx", "--out", tmp_path / "file")
        shell.refuses(2, "detect", scene, "-d", "grx", "--out", tmp_path / "new", "--format", "none")
        assert not (tmp_path / "new").exists()

    def test_what_cannot_be_read_is_3(self, shell, scene, tmp_path):
        assert "does not exist" in shell.refuses(3, "detect", tmp_path / "none.mat", "-d", "grx")
        assert "has no mask of 20 lines" in shell.refuses(3, "detect", scene, "-d", "grx", "--truth", small(tmp_path))
        assert "is 5 × 6" in shell.refuses(3, "detect", scene, "-d", "grx", "--truth", f"{small(tmp_path)}:small")

    def test_a_file_in_the_way_of_the_folder_is_3(self, shell, scene, tmp_path):
        (tmp_path / "file").touch()
        out = tmp_path / "file" / "below"
        assert "file is a file. --out is a folder." in shell.refuses(3, "detect", scene, "-d", "grx", "--out", out)

    def test_a_detector_that_refuses_is_4(self, shell, tmp_path):
        np.save(tmp_path / "empty.npy", np.full((6, 7, 5), np.nan, np.float32))
        assert "at least two valid pixels" in shell.refuses(4, "detect", tmp_path / "empty.npy", "-d", "grx")

    def test_a_device_this_machine_lacks_is_4(self, shell, scene, monkeypatch):
        spec = catalog.detectors().get("grx")
        fast = DetectorSpec(**{**vars(spec), "devices": ("cpu", "mps")})
        monkeypatch.setattr(catalog, "detectors", lambda: catalog.Catalog("detector", {"grx": fast}))
        assert "no mps device" in shell.refuses(4, "detect", scene, "-d", "grx", "--device", "mps")

    def test_a_failure_after_the_start_leaves_no_file(self, shell, scene, tmp_path, monkeypatch):
        def fail(*arguments, **options):
            raise DetectorError("It gave up.")

        monkeypatch.setattr(hadviewer.engine.verbs, "detect", fail)
        assert shell.refuses(4, "detect", scene, "-d", "grx", "--out", tmp_path / "out") == "It gave up."
        assert not (tmp_path / "out").exists()


def small(folder):
    np.save(folder / "small.npy", np.zeros((5, 6), np.uint8))
    return folder / "small.npy"


class TestEvaluate:
    @pytest.mark.parametrize("kind", ["npy", "envi", "mat"])
    def test_agrees_with_detect_for_what_detect_wrote(self, shell, scene, tmp_path, kind):
        expected = shell.json("detect", scene, "-d", "grx", "--out", tmp_path / "out", "--format", kind)
        suffix = {"npy": ".npy", "envi": ".hdr", "mat": ".mat"}[kind]
        found = shell.json("evaluate", tmp_path / "out" / f"field_grx{suffix}", "--truth", f"{scene}:map")
        assert found["evaluation"]["auc_pd_pf"] == expected["evaluation"]["auc_pd_pf"]
        assert found["shape"] == [20, 30]

    def test_reads_as_a_table(self, shell, scene, tmp_path):
        shell.json("detect", scene, "-d", "grx", "--out", tmp_path, "--format", "npy")
        assert shell("evaluate", tmp_path / "field_grx.npy", "--truth", scene) == 0
        assert "AUC of detection against false alarms" in shell.out
        assert "Anomalous pixels" in shell.out

    def test_pixels_without_a_score_are_counted(self, shell, scene, tmp_path):
        scores = np.ones((20, 30), np.float32)
        scores[0] = np.nan
        np.save(tmp_path / "scores.npy", scores)
        found = shell.json("evaluate", tmp_path / "scores.npy", "--truth", f"{scene}:map")
        assert found["evaluation"]["nan_pixels"] == 30

    def test_a_truth_without_a_target_says_why_there_is_no_area(self, shell, scene, tmp_path):
        np.save(tmp_path / "empty.npy", np.zeros((20, 30), np.uint8))
        assert shell("detect", scene, "-d", "grx", "--truth", tmp_path / "empty.npy") == 0
        assert "Note: The truth marks no target" in shell.err
        np.save(tmp_path / "scores.npy", np.ones((20, 30), np.float32))
        assert shell("evaluate", tmp_path / "scores.npy", "--truth", tmp_path / "empty.npy") == 0
        assert "Note: The truth marks no target" in shell.err

    def test_a_truth_of_another_size_or_none_is_refused(self, shell, scene, tmp_path):
        assert "has no mask of 5 lines" in shell.refuses(3, "evaluate", small(tmp_path), "--truth", scene)
        assert "--truth" in shell.refuses(2, "evaluate", small(tmp_path))


class TestPreset:
    def test_its_parameters_count_where_none_is_typed(self, shell, scene):
        command = ("detect", scene, "-d", "lren", "--preset", "Fast (one restart)", "-p", "epochs=2")
        made = shell.json(*command)["params"]
        assert (made["restarts"], made["epochs"]) == (1, 2)
        assert shell.json(*command, "-p", "restarts=2")["params"]["restarts"] == 2

    def test_one_that_is_not_there_is_refused_with_those_that_are(self, shell, scene):
        sentence = shell.refuses(2, "detect", scene, "-d", "lren", "--preset", "nothing like it")
        assert "There is no preset 'nothing like it'. lren has: " in sentence
        assert "Fast (one restart)" in sentence
        assert "grx has: none." in shell.refuses(2, "detect", scene, "-d", "grx", "--preset", "x")
