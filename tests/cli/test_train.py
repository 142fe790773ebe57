"""hadviewer train and hadviewer trust, from cubes to weights to a score map."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch

from hadviewer.io import consent
from tests.cli.conftest import REPOSITORY
from tests.transforms.fen_weights import write_programs, write_states

QUICK = ("--teacher", "random", "-p", "patch=16", "-p", "batch=2", "-p", "width=2")


@pytest.fixture(autouse=True)
def one_thread():
    """Two threads that wait for each other on a busy machine take ten times as long for networks as small as these."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(consent, "_place", lambda: tmp_path / "settings" / consent.FILE)


@pytest.fixture
def folder(tmp_path):
    """Two tiny cubes of background."""
    place = tmp_path / "background"
    place.mkdir()
    for number in range(2):
        values = np.random.default_rng(number).gamma(4, 100, (16, 32, 8)).astype(np.float32)
        np.save(place / f"{number}.npy", values)
    return place


class TestTrain:
    def test_makes_weights_with_which_detect_works(self, shell, folder, scene, tmp_path):
        out = tmp_path / "weights"
        assert shell("train", "fen", folder, "--bands", 6, "--out", out, *QUICK, "-p", "epochs=2") == 0, shell.err
        assert f"-t fen:weights={out}" in shell.out
        assert "Epoch 1 of 2  loss " in shell.err
        assert "Note: 4 patches from 2 cubes." in shell.err
        assert (out / "training.csv").read_text().count("\n") == 3
        report = shell.json("detect", scene, "-d", "grx", "-t", f"fen:weights={out}", "--entry", "data")
        assert any("for 6 bands: the last 2 of the scene's 8 are cut off" in note for note in report["notes"])
        assert report["transforms"][0]["params"] == {"weights": str(out)}

    def test_goes_on_where_it_is_told_to(self, shell, folder, tmp_path):
        first = ("train", "fen", folder, "--bands", "6", *QUICK)
        assert shell(*first, "--out", tmp_path / "a", "-p", "epochs=1") == 0
        assert "holds a training already" in shell.refuses(2, *first, "--out", tmp_path / "a", "-p", "epochs=2")
        facts = shell.json(*first, "--out", tmp_path / "a", "-p", "epochs=2", "--resume")
        assert "Epoch 2 of 2  loss " in shell.err
        assert "Cubes  loss" not in shell.err
        assert len(facts["losses"]) == 2
        assert (facts["patches"], facts["device"]) == (4, "cpu")
        assert str(tmp_path / "a" / "pc.pt") in facts["outputs"]
        assert shell(*first, "--out", tmp_path / "b", "-p", "epochs=2") == 0
        assert (tmp_path / "a" / "pc.pt").read_bytes() == (tmp_path / "b" / "pc.pt").read_bytes()

    @pytest.mark.parametrize(
        ("arguments", "code", "sentence"),
        [
            (("--bands", "6", "-p", "epochs=0"), 2, "epochs: "),
            (("--bands", "6", "-p", "speed=1"), 2, "There is no parameter 'speed'"),
            (("--bands", "0"), 2, "not a whole number from 1"),
            ((), 2, "--bands"),
            (("--bands", "99"), 3, "has no cube of at least 99 bands"),
            (("--bands", "6", "--device", "abacus"), 2, "There is no device"),
            (("--bands", "6", "--teacher", "nowhere.pth", "-p", "width=64"), 3, "nowhere.pth cannot be read"),
            (("--bands", "6", "--resume"), 3, "to go on from"),
        ],
    )
    def test_what_is_wrong_is_said_at_once(self, shell, folder, tmp_path, arguments, code, sentence):
        given = ("--teacher", "random", "-p", "width=2") if "width=64" not in arguments else ()
        said = shell.refuses(code, "train", "fen", folder, "--out", tmp_path / "out", *given, *arguments)
        assert sentence in said

    def test_a_file_that_is_no_teacher_is_refused_as_one(self, shell, folder, tmp_path):
        torch.save({"conv1.weight": torch.zeros(3)}, tmp_path / "other.pth")
        given = ("--bands", "6", "--teacher", tmp_path / "other.pth", "--out", tmp_path / "out")
        said = shell.refuses(3, "train", "fen", folder, *given)
        assert said.endswith("lacks layer1.0.conv1.weight. A teacher is torchvision's Wide-ResNet-101-2.")

    def test_another_network_cannot_be_trained(self, shell, folder, tmp_path):
        assert "fen" in shell.refuses(2, "train", "gan", folder, "--bands", "6", "--out", tmp_path)

    @pytest.mark.skipif(os.name == "nt", reason="sends SIGINT")
    def test_ctrl_c_leaves_a_checkpoint_to_go_on_from(self, folder, tmp_path):
        out = tmp_path / "out"
        command = [sys.executable, "-m", "hadviewer", "train", "fen", str(folder), "--bands", "6", "--out", str(out)]
        command += [*QUICK, "-p", "epochs=100000"]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY, env=environment) as process:
            first = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=60)[1]
        assert first.startswith("Epoch 1 of 100000  loss ")
        assert process.returncode == 130
        assert "--resume goes on with it" in rest
        assert "Traceback" not in rest
        assert torch.load(out / "checkpoint.pt", weights_only=True)["epoch"] >= 1


class TestTrust:
    def test_lets_programs_run(self, shell, scene, tmp_path):
        weights = write_programs(tmp_path / "w" / "6bands", 6)
        detect = ("detect", scene, "-d", "grx", "-t", f"fen:weights={weights}", "--entry", "data")
        sentence = shell.refuses(4, *detect)
        assert f"type: hadviewer trust {weights}" in sentence
        assert shell("trust", weights) == 0
        digest = consent.fingerprint((weights / "cwl_script.pt").read_bytes())
        assert digest in shell.out
        assert digest in sentence
        assert shell(*detect) == 0, shell.err
        facts = shell.json("trust", tmp_path / "w", "--withdraw")
        assert facts["allowed"] is False
        assert facts["programs"][0]["sha256"] == digest
        shell.refuses(4, *detect)

    def test_is_refused_for_what_needs_none(self, shell, tmp_path):
        assert "needs no permission" in shell.refuses(3, "trust", write_states(tmp_path / "w", 6))
        assert "does not exist" in shell.refuses(3, "trust", tmp_path / "none")

    def test_no_recipe_brings_consent_along(self, shell, scene, tmp_path):
        weights = write_programs(tmp_path / "w" / "6bands", 6)
        assert shell("trust", weights) == 0
        step = f"fen:weights={weights}"
        assert shell("detect", scene, "-d", "grx", "-t", step, "--entry", "data", "--out", tmp_path / "r") == 0
        recipe = tmp_path / "r" / "recipe.json"
        assert json.loads(recipe.read_text())["request"]["transforms"][0]["params"] == {"weights": str(weights)}
        assert shell("detect", "--recipe", recipe) == 0, shell.err
        assert shell("trust", weights, "--withdraw") == 0
        assert "hadviewer trust" in shell.refuses(4, "detect", "--recipe", recipe)
