"""Independent pieces of work on all threads a run may use: one piece per thread, and no threads within a piece.

Many small matrices gain nothing from threads inside each product or factorisation, which mostly wait for each other.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from hadviewer.core.context import Context

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(
    function: Callable[[Item], Result], items: Iterable[Item], total: int, message: str, ctx: Context
) -> Iterator[tuple[Item, Result]]:
    """Each item with function(item), in order, computed by torch on ``ctx.threads`` threads with a step before each.

    ``items`` are taken as they are needed, a few ahead. On a GPU, or with one thread, nothing is started beside the
    caller. The results do not depend on the number of threads.
    """
    import torch

    threads = (ctx.threads or torch.get_num_threads()) if ctx.device == "cpu" else 1
    results = _pooled(function, items, threads) if threads > 1 else ((item, function(item)) for item in items)
    with _one_thread_each():
        try:
            yield from ctx.track(results, total, message)
        finally:
            results.close()


def _pooled(
    function: Callable[[Item], Result], items: Iterable[Item], threads: int
) -> Generator[tuple[Item, Result], None, None]:
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


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Threads started meanwhile use one thread for the work of torch and numpy."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)
