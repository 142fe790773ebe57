"""JPEG 2000 is checked before it is opened: what GDAL would walk or set memory aside for without end is refused."""

import struct
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.errors import ReadError
from hadviewer.engine import verbs
from hadviewer.io.readers import _jpeg2000

rasterio = pytest.importorskip("rasterio")


def write(path: Path, shape: tuple[int, int, int] = (5, 60, 70), **profile: Any) -> np.ndarray:
    array = np.random.default_rng(0).integers(0, 900, shape).astype(np.int16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path, "w", "JP2OpenJPEG", shape[2], shape[1], shape[0], dtype="int16", **profile) as file:
            file.write(array)
    return array.transpose(1, 2, 0)


@pytest.mark.parametrize(
    "profile",
    [
        {},
        {"BLOCKXSIZE": 64, "BLOCKYSIZE": 64},
        {"CODEC": "J2K"},
        {"PRECINCTS": "{32,32},{16,16}"},
        {"crs": "EPSG:32631", "transform": (1, 0, 4e5, 0, -1, 5e6)},
    ],
    ids=lambda profile: ",".join(profile) or "plain",
)
def test_sound_files_open(tmp_path: Path, profile: dict[str, Any]) -> None:
    array = write(tmp_path / "a.jp2", QUALITY="100", REVERSIBLE="YES", **profile)
    cube = verbs.open_scene(tmp_path / "a.jp2").cube
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)


def test_padding_at_the_end_is_no_box(tmp_path: Path) -> None:
    write(tmp_path / "a.jp2")
    with (tmp_path / "a.jp2").open("ab") as file:
        file.write(bytes(7))
    _jpeg2000.check(tmp_path / "a.jp2")


def put(offset: int, value: int, kind: str = ">I") -> Callable[[bytes, int], bytes]:
    """Replaces a number at this distance from the codestream's first marker."""

    def changed(data: bytes, start: int) -> bytes:
        raw = bytearray(data)
        struct.pack_into(kind, raw, start + offset, value)
        return bytes(raw)

    return changed


def without(kind: bytes) -> Callable[[bytes, int], bytes]:
    return lambda data, _: data.replace(kind, b"free")


def box_within(length: int) -> Callable[[bytes, int], bytes]:
    """A box of this length before that of the codestream."""
    return lambda data, start: data[: start - 8] + struct.pack(">I4s", length, b"free") + data[start - 8 :]


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (box_within(0), "length of the box 'free'"),
        (box_within(7), "length of the box 'free'"),
        (box_within(2**31), "length of the box 'free'"),
        (lambda data, start: data[: start - 4], "'jp2c' is missing"),
        (without(b"jp2h"), "'jp2h' is missing"),
        (without(b"jp2c"), "'jp2c' is missing"),
        (put(8, 71), "differ"),
        (lambda data, start: put(28, 1)(put(24, 1)(data, start), start), "in 4200 tiles, more than"),
        (put(24, 0), "segment SIZ"),
        (put(40, 0, ">H"), "segment SIZ"),
        (put(4, 2**15, ">H"), "segment SIZ"),
        (lambda data, start: data[: start + 30], "does not fit"),
        (lambda data, start: data.replace(b"\xff\x52\x00", b"\xff\x52\xf0"), "does not fit"),
        (lambda data, start: data.replace(b"\xff\x5c", b"\xff\x64"), "missing or occurs twice"),
        (lambda data, start: data.replace(b"\xff\x90\x00\x0a\x00\x00", b"\xff\x90\x00\x0a\x00\x07"), "tile at byte"),
    ],
)
def test_damage_is_told_in_a_sentence(tmp_path: Path, damage: Callable[[bytes, int], bytes], words: str) -> None:
    path = tmp_path / "a.jp2"
    write(path)
    data = path.read_bytes()
    path.write_bytes(damage(data, data.index(b"\xff\x4f\xff\x51")))
    with pytest.raises(ReadError, match=words) as caught:
        verbs.open_scene(path)
    assert "a.jp2" in caught.value.message
    assert caught.value.hint


def test_more_packets_than_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jp2"
    write(path, (1, 4000, 4000), QUALITY="1", PRECINCTS="{256,256}")
    data = path.read_bytes()
    start = data.index(b"\xff\x52")
    precincts = data.index(b"\x88", start)
    path.write_bytes(data[:precincts] + b"\0" + data[precincts + 1 :])
    with pytest.raises(ReadError, match="packets"):
        _jpeg2000.check(path)
