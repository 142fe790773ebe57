"""Local RX gives the numbers of its definition and of spectral.rx with a window, wherever the windows lie."""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors import lrx as module
from hadviewer.detectors.lrx import LRXParams, lrx
from hadviewer.engine.blocks import ArrayBlocks
from tests.detectors.reference_lrx import local_rx


def scene(rows=16, cols=19, bands=6, seed=0):
    """Correlated bands of different size on an offset that changes across the scene, float32."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(bands, bands)) * np.logspace(0, 1.5, bands)
    slope = np.linspace(0, 50, cols)[np.newaxis, :, np.newaxis]
    return (rng.normal(size=(rows, cols, bands)) @ mixing + slope + 500).astype(np.float32)


def score(cube, *, blocks=ArrayBlocks, ctx=None, **params):
    return lrx(blocks(cube), LRXParams(**params), ctx or Context(threads=1))


@pytest.mark.parametrize("loading", [0.0, 1e-4, 0.1])
@pytest.mark.parametrize("widths", [(1, 5), (3, 7), (5, 13)])
def test_equals_the_definition(widths, loading):
    inner, outer = widths
    found = score(scene(), inner=inner, outer=outer, loading=loading)
    np.testing.assert_allclose(found, local_rx(scene(), inner, outer, loading), rtol=1e-6)


@pytest.mark.parametrize("widths", [(1, 3), (3, 5), (3, 7)])
def test_with_fewer_samples_than_bands_it_equals_the_definition(widths):
    inner, outer = widths
    cube = scene(bands=45)
    found = score(cube, inner=inner, outer=outer, loading=1e-3)
    np.testing.assert_allclose(found, local_rx(cube, inner, outer, 1e-3), rtol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("widths", [(3, 9), (5, 21)])
def test_equals_spectral_python(widths):
    import spectral

    spectral.settings.show_progress = False
    cube = scene(24, 25, 30)
    expected = spectral.rx(cube.astype(np.float64), window=widths)
    np.testing.assert_allclose(score(cube, inner=widths[0], outer=widths[1], loading=0), expected, rtol=1e-6)


def test_equals_spectral_python_on_a_real_scene(data_dir, scenes):
    """Windows 7 and 17: 240 samples of 162 bands."""
    expected = np.load(data_dir / "reference_maps" / "spectral.rx-w7_17" / "hydice.npy")
    found = hadviewer.detect(hadviewer.open(scenes / "hydice-17.mat").cube, "lrx", inner=7, outer=17, loading=0)
    np.testing.assert_allclose(found.scores, expected, rtol=1e-6)


@pytest.mark.parametrize("bands", [6, 60], ids=["more samples than bands", "fewer samples than bands"])
def test_pixels_without_values_are_no_samples(bands):
    cube = scene(bands=bands)
    cube[0:3] = np.nan
    cube[8, 9, 2] = np.nan
    cube[8, 9] = np.nan
    expected = local_rx(cube, 3, 7, 1e-3)
    found = score(cube, inner=3, outer=7, loading=1e-3)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(cube[..., 0]))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("bands", [6, 60])
@pytest.mark.parametrize("size", [(1, 40), (40, 1), (7, 6), (30, 7)])
def test_in_a_scene_narrower_than_the_window_it_equals_the_definition(size, bands):
    cube = scene(*size, bands=bands)
    np.testing.assert_allclose(score(cube, loading=1e-2), local_rx(cube, 5, 21, 1e-2), rtol=1e-6)


@pytest.mark.parametrize("bands", [6, 60])
def test_tiles_strips_and_threads_change_nothing(bands, monkeypatch):
    cube = scene(40, 23, bands)
    cube[5, 5] = np.nan
    whole = score(cube, inner=3, outer=7)
    monkeypatch.setattr(module, "TILE_BYTES", {"cpu": 5 * (bands + 1) ** 2 * 8})
    monkeypatch.setattr(module, "TILE_COLUMNS", 7)
    monkeypatch.setattr(module, "DUAL_SIDE", 5)
    np.testing.assert_allclose(score(cube, inner=3, outer=7), whole, rtol=1e-6)
    monkeypatch.setattr("hadviewer.detectors._windows.STRIP_BYTES", 13 * 23 * bands * 8)
    one = score(cube, inner=3, outer=7)
    np.testing.assert_allclose(one, whole, rtol=1e-6)
    np.testing.assert_array_equal(score(cube, inner=3, outer=7, ctx=Context(threads=3)), one)


@pytest.mark.parametrize("bands", [6, 60])
def test_a_large_scene_is_never_read_whole(bands, monkeypatch):
    heights = []

    class Watched(ArrayBlocks):
        def __init__(self, cube):
            super().__init__(cube, max_bytes=16 * 9 * bands * 8)

        def read(self, window):
            heights.append(window.shape[0])
            return super().read(window)

    cube = scene(120, 9, bands)
    monkeypatch.setattr("hadviewer.detectors._windows.STRIP_BYTES", 16 * 9 * bands * 8)
    found = score(cube, blocks=Watched, inner=3, outer=7)
    assert max(heights) == 16
    monkeypatch.undo()
    np.testing.assert_allclose(found, score(cube, inner=3, outer=7), rtol=1e-6)


def test_without_loading_it_does_not_change_under_any_linear_change_of_the_bands():
    changed = scene().astype(np.float64) @ np.random.default_rng(4).normal(size=(6, 6)) * 3 - 500
    widths = {"inner": 3, "outer": 9, "loading": 0}
    np.testing.assert_allclose(score(changed, **widths), score(scene(), **widths), rtol=1e-5)


@pytest.mark.parametrize("bands", [6, 60])
def test_an_offset_and_a_factor_change_nothing(bands):
    cube = scene(bands=bands).astype(np.float64)
    np.testing.assert_allclose(score(cube * 1e-4 + 7, inner=3, outer=7), score(cube, inner=3, outer=7), rtol=1e-5)


@pytest.mark.parametrize("bands", [6, 60])
def test_away_from_the_border_a_pixel_knows_only_its_window(bands):
    cube = scene(30, 30, bands)
    other = cube.copy()
    other[:11] *= 5
    scores, others = (score(each, inner=3, outer=7)[14:] for each in (cube, other))
    np.testing.assert_allclose(others, scores, rtol=1e-6)


@pytest.mark.parametrize("bands", [6, 60])
def test_where_all_pixels_of_a_window_are_alike_the_scores_stay_finite(bands):
    cube = scene(30, 30, bands)
    cube[:20, :20] = 100
    cube[9, 9] = 130
    scores = score(cube, inner=3, outer=7)
    assert np.isfinite(scores).all()
    assert scores[2, 2] == pytest.approx(0, abs=1e-6)
    assert scores[9, 9] == scores.max()


@pytest.mark.parametrize("bands", [6, 60])
def test_a_pixel_without_background_scores_zero_and_the_note_says_so(bands):
    cube = scene(30, 30, bands)
    cube[:12, :12] = np.nan
    cube[2, 3] = 100
    ctx = Context(threads=1)
    scores = score(cube, inner=3, outer=7, ctx=ctx)
    assert scores[2, 3] == 0
    assert any("1 pixels have fewer than two valid pixels" in remark for remark in ctx.remarks)


def test_without_loading_too_few_samples_and_singular_windows_are_refused():
    with pytest.raises(DetectorError, match="72 pixels of the background window are too few for 80 bands"):
        score(scene(20, 20, 80), inner=3, outer=9, loading=0)
    cube = scene(30, 30)
    cube[:12, :12, 2] = 100
    with pytest.raises(DetectorError, match="line 1, sample 1 has no variance in some direction"):
        score(cube, inner=3, outer=7, loading=0)


def test_too_few_pixels_are_told_of():
    ctx = Context(threads=1)
    score(scene(bands=60), inner=3, outer=7, ctx=ctx)
    assert any("40 pixels for 60 bands" in remark for remark in ctx.remarks)


def test_equals_the_reference_map_and_the_area_of_the_baselines(data_dir, scenes):
    """Windows 7 and 17 with loading 1e-4, by another program, which clips the inner window at the border."""
    opened = hadviewer.open(scenes / "hydice-17.mat")
    expected = np.load(data_dir / "reference_maps" / "LRX-load1e-4-7_17" / "hydice.npy")
    found = hadviewer.detect(opened.cube, "lrx", inner=7, outer=17).scores
    np.testing.assert_allclose(found[3:-3, 3:-3], expected[3:-3, 3:-3], rtol=1e-6)
    assert hadviewer.evaluate(found, opened.truth).auc_pd_pf == pytest.approx(0.9968, abs=0.0002)


@pytest.mark.gpu
@pytest.mark.parametrize("bands", [6, 60])
def test_on_a_gpu_the_scores_are_the_same(bands):
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA device")
    cube = scene(40, 41, bands)
    np.testing.assert_allclose(score(cube, ctx=Context(device="cuda")), score(cube), rtol=1e-6)
