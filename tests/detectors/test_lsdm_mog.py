"""LSDM-MoG gives what its variational updates give when written out, and recovers what a mixture made."""

import numpy as np
import pytest
import torch

from hadviewer.core.context import Context, SilentReporter
from hadviewer.detectors.lsdm_mog import LSDMMoGParams, _Factors, _Mixture, lsdm_mog
from tests.detectors.reference_lsdm_mog import Reference


def scene(rows=7, cols=8, bands=12, materials=2, noise=0.01, seed=0):
    """Mixtures of a few spectra with noise; two pixels hold something else in some of the bands."""
    rng = np.random.default_rng(seed)
    cube = rng.random((rows, cols, materials)) @ rng.random((materials, bands))
    cube += rng.normal(0, noise, cube.shape)
    for place in ((2, 3), (5, 6)):
        cube[place][rng.random(bands) < 0.6] += 0.6
    return cube.astype(np.float32)


def scaled(cube):
    """(bands, pixels), every band 0..1."""
    pixels = cube.reshape(-1, cube.shape[2]).astype(float)
    return np.ascontiguousarray(((pixels - pixels.min(0)) / np.ptp(pixels, axis=0)).T)


def score(cube, seed=0, **params):
    return lsdm_mog(cube, LSDMMoGParams(**params), Context(seed=seed))


@pytest.mark.parametrize(("components", "rank", "rounds"), [(2, 3, 1), (2, 3, 6), (3, 5, 4), (1, 2, 3)])
def test_equals_the_updates_written_out(components, rank, rounds):
    reference = Reference(scaled(scene()), rank, components, np.random.default_rng(4))
    for _ in range(rounds):
        reference.step()
    found = score(scene(), seed=4, components=components, rank=rank, iterations=rounds, tolerance=1e-12)
    np.testing.assert_allclose(found.ravel(), reference.scores(), rtol=1e-5, atol=1e-7)


def test_stops_where_the_background_changes_no_more():
    changes = []

    class Listening(SilentReporter):
        def progress(self, fraction, message, values):
            changes.extend(values.values())

    reference = Reference(scaled(scene()), 3, 2, np.random.default_rng(0))
    ctx = Context(reporter=Listening())
    lsdm_mog(scene(), LSDMMoGParams(rank=3), ctx)
    np.testing.assert_allclose(changes, [reference.step() for _ in changes], rtol=1e-5)
    assert changes[-1] < 1e-3
    assert all(change >= 1e-3 for change in changes[:-1])
    assert not any("limit" in remark for remark in ctx.remarks)


def test_the_scores_do_not_depend_on_the_range_of_the_bands():
    cube = scene()
    changed = cube * np.float32([2, 1e3, 7] * 4) + np.float32(5)
    np.testing.assert_allclose(score(changed), score(cube), rtol=2e-2, atol=1e-3)


def test_finds_the_rank_of_the_background():
    """Three materials, the offset that scaling the bands brings, and one for each of the two odd pixels."""
    Y = torch.from_numpy(scaled(scene(20, 20, 40, materials=3, noise=0.001)))
    factors = _Factors(Y, 12)
    mixture = _Mixture.started(Y - factors.product(), 2, np.random.default_rng(0))
    for _ in range(60):
        factors.update(*mixture.weights(Y))
        background = factors.product()
        mixture.update(Y - background, factors.expected_squares(background))
    assert factors.rank == 6


def test_separates_two_kinds_of_noise():
    """A tenth of the entries is twenty times as noisy: the mixture finds both levels and which entry is which."""
    rng = np.random.default_rng(2)
    loud = rng.random((30, 400)) < 0.1
    noise = np.where(loud, rng.normal(0, 0.2, loud.shape), rng.normal(0, 0.01, loud.shape))
    e = torch.from_numpy(noise)
    mixture = _Mixture.started(e, 2, np.random.default_rng(0))
    for _ in range(200):
        mixture.update(e, e**2)
    spread = (mixture.d / mixture.c).sqrt().numpy()
    np.testing.assert_allclose(np.sort(spread), [0.01, 0.2], rtol=0.1)
    wide = mixture.R[int(spread.argmax())].numpy()
    assert wide.mean() == pytest.approx(0.1, abs=0.02)
    assert (wide[np.abs(noise) > 0.1] > 0.99).all()


def test_two_pixels_of_another_kind_stand_out():
    found = score(scene(20, 20, 40), rank=3)
    assert {tuple(place) for place in np.argwhere(found >= np.sort(found, axis=None)[-2])} == {(2, 3), (5, 6)}


def test_the_first_rank_follows_the_bands_unless_it_is_given():
    """With a full rank there would be no residual left to score."""
    for bands, expected in ((8, 2), (12, 3), (100, 20)):
        assert np.array_equal(
            score(scene(bands=bands), iterations=2), score(scene(bands=bands), iterations=2, rank=expected)
        )


def test_a_scene_without_any_difference_has_no_anomaly():
    assert (score(np.full((5, 6, 8), 3, np.float32)) == 0).all()
