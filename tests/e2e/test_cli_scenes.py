"""The benchmark scenes open as they are, and hadviewer detect gives the published figures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]

# (lines, samples, bands), truth pixels, area under the ROC curve of global RX with all bands, as published and
# measured again with other programs.
SCENES = {
    "abu-airport-1": ([100, 100, 205], 144, 0.8221),
    "abu-airport-2": ([100, 100, 205], 87, 0.8404),
    "abu-airport-4": ([100, 100, 191], 60, 0.9526),
    "abu-beach-1": ([150, 150, 188], 19, 0.9807),
    "abu-urban-1": ([100, 100, 204], 67, 0.9907),
    "abu-urban-2": ([100, 100, 207], 155, 0.9946),
    "abu-urban-3": ([100, 100, 191], 52, 0.9513),
    "hydice-17": ([80, 100, 162], 17, 0.9932),
    "hydice-19": ([100, 80, 162], 19, 0.9763),
    "pavia-crop": ([100, 100, 102], 68, 0.9887),
    "sandiego-134": ([100, 100, 189], 134, 0.9403),
    "sandiego-58": ([100, 100, 189], 58, 0.8885),
}


def hadviewer(*arguments):
    """What the program prints with --json."""
    command = [sys.executable, "-m", "hadviewer", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_scene_is_in_the_table(scenes):
    assert {path.stem for path in scenes.glob("*.mat")} == set(SCENES)


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_opens_with_its_truth(scenes, name):
    shape, truth, _ = SCENES[name]
    found = hadviewer("info", scenes / f"{name}.mat")
    assert found["shape"] == shape
    assert found["truth"]["pixels"] == truth


@pytest.mark.parametrize("name", SCENES)
def test_global_rx_has_the_published_figure(scenes, name):
    found = hadviewer("detect", scenes / f"{name}.mat", "-d", "grx")
    assert found["evaluation"]["auc_pd_pf"] == pytest.approx(SCENES[name][2], abs=1e-4)
    assert found["shape"] == SCENES[name][0][:2]
    assert found["invalid_pixels"] == 0


def test_export_evaluate_and_recipe_agree_on_a_real_scene(scenes, tmp_path):
    scene = scenes / "hydice-17.mat"
    first = hadviewer("detect", scene, "-d", "grx", "--out", tmp_path / "first")
    header = next(path for path in first["outputs"] if path.endswith(".hdr"))
    figures = hadviewer("evaluate", header, "--truth", f"{scene}:{first['truth']}")["evaluation"]
    assert figures == first["evaluation"]
    hadviewer("detect", "--recipe", tmp_path / "first" / "recipe.json", "--out", tmp_path / "again")
    again = tmp_path / "again" / Path(header).with_suffix(".dat").name
    assert again.read_bytes() == Path(header).with_suffix(".dat").read_bytes()
