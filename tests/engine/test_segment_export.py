"""Superpixels in files: what a spreadsheet and a geographic information system find in them."""

import csv

import numpy as np
import pytest

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.segment_export import export_segments
from hadviewer.engine.session import ResultEntry, Segmentation
from hadviewer.io.sources import ArraySource

LABELS = np.array([[0, 0, 1], [-1, 2, 1]], dtype=np.int32)


@pytest.fixture
def cube():
    geo = Georeference((500000.0, 2.0, 0.0, 4000000.0, 0.0, -2.0), crs="EPSG:32633")
    return Cube(
        ArraySource(np.ones((2, 3, 2), np.float32)), BandSet(2, centres=np.array([450.0, 550])), "plain", geo=geo
    )


@pytest.fixture
def found():
    means = np.array([[0.1, 0.2], [0.3, np.nan], [0.5, 0.6]], np.float32)
    return Segmentation(LABELS, means, {"number": 3})


@pytest.fixture
def entry():
    scores = np.array([[1, 3, 5], [np.nan, np.nan, 9]], np.float32)
    return ResultEntry(1, "GRX", DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1))


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def test_the_table_has_size_place_scores_and_mean_spectrum(cube, found, entry, tmp_path):
    (path,) = export_segments(tmp_path / "parts.csv", cube, found, entry)
    table = rows(path)
    assert [row["superpixel"] for row in table] == ["1", "2", "3"]
    assert [row["pixels"] for row in table] == ["2", "2", "1"]
    assert (table[1]["line"], table[1]["sample"]) == ("0.5", "2.0")
    assert [row["mean_score"] for row in table] == ["2", "7", ""]
    assert [row["highest_score"] for row in table] == ["3", "9", ""]
    assert [row["Band 2 (550.0 nm)"] for row in table] == ["0.200000003", "", "0.600000024"]
    head = path.read_text(encoding="utf-8")
    assert "scores of GRX" in head
    assert '"number": 3' in head


def test_without_a_result_the_table_has_no_scores(cube, found, tmp_path):
    (path,) = export_segments(tmp_path / "parts.CSV", cube, found)
    assert "mean_score" not in rows(path)[0]


@pytest.mark.parametrize("ending", [".hdr", ".tif", ".npy"])
def test_the_map_has_the_numbers_of_the_table_and_0_for_none(cube, found, tmp_path, ending):
    written = export_segments(tmp_path / f"parts{ending}", cube, found)
    if ending == ".npy":
        numbers = np.load(written[0])
    else:
        again = hadviewer.open(written[0]).cube
        assert again.geo is not None
        assert again.geo.affine == pytest.approx(cube.geo.affine)
        assert again.nodata == 0
        numbers = again.source.read(again.window, slice(None))[:, :, 0]
    np.testing.assert_array_equal(numbers, LABELS + 1)
    assert numbers.dtype == np.int32


def test_another_ending_is_refused_with_those_there_are(cube, found, tmp_path):
    with pytest.raises(WriteError, match=r"parts\.png") as caught:
        export_segments(tmp_path / "parts.png", cube, found)
    assert all(ending in caught.value.hint for ending in (".csv", ".hdr", ".tif", ".npy"))
