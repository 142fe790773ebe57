"""A scene that memory cannot take is refused before it is read."""

import re

import numpy as np
import pytest

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.errors import DetectorError
from hadviewer.engine import memory


class Untouchable:
    """A source of 40 GB that must not be read."""

    shape, dtype = (100_000, 500, 200), np.dtype(np.float32)

    def read(self, window, bands, step=1):
        raise AssertionError("it was read")


def test_too_large_a_scene_is_refused_with_the_number_of_lines_that_fit(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 8 * 2**30)
    with pytest.raises(DetectorError) as refusal:
        hadviewer.detect(Cube(Untouchable(), BandSet(200)), "grx", transforms=["unit"])
    lines = int(re.search(r"at most (\d+) lines", str(refusal.value))[1])
    assert "111.8 GiB are needed, 7.2 GiB are free" in str(refusal.value)
    memory.require((lines, 500, 200), 3, "This")
    with pytest.raises(DetectorError):
        memory.require((lines + 1, 500, 200), 3, "This")


def test_a_detector_says_how_much_it_holds(monkeypatch):
    """What fits one detector is too much for another that keeps many arrays."""
    monkeypatch.setattr(memory, "free_bytes", lambda: 40 * 22 * 27 * 9)
    cube = np.random.default_rng(0).normal(size=(22, 27, 9)).astype(np.float32)
    assert hadviewer.detect(cube, "krx", samples=100).scores.shape == (22, 27)
    with pytest.raises(DetectorError, match="holds the whole scene in memory"):
        hadviewer.detect(cube, "pta")


def test_a_fusion_needs_what_its_detectors_need(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 8 * 2**30)
    with pytest.raises(DetectorError, match="Attribute and edge-preserving filters holds the whole scene in memory"):
        hadviewer.detect(Cube(Untouchable(), BandSet(200)), "fusion", detectors="grx,aed")
    with pytest.raises(AssertionError, match="it was read"):
        hadviewer.detect(Cube(Untouchable(), BandSet(200)), "fusion", detectors="grx,ssrx")


def test_a_scene_that_fits_is_not_refused(monkeypatch):
    monkeypatch.setattr(memory, "free_bytes", lambda: 2**20)
    memory.require((100, 100, 10), 2, "This")


def test_this_machine_has_some_memory_free():
    assert memory.free_bytes() > 2**20
