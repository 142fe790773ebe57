"""Files of regions from strangers: read, or refused in a sentence; no other error, no endless work, no file touched."""

import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hadviewer.core.errors import ReadError, WriteError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation, Location
from hadviewer.core.region import Patch, Points, Polygon, Region
from hadviewer.io.coordinates import can_be_placed
from hadviewer.io.regions import _limits, envi_text
from hadviewer.io.regions.files import holds_regions, read_regions, write_regions
from tests.io import fuzzing

SHAPE = (40, 30)
GEO = Georeference((5e5, 2.0, 0.3, 4.1e6, 0.3, -2.0), "EPSG:32611", "UTM 11 N", "m")
ROWS, COLS = np.indices(SHAPE) + 0.5
ARRAYS = Geolocation(ArrayCoordinates(np.stack((8 + COLS / 1000, 47 - ROWS / 1000), axis=-1)))
SECONDS, MOST_MEMORY = 2.0, 2**27
PLACES: list[Location | None] = [None, GEO, ARRAYS]
many = settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def attempt(path: Path, geo: Location | None) -> None:
    """Read a file; what it says is checked, and nothing but ReadError may stop it."""
    refused = ""
    holds_regions(path)
    tracemalloc.start()
    started = time.process_time()
    try:
        for region in read_regions(path, SHAPE, geo):
            mask = region.mask(SHAPE)
            assert mask.any()
            assert region.name.isprintable()
            assert len(region.colour) == 7
    except ReadError as error:
        refused = error.message
    finally:
        seconds, memory = time.process_time() - started, tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert "\n" not in refused
    assert seconds < SECONDS
    assert memory < MOST_MEMORY


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8", errors="surrogatepass")
    return path


numbers = st.one_of(
    st.floats(), st.integers(), st.integers(-200, 200), st.sampled_from([10**400, -(10**30), 1e308, 179.99999, 90]),
)  # fmt: skip
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=12,
)
position = st.one_of(st.lists(numbers, min_size=2, max_size=3), anything)
ring = st.lists(position, max_size=6)
geometry = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["Polygon", "MultiPolygon", "Point", "MultiPoint", "LineString", "GeometryCollection", "", None]
        ),
        "coordinates": st.one_of(
            st.lists(ring, max_size=3), st.lists(st.lists(ring, max_size=2), max_size=2), ring, anything
        ),
        "geometries": anything,
    }
)
feature = st.fixed_dictionaries(
    {
        "type": st.just("Feature"),
        "geometry": st.one_of(geometry, anything),
        "properties": st.one_of(
            st.fixed_dictionaries({"name": anything, "color": anything, "coordinates": st.sampled_from(["pixel", 1])}),
            anything,
        ),
    }
)
collections = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["FeatureCollection", "Feature", 3]),
        "features": st.one_of(st.lists(st.one_of(feature, anything), max_size=4), anything),
        "geometry": geometry,
        "coordinates": st.sampled_from(["pixel", None]),
        "crs": st.one_of(
            st.none(),
            anything,
            st.text(max_size=30).map(lambda name: {"properties": {"name": name}}),
            st.sampled_from(["EPSG:32611", "EPSG:3857", "urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:0", "+proj=x"]).map(
                lambda name: {"properties": {"name": name}}
            ),
        ),
    }
)


@given(collections, st.sampled_from(range(len(PLACES))))
@many
def test_geojson_of_any_shape(tmp_path_factory: Any, whole: Any, place: int) -> None:
    content = json.dumps(whole)
    attempt(text(tmp_path_factory.getbasetemp() / "a.geojson", content), PLACES[place])


@pytest.mark.parametrize(
    "content",
    [
        '{"Feature' + "[" * 200_000,
        '{"type": "FeatureCollection", "features": ' + "[" * 3000 + "]" * 3000 + "}",
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [' + "9" * 5000 + ", 1]}}",
        '{"type": "Feature", "geometry": {"type": "Point", "coordinates": [NaN, Infinity]}}',
        '{"type": "FeatureCollection", "features": [' + ",".join(["{}"] * 20_000) + "]}",
        '{"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [['
        + ",".join(f"[{side * 1000}, {number % 2 * 40}]" for number in range(20_000) for side in (0, 1)) + "]]},"
        '"properties": {"coordinates": "pixel"}}',
    ],
    ids=["open brackets", "nested", "digits", "nan", "many", "zigzag"],
)  # fmt: skip
def test_geojson_made_to_exhaust(tmp_path: Path, content: str) -> None:
    for geo in PLACES:
        attempt(text(tmp_path / "a.geojson", content), geo)


words = st.text(alphabet=st.characters(codec="utf-8"), max_size=30)
coordinates = st.one_of(st.lists(numbers, max_size=12).map(lambda values: " ".join(map(str, values))), words)


@given(
    st.lists(
        st.tuples(words, words, st.sampled_from(["none", "", "PROJCS[", "EPSG:32611", 'GEOGCS["x"]']), coordinates),
        max_size=3,
    ),
    st.sampled_from(["Polygon", "Pixel", "Line", "Point"]),
    st.sampled_from(range(len(PLACES))),
)
@many
def test_xml_of_any_content(tmp_path_factory: Any, regions: list[Any], kind: str, place: int) -> None:
    from xml.sax.saxutils import escape, quoteattr

    inner = "".join(
        f"<Region name={quoteattr(name)} color={quoteattr(colour)}><GeometryDef><CoordSysStr>{system}</CoordSysStr>"
        f"<{kind}><Exterior><LinearRing><Coordinates>{escape(corners)}</Coordinates></LinearRing></Exterior></{kind}>"
        "</GeometryDef></Region>"
        for name, colour, system, corners in regions
    )
    content = f"<RegionsOfInterest>{inner}</RegionsOfInterest>"
    attempt(text(tmp_path_factory.getbasetemp() / "a.xml", content), PLACES[place])


@pytest.mark.parametrize(
    "content",
    [
        "<RegionsOfInterest>" + "<Region>" * 100_000,
        '<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;&a;">]><RegionsOfInterest>&c;</RegionsOfInterest>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><RegionsOfInterest>&a;</RegionsOfInterest>',
        "<RegionsOfInterest>" + "<Region/>" * 200_000 + "</RegionsOfInterest>",
        '<?xml version="1.0" encoding="UTF-16"?><RegionsOfInterest/>',
        "<RegionsOfInterest>&#0;</RegionsOfInterest>",
    ],
)
def test_xml_made_to_exhaust_or_to_spy(tmp_path: Path, content: str) -> None:
    attempt(text(tmp_path / "a.xml", content), GEO)


lines = st.one_of(
    words.map(lambda word: f"; ROI name: {word}"),
    st.sampled_from(["; ROI npts: 2", "; ROI npts: 99999999999", "; ROI npts: -1", "; ROI npts: \N{SUPERSCRIPT TWO}"]),
    st.sampled_from(["; ROI rgb value: {1, 2, 3}", "; File Dimension: 30 x 40", "; ID X Y Map X Map Y", "; Y X"]),
    st.lists(numbers, max_size=7).map(lambda values: " ".join(map(str, values))),
    st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda place: f"1 {place[0]} {place[1]}"),
    words,
)


@given(st.lists(lines, max_size=12), st.sampled_from(range(len(PLACES))))
@example(["; ROI name: a", "; ROI npts: 1", "1 999999999 999999999"], 0)
@many
def test_ascii_of_any_lines(tmp_path_factory: Any, content: list[str], place: int) -> None:
    path = text(tmp_path_factory.getbasetemp() / "a.txt", "\n".join([envi_text.HEAD, *content]))
    attempt(path, PLACES[place])


def written(folder: Path) -> list[Path]:
    """One file of each format, of what regions can be."""
    patch = Patch(np.array([[1, 2, 9], [2, 2, 3], [2, 6, 9]], np.int32))
    hole = Polygon((((5.0, 5.0), (5.0, 20.0), (20.0, 20.0)), ((8.0, 12.0), (8.0, 14.0), (10.0, 14.0))))
    regions = [Region(1, "Fläche", "#ff0000", parts=(patch, hole)), Region(2, "P", parts=(Points(((3, 4), (7, 8))),))]
    files = [
        write_regions(folder / name, regions, SHAPE, geo)
        for name, geo in (("a.geojson", GEO), ("b.geojson", None), ("c.xml", GEO), ("d.xml", None))
    ]
    return [*files, envi_text.write(folder / "e.txt", regions, SHAPE, GEO)]


@given(st.integers(0, 4), st.integers(0, 2**32 - 1), st.sampled_from(range(len(PLACES))))
@many
def test_damaged_files_are_read_or_refused(tmp_path_factory: Any, number: int, seed: int, place: int) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = written(folder)[number]
    path.write_bytes(fuzzing.damaged(path.read_bytes(), np.random.default_rng(seed)))
    attempt(path, PLACES[place])


@pytest.mark.parametrize(
    "system",
    [
        "+proj=longlat +nadgrids={}",
        "+proj=longlat +datum=WGS84 +geoidgrids=x,{}",
        "+init={}:4326",
        'BOUNDCRS[PARAMETERFILE["x","{}"]]',
    ],
)
def test_a_coordinate_system_opens_no_file(tmp_path: Path, system: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("<4326> +proj=longlat no_defs <>")
    crs = system.format(secret)
    assert not can_be_placed(Georeference(GEO.affine, crs))
    whole = {
        "type": "Feature",
        "crs": {"properties": {"name": crs}},
        "geometry": {"type": "Point", "coordinates": [1, 2]},
    }
    with pytest.raises(ReadError, match="coordinate system of the regions is unknown"):
        read_regions(text(tmp_path / "a.geojson", json.dumps(whole)), SHAPE, GEO)


@pytest.mark.parametrize("name", ["a.geojson", "a.xml", "a.txt"])
def test_more_regions_than_can_be_opened_are_not_written(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(count: int) -> Path:
        regions = [Region(number, f"R{number}", parts=(Points(((1, 2),)),)) for number in range(count)]
        if name.endswith(".txt"):
            return envi_text.write(tmp_path / name, regions, SHAPE, None)
        return write_regions(tmp_path / name, regions, SHAPE, None)

    with pytest.raises(WriteError, match=r"10,001 regions, and a file of regions holds at most 10,000") as caught:
        write(10_001)
    assert "GeoPackage" in caught.value.hint
    assert not any(tmp_path.iterdir())
    path = write(51)
    monkeypatch.setattr(_limits, "MOST_REGIONS", 50)
    with pytest.raises(ReadError, match="51 regions, and at most 50 can be opened"):
        read_regions(path, SHAPE)
