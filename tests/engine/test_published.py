"""The table of published figures is sound, and scenes are recognised by what they are rather than by name."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest

import hadviewer
from hadviewer.assets import resource
from hadviewer.core.cube import Scene, Truth
from hadviewer.engine import catalog
from hadviewer.engine.benchmark import Cell
from hadviewer.engine.published import compare, fingerprint, published, recognise
from hadviewer.engine.verbs import as_cube


def scene(shape=(80, 100, 162), targets=17):
    mask = np.zeros(shape[:2], bool)
    mask.flat[:targets] = True
    return Scene(as_cube(np.broadcast_to(np.float32(0), shape)), Truth(mask, "map"))


def test_every_figure_is_an_area_of_a_known_scene():
    with resource("published", "scenes.csv").open(encoding="utf-8") as file:
        known = {row["scene"] for row in csv.DictReader(file)}
    figures = published()
    assert len(figures) > 300
    for figure in figures:
        assert 0 <= figure.area <= 1
        assert figure.scene in known
        assert figure.source
        assert figure.label
    keys = [(figure.source, figure.scene, figure.label) for figure in figures]
    assert len(set(keys)) == len(keys)


def test_every_detector_id_is_one_of_ours_or_to_come():
    to_come = {"superad", "lren", "slrx", "crd", "pta", "2s-glrt", "aed", "krx", "cbad", "wrx", "lrx"}
    assert {figure.detector for figure in published()} <= {"", *to_come, *catalog.detectors().specs}


def test_a_scene_is_recognised_by_size_and_targets():
    assert recognise(scene()) == "hydice-17"
    assert recognise(scene((100, 80, 162), 19)) == "hydice-19"
    assert recognise(scene(targets=18)) is None
    assert recognise(replace(scene(), truth=None)) is None


def test_data_with_another_fingerprint_are_said_to_differ():
    cells = [
        Cell("mine", "grx", (0.9932,)),
        Cell("mine", "lrx", (0.5,)),
        Cell("mine", "lrx:outer=7", problem="It broke."),
    ]
    entrants = {"grx": "grx", "lrx": "lrx", "lrx:outer=7": "lrx"}
    same = list(compare("mine", scene(), 0.9932, cells, entrants))
    assert {item.data for item in same} == {"same"}
    other = list(compare("mine", scene(), 0.95, cells, entrants))
    assert {item.data for item in other} == {"differ: GRX 0.9932 there, 0.9500 here"}
    assert {item.data for item in compare("mine", scene(), math.nan, cells, entrants)} == {
        "unknown: the source gives no GRX"
    }
    lrx = [item for item in same if item.published.label == "spectral.rx 5/15"]
    assert [(item.entrant, item.ours) for item in lrx] == [
        ("lrx", 0.5),
        ("lrx:outer=7", pytest.approx(math.nan, nan_ok=True)),
    ]
    assert lrx[0].difference == pytest.approx(0.5 - 0.9977)
    assert [item.entrant for item in same if item.published.label == "WRX"] == [""]


def test_a_scene_nobody_published_has_no_figures():
    assert list(compare("mine", scene(targets=5), 0.9, [], {})) == []


def test_the_fingerprint_is_that_of_global_rx(scenes):
    opened = hadviewer.open(scenes / "sandiego-58.mat")
    assert fingerprint("sandiego-58", opened) == pytest.approx(0.8885, abs=1e-4)
    assert recognise(opened) == "sandiego-58"


def test_every_scene_at_hand_is_recognised(scenes):
    for path in scenes.glob("*.mat"):
        assert recognise(hadviewer.open(path)) == path.stem
