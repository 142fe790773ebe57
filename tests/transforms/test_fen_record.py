"""Weights of FEN that tell their bands: a scene with others is told of, one that cannot be compared too."""

import json

import numpy as np
import pytest

from hadviewer.core.context import Context
from hadviewer.transforms._fen_record import RECORD, TrainedOn, common, trained_on
from hadviewer.transforms.fen import FENParams, fen
from tests.transforms.fen_weights import write_states

KNOWN = np.array([400.0, 500.0, 600.0, 700.0])


@pytest.fixture
def weights(tmp_path):
    """A folder of weights for four bands with its record."""
    write_states(tmp_path, 4)
    record = {"sensor": "AVIRIS", "wavelengths": KNOWN.tolist()}
    (tmp_path / RECORD).write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def remark(folder, wavelengths, bands=4):
    context = Context()
    context.wavelengths = wavelengths
    cube = np.random.default_rng(0).random((6, 7, bands)).astype(np.float32)
    fen(cube, FENParams(weights=folder), context)
    return context.remarks[-1]


def test_a_scene_with_the_same_bands(weights):
    assert remark(weights, KNOWN + 20) == "They were trained on AVIRIS, 400-700 nm; the scene has the same bands."


def test_of_a_scene_with_more_bands_the_first_count(weights):
    assert "has the same bands" in remark(weights, np.append(KNOWN, 800.0), bands=5)


def test_a_scene_with_other_bands(weights):
    shifted = KNOWN + np.array([0, 0, 120, 90])
    assert "band 3 of those used lies at 720 nm, that of the weights at 600 nm" in remark(weights, shifted)


def test_a_scene_without_wavelengths(weights):
    assert "the scene's wavelengths are not known" in remark(weights, None)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"sensor": "x"}',
        "[" * 100_000,
        '{"sensor": "x", "wavelengths": [[1], 2]}',
        '{"wavelengths": "a"}',
    ],
)
def test_a_record_that_is_not_understood_tells_nothing(weights, content):
    (weights / RECORD).write_text(content, encoding="utf-8")
    assert str(trained_on(weights, 4)) == ""
    assert "not told beside them" in remark(weights, KNOWN)


@pytest.mark.parametrize("listed", [None, [1.0, 2.0], [1.0, 2.0, 3.0, float("nan")]])
def test_wavelengths_of_other_bands_do_not_count(weights, listed):
    (weights / RECORD).write_text(json.dumps({"sensor": "AVIRIS", "wavelengths": listed}), encoding="utf-8")
    assert str(trained_on(weights, 4)) == "AVIRIS"
    assert "trained on AVIRIS; for which wavelengths they are is not told" in remark(weights, KNOWN)


class TestCubesOfATraining:
    def test_of_one_sensor(self):
        found, other = common([TrainedOn("AVIRIS", KNOWN), TrainedOn("AVIRIS", KNOWN + 1)])
        assert (str(found), other) == ("AVIRIS, 400-700 nm", None)

    def test_of_two_sensors(self):
        found, other = common([TrainedOn("AVIRIS", KNOWN), TrainedOn("AVIRIS", KNOWN), TrainedOn("HYDICE", KNOWN * 2)])
        assert (str(found), other) == ("", 2)

    def test_some_without_wavelengths(self):
        assert common([TrainedOn("AVIRIS", KNOWN), TrainedOn("AVIRIS")])[0].wavelengths is None
        assert common([TrainedOn("AVIRIS"), TrainedOn("AVIRIS", KNOWN)])[0].wavelengths is None
