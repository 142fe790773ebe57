"""What every transform of the catalogue, also one from a plug-in, must do."""

import re

import numpy as np
import pytest

from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import Cancelled
from hadviewer.core.params import describe
from hadviewer.engine import catalog
from tests.transforms.fen_weights import write_states

every_transform = pytest.mark.parametrize("spec", list(catalog.transforms()), ids=lambda spec: spec.id)


def scene(rows=12, cols=17, bands=9, seed=0):
    return np.random.default_rng(seed).gamma(2.0, 500.0, (rows, cols, bands)).astype(np.float32)


@pytest.fixture
def run(tmp_path):
    """Runs a transform with its default parameters, and with what it cannot do without."""

    def run(spec, cube, **context):
        given = {"fen": lambda: {"weights": write_states(tmp_path / "weights", bands=cube.shape[2])}}
        params = spec.params(**given.get(spec.id, dict)())
        return spec.function(cube, params, Context(**context))

    return run


def test_the_catalogue_has_the_transforms_of_this_package():
    assert {"unit", "bandwise", "zscore", "l2", "clip", "pca"} <= set(catalog.transforms().specs)
    assert not catalog.transforms().broken


@every_transform
def test_describes_itself(spec):
    assert re.fullmatch(r"[a-z][a-z0-9_-]*", spec.id)
    assert spec.title
    assert spec.summary.endswith(".")
    for field in describe(spec.params):
        assert field.title != field.name
    spec.params()


@every_transform
def test_leaves_a_read_only_input_unchanged(run, spec):
    cube = scene()
    cube[2, 3] = np.nan
    before = cube.copy()
    cube.flags.writeable = False
    result = run(spec, cube)
    np.testing.assert_array_equal(cube, before)
    assert not np.shares_memory(result, cube)


@every_transform
def test_gives_finite_float32_of_the_same_size(run, spec):
    result = run(spec, scene())
    assert result.dtype == np.float32
    assert result.ndim == 3
    assert result.shape[:2] == (12, 17)
    assert np.isfinite(result).all()


@every_transform
def test_pixels_without_values_stay_so_and_change_no_other(run, spec):
    cube = scene()
    holed = cube.copy()
    holed[:4] = np.nan
    result = run(spec, holed)
    assert np.isnan(result[:4]).all()
    assert np.isfinite(result[4:]).all()
    np.testing.assert_allclose(result[4:], run(spec, cube[4:].copy()), rtol=1e-4, atol=1e-3)


@every_transform
@pytest.mark.parametrize("shape", [(1, 20, 5), (20, 1, 5), (3, 4, 1), (2, 2, 40)])
def test_odd_shapes(run, spec, shape):
    result = run(spec, scene(*shape))
    assert result.shape[:2] == shape[:2]
    assert np.isfinite(result).all()


@every_transform
def test_constant_and_duplicate_bands_are_no_trouble(run, spec):
    cube = scene()
    cube[..., 2] = 7
    cube[..., 4] = cube[..., 3]
    assert np.isfinite(run(spec, cube)).all()
    assert np.isfinite(run(spec, np.zeros_like(cube))).all()


@every_transform
def test_scene_without_any_value_stays_without(run, spec):
    assert np.isnan(run(spec, np.full((4, 5, 6), np.nan, np.float32))).all()


@every_transform
def test_same_input_same_output(run, spec):
    np.testing.assert_array_equal(run(spec, scene(), seed=5), run(spec, scene(), seed=5))


@every_transform
def test_progress_never_runs_back_and_reaches_the_end(run, spec):
    class Watching(SilentReporter):
        def __init__(self):
            self.seen = []

        def progress(self, fraction, message, values):
            self.seen.append(fraction)

    watching = Watching()
    run(spec, scene(), reporter=watching)
    fractions = [fraction for fraction in watching.seen if fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


@every_transform
def test_stops_when_asked(run, spec):
    with pytest.raises(Cancelled):
        run(spec, scene(), cancelled=lambda: True)
