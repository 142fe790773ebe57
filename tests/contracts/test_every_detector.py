"""What every detector of the catalogue, also one from a plug-in, must do."""

import contextlib
import pickle
import re

import numpy as np
import pytest

import hadviewer
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import Cancelled, DetectorError, HadviewerError, ParamError
from hadviewer.core.params import describe, parse
from hadviewer.engine import catalog, devices, verbs
from hadviewer.engine.blocks import ArrayBlocks

every_detector = pytest.mark.parametrize("spec", list(catalog.detectors()), ids=lambda spec: spec.id)

TARGETS = ((3, 5), (10, 21), (18, 9))


def scene(rows=22, cols=27, bands=9, seed=0):
    """Two materials in a smooth mixture with noise, as float32 (rows, cols, bands)."""
    rng = np.random.default_rng(seed)
    position = np.linspace(0, 1, bands)
    one, two = 1000 + 800 * np.sin(3 * position), 1400 - 900 * position**2
    across = np.linspace(0, 1, cols)[np.newaxis, :, np.newaxis] * np.linspace(0.5, 1, rows)[:, np.newaxis, np.newaxis]
    return (one * across + two * (1 - across) + rng.normal(0, 15, (rows, cols, bands))).astype(np.float32)


def run(spec, cube, **context):
    """The detector itself, with its trial parameters (mostly the defaults), given what the engine would give it."""
    return run_with(spec, spec.params(**spec.trial), cube, **context)


def run_with(spec, params, cube, **context):
    return spec.function(ArrayBlocks(cube) if spec.streaming else cube, params, Context(**context))


def detect(spec, cube, **how):
    """The detector through the engine, with its trial parameters."""
    return hadviewer.detect(cube, spec.id, params=spec.trial, **how)


class Watching(SilentReporter):
    def __init__(self):
        self.fractions = []

    def progress(self, fraction, message, values):
        self.fractions.append(fraction)


def test_the_catalogue_has_the_detectors_of_this_package():
    assert "grx" in catalog.detectors()
    assert not catalog.detectors().broken


@every_detector
def test_describes_itself(spec):
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", spec.id)
    assert spec.title
    assert spec.family
    assert spec.summary.endswith(".")
    assert spec.reference
    assert spec.when.endswith(".")
    assert "cpu" in spec.devices
    assert {device.partition(":")[0] for device in spec.devices} <= set(devices.KINDS)
    assert 0.5 < spec.floor <= 1


@every_detector
def test_explains_every_parameter(spec):
    for field in describe(spec.params):
        assert field.title != field.name
        assert field.help.endswith(".")
        assert field.kind in ("int", "odd", "float", "bool", "choice", "text", "path")
    with pytest.raises(ParamError, match="There is no parameter 'no_such_parameter'"):
        parse(spec.params, {"no_such_parameter": 1})


@every_detector
def test_presets_are_parameters_it_takes(spec):
    for name, params in spec.presets.items():
        assert name == name.strip()
        assert name
        assert parse(spec.params, params) != spec.params()


@every_detector
def test_default_parameters_survive_text_and_json(spec):
    defaults = spec.params()
    assert parse(spec.params, defaults.model_dump(mode="json")) == defaults
    typed = {field.name: str(field.default) for field in describe(spec.params)}
    assert parse(spec.params, typed) == defaults
    assert pickle.loads(pickle.dumps(defaults)) == defaults


@every_detector
def test_leaves_a_read_only_input_unchanged(spec):
    cube = scene()
    before = cube.copy()
    cube.flags.writeable = False
    scores = run(spec, cube)
    np.testing.assert_array_equal(cube, before)
    assert not np.shares_memory(scores, cube)


@every_detector
def test_gives_one_finite_float32_score_for_each_pixel(spec):
    scores = run(spec, scene())
    assert isinstance(scores, np.ndarray)
    assert scores.dtype == np.float32
    assert scores.shape == (22, 27)
    assert np.isfinite(scores).all()
    assert np.ptp(scores) > 0


@every_detector
def test_pixels_without_values_get_no_score_and_change_no_other(spec):
    """Whatever stands in pixels with an invalid value, the others do not hear of it."""
    cube = scene()
    cube[18:] = np.nan
    result = detect(spec, cube)
    assert np.isnan(result.scores[18:]).all()
    assert not result.valid[18:].any()
    assert result.invalid_pixels == 4 * 27
    assert np.isfinite(result.scores[:18]).all()
    other = cube.copy()
    other[18:, :, 0] = 1e6
    other[18:, :, 3] = np.inf
    np.testing.assert_array_equal(detect(spec, other).scores, result.scores)


@every_detector
def test_a_single_dead_pixel_does_no_harm(spec):
    cube = scene()
    cube[4, 6, 2] = np.nan
    result = detect(spec, cube)
    expected = np.ones((22, 27), bool)
    expected[4, 6] = False
    np.testing.assert_array_equal(result.valid, expected)
    np.testing.assert_array_equal(np.isfinite(result.scores), expected)
    clean = detect(spec, scene()).scores
    assert np.corrcoef(clean[expected], result.scores[expected])[0, 1] > 0.95


@every_detector
@pytest.mark.parametrize("size", [(40, 7), (7, 40), (7, 5), (1, 60), (60, 1)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_scenes_of_any_form_are_scored_or_refused_with_a_sentence(spec, size):
    scores, sentence = None, ""
    try:
        scores = run(spec, scene(*size))
    except DetectorError as refusal:
        sentence = str(refusal)
    if scores is None:
        assert re.fullmatch(r"[^\n]{20,}\.", sentence)
        return
    assert scores.shape == size
    assert np.isfinite(scores).all()


@every_detector
def test_a_scene_without_its_corners_is_scored(spec):
    """A rotated image in its frame: the four corners hold no data."""
    cube = scene()
    for rows, cols in ((slice(0, 6), slice(0, 7)), (slice(-5, None), slice(0, 4)), (slice(-6, None), slice(-6, None))):
        cube[rows, cols] = np.nan
    result = detect(spec, cube)
    np.testing.assert_array_equal(np.isfinite(result.scores), np.isfinite(cube[:, :, 0]))


@every_detector
def test_a_scene_that_is_empty_for_the_most_part_is_scored(spec):
    """A narrow flight line across a wide frame."""
    cube = np.full((40, 44, 9), np.nan, np.float32)
    cube[:, 28:40] = scene(40, 12)
    result = detect(spec, cube)
    np.testing.assert_array_equal(np.isfinite(result.scores), np.isfinite(cube[:, :, 0]))


@every_detector
def test_constant_and_duplicate_bands_are_no_trouble(spec):
    cube = scene()
    cube[..., 2] = 7
    cube[..., 4] = cube[..., 3]
    cube[..., 5] = 0
    assert np.isfinite(run(spec, cube)).all()


@every_detector
def test_one_band_is_enough(spec):
    assert np.isfinite(run(spec, scene(bands=9)[:, :, :1].copy())).all()


@every_detector
@pytest.mark.parametrize("level", [1e-4, 1e4])
def test_values_of_any_size(spec, level):
    assert np.isfinite(run(spec, scene() * np.float32(level))).all()


@every_detector
@pytest.mark.parametrize("what", ["no values", "one pixel", "all alike"])
def test_a_hopeless_scene_is_refused_with_a_sentence_or_scored(spec, what):
    cube = {
        "no values": np.full((4, 5, 6), np.nan, np.float32),
        "one pixel": np.ones((1, 1, 6), np.float32),
        "all alike": np.ones((12, 15, 6), np.float32),
    }[what]
    scene_of_it = verbs.as_cube(cube)
    result = None
    with contextlib.suppress(HadviewerError):
        result = detect(spec, scene_of_it)
    if result is None:
        with pytest.raises(HadviewerError) as refusal:
            detect(spec, scene_of_it)
        assert str(refusal.value).endswith(".")
    else:
        np.testing.assert_array_equal(np.isfinite(result.scores), result.valid)


@every_detector
def test_same_seed_same_scores(spec):
    first = run(spec, scene(), seed=5)
    run(spec, scene(seed=1), seed=6)
    np.testing.assert_array_equal(run(spec, scene(), seed=5), first)


@every_detector
def test_global_random_numbers_are_left_alone(spec):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    run(spec, scene())
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@every_detector
def test_an_implanted_target_stands_out(spec):
    """Pixels of a third material outrank the declared share of the background: higher means more anomalous."""
    cube = scene()
    target = 900 + 700 * np.cos(5 * np.linspace(0, 1, cube.shape[2]))
    background = np.ones(cube.shape[:2], bool)
    for place in TARGETS:
        cube[place] = target
        background[place] = False
    scores = run_with(spec, spec.params(), cube)
    for place in TARGETS:
        assert (scores[background] < scores[place]).mean() >= spec.floor


@every_detector
def test_progress_never_runs_back_and_reaches_the_end(spec):
    watching = Watching()
    run(spec, scene(), reporter=watching)
    fractions = [fraction for fraction in watching.fractions if fraction is not None]
    assert len(fractions) > 1
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert fractions[0] >= 0


@every_detector
def test_stops_at_the_next_step_when_asked(spec):
    """Every question whether to go on is a step; after the first yes there is no other."""
    watching = Watching()
    run(spec, scene(), reporter=watching)
    for last in {1, len(watching.fractions) // 2, len(watching.fractions)}:
        asked = []

        def cancelled(asked=asked, last=last):
            asked.append(True)
            return len(asked) >= last

        with pytest.raises(Cancelled):
            run(spec, scene(), cancelled=cancelled)
        assert len(asked) == last


@every_detector
def test_through_the_engine_the_scores_are_the_same(spec):
    cube = scene()
    result = detect(spec, cube, device="cpu", seed=2)
    np.testing.assert_allclose(result.scores, run(spec, cube, seed=2), rtol=1e-5)
    assert result.device == "cpu"
    assert result.request.params == spec.params(**spec.trial).model_dump(mode="json")
    assert result.provenance["bands_used"] == 9
