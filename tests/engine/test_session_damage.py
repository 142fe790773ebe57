"""Session files of other versions, damaged ones and hostile ones: read, or refused in one sentence."""

import dataclasses
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.errors import ReadError
from hadviewer.engine import session_file
from hadviewer.engine.pins import Pin
from hadviewer.engine.session_arrays import ArrayNames, ZipReader, ZipWriter
from hadviewer.engine.session_codec import Codec
from hadviewer.engine.session_file import (
    CORE,
    open_session,
)
from tests.engine.session_samples import (
    Memory,
    assert_equal,
    document,
    rewritten,
)


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
