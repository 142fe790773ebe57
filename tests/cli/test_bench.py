"""hadviewer bench: tables that grow, failures that stay in their cells, scenes that are left out by name."""

import csv
import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

import hadviewer
from hadviewer.cli import flags
from hadviewer.engine import benchmark


def write_scene(path, seed, truth=True):
    """A scene of 16 × 18 × 6 with two bright targets."""
    from scipy.io import savemat

    rng = np.random.default_rng(seed)
    cube = rng.normal(100, 3, (16, 18, 6)).astype(np.float32)
    mask = np.zeros((16, 18), np.uint8)
    mask[4, 5] = mask[10, 12] = 1
    cube[mask > 0] += rng.normal(15, 4, 6)
    savemat(path, {"data": cube, **({"map": mask} if truth else {})})
    return path


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "scenes"
    place.mkdir()
    write_scene(place / "north.mat", 1)
    write_scene(place / "south.mat", 2)
    return place


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_two_scenes_and_two_detectors_give_a_table_a_page_and_a_picture(shell, folder, tmp_path):
    out = tmp_path / "out"
    assert shell("bench", folder, "-d", "grx,grx:loading=0.5", "--out", out) == 0, shell.err
    assert {path.name for path in out.iterdir()} == {"benchmark.csv", "benchmark.md", "benchmark.png", "runs.csv"}
    found = rows(out / "benchmark.csv")
    labels = ["grx", "grx:loading=0.5"]
    assert [(row["scene"], row["detector"]) for row in found] == [(s, d) for s in ("north", "south") for d in labels]
    scene = hadviewer.open(folder / "south.mat")
    expected = hadviewer.evaluate(hadviewer.detect(scene.cube, "grx", loading=0.5).scores, scene.truth).auc_pd_pf
    assert float(found[3]["auc_mean"]) == pytest.approx(expected, abs=1e-6)
    page = (out / "benchmark.md").read_text(encoding="utf-8")
    assert "| Scene | grx | grx:loading=0.5 |" in page
    assert "| **mean** |" in page
    with Image.open(out / "benchmark.png") as picture:
        assert picture.size[0] > 200
    assert "north" in shell.out
    assert shell.err.count("\n") == 4
    assert shell.err.startswith("1/4  north  grx  ")


def test_transforms_and_flags_reach_every_detector(shell, folder, tmp_path):
    flags = ("-t", "pca:components=3", "-t", "unit", "--bands", "1-5", "--device", "cpu")
    found = shell.json("bench", folder / "north.mat", "-d", "grx", *flags, "--out", tmp_path / "out")
    [cell] = found["cells"]
    scene = hadviewer.open(folder / "north.mat")
    steps = [("pca", {"components": 3}), "unit"]
    result = hadviewer.detect(scene.cube, "grx", transforms=steps, bands="1-5")
    assert cell["auc"] == [pytest.approx(hadviewer.evaluate(result.scores, scene.truth).auc_pd_pf)]
    assert rows(tmp_path / "out" / "benchmark.csv")[0]["detector"] == "pca:components=3 + unit + grx on bands 1-5"
    assert cell["detector"] == "pca:components=3 + unit + grx on bands 1-5"


def test_a_column_may_have_transforms_of_its_own(shell, folder, tmp_path):
    found = shell.json("bench", folder / "north.mat", "-d", "grx,pca:components=3+grx", "--out", tmp_path / "out")
    scene = hadviewer.open(folder / "north.mat")
    apart = [
        hadviewer.evaluate(hadviewer.detect(scene.cube, "grx", transforms=steps).scores, scene.truth).auc_pd_pf
        for steps in ([], [("pca", {"components": 3})])
    ]
    assert [cell["detector"] for cell in found["cells"]] == ["grx", "pca:components=3 + grx"]
    assert [cell["auc"] for cell in found["cells"]] == [[pytest.approx(area)] for area in apart]


def test_a_preset_is_typed_like_a_parameter_which_others_overrule(shell, folder, tmp_path):
    typed = "lren:preset=Fast (one restart); lren:preset=Fast (one restart),mode=literal,epochs=2"
    found = shell.json("bench", folder / "north.mat", "-d", typed, "--out", tmp_path / "out")
    assert [cell["detector"] for cell in found["cells"]] == [piece.strip() for piece in typed.split(";")]
    assert [int(row["steps"]) for row in rows(tmp_path / "out" / "runs.csv")] == [60, 2]


def test_of_a_path_the_label_has_the_last_name_alone():
    chain = flags.entrants("fen:weights=/far/away/100bands+slrx:block=8")
    assert benchmark.entrant(chain[0]).label == "fen:weights=100bands + slrx:block=8"


def test_a_detector_to_which_the_seed_means_nothing_runs_twice_at_most(shell, folder, tmp_path):
    found = shell.json("bench", folder, "-d", "grx", "--seeds", "5", "--out", tmp_path / "out")
    assert [len(cell["auc"]) for cell in found["cells"]] == [2, 2]
    assert [cell["auc_std"] for cell in found["cells"]] == [0, 0]
    assert [row["seeds"] for row in rows(tmp_path / "out" / "benchmark.csv")] == ["1", "1"]
    assert "±" not in (tmp_path / "out" / "benchmark.md").read_text(encoding="utf-8").partition("|")[2]


def test_a_detector_of_chance_has_a_spread_over_seeds(shell, folder, tmp_path, monkeypatch):
    detect = hadviewer.engine.verbs.detect

    def by_chance(cube, request, ctx):
        result = detect(cube, request, ctx=ctx)
        noise = np.random.default_rng(request.seed).normal(0, 40, result.scores.shape).astype(np.float32)
        return dataclasses.replace(result, scores=result.scores + noise)

    monkeypatch.setattr(hadviewer.engine.verbs, "detect", by_chance)
    found = shell.json("bench", folder / "north.mat", "-d", "grx", "--seeds", "3", "--out", tmp_path / "out")
    [cell] = found["cells"]
    assert cell["auc_std"] > 0
    assert "±" in (tmp_path / "out" / "benchmark.md").read_text(encoding="utf-8").partition("|")[2]
    assert len(cell["auc"]) == len(cell["seconds"]) == 3
    assert cell["seeds"] == [0, 100, 200]
    assert cell["auc_mean"] == pytest.approx(np.mean(cell["auc"]))
    assert cell["auc_std"] == pytest.approx(np.std(cell["auc"], ddof=1))


def test_a_failure_stays_in_its_cell(shell, folder, tmp_path):
    np.save(folder / "void.npy", np.full((6, 7, 5), np.nan, np.float32))
    np.save(folder / "void_truth.npy", np.eye(6, 7, dtype=np.uint8))
    out = tmp_path / "out"
    assert shell("bench", folder, "-d", "grx", "--out", out) == 4
    found = rows(out / "benchmark.csv")
    assert [row["scene"] for row in found] == ["north", "south", "void"]
    assert "at least two valid pixels" in found[2]["problem"]
    assert float(found[1]["auc_mean"]) > 0.9
    page = (out / "benchmark.md").read_text(encoding="utf-8")
    assert "- void, grx: " in page
    assert "(2 of 3)" in page
    assert "failed" in shell.out


def test_a_mistake_in_a_detector_is_a_failure_too(shell, folder, tmp_path, monkeypatch):
    detect = hadviewer.engine.verbs.detect

    def broken(cube, request, ctx):
        if request.params:
            raise IndexError("index 3 is out of bounds")
        return detect(cube, request, ctx=ctx)

    monkeypatch.setattr(hadviewer.engine.verbs, "detect", broken)
    assert shell("bench", folder / "north.mat", "-d", "grx:loading=0.1,grx", "--out", tmp_path / "out") == 4
    first, second = rows(tmp_path / "out" / "benchmark.csv")
    assert first["problem"] == "A mistake in the detector (IndexError: index 3 is out of bounds)."
    assert second["auc_mean"]


def test_what_is_finished_stays_after_an_interruption(shell, folder, tmp_path, monkeypatch):
    run_once, begun = benchmark.run_once, []

    def interrupted(name, *rest, **options):
        begun.append(name)
        if begun == ["north", "south"]:
            raise KeyboardInterrupt
        return run_once(name, *rest, **options)

    monkeypatch.setattr("hadviewer.cli.benching.run_once", interrupted)
    out = tmp_path / "out"
    assert shell("bench", folder, "-d", "grx", "--out", out) == 130
    assert [row["scene"] for row in rows(out / "benchmark.csv")] == ["north"]
    assert "| south |  |" in (out / "benchmark.md").read_text(encoding="utf-8")
    assert (out / "benchmark.png").exists()
    assert shell.out == ""
    assert shell("bench", folder, "-d", "grx", "--out", out) == 0
    assert begun == ["north", "south", "south"]
    assert "1/2  north  grx  " in shell.err
    assert shell.err.count("(taken over)") == 1
    assert [row["scene"] for row in rows(out / "benchmark.csv")] == ["north", "south"]


class TestKeptRuns:
    """What is in runs.csv is not run again, unless that is asked for or the data are others."""

    @pytest.fixture
    def begun(self, monkeypatch):
        run_once, begun = benchmark.run_once, []

        def counted(name, scene, label, request, *rest):
            begun.append((name, label, request.seed))
            return run_once(name, scene, label, request, *rest)

        monkeypatch.setattr("hadviewer.cli.benching.run_once", counted)
        return begun

    def test_further_seeds_and_columns_join_them(self, shell, folder, tmp_path, begun):
        north, out, quick = folder / "north.mat", tmp_path / "out", "mtgan:iterations=2"
        assert shell("bench", north, "-d", quick, "--out", out) == 0
        assert shell("bench", north, "-d", f"{quick},grx", "--seeds", "2", "--out", out) == 0
        assert begun == [("north", quick, 0), ("north", quick, 100), ("north", "grx", 0), ("north", "grx", 100)]
        assert shell("bench", north, "-d", "grx", "--seeds", "5", "--out", out) == 0
        assert len(begun) == 4
        assert [row["detector"] for row in rows(out / "benchmark.csv")] == [quick, "grx"]

    def test_are_made_again_when_asked_for_or_on_other_data(self, shell, folder, tmp_path, begun):
        out = tmp_path / "out"
        assert shell("bench", folder / "north.mat", "-d", "grx", "--out", out) == 0
        assert shell("bench", folder / "north.mat", "-d", "grx", "--again", "--out", out) == 0
        np.save(tmp_path / "north.npy", np.random.default_rng(0).random((6, 7, 5), dtype=np.float32))
        np.save(tmp_path / "north_gt.npy", np.eye(6, 7, dtype=np.uint8))
        assert shell("bench", tmp_path / "north.npy", "-d", "grx", "--out", out) == 0
        assert len(begun) == 3
        [row] = rows(out / "runs.csv")
        assert (row["lines"], row["samples"], row["bands"], row["targets"]) == ("6", "7", "5", "6")

    def test_that_failed_are_tried_again(self, shell, folder, tmp_path, begun):
        out = tmp_path / "out"
        np.save(folder / "void.npy", np.full((6, 7, 5), np.nan, np.float32))
        np.save(folder / "void_truth.npy", np.eye(6, 7, dtype=np.uint8))
        for _ in range(2):
            assert shell("bench", folder / "void.npy", "-d", "grx", "--seeds", "3", "--out", out) == 4
        assert begun == [("void", "grx", 0)] * 2

    def test_alone_give_the_same_tables(self, shell, folder, tmp_path, begun):
        out = tmp_path / "out"
        assert shell("bench", folder, "-d", "grx,mtgan:iterations=2", "--seeds", "2", "--out", out) == 0
        before = {path.name: path.read_bytes() for path in out.iterdir()}
        for path in out.iterdir():
            if path.name != "runs.csv":
                path.unlink()
        del begun[:]
        assert shell("bench", "--out", out) == 0
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
        assert begun == []

    def test_that_are_none_are_refused(self, shell, folder, tmp_path):
        (tmp_path / "runs.csv").write_text("scene,area\nnorth,much\n")
        sentence = shell.refuses(3, "bench", folder, "-d", "grx", "--out", tmp_path)
        assert "runs.csv is no table of runs" in sentence

    def test_tell_step_and_false_alarms(self, shell, folder, tmp_path):
        out = tmp_path / "out"
        assert shell("bench", folder / "north.mat", "-d", "mtgan:iterations=3", "--out", out) == 0
        [row] = rows(out / "runs.csv")
        assert (row["seed"], row["steps"], row["targets"], row["device"]) == ("0", "3", "2", "cpu")
        assert 0 < float(row["false_alarms"]) < 0.5
        assert float(row["cpu_seconds"]) > 0


def test_tables_are_there_before_the_end(shell, folder, tmp_path, monkeypatch):
    run_once, seen = benchmark.run_once, []

    def watched(*given, **options):
        table = tmp_path / "out" / "benchmark.csv"
        seen.append(len(rows(table)) if table.exists() else 0)
        return run_once(*given, **options)

    monkeypatch.setattr("hadviewer.cli.benching.run_once", watched)
    assert shell("bench", folder, "-d", "grx,grx:loading=0.5", "--out", tmp_path / "out") == 0
    assert seen == [0, 1, 2, 3]


class TestScenes:
    def test_without_a_truth_are_left_out_by_name(self, shell, folder, tmp_path):
        write_scene(folder / "unknown.mat", 3, truth=False)
        (folder / "notes.txt").write_text("nothing to see")
        out = tmp_path / "out"
        assert shell("bench", folder, "-d", "grx", "--out", out) == 0
        assert "Note: unknown.mat has no truth. It is left out." in shell.err
        assert "notes.txt is in no format this program knows. It is left out." in shell.err
        assert "- unknown.mat has no truth." in (out / "benchmark.md").read_text(encoding="utf-8")
        assert len(rows(out / "benchmark.csv")) == 2

    def test_with_an_empty_truth_are_left_out(self, shell, folder, tmp_path):
        np.save(folder / "empty.npy", np.random.default_rng(0).random((6, 7, 5), dtype=np.float32))
        np.save(folder / "empty_gt.npy", np.zeros((6, 7), np.uint8))
        assert shell("bench", folder, "-d", "grx", "--out", tmp_path / "out") == 0
        assert "empty.npy has a truth that marks no pixel. It is left out." in shell.err

    def test_none_at_all_is_an_error(self, shell, folder, tmp_path):
        write_scene(folder / "unknown.mat", 3, truth=False)
        sentence = shell.refuses(3, "bench", folder / "unknown.mat", "-d", "grx", "--out", tmp_path / "out")
        assert sentence.startswith("There is no scene with a known truth to compare detectors on.")
        assert "unknown.mat has no truth" in sentence
        assert not (tmp_path / "out").exists()

    def test_the_truth_may_lie_beside_its_scene(self, shell, tmp_path):
        assert shell("demo", "--out", tmp_path / "demo") == 0
        found = shell.json("bench", tmp_path / "demo", "-d", "grx", "--out", tmp_path / "out")
        assert [cell["scene"] for cell in found["cells"]] == ["hadviewer-demo"]
        assert found["cells"][0]["auc_mean"] > 0.9
        assert found["left_out"] == []

    def test_of_one_name_are_told_apart(self, shell, folder, tmp_path):
        other = tmp_path / "other"
        other.mkdir()
        write_scene(other / "north.mat", 4)
        found = shell.json("bench", folder, other, "-d", "grx", "--out", tmp_path / "out")
        assert [cell["scene"] for cell in found["cells"]] == ["north", "south", "other/north"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            (("-d", "none"), "There is no detector 'none'."),
            (("-d", "grx,grx"), "The detector grx is given twice."),
            (("-d", "aed,grx:loading=9"), "grx: loading: input should be less than or equal to 1"),
            (("-d", "grx", "-t", "pca:components=0"), "pca: components: input should be greater"),
            (("-d", "grx:loading"), "'loading' is not key=value"),
            (("-d", ","), "',' names no detector"),
            (("-d", "grx", "-t", "none"), "There is no transform 'none'."),
            (("-d", "grx", "--seeds", "0"), "'0' is not a whole number from 1"),
            (("-d", "grx+grx"), "There is no transform 'grx'."),
            (("-d", "lren:preset=none"), "There is no preset 'none'. lren has: San Diego"),
            ((), "-d/--detectors"),
        ],
    )
    def test_wrong_usage_is_2_before_anything_is_opened(self, shell, tmp_path, typed, sentence):
        assert sentence in shell.refuses(2, "bench", tmp_path / "none.mat", *typed, "--out", tmp_path / "out")

    def test_what_cannot_be_read_or_written_is_3(self, shell, folder, tmp_path):
        assert "does not exist" in shell.refuses(3, "bench", tmp_path / "none.mat", "-d", "grx", "--out", tmp_path)
        (tmp_path / "file").touch()
        assert "is a file" in shell.refuses(3, "bench", folder, "-d", "grx", "--out", tmp_path / "file")


def test_detectors_are_typed_with_their_parameters():
    assert flags.entrants("grx, lrx:inner=5,outer=15,crd") == [
        [("grx", {})],
        [("lrx", {"inner": "5", "outer": "15"})],
        [("crd", {})],
    ]
    assert flags.entrants("aed:areas=16,36,sigma=0.5,2s-glrt,grx") == [
        [("aed", {"areas": "16,36", "sigma": "0.5"})],
        [("2s-glrt", {})],
        [("grx", {})],
    ]
    several = "cbad,aed:areas=16,36:smooth=no"
    assert flags.entrants(f"fusion:detectors={several},seed=3; grx") == [
        [("fusion", {"detectors": several, "seed": "3"})],
        [("grx", {})],
    ]
    assert flags.entrants(f"fusion:detectors={several};") == [[("fusion", {"detectors": several})]]
    assert flags.entrants("pca:components=5+unit+lrx:inner=5,outer=15,grx:loading=1e+0") == [
        [("pca", {"components": "5"}), ("unit", {}), ("lrx", {"inner": "5", "outer": "15"})],
        [("grx", {"loading": "1e+0"})],
    ]


def test_published_figures_stand_beside_ours_on_real_scenes(shell, scenes, tmp_path):
    out = tmp_path / "out"
    places = scenes / "hydice-17.mat", scenes / "abu-airport-1.mat"
    found = shell.json("bench", *places, "-d", "grx", "--published", "--out", out)
    assert [round(cell["auc_mean"], 4) for cell in found["cells"]] == [0.9932, 0.8221]
    compared = [item for item in found["published"] if item["our_detector"] == "grx"]
    same = [item for item in compared if item["data"] == "same"]
    assert len(same) >= 4
    assert all(abs(item["difference"]) <= 0.0005 for item in same)
    [other] = [item for item in compared if item["data"] != "same"]
    assert (other["scene"], other["source"]) == ("abu-airport-1", "FERD paper (first 200 bands)")
    assert other["data"] == "differ: GRX 0.8248 there, 0.8221 here"
    assert len(rows(out / "published.csv")) == len(found["published"])
    page = (out / "benchmark.md").read_text(encoding="utf-8")
    assert "## Beside published figures" in page
    assert "0.9933 (SuperAD paper, best epoch by the truth)" in page
    assert "- hydice-17: SuperAD's HYDICE" in page
    assert shell("bench", "--published", "--out", out) == 0
    assert (out / "benchmark.md").read_text(encoding="utf-8") == page
    json.dumps(found, allow_nan=False)
