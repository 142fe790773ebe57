"""Session files: everything of a session comes back equal and is found where it moved to."""

import json
import os
import zipfile
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.errors import ReadError
from hadviewer.engine import session_file, verbs
from hadviewer.engine.session import Session, SessionState
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_cubes import MissingCubeError
from hadviewer.engine.session_file import (
    CORE,
    SavedSession,
    is_session,
    open_folder,
    open_session,
    save_folder,
    save_session,
)
from hadviewer.engine.views import Look
from hadviewer.io.writers.envi import write_envi_cube
from tests.engine.session_samples import COLS, ROWS, VIEWING, Memory, assert_equal, round_trip, sample_fields, scores


def test_every_field_of_the_state_and_of_all_in_it_is_stored() -> None:
    """Whatever is added to the state, to a layer, a pin or anything below them is here by itself."""
    arrays = Memory()
    codec = session_file.codec(arrays, session_file.CubeFiles(Path.cwd()))
    state = sample_fields(SessionState)
    text = json.dumps(codec.encode(state), allow_nan=False)
    assert_equal(state, codec.decode(SessionState, json.loads(text), "state"), "state")


def test_what_is_known_of_a_cube_comes_back_with_its_file() -> None:
    """Of a cube its origin with what the user said of it and its bad bands are stored, all else comes from the file."""
    from_file = {"source", "path", "origin", "scale", "nodata", "geo", "quantity", "unit", "default_bands", "meta"}
    assert {part.name for part in fields(Cube)} == {*from_file, "bands", "name", "header", "notes", "guessed"}
    assert {part.name for part in fields(BandSet)} == {
        "count", "centres", "fwhm", "names", "usable", "assumed", "given", "unit",
    }  # fmt: skip


def test_a_session_comes_back_equal(full: SessionState, tmp_path: Path) -> None:
    assert_equal(full, round_trip(full, tmp_path), "state")


def test_marked_bands_come_back_with_what_the_file_says(full: SessionState, tmp_path: Path) -> None:
    assert full.scene is not None
    usable = np.array([True, False, True, True, False])
    cube = replace(full.scene.cube, bands=full.scene.cube.bands.with_usable(usable))
    again = round_trip(replace(full, scene=Scene(cube, full.scene.truth)), tmp_path).scene
    assert again is not None
    assert again.cube.bands.mask.tolist() == usable.tolist()
    assert again.cube.bands.given is not None
    assert again.cube.bands.given.all()


def test_a_cube_without_a_file_is_stored_whole(tmp_path: Path) -> None:
    session = Session()
    session.open(Scene(verbs.as_cube(scores(0).reshape(ROWS, COLS, 1), "made")))
    assert_equal(session.state, round_trip(session.state, tmp_path), "state")


def test_a_cube_in_a_view_and_the_scene_is_opened_once(full: SessionState, tmp_path: Path) -> None:
    assert full.scene is not None
    look = Look(full.display, full.layers, full.scene.cube)
    state = round_trip(replace(full, views=replace(full.views, looks=(look, look))), tmp_path)
    assert state.scene is not None
    assert all(state.scene.cube.same_pixels(look.cube) for look in state.views.looks)


def test_equal_arrays_are_written_once_and_shared(full: SessionState, tmp_path: Path) -> None:
    again = round_trip(full, tmp_path)
    assert again.results[0].result.scores is again.results[1].result.scores
    with zipfile.ZipFile(tmp_path / "work.hadsession") as archive:
        names = archive.namelist()
    assert names[0] == CORE
    assert len(names) == len(set(names))


def test_a_session_that_comes_back_goes_on(full: SessionState, tmp_path: Path) -> None:
    """New results get numbers of their own; the past before it was saved is over."""
    session = Session()
    session.restore(round_trip(full, tmp_path))
    assert session.undo_label == ""
    result = full.results[0].result
    entry = session.add_result(result, "more")
    assert len({item.id for item in (*session.state.results, *session.state.layers)}) == 3 + len(session.state.layers)
    session.undo()
    assert session.entry(entry.id) is None


def test_cube_and_session_moved_together_are_found(full: SessionState, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "data").rename(tmp_path / "old" / "data")
    session = Session()
    session.open(verbs.open_scene(tmp_path / "old" / "data" / "field.hdr"))
    save_session(tmp_path / "old" / "work.hadsession", session.state, VIEWING, ArrayNames())
    (tmp_path / "old").rename(tmp_path / "new")
    state = open_session(tmp_path / "new" / "work.hadsession").state
    assert state.scene is not None
    assert state.scene.cube.origin is not None
    assert state.scene.cube.origin.path == tmp_path / "new" / "data" / "field.hdr"


def test_a_cube_right_beside_the_session_is_found(full: SessionState, tmp_path: Path) -> None:
    save_session(tmp_path / "work.hadsession", full, VIEWING, ArrayNames())
    for file in (tmp_path / "data").iterdir():
        file.rename(tmp_path / file.name)
    assert open_session(tmp_path / "work.hadsession").state.scene is not None


def test_a_cube_that_is_gone_is_asked_for(full: SessionState, header: Path, tmp_path: Path) -> None:
    path = tmp_path / "work.hadsession"
    save_session(path, full, VIEWING, ArrayNames())
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    with pytest.raises(MissingCubeError, match=r"field\.hdr is neither beside the session nor at") as caught:
        open_session(path)
    assert caught.value.missing == header
    state = open_session(path, {header: tmp_path / "elsewhere" / "field.hdr"}).state
    assert_equal(state.results, full.results, "results")


def test_another_cube_in_its_place_is_refused(full: SessionState, header: Path, tmp_path: Path) -> None:
    save_session(tmp_path / "work.hadsession", full, VIEWING, ArrayNames())
    write_envi_cube(header, np.zeros((3, 4, 5), np.float32), BandSet(5))
    with pytest.raises(ReadError, match="is not the cube of this session: it was 6 × 7 × 5 and is 3 × 4 × 5 now"):
        open_session(tmp_path / "work.hadsession")


def test_a_save_that_fails_leaves_the_file_as_it_was(
    full: SessionState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "work.hadsession"
    save_session(path, full, VIEWING, ArrayNames())
    before = path.read_bytes()

    def fail(self: Any, array: Any) -> str:
        raise RuntimeError("power")

    monkeypatch.setattr(session_file.ZipWriter, "put", fail)
    with pytest.raises(RuntimeError):
        save_session(path, full, VIEWING, ArrayNames())
    assert path.read_bytes() == before
    assert sorted(item.name for item in tmp_path.iterdir()) == ["data", "work.hadsession"]


def test_what_a_killed_save_left_is_swept_up_later(full: SessionState, tmp_path: Path) -> None:
    old, new = tmp_path / ".0-0a0b0c0d.hadsession", tmp_path / ".0-0a0b0c0e.hadsession"
    for place in (old, new):
        place.write_bytes(b"half")
    os.utime(old, (1, 1))
    save_session(tmp_path / "work.hadsession", full, VIEWING, ArrayNames())
    assert not old.exists()
    assert new.exists(), "another program may be writing it"


def test_a_folder_keeps_arrays_that_are_there(full: SessionState, tmp_path: Path) -> None:
    folder, names = tmp_path / "recovery", ArrayNames()
    save_folder(folder, SavedSession(full, VIEWING, tmp_path / "work.hadsession"), names)
    written = {place: place.stat().st_mtime_ns for place in (folder / "arrays").iterdir()}
    fewer = replace(full, segmentation=None, pins=tuple(pin for pin in full.pins if pin.kind == "pixel"))
    save_folder(folder, SavedSession(fewer, VIEWING), names)
    left = {place: place.stat().st_mtime_ns for place in (folder / "arrays").iterdir()}
    assert left.items() < written.items()
    assert_equal(fewer, open_folder(folder).state, "state")


def test_sessions_are_told_by_content_and_name(full: SessionState, tmp_path: Path) -> None:
    save_session(tmp_path / "work.zip", full, VIEWING, ArrayNames())
    (tmp_path / "other.zip").write_bytes(b"PK\x03\x04" + bytes(60))
    (tmp_path / "broken.hadsession").write_bytes(b"?")
    told = {name: is_session(tmp_path / name) for name in ("work.zip", "other.zip", "broken.hadsession", "none")}
    assert told == {"work.zip": True, "other.zip": False, "broken.hadsession": True, "none": False}
