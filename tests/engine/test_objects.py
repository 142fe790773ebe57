"""Objects of a result: what a rule finds, and the table it is written as."""

import csv
import math
import re
from dataclasses import replace

import numpy as np
import pytest

import hadviewer
from hadviewer.analysis import thresholds
from hadviewer.analysis.objects import Cleaning
from hadviewer.core.errors import ParamError
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest
from hadviewer.engine.objects import check_rule, find, write_objects
from hadviewer.engine.verbs import as_cube


@pytest.fixture
def cube():
    rng = np.random.default_rng(1)
    values = rng.normal(100, 2, (30, 40, 6))
    values[4:6, 5:8] += 30
    values[20, 30] -= 40
    values[0, 0] = np.nan
    return as_cube(values.astype(np.float32))


def test_objects_are_those_above_the_threshold_of_the_rule(cube):
    result = hadviewer.detect(cube, "grx")
    found = find(result, "percentile", 0.5)
    assert found.threshold == thresholds.percentile(result.scores, 0.5)
    assert sorted(item.area for item in found.objects) == [1, 5]
    best = max(found.objects, key=lambda item: item.peak)
    assert (best.peak_row, best.peak_col) == np.unravel_index(np.nanargmax(result.scores), result.scores.shape)
    assert [item.area for item in find(result, "percentile", 0.5, cleaning=Cleaning(2)).objects] == [5]
    assert find(result, "percentile").argument == 1.0
    assert find(result, "otsu").argument is None


def test_gaps_are_closed_before_objects_are_counted_and_the_table_says_so(cube, tmp_path):
    result = hadviewer.detect(cube, "grx")
    scores = np.zeros_like(result.scores)
    scores[10, 5:20] = 1
    scores[10, 9:11] = 0
    scores[~result.valid] = np.nan
    result = replace(result, scores=scores)
    assert [item.area for item in find(result, "value", 0.5).objects] == [4, 9]
    found = find(result, "value", 0.5, Cleaning(minimum=10, gap=2))
    assert [item.area for item in found.objects] == [15]
    assert {name: found.to_dict()[name] for name in ("minimum", "connectivity", "gap")} == {
        "minimum": 10,
        "connectivity": 8,
        "gap": 2,
    }
    table = write_objects(tmp_path / "objects.csv", found).read_text()
    assert table.startswith("# Objects of at least 10 pixels with score >= 0.5 (value=0.5), gaps of 2 pixels closed")


def test_the_chi_squared_rule_knows_the_number_of_bands(cube):
    result = hadviewer.detect(cube, "grx", bands="1-4")
    assert find(result, "chi2", 1e-3).threshold == thresholds.chi2(1e-3, 4)


def test_objects_lie_on_the_map_where_there_is_one(cube, tmp_path):
    from dataclasses import replace

    placed = replace(cube, geo=Georeference((100.0, 5.0, 0.0, 900.0, 0.0, -5.0), units="m"))
    found = find(hadviewer.detect(placed, "grx"), "percentile", 0.5, cube=placed)
    assert all(item.x == 100 + 5 * (item.col + 0.5) for item in found.objects)
    lines = write_objects(tmp_path / "objects.csv", found).read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# Objects of at least 1 pixels with score >= ")
    assert lines[0].endswith("(percentile=0.5)")
    rows = list(csv.DictReader(lines[1:]))
    assert [int(row["area"]) for row in rows] == [item.area for item in found.objects]
    assert [float(row["x"]) for row in rows] == [item.x for item in found.objects]
    assert [int(row["row1"]) for row in rows] == [item.box[2] for item in found.objects]


def test_without_a_map_the_places_are_left_empty(cube, tmp_path):
    found = find(hadviewer.detect(cube, "grx"), "percentile", 0.5, cube=cube)
    text = write_objects(tmp_path / "objects.csv", found).read_text(encoding="utf-8")
    assert next(csv.DictReader(text.splitlines()[1:]))["x"] == ""


def test_where_a_rule_finds_no_threshold_nothing_is_found(cube, tmp_path):
    flat = hadviewer.detect(as_cube(np.random.default_rng(0).random((3, 3, 4))), "grx")
    found = find(flat, "gpd")
    assert found.threshold == math.inf
    assert found.objects == ()
    assert write_objects(tmp_path / "none.csv", found).read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize(
    ("rule", "number", "detector", "sentence"),
    [
        ("none", None, "grx", "There is no threshold rule 'none'. Known: percentile"),
        ("otsu", 1.0, "grx", "takes no number"),
        ("percentile", 101.0, "grx", "from 0 to 100, not at 101"),
        ("gpd", 0.0, "grx", "not at 0"),
        ("chi2", 0.01, "wrx", "squared Mahalanobis distances"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule, number, detector, sentence):
    with pytest.raises(ParamError, match=re.escape(sentence)) as caught:
        check_rule(rule, number, DetectionRequest(detector=detector))
    assert caught.value.field == "threshold"
