"""SLRX gives the numbers of its definition and the published figures, whatever the blocks look like."""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors import slrx as module
from hadviewer.detectors.slrx import SLRXParams, slrx
from hadviewer.engine.blocks import ArrayBlocks
from tests.detectors.reference_slrx import block_rx

PUBLISHED = {"abu-airport-1": 0.9471, "abu-airport-2": 0.9528, "hydice-17": 0.9989, "sandiego-58": 0.9351}
REFERENCE_MAPS = {"abu-urban-1": "abu-urban-1", "hydice": "hydice-17"}


def scene(rows=21, cols=27, bands=6, seed=0):
    """Correlated bands on an offset that changes across the scene, float32."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(bands, bands)) * np.logspace(0, 1.5, bands)
    slope = np.linspace(0, 50, cols)[np.newaxis, :, np.newaxis]
    return (rng.normal(size=(rows, cols, bands)) @ mixing + slope + 500).astype(np.float32)


def score(cube, *, ctx=None, **params):
    return slrx(ArrayBlocks(cube), SLRXParams(**params), ctx or Context(threads=1))


@pytest.mark.parametrize("bands", [6, 90], ids=["more pixels than bands", "fewer pixels than bands"])
@pytest.mark.parametrize("block", [4, 8])
def test_equals_the_definition(block, bands):
    """The last blocks of a row and of a column are smaller."""
    cube = scene(bands=bands)
    np.testing.assert_allclose(score(cube, block=block), block_rx(cube, block), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("bands", [6, 90])
def test_pixels_without_values_are_no_samples(bands):
    cube = scene(bands=bands)
    cube[3:6, 4:9] = np.nan
    cube[20, 26] = np.nan
    found = score(cube)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(cube[..., 0]))
    np.testing.assert_allclose(found, block_rx(cube), rtol=1e-5, atol=1e-7)


def test_blocks_without_any_value_do_no_harm():
    cube = scene(32, 40)
    cube[:16] = np.nan
    cube[16:24, 8:16] = np.nan
    scores = score(cube)
    np.testing.assert_array_equal(np.isfinite(scores), np.isfinite(cube[..., 0]))
    np.testing.assert_allclose(scores[16:], score(cube[16:]), rtol=1e-5, atol=1e-7)


def test_a_block_without_neighbours_is_compared_with_the_image_instead():
    cube = scene(24, 24)
    cube[:8] = np.nan
    cube[8:16, 16:] = np.nan
    cube[16:, 8:] = np.nan
    cube[16:, :8] = np.nan
    cube[8:16, 8:16] = np.nan
    scores = score(cube)
    assert np.isfinite(scores[8:16, :8]).all()
    assert np.ptp(scores[8:16, :8]) > 0


@pytest.mark.parametrize("size", [(5, 6), (1, 50), (50, 1), (9, 9)])
def test_scenes_of_few_blocks_are_scored(size):
    scores = score(scene(*size))
    assert scores.shape == size
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("bands", [6, 90])
def test_tiles_strips_and_threads_change_nothing(bands, monkeypatch):
    cube = scene(40, 43, bands)
    cube[5, 5] = np.nan
    whole = score(cube, block=4)
    monkeypatch.setattr(module, "TILE_BLOCKS", (2, 3))
    tiled = score(cube, block=4)
    np.testing.assert_allclose(tiled, whole, rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(score(cube, block=4, ctx=Context(threads=3)), tiled)


def test_a_large_scene_is_never_read_whole():
    sizes = []

    class Watched(ArrayBlocks):
        def read(self, window):
            sizes.append(window.shape[0] * window.shape[1])
            return super().read(window)

    cube = scene(300, 300, 3)
    slrx(Watched(cube, max_bytes=20 * 300 * 3 * 8), SLRXParams(), Context(threads=1))
    assert max(sizes) <= (8 + 2) * (16 + 2) * 8 * 8


def test_an_offset_and_a_factor_change_nothing():
    cube = scene().astype(np.float64)
    np.testing.assert_allclose(score(cube * 1e-4 + 7), score(cube), rtol=1e-5, atol=1e-7)


def test_scores_lie_between_zero_and_one():
    scores = score(scene())
    assert scores.min() >= 0
    assert scores.max() <= 1


def test_a_scene_without_any_contrast_has_no_anomaly():
    assert (score(np.full((20, 20, 3), 7.0)) == 0).all()


@pytest.mark.parametrize("valid", [0, 1])
def test_fewer_than_two_valid_pixels_are_refused(valid):
    cube = np.full((9, 9, 4), np.nan)
    cube.reshape(-1, 4)[:valid] = 1.0
    with pytest.raises(DetectorError, match="at least two valid pixels"):
        score(cube)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_area_under_the_curve_of_the_baselines(scenes, name):
    opened = hadviewer.open(scenes / f"{name}.mat")
    scores = hadviewer.detect(opened.cube, "slrx").scores
    assert hadviewer.evaluate(scores, opened.truth).auc_pd_pf == pytest.approx(PUBLISHED[name], abs=0.0005)


@pytest.mark.parametrize("reference", sorted(REFERENCE_MAPS))
def test_equals_the_reference_maps(data_dir, scenes, reference):
    """Maps of the authors' program, which computes in single precision."""
    expected = np.load(data_dir / "reference_maps" / "SLRX-b8-allbands" / f"{reference}.npy")
    cube = hadviewer.open(scenes / f"{REFERENCE_MAPS[reference]}.mat").cube
    np.testing.assert_allclose(hadviewer.detect(cube, "slrx").scores, expected, atol=0.002)


@pytest.mark.gpu
def test_on_a_gpu_the_scores_are_the_same():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    cube = scene(40, 41, 90)
    np.testing.assert_allclose(score(cube, ctx=Context(device="cuda")), score(cube), rtol=1e-5, atol=1e-7)
