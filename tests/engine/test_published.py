"""The table of published figures is sound, and scenes are recognised by what they are rather than by name."""

import csv
import math

import pytest

import hadviewer
from hadviewer.assets import resource
from hadviewer.engine import catalog
from hadviewer.engine.benchmark_runs import Cell, Run
from hadviewer.engine.published import Published, compare, fingerprint, published, recognise


def run(entrant="grx", area=0.9932, shape=(80, 100, 162), targets=17, **more):
    lines, samples, bands = shape
    data = {"lines": lines, "samples": samples, "bands": bands, "targets": targets}
    return Run("mine", entrant, area=area, **data | {"fingerprint": 0.9932} | more)


def cells(*runs):
    return [Cell(run.scene, run.entrant, (run,)) for run in runs]


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


def test_every_figure_is_of_one_of_our_columns_or_of_none():
    for figure in published():
        *steps, detector = (part.partition(":")[0] for part in figure.detector.split(" + "))
        assert detector in ("", *catalog.detectors().specs)
        assert set(steps) <= set(catalog.transforms().specs)


def test_a_scene_is_recognised_by_size_bands_and_targets():
    assert recognise(run()) == "hydice-17"
    assert recognise(run(shape=(100, 80, 162), targets=19)) == "hydice-19"
    assert recognise(run(shape=(100, 100, 198), targets=155)) == "abu-urban-2-198"
    assert recognise(run(targets=18)) is None


def test_a_figure_is_of_the_columns_that_have_its_parameters():
    def of(detector, entrant):
        return Published("", "", detector, "", 0.5).is_of(entrant)

    assert of("lren", "lren")
    assert of("lren", "lren:mode=literal on bands 1-198")
    assert of("fen:weights=100bands + grx", "fen:weights=100bands + grx")
    assert not of("fen:weights=100bands + grx", "fen:weights=200bands + grx")
    assert not of("grx", "pca + grx")
    assert not of("grx", "slrx")


def test_data_with_another_fingerprint_are_said_to_differ():
    mine = [run(), run("lrx", 0.5), run("lrx:outer=7", math.nan, problem="It broke.")]
    same = list(compare(cells(*mine)))
    printed = {"SuperAD paper, best epoch by the truth", "Reference programs, run 2026-11"}
    assert {item.data for item in same if item.published.source in printed} == {"same"}
    other = list(compare(cells(run(fingerprint=0.95))))
    assert "differ: GRX 0.9932 there, 0.9500 here" in {item.data for item in other}
    unknown = {item.data for item in compare(cells(run(fingerprint=math.nan)))}
    assert unknown <= {"unknown: the source gives no GRX", "unknown: no GRX here"}
    assert "same" in {item.data for item in compare(cells(run(fingerprint=math.nan), run("lrx")))}
    lrx = [item for item in same if item.published.label == "spectral.rx 5/15"]
    assert [(item.entrant, item.ours) for item in lrx] == [
        ("lrx", 0.5),
        ("lrx:outer=7", pytest.approx(math.nan, nan_ok=True)),
    ]
    assert lrx[0].difference == pytest.approx(0.5 - 0.9977)
    assert [item.entrant for item in same if item.published.label == "WRX"] == [""]


def test_a_scene_nobody_published_has_no_figures():
    assert list(compare(cells(run(targets=5)))) == []


def test_the_fingerprint_is_that_of_global_rx(scenes):
    opened = hadviewer.open(scenes / "sandiego-58.mat")
    known = fingerprint("sandiego-58", opened)
    assert known.area == pytest.approx(0.8885, abs=1e-4)
    assert recognise(known) == "sandiego-58"


def test_every_scene_at_hand_is_recognised(scenes):
    for path in scenes.glob("*.mat"):
        assert recognise(fingerprint(path.stem, hadviewer.open(path))) == path.stem
