"""Threshold rules do what their names say, on heavy-tailed, tied and empty maps."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hadviewer.analysis import thresholds
from hadviewer.analysis.thresholds import RULES, apply, score_histogram


def scores(seed=0, shape=(40, 50)):
    return np.random.default_rng(seed).gamma(1.5, size=shape).astype(np.float32)


def test_mask_holds_scores_at_the_threshold_and_never_a_missing_one():
    assert apply([[1.0, 2.0, np.nan, np.inf]], 2.0).tolist() == [[False, True, False, True]]
    assert not apply([[np.nan, 1.0]], -np.inf)[0, 0]


@pytest.mark.parametrize("top", [0.05, 0.1, 1, 5, 50, 100])
def test_percentile_keeps_that_share(top):
    s = scores()
    assert apply(s, thresholds.percentile(s, top)).sum() == math.ceil(s.size * top / 100)


def test_percentile_of_nothing_detects_nothing():
    assert thresholds.percentile(scores(), 0) == math.inf


def test_percentile_counts_valid_pixels_only():
    s = scores()
    s[:20] = np.nan
    assert apply(s, thresholds.percentile(s, 10)).sum() == s[20:].size / 10


def test_ties_at_the_threshold_are_all_kept():
    assert apply([1, 2, 2, 2], thresholds.percentile([1, 2, 2, 2], 25)).sum() == 3


def test_moments():
    s = scores()
    assert thresholds.mean_sigma(s, 2) == pytest.approx(s.mean(dtype=float) + 2 * s.std(dtype=float))
    assert thresholds.value(s, 1.25) == 1.25


def test_robust_deviation_is_the_deviation_of_a_normal_background_and_ignores_anomalies():
    s = np.random.default_rng(1).normal(10, 2, size=(300, 300))
    s[:5, :5] = 1e6
    assert thresholds.median_mad(s, 3) == pytest.approx(16, abs=0.1)
    assert thresholds.mean_sigma(s, 3) > 1000


def test_chi_squared_gives_the_false_alarm_rate_asked_for():
    rng = np.random.default_rng(2)
    distances = (rng.normal(size=(100_000, 12)) ** 2).sum(axis=1)
    assert apply(distances, thresholds.chi2(0.01, 12)).mean() == pytest.approx(0.01, abs=0.001)
    with pytest.raises(ValueError, match="probability"):
        thresholds.chi2(0.0, 12)


def test_otsu_splits_two_groups_between_them():
    rng = np.random.default_rng(3)
    background, anomalies = np.exp(rng.normal(0, 0.3, 2000)), np.exp(rng.normal(4, 0.3, 60))
    threshold = thresholds.otsu_log(np.concatenate([background, anomalies]))
    assert background.max() < threshold <= anomalies.min()


def test_otsu_equals_a_literal_search():
    s = scores(4, (13, 11)).round(1).astype(float) + 0.1
    logs = np.log(s)

    def within(level):
        low, high = logs[s < level], logs[s >= level]
        return low.size * low.var() + high.size * high.var()

    best = min(np.unique(s)[1:], key=within)
    assert within(thresholds.otsu_log(s)) == pytest.approx(within(best), rel=1e-12)


def test_otsu_copes_with_scores_at_and_below_zero():
    s = np.concatenate([np.linspace(-1, 0, 100), [50.0, 51.0]])
    assert math.isfinite(thresholds.otsu_log(s))
    assert thresholds.otsu_log(np.full(9, 2.0)) == math.inf


@pytest.mark.parametrize("rule", [r for r in RULES.values() if r.id != "value"], ids=lambda r: r.id)
def test_a_map_without_scores_detects_nothing(rule):
    empty = np.full((3, 4), np.nan)
    assert not apply(empty, rule.choose(empty, dof=4)).any()
    assert thresholds.otsu_log(empty) == math.inf


def test_every_rule_describes_itself():
    for name, rule in RULES.items():
        assert rule.id == name
        assert rule.low <= rule.default <= rule.high
        assert rule.help.endswith(".")
        assert math.isfinite(rule.choose(scores(), dof=4))


def test_histogram_counts_every_finite_score_once():
    s = scores()
    s[0, :3] = [np.nan, np.inf, -np.inf]
    histogram = score_histogram(s, 64)
    assert histogram.counts.sum() == s.size - 3 == s.size - histogram.left_out
    assert len(histogram.edges) == 65
    assert histogram.edges[0] == s[np.isfinite(s)].min()


def test_logarithmic_histogram_has_equal_ratios():
    s = scores()
    s[0, :2] = [0, -1]
    histogram = score_histogram(s, 32, log=True)
    assert histogram.left_out == 2
    np.testing.assert_allclose(
        np.diff(np.log(histogram.edges)), np.log(histogram.edges[1] / histogram.edges[0]), rtol=1e-9
    )
    assert histogram.counts.sum() == s.size - 2


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("fill", [np.nan, 3.0])
def test_histogram_of_an_empty_or_constant_map(fill, log):
    histogram = score_histogram(np.full((4, 5), fill), 8, log)
    assert histogram.counts.sum() == (0 if np.isnan(fill) else 20)
    assert (np.diff(histogram.edges) > 0).all()


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 1000), st.floats(0, 100), st.floats(0, 100))
def test_a_higher_share_never_detects_less(seed, one, other):
    s = scores(seed, (11, 13)).round(1)
    low, high = (thresholds.percentile(s, top) for top in sorted((one, other)))
    assert high <= low


def test_a_rule_refuses_what_it_cannot_use():
    with pytest.raises(ValueError, match="between 0 and 100, not 101"):
        RULES["percentile"].choose(scores(), 101)
    with pytest.raises(ValueError, match="number of bands"):
        RULES["chi2"].choose(scores(), 0.01)


def test_rules_and_functions_agree():
    s = scores()
    assert RULES["chi2"].choose(s, 0.01, 7) == thresholds.chi2(0.01, 7)
    assert RULES["otsu"].choose(s) == thresholds.otsu_log(s)
    assert RULES["gpd"].choose(s, 1e-4) == thresholds.pareto_tail(s, 1e-4)


@pytest.mark.parametrize("shape", [-0.3, 0.0, 0.2, 0.4])
def test_the_tail_has_the_quantiles_of_its_distribution(shape):
    from scipy.stats import genpareto

    s = genpareto.rvs(shape, size=(300, 300), random_state=np.random.default_rng(5))
    for p in (1e-3, 1e-4, 3e-5):
        assert thresholds.pareto_tail(s, p) == pytest.approx(genpareto.isf(p, shape), rel=0.1)


def test_moments_agree_with_the_largest_likelihood():
    from scipy.stats import genpareto

    excesses = np.sort(genpareto.rvs(0.15, scale=3.0, size=20_000, random_state=np.random.default_rng(6)))
    shape, _, scale = genpareto.fit(excesses, floc=0)
    assert thresholds._pareto(excesses) == pytest.approx((shape, scale), rel=0.1)


@pytest.mark.parametrize("p", [1e-2, 1e-3, 3e-4])
def test_the_tail_keeps_the_false_alarm_rate_of_a_heavy_tailed_background(p):
    for s in (np.random.default_rng(7).chisquare(100, (200, 200)), np.random.default_rng(8).lognormal(size=(200, 200))):
        assert apply(s, thresholds.pareto_tail(s, p)).mean() == pytest.approx(p, rel=0.5)


def test_the_tail_moves_with_the_units_and_rises_as_the_rate_falls():
    s = scores()
    found = [thresholds.pareto_tail(s, p) for p in (0.5, 0.1, 0.021, 0.019, 1e-2, 1e-3, 1e-6)]
    assert found == sorted(found)
    assert thresholds.pareto_tail(s * 8.0 - 3, 1e-4) == pytest.approx(8 * thresholds.pareto_tail(s, 1e-4) - 3)
    with pytest.raises(ValueError, match="probability"):
        thresholds.pareto_tail(s, 1.0)


def test_a_map_without_a_tail_has_no_such_threshold():
    assert thresholds.pareto_tail(np.full((20, 20), 3.0), 1e-3) == math.inf
    assert thresholds.pareto_tail(np.arange(20.0), 1e-3) == math.inf
    two = np.where(np.random.default_rng(1).random((50, 50)) < 0.1, 1.0, 0.0)
    assert thresholds.pareto_tail(two, 1e-3) >= 1.0
