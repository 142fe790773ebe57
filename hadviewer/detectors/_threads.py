"""Work on the blocks of a scene in several threads."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.cube import Window
from hadviewer.core.specs import PixelBlocks

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")


def map_blocks(
    blocks: PixelBlocks, work: Callable[[NDArray[np.float64]], T], ctx: Context, message: str
) -> Iterator[tuple[Window, T]]:
    """(window, work(values)) of every block in order, read and worked on in parallel.

    As many threads as linear algebra may use, each with single-threaded products: so copying and shifting run in
    parallel too, and the result does not depend on the number of threads. At most that many blocks, and one more, are
    in memory. ``work`` must spend its time in numpy, which lets other threads run.
    """
    from concurrent.futures import ThreadPoolExecutor

    from threadpoolctl import ThreadpoolController

    controller = ThreadpoolController()
    pools = [library["num_threads"] for library in controller.info() if library["user_api"] == "blas"]
    threads = ctx.threads or max(pools, default=1)
    windows = iter(blocks.windows)
    with controller.limit(limits=1, user_api="blas"), ThreadPoolExecutor(threads) as pool:

        def start(window: Window) -> tuple[Window, "Future[T]"]:
            return window, pool.submit(lambda: work(blocks.read(window)))

        running = deque(start(window) for window in islice(windows, threads + 1))
        for _ in ctx.track(range(len(blocks)), message=message):
            window, result = running.popleft()
            yield window, result.result()
            running.extend(start(following) for following in islice(windows, 1))
