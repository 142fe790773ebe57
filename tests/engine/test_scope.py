"""Regions in a run: what is scored, what counts nowhere, where statistics come from, and that a recipe repeats it."""

from pathlib import Path

import numpy as np
import pytest
from spectral import calc_stats, rx

from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.core.region import Points, Region, rectangle
from hadviewer.core.results import DetectionRequest, DetectionResult, Selection
from hadviewer.engine import catalog, detection, verbs
from hadviewer.engine.recipe import make_recipe
from hadviewer.engine.scope import read_selection, scope_of, select
from hadviewer.io.regions.files import write_regions

SHAPE = (24, 30)
RUNWAY, GRASS, CLOUD = Window(4, 20, 2, 14), Window(0, 24, 16, 30), Window(6, 9, 3, 8)


@pytest.fixture
def cube() -> Cube:
    values = np.random.default_rng(5).normal(100, 10, (*SHAPE, 6)).astype(np.float32)
    values[:, 16:] += 40
    return verbs.as_cube(values)


def picked(window: Window, name: str = "R") -> Selection:
    return select(Region(1, name, parts=(rectangle(window),)), SHAPE)


def run(cube: Cube, detector: str = "grx", **parts: object) -> DetectionResult:
    return detection.run(DetectionRequest(detector=detector, device="cpu", **parts), cube, Context(threads=1))


def mask_of(window: Window) -> np.ndarray:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[window.slices] = True
    return mask


@pytest.mark.parametrize("transforms", [(), ({"id": "l2"},)], ids=["in strips", "in memory"])
def test_only_the_region_is_scored_as_if_nothing_else_was_there(cube: Cube, transforms: tuple[dict, ...]) -> None:
    found = run(cube, inside=picked(RUNWAY), transforms=transforms)
    alone = run(verbs.as_cube(cube.values(window=RUNWAY)), transforms=transforms)
    assert np.array_equal(found.valid, mask_of(RUNWAY))
    assert np.isnan(found.scores[~found.valid]).all()
    np.testing.assert_allclose(found.scores[RUNWAY.slices], alone.scores, rtol=1e-5)


def test_excluded_pixels_have_no_score_and_no_part_in_the_statistics(cube: Cube) -> None:
    values = cube.values()
    values[CLOUD.slices] = 1e6
    found = run(verbs.as_cube(values), exclude=picked(CLOUD))
    values[CLOUD.slices] = np.nan
    assert np.array_equal(found.valid, ~mask_of(CLOUD))
    np.testing.assert_array_equal(found.scores, run(verbs.as_cube(values)).scores)


def test_the_background_of_global_rx_is_the_region_named(cube: Cube) -> None:
    """Against spectral: the statistics of one part of the scene, the scores of another."""
    found = run(cube, inside=picked(RUNWAY), background=picked(GRASS, "Grass"))
    wanted = rx(
        cube.values(window=RUNWAY).astype(float), background=calc_stats(cube.values(window=GRASS).astype(float))
    )
    assert np.array_equal(found.valid, mask_of(RUNWAY))
    np.testing.assert_allclose(found.scores[RUNWAY.slices], wanted, rtol=1e-4)
    assert any("'Grass'" in note for note in found.notes)


TAKING = [spec.id for spec in catalog.detectors() if "background" in spec.takes]


@pytest.mark.parametrize("detector", TAKING)
def test_whoever_takes_a_background_takes_it_from_there_alone(cube: Cube, detector: str) -> None:
    """Whatever the rest of the scene is like, the scores of a pixel stay the same; its own background changes them."""
    other = cube.values()
    other[~mask_of(GRASS) & ~mask_of(RUNWAY)] *= 7
    request = {"background": picked(GRASS), "params": {"loading": 0.0} if detector == "grx" else {}}
    first, second = run(cube, detector, **request), run(verbs.as_cube(other), detector, **request)
    np.testing.assert_allclose(first.scores[RUNWAY.slices], second.scores[RUNWAY.slices], rtol=1e-4)
    assert not np.allclose(first.scores[RUNWAY.slices], run(cube, detector).scores[RUNWAY.slices])


def test_a_background_is_refused_by_who_has_no_use_for_it(cube: Cube) -> None:
    request = DetectionRequest(detector="lrx", background=picked(GRASS))
    with pytest.raises(ParamError, match="cannot take its background") as caught:
        detection.complete(request, cube)
    assert caught.value.field == "background"
    assert "grx" in caught.value.hint


def test_a_region_and_the_part_in_view_meet(cube: Cube) -> None:
    scope = scope_of(DetectionRequest(detector="grx", region=Window(0, 10, 0, 30), inside=picked(RUNWAY)), cube)
    assert scope.window == Window(4, 10, 2, 14)


def test_without_regions_nothing_is_made_of_the_pixels(cube: Cube) -> None:
    scope = scope_of(DetectionRequest(detector="grx"), cube)
    assert (scope.window, scope.kept, scope.scored, scope.background) == (cube.window, None, None, None)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"inside": Selection(name="R", pixels="0-99:0-3")}, "inside"),
        ({"exclude": Selection(name="R", pixels="0:0-99")}, "exclude"),
        ({"background": Selection(name="R", pixels="nonsense")}, "background"),
        ({"inside": Selection(name="R", pixels="")}, "inside"),
        ({"inside": picked(CLOUD), "exclude": picked(RUNWAY)}, "inside"),
        ({"exclude": picked(Window(0, 24, 0, 30))}, "exclude"),
        ({"inside": picked(GRASS), "region": Window(0, 24, 0, 10)}, "inside"),
    ],
)
def test_what_does_not_fit_is_said_before_anything_starts(cube: Cube, parts: dict[str, object], field: str) -> None:
    with pytest.raises(ParamError) as caught:
        detection.complete(DetectionRequest(detector="grx", **parts), cube)
    assert caught.value.field == field


def test_a_recipe_keeps_the_pixels(cube: Cube) -> None:
    result = run(cube, inside=picked(RUNWAY, "Runway"), background=picked(GRASS), exclude=picked(CLOUD))
    kept = DetectionRequest.model_validate(make_recipe(result)["request"])
    assert kept.inside == Selection(name="Runway", pixels="4-19:2-13")
    np.testing.assert_array_equal(detection.run(kept, cube, Context(threads=1)).scores, result.scores)


def test_a_region_comes_from_a_file_by_its_name(tmp_path: Path, cube: Cube) -> None:
    regions = [
        Region(1, "Runway", parts=(rectangle(RUNWAY),)),
        Region(2, "Spots", parts=(Points(((1, 1), (23, 29))),)),
    ]
    path = write_regions(tmp_path / "r.geojson", regions, SHAPE)
    assert read_selection(f"{path}:Runway", cube) == select(regions[0], SHAPE)
    assert read_selection(path, cube) == select(regions, SHAPE)
    with pytest.raises(ReadError, match="'Roof'") as caught:
        read_selection(f"{path}:Roof", cube)
    assert "Runway, Spots" in caught.value.hint
