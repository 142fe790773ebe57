"""PTA gives what its iteration gives when written out, and the published areas under the curve."""

import numpy as np
import pytest
import torch

import hadviewer
from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context, SilentReporter
from hadviewer.detectors.pta import PTAParams, _smooth_down, pta
from tests.detectors import reference_pta as reference


def scene(rows=9, cols=11, bands=6, seed=0):
    """A smooth mixture of two spectra with noise and three pixels of another material."""
    rng = np.random.default_rng(seed)
    share = (np.linspace(0, 1, rows)[:, None] + np.linspace(0, 2, cols)[None, :])[..., None] / 3
    cube = share * rng.random(bands) + (1 - share) * rng.random(bands) + rng.normal(0, 0.02, (rows, cols, bands))
    for place in ((2, 3), (2, 4), (6, 8)):
        cube[place] = rng.random(bands) * 1.5
    return cube.astype(np.float32)


def with_gaps(cube):
    cube = cube.copy()
    cube[0, :4] = cube[4, 5] = cube[5, 5] = cube[7:, 9:] = np.nan
    return cube


def score(cube, **params):
    return pta(cube, PTAParams(**params), Context())


@pytest.mark.parametrize(
    "weights", [(1.7, 0.069, 0.1, 1), (1.0, 1.0, 1.0, 0), (0.02, 0.01, 0.05, 3), (1.0, 0.1, 0.0, 2)]
)
def test_equals_the_iteration_written_out(weights):
    alpha, beta, tau, rank = weights
    expected, _ = reference.pta(reference.banded(scene().astype(float)), alpha, beta, tau, rank, 1e-3, 30)
    found = score(scene(), alpha=alpha, beta=beta, tau=tau, rank=rank, iterations=30)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_a_free_rank_beyond_the_bands_does_no_harm():
    assert np.isfinite(score(scene(), rank=50)).all()


def test_with_gaps_it_equals_the_iteration_on_pairs_of_valid_pixels():
    cube = with_gaps(scene())
    valid = np.isfinite(cube[..., 0])
    scaled = np.zeros(cube.shape)
    low, high = cube[valid].min(axis=0), cube[valid].max(axis=0)
    scaled[valid] = (cube[valid] - low.astype(float)) / (high.astype(float) - low)
    expected, _ = reference.pta(scaled, 0.02, 0.01, 0.05, 1, 1e-3, 30, valid)
    found = score(cube, alpha=0.02, beta=0.01, tau=0.05, iterations=30)
    np.testing.assert_allclose(found[valid], expected[valid], rtol=1e-5, atol=1e-6)
    assert np.isnan(found[~valid]).all()


def test_two_halves_beside_a_gap_do_not_touch_each_other_in_the_smoothing():
    links = torch.ones(7, 5, dtype=torch.float64)
    links[3] = 0
    given = torch.from_numpy(np.random.default_rng(1).random((8, 5, 4)))
    both, above, below = torch.empty_like(given), torch.empty_like(given[:4]), torch.empty_like(given[4:])
    _smooth_down(given, links, 3.0, both)
    _smooth_down(given[:4], links[:3], 3.0, above)
    _smooth_down(given[4:], links[4:], 3.0, below)
    torch.testing.assert_close(both, torch.cat([above, below]), rtol=1e-12, atol=0)


def test_strong_smoothing_gives_each_column_its_mean():
    given = torch.from_numpy(np.random.default_rng(1).random((8, 5, 4)))
    out = torch.empty_like(given)
    _smooth_down(given, torch.ones(7, 5, dtype=torch.float64), 1e9, out)
    torch.testing.assert_close(out, given.mean(0, keepdim=True).expand_as(given), rtol=1e-6, atol=0)


def test_turning_or_mirroring_the_scene_turns_or_mirrors_the_scores():
    cube = scene()
    turned = np.ascontiguousarray(np.rot90(cube))
    np.testing.assert_allclose(score(turned), np.rot90(score(cube)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(score(cube[:, ::-1].copy()), score(cube)[:, ::-1], rtol=1e-4, atol=1e-6)


def test_the_range_and_order_of_the_bands_do_not_matter():
    cube = scene()
    changed = cube[..., ::-1] * np.float32([1, 1e3, 7, 1e-3, 2, 50]) + np.float32(4)
    np.testing.assert_allclose(score(changed), score(cube), rtol=1e-2, atol=1e-4)


def test_without_smoothing_the_place_of_a_pixel_does_not_matter():
    cube = scene()
    order = np.random.default_rng(5).permutation(99)
    shuffled = cube.reshape(99, 6)[order].reshape(9, 11, 6)
    expected = score(cube, tau=0.0).reshape(99)[order].reshape(9, 11)
    np.testing.assert_allclose(score(shuffled, tau=0.0), expected, rtol=1e-4, atol=1e-6)


class Listening(SilentReporter):
    def __init__(self):
        self.residuals, self.previews = [], []

    def progress(self, fraction, message, values):
        self.residuals += values.values()

    def preview(self, scores):
        self.previews.append(scores)


def test_tells_the_residual_of_each_iteration_and_stops_when_it_is_small():
    listening = Listening()
    ctx = Context(reporter=listening)
    cube = with_gaps(scene())
    found = pta(cube, PTAParams(iterations=400), ctx)
    assert len(listening.residuals) < 80
    assert listening.residuals[-1] < 1e-6
    assert min(listening.residuals[:-1]) >= 1e-6
    assert not ctx.remarks
    assert len(listening.previews) == len(listening.residuals) // 10
    np.testing.assert_allclose(listening.previews[-1], found, atol=1e-4)


def test_says_so_when_the_limit_ended_it():
    ctx = Context()
    pta(scene(), PTAParams(iterations=5), ctx)
    assert any("limit of 5 iterations" in remark for remark in ctx.remarks)


# In the table of another paper, and the areas of another program with the same weights.
FIGURES = {"abu-airport-1": 0.7331, "abu-airport-2": 0.9096}


@pytest.mark.parametrize("name", FIGURES)
def test_published_areas_under_the_curve(scenes, name):
    """A residual of 0.01, half of the usual iterations, is already beyond the fourth digit."""
    opened = hadviewer.open(scenes / f"{name}.mat")
    result = hadviewer.detect(opened.cube, "pta", tolerance=0.01)
    assert auc(result.scores, opened.truth.mask) == pytest.approx(FIGURES[name], abs=1e-4)
