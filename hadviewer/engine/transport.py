"""Objects with large arrays between two processes: a small pickle by pipe, the arrays in one shared-memory block.

Only ever used between this program and the worker it started itself.
"""

import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

INLINE_BYTES = 64 * 2**10
"""Arrays up to this size travel in the message itself."""
_ALIGN = 64


@dataclass(frozen=True)
class Parcel:
    """A packed object: ``body`` is the pickle; ``block`` names the shared memory of its arrays, or is None."""

    body: bytes
    block: str | None = None
    spans: tuple[tuple[int, int], ...] = ()


def pack(value: Any) -> Parcel:
    """Pack an object; whoever unpacks it (once) frees the shared memory."""
    buffers: list[pickle.PickleBuffer] = []
    body = pickle.dumps(value, protocol=5, buffer_callback=lambda buffer: bool(_keep(buffer, buffers)))
    if not buffers:
        return Parcel(body)
    spans, size = [], 0
    for buffer in buffers:
        length = buffer.raw().nbytes
        spans.append((size, size + length))
        size += -(-length // _ALIGN) * _ALIGN
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(create=True, size=size)
    try:
        view = block.buf
        assert view is not None
        for (start, stop), buffer in zip(spans, buffers, strict=True):
            _copy(buffer.raw(), view[start:stop])
        return Parcel(body, block.name, tuple(spans))
    finally:
        block.close()


def unpack(parcel: Parcel) -> Any:
    """The object again, its arrays copied into private writable memory and the shared block freed."""
    if parcel.block is None:
        return pickle.loads(parcel.body)  # noqa: S301 - from our own worker
    from multiprocessing.shared_memory import SharedMemory

    block = SharedMemory(parcel.block)
    try:
        assert block.buf is not None
        buffers = [_copied(block.buf[start:stop]) for start, stop in parcel.spans]
    finally:
        block.close()
        block.unlink()
    return pickle.loads(parcel.body, buffers=buffers)  # noqa: S301 - from our own worker


def discard(parcel: Parcel) -> None:
    """Free the shared memory of a parcel nobody will unpack."""
    if parcel.block is not None:
        from multiprocessing.shared_memory import SharedMemory

        try:
            block = SharedMemory(parcel.block)
        except FileNotFoundError:
            return
        block.close()
        block.unlink()


def _copied(source: memoryview) -> NDArray[np.uint8]:
    """A private copy."""
    target = np.empty(source.nbytes, dtype=np.uint8)
    _copy(source, target.data)
    return target


def _copy(source: memoryview, target: memoryview) -> None:
    """Copy bytes with the interpreter lock given away: the window's thread goes on meanwhile."""
    np.copyto(np.frombuffer(target, dtype=np.uint8), np.frombuffer(source, dtype=np.uint8))


def _keep(buffer: pickle.PickleBuffer, large: list[pickle.PickleBuffer]) -> bool:
    """False (taken out of band) for large buffers, True (left in the pickle) for small ones."""
    if buffer.raw().nbytes <= INLINE_BYTES:
        return True
    large.append(buffer)
    return False
