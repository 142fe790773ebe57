"""The score of SuperAD in units of each band: a noisy band does not drown the others, a dead one does not either."""

import numpy as np
import pytest
import torch

from hadviewer.core.context import Context
from hadviewer.detectors._superad_score import LEAST_UNIT, pixel_scores
from hadviewer.detectors.superad import SuperADParams, superad


def deviations(pixels=301, bands=6, seed=0):
    return np.random.default_rng(seed).normal(size=(pixels, bands)).astype(np.float32)


def scored(values, name="relative", valid=None):
    return pixel_scores(torch.from_numpy(values.copy()), name, valid).numpy()


def test_squared_is_the_mean_square():
    values = deviations()
    np.testing.assert_allclose(scored(values, "squared"), (values**2).mean(axis=1), rtol=1e-5)


def test_relative_is_the_mean_square_in_medians_of_the_bands():
    values = deviations()
    expected = ((values / np.median(np.abs(values), axis=0)) ** 2).mean(axis=1)
    np.testing.assert_allclose(scored(values), expected, rtol=1e-5)


def test_an_anomaly_is_seen_beside_a_noisy_band():
    values = deviations()
    values[7, :5] = 4.0
    values[:, 5] *= 50
    assert scored(values).argmax() == 7
    assert scored(values, "squared").argmax() != 7


def test_a_band_that_is_dead_but_for_a_few_pixels_has_the_least_unit():
    values = deviations(bands=5)
    values[:, 2] = 0
    values[11, 2] = 0.5
    sizes = np.median(np.abs(values), axis=0)
    sizes[2] = LEAST_UNIT * np.median(sizes)
    np.testing.assert_allclose(scored(values), ((values / sizes) ** 2).mean(axis=1), rtol=1e-5)


def test_what_is_reconstructed_perfectly_scores_nothing():
    assert not scored(np.zeros((9, 3), np.float32)).any()


def test_pixels_without_values_do_not_say_what_the_units_are():
    values = deviations()
    with_more = np.concatenate([values, 100 * deviations(200, seed=1)])
    np.testing.assert_allclose(scored(with_more, valid=torch.arange(301))[:301], scored(values), rtol=1e-5)


@pytest.mark.parametrize("hole", [False, True])
def test_a_run_gives_finite_scores_in_units_of_the_bands(hole):
    cube = np.random.default_rng(3).random((14, 15, 6)).astype(np.float32)
    cube[..., 4] = 1.0
    if hole:
        cube[3, 4] = np.nan
    scores = superad(cube, SuperADParams(score="relative", steps=4, segments=4), Context())
    assert np.isfinite(scores).sum() == 14 * 15 - hole
