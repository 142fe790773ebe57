"""Score maps in files are fused, whatever format each is in."""

import json

import numpy as np
import pytest
from scipy.io import savemat
from scipy.stats import rankdata

from hadviewer.core.geo import Georeference
from hadviewer.engine.verbs import open_map
from hadviewer.io.writers.envi import write_envi_cube


@pytest.fixture
def maps(tmp_path, shell, scene):
    """Maps of three formats of one scene: two exports with their recipes, and an array of a MATLAB file."""
    for detector, kind in (("grx", "npy"), ("utd", "envi")):
        shell.json("detect", scene, "-d", detector, "--out", tmp_path / detector, "--format", kind)
    third = np.random.default_rng(5).random((20, 30)).astype(np.float32)
    third[0, 0] = np.nan
    savemat(tmp_path / "maps.mat", {"scores": third, "cube": np.zeros((20, 30, 4))})
    return [tmp_path / "grx" / "field_grx.npy", tmp_path / "utd" / "field_utd.hdr", f"{tmp_path / 'maps.mat'}:scores"]


def test_the_ranks_of_all_maps_are_added(shell, maps, tmp_path):
    report = shell.json("fuse", *maps, "--out", tmp_path / "out", "--format", "npy")
    fused = np.load(tmp_path / "out" / "fused.npy")
    arrays = [open_map(place) for place in maps]
    known = np.isfinite(arrays[2])
    expected = sum(rankdata(array[known]) / known.sum() for array in arrays)
    np.testing.assert_allclose(fused[known], expected, rtol=1e-6)
    assert np.isnan(fused[0, 0])
    assert report["invalid_pixels"] == 1
    assert "one of the maps does not score" in report["notes"][1]
    assert report["evaluation"] is None


@pytest.mark.parametrize(("rule", "joined"), [("product", np.prod), ("maximum", np.max), ("minimum", np.min)])
def test_other_rules_join_the_ranks_otherwise(shell, maps, tmp_path, rule, joined):
    shell.json("fuse", *maps[:2], "--rule", rule, "--out", tmp_path, "--format", "npy", "--name", "joined")
    ranks = [rankdata(open_map(place)).reshape(20, 30) / 600 for place in maps[:2]]
    np.testing.assert_allclose(np.load(tmp_path / "joined.npy"), joined(ranks, axis=0), rtol=1e-6)


def test_with_the_truth_every_map_and_the_fusion_get_their_area(shell, maps, scene):
    report = shell.json("fuse", *maps, "--truth", f"{scene}:map")
    alone = [shell.json("evaluate", place, "--truth", f"{scene}:map")["evaluation"] for place in maps]
    assert [item["auc"] for item in report["maps"]] == [figures["auc_pd_pf"] for figures in alone]
    assert 0 <= report["evaluation"]["auc_pd_pf"] <= 1
    assert shell("fuse", *maps, "--truth", f"{scene}:map") == 0
    assert f"AUC of {maps[0]}" in shell.out
    assert "AUC of the fusion" in shell.out
    assert "3 maps by the sum of their ranks" in shell.out


def test_the_recipe_names_the_files_and_does_not_pretend_to_repeat_them(shell, maps, tmp_path):
    shell.json("fuse", *maps, "--out", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert record["repeatable"] is False
    assert [item["path"] for item in record["maps"]] == [str(maps[0]), str(maps[1]), str(tmp_path / "maps.mat")]
    assert record["maps"][2]["entry"] == "scores"
    assert [item["recipe"] and item["recipe"]["request"]["detector"] for item in record["maps"]] == ["grx", "utd", None]
    assert len({item["sha256"] for item in record["maps"]}) == 3
    sentence = shell.refuses(3, "detect", "--recipe", tmp_path / "out" / "recipe.json")
    assert "fusion of score maps in files" in sentence
    assert "hadviewer fuse joins them again" in sentence


def test_the_fusion_lies_where_its_maps_lie_and_never_replaces_one(shell, maps, tmp_path):
    geo = Georeference((500000.0, 2.0, 0.0, 4100000.0, 0.0, -2.0), "EPSG:32633", "UTM", "m")
    scores = np.random.default_rng(2).random((20, 30, 1)).astype(np.float32)
    write_envi_cube(tmp_path / "placed.hdr", scores, geo=geo)
    shell.json("fuse", maps[0], tmp_path / "placed.hdr", "--out", tmp_path / "out", "--format", "envi,png")
    header = (tmp_path / "out" / "fused.hdr").read_text()
    assert "map info = {UTM" in header
    assert "source field_grx + placed" in header
    for place, name, kind in ((tmp_path, "placed", "envi"), (tmp_path / "grx", "field_grx", "npy")):
        flags = ("--out", place, "--name", name, "--format", kind)
        sentence = shell.refuses(3, "fuse", maps[0], tmp_path / "placed.hdr", *flags)
        assert "would replace the file it was made from" in sentence


def test_what_does_not_fit_together_is_one_sentence(shell, maps, scene, tmp_path):
    np.save(tmp_path / "small.npy", np.zeros((4, 5)))
    np.save(tmp_path / "cube.npy", np.zeros((20, 30, 3)))
    for code, sentence, places in (
        (2, "20 × 30 and", [maps[0], tmp_path / "small.npy"]),
        (2, "two or more score maps", maps[:1]),
        (2, "named twice", [maps[0], maps[0]]),
        (2, "There is no rule 'mean'. Known: sum, product, maximum, minimum.", [*maps, "--rule", "mean"]),
        (2, "is not a file name", [*maps, "--out", tmp_path, "--name", "../up"]),
        (2, "--out must say where", [*maps, "--format", "npy"]),
        (3, "cube.npy holds no score map", [maps[0], tmp_path / "cube.npy"]),
        (
            3,
            "cube in maps.mat is 20 × 30 × 4, a mask or score map has lines and samples",
            [maps[0], f"{tmp_path / 'maps.mat'}:cube"],
        ),
        (3, "does not exist", [maps[0], tmp_path / "nowhere.npy"]),
        (3, "has no mask of 20 lines × 30 samples", [*maps, "--truth", tmp_path / "small.npy"]),
    ):
        assert sentence in shell.refuses(code, "fuse", *places)
