"""Independent pieces of work on all threads a run may use: one piece per thread, and no threads within a piece.

Many small matrices gain nothing from threads inside each product or factorisation, which mostly wait for each other.
"""

import sys
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Window
from hadviewer.core.specs import PixelBlocks

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], total: int, message: str, ctx: Context
) -> Iterator[tuple[Item, Result]]:
    """Each item with function(item), in order, on as many threads as linear algebra may use, a step before each.

    ``items`` are taken as they are needed, a few ahead. On a GPU, or with one thread, nothing is started beside the
    caller. The results do not depend on the number of threads. ``function`` must spend its time in numpy or torch,
    which let other threads run.
    """
    threads = (ctx.threads or _threads_allowed()) if ctx.device == "cpu" else 1
    results = _pooled(function, items, threads) if threads > 1 else ((item, function(item)) for item in items)
    with one_thread_each():
        try:
            yield from ctx.track(results, total, message)
        finally:
            results.close()


def map_blocks(
    blocks: PixelBlocks, work: Callable[[NDArray[np.float64]], Result], ctx: Context, message: str
) -> Iterator[tuple[Window, Result]]:
    """(window, work(values)) of every block in order; blocks are read in the threads too."""
    return in_threads(lambda window: work(blocks.read(window)), blocks.windows, len(blocks), message, ctx)


def _pooled(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Generator[tuple[Item, Result], None, None]:
    from concurrent.futures import ThreadPoolExecutor

    ahead: deque[tuple[Item, Future[Result]]] = deque()
    with ThreadPoolExecutor(threads, "detector") as pool:
        try:
            for item in items:
                ahead.append((item, pool.submit(function, item)))
                if len(ahead) > 2 * threads:
                    first, future = ahead.popleft()
                    yield first, future.result()
            for last, future in ahead:
                yield last, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _threads_allowed() -> int:
    """What torch may use, or without torch numpy's linear algebra."""
    if "torch" in sys.modules:
        return int(sys.modules["torch"].get_num_threads())
    from threadpoolctl import threadpool_info

    return max((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Threads started meanwhile use one thread for the work of numpy, and of torch where that is loaded."""
    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    before = torch.get_num_threads() if torch else 1
    if torch:
        torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        if torch:
            torch.set_num_threads(before)
