"""Sessions with some of everything, and how two are compared, for the tests of session files."""

import json
import types
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from pydantic import BaseModel

from hadviewer.core.cube import Cube, Truth
from hadviewer.core.region import Patch, Points, Polygon
from hadviewer.core.results import DetectionRequest, DetectionResult, Selection, TransformStep
from hadviewer.engine import verbs
from hadviewer.engine.session import Layer, Session, SessionState
from hadviewer.engine.session_arrays import ArrayNames
from hadviewer.engine.session_file import (
    CORE,
    Viewing,
    ViewPlace,
    open_session,
    save_session,
)

ROWS, COLS, BANDS = 6, 7, 5
NAMES = {"Layer": Layer, "DetectionResult": DetectionResult}
VIEWING = Viewing((ViewPlace(2.5, (3.25, 4.5)), ViewPlace(1.0, (0.0, 0.0), True)), (2, 3), ("layers", "roc"))


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
