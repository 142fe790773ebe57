"""Detectors that rest on one background: weighted RX, subspace RX, UTD and RXD-UTD, against their equations."""

import numpy as np
import pytest

import hadviewer
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors import grx as grx_module
from hadviewer.detectors import rxd_utd as rxd_utd_module
from hadviewer.detectors import ssrx as ssrx_module
from hadviewer.detectors import utd as utd_module
from hadviewer.detectors import wrx as wrx_module
from hadviewer.engine.blocks import ArrayBlocks
from tests.detectors.reference_background import rxd, rxd_utd, subspace_rx, utd, weighted_rx

# Areas under the ROC curve as measured with other programs: the catalogue's appendix A.
WEIGHTED_RX = {
    "abu-airport-1": 0.8417,
    "abu-airport-2": 0.8576,
    "abu-airport-4": 0.9725,
    "abu-beach-1": 0.9854,
    "abu-urban-1": 0.9930,
    "abu-urban-2": 0.9965,
    "abu-urban-3": 0.9600,
    "hydice-17": 0.9909,
    "hydice-19": 0.9756,
    "pavia-crop": 0.9908,
    "sandiego-134": 0.9519,
    "sandiego-58": 0.9167,
}
PCA_RX_30 = {
    "abu-airport-1": 0.8935,
    "abu-airport-2": 0.9355,
    "abu-airport-4": 0.9811,
    "abu-beach-1": 0.9710,
    "abu-urban-1": 0.9935,
    "abu-urban-2": 0.9961,
    "abu-urban-3": 0.9647,
    "hydice-17": 0.9929,
    "hydice-19": 0.9869,
    "pavia-crop": 0.9825,
    "sandiego-134": 0.9672,
    "sandiego-58": 0.9734,
}
STREAMING = ("wrx", "ssrx", "utd", "rxd-utd")


def scene(rows=15, cols=21, bands=7, seed=0):
    """Correlated bands of different size on an offset, float32."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(bands, bands)) * np.logspace(0, 1.5, bands)
    return (rng.normal(size=(rows, cols, bands)) @ mixing + 200).astype(np.float32)


def pixels(cube):
    return cube.reshape(-1, cube.shape[2]).astype(np.float64)


def score(detector, cube, ctx=None, max_bytes=2**20, **params):
    module = {"wrx": wrx_module, "ssrx": ssrx_module, "utd": utd_module, "rxd-utd": rxd_utd_module, "grx": grx_module}
    spec = getattr(module[detector], detector.replace("-", "_")).__hadviewer_spec__
    return spec.function(ArrayBlocks(cube, max_bytes), spec.params(**params), ctx or Context())


class TestWeightedRX:
    @pytest.mark.parametrize("iterations", [1, 3])
    def test_equals_its_equations(self, iterations):
        cube = scene()
        expected = weighted_rx(pixels(cube), iterations).reshape(cube.shape[:2])
        np.testing.assert_allclose(score("wrx", cube, iterations=iterations), expected, rtol=1e-5)

    def test_does_not_change_under_any_linear_change_of_the_bands(self):
        changed = scene().astype(np.float64) @ np.random.default_rng(3).normal(size=(7, 7)) + 50
        np.testing.assert_allclose(score("wrx", changed), score("wrx", scene()), rtol=1e-4)

    def test_anomalies_distort_it_less_than_global_rx(self):
        """A twentieth of the scene is another material: its distance, against the background's, grows."""
        cube = scene()
        cube[3, 3:18] += np.float32(300)
        target = np.zeros(cube.shape[:2], bool)
        target[3, 3:18] = True

        def contrast(scores):
            return scores[target].mean() / scores[~target].mean()

        assert contrast(score("wrx", cube)) > 1.5 * contrast(score("grx", cube))

    def test_a_pixel_exactly_on_the_mean_does_no_harm(self):
        """Its weight would be infinite; it moves nothing, and what it takes from the others only scales the scores."""
        half = scene()
        cube = np.concatenate([half, 400 - half, np.full((1, 21, 7), 200, np.float32)])
        scores, others = score("wrx", cube), score("wrx", cube[:-1])
        assert np.isfinite(scores).all()
        assert np.corrcoef(scores[:-1].ravel(), others.ravel())[0, 1] > 0.99

    @pytest.mark.parametrize("name", WEIGHTED_RX)
    def test_gives_the_published_figures(self, scenes, name):
        assert area(scenes, name, "wrx") == pytest.approx(WEIGHTED_RX[name], abs=1e-4)


class TestSubspaceRX:
    @pytest.mark.parametrize("dropped", [0, 1, 3])
    def test_equals_its_equation(self, dropped):
        cube = scene()
        expected = subspace_rx(pixels(cube), dropped).reshape(cube.shape[:2])
        np.testing.assert_allclose(score("ssrx", cube, dropped=dropped), expected, rtol=1e-4)

    def test_without_leaving_anything_out_it_is_global_rx(self):
        np.testing.assert_allclose(score("ssrx", scene(), dropped=0), score("grx", scene()), rtol=1e-5)

    def test_what_is_left_out_and_what_is_kept_add_up_to_global_rx(self):
        cube = scene()
        strongest = hadviewer.detect(cube, "grx", transforms=[("pca", {"components": 2})]).scores
        np.testing.assert_allclose(score("ssrx", cube, dropped=2) + strongest, score("grx", cube), rtol=1e-4)

    def test_leaving_out_much_of_san_diego_loses_its_planes_as_published(self, scenes):
        assert area(scenes, "sandiego-58", "ssrx", params={"dropped": 20}) == pytest.approx(0.698, abs=0.002)

    def test_one_component_stays_and_the_user_hears_of_it(self):
        ctx = Context()
        assert np.ptp(score("ssrx", scene(), ctx, dropped=50)) > 0
        assert any("6 were left out rather than 50" in remark for remark in ctx.remarks)


class TestUniformTarget:
    @pytest.mark.parametrize("level", [1.0, 150.0])
    def test_equals_envis_definition(self, level):
        cube = scene()
        expected = utd(pixels(cube), level).reshape(cube.shape[:2])
        np.testing.assert_allclose(score("utd", cube, level=level), expected, atol=1e-5 * np.abs(expected).max())

    @pytest.mark.parametrize("level", [1.0, 150.0])
    def test_the_hybrid_equals_envis_definition(self, level):
        cube = scene()
        expected = rxd_utd(pixels(cube), level).reshape(cube.shape[:2])
        np.testing.assert_allclose(score("rxd-utd", cube, level=level), expected, atol=1e-5 * np.abs(expected).max())

    def test_the_hybrid_is_the_difference_of_the_two(self):
        cube = scene()
        expected = score("grx", cube).astype(np.float64) - score("utd", cube)
        np.testing.assert_allclose(score("rxd-utd", cube), expected, atol=1e-5 * np.abs(expected).max())
        np.testing.assert_allclose(rxd_utd(pixels(cube)), rxd(pixels(cube)) - utd(pixels(cube)), atol=1e-9)

    def test_its_scores_average_zero(self):
        assert abs(score("utd", scene()).mean(dtype=np.float64)) < 1e-5


@pytest.mark.parametrize("detector", STREAMING)
class TestAll:
    def test_strips_of_any_height_give_the_same(self, detector):
        cube = scene()
        cube[4, 5] = np.nan
        whole, strips = score(detector, cube), score(detector, cube, max_bytes=21 * 7 * 8)
        np.testing.assert_allclose(strips, whole, rtol=1e-4, atol=1e-5 * np.nanmax(np.abs(whole)))

    def test_a_large_offset_loses_no_precision(self, detector):
        cube = scene().astype(np.float64)
        level = {"level": 1e6 + 1} if "utd" in detector else {}
        expected = score(detector, cube)
        found = score(detector, cube + 1e6, **level)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())

    def test_bands_that_say_nothing_new_change_nothing(self, detector):
        """A constant band; a copy too, but for the uniform target, which is not where the scene lies."""
        cube = scene().astype(np.float64)
        spoilt = np.dstack([cube, np.full(cube.shape[:2], 3.0)])
        expected = score(detector, cube)
        np.testing.assert_allclose(score(detector, spoilt), expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())

    def test_too_few_pixels_and_too_large_values_are_refused(self, detector):
        lonely = np.full((3, 4, 5), np.nan)
        lonely[1, 1] = 1.0
        with pytest.raises(DetectorError, match="at least two valid pixels"):
            hadviewer.detect(lonely, detector)
        with pytest.raises(DetectorError, match="too large to be squared"):
            hadviewer.detect(scene().astype(np.float64) * 1e200, detector)

    def test_a_scene_without_variance_has_no_anomaly(self, detector):
        assert (score(detector, np.full((5, 6, 3), 7.0)) == 0).all()


@pytest.mark.parametrize("name", PCA_RX_30)
def test_global_rx_after_thirty_components_gives_the_published_figures(scenes, name):
    steps = [("pca", {"components": 30})]
    assert area(scenes, name, "grx", transforms=steps) == pytest.approx(PCA_RX_30[name], abs=1e-4)


def area(scenes, name, detector, **options):
    """Area under the ROC curve on a real scene."""
    scene = hadviewer.open(scenes / f"{name}.mat")
    scores = hadviewer.detect(scene.cube, detector, **options).scores
    return hadviewer.evaluate(scores, scene.truth).auc_pd_pf
