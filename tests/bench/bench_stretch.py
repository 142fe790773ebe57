"""Stretches of one band against the same done literally with numpy, limits included.

The literal way takes percentiles, means and ranks of every pixel; ours those of a sample, then one pass over all.
"""

import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from hadviewer.render.stretch import (
    TAIL,
    Curve,
    deviations,
    equalised,
    gaussian,
    grid_sample,
    limits,
    linear,
    logarithm,
    square_root,
)

REPEATS = 3
Plane = NDArray[np.float32]


def ours(make: Callable[[Plane], Curve]) -> Callable[[Plane], NDArray[np.uint8]]:
    def shown(plane: Plane) -> NDArray[np.uint8]:
        out = np.empty(plane.shape, dtype=np.uint8)
        make(grid_sample(plane)).apply(plane, out)
        return out

    return shown


def between(plane: Plane, low: float, high: float, bend: Callable[[Plane], Plane] = lambda t: t) -> NDArray[np.uint8]:
    return np.rint(255 * bend(np.clip((plane - low) / (high - low), 0, 1))).astype(np.uint8)


def cut(plane: Plane, bend: Callable[[Plane], Plane] = lambda t: t) -> NDArray[np.uint8]:
    return between(plane, *np.percentile(plane, [2, 98]), bend)


def around_mean(plane: Plane) -> NDArray[np.uint8]:
    mean, spread = plane.mean(), plane.std()
    return between(plane, mean - 2 * spread, mean + 2 * spread)


def by_rank(plane: Plane) -> NDArray[np.uint8]:
    """Histogram equalisation as in scikit-image: cumulated histogram, interpolated."""
    counts, edges = np.histogram(plane, 4096)
    share = np.cumsum(counts) / plane.size
    return (
        np.rint(255 * np.interp(plane.ravel(), (edges[1:] + edges[:-1]) / 2, share))
        .astype(np.uint8)
        .reshape(plane.shape)
    )


def normal(plane: Plane) -> NDArray[np.uint8]:
    from scipy.special import ndtri

    counts, edges = np.histogram(plane, 4096)
    share = np.clip(np.cumsum(counts) / plane.size, 1e-6, 1 - 1e-6)
    z = np.interp(plane.ravel(), (edges[1:] + edges[:-1]) / 2, ndtri(share))
    return np.rint(np.clip(127.5 + z / 3 * 127.5, 0, 255)).astype(np.uint8).reshape(plane.shape)


WAYS: dict[str, tuple[Callable[[Plane], Curve], Callable[[Plane], NDArray[np.uint8]]]] = {
    "linear 2 %": (linear, cut),
    "deviations": (deviations, around_mean),
    "square root": (lambda sample: square_root(limits(sample)), lambda plane: cut(plane, np.sqrt)),
    "logarithm": (
        lambda sample: logarithm(limits(sample)),
        lambda plane: cut(plane, lambda t: np.log1p(100 * t) / np.log(101)),
    ),
    "equalised": (lambda sample: equalised(sample, limits(sample, TAIL)), by_rank),
    "gaussian": (lambda sample: gaussian(sample, limits(sample, TAIL)), normal),
}


def by_turns(*functions: Callable[[], object]) -> list[float]:
    """The least seconds of each, measured by turns so that all see the same load."""
    times: list[list[float]] = [[] for _ in functions]
    for _ in range(REPEATS):
        for function, kept in zip(functions, times, strict=True):
            start = time.perf_counter()
            function()
            kept.append(time.perf_counter() - start)
    return [min(kept) for kept in times]


@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("side", [2000, 4000])
def test_speed_against_numpy(side: int, name: str) -> None:
    plane = np.random.default_rng(0).gamma(2.0, 50.0, (side, side)).astype(np.float32)
    make, literal = WAYS[name]
    shown = ours(make)
    mine, theirs = by_turns(lambda: shown(plane), lambda: literal(plane))
    apart = np.abs(shown(plane).astype(int) - literal(plane)).mean()
    print(f"\n{name} {side}²: {mine * 1e3:.1f} ms, numpy {theirs * 1e3:.1f} ms, ratio {theirs / mine:.1f}; ", end="")
    print(f"{apart:.2f} greys apart in the mean")
    assert apart < 1
