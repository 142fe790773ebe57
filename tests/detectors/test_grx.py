"""Global RX gives the numbers of its definition and of other programs, also on real scenes.

The published areas under the curve are in tests/e2e/test_cli_scenes.py.
"""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._background import scene_statistics
from hadviewer.detectors.grx import GRXParams, grx
from hadviewer.engine.blocks import ArrayBlocks, CubeBlocks
from hadviewer.io.sources import ArraySource
from hadviewer.io.writers.envi import write_envi_cube

SCENES = (
    *("abu-airport-1", "abu-airport-2", "abu-airport-4", "abu-beach-1", "abu-urban-1", "abu-urban-2", "abu-urban-3"),
    *("hydice-17", "hydice-19", "pavia-crop", "sandiego-134", "sandiego-58"),
)
REFERENCE_MAPS = {
    "LREN-hydice": "hydice-19",
    "LREN-sandiego_plane": "sandiego-134",
    "abu-beach-4": "pavia-crop",
    "hydice": "hydice-17",
    "sandiego": "sandiego-58",
    **{name: name for name in SCENES if name.startswith("abu-")},
}


def scene(rows=30, cols=41, bands=12, seed=0):
    """Correlated bands of very different size on a large offset, float32."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(bands, bands)) * np.logspace(0, 2, bands)
    return (rng.normal(size=(rows, cols, bands)) @ mixing + 2000).astype(np.float32)


def score(cube, **params):
    return grx(ArrayBlocks(cube), GRXParams(**params), Context())


def by_definition(cube):
    """Squared Mahalanobis distance with the pseudo-inverse of the covariance, written out; NaN pixels left out."""
    pixels = cube.reshape(-1, cube.shape[2]).astype(np.float64)
    known = np.isfinite(pixels).all(axis=1)
    centred = pixels - pixels[known].mean(axis=0)
    covariance = centred[known].T @ centred[known] / (known.sum() - 1)
    distance = ((centred @ np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)) * centred).sum(axis=1)
    return distance.reshape(cube.shape[:2])


def test_equals_the_definition():
    np.testing.assert_allclose(score(scene()), by_definition(scene()), rtol=1e-5)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_equals_spectral_python():
    from spectral import rx

    np.testing.assert_allclose(score(scene()), rx(scene().astype(np.float64)), rtol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", SCENES)
def test_equals_spectral_python_on_real_scenes(scenes, name):
    from spectral import rx

    cube = hadviewer.open(scenes / f"{name}.mat").cube
    expected = rx(cube.values(dtype=np.float64))
    np.testing.assert_allclose(hadviewer.detect(cube, "grx").scores, expected, rtol=1e-6)


@pytest.mark.parametrize("reference", sorted(REFERENCE_MAPS))
def test_equals_the_reference_maps(data_dir, scenes, reference):
    expected = np.load(data_dir / "reference_maps" / "GRX-f64" / f"{reference}.npy")
    cube = hadviewer.open(scenes / f"{REFERENCE_MAPS[reference]}.mat").cube
    np.testing.assert_allclose(hadviewer.detect(cube, "grx").scores, expected, rtol=1e-6)


def test_does_not_change_under_any_linear_change_of_the_bands():
    rng = np.random.default_rng(4)
    changed = scene().astype(np.float64) @ rng.normal(size=(12, 12)) * 3 - 500
    np.testing.assert_allclose(score(changed), score(scene()), rtol=1e-5)


def test_bands_in_units_of_very_different_size_lose_no_precision():
    cube = scene().astype(np.float64)
    np.testing.assert_allclose(score(cube * np.logspace(-6, 6, 12)), score(cube), rtol=1e-5)


def test_a_large_offset_loses_no_precision():
    cube = scene().astype(np.float64)
    np.testing.assert_allclose(score(cube + 1e7), score(cube), rtol=1e-5)


@pytest.mark.parametrize("lines", [1, 7, 29])
def test_reading_in_strips_of_any_height_gives_the_same(lines):
    cube = scene()
    cube[3, 4] = np.nan
    strips = ArrayBlocks(cube, max_bytes=lines * 41 * 12 * 8)
    assert len(strips) == -(-30 // lines)
    np.testing.assert_allclose(grx(strips, GRXParams(), Context()), score(cube), rtol=1e-6)


def test_a_cube_is_never_read_whole():
    reads = []

    class Watched(ArraySource):
        def read(self, window, bands, step=1):
            reads.append(window.shape[0])
            return super().read(window, bands, step)

    cube = Cube(Watched(scene()), BandSet(12))
    strips = CubeBlocks(cube, np.arange(12), max_bytes=2 * 41 * 12 * 8)
    scores = grx(strips, GRXParams(), Context())
    assert set(reads) == {2}
    assert len(reads) == 2 * 15
    np.testing.assert_allclose(scores, score(scene()), rtol=1e-6)


def test_mean_and_covariance_are_those_of_numpy():
    cube = scene()
    mean, covariance, count = scene_statistics(ArrayBlocks(cube, max_bytes=5000), Context())
    pixels = cube.reshape(-1, 12).astype(np.float64)
    assert count == len(pixels)
    np.testing.assert_allclose(mean, pixels.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(pixels.T), rtol=1e-9, atol=1e-9 * np.abs(np.cov(pixels.T)).max())


def test_pixels_without_data_count_neither_in_the_mean_nor_in_the_covariance():
    cube = scene()
    cube[:9] = np.nan
    scores = score(cube)
    assert np.isnan(scores[:9]).all()
    np.testing.assert_allclose(scores[9:], score(cube[9:]), rtol=1e-6)
    np.testing.assert_allclose(scores[9:], by_definition(cube)[9:], rtol=1e-5)


def test_the_no_data_value_of_a_file_is_left_out():
    raw = scene().astype(np.int16)
    raw[5, 6] = -9999
    expected = raw.astype(np.float64)
    expected[5, 6] = np.nan
    result = hadviewer.detect(Cube(ArraySource(raw), BandSet(12), nodata=-9999.0), "grx")
    assert result.invalid_pixels == 1
    assert np.isnan(result.scores[5, 6])
    np.testing.assert_allclose(result.scores, by_definition(expected), rtol=1e-5)


@pytest.mark.parametrize("kind", [np.int16, np.float32, np.float64])
def test_a_scale_in_the_header_changes_nothing(tmp_path, kind):
    """Reflectance × 10000, as most products store it, scores like the raw numbers: nothing is rounded on the way."""
    raw = scene().astype(kind)
    raw[5, 6] = -9999
    bare = Cube(ArraySource(raw), BandSet(12), nodata=-9999.0)
    write_envi_cube(tmp_path / "scaled.hdr", raw, nodata=-9999.0, scale_factor=10_000.0)
    scaled = hadviewer.open(tmp_path / "scaled.hdr").cube
    assert scaled.values(dtype=np.float64)[0, 0, 0] == pytest.approx(float(raw[0, 0, 0]) / 10_000, rel=1e-15)
    expected, found = (hadviewer.detect(cube, "grx").scores for cube in (bare, scaled))
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_double_precision_in_a_file_stays_double_precision(tmp_path):
    """Signals of a few units on an offset of a hundred million are lost in single precision."""
    values = scene().astype(np.float64) / 100 + 1e8
    np.save(tmp_path / "far.npy", values)
    found = hadviewer.detect(hadviewer.open(tmp_path / "far.npy").cube, "grx").scores
    np.testing.assert_allclose(found, score(values - 1e8), rtol=1e-4)


@pytest.mark.parametrize("spoil", ["constant", "copy", "sum"])
def test_bands_that_say_nothing_new_change_nothing(spoil):
    cube = scene().astype(np.float64)
    extra = {"constant": np.full((30, 41), 3.0), "copy": cube[..., 2], "sum": cube[..., 1] + cube[..., 4]}[spoil]
    ctx = Context()
    scores = grx(ArrayBlocks(np.dstack([cube, extra])), GRXParams(), ctx)
    np.testing.assert_allclose(scores, score(cube), rtol=1e-4)
    assert any("no variance of their own" in remark for remark in ctx.remarks)


def test_with_fewer_pixels_than_bands_it_equals_the_pseudo_inverse_and_says_what_that_is_worth():
    cube = scene(4, 5, 40)
    ctx = Context()
    scores = grx(ArrayBlocks(cube), GRXParams(), ctx)
    np.testing.assert_allclose(scores, by_definition(cube), rtol=1e-4)
    assert any("scores say little" in remark for remark in ctx.remarks)


def test_scores_of_a_gaussian_scene_follow_chi_square():
    from scipy.stats import chi2, kstest

    scores = score(np.random.default_rng(8).normal(size=(200, 200, 6)))
    assert kstest(scores.ravel(), chi2(6).cdf).statistic < 0.01


def test_average_score_is_the_number_of_bands():
    """The mean of (x - m)' S^-1 (x - m) over the pixels that made S is B (N - 1) / N."""
    scores = score(scene())
    assert scores.mean(dtype=np.float64) == pytest.approx(12 * (1230 - 1) / 1230, rel=1e-6)


def test_loading_adds_its_share_of_the_mean_variance():
    cube = scene().astype(np.float64)
    centred = cube.reshape(-1, 12) - cube.reshape(-1, 12).mean(axis=0)
    covariance = np.cov(centred.T)
    loaded = covariance + 0.3 * np.trace(covariance) / 12 * np.eye(12)
    expected = ((centred @ np.linalg.inv(loaded)) * centred).sum(axis=1).reshape(30, 41)
    np.testing.assert_allclose(score(cube, loading=0.3), expected, rtol=1e-5)


@pytest.mark.parametrize("valid", [0, 1])
def test_fewer_than_two_valid_pixels_are_refused(valid):
    cube = np.full((3, 4, 5), np.nan)
    cube.reshape(-1, 5)[:valid] = 1.0
    with pytest.raises(DetectorError, match="at least two valid pixels"):
        score(cube)


def test_values_too_large_to_be_squared_are_refused_rather_than_scored_zero():
    with pytest.raises(DetectorError, match="too large to be squared"):
        hadviewer.detect(scene().astype(np.float64) * 1e200, "grx")


@pytest.mark.parametrize("transforms", [[], ["zscore"]])
def test_large_values_of_single_precision_are_no_gaps(transforms):
    """Their sum over the bands overflows though none of them does."""
    cube = (np.random.default_rng(3).random((9, 10, 30)) * 3e38).astype(np.float32)
    assert hadviewer.detect(cube, "grx", transforms=transforms).invalid_pixels == 0


def test_a_scene_without_any_variance_has_no_anomaly():
    assert (score(np.full((5, 6, 3), 7.0)) == 0).all()


def test_after_principal_components_of_full_rank_the_scores_are_the_same():
    cube = scene()
    straight = hadviewer.detect(cube, "grx").scores
    turned = hadviewer.detect(cube, "grx", transforms=[("pca", {"components": 12})]).scores
    np.testing.assert_allclose(turned, straight, rtol=1e-3)
