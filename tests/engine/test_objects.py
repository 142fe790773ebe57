"""Objects of a result: what a rule finds, and what is told of it."""

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
from hadviewer.engine.features import feature_table
from hadviewer.engine.objects import check_rule, find
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


def test_gaps_are_closed_before_objects_are_counted_and_the_table_says_so(cube):
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
    table = feature_table(result, found.threshold, found.cleaning)
    assert table.about.startswith("Objects of at least 10 pixels with score >= 0.5 (grx, array), gaps of 2 pixels")


def test_the_chi_squared_rule_knows_the_number_of_bands(cube):
    result = hadviewer.detect(cube, "grx", bands="1-4")
    assert find(result, "chi2", 1e-3).threshold == thresholds.chi2(1e-3, 4)


def test_objects_lie_on_the_map_where_there_is_one(cube):
    placed = replace(cube, geo=Georeference((100.0, 5.0, 0.0, 900.0, 0.0, -5.0), units="m"))
    result = hadviewer.detect(placed, "grx")
    found = find(result, "percentile", 0.5, cube=placed)
    assert all(item.x == 100 + 5 * (item.col + 0.5) for item in found.objects)
    table = feature_table(result, found.threshold, cube=placed)
    rows = [dict(zip((item.name for item in table.attributes), row, strict=True)) for row in table.rows]
    assert [row["n_pixels"] for row in rows] == [item.area for item in found.objects]
    assert [row["area_m2"] for row in rows] == [25.0 * item.area for item in found.objects]
    assert [row["x"] for row in rows] == [100 + 5 * (item.peak_col + 0.5) for item in found.objects]
    assert [row["y"] for row in rows] == [900 - 5 * (item.peak_row + 0.5) for item in found.objects]
    assert "lon" not in rows[0]


def test_without_a_map_the_places_are_left_out(cube):
    result = hadviewer.detect(cube, "grx")
    table = feature_table(result, find(result, "percentile", 0.5).threshold, cube=cube)
    assert not {"x", "y", "lon", "lat", "area_m2"} & {item.name for item in table.attributes}


def test_where_a_rule_finds_no_threshold_nothing_is_found(cube):
    flat = hadviewer.detect(as_cube(np.random.default_rng(0).random((3, 3, 4))), "grx")
    found = find(flat, "gpd")
    assert found.threshold == math.inf
    assert found.objects == ()
    assert feature_table(flat, found.threshold).rows == ()


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
