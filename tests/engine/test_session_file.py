"""Session files: everything of a session comes back equal, is found where it moved to; hostile files are refused."""

import dataclasses
import json
import os
import types
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from pydantic import BaseModel

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene, Truth
from hadviewer.core.errors import ReadError
from hadviewer.core.region import Patch, Points, Polygon
from hadviewer.core.results import DetectionRequest, DetectionResult, Selection, TransformStep
from hadviewer.engine import session_file, verbs
from hadviewer.engine.pins import Pin
from hadviewer.engine.session import Layer, Session, SessionState
from hadviewer.engine.session_arrays import ArrayNames, ZipReader, ZipWriter
from hadviewer.engine.session_codec import Codec
from hadviewer.engine.session_cubes import MissingCubeError
from hadviewer.engine.session_file import (
    CORE,
    SavedSession,
    Viewing,
    ViewPlace,
    is_session,
    open_folder,
    open_session,
    save_folder,
    save_session,
)
from hadviewer.engine.views import Look
from hadviewer.io.writers.envi import write_envi_cube

ROWS, COLS, BANDS = 6, 7, 5
NAMES = {"Layer": Layer, "DetectionResult": DetectionResult}
VIEWING = Viewing((ViewPlace(2.5, (3.25, 4.5)), ViewPlace(1.0, (0.0, 0.0), True)), (2, 3), ("layers", "roc"))


@pytest.fixture
def header(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    values = np.random.default_rng(0).random((ROWS, COLS, BANDS), np.float32)
    write_envi_cube(folder / "field.hdr", values, BandSet(BANDS, centres=np.linspace(450, 900, BANDS)))
    return folder / "field.hdr"


@pytest.fixture
def session(header: Path) -> Session:
    """A scene with some of everything."""
    session = Session()
    session.open(verbs.open_scene(header))
    return session


@pytest.fixture
def full(session: Session) -> SessionState:
    return filled(session)


def scores(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((ROWS, COLS), np.float32)


def filled(session: Session) -> SessionState:
    cube = session.cube
    assert cube is not None
    session.set_truth(Truth(scores(1) > 0.8, "drawn", notes=("by hand",)))
    request = DetectionRequest(
        detector="grx",
        params={"depth": 3, "range": (1.0, 2.0), "file": Path("a/b")},
        transforms=(TransformStep(id="pca", params={"count": 2}),),
        region=cube.window,
        inside=Selection(name="field", pixels="1-2:0-3"),
    )
    provenance = {"source": {"path": "x"}, "parts": [1, (2, 3)], "worst": float("nan"), "$odd": {1: "one"}}
    extras = {"map": scores(2), "names": np.array(["a", "bc"])}
    map_ = scores(3)
    map_[0, 0] = np.nan
    for title in ("Global", "Local"):
        result = DetectionResult(request, map_, np.isfinite(map_), 1.5, "cpu", ("a note",), extras, provenance)
        session.add_result(result, title)
    session.set_threshold(session.state.results[0].id, 0.7, "by hand")
    session.pins.add(1, 2)
    session.pins.keep([("mean", np.arange(BANDS, dtype=np.float32))], "mean")
    region = session.regions.add([Polygon((((0.0, 0.5), (3.0, 1.0), (2.0, 4.0)),)), Points(((1, 1), (5, 6)))], "meadow")
    session.regions.draw(region.id, Patch(np.array([[0, 1, 3], [2, 0, 7]], np.int32)))
    session.views.show(2)
    session.views.activate(1)
    return session.state


def round_trip(state: SessionState, folder: Path) -> SessionState:
    path = folder / "work.hadsession"
    save_session(path, state, VIEWING, ArrayNames())
    saved = open_session(path)
    assert saved.viewing == VIEWING
    assert saved.path is None or saved.path == path
    return saved.state


def assert_equal(left: Any, right: Any, where: str) -> None:
    """Equal in every field, also in those that classes do not compare."""
    assert type(left) is type(right), where
    if isinstance(left, Cube):
        assert (left.name, left.shape, left.origin) == (right.name, right.shape, right.origin), where
        np.testing.assert_array_equal(left.bands.mask, right.bands.mask)
        np.testing.assert_array_equal(left.values(), right.values())
    elif isinstance(left, np.ndarray):
        assert left.dtype == right.dtype, where
        np.testing.assert_array_equal(left, right, err_msg=where)
    elif is_dataclass(left):
        for part in fields(left):
            assert_equal(getattr(left, part.name), getattr(right, part.name), f"{where}.{part.name}")
    elif isinstance(left, BaseModel):
        assert_equal(left.model_dump(), right.model_dump(), where)
    elif isinstance(left, (tuple, list)):
        assert len(left) == len(right), where
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_equal(one, other, f"{where}[{number}]")
    elif isinstance(left, Mapping):
        assert left.keys() == right.keys(), where
        for name in left:
            assert_equal(left[name], right[name], f"{where}.{name}")
    else:
        assert left == right or left != left, where


class Memory:
    """Arrays kept in memory."""

    def __init__(self) -> None:
        self.kept: list[np.ndarray] = []

    def put(self, array: np.ndarray) -> str:
        self.kept.append(array)
        return str(len(self.kept) - 1)

    def get(self, name: str) -> np.ndarray:
        return self.kept[int(name)]


def sample(kind: Any) -> Any:
    """A value of a type that is no default of any field."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return ("any", [1], {"key": (2.5, None)})
    if origin in (Union, types.UnionType):
        return sample(next(item for item in arguments if item is not type(None)))
    if origin is Literal:
        return arguments[-1]
    if origin is tuple:
        return (sample(arguments[0]),) * 2 if arguments[-1] is Ellipsis else tuple(map(sample, arguments))
    if origin in (dict, Mapping):
        return {"key": sample(arguments[1])}
    if origin is np.ndarray:
        dtype = get_args(arguments[1])[0]
        return np.ones((3, 3), np.float64 if dtype is Any else dtype)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return DetectionRequest(detector="some", seed=7, params={"a": (1, 2)})
    plain = {bool: True, int: 41, float: 0.375, str: "said", Path: Path("some/where")}
    return plain[kind] if kind in plain else sample_fields(kind)


def sample_fields(kind: Any) -> Any:
    if kind.__name__ == "SpectralLibrary":
        waves = np.arange(3.0)
        return kind("lib", ("a", "b"), np.ones((2, 3), np.float32), waves, waves, "Reflectance", Path("l.sli"), ("n",))
    if kind is Cube:
        return verbs.as_cube(np.ones((2, 3, 4), np.float32), "made")
    hints = get_type_hints(kind, localns=NAMES)
    return kind(**{part.name: sample(hints[part.name]) for part in fields(kind)})


def test_every_field_of_the_state_and_of_all_in_it_is_stored() -> None:
    """Whatever is added to the state, to a layer, a pin or anything below them is here by itself."""
    arrays = Memory()
    codec = session_file.codec(arrays, session_file.CubeFiles(Path.cwd()))
    state = sample_fields(SessionState)
    text = json.dumps(codec.encode(state), allow_nan=False)
    assert_equal(state, codec.decode(SessionState, json.loads(text), "state"), "state")


def test_what_is_known_of_a_cube_comes_back_with_its_file() -> None:
    """Of a cube only its origin and its bad bands are stored: a new field must come from the file, or be stored too."""
    from_file = {"source", "path", "origin", "scale", "nodata", "geo", "quantity", "unit", "default_bands", "meta"}
    assert {part.name for part in fields(Cube)} == {*from_file, "bands", "name", "header", "notes"}
    assert {part.name for part in fields(BandSet)} == {
        "count", "centres", "fwhm", "names", "usable", "assumed", "given",
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


# Versions


def document(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(CORE))  # type: ignore[no-any-return]


def rewritten(source: Path, change: Callable[[dict[str, Any]], object], arrays: bool = True) -> Path:
    """The same session with another description."""
    told = document(source)
    change(told)
    target = source.with_name("changed.hadsession")
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(target, "w") as after:
        after.writestr(CORE, json.dumps(told))
        for name in before.namelist()[1:] if arrays else ():
            after.writestr(name, before.read(name))
    return target


@pytest.fixture
def saved(full: SessionState, tmp_path: Path) -> Path:
    save_session(tmp_path / "work.hadsession", full, VIEWING, ArrayNames())
    return tmp_path / "work.hadsession"


def test_a_newer_version_is_refused_in_one_sentence(saved: Path) -> None:
    path = rewritten(saved, lambda told: told.update(version=99))
    with pytest.raises(ReadError, match="saved by a newer version of this program"):
        open_session(path)


def test_an_older_version_is_brought_up_to_date(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def modernise(told: dict[str, Any]) -> dict[str, Any]:
        told["state"]["layers"] = told["state"].pop("maps")
        return told

    path = rewritten(saved, lambda told: told["state"].update(maps=told["state"].pop("layers")))
    monkeypatch.setattr(session_file, "VERSION", 2)
    monkeypatch.setattr(session_file, "MIGRATIONS", {1: modernise})
    assert len(open_session(path).state.layers) == 4


def test_a_field_that_a_file_does_not_have_yet_has_its_default(saved: Path) -> None:
    path = rewritten(saved, lambda told: [layer.pop("blend") for layer in told["state"]["layers"]])
    assert {layer.blend for layer in open_session(path).state.layers} == {"normal"}


# Hostile files


def layer(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["state"]["layers"][0].update(changes)


def cube(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda told: told["state"]["scene"]["cube"].update(changes)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(layer(opacity="much"), id="text-for-number"),
        pytest.param(layer(kind="virus"), id="unknown-kind"),
        pytest.param(layer(id=True), id="truth-for-number"),
        pytest.param(layer(id=-4), id="negative-number"),
        pytest.param(layer(result=77), id="no-such-result"),
        pytest.param(layer(surprise=1), id="unknown-field"),
        pytest.param(layer(**{"$is": "Pin"}), id="another-class"),
        pytest.param(layer(opacity=10**400), id="too-large-a-number"),
        pytest.param(lambda told: told.pop("state"), id="no-state"),
        pytest.param(lambda told: told.update(state=[[]]), id="list-for-state"),
        pytest.param(lambda told: told.update(version="1"), id="odd-version"),
        pytest.param(lambda told: told.pop("format"), id="another-format"),
        pytest.param(lambda told: told["state"].update(selected=55), id="selected-missing"),
        pytest.param(lambda told: told["state"]["views"].update(active=9), id="no-such-view"),
        pytest.param(lambda told: told["state"]["pins"][0].update(row=10**9), id="outside"),
        pytest.param(lambda told: told["state"]["results"][0]["result"].update(scores={"$array": "../x"}), id="path"),
        pytest.param(lambda told: told["state"]["results"][0]["result"].update(scores=3), id="number-for-array"),
        pytest.param(lambda told: told["state"]["results"][0]["result"].update(request={}), id="no-request"),
        pytest.param(cube(bad_bands=[99]), id="no-such-band"),
        pytest.param(cube(reader="none"), id="no-such-reader"),
        pytest.param(cube(path="\0", beside=None), id="odd-path"),
        pytest.param(cube(shape="large"), id="odd-shape"),
        pytest.param(cube(entry=5), id="odd-entry"),
        pytest.param(cube(options={"x": 1}), id="odd-options"),
    ],
)
def test_a_description_that_cannot_be_is_refused_in_one_sentence(saved: Path, change: Any) -> None:
    from hadviewer.core.errors import HadviewerError

    with pytest.raises(HadviewerError) as caught:
        open_session(rewritten(saved, change))
    assert "\n" not in str(caught.value)


def test_deep_nesting_is_refused(saved: Path) -> None:
    with zipfile.ZipFile(saved.with_name("deep.hadsession"), "w") as archive:
        archive.writestr(CORE, "[" * 100_000)
    with pytest.raises(ReadError, match="damaged"):
        open_session(saved.with_name("deep.hadsession"))


def npy(header: str, body: bytes = b"") -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no array at all", id="text"),
        pytest.param(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }"), id="bomb"),
        pytest.param(npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", b"cos"), id="pickle"),
        pytest.param(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-6, 7), }", bytes(200)), id="negative"),
        pytest.param(npy("{'descr': '|S0', 'fortran_order': False, 'shape': (99999999999,), }"), id="no-size"),
        pytest.param(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", bytes(16)), id="small"),
        pytest.param(npy("__import__('os')"), id="code"),
    ],
)
def test_arrays_that_cannot_be_are_refused(saved: Path, content: bytes) -> None:
    name = document(saved)["state"]["results"][0]["result"]["scores"]["$array"]
    target = saved.with_name("changed.hadsession")
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(target, "w") as after:
        for item in before.namelist():
            after.writestr(item, content if item == name else before.read(item))
    with pytest.raises(ReadError, match="damaged"):
        open_session(target)


def test_compressed_arrays_are_refused_before_they_are_read(saved: Path) -> None:
    target = saved.with_name("bomb.hadsession")
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.namelist():
            after.writestr(item, before.read(item))
    with pytest.raises(ReadError, match="is compressed or locked"):
        open_session(target)


def test_a_file_cut_or_changed_anywhere_is_refused_or_read(saved: Path) -> None:
    """Never anything but a session or one sentence."""
    from hadviewer.core.errors import HadviewerError

    whole, rng = saved.read_bytes(), np.random.default_rng(0)
    target = saved.with_name("changed.hadsession")
    for number in range(120):
        content = bytearray(whole)
        if number % 3 == 0:
            del content[int(rng.integers(len(content))) :]
        else:
            for place in rng.integers(len(content), size=3):
                content[place] = int(rng.integers(256))
        target.write_bytes(content)
        try:
            open_session(target)
        except HadviewerError as error:
            assert "\n" not in str(error)  # noqa: PT017


def test_names_of_arrays_are_those_of_their_content() -> None:
    names = ArrayNames()
    first = np.arange(6, dtype=np.int32)
    assert names.of(first) == names.of(first.copy())
    assert len({names.of(first), names.of(first.reshape(2, 3)), names.of(first.astype(np.int64))}) == 3


@pytest.mark.parametrize(
    "array",
    [
        np.ones((2, 3), np.complex64),
        np.array(["a", "bcd"]),
        np.ones(2, ">f4"),
        np.array(5.0),
        np.zeros((0, 3)),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.eye(4)[::2, ::2],
    ],
    ids=["complex", "text", "big-endian", "one-number", "empty", "by-column", "every-other"],
)
def test_arrays_of_any_kind_come_back(array: np.ndarray, tmp_path: Path) -> None:
    names = ArrayNames()
    with zipfile.ZipFile(tmp_path / "arrays.zip", "w") as archive:
        name = ZipWriter(archive, names).put(array)
    with zipfile.ZipFile(tmp_path / "arrays.zip") as archive:
        again = ZipReader(archive, 10**6).get(name)
    assert_equal(array, again, "array")


def test_unknown_things_among_options_become_text() -> None:
    codec = Codec(Memory(), {})
    assert codec.encode({"odd": {1}, "number": np.float32(0.5)}) == {"odd": "{1}", "number": 0.5}
    assert dataclasses.is_dataclass(Pin)
