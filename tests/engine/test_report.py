"""The report is one page that tells everything, holds its pictures, trusts no name, and is read by everyone."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from hadviewer.analysis.objects import Cleaning
from hadviewer.core import runs as runs_of
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.errors import WriteError
from hadviewer.core.results import DetectionRequest, DetectionResult, TransformStep
from hadviewer.engine import catalog
from hadviewer.engine.report import Reported, reported_of, write_report
from hadviewer.engine.report_objects import MOST_OBJECTS
from hadviewer.engine.review import Mark
from hadviewer.engine.session import Session
from hadviewer.io.sources import ArraySource

VOID = {"meta", "img"}
WRITTEN = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Reader(HTMLParser):
    """Checks that every element is closed, that names are given once, and that who sees no picture is told of it."""

    def __init__(self):
        super().__init__()
        self.open, self.sources, self.names, self.links, self.headers = [], [], [], [], 0

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.look_at(tag, dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self.look_at(tag, dict(attrs))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def look_at(self, tag, attrs):
        if tag == "img":
            assert attrs["alt"]
        if tag == "svg":
            assert attrs["aria-label"]
        if tag == "th":
            assert attrs["scope"] in ("col", "row")
        if "id" in attrs:
            self.names.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs["href"])
        elif "src" in attrs or "href" in attrs:
            self.sources.append(attrs.get("src") or attrs["href"])


@pytest.fixture
def cube():
    values = np.random.default_rng(0).random((20, 30, 6), np.float32)
    return Cube(ArraySource(values), BandSet(6, centres=np.linspace(450, 900, 6)), name="field <1>")


@pytest.fixture
def result():
    scores = np.random.default_rng(1).random((20, 30), np.float32)
    scores[4, 5] = np.nan
    scores[10, 12] = 5
    return DetectionResult(
        DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.25, notes=("Careful & slow",)
    )


@pytest.fixture
def truth(result):
    return Truth(np.nan_to_num(result.scores) > 0.99, "mask")


def page(tmp_path, cube, results, truth=None):
    text = write_report(tmp_path / "report.html", cube, results, truth, written=WRITTEN).read_text(encoding="utf-8")
    read = Reader()
    read.feed(text)
    read.close()
    assert read.open == []
    assert len(set(read.names)) == len(read.names)
    assert {link.removeprefix("#") for link in read.links} <= set(read.names)
    assert all(source.startswith("data:image/png;base64,") for source in read.sources), "nothing from elsewhere"
    assert "<script" not in text
    return text


def test_everything_is_told(tmp_path, cube, result, truth):
    mark = Mark(1, "good", "roof <b>", (10, 12), runs_of.of_pixels([(10, 12)]))
    text = page(tmp_path, cube, [Reported("GRX", result, threshold=0.98, rule="percentile=2", marks=(mark,))], truth)
    assert "2026-11-21 09:30" in text
    assert "field &lt;1&gt;" in text
    assert "450 to 900 nm" in text
    assert "Careful &amp; slow" in text
    assert "Global RX (grx)" in text
    assert "Highest scores, Share of the pixels (%) 2" in text
    assert "Log AUC" in text
    assert text.count("<polyline") == 2
    assert 'class="good">good' in text
    assert "roof &lt;b&gt;" in text
    assert "<td>hit</td>" in text
    assert "Spectra of object" in text
    assert "&quot;detector&quot;: &quot;grx&quot;" in text
    assert text.count("<img") == 2


def test_results_with_masks_are_compared(tmp_path, cube, result):
    other = replace(result, scores=result.scores[::-1].copy(), valid=result.valid[::-1].copy())
    both = [Reported("One", result, threshold=0.98), Reported("Other", other, threshold=0.97)]
    text = page(tmp_path, cube, both)
    assert "One and Other" in text
    assert "Jaccard" in text
    assert "1 of 2" in text
    assert "Agreement" not in page(tmp_path, cube, [both[0], replace(both[1], threshold=None)])


def test_without_results_truth_or_threshold_it_is_a_page_still(tmp_path, cube, result):
    assert page(tmp_path, cube, []).count("<img") == 1
    text = page(tmp_path, cube, [Reported("GRX", result)])
    assert text.count("<img") == 2
    assert "objects</h3>" not in re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert "0 objects</h3>" in page(tmp_path, cube, [Reported("GRX", result, threshold=99.0)])


def test_what_a_plug_in_computed_is_reported_without_it(tmp_path, cube, result):
    steps = (TransformStep(id="unit", params={"tails": 0.5}), TransformStep(id="lost", params={"width": 2}))
    request = DetectionRequest(detector="gone", params={"radius": 3}, transforms=steps)
    text = page(tmp_path, cube, [Reported("Gone", replace(result, request=request), threshold=4.0)])
    assert '<th scope="row">Detector</th><td>gone</td>' in text
    assert '<th scope="row">radius</th><td>3</td>' in text
    assert f"{catalog.transforms().get('unit').title} (unit): " in text
    assert "<td>lost: width 2</td>" in text
    assert "1 object</h3>" in text


def test_of_very_many_objects_the_strongest_are_listed(tmp_path, cube, result, monkeypatch):
    monkeypatch.setattr("hadviewer.engine.report_objects.MOST_OBJECTS", 5)
    text = page(tmp_path, cube, [Reported("GRX", result, threshold=0.9)])
    assert "The 5 with the highest scores" in text
    assert text.count("<td>pending</td>") == 5
    assert MOST_OBJECTS == 200


def test_a_scene_without_values_and_a_truth_and_a_result_of_another_shape(tmp_path, result):
    empty = Cube(ArraySource(np.full((20, 30, 1), np.nan, np.float32)), BandSet(1))
    page(tmp_path, empty, [Reported("GRX", result, threshold=4.0)], Truth(np.ones((2, 2), bool)))
    small = Cube(ArraySource(np.ones((4, 5, 3), np.float32)), BandSet(3))
    page(tmp_path, small, [Reported("GRX", result, threshold=4.0)] * 2, Truth(np.ones((4, 5), bool)))


def test_a_session_is_reported_as_it_looks(cube, result):
    session = Session()
    session.open(Scene(cube))
    entry = session.add_result(result, "GRX")
    plain = session.add_result(result, "Without")
    session.update_layer(session.state.layers[0].id, colormap="viridis", scale="log")
    session.set_threshold(entry.id, 0.5, "mean_sigma=3", cleaning=Cleaning(2))
    session.reviews.become("Mark", (), [Mark(entry.id, "bad", "", (0, 0), runs_of.of_pixels([(0, 0)]))])
    first, second = reported_of(session.state)
    assert (first.threshold, first.rule, first.cleaning) == (0.5, "mean_sigma=3", Cleaning(2))
    assert (first.colormap, first.scale, len(first.marks)) == ("viridis", "log", 1)
    assert (second.title, second.colour, second.threshold) == ("Without", plain.colour, None)


def test_it_is_not_written_over_the_cube(tmp_path, cube):
    path = tmp_path / "field.html"
    path.write_text("cube")
    with pytest.raises(WriteError):
        write_report(path, replace(cube, path=path), [])
    assert path.read_text() == "cube"
