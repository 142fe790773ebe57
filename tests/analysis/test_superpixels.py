"""Superpixels follow materials, cover every valid pixel once, and mean the same at any scale of the data."""

import numpy as np
import pytest

from hadviewer.analysis.components import fit_components
from hadviewer.analysis.superpixels import (
    band_features,
    boundaries,
    principal_components,
    segment,
    segment_mean,
    segment_means,
)


def fields(rows=60, cols=80, bands=12, noise=0.02, seed=0):
    """Four straight-edged fields of different spectra with noise, and the field of each pixel."""
    rng = np.random.default_rng(seed)
    which = (np.arange(rows)[:, None] >= rows // 2) * 2 + (np.arange(cols)[None] >= cols // 3)
    spectra = rng.random((4, bands))
    return (spectra[which] + rng.normal(0, noise, (rows, cols, bands))).astype(np.float32), which


def check_partition(labels, valid):
    assert labels.dtype == np.int32
    assert (labels[~valid] == -1).all()
    assert np.unique(labels[valid]).tolist() == list(range(labels.max() + 1))


@pytest.mark.parametrize("adaptive", [False, True])
def test_segments_do_not_cross_field_edges(adaptive):
    cube, which = fields()
    labels = segment(principal_components(cube, 3), 48, adaptive=adaptive)
    check_partition(labels, np.ones(which.shape, bool))
    assert 24 <= labels.max() + 1 <= 96
    mixed = sum(len(np.unique(which[labels == k])) > 1 for k in range(labels.max() + 1))
    assert mixed == 0


def test_scale_and_offset_of_the_data_do_not_matter():
    cube, _ = fields()
    features = principal_components(cube, 3)
    labels = segment(features, 40)
    assert (segment(features * 4096, 40) == labels).all()
    assert (segment(features / 1024, 40) == labels).mean() > 0.99


def test_repeating_a_channel_scales_away():
    cube, _ = fields()
    one = principal_components(cube, 1)
    assert (segment(np.repeat(one, 4, axis=2), 40) == segment(one, 40)).mean() > 0.98


def test_higher_compactness_trades_material_edges_for_regular_cells():
    rows, cols = np.mgrid[:60, :60]
    disc = (rows - 30) ** 2 + (cols - 30) ** 2 < 20**2
    rng = np.random.default_rng(0)
    features = (disc[..., None] + rng.normal(0, 0.05, (60, 60, 2))).astype(np.float32)

    def mixed(compactness):
        labels = segment(features, 40, compactness)
        return sum(0 < disc[labels == k].mean() < 1 for k in range(labels.max() + 1))

    assert mixed(3) == 0
    assert mixed(300) > 8


def test_three_channels_are_not_taken_for_colours():
    cube, _ = fields()
    three = principal_components(cube, 3)
    four = np.concatenate([three, np.zeros_like(three[..., :1])], axis=2)
    assert (segment(three, 40) == segment(four, 40)).all()


def test_one_hot_pixel_does_not_turn_the_segments_into_squares():
    cube, which = fields()
    features = principal_components(cube, 3)
    features[3, 3] = 1e6
    labels = segment(features, 48)
    assert sum(len(np.unique(which[labels == k])) > 1 for k in range(labels.max() + 1)) == 0


def test_same_scene_same_segments():
    cube, _ = fields()
    cube[10:14, 20:30] = np.nan
    features = principal_components(cube)
    assert (segment(features, 50) == segment(features, 50)).all()


def test_pixels_without_values_belong_to_no_segment():
    cube, _ = fields()
    cube[5:20, 30:50] = np.nan
    cube[40, 7, 3] = np.nan
    valid = np.isfinite(cube).all(axis=2)
    check_partition(segment(principal_components(cube), 50), valid)


@pytest.mark.parametrize("keep", [0, 1, 2, 3])
def test_scene_with_hardly_any_value(keep):
    features = np.full((6, 7, 2), np.nan, np.float32)
    features.reshape(-1, 2)[:keep] = 1.0
    check_partition(segment(features, 5), np.isfinite(features).all(axis=2))


@pytest.mark.parametrize("shape", [(1, 40, 3), (40, 1, 3), (1, 1, 3), (2, 2, 1), (30, 20, 1)])
@pytest.mark.parametrize("holes", [False, True])
def test_odd_shapes(shape, holes):
    features = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    if holes:
        features.reshape(-1, shape[2])[::3] = np.nan
    check_partition(segment(features, 8), np.isfinite(features).all(axis=2))


def test_constant_scene_is_a_grid():
    labels = segment(np.ones((40, 40, 3), np.float32), 16)
    check_partition(labels, np.ones((40, 40), bool))
    assert labels.max() + 1 == 16
    assert np.ptp(np.bincount(labels.ravel())) <= 40


def test_more_segments_than_pixels():
    check_partition(segment(np.ones((3, 4, 2), np.float32), 1000), np.ones((3, 4), bool))


def test_input_is_left_alone():
    features = principal_components(fields()[0])
    before = features.copy()
    features.flags.writeable = False
    segment(features, 20)
    assert (features == before).all()


def test_boundaries_are_one_pixel_wide():
    labels = np.zeros((5, 6), np.int32)
    labels[:, 3:] = 1
    edge = boundaries(labels)
    assert edge[:, 2].all()
    assert edge.sum() == 5
    assert not boundaries(np.zeros((4, 4), np.int32)).any()


def test_means_are_those_of_the_pixels():
    cube, _ = fields(20, 24)
    cube[3, 4, 5] = np.nan
    cube[10:12] = np.nan
    labels = segment(principal_components(cube), 10)
    labels[0, 0] = labels.max() + 1  # a segment of one pixel
    means = segment_means(cube, labels)
    assert means.dtype == np.float32
    for k in range(labels.max() + 1):
        expected = np.nanmean(cube[labels == k].astype(float), axis=0)
        np.testing.assert_allclose(means[k], expected, rtol=1e-5)
        np.testing.assert_allclose(segment_mean(cube, labels, k), expected, rtol=1e-5)


def test_mean_without_values_is_nan():
    cube = np.full((2, 3, 4), np.nan, np.float32)
    assert np.isnan(segment_means(cube, np.zeros((2, 3), np.int32))).all()
    assert np.isnan(segment_mean(cube, np.zeros((2, 3), np.int32), 0)).all()
    assert segment_means(cube, np.full((2, 3), -1, np.int32)).shape == (0, 4)


def test_components_are_those_of_scikit_learn():
    from sklearn.decomposition import PCA

    cube, _ = fields()
    ours = fit_components(cube, 4)
    theirs = PCA(4).fit(cube.reshape(-1, 12).astype(float))
    np.testing.assert_allclose(ours.variance, theirs.explained_variance_, rtol=1e-3)
    signs = np.sign((ours.axes * theirs.components_.T).sum(axis=0))
    np.testing.assert_allclose(ours.axes[:, :3], (theirs.components_.T * signs)[:, :3], atol=1e-6)
    expected = (cube.reshape(-1, 12) - theirs.mean_) @ ours.axes
    np.testing.assert_allclose(ours.scores(cube).reshape(-1, 4), expected, atol=1e-5)


def test_components_ignore_pixels_without_values():
    cube, _ = fields()
    holed = cube.copy()
    holed[:7] = np.nan
    np.testing.assert_allclose(fit_components(holed, 3).axes, fit_components(cube[7:], 3).axes, atol=1e-9)
    assert np.isnan(fit_components(holed, 3).scores(holed)[:7]).all()


def test_components_of_a_sample_are_close_to_those_of_the_whole():
    cube, _ = fields(120, 160)
    whole, sampled = fit_components(cube, 2), fit_components(cube, 2, sample=1000)
    np.testing.assert_allclose(np.abs((whole.axes * sampled.axes).sum(axis=0)), 1, atol=0.01)


def test_components_when_the_sample_misses_every_value():
    cube = np.full((50, 50, 3), np.nan, np.float32)
    cube[1, 1], cube[1, 3] = [1, 2, 3], [2, 2, 3]
    assert fit_components(cube, 1, sample=10).mean.tolist() == [1.5, 2, 3]
    empty = fit_components(np.full((5, 5, 3), np.nan, np.float32), 2)
    assert empty.variance.tolist() == [0, 0]


def test_a_dead_pixel_changes_no_segment_far_away():
    features = principal_components(fields()[0], 3)
    before = segment(features, 48)
    features[30, 40] = np.nan
    after = segment(features, 48)
    assert after[30, 40] == -1
    same = sum(len(np.unique(before[after == k])) == 1 for k in range(after.max() + 1))
    assert same >= 0.9 * (after.max() + 1)


def test_half_a_scene_without_values_leaves_the_size_of_the_segments_as_it_is():
    features = principal_components(fields(rows=120)[0], 3)
    whole = segment(features, 96)
    features[60:] = np.nan
    half = segment(features, 48)
    assert np.bincount(half[half >= 0]).mean() == pytest.approx(np.bincount(whole.ravel()).mean(), rel=0.15)


def test_segments_beside_missing_values_are_connected_and_not_too_small():
    from scipy.ndimage import label

    rng = np.random.default_rng(2)
    features = principal_components(fields(noise=0.2)[0], 3)
    rows, cols = np.mgrid[:60, :80]
    features[np.abs(rows - 0.6 * cols - 5) < 2] = np.nan
    features[rng.random((60, 80)) < 0.05] = np.nan
    labels = segment(features, 60, 1.0, smallest=50)
    valid = labels >= 0
    for number in range(labels.max() + 1):
        assert label(labels == number)[1] == 1
    islands, count = label(valid)
    sizes = np.bincount(labels[valid])
    least = 0.5 * valid.sum() / 60 - 1
    for number in np.flatnonzero(sizes < least):
        home = islands[labels == number][0]
        assert (islands == home).sum() == sizes[number]
    assert count > 1


def test_a_smaller_smallest_size_keeps_small_objects():
    features = np.zeros((60, 60, 2), np.float32)
    features += np.random.default_rng(0).normal(0, 0.01, features.shape)
    features[20:25, 20:25] = 1.0
    target = np.zeros((60, 60), bool)
    target[20:25, 20:25] = True

    def pure(smallest):
        labels = segment(features, 36, 3.0, smallest=smallest)
        return (labels == labels[21, 21]).sum() == target.sum()

    assert pure(5)
    assert not pure(50)


def test_smoothing_makes_boundaries_shorter_and_leaves_missing_pixels_out():
    cube, _ = fields(noise=0.5)
    features = principal_components(cube, 3)
    features[:, 70:] = np.nan
    rough, smooth = segment(features, 40, 1.0), segment(features, 40, 1.0, smoothing=2.0)
    assert boundaries(smooth).sum() < boundaries(rough).sum()
    check_partition(smooth, np.isfinite(features).all(axis=2))


def test_bands_of_different_brightness_count_alike():
    cube, _ = fields(bands=3)
    even = segment(band_features(cube), 40)
    cube[..., 1] *= 1000
    assert (segment(band_features(cube), 40) == even).mean() > 0.99


@pytest.mark.parametrize("gain", [1e-3, 4000.0])
@pytest.mark.parametrize("bands", [3, 40])
def test_a_compactness_means_the_same_in_any_unit_and_with_any_number_of_bands(gain, bands):
    def length(cube, compactness):
        return boundaries(segment(cube, 48, compactness)).mean()

    cube, _ = fields(bands=bands, noise=0.1)
    for compactness in (1.0, 5.0):
        expected = length(fields(bands=12, noise=0.1)[0], compactness)
        assert length(cube * gain, compactness) == pytest.approx(expected, rel=0.2)
