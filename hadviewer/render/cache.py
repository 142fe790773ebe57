"""Arrays kept in memory under a cap, the least recently used forgotten first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from numpy.typing import NDArray


class ArrayCache:
    """Arrays by key, at most ``budget`` bytes of them. Thread-safe. Arrays in it are never changed."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._arrays: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()
        self._held = 0
        self._hits = self._misses = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> NDArray[Any] | None:
        """An array if it is at hand; it counts as used."""
        with self._lock:
            array = self._arrays.get(key)
            if array is None:
                self._misses += 1
                return None
            self._hits += 1
            self._arrays.move_to_end(key)
            return array

    def put(self, key: Hashable, array: NDArray[Any]) -> None:
        """Keep an array, as long as there is room."""
        with self._lock:
            former = self._arrays.pop(key, None)
            self._held += array.nbytes - (0 if former is None else former.nbytes)
            self._arrays[key] = array
            while self._held > self.budget and self._arrays:
                _, oldest = self._arrays.popitem(last=False)
                self._held -= oldest.nbytes

    def forget(self, belongs: Callable[[Any], bool] = lambda key: True) -> None:
        """Let go of the arrays whose key ``belongs`` to what is over; of all by default."""
        with self._lock:
            for key in [key for key in self._arrays if belongs(key)]:
                self._held -= self._arrays.pop(key).nbytes

    def __contains__(self, key: Hashable) -> bool:
        """Whether an array is at hand; it does not count as used."""
        with self._lock:
            return key in self._arrays

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        with self._lock:
            return self._held

    @property
    def hits(self) -> int:
        """How often an array asked for was at hand."""
        return self._hits

    @property
    def misses(self) -> int:
        """How often it was not."""
        return self._misses
