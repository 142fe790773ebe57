"""The cache keeps its cap, forgets what was not used longest, and counts its hits."""

import threading

import numpy as np

from hadviewer.render.cache import ArrayCache


def kilobytes(count: int) -> np.ndarray:
    return np.zeros(count * 1024, dtype=np.uint8)


def test_the_least_recently_used_goes_first_and_the_cap_is_held() -> None:
    cache = ArrayCache(3 * 1024)
    for name in "abc":
        cache.put(name, kilobytes(1))
    assert cache.get("a") is not None
    cache.put("d", kilobytes(1))
    assert [name for name in "abcd" if name in cache] == ["a", "c", "d"]
    assert cache.nbytes == cache.budget


def test_what_is_larger_than_the_cap_is_not_kept() -> None:
    cache = ArrayCache(1024)
    cache.put("small", kilobytes(1))
    cache.put("large", kilobytes(2))
    assert cache.nbytes == 0
    assert cache.get("large") is None


def test_hits_and_misses_are_counted_and_looking_is_no_use() -> None:
    cache = ArrayCache(4096)
    cache.put("a", kilobytes(1))
    assert "a" in cache
    cache.get("a")
    cache.get("b")
    assert (cache.hits, cache.misses) == (1, 1)


def test_replacing_and_forgetting_give_their_room_back() -> None:
    cache = ArrayCache(4096)
    cache.put(("one", 1), kilobytes(1))
    cache.put(("one", 1), kilobytes(2))
    cache.put(("two", 1), kilobytes(1))
    assert cache.nbytes == 3 * 1024
    cache.forget(lambda key: key[0] == "one")
    assert (cache.nbytes, ("two", 1) in cache) == (1024, True)
    cache.forget()
    assert cache.nbytes == 0


def test_threads_may_use_it_at_once() -> None:
    cache = ArrayCache(8 * 1024)

    def work(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for key in rng.integers(0, 20, 500).tolist():
            if cache.get(key) is None:
                cache.put(key, kilobytes(1 + key % 3))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < cache.nbytes <= cache.budget
    assert cache.hits + cache.misses == 2000
