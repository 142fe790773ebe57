"""Agreement of maps: the figures are those of the textbooks, and what the data cannot give is not invented."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score, jaccard_score

from hadviewer.analysis import agreement as module
from hadviewer.analysis.agreement import agreement, counted_votes, rank_correlation, votes


@pytest.fixture
def maps():
    rng = np.random.default_rng(0)
    first = rng.normal(size=(40, 50)).astype(np.float32)
    return first, (first + rng.normal(size=(40, 50))).round(1).astype(np.float32)


def test_the_figures_are_those_of_other_libraries(maps):
    masks = maps[0] > 1, maps[1] > 1.4
    found = agreement(masks, maps)
    assert found.both == np.count_nonzero(masks[0] & masks[1])
    assert found.either == np.count_nonzero(masks[0] | masks[1])
    assert found.jaccard == pytest.approx(jaccard_score(masks[0].ravel(), masks[1].ravel()))
    assert found.kappa == pytest.approx(cohen_kappa_score(masks[0].ravel(), masks[1].ravel()))
    assert found.rank == pytest.approx(spearmanr(maps[0].ravel(), maps[1].ravel()).statistic)


def test_pixels_without_a_score_do_not_count(maps):
    first, second = (scores.copy() for scores in maps)
    first[:20], second[30:] = np.nan, np.nan
    found = agreement((maps[0] > 1, maps[1] > 1), (first, second))
    assert found == agreement((maps[0][20:30] > 1, maps[1][20:30] > 1), (first[20:30], second[20:30]))


def test_what_says_nothing_is_no_figure(maps):
    none = np.zeros(maps[0].shape, bool)
    empty = agreement((none, none), maps)
    assert (empty.both, empty.either) == (0, 0)
    assert math.isnan(empty.jaccard)
    assert math.isnan(empty.kappa)
    flat = np.ones_like(maps[0])
    assert math.isnan(rank_correlation(flat, maps[0]))
    assert math.isnan(agreement((none, none), (flat * np.nan, flat)).kappa)


def test_equal_masks_agree_wholly_and_opposite_ones_not_at_all(maps):
    mask = maps[0] > 0
    same, opposite = (agreement((mask, other), (maps[0], maps[0])) for other in (mask, ~mask))
    assert (same.jaccard, same.kappa) == (1.0, 1.0)
    assert same.rank == pytest.approx(1)
    assert opposite.jaccard == 0
    assert opposite.kappa < -0.9


def test_a_large_map_is_ranked_by_a_sample(maps, monkeypatch):
    whole = rank_correlation(*maps)
    monkeypatch.setattr(module, "SAMPLE", 500)
    assert rank_correlation(*maps) == pytest.approx(whole, abs=0.1)
    assert rank_correlation(*maps) == rank_correlation(*(scores[::2, ::2] for scores in maps))


def test_votes_are_counted():
    masks = [np.array([[1, 1, 0]], bool), np.array([[1, 0, 0]], bool), np.array([[1, 1, 0]], bool)]
    counted = votes(masks)
    assert counted.tolist() == [[3, 2, 0]]
    assert counted_votes(counted, 3) == (0, 1, 1)
