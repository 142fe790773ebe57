"""The report is one page that tells everything, holds its pictures, and trusts no name."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from hadviewer.core import runs as runs_of
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Truth
from hadviewer.core.errors import WriteError
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.report import MOST_OBJECTS, Reported, write_report
from hadviewer.engine.review import Mark
from hadviewer.io.sources import ArraySource

VOID = {"meta", "img"}


class Balance(HTMLParser):
    """Counts that every element is closed, and collects what pictures and links point to."""

    def __init__(self):
        super().__init__()
        self.open, self.sources = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def cube():
    values = np.random.default_rng(0).random((20, 30, 6), np.float32)
    return Cube(ArraySource(values), BandSet(6, centres=np.linspace(450, 900, 6)), name="field <1>")


@pytest.fixture
def result():
    scores = np.random.default_rng(1).random((20, 30), np.float32)
    scores[4, 5] = np.nan
    scores[10, 12] = 5
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.25, ("Careful & slow",))


@pytest.fixture
def truth(result):
    return Truth(np.nan_to_num(result.scores) > 0.99, "mask")


def page(tmp_path, cube, results, truth=None):
    text = write_report(tmp_path / "report.html", cube, results, truth).read_text(encoding="utf-8")
    read = Balance()
    read.feed(text)
    read.close()
    assert read.open == []
    assert all(source.startswith("data:image/png;base64,") for source in read.sources), "nothing from elsewhere"
    return text


def test_everything_is_told(tmp_path, cube, result, truth):
    mark = Mark(1, "good", "roof <b>", (10, 12), runs_of.of_pixels([(10, 12)]))
    text = page(tmp_path, cube, [Reported("GRX", result, threshold=0.98, rule="value", marks=(mark,))], truth)
    assert "field &lt;1&gt;" in text
    assert "450 to 900 nm" in text
    assert "Careful &amp; slow" in text
    assert "AUC" in text
    assert "<polyline" in text
    assert 'class="good">good' in text
    assert "roof &lt;b&gt;" in text
    assert "&quot;detector&quot;: &quot;grx&quot;" in text
    assert text.count("<img") == 3
    assert "<script" not in text


def test_without_results_truth_or_threshold_it_is_a_page_still(tmp_path, cube, result):
    assert page(tmp_path, cube, []).count("<img") == 1
    text = page(tmp_path, cube, [Reported("GRX", result)])
    assert text.count("<img") == 2
    assert "objects" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)


def test_of_very_many_objects_the_strongest_are_listed(tmp_path, cube, result, monkeypatch):
    monkeypatch.setattr("hadviewer.engine.report.MOST_OBJECTS", 5)
    text = page(tmp_path, cube, [Reported("GRX", result, threshold=0.9)])
    assert "The 5 with the highest scores" in text
    assert text.count(">pending<") == 5
    assert MOST_OBJECTS == 200


def test_a_scene_without_values_and_truth_of_another_shape(tmp_path, result):
    empty = Cube(ArraySource(np.full((20, 30, 1), np.nan, np.float32)), BandSet(1))
    page(tmp_path, empty, [Reported("GRX", result, threshold=9.0)], Truth(np.ones((2, 2), bool)))


def test_it_is_not_written_over_the_cube(tmp_path, cube):
    path = tmp_path / "field.html"
    path.write_text("cube")
    with pytest.raises(WriteError):
        write_report(path, replace(cube, path=path), [])
    assert path.read_text() == "cube"
