"""Zarr folders of both versions equal what was written; damage is told, and nothing outside them is opened."""

import gzip
import itertools
import json
import warnings
import zlib
from pathlib import Path
from typing import Any

import numcodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.engine import verbs
from hadviewer.io.readers._zarr_codecs import Codecs
from tests.io import fuzzing

CHUNKS = (4, 5, 3)


def packed(raw: bytes, name: str) -> bytes:
    """A chunk packed as Zarr names it."""
    if name in ("", "zlib", "gzip"):
        return {"": bytes, "zlib": zlib.compress, "gzip": gzip.compress}[name](raw)
    kind = {"blosc": numcodecs.Blosc, "zstd": numcodecs.Zstd, "lz4": numcodecs.LZ4}[name]
    return bytes(kind().encode(raw))


def write(folder: Path, array: np.ndarray, version: int, packer: str = "", order: str = "C", **more: Any) -> Path:
    """An array as Zarr, by nothing but files; chunks of nothing but 0 are left out."""
    folder.mkdir(parents=True)
    chunks = CHUNKS[: array.ndim]
    attributes = more.pop("attributes", {})
    if version == 2:
        told = {
            "zarr_format": 2, "shape": array.shape, "chunks": chunks, "dtype": array.dtype.str, "fill_value": 0,
            "order": order, "filters": None, "compressor": {"id": packer} if packer else None, **more,
        }  # fmt: skip
        (folder / ".zarray").write_text(json.dumps(told))
        (folder / ".zattrs").write_text(json.dumps(attributes))
    else:
        endian = "big" if array.dtype.byteorder == ">" else "little"
        told = {
            "zarr_format": 3, "node_type": "array", "shape": array.shape, "data_type": array.dtype.name,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunks}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}}, "fill_value": 0,
            "codecs": [{"name": "bytes", "configuration": {"endian": endian}}, *([{"name": packer}] if packer else [])],
            "attributes": attributes, **more,
        }  # fmt: skip
        (folder / "zarr.json").write_text(json.dumps(told))
    for place in itertools.product(*(range(-(-size // step)) for size, step in zip(array.shape, chunks, strict=True))):
        part = array[tuple(slice(n * step, (n + 1) * step) for n, step in zip(place, chunks, strict=True))]
        whole = np.zeros(chunks, array.dtype)
        whole[tuple(slice(length) for length in part.shape)] = part
        if whole.any():
            name = ".".join(map(str, place)) if version == 2 else "c/" + "/".join(map(str, place))
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(packed(whole.tobytes(order=order), packer))
    return folder


def values(dtype: str = "<i2") -> np.ndarray:
    array = np.random.default_rng(0).integers(1, 900, (9, 11, 7)).astype(dtype)
    array[:4, :5, :3] = 0
    return array


@pytest.mark.parametrize("packer", ["", "zlib", "gzip", "blosc", "zstd", "lz4"])
@pytest.mark.parametrize("version", [2, 3])
def test_a_cube_in_every_packing(tmp_path: Path, version: int, packer: str) -> None:
    array = values("<f4")
    cube = verbs.open_scene(write(tmp_path / "a.zarr", array, version, packer)).cube
    assert cube.origin is not None
    assert cube.origin.reader == "zarr"
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)
    part = cube.source.read(Window(1, 9, 2, 11), np.array([6, 0, 3]), 3)
    np.testing.assert_array_equal(part, array[1:9:3, 2:11:3][:, :, [6, 0, 3]])
    again = verbs.open_origin(cube.origin)
    np.testing.assert_array_equal(again.pixel(8, 10), array[8, 10])


@pytest.mark.parametrize(
    ("version", "dtype", "order"), [(2, ">f8", "C"), (2, "<u2", "F"), (3, ">i4", "C"), (2, "|u1", "C")]
)
def test_byte_orders_and_column_order(tmp_path: Path, version: int, dtype: str, order: str) -> None:
    array = values(dtype) if dtype != "|u1" else values().astype("u1")
    cube = verbs.open_scene(write(tmp_path / "a.zarr", array, version, "zlib", order)).cube
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)


def test_version_2_equals_rasterio(tmp_path: Path) -> None:
    rasterio = pytest.importorskip("rasterio")
    array = values()
    folder = write(tmp_path / "a.zarr", array, 2, "zlib")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(folder) as dataset:
            np.testing.assert_array_equal(dataset.read(), array)
    cube = verbs.open_scene(folder).cube
    np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array)


@pytest.mark.parametrize("version", [2, 3])
def test_names_of_axes_wavelengths_and_attributes_of_a_group(tmp_path: Path, version: int) -> None:
    """As xarray writes: bands first here, wavelengths as an array beside."""
    array = values("<f4")
    root = tmp_path / "a.zarr"
    axes = ["wavelength", "y", "x"]
    dims: dict[str, Any] = {"dimension_names": axes} if version == 3 else {}
    attributes: dict[str, Any] = {"units": "1", "scale_factor": 0.5} | ({} if dims else {"_ARRAY_DIMENSIONS": axes})
    turned = np.ascontiguousarray(array.transpose(2, 0, 1))
    write(root / "reflectance", turned, version, "zlib", attributes=attributes, fill_value=-9999, **dims)
    write(root / "wavelength", np.linspace(400.0, 1000, 7), version, attributes={"units": "nm"})
    if version == 2:
        (root / ".zgroup").write_text('{"zarr_format": 2}')
    else:
        (root / "zarr.json").write_text('{"zarr_format": 3, "node_type": "group", "attributes": {"title": "x"}}')
    for path in (root, next(root.glob("[.z]*"))):
        cube = verbs.open_scene(path).cube
        missing = turned.transpose(1, 2, 0) == 0
        np.testing.assert_allclose(cube.values(), np.where(missing & _absent(turned), np.nan, array * 0.5), rtol=1e-6)
        np.testing.assert_allclose(cube.bands.centres, np.linspace(400, 1000, 7))
        assert (cube.name, cube.notes) == ("a", ())
        assert cube.nodata == -9999


def _absent(turned: np.ndarray) -> np.ndarray:
    """Pixels of chunks that were left out: they have the fill value, (rows, cols, bands)."""
    out = np.zeros(turned.shape, bool)
    for place in itertools.product(*(range(0, size, step) for size, step in zip(turned.shape, CHUNKS, strict=True))):
        part = tuple(slice(start, start + step) for start, step in zip(place, CHUNKS, strict=True))
        out[part] = not turned[part].any()
    return out.transpose(1, 2, 0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"chunks": [4, 5]}, "do not fit"),
        ({"chunks": [4, 5, 2**30]}, "its chunks are of"),
        ({"shape": [10**9, 10**9, 10**9]}, "more than its chunks hold"),
        ({"filters": [{"id": "delta"}]}, "filtered by delta"),
        ({"compressor": {"id": "snappy"}}, "packed by snappy"),
        ({"dtype": "q?"}, "cannot be understood"),
        ({"dtype": "|O"}, "no array of numbers"),
        ({"fill_value": [1, 2]}, "its fill value is a list"),
    ],
)
def test_what_cannot_be_understood_is_told(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    folder = write(tmp_path / "a.zarr", values(), 2)
    told = json.loads((folder / ".zarray").read_text()) | change
    (folder / ".zarray").write_text(json.dumps(told))
    with pytest.raises(ReadError, match=words):
        verbs.open_scene(folder)


def test_an_array_of_texts_hides_no_cube(tmp_path: Path) -> None:
    write(tmp_path / "a.zarr" / "cube", values(), 2)
    write(tmp_path / "a.zarr" / "names", values(), 2, filters=[{"id": "vlen-utf8"}])
    (tmp_path / "a.zarr" / ".zgroup").write_text('{"zarr_format": 2}')
    assert [entry.name for entry in verbs.contents(tmp_path / "a.zarr")] == ["cube"]


@pytest.mark.parametrize(("change", "words"), [(b"\0", "more than 120 bytes"), (b"", "fewer than 120 bytes")])
def test_a_chunk_of_another_size_is_told(tmp_path: Path, change: bytes, words: str) -> None:
    folder = write(tmp_path / "a.zarr", values(), 2)
    chunk = folder / "1.1.1"
    chunk.write_bytes(chunk.read_bytes() + change if change else chunk.read_bytes()[:-1])
    with pytest.raises(ReadError, match=words):
        verbs.open_scene(folder).cube.values()


def test_links_lead_nowhere(tmp_path: Path) -> None:
    array = values()
    write(tmp_path / "secret.zarr", array, 2)
    folder = write(tmp_path / "a.zarr", array, 2)
    (folder / "1.1.1").unlink()
    (folder / "1.1.1").symlink_to(tmp_path / "secret.zarr" / "1.1.1")
    (folder / "2.0.0").unlink()
    cube = verbs.open_scene(folder).cube
    assert not cube.source.read(Window(4, 8, 5, 10), slice(3, 6)).any()
    (tmp_path / "group").mkdir()
    (tmp_path / "group" / ".zgroup").write_text('{"zarr_format": 2}')
    (tmp_path / "group" / "there").symlink_to(tmp_path / "secret.zarr")
    with pytest.raises(ReadError, match="no array"):
        verbs.open_scene(tmp_path / "group")


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3]), st.sampled_from(["zlib", "blosc", "zstd", "lz4"]))
def test_damaged_folders_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, seed: int, version: int, packer: str
) -> None:
    folder = write(tmp_path_factory.mktemp("zarr") / "a.zarr", values(), version, packer)
    rng = np.random.default_rng(seed)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in (files[int(rng.integers(len(files)))], next(path for path in files if path.name[:2] in (".z", "za"))):
        path.write_bytes(fuzzing.damaged(path.read_bytes(), rng))
    assert fuzzing.attempt(folder) in ("opened", "refused")


@pytest.mark.parametrize("packer", ["zstd", "blosc", "lz4", "zlib"])
@pytest.mark.parametrize("count", [1, 59, 61, 300, 70_000])
def test_a_chunk_of_another_size_is_damaged_never_filled_up(tmp_path: Path, packer: str, count: int) -> None:
    (tmp_path / "chunk").write_bytes(packed(bytes(range(1, 251)) * (count // 250) + bytes([9]) * (count % 250), packer))
    with pytest.raises(ReadError, match="damaged"):
        Codecs((packer,)).decode(tmp_path / "chunk", 60)


@pytest.mark.parametrize("count", [1, 60, 255, 256, 300, 70_000])
def test_a_zstandard_chunk_of_the_right_size(tmp_path: Path, count: int) -> None:
    (tmp_path / "chunk").write_bytes(packed(bytes([7]) * count, "zstd"))
    assert Codecs(("zstd",)).decode(tmp_path / "chunk", count).tobytes() == bytes([7]) * count
