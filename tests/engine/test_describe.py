"""What is told about a scene is complete, right and ready for JSON."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Origin, Scale, Scene, Truth
from hadviewer.core.geo import Georeference
from hadviewer.engine.describe import compact_numbers, describe_scene, json_safe
from hadviewer.io.sources import ArraySource


@pytest.fixture
def full(tmp_path):
    usable = np.array([0, 1, 1, 1, 0, 0], bool)
    bands = BandSet(6, np.linspace(400, 900, 6), np.full(6, 10.0), tuple("abcdef"), usable, "guessed nm")
    cube = Cube(
        ArraySource(np.zeros((3, 4, 6), np.int16), "bip"),
        bands,
        name="field",
        path=tmp_path / "field.hdr",
        origin=Origin(tmp_path / "field.hdr", "field.dat", "envi"),
        scale=Scale(1e-4, np.arange(6.0), "reflectance scale factor"),
        nodata=-9999.0,
        geo=Georeference((100.0, 0.0, 2.0, 200.0, 3.0, 0.0), "EPSG:32611", "UTM 11 N", "m"),
        quantity="Reflectance",
        default_bands=(3, 2, 1),
        meta={"sensor": "X", "list": np.arange(2), "odd": float("nan")},
        notes=("Repaired.",),
    )
    mask = np.zeros((3, 4), bool)
    mask[1, 1:] = True
    return Scene(cube, Truth(mask, "map", tmp_path / "t.mat", ("Transposed.",)))


def test_everything_is_told(full, tmp_path):
    found = describe_scene(full)
    assert found["shape"] == [3, 4, 6]
    assert (found["dtype"], found["interleave"], found["bytes"]) == ("int16", "bip", 144)
    assert (found["name"], found["entry"], found["reader"]) == ("field", "field.dat", "envi")
    assert found["path"] == str(tmp_path / "field.hdr")
    assert found["wavelengths"] == {
        "unit": "nm",
        "first": 400,
        "last": 900,
        "mean_spacing": 100,
        "mean_fwhm": 10,
        "centres": [400, 500, 600, 700, 800, 900],
        "fwhm": [10] * 6,
    }
    assert found["bad_bands"] == [1, 5, 6]
    assert found["default_bands"] == [4, 3, 2]
    assert found["scale"] == {"gain": 1e-4, "offset": [0, 1, 2, 3, 4, 5], "found": "reflectance scale factor"}
    assert found["georeference"]["corner"] == [100, 200]
    assert found["georeference"]["pixel"] == [3, 2]
    assert found["truth"]["pixels"] == 3
    assert found["truth"]["share"] == 0.25
    assert found["meta"] == {"sensor": "X", "list": [0, 1], "odd": None}
    assert found["notes"] == ["guessed nm", "Repaired."]


def test_what_is_not_known_is_none():
    found = describe_scene(Scene(Cube(ArraySource(np.zeros((2, 3, 1), np.float32)), BandSet(1))))
    for name in ("path", "entry", "reader", "wavelengths", "band_names", "nodata", "scale", "georeference", "truth"):
        assert found[name] is None
    assert found["bad_bands"] == found["notes"] == []


def test_it_is_json(full):
    assert json.loads(json.dumps(describe_scene(full), allow_nan=False)) == describe_scene(full)


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(max_size=5),
    st.builds(np.float32, st.floats(width=32)),
    st.builds(np.array, st.lists(st.floats(), max_size=4)),
)


@given(
    st.recursive(
        LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner) | st.tuples(inner)
    )
)
def test_anything_becomes_json(value):
    plain = json_safe(value)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


@given(st.sets(st.integers(1, 60)))
def test_numbers_written_shortly_mean_the_same(numbers):
    text = compact_numbers(sorted(numbers))
    read = set()
    for part in filter(None, text.split(", ")):
        first, _, last = part.partition("-")
        read |= set(range(int(first), int(last or first) + 1))
    assert read == numbers
