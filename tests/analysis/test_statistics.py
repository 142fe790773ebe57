"""Band statistics and sampled percentiles against plain numpy."""

import numpy as np

from hadviewer.analysis.statistics import band_statistics, sampled_percentiles


def test_statistics_leave_out_missing_values():
    cube = np.random.default_rng(0).normal(5, 2, (9, 11, 4)).astype(np.float32)
    cube[2:4, :, 1] = np.nan
    cube[0, 0, 2] = np.inf
    result = band_statistics(cube)
    clean = np.where(np.isinf(cube), np.nan, cube).astype(float)
    np.testing.assert_allclose(result.mean, np.nanmean(clean, axis=(0, 1)))
    np.testing.assert_allclose(result.std, np.nanstd(clean, axis=(0, 1)))
    np.testing.assert_allclose(result.minimum, np.nanmin(clean, axis=(0, 1)))
    np.testing.assert_allclose(result.maximum, np.nanmax(clean, axis=(0, 1)))
    assert result.count.tolist() == [99, 77, 98, 99]


def test_band_without_a_value_is_nan_and_silent():
    cube = np.ones((3, 4, 2), np.float32)
    cube[..., 1] = np.nan
    result = band_statistics(cube)
    assert result.count.tolist() == [12, 0]
    assert np.isnan([result.mean[1], result.std[1], result.minimum[1], result.maximum[1]]).all()


def test_whole_numbers_do_not_overflow():
    assert band_statistics(np.full((300, 300, 1), 65535, np.uint16)).mean[0] == 65535


def test_percentiles_of_a_small_plane_are_exact():
    plane = np.random.default_rng(1).normal(size=(50, 60))
    plane[3] = np.nan
    np.testing.assert_allclose(sampled_percentiles(plane, (2, 98)), np.nanpercentile(plane, (2, 98)))


def test_percentiles_of_a_large_plane_are_close_from_a_grid():
    plane = np.random.default_rng(2).normal(size=(700, 900)).astype(np.float32)
    np.testing.assert_allclose(
        sampled_percentiles(plane, (2, 50, 98), 20_000), np.percentile(plane, (2, 50, 98)), atol=0.1
    )


def test_percentiles_without_a_value():
    assert np.isnan(sampled_percentiles(np.full((4, 5), np.nan), (2, 98))).all()
