"""Attribute filters, mirrored surroundings, edge-preserving smoothing and trimmed distances, by their definitions."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._attributes import Structures, component_tree, principal_planes, quantised, small_structures
from hadviewer.detectors._domain_transform import smoothed
from hadviewer.detectors._surroundings import surroundings
from hadviewer.detectors._trimmed import settle, trimmed_distances
from tests.detectors.reference_attributes import (
    at_least_area,
    at_least_extent,
    attribute_opening,
    recursive_filter,
)


def hills(rows=40, cols=53, top=200, seed=0, smooth=1.5):
    """Levels 0..top of a smooth random surface."""
    surface = gaussian_filter(np.random.default_rng(seed).normal(size=(rows, cols)), smooth)
    return quantised(surface, np.ones(surface.shape, bool), top, 0.0)[0]


def whole(shape):
    return np.ones(shape, bool)


@pytest.mark.parametrize("smooth", [0.0, 0.7, 2.0])
@pytest.mark.parametrize("area", [2, 5, 16, 64, 300])
def test_area_opening_equals_scikit_image(area, smooth):
    from skimage.morphology import area_opening

    image = hills(smooth=smooth)
    tree = component_tree(image)
    np.testing.assert_array_equal(tree.opened(tree.area, area).reshape(image.shape), area_opening(image, area, 1))


@pytest.mark.parametrize("smooth", [0.0, 2.0])
@pytest.mark.parametrize("extent", [2, 5, 12, 24])
def test_extent_opening_equals_scikit_image(extent, smooth):
    from skimage.morphology import diameter_opening

    image = hills(smooth=smooth)
    tree = component_tree(image)
    opened = tree.opened(tree.extent, extent).reshape(image.shape)
    np.testing.assert_array_equal(opened, diameter_opening(image, extent, 1))


@pytest.mark.parametrize(("attribute", "kept"), [("area", at_least_area(9)), ("extent", at_least_extent(4))])
def test_openings_equal_their_definition(attribute, kept):
    image = hills(17, 14, top=30, smooth=1.0)
    tree = component_tree(image)
    opened = tree.opened(getattr(tree, attribute), {"area": 9, "extent": 4}[attribute])
    np.testing.assert_array_equal(opened.reshape(image.shape), attribute_opening(image, kept))


def test_the_whole_image_stays_however_large_the_size_asked_for():
    image = hills(6, 8) + 3
    tree = component_tree(image)
    assert (tree.opened(tree.area, 49) == image.min()).all()


def test_dark_structures_are_the_bright_ones_of_the_negative():
    image, around = hills(), surroundings(whole((40, 53)), 0, 0)
    bright, dark = Structures(image, 200, around).below_area(20)
    swapped = Structures(200 - image, 200, around).below_area(20)
    np.testing.assert_array_equal(bright, swapped[1])
    np.testing.assert_array_equal(dark, swapped[0])
    assert bright.min() >= 0
    assert dark.min() >= 0


def test_a_small_spot_is_lifted_out_with_its_height_and_a_larger_one_is_left():
    image = np.full((30, 30), 50, np.int32)
    image[5:8, 5:8] = 90
    image[15:25, 15:25] = 90
    image[20, 4:6] = 10
    bright, dark = Structures(image, 100, surroundings(whole(image.shape), 0, 0)).below_area(10)
    expected = np.zeros_like(image)
    expected[5:8, 5:8] = 40
    np.testing.assert_array_equal(bright, expected)
    assert dark[20, 4] == dark[20, 5] == 40
    assert np.count_nonzero(dark) == 2


def test_gaps_do_not_join_what_lies_on_either_side():
    """Two spots with a gap wider than the mirror image reaches between them stay two."""
    valid = whole((20, 60))
    valid[:, 20:50] = False
    image = np.zeros(valid.shape, np.int32)
    image[8:10, 18:20] = image[8:10, 50:52] = 100
    bright, _ = Structures(image, 100, surroundings(valid, 0, 3)).below_area(15)
    assert bright[8, 18] == bright[8, 50] == 100
    bright, _ = Structures(image, 100, surroundings(valid, 0, 3)).below_area(5)
    assert not bright[valid].any()


def test_gaps_far_from_the_data_are_absent_from_the_definition_too():
    valid = np.random.default_rng(4).random((15, 16)) < 0.8
    image = np.where(valid, hills(15, 16, top=20, smooth=0.8), 0).astype(np.int32)
    found, _ = Structures(image, 20, surroundings(valid, 0, 0)).below_area(6)
    # What is cut off by gaps rests on the lowest level, as the whole image does.
    opened = attribute_opening(np.where(valid, image, 0), at_least_area(6), valid)
    np.testing.assert_array_equal(found[valid], (image - opened + opened[valid].min())[valid])


@pytest.mark.parametrize("shape", [(9, 14), (3, 20), (1, 9), (5, 1)])
def test_without_gaps_the_surroundings_are_those_of_symmetric_padding(shape):
    plane = np.random.default_rng(0).normal(size=shape)
    around = surroundings(whole(shape), 12, 12)
    np.testing.assert_array_equal(around.extend(plane), np.pad(plane, 12, mode="symmetric"))
    np.testing.assert_array_equal(around.crop(around.extend(plane)), plane)


def test_a_scene_that_ends_at_a_gap_continues_as_one_that_ends_there():
    plane = np.random.default_rng(0).normal(size=(30, 12))
    valid = whole(plane.shape)
    valid[10:] = False
    extended = surroundings(valid, 4, 4).extend(plane)
    np.testing.assert_array_equal(extended[:18], np.pad(plane[:10], 4, mode="symmetric"))
    assert not extended[18:].any()


def test_what_stands_in_gaps_is_never_used():
    valid = np.random.default_rng(1).random((20, 25)) < 0.7
    sources = surroundings(valid, 5, 5).sources
    assert valid.ravel()[sources[sources >= 0]].all()


def test_quantising_uses_valid_values_only_and_clips_the_tails():
    plane = np.arange(1000.0).reshape(20, 50)
    plane[0, 0] = 1e9
    valid = whole(plane.shape)
    valid[0, 0] = False
    levels, step = quantised(plane, valid, 100, 0.1)
    assert (levels.min(), levels.max(), levels[0, 0]) == (0, 100, 0)
    assert step == pytest.approx(998 * 0.8 / 100)
    assert (levels.ravel()[-100:] == 100).all()
    assert levels.ravel()[-106] < 100
    constant, nothing = quantised(np.full((3, 4), 7.0), whole((3, 4)), 100, 0.0)
    assert not constant.any()
    assert nothing == 0


def test_components_without_variance_are_left_out():
    rng = np.random.default_rng(0)
    cube = (rng.normal(size=(9, 8, 2)) @ rng.normal(size=(2, 6))).astype(np.float64)
    assert len(principal_planes(cube, whole((9, 8)), 5)) == 2
    assert len(principal_planes(np.full((4, 5, 6), 3.0, np.float32), whole((4, 5)), 3)) == 0


def test_values_whose_sums_overflow_are_refused():
    cube = (np.random.default_rng(3).random((9, 10, 30)) * 3e38).astype(np.float32)
    with pytest.raises(DetectorError, match="too large to be added up"):
        principal_planes(cube, whole((9, 10)), 3)


def test_small_structures_are_bright_pieces_up_to_a_size():
    contrast = np.zeros((40, 40))
    contrast[5:7, 5:7] = 1.0
    contrast[20:30, 20:30] = 1.0
    found = small_structures(contrast, whole(contrast.shape), 9)
    expected = np.zeros(contrast.shape, bool)
    expected[4:7, 4:7] = True
    np.testing.assert_array_equal(found, expected)
    assert small_structures(contrast, whole(contrast.shape), 200)[25, 25]


def test_smoothing_equals_its_definition():
    rng = np.random.default_rng(3)
    maps, guide = rng.random((2, 14, 17)), rng.random((14, 17, 3)) * 0.3
    found = smoothed(maps, guide, whole((14, 17)), 5.0, 0.5)
    expected = [recursive_filter(one, guide, 5.0, 0.5) for one in maps]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_smoothing_stops_at_edges_of_the_guide():
    plane = np.zeros((1, 20, 30))
    plane[0, 10, 14] = 1.0
    guide = np.zeros((20, 30, 1))
    guide[:, 15:] = 100.0
    spread = smoothed(plane, guide, whole((20, 30)), 5.0, 0.5)[0]
    assert spread[10, 13] > 1e-3
    assert spread[:, 15:].max() < 1e-12


def test_nothing_is_smoothed_across_a_gap_and_a_scene_in_two_parts_is_two_scenes():
    rng = np.random.default_rng(3)
    plane, guide, valid = rng.random((1, 12, 21)), rng.random((12, 21, 3)), whole((12, 21))
    valid[:, 10] = False
    plane[:, :, 10] = 1e9
    found = smoothed(plane, guide, valid, 5.0, 0.5)
    for part in (slice(0, 10), slice(11, 21)):
        alone = smoothed(plane[:, :, part], guide[:, part], whole((12, 10)), 5.0, 0.5)
        np.testing.assert_array_equal(found[:, :, part], alone)


def everyone(count):
    return np.zeros(count, np.intp), np.ones(count, bool)


def test_one_pass_gives_the_mahalanobis_distance():
    pixels = np.random.default_rng(0).normal(size=(300, 4)) @ np.random.default_rng(1).normal(size=(4, 4))
    found = trimmed_distances(pixels, *everyone(300), 1, 0.0, Context())
    centred = pixels - pixels.mean(axis=0)
    expected = np.einsum("ij,jk,ik->i", centred, np.linalg.inv(np.cov(pixels.T)), centred)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_a_second_pass_forgets_the_outliers():
    rng = np.random.default_rng(0)
    pixels = rng.normal(size=(1000, 3))
    pixels[:15] += 30
    first, second = (trimmed_distances(pixels, *everyone(1000), passes, 0.0, Context()) for passes in (1, 2))
    assert second[:15].min() > 10 * first[:15].max()
    clean = pixels[first <= np.quantile(first, 0.98)]
    centred = pixels - clean.mean(axis=0)
    expected = np.einsum("ij,jk,ik->i", centred, np.linalg.inv(np.cov(clean.T)), centred)
    np.testing.assert_allclose(second, expected, rtol=1e-10)


def test_a_group_that_is_wholly_trimmed_keeps_its_mean():
    rng = np.random.default_rng(0)
    pixels = np.concatenate([rng.normal(size=(490, 2)), rng.normal(size=(10, 2)) * 100])
    groups = np.repeat([0, 1], [490, 10]).astype(np.intp)
    assert np.isfinite(trimmed_distances(pixels, groups, np.ones(500, bool), 3, 0.0, Context())).all()


def test_small_clusters_join_the_nearest_large_one_but_do_not_count():
    rng = np.random.default_rng(0)
    centres = np.array([[0.0, 0.0], [50.0, 0.0], [40.0, 9.0]])
    labels = np.repeat([0, 1, 2], [500, 400, 9])
    groups, settled = settle(centres[labels] + rng.normal(size=(909, 2)), labels, 0.02)
    np.testing.assert_array_equal(groups, np.repeat([0, 1, 1], [500, 400, 9]))
    np.testing.assert_array_equal(settled, labels < 2)
