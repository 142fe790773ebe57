"""One detection: what is asked is checked first, what comes out is held to its contract, what happened is recorded."""

import warnings

import numpy as np
import pytest

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import Cancelled, DetectorError, ParamError
from hadviewer.core.params import NoParams, Params, field
from hadviewer.core.results import DetectionRequest, TransformStep
from hadviewer.core.specs import DetectorSpec, TransformSpec
from hadviewer.engine import catalog, detection, devices
from hadviewer.io.sources import ArraySource


class PowerParams(Params):
    power: float = field(2.0, "Power", ge=1, le=4)


def distance(cube, p, ctx):
    """Distance to the mean spectrum, as a plain detector of arrays."""
    for _ in ctx.track(range(4), 4, "Working"):
        pass
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean = np.nanmean(cube, axis=(0, 1))
    return (np.abs(cube - mean) ** p.power).sum(axis=2)


@pytest.fixture
def use(monkeypatch):
    """A function that puts a detector called 'test' into the catalogue."""

    def put(function, **options):
        spec = DetectorSpec("test", "Test detector", "Test", "For tests.", PowerParams, function, **options)
        known = catalog.Catalog("detector", {**catalog.detectors().specs, "test": spec})
        monkeypatch.setattr(catalog, "detectors", lambda: known)
        return spec

    return put


def scene(**options):
    values = np.random.default_rng(0).normal(10, 1, (9, 12, 6)).astype(np.float32)
    usable = np.array([1, 1, 0, 1, 1, 1], bool)
    bands = BandSet(6, np.linspace(400, 900, 6), usable=usable)
    return Cube(ArraySource(values), bands, **options)


def run(cube=None, ctx=None, **request):
    return detection.run(DetectionRequest(**{"detector": "test", **request}), cube or scene(), ctx)


class TestRequest:
    def test_is_completed_with_every_parameter(self, use):
        use(distance)
        request = DetectionRequest(detector="test", transforms=(TransformStep(id="pca", params={"components": "3"}),))
        done = detection.complete(request, scene())
        assert done.params == {"power": 2.0}
        assert done.transforms[0].params == {"components": 3, "whiten": False}
        assert detection.complete(done, scene()) == done

    def test_of_a_result_repeats_it(self, use):
        use(distance)
        first = run(params={"power": "3"}, bands="1-2,5", seed=4, region=(1, 5, 2, 9))
        again = detection.run(DetectionRequest.model_validate_json(first.request.model_dump_json()), scene())
        assert again.request == first.request
        np.testing.assert_array_equal(again.scores, first.scores)

    @pytest.mark.parametrize(
        ("request_", "field", "sentence"),
        [
            ({"detector": "none"}, "detector", "There is no detector 'none'"),
            ({"params": {"power": 9}}, "power", "power: input should be less than"),
            ({"params": {"power": "inf"}}, "power", "power: input should be a finite number"),
            ({"params": {"power": "nan"}}, "power", "power: input should be a finite number"),
            ({"params": {"strength": 1}}, "strength", "There is no parameter 'strength'"),
            ({"transforms": (TransformStep(id="none"),)}, "transform", "There is no transform 'none'"),
            ({"transforms": (TransformStep(id="pca", params={"components": 0}),)}, "components", "^pca: components: "),
            ({"bands": "7"}, "bands", "outside bands 1-6"),
            ({"region": (0, 10, 0, 5)}, "region", "does not lie inside 9 lines × 12 samples"),
            ({"region": (3, 3, 0, 5)}, "region", "does not lie inside"),
            ({"device": "abacus"}, "device", "There is no device 'abacus'"),
            ({"device": "cuda"}, "device", "does not run on cuda"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_that_is_wrong_is_refused_before_anything_is_read(self, use, request_, field, sentence):
        use(distance)

        class Unread(ArraySource):
            def read(self, window, bands, step=1):
                raise AssertionError("the cube was read")

        cube = Cube(Unread(np.zeros((9, 12, 6), np.float32)), BandSet(6))
        with pytest.raises(ParamError, match=sentence) as caught:
            run(cube, **request_)
        assert caught.value.field == field


class TestScores:
    def test_only_chosen_bands_count(self, use):
        use(distance)
        cube = scene()
        np.testing.assert_array_equal(
            run(cube).scores, hadviewer.detect(cube.values()[..., [0, 1, 3, 4, 5]], "test").scores
        )
        expected = hadviewer.detect(cube.values()[..., 2:4], "test").scores
        np.testing.assert_array_equal(run(cube, bands="3-4").scores, expected)
        np.testing.assert_array_equal(run(cube, bands="590-700nm").scores, run(cube, bands="4").scores)

    def test_a_region_is_scored_as_a_scene_of_its_own_and_put_in_its_place(self, use):
        use(distance)
        result = run(region=Window(2, 6, 3, 9))
        inside = np.zeros((9, 12), bool)
        inside[2:6, 3:9] = True
        np.testing.assert_array_equal(np.isfinite(result.scores), inside)
        np.testing.assert_array_equal(result.valid, inside)
        part = hadviewer.detect(scene().values()[2:6, 3:9][..., [0, 1, 3, 4, 5]], "test").scores
        np.testing.assert_array_equal(result.scores[2:6, 3:9], part)

    @pytest.mark.parametrize("detector", ["test", "grx"])
    def test_no_data_are_left_out(self, use, detector):
        use(distance)
        values = scene().values().astype(np.float64)
        values[1, 1, 3] = -999
        values[2, 2, 2] = np.nan  # in a bad band, which is not used
        result = run(Cube(ArraySource(values), scene().bands, nodata=-999.0), detector=detector)
        assert result.invalid_pixels == 1
        assert np.isnan(result.scores[1, 1])
        assert np.isfinite(result.scores[2, 2])

    def test_transforms_come_before_in_their_order(self, use):
        use(distance)
        cube = hadviewer.detect(scene().values(), "test", transforms=["l2", ("pca", {"components": 2})])
        other = hadviewer.detect(scene().values(), "test", transforms=[("pca", {"components": 2}), "l2"])
        assert [step.id for step in cube.request.transforms] == ["l2", "pca"]
        assert not np.array_equal(cube.scores, other.scores)

    def test_a_detector_cannot_change_the_cube(self, use):
        def greedy(cube, p, ctx):
            cube[0] = 0
            return cube.sum(axis=2)

        use(greedy)
        with pytest.raises(ValueError, match="read-only"):
            run()


class TestContract:
    @pytest.mark.parametrize(
        ("answer", "sentence"),
        [
            (lambda cube: np.zeros((3, 3)), r"gave scores of \(3, 3\) for a scene of \(9, 12\)"),
            (lambda cube: np.full(cube.shape[:2], np.nan), "no finite score for 108 valid pixels"),
            (lambda cube: np.where(cube[..., 0] > 0, 1e300, 0), "no finite score"),
        ],
        ids=["shape", "NaN", "too large for float32"],
    )
    @pytest.mark.filterwarnings("ignore:overflow")
    def test_a_detector_that_breaks_it_is_refused(self, use, answer, sentence):
        use(lambda cube, p, ctx: answer(cube))
        with pytest.raises(DetectorError, match=sentence):
            run()

    def test_any_array_of_numbers_becomes_float32(self, use):
        use(lambda cube, p, ctx: (cube.sum(axis=2) > 50).tolist())
        assert run().scores.dtype == np.float32

    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (MemoryError("8 GB"), r"ran out of memory: 8 GB\. Use fewer bands"),
            (
                RuntimeError("CUDA out of memory. Tried to allocate 8 GiB.\nMore"),
                r"memory: CUDA out .* 8 GiB\. Use fewer",
            ),
            (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "ran out of memory: DefaultCPUAllocator"),
            (np.linalg.LinAlgError("Singular matrix"), "failed on this scene: Singular matrix"),
            (DetectorError("Too small."), "Too small."),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_its_failures_are_sentences(self, use, error, sentence):
        def fail(cube, p, ctx):
            raise error

        use(fail)
        with pytest.raises(DetectorError, match=sentence):
            run()

    def test_a_factorisation_that_fails_in_torch_is_a_sentence_as_well(self, use):
        import torch

        use(lambda cube, p, ctx: torch.linalg.cholesky(-torch.eye(3)).numpy())
        with pytest.raises(DetectorError, match=r"Test detector failed on this scene: linalg\.cholesky: "):
            run()

    @pytest.mark.parametrize("level", [0.0, 3.5])
    def test_scores_that_are_all_equal_are_remarked(self, use, level):
        use(lambda cube, p, ctx: np.full(cube.shape[:2], level))
        assert "All scores are equal: this run tells no pixel from another." in run().notes

    def test_nothing_is_remarked_of_scores_that_differ_or_of_a_single_pixel(self, use):
        use(lambda cube, p, ctx: cube.sum(axis=2))
        assert not run().notes
        assert not run(region=(2, 3, 4, 5)).notes

    def test_a_transform_must_keep_the_size(self, use, monkeypatch):
        use(distance)
        spec = catalog.transforms().get("l2")
        cut = type(spec)("l2", "Cut", "Cuts.", spec.params, lambda cube, p, ctx: cube[1:])
        monkeypatch.setattr(catalog, "transforms", lambda: catalog.Catalog("transform", {"l2": cut}))
        with pytest.raises(DetectorError, match="Cut changed the size of the scene"):
            run(transforms=(TransformStep(id="l2"),))


class TestRecord:
    def test_says_how_it_came(self, use):
        use(distance)
        result = run(scene(name="field", notes=("The file was short.",)), seed=3)
        assert result.device == "cpu"
        assert result.seconds > 0
        assert result.request.seed == 3
        assert result.provenance["bands_used"] == 5
        assert result.provenance["source"] == {"name": "field", "shape": [9, 12, 6], "dtype": "float32"}
        assert result.provenance["software"].startswith("hadviewer ")
        assert "The file was short." in result.notes

    def test_warnings_and_remarks_become_notes_once(self, use):
        def talkative(cube, p, ctx):
            ctx.note("Few pixels.")
            for _ in range(3):
                warnings.warn("Close to singular.", RuntimeWarning, stacklevel=1)
            ctx.extra("mean", cube.mean(axis=(0, 1)))
            return cube.sum(axis=2)

        use(talkative)
        result = run()
        assert result.notes == ("Few pixels.", "Close to singular.")
        assert result.extras["mean"].shape == (5,)

    def test_seed_and_device_reach_the_detector(self, use):
        seen = []

        def curious(cube, p, ctx):
            seen.append((ctx.seed, ctx.device, ctx.rng().integers(1000)))
            return cube.sum(axis=2)

        use(curious)
        run(seed=7)
        run(seed=7, device="cpu")
        assert seen[0] == seen[1] == (7, "cpu", np.random.default_rng(7).integers(1000))

    @pytest.mark.parametrize("detector", ["test", "grx"])
    def test_progress_covers_reading_transforms_and_detector_without_running_back(self, use, detector):
        class Watching(SilentReporter):
            def __init__(self):
                self.seen = []

            def progress(self, fraction, message, values):
                self.seen.append((fraction, message))

        use(distance)
        watching = Watching()
        steps = (TransformStep(id="l2"), TransformStep(id="pca", params={"components": 2}))
        run(ctx=Context(reporter=watching), detector=detector, transforms=steps)
        fractions = [fraction for fraction, _ in watching.seen if fraction is not None]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0, 1)
        assert {"Reading", "Spectra of length 1", "Principal components"} <= {message for _, message in watching.seen}

    def test_it_can_be_cancelled(self, use):
        use(distance)
        with pytest.raises(Cancelled):
            run(ctx=Context(cancelled=lambda: True))


class TestDevices:
    @pytest.fixture
    def machine(self, monkeypatch):
        """A machine with two graphics cards."""
        found = (devices.cpu(), devices.Device("cuda:0", "Card", 2**34), devices.Device("cuda:1", "Card", 2**34))
        monkeypatch.setattr(devices, "available", lambda: found)

    @pytest.mark.parametrize(
        ("wanted", "supported", "chosen"),
        [
            ("auto", ("cpu",), "cpu"),
            ("auto", ("cpu", "cuda"), "cuda:0"),
            ("auto", ("cpu", "mps"), "cpu"),
            ("cpu", ("cpu", "cuda"), "cpu"),
            ("cuda", ("cpu", "cuda"), "cuda:0"),
            ("cuda:1", ("cpu", "cuda"), "cuda:1"),
        ],
    )
    def test_the_best_that_the_detector_supports(self, machine, wanted, supported, chosen):
        assert devices.choose(wanted, supported) == chosen

    def test_a_device_this_machine_lacks(self, machine):
        with pytest.raises(DetectorError, match="no mps device"):
            devices.choose("mps", ("cpu", "mps"))
        with pytest.raises(DetectorError, match="no cuda:5 device"):
            devices.choose("cuda:5", ("cpu", "cuda"))

    def test_asking_for_the_cpu_asks_nobody_else(self, monkeypatch):
        monkeypatch.setattr(devices, "available", lambda: pytest.fail("torch was asked"))
        assert devices.choose("cpu", ("cpu", "cuda")) == "cpu"
        assert devices.choose("auto", ("cpu",)) == "cpu"

    def test_the_cpu_is_always_there(self):
        assert devices.available()[0].id == "cpu"

    def test_each_part_of_a_run_is_on_a_device_it_supports(self, use, machine, monkeypatch):
        seen = []

        def copy(cube, p, ctx):
            """Copy the scene."""
            seen.append(ctx.device)
            return cube.copy()

        def watching(cube, p, ctx):
            seen.append(ctx.device)
            return distance(cube, p, ctx)

        plain = TransformSpec("plain", "Plain", "Plain.", NoParams, copy)
        quick = TransformSpec("quick", "Quick", "Quick.", NoParams, copy, devices=("cpu", "cuda"))
        known = catalog.Catalog("transform", {"plain": plain, "quick": quick})
        monkeypatch.setattr(catalog, "transforms", lambda: known)
        use(watching)
        steps = (TransformStep(id="quick"), TransformStep(id="plain"))
        for wanted in ("auto", "cuda", "cuda:1", "cpu"):
            run(transforms=steps, device=wanted)
        on_gpu = ["cuda:0", "cpu", "cpu"]
        assert seen == [*on_gpu, *on_gpu, "cuda:1", "cpu", "cpu", "cpu", "cpu", "cpu"]
        with pytest.raises(ParamError, match="does not run on cuda"):
            run(transforms=steps[1:], device="cuda")
