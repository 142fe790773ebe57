"""Band selection by orthogonal projections against a literal form and LAPACK's pivoting."""

import numpy as np
import pytest
from scipy.linalg import qr

import hadviewer
from hadviewer.core.context import Context
from hadviewer.transforms.bandselect import BandSelectParams, bandselect


def scene(rows=14, cols=19, bands=12, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(rows, cols, bands)) @ rng.normal(size=(bands, bands)) + 30).astype(np.float32)


def literal(cube, count):
    """Gram-Schmidt on the bands as vectors: the largest variance first, then the largest orthogonal energy."""
    vectors = cube.reshape(-1, cube.shape[2]).astype(np.float64)
    chosen = [int(np.argmax(vectors.var(axis=0)))]
    rest = vectors.copy()
    while len(chosen) < count:
        direction = rest[:, chosen[-1]] / np.linalg.norm(rest[:, chosen[-1]])
        rest = rest - np.outer(direction, direction @ rest)
        energy = (rest**2).sum(axis=0)
        energy[chosen] = -1
        chosen.append(int(np.argmax(energy)))
    return sorted(chosen)


def kept(cube, count, ctx=None):
    """The 0-based numbers of the bands that stay, found again by their values."""
    result = bandselect(cube, BandSelectParams(count=count), ctx or Context())
    return [
        next(b for b in range(cube.shape[2]) if (cube[..., b] == result[..., i]).all()) for i in range(result.shape[2])
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_equals_its_definition(count):
    assert kept(scene(), count) == literal(scene(), count)


def test_after_the_first_band_the_order_is_lapacks():
    vectors = scene().reshape(-1, 12).astype(np.float64)
    first = int(np.argmax(vectors.var(axis=0)))
    direction = vectors[:, first] / np.linalg.norm(vectors[:, first])
    order = qr(vectors - np.outer(direction, direction @ vectors), mode="r", pivoting=True)[1]
    assert kept(scene(), 6) == sorted([first, *order[:5]])


def test_bands_that_others_explain_are_left_out():
    cube = scene().astype(np.float64)
    cube[..., 7] = 2 * cube[..., 3]
    ctx = Context()
    result = bandselect(cube.astype(np.float32), BandSelectParams(count=12), ctx)
    assert result.shape[2] == 11
    assert "11 bands explain the others wholly" in ctx.remarks[0]


def test_the_bands_kept_are_named_from_one():
    ctx = Context()
    chosen = kept(scene(), 3, ctx)
    assert ctx.remarks[-1].endswith(f": {', '.join(str(band + 1) for band in chosen)}.")


def test_pixels_without_values_do_not_count():
    holed = np.concatenate([scene(), scene(3, 19, seed=9) * 1000])
    holed[14:, :, 2] = np.nan
    result = bandselect(holed, BandSelectParams(count=4), Context())
    assert np.isnan(result[14:]).all()
    np.testing.assert_array_equal(result[:14], bandselect(scene(), BandSelectParams(count=4), Context()))


def test_equals_its_definition_on_a_real_scene(scenes):
    cube = hadviewer.open(scenes / "hydice-17.mat").cube.values()
    assert kept(cube, 64) == literal(cube, 64)
