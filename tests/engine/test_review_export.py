"""Reviewed objects in files: every object with its state and note."""

import csv
import json
from pathlib import Path

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
from affine import Affine
from rasterio.features import rasterize

from hadviewer.analysis.objects import UNCLEANED
from hadviewer.core import runs as runs_of
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.review import Mark
from hadviewer.engine.review_export import export_review, object_writers
from hadviewer.io.sources import ArraySource

GEO = Georeference((500_000.0, 2.0, 0.0, 4_000_000.0, 0.0, -2.0), crs="EPSG:32611", units="m")
MARKS = (Mark(1, "good", "roof, “red”", (2, 3), runs_of.of_pixels([(2, 3)])),)


@pytest.fixture
def result():
    scores = np.zeros((8, 9), np.float32)
    scores[2, 3], scores[5, 6:8] = 9, 5
    return DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)


def cube(geo=GEO):
    return Cube(ArraySource(np.zeros((8, 9, 3), np.float32)), BandSet(3), name="field", geo=geo)


def written(path: Path, result, scene):
    return export_review(path, result, 3.0, UNCLEANED, scene, MARKS)


def test_a_table_tells_state_and_note_of_every_object(tmp_path, result):
    (path,) = written(tmp_path / "found.csv", result, cube())
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    assert [(row["n_pixels"], row["state"], row["note"]) for row in rows] == [
        ("1", "good", "roof, “red”"),
        ("2", "pending", ""),
    ]


def test_geojson_has_them_as_properties(tmp_path, result):
    (path,) = written(tmp_path / "found.geojson", result, cube())
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    assert [feature["properties"]["state"] for feature in features] == ["good", "pending"]


def test_every_offered_format_is_written_with_and_without_a_map(tmp_path, result):
    for name, scene in (("map", cube()), ("plain", cube(None))):
        for spec in object_writers(scene):
            paths = written(tmp_path / f"{name}_{spec.id}{spec.extension}", result, scene)
            assert paths
            assert all(path.is_file() for path in paths)
    assert not any(spec.needs_crs for spec in object_writers(cube(None)))


def test_an_ending_that_a_format_adds_is_not_added_twice(tmp_path, result):
    for name in ("found.geojson", "found_pixels.geojson"):
        (path,) = written(tmp_path / name, result, cube(None))
        assert path.name == "found_pixels.geojson"


def test_another_ending_is_refused_in_words(tmp_path, result):
    for name in ("found.xyz", "found"):
        with pytest.raises(WriteError, match="not written as"):
            written(tmp_path / name, result, cube())


@pytest.mark.parametrize("name", ["found.geojson", "found.gpkg"])
def test_other_programs_find_each_object_on_its_pixels(tmp_path, result, name):
    (path, *_) = written(tmp_path / name, result, cube())
    meta, _, shapes, columns = pyogrio.raw.read(path)
    told = dict(zip(meta["fields"], columns, strict=True))
    to_scene = pyproj.Transformer.from_crs(meta["crs"], GEO.crs, always_xy=True).transform
    outlines = [shapely.transform(shapely.from_wkb(one), to_scene, interleaved=False) for one in shapes]
    x0, dx, _, y0, _, dy = GEO.affine
    found = rasterize(zip(outlines, told["id"], strict=True), (8, 9), transform=Affine(dx, 0, x0, 0, dy, y0))
    assert found[2, 3] == 1
    assert found[5, 6:8].tolist() == [2, 2]
    assert np.count_nonzero(found) == 3
    assert told["state"].tolist() == ["good", "pending"]
    assert told["note"].tolist() == ["roof, “red”", ""]
