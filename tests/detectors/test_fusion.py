"""Rank fusion adds the ranks of its detectors' maps, whoever they are, and refuses what makes no sense."""

import numpy as np
import pytest
from scipy.stats import rankdata

import hadviewer
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import Params, field, parse
from hadviewer.core.results import DetectionRequest
from hadviewer.core.specs import DetectorSpec
from hadviewer.detectors.fusion import FusionParams, fusion, split_parts
from hadviewer.engine import catalog
from hadviewer.engine.blocks import ArrayBlocks

# The fusion of the catalogue's appendix A and its areas under the ROC curve, as measured with another program.
MEASURED_PARTS = "cbad,aed:areas=16,36,64,100,aed:areas=16,36,64,100:small_only=no:smooth=no"
MEASURED = {
    "abu-airport-1": 0.9731,
    "abu-airport-2": 0.9827,
    "abu-airport-4": 0.9918,
    "abu-beach-1": 0.9874,
    "abu-urban-1": 0.9981,
    "abu-urban-2": 0.9989,
    "abu-urban-3": 0.9916,
    "hydice-17": 0.9979,
    "hydice-19": 0.9905,
    "pavia-crop": 0.9960,
    "sandiego-134": 0.9895,
    "sandiego-58": 0.9916,
}


def scene(rows=18, cols=25, bands=6, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.normal(size=(rows, cols, bands)) @ rng.normal(size=(bands, bands)) + 50).astype(np.float32)


class PowerParams(Params):
    power: float = field(2.0, "Power", ge=1, le=4, help="Exponent.")
    areas: str = field("", "Areas", help="Numbers.")


def brightness(cube, p, ctx):
    """Brightness to a power, for arrays; says what it was given."""
    ctx.note(f"areas {p.areas}")
    ctx.extra("half", cube[..., 0] / 2)
    for _ in ctx.track(range(5)):
        pass
    assert cube.dtype == np.float32
    assert not cube.flags.writeable
    return cube.mean(axis=2) ** p.power


@pytest.fixture
def plugin(monkeypatch):
    """Puts a detector of arrays called 'bright' into the catalogue, as a plug-in would."""

    def put(function=brightness, **options):
        spec = DetectorSpec("bright", "Brightness", "Test", "For tests.", PowerParams, function, **options)
        known = catalog.Catalog("detector", {**catalog.detectors().specs, "bright": spec})
        monkeypatch.setattr(catalog, "detectors", lambda: known)

    return put


class TestWhatIsWritten:
    def test_ids_and_parameters(self):
        first, second, third, fourth = split_parts("grx, cbad:clusters=4:components=20,aed:areas=16,36,64,2s-glrt")
        assert (first.id, first.params) == ("grx", {})
        assert (second.id, second.params) == ("cbad", {"clusters": "4", "components": "20"})
        assert (third.id, third.params) == ("aed", {"areas": "16,36,64"})
        assert fourth.id == "2s-glrt"

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "not a detector"),
            ("grx", "two or more different"),
            ("grx,grx", "two or more different"),
            ("grx,fusion:detectors=grx", "a fusion cannot hold a fusion"),
            ("grx,cbad:4", "not written as name=value"),
            ("grx,c/bad", "not a detector"),
        ],
    )
    def test_nonsense_is_refused_before_anything_runs(self, text, sentence):
        with pytest.raises(ParamError, match=sentence) as refusal:
            parse(FusionParams, {"detectors": text})
        assert refusal.value.field == "detectors"

    @pytest.mark.parametrize(("text", "sentence"), [("grx,none", "no detector 'none'"), ("grx,cbad:x=1", "parameter")])
    def test_what_does_not_exist_is_refused_before_anything_runs(self, text, sentence):
        class Steps(SilentReporter):
            def progress(self, fraction, message, values):
                raise AssertionError("something was computed")

        for ctx in (Context(reporter=Steps()), Context(reporter=Steps(), find_detector=catalog.detectors().get)):
            with pytest.raises(ParamError, match=sentence):
                fusion(ArrayBlocks(scene()), FusionParams(detectors=text), ctx)


def test_is_the_sum_of_the_ranks_of_its_parts():
    cube = scene()
    cube[3, 4] = np.nan
    known = np.isfinite(cube[..., 0])
    result = hadviewer.detect(cube, "fusion", detectors="grx,cbad:clusters=3,ssrx")
    parts = [
        hadviewer.detect(cube, "grx"),
        hadviewer.detect(cube, "cbad", clusters=3),
        hadviewer.detect(cube, "ssrx"),
    ]
    expected = sum(rankdata(part.scores[known]) for part in parts) / known.sum()
    np.testing.assert_allclose(result.scores[known], expected, rtol=1e-6)
    assert np.isnan(result.scores[3, 4])
    for name, part in zip(("grx", "cbad:clusters=3", "ssrx"), parts, strict=True):
        np.testing.assert_array_equal(result.extras[name], part.scores)


def test_in_a_region_the_maps_of_the_parts_lie_where_the_scores_lie():
    result = hadviewer.detect(
        scene(), DetectionRequest(detector="fusion", params={"detectors": "grx,ssrx"}, region=(2, 15, 3, 20))
    )
    for name in ("grx", "ssrx"):
        assert result.extras[name].shape == (18, 25)
        np.testing.assert_array_equal(np.isfinite(result.extras[name]), result.valid)


def test_runs_without_an_engine_with_the_detectors_beside_it():
    cube = scene()
    through_the_engine = hadviewer.detect(cube, "fusion", detectors="grx,rxd-utd").scores
    alone = fusion(ArrayBlocks(cube), FusionParams(detectors="grx,rxd-utd"), Context())
    np.testing.assert_array_equal(alone, through_the_engine)


def test_takes_plug_ins_and_hands_on_what_they_say(plugin):
    plugin()
    cube = scene()
    result = hadviewer.detect(cube, "fusion", detectors="grx,bright:areas=1,2:power=3")
    ranks = rankdata(hadviewer.detect(cube, "grx").scores) + rankdata(cube.mean(axis=2) ** 3)
    np.testing.assert_allclose(result.scores.ravel(), ranks / ranks.size, rtol=1e-6)
    np.testing.assert_array_equal(result.extras["bright:areas=1,2:power=3 half"], cube[..., 0] / 2)
    assert "Brightness: areas 1,2" in result.notes


def test_parts_get_the_seed_and_the_inputs_of_the_whole(plugin):
    def check(cube, p, ctx):
        assert ctx.seed == 7
        assert ctx.inputs["segments"].shape == (18, 25)
        return cube[..., 0]

    plugin(check)
    ctx = Context()
    ctx.inputs["segments"] = np.zeros((18, 25), int)
    hadviewer.detect(scene(), "fusion", detectors="grx,bright", seed=7, ctx=ctx)


def test_a_detector_that_refuses_is_named(plugin):
    def refuse(cube, p, ctx):
        raise DetectorError("The scene is too small.", hint="Use a larger one.")

    plugin(refuse)
    with pytest.raises(DetectorError, match=r"Brightness cannot take part: The scene is too small\. Use a larger one"):
        hadviewer.detect(scene(), "fusion", detectors="grx,bright")


def test_progress_is_divided_among_the_parts(plugin):
    seen = []

    class Watching(SilentReporter):
        def progress(self, fraction, message, values):
            seen.append(fraction)

    plugin()
    hadviewer.detect(scene(), "fusion", detectors="bright,grx,ssrx", ctx=Context(reporter=Watching()))
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len({round(fraction, 6) for fraction in seen}) > 10


def test_streaming_parts_get_the_blocks_and_nothing_is_read_whole():
    class Blocks(ArrayBlocks):
        def read(self, window):
            assert window.shape[0] <= 3
            return super().read(window)

    fusion(Blocks(scene(), max_bytes=3 * 25 * 6 * 8), FusionParams(detectors="grx,ssrx"), Context())


def test_parts_that_do_not_run_on_the_device_run_on_the_cpu():
    ctx = Context(device="cuda:0")
    fusion(ArrayBlocks(scene()), FusionParams(detectors="grx,ssrx"), ctx)
    assert [remark for remark in ctx.remarks if "on the CPU" in remark] == [
        "Global RX ran on the CPU.",
        "Subspace RX ran on the CPU.",
    ]


@pytest.mark.parametrize("name", MEASURED)
def test_gives_the_measured_figures(scenes, name):
    scene = hadviewer.open(scenes / f"{name}.mat")
    scores = hadviewer.detect(scene.cube, "fusion", detectors=MEASURED_PARTS, device="cpu").scores
    assert hadviewer.evaluate(scores, scene.truth).auc_pd_pf == pytest.approx(MEASURED[name], abs=0.002)
