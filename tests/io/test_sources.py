"""Reading part of a file gives what reading all of it and cutting would give, and touches little else."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hadviewer.core.cube import Window
from hadviewer.core.errors import ReadError
from hadviewer.io import sources
from hadviewer.io.sources import ArraySource, FileSource, RawFile

NESTING = {"bsq": "brc", "bil": "rbc", "bip": "rcb"}
TO_FILE = {"bsq": (2, 0, 1), "bil": (0, 2, 1), "bip": (0, 1, 2)}


def write(path: Path, array: NDArray[Any], order: str, offset: int = 0) -> FileSource:
    path.write_bytes(b"\0" * offset + np.ascontiguousarray(array.transpose(TO_FILE[order])).tobytes())
    return source_of(path, array.shape, array.dtype, order, offset)


def source_of(path: Path, shape: Any, dtype: Any, order: str, offset: int = 0) -> FileSource:
    sizes = dict(zip("rcb", shape, strict=True))
    strides, step = {}, np.dtype(dtype).itemsize
    for axis in reversed(NESTING[order]):
        strides[axis], step = step, step * sizes[axis]
    return FileSource(RawFile(path), shape, (strides["r"], strides["c"], strides["b"]), np.dtype(dtype), offset)


class CountingFile(RawFile):
    """Remembers how much was read, and in how many calls."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.calls, self.bytes = 0, 0

    def read_into(self, offset: int, target: memoryview) -> None:
        self.calls += 1
        self.bytes += len(target)
        super().read_into(offset, target)

    def mapped(self, offset: int, length: int) -> Any:
        self.calls += 1
        self.bytes += length
        return super().mapped(offset, length)


@st.composite
def requests(draw: st.DrawFn, shape: tuple[int, int, int] = (9, 11, 13)) -> tuple[Window, Any, int]:
    rows, cols, bands = shape
    row = sorted(draw(st.lists(st.integers(0, rows), min_size=2, max_size=2)))
    col = sorted(draw(st.lists(st.integers(0, cols), min_size=2, max_size=2)))
    index = draw(
        st.one_of(
            st.slices(bands).filter(lambda item: (item.step or 1) > 0),
            st.lists(st.integers(0, bands - 1), max_size=9).map(lambda items: np.array(items, dtype=np.intp)),
        )
    )
    return Window(row[0], row[1], col[0], col[1]), index, draw(st.integers(1, 4))


def expected(array: NDArray[Any], window: Window, bands: Any, step: int) -> NDArray[Any]:
    rows, cols = window.slices
    return array[rows, cols][::step, ::step][:, :, bands]


@pytest.mark.parametrize("order", NESTING)
@pytest.mark.parametrize("dtype", ["<i2", ">f4", ">c16"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(request=requests())
def test_any_window_of_a_file_equals_the_same_cut_of_the_array(
    tmp_path: Path, order: str, dtype: str, request: tuple[Window, Any, int]
) -> None:
    array = np.arange(9 * 11 * 13).reshape(9, 11, 13).astype(dtype)
    source = write(tmp_path / "raw", array, order, offset=37)
    window, bands, step = request
    result = source.read(window, bands, step)
    assert result.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(result, expected(array, window, bands, step))


@pytest.mark.parametrize("order", NESTING)
@settings(max_examples=60, deadline=None)
@given(request=requests())
def test_any_window_of_an_array_equals_the_same_cut(order: str, request: tuple[Window, Any, int]) -> None:
    array = np.arange(9 * 11 * 13, dtype=">i4").reshape(9, 11, 13)
    source = ArraySource(np.ascontiguousarray(array.transpose(TO_FILE[order])), order)
    assert source.shape == array.shape
    assert source.order == order
    result = source.read(*request)
    assert result.dtype == np.dtype("=i4")
    np.testing.assert_array_equal(result, expected(array, *request))


def test_what_is_read_is_a_copy() -> None:
    array = np.zeros((3, 3, 3))
    ArraySource(array).read(Window(0, 3, 0, 3), slice(None))[...] = 1
    assert not array.any()


@pytest.mark.parametrize("order", NESTING)
def test_large_scattered_reads_go_through_small_buffers_and_mappings(
    tmp_path: Path, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "BUFFER", 2**12)
    monkeypatch.setattr(sources, "MAP_LIMIT", 2**16)
    array = np.random.default_rng(0).integers(0, 60000, (60, 50, 40)).astype(">u2")
    source = write(tmp_path / "raw", array, order, offset=11)
    for bands in (np.array([7]), np.array([30, 2, 19]), slice(0, 40, 3)):
        for step in (1, 3):
            window = Window(5, 58, 3, 47)
            np.testing.assert_array_equal(source.read(window, bands, step), expected(array, window, bands, step))


@pytest.mark.parametrize(("order", "most"), [("bsq", 1.0), ("bil", 1.0), ("bip", 200.0)])
def test_one_band_reads_no_other_band_where_the_file_keeps_them_apart(tmp_path: Path, order: str, most: float) -> None:
    shape = (400, 300, 200)
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(2 * 400 * 300 * 200)
    source = source_of(path, shape, "<u2", order)
    counting = CountingFile(path)
    source._file = counting
    source.read(Window(0, 400, 0, 300), np.array([100]))
    assert counting.bytes <= most * 400 * 300 * 2
    assert counting.calls <= 400


@pytest.mark.parametrize(("order", "calls"), [("bsq", 200), ("bil", 200), ("bip", 1)])
def test_one_spectrum_touches_little_of_the_file(tmp_path: Path, order: str, calls: int) -> None:
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(4 * 1000 * 1000 * 200)
    source = source_of(path, (1000, 1000, 200), "<f4", order)
    counting = CountingFile(path)
    source._file = counting
    source.read(Window(500, 501, 321, 322), slice(None))
    assert counting.calls <= calls
    assert counting.bytes <= 2**20


def test_three_bands_of_many_come_as_planes_from_one_pass_over_the_lines(tmp_path: Path) -> None:
    array = np.random.default_rng(3).integers(0, 60000, (40, 30, 200)).astype("<u2")
    source = write(tmp_path / "raw", array, "bip")
    source._file = counting = CountingFile(tmp_path / "raw")
    found = source.read(Window(3, 37, 0, 30), np.array([150, 40, 90]))
    assert counting.bytes <= 34 * 30 * 200 * 2
    assert all(found[:, :, number].flags.c_contiguous for number in range(3))
    np.testing.assert_array_equal(found, array[3:37][:, :, [150, 40, 90]])


def test_many_threads_read_the_same_file_at_once(tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(0, 60000, (40, 30, 50)).astype("<u2")
    source = write(tmp_path / "raw", array, "bil")
    wrong: list[int] = []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for _ in range(100):
            row, col = int(rng.integers(40)), int(rng.integers(30))
            if not np.array_equal(source.read(Window(row, row + 1, col, col + 1), slice(None))[0, 0], array[row, col]):
                wrong.append(seed)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_without_positional_reads_the_answer_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "preadv", raising=False)
    array = np.random.default_rng(2).normal(size=(6, 7, 8)).astype("<f4")
    source = write(tmp_path / "raw", array, "bsq")
    np.testing.assert_array_equal(source.read(Window(1, 5, 2, 6), slice(None)), array[1:5, 2:6])


def test_a_file_that_shrinks_while_open_is_an_error_that_names_it(tmp_path: Path) -> None:
    array = np.ones((50, 60, 70), dtype="<f4")
    source = write(tmp_path / "shrinking.img", array, "bsq")
    os.truncate(tmp_path / "shrinking.img", 1000)
    with pytest.raises(ReadError, match=r"shrinking\.img has become shorter"):
        source.read(Window(0, 50, 0, 60), slice(None))


def test_a_window_outside_the_cube_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "raw", np.ones((3, 4, 5)), "bip")
    for window in (Window(0, 4, 0, 4), Window(-1, 2, 0, 4), Window(2, 1, 0, 4)):
        with pytest.raises(IndexError):
            source.read(window, slice(None))
    with pytest.raises(IndexError):
        source.read(Window(0, 3, 0, 4), np.array([5]))
