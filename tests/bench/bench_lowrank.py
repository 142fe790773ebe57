"""Low-rank detectors: proximal steps and whole runs against the literal forms with full decompositions."""

import time
from collections.abc import Callable

import numpy as np
import torch

from hadviewer.core.context import Context
from hadviewer.detectors._lowrank import svt
from hadviewer.detectors.lsmad import LSMADParams, lsmad
from hadviewer.detectors.rpca_rx import RPCARXParams, rpca_rx
from tests.detectors import reference_lsmad, reference_rpca_rx

SHAPE = (100, 100, 200)


def best(function: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        clock = time.perf_counter()
        function()
        times.append(time.perf_counter() - clock)
    return min(times)


def row(name: str, ours: float, literal: float, error: float) -> None:
    print(f"  {name:34} {ours:8.3f} s  literal {literal:8.3f} s  ratio {literal / ours:5.1f}  difference {error:.0e}")


def test_short_side_against_full_decompositions() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.random((SHAPE[0] * SHAPE[1], 12)) @ rng.random((12, SHAPE[2]))
    pixels += 0.01 * rng.normal(size=pixels.shape)
    cube = pixels.reshape(SHAPE).astype(np.float32)
    print(f"\nLow rank, {SHAPE[0]}×{SHAPE[1]}×{SHAPE[2]}, {torch.get_num_threads()} threads")
    matrix, floor = torch.as_tensor(pixels), torch.as_tensor(rng.random((SHAPE[2], SHAPE[2])))
    for threshold in (1.5, 5.0):
        expected = reference_rpca_rx.singular_threshold(pixels, threshold)
        error = float(np.abs(svt(matrix, threshold).numpy() - expected).max())
        literal = best(lambda at=threshold: reference_rpca_rx.singular_threshold(pixels, at))  # type: ignore[misc]
        row(f"singular threshold {threshold}", best(lambda at=threshold: svt(matrix, at)), literal, error)  # type: ignore[misc]
    print(f"  one product pixels × bands × bands {best(lambda: matrix @ floor):6.3f} s; a threshold needs two at most")
    for name, ours, literal_form in (
        ("rpca-rx", lambda: rpca_rx(cube, RPCARXParams(), Context()), lambda: reference_rpca_rx.scores(cube)),
        ("lsmad", lambda: lsmad(cube, LSMADParams(), Context()), lambda: reference_lsmad.scores(cube)),
    ):
        found, expected = ours(), literal_form()
        error = float(np.max(np.abs(found / expected - 1)))
        row(name, best(ours, 2), best(literal_form, 1), error)
