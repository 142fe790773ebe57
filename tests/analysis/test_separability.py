"""Boxes and distances of the two classes, against scipy and the definitions."""

import math

import numpy as np
import pytest
from scipy.stats import ks_2samp

from hadviewer.analysis.roc import LabelledScores
from hadviewer.analysis.roc3d import stretched
from hadviewer.analysis.separability import QUARTILES, separability


def labelled(seed=0, digits=6):
    rng = np.random.default_rng(seed)
    truth = rng.random(2000) < 0.05
    return LabelledScores.of(np.round(rng.gamma(2.0, size=2000) + 3 * truth, digits), truth)


@pytest.mark.parametrize("digits", [0, 1, 6])
def test_distances_follow_their_definitions(digits):
    given = labelled(1, digits)
    unit = stretched(given.values)
    a, b = unit[given.target], unit[~given.target]
    found = separability(given)
    assert found.ks == pytest.approx(ks_2samp(a, b).statistic, abs=1e-12)
    assert found.fisher == pytest.approx((a.mean() - b.mean()) ** 2 / (a.var() + b.var()))
    assert found.d_prime == pytest.approx((a.mean() - b.mean()) / math.sqrt((a.var() + b.var()) / 2))
    assert found.gap == pytest.approx(np.percentile(a, 10) - np.percentile(b, 90))


def test_boxes_reach_from_the_tenth_percentile_or_over_the_quartiles():
    given = labelled(2)
    b = stretched(given.values)[~given.target]
    tenth, quarter = separability(given).background, separability(given, QUARTILES).background
    assert (tenth.low, tenth.median, tenth.high) == pytest.approx(tuple(np.percentile(b, [10, 50, 90])))
    assert (quarter.low, quarter.high) == pytest.approx(tuple(np.percentile(b, [25, 75])))
    assert (tenth.minimum, tenth.maximum) == (b.min(), b.max())
    assert tenth.height == tenth.high - tenth.low > quarter.height


def test_one_hot_pixel_does_not_flatten_the_robust_boxes():
    given = labelled(3)
    hot = LabelledScores(np.append(given.values, 1e6), np.append(given.target, False), 0)
    assert separability(hot).targets.median < 1e-4
    assert separability(hot, robust=True).targets.median > 0.3
    assert separability(hot, robust=True).ks == separability(hot).ks


def test_constant_scores_and_one_class():
    truth = np.arange(20) < 5
    flat = separability(LabelledScores.of(np.zeros(20), truth))
    assert math.isnan(flat.fisher)
    assert math.isnan(flat.d_prime)
    assert (flat.ks, flat.gap) == (0, 0)
    perfect = separability(LabelledScores.of(truth.astype(float), truth))
    assert (perfect.fisher, perfect.d_prime, perfect.ks, perfect.gap) == (math.inf, math.inf, 1, 1)
    alone = separability(LabelledScores.of(np.arange(20.0), np.zeros(20, bool)))
    assert math.isnan(alone.gap)
    assert math.isnan(alone.ks)
    assert math.isnan(alone.targets.median)
    assert separability(LabelledScores.of(-truth.astype(float), truth)).d_prime == -math.inf
