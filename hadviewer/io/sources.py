"""Sources of pixels: arrays in memory, and raw values in a file. Reading copies what is asked for and nothing else."""

import mmap
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import BandIndex, Window
from hadviewer.core.errors import ReadError

Indices = NDArray[np.intp]

# What one more call to the system costs, in bytes that could have been copied in that time.
CALL_COST = 16 * 2**10
# Few values of lines that follow each other are picked out of mappings of at most this size, so that little of the file
# counts as our memory. A mapping across gaps makes the system read them, too: these are no longer than what is wanted.
MAP_LIMIT = 32 * 2**20
# Others are picked out of a buffer of about this size, which stays in the cache of the processor.
BUFFER = 2**19
# Of so few bands out of many each is laid out as a plane, as pictures want them.
FEW_BANDS = 4

_TO_BIP = {"bsq": (1, 2, 0), "bil": (0, 2, 1), "bip": (0, 1, 2)}


class ArraySource:
    """Pixels of an array in any of the three orders, presented as (rows, cols, bands).

    ``array`` is 3-D: bsq (bands, rows, cols), bil (rows, bands, cols), bip (rows, cols, bands), whatever its strides.
    """

    def __init__(self, array: NDArray[Any], order: str = "bip") -> None:
        if array.ndim != 3:
            raise ValueError(f"a cube has three axes, this array has {array.ndim}")
        self._given = array.transpose(_TO_BIP[order])

    @property
    def shape(self) -> tuple[int, int, int]:
        rows, cols, bands = self._pixels().shape
        return rows, cols, bands

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._pixels().dtype.newbyteorder("=")

    @property
    def order(self) -> str:
        return _order(self._pixels().strides)

    @property
    def nbytes(self) -> int:
        """Bytes of memory the pixels take."""
        return self._pixels().nbytes

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        picks = pick_indices(self.shape, window, bands, step)
        rows, cols, chosen = (pick_slice(pick) for pick in picks)
        part = self._pixels()[rows, cols]
        if isinstance(chosen, slice):
            return np.array(part[:, :, chosen], dtype=self.dtype)
        # numpy gathers scattered bands value by value; band by band is several times faster.
        out = np.empty((len(chosen), *part.shape[:2]), dtype=self.dtype)
        for plane, band in zip(out, chosen.tolist(), strict=True):
            plane[...] = part[:, :, band]
        return out.transpose(1, 2, 0)

    def _pixels(self) -> NDArray[Any]:
        """The array as (rows, cols, bands)."""
        return self._given


class LoadedSource(ArraySource):
    """Pixels of a file that cannot be read piecewise: loaded whole when the first of them is wanted.

    ``axes`` is the order of the array's axes, ``order`` how it lies in memory; ``load`` gives it, or raises ReadError.
    """

    def __init__(
        self, shape: tuple[int, int, int], dtype: np.dtype[Any], axes: str, order: str, load: Callable[[], NDArray[Any]]
    ) -> None:
        self._shape, self._type, self._axes, self._nesting, self._load = shape, dtype, axes, order, load
        self._loaded: NDArray[Any] | None = None
        self._lock = threading.Lock()

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._type.newbyteorder("=")

    @property
    def order(self) -> str:
        return self._nesting

    @property
    def nbytes(self) -> int:
        rows, cols, bands = self._shape
        return rows * cols * bands * self._type.itemsize

    def _pixels(self) -> NDArray[Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load().transpose(_TO_BIP[self._axes])
            return self._loaded


class RawFile:
    """A file read at any position from any thread; closed when nobody holds it any more."""

    def __init__(self, path: Path, handle: int | None = None) -> None:
        self.name = path.name
        self._handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0)) if handle is None else handle
        self._lock = threading.Lock()
        weakref.finalize(self, os.close, self._handle)

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self._handle).st_size

    def read_into(self, offset: int, target: memoryview) -> None:
        """Fill ``target`` (bytes) from ``offset``. Raises ReadError when the file ends before."""
        while target:
            try:
                count = self._read_some(offset, target)
            except OSError as error:
                raise ReadError(f"{self.name} cannot be read: {error.strerror}.", hint="Check the disk.") from error
            if count == 0:
                raise self._shortened()
            offset += count
            target = target[count:]

    def mapped(self, offset: int, length: int) -> tuple[mmap.mmap, int]:
        """A mapping that holds ``length`` bytes from ``offset``, and where in it they start."""
        lead = offset % mmap.ALLOCATIONGRANULARITY
        try:
            return mmap.mmap(self._handle, length + lead, access=mmap.ACCESS_READ, offset=offset - lead), lead
        except ValueError:
            raise self._shortened() from None
        except OSError as error:
            raise ReadError(f"{self.name} cannot be read: {error.strerror}.", hint="Check the disk.") from error

    def _read_some(self, offset: int, target: memoryview) -> int:
        if hasattr(os, "preadv"):
            return os.preadv(self._handle, [target], offset)
        with self._lock:
            os.lseek(self._handle, offset, os.SEEK_SET)
            data = os.read(self._handle, len(target))
        target[: len(data)] = data
        return len(data)

    def _shortened(self) -> ReadError:
        return ReadError(f"{self.name} has become shorter since it was opened.", hint="Open it again.")


class FileSource:
    """Pixels that lie raw in a file, read piecewise.

    ``strides`` are the bytes from one row, col and band to the next, whatever the interleave; ``offset`` is where
    pixel (0, 0) of band 0 starts; ``dtype`` has the byte order of the file.
    """

    def __init__(
        self,
        file: RawFile,
        shape: tuple[int, int, int],
        strides: tuple[int, int, int],
        dtype: np.dtype[Any],
        offset: int = 0,
    ) -> None:
        self._file, self._shape, self._strides = file, shape, strides
        self._stored, self._offset = dtype, offset
        # sorted() is stable: axes of length 1 may share a stride and keep their place
        self._axes = sorted(range(3), key=lambda axis: -strides[axis])

    @property
    def shape(self) -> tuple[int, int, int]:
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._stored.newbyteorder("=")

    @property
    def order(self) -> str:
        return _order(self._strides)

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        picks = list(pick_indices(self._shape, window, bands, step))
        thin = step if self._axes[-1] == 1 else 1
        if thin > 1:
            # Neighbouring samples come with the ones asked for anyway: read them in one piece, thin out afterwards.
            picks[1] = np.arange(window.col0, window.col1)
        out = self._gather([picks[axis] for axis in self._axes], [self._strides[axis] for axis in self._axes])
        if thin > 1:
            out = out[:, :, ::thin].copy()
        if not self._stored.isnative:
            out = out.byteswap(inplace=True).view(self.dtype)
        return out.transpose(np.argsort(self._axes))

    def _gather(self, picks: Sequence[Indices], strides: Sequence[int]) -> NDArray[Any]:
        """The values picked, axes in file order, by the cheapest mixture of few long and many short reads.

        There is one read for every combination of the axes before a level; each covers the axes from there on.
        """
        itemsize, lengths = self._stored.itemsize, [len(pick) for pick in picks]
        if 0 in lengths:
            return np.empty(lengths, dtype=self._stored)
        mapped = self._mapping_pays(picks, strides)
        level = 0 if mapped else _cheapest_level(picks, strides, itemsize)
        if level == 0 and not mapped and _span(picks, strides, itemsize) > BUFFER:
            level = 0 if _consecutive(picks, strides, itemsize) else 1
        inner, steps = picks[level:], strides[level:]
        consecutive = _consecutive(inner, steps, itemsize)
        if level < 2 and lengths[2] <= FEW_BANDS and not consecutive and self._axes[2] == 2:
            out = np.moveaxis(np.empty([lengths[2], *lengths[:2]], dtype=self._stored), 0, 2)
        else:
            out = np.empty(lengths, dtype=self._stored)
        starts = np.array([self._offset + _corner(inner, steps)], dtype=np.int64)
        for pick, stride in zip(picks[:level], strides[:level], strict=True):
            starts = (starts[:, None] + pick.astype(np.int64) * stride).reshape(-1)
        if mapped:
            self._map_lines(out, int(starts[0]), picks, strides)
        elif consecutive:
            self._read_runs(out, starts.tolist())
        else:
            self._pick(out.reshape(len(starts), *lengths[level:]), starts.tolist(), inner, steps)
        return out

    def _read_runs(self, out: NDArray[Any], starts: Sequence[int]) -> None:
        """Values that follow each other in the file, straight to where they belong."""
        raw = out.reshape(-1).view(np.uint8).data
        length = len(raw) // len(starts)
        for number, start in enumerate(starts):
            self._file.read_into(start, raw[number * length : (number + 1) * length])

    def _mapping_pays(self, picks: Sequence[Indices], strides: Sequence[int]) -> bool:
        """Whether few bands are wanted of lines, or large parts of them, in which all bands of a pixel lie together."""
        itemsize, line = self._stored.itemsize, strides[0] * _stride_of(picks[0])
        if self._axes[2] != 2 or len(picks[0]) * line <= BUFFER:
            return False
        wanted = _span(picks[1:], strides[1:], itemsize)
        return line <= 2 * wanted and 2 * itemsize * len(picks[1]) * len(picks[2]) <= wanted

    def _map_lines(self, out: NDArray[Any], start: int, picks: Sequence[Indices], strides: Sequence[int]) -> None:
        """Pick values out of everything from the first line to the last, many lines at a time."""
        line = strides[0] * _stride_of(picks[0])
        tail, extent = _span(picks[1:], strides[1:], self._stored.itemsize), _extent(picks[1:])
        height = max(1, MAP_LIMIT // line)
        for first in range(0, len(out), height):
            part = out[first : first + height]
            buffer, lead = self._file.mapped(start + first * line, (len(part) - 1) * line + tail)
            view: NDArray[Any] = np.ndarray([len(part), *extent], self._stored, buffer, lead, [line, *strides[1:]])
            _copy(part, view, picks[1:])

    def _pick(
        self, pieces: NDArray[Any], starts: Sequence[int], picks: Sequence[Indices], strides: Sequence[int]
    ) -> None:
        """Read from each start to the last value of its piece, several pieces at a time, and keep what is picked."""
        span = _span(picks, strides, self._stored.itemsize)
        room = -(-span // self._stored.itemsize) * self._stored.itemsize
        many = min(len(starts), max(1, BUFFER // room))
        buffer = np.empty(many * room, dtype=np.uint8)
        raw, extent = buffer.data, _extent(picks)
        for first in range(0, len(starts), many):
            group = starts[first : first + many]
            for number, start in enumerate(group):
                self._file.read_into(start, raw[number * room : number * room + span])
            view: NDArray[Any] = np.ndarray([len(group), *extent], self._stored, buffer, 0, [room, *strides])
            _copy(pieces[first : first + many], view, picks)


def pick_indices(
    shape: tuple[int, int, int], window: Window, bands: BandIndex, step: int
) -> tuple[Indices, Indices, Indices]:
    """Row, column and band indices asked for; IndexError when they leave the cube."""
    inside = 0 <= window.row0 <= window.row1 <= shape[0] and 0 <= window.col0 <= window.col1 <= shape[1]
    if not inside or step < 1:
        raise IndexError(f"{window} with step {step} does not lie in {shape}")
    chosen = np.arange(shape[2])[bands].astype(np.intp, copy=False)
    return np.arange(window.row0, window.row1, step), np.arange(window.col0, window.col1, step), chosen


def pick_slice(pick: Indices) -> slice | Indices:
    """A slice where the indices run upwards in equal steps: numpy is faster with it."""
    if len(pick) == 0:
        return slice(0, 0)
    step = _stride_of(pick)
    if step > 0 and (len(pick) < 3 or bool(np.all(np.diff(pick) == step))):
        return slice(int(pick[0]), int(pick[-1]) + 1, step)
    return pick


def _copy(target: NDArray[Any], source: NDArray[Any], picks: Sequence[Indices]) -> None:
    """Copy what is picked of each piece, counted from the first value picked."""
    *others, last = (pick_slice(pick - pick.min()) for pick in picks)
    if isinstance(last, slice) or len(last) > FEW_BANDS:
        target[...] = source[(slice(None), *others, last)]
        return
    # numpy gathers scattered bands value by value; band by band is several times faster.
    for number, band in enumerate(last.tolist()):
        target[..., number] = source[(slice(None), *others, band)]


def _extent(picks: Sequence[Indices]) -> list[int]:
    """How many places lie from the first to the last value picked on each axis."""
    return [int(pick.max() - pick.min()) + 1 for pick in picks]


def _stride_of(pick: Indices) -> int:
    return int(pick[1] - pick[0]) if len(pick) > 1 else 1


def _corner(picks: Sequence[Indices], strides: Sequence[int]) -> int:
    return sum(int(pick.min()) * stride for pick, stride in zip(picks, strides, strict=True))


def _span(picks: Sequence[Indices], strides: Sequence[int], itemsize: int) -> int:
    """Bytes from the first to the last value picked."""
    extents = (int(pick.max() - pick.min()) * stride for pick, stride in zip(picks, strides, strict=True))
    return sum(extents) + itemsize


def _consecutive(picks: Sequence[Indices], strides: Sequence[int], itemsize: int) -> bool:
    """Whether the values picked follow each other in the file without gaps, in order."""
    upwards = all(len(pick) == 1 or bool(np.all(np.diff(pick) == 1)) for pick in picks)
    needed = itemsize * int(np.prod([len(pick) for pick in picks]))
    return upwards and _span(picks, strides, itemsize) == needed


def _cheapest_level(picks: Sequence[Indices], strides: Sequence[int], itemsize: int) -> int:
    """From which axis on one read should cover everything, so that calls and bytes together cost least."""
    calls, costs = 1, []
    for level in range(len(picks) + 1):
        costs.append(calls * (CALL_COST + _span(picks[level:], strides[level:], itemsize)))
        calls *= len(picks[level]) if level < len(picks) else 1
    return costs.index(min(costs))


def _order(strides: Sequence[int]) -> str:
    """'bsq', 'bil' or 'bip' from the strides of (row, col, band)."""
    row, col, band = (abs(stride) for stride in strides)
    if band >= max(row, col):
        return "bsq"
    return "bip" if band <= min(row, col) else "bil"
