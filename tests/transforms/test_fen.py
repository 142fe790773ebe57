"""FEN against a literal transcription, in tiles, in both published forms, and its figures on real scenes."""

import numpy as np
import pytest
import torch

import hadviewer
from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ParamError, ReadError
from hadviewer.io import consent
from hadviewer.transforms import _fen_weights
from hadviewer.transforms.fen import FENParams, enhance, fen
from tests.transforms.fen_weights import random_state, write_programs, write_states


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    """The list of allowed programs of this test alone."""
    monkeypatch.setattr(consent, "_place", lambda: tmp_path / "settings" / consent.FILE)


def scene(rows=14, cols=19, bands=6, seed=0):
    return np.random.default_rng(seed).gamma(2.0, 500.0, (rows, cols, bands)).astype(np.float32)


def run(cube, folder, ctx=None):
    return fen(cube, FENParams(weights=folder), ctx or Context())


def allow(folder):
    consent.allow(_fen_weights.find_weights(folder)[0].programs())


def transcription(cube, state):
    """The forward pass of the paper in plain operations, on the whole scene at once."""
    from torch.nn import functional as F

    values = torch.from_numpy(cube.astype(np.float64)).permute(2, 0, 1)[None]
    state = {name: value.double() for name, value in state.items()}
    x = 0.1 * (2 * (values - values.min()) / (values.max() - values.min()) - 1)

    def norm(value, name):
        mean, variance, gain, offset = (
            state[f"{name}.{part}"][None, :, None, None] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return (value - mean) / torch.sqrt(variance + 1e-5) * gain + offset

    h = F.conv2d(F.pad(x, (4, 4, 4, 4), mode="reflect"), state["convh.weight"])
    for number in range(3):
        block = f"layer1.{number}"
        shortcut = h
        h = F.relu(norm(F.conv2d(h, state[f"{block}.conv1.weight"]), f"{block}.bn1"))
        h = F.relu(norm(F.conv2d(h, state[f"{block}.conv2.weight"], padding=1), f"{block}.bn2"))
        h = norm(F.conv2d(h, state[f"{block}.conv3.weight"]), f"{block}.bn3")
        if number == 0:
            shortcut = norm(F.conv2d(shortcut, state[f"{block}.downsample.0.weight"]), f"{block}.downsample.1")
        h = F.relu(h + shortcut)
    h = h[:, :, 4:-4, 4:-4]
    h = F.relu(F.conv2d(h, state["conv1.weight"], state["conv1.bias"]))
    h = F.relu(F.conv2d(h, state["conv2.weight"], state["conv2.bias"]))
    return (h + x)[0].permute(1, 2, 0).numpy()


class TestForwardPass:
    @pytest.mark.parametrize(("bands", "width"), [(6, 4), (7, 64), (130, 4)])
    def test_is_that_of_the_paper(self, tmp_path, bands, width):
        cube = scene(bands=bands)
        expected = transcription(cube, random_state(bands, width))
        result = run(cube, write_states(tmp_path, bands, width))
        assert result.dtype == np.float32
        assert np.abs(expected).max() > 0.2
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())

    @pytest.mark.parametrize(("side", "shape"), [(1, (6, 7)), (5, (14, 19)), (8, (25, 16)), (13, (14, 19))])
    def test_in_tiles_is_that_of_the_whole(self, tmp_path, side, shape):
        network = _fen_weights.load_network(_fen_weights.find_weights(write_states(tmp_path, 6))[0], "cpu")
        cube = scene(*shape)
        whole = enhance(cube, network, Context(), tile=1000)
        np.testing.assert_allclose(enhance(cube, network, Context(), tile=side), whole, rtol=1e-5, atol=1e-6)

    def test_reaches_three_pixels_and_no_further(self, tmp_path):
        folder, cube = write_states(tmp_path, 6), scene()
        cube[0, 0, 0], cube[0, 1, 0] = 0, 9000
        changed = cube.copy()
        changed[7, 9] += 300
        differs = (run(cube, folder) != run(changed, folder)).any(axis=2)
        rows, cols = np.nonzero(differs)
        assert (rows.min(), rows.max(), cols.min(), cols.max()) == (4, 10, 6, 12)

    def test_is_the_same_for_a_scene_in_other_units(self, tmp_path):
        folder = write_states(tmp_path, 6)
        np.testing.assert_allclose(run(scene() * 1e-6, folder), run(scene(), folder), rtol=1e-3, atol=1e-5)

    def test_is_not_stopped_by_a_scene_smaller_than_the_surroundings(self, tmp_path):
        folder = write_states(tmp_path, 6)
        for shape in ((1, 1), (2, 9), (4, 4)):
            assert np.isfinite(run(scene(*shape), folder)).all()

    def test_leaves_the_random_state_of_torch_alone(self, tmp_path):
        before = torch.random.get_rng_state()
        run(scene(), write_states(tmp_path, 6))
        assert torch.equal(torch.random.get_rng_state(), before)


class TestPixelsWithoutValues:
    def test_at_the_edge_are_as_if_the_scene_ended_there(self, tmp_path):
        folder, cube = write_states(tmp_path, 6), scene()
        cube[:, :5] = np.nan
        result = run(cube, folder)
        assert np.isnan(result[:, :5]).all()
        np.testing.assert_allclose(result[:, 5:], run(cube[:, 5:].copy(), folder), rtol=1e-5, atol=1e-6)

    def test_in_the_middle_change_only_their_neighbours_and_are_told_of(self, tmp_path):
        folder, cube, context = write_states(tmp_path, 6), scene(), Context()
        cube[0, 0, 0], cube[0, 1, 0] = 0, 9000
        whole = run(cube, folder)
        cube[7, 9, 3] = np.nan
        result = run(cube, folder, context)
        near = np.zeros(cube.shape[:2], bool)
        near[4:11, 6:13] = True
        np.testing.assert_array_equal(result[~near], whole[~near])
        np.testing.assert_array_equal(np.isnan(result).all(axis=2), np.isnan(cube).any(axis=2))
        assert any("1 pixels without values" in remark for remark in context.remarks)


class TestBands:
    def test_that_are_too_many_are_cut_off_and_told_of(self, tmp_path):
        folder, cube, context = write_states(tmp_path / "6bands-sensor", 6), scene(bands=9), Context()
        result = run(cube, folder, context)
        np.testing.assert_array_equal(result, run(np.ascontiguousarray(cube[..., :6]), folder))
        digits = _fen_weights.find_weights(folder)[0].fingerprint
        cut = "for 6 bands: the last 3 of the scene's 9 are cut off."
        assert context.remarks[0] == f"FEN with the weights 6bands-sensor ({digits}), {cut}"
        assert "not told beside them" in context.remarks[1]

    def test_that_are_too_few_are_refused_with_what_would_fit(self, tmp_path):
        write_states(tmp_path / "5bands", 5)
        folder = write_states(tmp_path / "8bands", 8)
        with pytest.raises(DetectorError, match=r"need 8 bands; the scene has 6\. .*5bands would fit"):
            run(scene(bands=6), folder)

    def test_choose_the_largest_network_that_fits_among_folders(self, tmp_path):
        for bands in (3, 5, 9):
            write_states(tmp_path / f"{bands}bands", bands)
        context = Context()
        assert run(scene(bands=7), tmp_path, context).shape[2] == 5
        assert "5bands use most of the 7 bands" in context.remarks[0]
        with pytest.raises(DetectorError, match="need 3 or 5 or 9 bands; the scene has 2"):
            run(scene(bands=2), tmp_path)

    def test_a_second_network_of_the_same_size_is_told_of(self, tmp_path):
        write_states(tmp_path / "5bands", 5)
        write_states(tmp_path / "5bands-other", 5, seed=1)
        context = Context()
        run(scene(), tmp_path, context)
        assert "5bands-other would fit as well" in context.remarks[0]


class TestFiles:
    def test_may_be_named_by_one_of_them(self, tmp_path):
        folder = write_states(tmp_path, 6)
        np.testing.assert_array_equal(run(scene(), folder / "enc.pt"), run(scene(), folder))

    def test_are_remembered_with_their_whole_path(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        assert FENParams(weights="here/weights").weights == tmp_path / "here" / "weights"

    def test_that_changed_have_another_fingerprint(self, tmp_path):
        first = _fen_weights.find_weights(write_states(tmp_path, 6))[0].fingerprint
        assert _fen_weights.find_weights(write_states(tmp_path, 6))[0].fingerprint == first
        assert _fen_weights.find_weights(write_states(tmp_path, 6, seed=1))[0].fingerprint != first

    def test_are_asked_for(self):
        with pytest.raises(ParamError, match="FEN needs weights") as caught:
            fen(scene(), FENParams(), Context())
        assert caught.value.field == "weights"

    def test_that_are_missing(self, tmp_path):
        with pytest.raises(ReadError, match="does not exist"):
            run(scene(), tmp_path / "none")
        with pytest.raises(ReadError, match="has no weights of FEN"):
            run(scene(), tmp_path)


class TestPrograms:
    def test_do_not_run_before_they_are_allowed(self, tmp_path, monkeypatch):
        folder = write_programs(tmp_path / "6bands", 6)
        monkeypatch.setattr(torch.jit, "load", lambda *_, **__: pytest.fail("a program was loaded"))
        digests = [consent.fingerprint((folder / name).read_bytes()) for name in _fen_weights.PROGRAMS]
        with pytest.raises(consent.ConsentNeeded) as caught:
            run(scene(), folder)
        assert [program.fingerprint for program in caught.value.programs] == digests
        assert all(digest in caught.value.message for digest in digests)
        assert f"hadviewer trust {folder}" in caught.value.hint
        consent.allow(caught.value.programs[:1])
        with pytest.raises(consent.ConsentNeeded) as caught:
            run(scene(), folder)
        assert digests[0] not in caught.value.message

    def test_give_what_the_state_dicts_give(self, tmp_path):
        states, programs = write_states(tmp_path / "a", 6), write_programs(tmp_path / "6bands", 6)
        allow(programs)
        np.testing.assert_allclose(run(scene(), programs), run(scene(), states), rtol=1e-5, atol=1e-5)

    def test_that_changed_are_asked_about_again(self, tmp_path):
        folder = write_programs(tmp_path / "6bands", 6)
        allow(folder)
        write_programs(folder, 6, seed=1)
        with pytest.raises(DetectorError, match="programs that may do anything"):
            run(scene(), folder)

    def test_tell_their_bands_by_their_weights_where_the_folder_does_not(self, tmp_path):
        folder = write_programs(tmp_path / "mine", 6)
        allow(folder)
        assert run(scene(bands=8), folder).shape[2] == 6
        with pytest.raises(DetectorError, match="need 6 bands; the scene has 4"):
            run(scene(bands=4), folder)

    def test_that_look_at_the_whole_scene_are_not_run_in_tiles(self, tmp_path):
        folder = write_programs(tmp_path / "6bands", 6, scene_wide=True)
        allow(folder)
        network = _fen_weights.load_network(_fen_weights.find_weights(folder)[0], "cpu")
        assert np.isfinite(enhance(scene(30, 40), network, Context(), tile=100)).all()
        with pytest.raises(DetectorError, match="look at the whole scene at once"):
            enhance(scene(30, 40), network, Context(), tile=20)


class TestPublishedWeights:
    @pytest.fixture
    def ferd(self, data_dir):
        folder = data_dir / "weights" / "ferd"
        if not folder.is_dir():
            pytest.skip("the published weights of FEN are not here")
        return folder

    @pytest.mark.parametrize(
        ("name", "detector", "area"),
        [
            ("abu-airport-1", "grx", 0.9489),
            ("abu-airport-1", "slrx", 0.9653),
            ("abu-airport-2", "grx", 0.9871),
            ("abu-urban-2", "grx", 0.9906),
        ],
    )
    def test_figures_of_the_reference_program(self, scenes, ferd, name, detector, area):
        opened = hadviewer.open(scenes / f"{name}.mat")
        steps = [("fen", {"weights": str(ferd / "200bands-aviris")})]
        result = hadviewer.detect(opened.cube, detector, transforms=steps)
        assert auc(result.scores, opened.truth.mask) == pytest.approx(area, abs=0.0005)

    def test_of_a_parent_folder_suit_a_scene_of_102_bands(self, scenes, ferd):
        opened = hadviewer.open(scenes / "pavia-crop.mat")
        result = hadviewer.detect(opened.cube, "grx", transforms=[("fen", {"weights": str(ferd)})])
        assert auc(result.scores, opened.truth.mask) == pytest.approx(0.9978, abs=0.0005)
        assert any("100bands use most of the 102 bands" in note for note in result.notes)
