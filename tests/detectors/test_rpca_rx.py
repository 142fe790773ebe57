"""RPCA-RX equals its definition written out, recovers planted parts, and gives the published figures."""

import numpy as np
import pytest
import torch

import hadviewer
from hadviewer.analysis.evaluation import evaluate_scores
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import DetectorError
from hadviewer.detectors.rpca_rx import RPCARXParams, pursuit, rpca_rx
from tests.detectors import reference_rpca_rx as reference

PUBLISHED = {"abu-airport-1": 0.8088, "abu-airport-2": 0.8428}
MEASURED = {"hydice-17": 0.995, "pavia-crop": 0.987}


def scene(rows=18, cols=23, bands=8, seed=0):
    """Correlated bands on an offset with some bright pixels, float32."""
    rng = np.random.default_rng(seed)
    cube = rng.normal(size=(rows, cols, 3)) @ rng.normal(size=(3, bands)) + 0.1 * rng.normal(size=(rows, cols, bands))
    cube[rng.random((rows, cols)) < 0.02] += 2 * rng.normal(size=bands)
    return (100 * cube + 2000).astype(np.float32)


def score(cube, ctx=None, **params):
    return rpca_rx(cube, RPCARXParams(**params), ctx or Context())


def auc(scenes, name):
    opened = hadviewer.open(scenes / f"{name}.mat")
    assert opened.truth is not None
    return evaluate_scores(hadviewer.detect(opened.cube, "rpca-rx").scores, opened.truth.mask).auc_pd_pf


def test_equals_the_definition_with_full_decompositions():
    np.testing.assert_allclose(score(scene()), reference.scores(scene()), rtol=1e-4)


def test_the_parts_are_those_of_the_full_decomposition():
    data = np.random.default_rng(3).random((150, 9))
    low_rank, sparse = reference.pursuit(data, 1 / np.sqrt(150))
    found = pursuit(torch.as_tensor(data), np.ones((10, 15), bool), RPCARXParams(), Context())
    np.testing.assert_allclose(found[0].numpy(), low_rank, atol=1e-8)
    np.testing.assert_allclose(found[1].numpy(), sparse, atol=1e-8)
    assert np.linalg.norm(data - found[0].numpy() - found[1].numpy()) < 1e-7 * np.linalg.norm(data)


def test_recovers_a_planted_low_rank_matrix_behind_gross_errors():
    """The theorem of principal component pursuit (Candès et al. 2011): both parts come out exactly."""
    rng = np.random.default_rng(1)
    planted = rng.normal(size=(200, 4)) @ rng.normal(size=(4, 100))
    errors = np.where(rng.random(planted.shape) < 0.04, 10 * rng.normal(size=planted.shape), 0)
    low_rank, sparse = pursuit(torch.as_tensor(planted + errors), np.ones((10, 20), bool), RPCARXParams(), Context())
    assert np.linalg.norm(low_rank.numpy() - planted) < 1e-4 * np.linalg.norm(planted)
    assert np.linalg.norm(sparse.numpy() - errors) < 1e-3 * np.linalg.norm(errors)


def test_does_not_depend_on_the_units_of_the_bands():
    changed = scene() * np.logspace(-2, 2, 8, dtype=np.float64) - 50
    np.testing.assert_allclose(score(changed), score(scene()), rtol=1e-3)


def test_does_not_depend_on_the_order_of_the_pixels():
    cube = scene()
    shuffle = np.random.default_rng(2).permutation(18 * 23)
    found = score(cube.reshape(-1, 8)[shuffle].reshape(18, 23, 8))
    np.testing.assert_allclose(found.ravel(), score(cube).ravel()[shuffle], rtol=1e-4)


def test_lengths_of_the_sparse_part_are_other_scores():
    assert (score(scene(), score="l1") >= score(scene(), score="l2")).all()


def test_a_weight_that_leaves_no_sparse_part_scores_zero():
    assert not score(scene(), sparsity=100).any()


def test_the_iteration_limit_leaves_a_note():
    ctx = Context()
    score(scene(), ctx, iterations=4)
    assert any("limit of 4 iterations" in remark for remark in ctx.remarks)
    ctx = Context()
    score(scene(), ctx)
    assert not any("limit" in remark for remark in ctx.remarks)


def test_reports_a_falling_residual_and_shows_unfinished_maps():
    class Watching(SilentReporter):
        def __init__(self):
            self.residuals, self.maps = [], []

        def progress(self, fraction, message, values):
            self.residuals += [values["residual"]] if "residual" in values else []

        def preview(self, scores):
            self.maps.append(scores)

    watching = Watching()
    score(scene(), Context(reporter=watching))
    assert len(watching.residuals) > 10
    assert watching.residuals[-1] < 1e-7 < watching.residuals[0]
    assert all(preview.shape == (18, 23) and preview.dtype == np.float32 for preview in watching.maps)
    assert watching.maps


def test_a_scene_without_contrast_is_refused():
    with pytest.raises(DetectorError, match="alike"):
        score(np.full((5, 6, 7), 3, np.float32))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_the_published_area_to_four_digits(scenes, name):
    assert round(auc(scenes, name), 4) == PUBLISHED[name]


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_the_measured_area_to_three_digits(scenes, name):
    assert round(auc(scenes, name), 3) == MEASURED[name]
