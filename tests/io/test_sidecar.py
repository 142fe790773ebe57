"""What is kept beside a file: read back as it was, harmless whoever wrote it."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hadviewer.core.corrections import Corrections
from hadviewer.core.errors import HadviewerError, ReadError, WriteError
from hadviewer.io import sidecar
from hadviewer.io.sidecar import Remembered

SAID = Remembered({"order": "bsq"}, Corrections(wavelengths=(400.0, 500.5), nodata=-9999, name="field"), (0, 5))


@pytest.fixture
def file(tmp_path):
    (tmp_path / "scene.mat").write_bytes(b"x")
    return tmp_path / "scene.mat"


def test_what_is_said_comes_back(file):
    place = sidecar.remember(file, "data", SAID)
    assert place.name == "scene.mat.hadviewer.json"
    assert sidecar.recall(file, "data") == SAID
    assert sidecar.recall(file, "other") == Remembered()


def test_it_is_readable_and_bands_are_numbered_from_one(file):
    said = json.loads(sidecar.remember(file, "data", SAID).read_text())["cubes"]["data"]
    assert said["bad_bands"] == [1, 6]
    assert said["nodata"] == -9999
    assert "scale" not in said


def test_other_cubes_of_the_file_keep_theirs(file):
    sidecar.remember(file, "data", SAID)
    sidecar.remember(file, "more", Remembered({"order": "bil"}))
    assert sidecar.recall(file, "data") == SAID


def test_nothing_to_remember_leaves_no_file(file):
    place = sidecar.remember(file, "data", SAID)
    sidecar.remember(file, "data", Remembered())
    assert not place.exists()
    sidecar.remember(file, "data", Remembered())


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"format": "hadviewer metadata", "version": 2, "cubes": {}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": []}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": 3}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"name": "../../out"}}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"scale": 1e999}}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"path": "/etc/passwd"}}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"options": {"order": ["bsq"]}}}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"bad_bands": ["1"]}}}',
        b'{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"bad_bands": [true]}}}',
        b" " * (sidecar.MAX_BYTES + 1),
    ],
)
def test_damaged_ones_are_refused_in_a_sentence_and_not_overwritten(file, text):
    place = sidecar.place_of(file)
    place.write_bytes(text)
    with pytest.raises(ReadError) as caught:
        sidecar.recall(file, "data")
    assert place.name in str(caught.value)
    if not text.startswith(b'{"format": "hadviewer metadata", "version": 1, "cubes": {"'):
        with pytest.raises(HadviewerError):
            sidecar.remember(file, "data", SAID)
        assert place.read_bytes() == text


@given(
    st.dictionaries(
        st.sampled_from(
            ["name", "scale", "nodata", "wavelengths", "fwhm", "wavelength_unit", "options", "bad_bands", "x"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
            max_leaves=8,
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_is_written_there_is_understood_or_refused(file, said):
    text = json.dumps({"format": sidecar.FORMAT, "version": sidecar.VERSION, "cubes": {"data": said}})
    sidecar.place_of(file).write_text(text)
    with suppress(ReadError):
        assert not set(sidecar.recall(file, "data").corrections.name or "x") & set("/\\")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file.txt").write_text("no folder")
    with pytest.raises(WriteError):
        sidecar.remember(tmp_path / "file.txt" / "scene.mat", "data", SAID)
