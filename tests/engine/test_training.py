"""Training of FEN on folders of cubes: going on equals never having stopped, and what cannot be used is told of."""

import csv
import json

import numpy as np
import pytest
import torch
from PIL import Image

import hadviewer
from hadviewer.core.context import Context, SilentReporter
from hadviewer.core.errors import Cancelled, DetectorError, ParamError, ReadError
from hadviewer.engine import training
from hadviewer.engine.training import CHECKPOINT, PICTURE, RECORD, TABLE, TrainingRequest, train_fen
from hadviewer.transforms import _fen_trainer
from hadviewer.transforms._fen_training import TrainingParams
from tests.transforms.fen_weights import write_programs, write_states

WEIGHTS = ("convh.pt", "enc.pt", "pc.pt")


def cube(seed, rows=16, cols=32, bands=5):
    spectra = np.random.default_rng(seed).gamma(4, 100, (2, bands))
    share = np.random.default_rng(seed + 50).random((rows, cols, 1))
    return (share * spectra[0] + (1 - share) * spectra[1]).astype(np.float32)


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads that wait for each other on a busy machine take ten times as long for networks as small as these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def folder(tmp_path):
    """Two cubes with five patches in all."""
    place = tmp_path / "background"
    place.mkdir()
    np.save(place / "a.npy", cube(0))
    np.save(place / "b.npy", cube(1, 16, 40, 7))
    return place


def request(folder, out, epochs=2, **options):
    params = TrainingParams(bands=5, patch=16, batch=2, width=2, epochs=epochs, **options.pop("params", {}))
    return TrainingRequest(**{"folder": folder, "out": out, "params": params, "teacher": "random", **options})


class Stopping(SilentReporter):
    """Asks the run to stop after some steps of training; keeps what it hears."""

    def __init__(self, steps=10**9):
        self.left, self.fractions, self.curves, self.pictures = steps, [], {}, []

    def progress(self, fraction, message, values):
        self.fractions.append(fraction)
        self.left -= message.startswith("Epoch")

    def curve(self, name, x, y):
        self.curves.setdefault(name, []).append((x, y))

    def picture(self, name, step, array):
        self.pictures.append((name, step, array.shape))

    def context(self):
        return Context(reporter=self, cancelled=lambda: self.left <= 0)


def same_files(first, second):
    return all((first / name).read_bytes() == (second / name).read_bytes() for name in (*WEIGHTS, TABLE))


class TestTraining:
    def test_writes_weights_table_picture_and_record(self, folder, tmp_path):
        out, watching = tmp_path / "out", Stopping()
        result = train_fen(request(folder, out, seed=3), watching.context())
        assert {path.name for path in result.files} == {*WEIGHTS, TABLE, PICTURE, RECORD, CHECKPOINT}
        assert all(path.is_file() for path in result.files)
        assert {path.name for path in out.iterdir()} == {path.name for path in result.files}
        rows = list(csv.DictReader((out / TABLE).read_text().splitlines()))
        assert [row["epoch"] for row in rows] == ["1", "2"]
        parts = [float(rows[0][name]) for name in ("distillation", "reconstruction", "alignment")]
        assert float(rows[0]["loss"]) == pytest.approx(np.dot(parts, (1, 0.1, 0.1)), rel=1e-6)
        assert result.losses == pytest.approx([float(row["loss"]) for row in rows], rel=1e-6)
        with Image.open(out / PICTURE) as picture:
            assert picture.size == (960, 600)
        record = json.loads((out / RECORD).read_text())
        assert (record["bands"], record["seed"], record["teacher"]) == (5, 3, "random")
        assert record["cubes"] == ["a.npy", "b.npy"]
        assert (record["sensor"], record["wavelengths"]) == ("", None)
        assert result.patches == 5
        assert watching.fractions == sorted(watching.fractions)
        assert watching.fractions[-1] == 1
        assert [x for x, _ in watching.curves["loss"]] == [1, 2, 3, 4, 5, 6]
        both = [(name, step, (16, 16, 3)) for step in (3, 6) for name in ("Background", "Reconstruction")]
        assert watching.pictures == both

    def test_learns(self, folder, tmp_path):
        losses = train_fen(request(folder, tmp_path / "out", epochs=12), Context()).losses
        assert losses[-1] < 0.8 * losses[0]

    def test_the_same_seed_gives_the_same_weights(self, folder, tmp_path):
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            train_fen(request(folder, tmp_path / name, epochs=1, seed=seed), Context())
        assert same_files(tmp_path / "a", tmp_path / "b")
        assert not same_files(tmp_path / "a", tmp_path / "c")


class TestGoingOn:
    def test_for_more_epochs_is_like_one_training(self, folder, tmp_path):
        train_fen(request(folder, tmp_path / "whole", epochs=4), Context())
        train_fen(request(folder, tmp_path / "parts", epochs=2), Context())
        train_fen(request(folder, tmp_path / "parts", epochs=4, resume=True), Context())
        assert same_files(tmp_path / "whole", tmp_path / "parts")

    @pytest.mark.parametrize("steps", [1, 2, 5])
    def test_after_a_stop_at_any_step_is_like_one_training(self, folder, tmp_path, steps):
        train_fen(request(folder, tmp_path / "whole"), Context())
        with pytest.raises(Cancelled):
            train_fen(request(folder, tmp_path / "parts"), Stopping(steps).context())
        assert (tmp_path / "parts" / CHECKPOINT).is_file()
        assert not (tmp_path / "parts" / "pc.pt").exists()
        train_fen(request(folder, tmp_path / "parts", resume=True), Context())
        assert same_files(tmp_path / "whole", tmp_path / "parts")

    def test_checkpoints_are_written_on_the_way(self, folder, tmp_path, monkeypatch):
        monkeypatch.setattr(_fen_trainer, "SAVE_SECONDS", -1.0)
        saved = []
        monkeypatch.setattr(_fen_trainer.Training, "save", lambda self, path: saved.append((self.epoch, self.step)))
        train_fen(request(folder, tmp_path / "out"), Context())
        assert saved == [(0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 0)]

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"seed": 7}, "seed differ"),
            ({"params": {"rate": 0.1}}, "rate differ"),
            ({"data": True}, "data and teacher differ"),
        ],
    )
    def test_with_something_else_is_refused(self, folder, tmp_path, change, named):
        train_fen(request(folder, tmp_path / "out", epochs=1), Context())
        if change.pop("data", False):
            np.save(folder / "c.npy", cube(2))
        with pytest.raises(ReadError, match=f"of another training: {named}"):
            train_fen(request(folder, tmp_path / "out", resume=True, **change), Context())

    def test_has_to_be_said(self, folder, tmp_path):
        with pytest.raises(ReadError, match="to go on from"):
            train_fen(request(folder, tmp_path / "out", resume=True), Context())
        train_fen(request(folder, tmp_path / "out", epochs=1), Context())
        with pytest.raises(ParamError, match="holds a training already"):
            train_fen(request(folder, tmp_path / "out"), Context())

    def test_from_a_damaged_checkpoint_is_refused(self, folder, tmp_path):
        train_fen(request(folder, tmp_path / "out", epochs=1), Context())
        place = tmp_path / "out" / CHECKPOINT
        whole = torch.load(place, weights_only=True)
        moments = {**whole["optimizer"]["state"][0], "exp_avg": torch.zeros(2)}
        damaged = [
            {**whole, "epoch": "x"},
            {**whole, "epoch": 9},
            {**whole, "epoch": 1, "step": 40},
            {**whole, "step": -1},
            {**whole, "trained": {}},
            {**whole, "optimizer": {"state": {0: moments}}},
            {name: value for name, value in whole.items() if name != "history"},
            {"format": 99},
            [1],
        ]
        for content in damaged:
            torch.save(content, place)
            with pytest.raises(ReadError):
                train_fen(request(folder, tmp_path / "out", resume=True), Context())
        place.write_bytes(b"junk")
        with pytest.raises(ReadError, match="damaged"):
            train_fen(request(folder, tmp_path / "out", resume=True), Context())


def write_envi(path, values, wavelengths, sensor="Simulated"):
    rows, cols, bands = values.shape
    path.with_suffix(".img").write_bytes(values.astype("<f4").tobytes())
    path.with_suffix(".hdr").write_text(
        f"ENVI\nsamples = {cols}\nlines = {rows}\nbands = {bands}\ndata type = 4\ninterleave = bip\nbyte order = 0\n"
        f"sensor type = {sensor}\nwavelength units = Nanometers\nwavelength = {{{', '.join(map(str, wavelengths))}}}\n"
    )


class TestBandsOfTheWeights:
    """What a training knows of its bands meets the scene that the weights are used on."""

    def detect(self, tmp_path, first):
        write_envi(tmp_path / "scene", cube(5, bands=5), first + 50 * np.arange(5))
        scene = hadviewer.open(tmp_path / "scene.hdr").cube
        return " ".join(hadviewer.detect(scene, "grx", transforms=[("fen", {"weights": str(tmp_path / "out")})]).notes)

    def test_are_held_against_the_scene(self, tmp_path):
        (tmp_path / "cubes").mkdir()
        for name in ("a", "b"):
            write_envi(tmp_path / "cubes" / name, cube(0, bands=6), 400 + 50 * np.arange(6))
        train_fen(request(tmp_path / "cubes", tmp_path / "out", epochs=1), Context())
        assert "trained on Simulated, 400-600 nm; the scene has the same bands" in self.detect(tmp_path, 410)
        assert "band 1 of those used lies at 500 nm, that of the weights at 400 nm" in self.detect(tmp_path, 500)

    def test_that_differ_among_the_cubes_are_told_of(self, tmp_path):
        (tmp_path / "cubes").mkdir()
        for name, first in (("a", 400), ("b", 1000)):
            write_envi(tmp_path / "cubes" / name, cube(0, bands=5), first + 50 * np.arange(5))
        result = train_fen(request(tmp_path / "cubes", tmp_path / "out", epochs=1), Context())
        assert "b.hdr has other wavelengths than a.hdr." in " ".join(result.notes)
        assert "not told beside them" in self.detect(tmp_path, 400)


class TestBackground:
    def test_of_more_cubes_than_may_be_open(self, folder, tmp_path, monkeypatch):
        train_fen(request(folder, tmp_path / "a", epochs=1), Context())
        monkeypatch.setattr(training, "OPEN_CUBES", 1)
        train_fen(request(folder, tmp_path / "b", epochs=1), Context())
        assert same_files(tmp_path / "a", tmp_path / "b")

    def test_that_does_not_fit_is_left_out_and_told_of(self, folder, tmp_path):
        np.save(folder / "few.npy", cube(2, bands=4))
        np.save(folder / "small.npy", cube(2, rows=15))
        (folder / "readme.txt").write_text("not a cube")
        holed = cube(3, 16, 16)
        holed[8, 8] = np.nan
        np.save(folder / "holed.npy", holed)
        notes = " ".join(train_fen(request(folder, tmp_path / "out", epochs=1), Context()).notes)
        assert "few.npy has 4 usable bands, fewer than 5. It is left out." in notes
        assert "small.npy is 15 × 32, smaller than a patch. It is left out." in notes
        assert "holed.npy has no patch without holes. It is left out." in notes
        assert "5 patches from 2 cubes." in notes

    def test_patches_with_holes_are_not_used(self, folder, tmp_path):
        holed = cube(3, 16, 48)
        holed[3, 20] = np.nan
        np.save(folder / "holed.npy", holed)
        assert train_fen(request(folder, tmp_path / "out", epochs=1), Context()).patches == 7

    def test_that_is_missing_is_refused(self, tmp_path):
        (tmp_path / "empty").mkdir()
        with pytest.raises(ReadError, match="has no cube of at least 5 bands and 16 × 16 pixels"):
            train_fen(request(tmp_path / "empty", tmp_path / "out"), Context())
        with pytest.raises(ReadError, match="is no folder"):
            train_fen(request(tmp_path / "none", tmp_path / "out"), Context())


class TestTeacher:
    def test_that_is_missing_is_named_with_its_place(self, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("TORCH_HOME", str(tmp_path))
        params = TrainingParams(bands=5, patch=16)
        with pytest.raises(ReadError, match=r"put wide_resnet101_2-32ee1156\.pth .* into .*checkpoints"):
            train_fen(TrainingRequest(folder, tmp_path / "out", params), Context())
        with pytest.raises(ReadError, match=r"none\.pth cannot be read"):
            train_fen(TrainingRequest(folder, tmp_path / "out", params, teacher=str(tmp_path / "none.pth")), Context())

    def test_that_learned_something_needs_the_full_width(self, folder, tmp_path):
        with pytest.raises(ParamError, match="width of 64 only"):
            train_fen(request(folder, tmp_path / "out", teacher=None), Context())


def test_a_loss_that_is_no_number_stops_the_training(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(_fen_trainer.Training, "_step", lambda self, batch: ([float("nan")] * 3, batch[0]))
    with pytest.raises(DetectorError, match="no longer a number"):
        train_fen(request(folder, tmp_path / "out"), Context())


def test_networks_in_a_folder_are_listed(tmp_path):
    write_states(tmp_path / "w" / "5bands", 5)
    write_programs(tmp_path / "w" / "6bands", 6)
    data, programs = training.look_at_weights(tmp_path / "w", Context())
    assert (data.title, data.form, data.bands, data.programs()) == ("w/5bands", "states", 5, ())
    assert (programs.title, programs.form, programs.bands) == ("w/6bands", "programs", 6)
    assert [item.path.name for item in programs.programs()] == ["cwl_script.pt", "rnl_script.pt", "fpl_script.pt"]
