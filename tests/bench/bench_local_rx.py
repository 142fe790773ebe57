"""Local RX and SLRX: time per pixel against spectral.rx(window) and the loop form, and against the machine's floor.

The floor is the arithmetic that cannot be spared at the rate of a large product of matrices, measured in the same run.
Where a bar is not reached, the roofline says why: LAPACK's rate on matrices of this size, measured in the same run too.
"""

import os
import subprocess
import sys
import textwrap

import pytest

COMMON = """
    import time
    import numpy as np, spectral, torch
    from hadviewer.core.context import Context
    from hadviewer.engine.blocks import ArrayBlocks
    from threadpoolctl import threadpool_limits
    spectral.settings.show_progress = False
    def best(functions, repeats):
        '''The least time of each function, taken in turns, so that what else the machine does strikes all alike.'''
        times = []
        for _ in range(repeats):
            times.append([])
            for function in functions:
                clock = time.perf_counter()
                function()
                times[-1].append(time.perf_counter() - clock)
        return np.min(times, axis=0)
    rng = np.random.default_rng(0)
    square = torch.from_numpy(rng.normal(size=(1500, 1500)))
    def scene(rows, cols, bands):
        return (rng.normal(size=(rows, cols, bands)) @ rng.normal(size=(bands, bands)) + 1000).astype(np.float32)
    def line(name, ours, peer, floor, error):
        print(f"{name:24s}{1e6 * ours:11.0f}{1e6 * peer:11.0f}{peer / ours:7.1f}{1e6 * floor:9.0f}"
              f"{100 * floor / ours:8.0f} %{error:11.1e}")
    def alone(function):
        '''The least time on one thread, as detectors have it for each matrix.'''
        with threadpool_limits(1):
            return best([function], 20)[0]
    def verdict(name, bar, ours, peer, lapack, products, what):
        '''Whether a bar is reached, and how far one could get with LAPACK as it is and all else at no cost.'''
        lapack = lapack / torch.get_num_threads()
        print(f"{name}: bar {bar}x, {'reached' if peer / ours >= bar else 'missed'} with {peer / ours:.1f}x. "
              f"{what}: {1e6 * lapack:.1f}, products at full rate: {1e6 * products:.1f}, "
              f"together {100 * (lapack + products) / ours:.0f} % of ours; "
              f"with nothing else to do {peer / (lapack + products):.0f}x")
"""

LRX = """
    from hadviewer.detectors.lrx import LRXParams, lrx
    cube = scene(32, 96, 191)
    crop = cube[:22, :24].astype(np.float64)
    def ours(cube, loading, inner=5, outer=21):
        return lrx(ArrayBlocks(cube), LRXParams(inner=inner, outer=outer, loading=loading), Context())
    samples = rng.normal(size=(12, 416, 193))
    matrices = samples.transpose(0, 2, 1) @ samples
    peer = lambda: spectral.rx(crop, window=(5, 21))
    error = np.max(np.abs(ours(crop, 0.0) / peer() - 1))
    functions = [lambda: ours(cube, 0.0), lambda: ours(cube, 1e-4), lambda: ours(cube, 1e-4, 7, 15),
                 lambda: ours(cube, 1e-4, 3, 9), peer, lambda: square @ square]
    times = best(functions, 4)
    rate = 2 * 1500**3 / times[-1]
    times = times / np.array([32 * 96] * 4 + [22 * 24, 1])
    lapack = alone(lambda: np.linalg.cholesky(matrices.transpose(0, 2, 1))) / len(matrices)
    edges, factor = 2 * (21 + 5), 193**3 / 3
    by_bands = (factor + edges * 193**2) / rate
    line("LRX (5,21)", times[0], times[4], by_bands, error)
    line("LRX (5,21) loaded", times[1], times[4], by_bands, np.nan)
    line("LRX (7,15), by samples", times[2], times[4], 177**3 / 3 / rate, np.nan)
    line("LRX (3,9), by samples", times[3], times[4], 73**3 / 3 / rate, np.nan)
    verdict("LRX (5,21)", 20, times[0], times[4], lapack, edges * 193**2 / rate, "LAPACK's factors")
    print(f"LAPACK runs at {factor / lapack / 1e9:.0f} GFLOP/s a thread, a large product at {rate / 1e9:.0f} on all")
"""

SLRX = """
    from hadviewer.detectors.slrx import SLRXParams, slrx
    from tests.detectors.reference_slrx import block_rx
    cube = scene(100, 100, 204)
    ours, peer = lambda: slrx(ArrayBlocks(cube), SLRXParams(), Context()), lambda: block_rx(cube)
    samples = rng.normal(size=(13, 512, 205))
    matrices, spectra = samples.transpose(0, 2, 1) @ samples, torch.from_numpy(samples[:, :64]).mT
    own = samples[:, :64] @ samples[:, :64].transpose(0, 2, 1) + np.eye(64)
    identity = torch.eye(64, dtype=torch.float64).expand(13, -1, -1)
    def solve(matrices, right):
        factors = torch.from_numpy(np.linalg.cholesky(matrices.transpose(0, 2, 1)))
        torch.linalg.solve_triangular(factors, right, upper=False)
    lapack = alone(lambda: (solve(matrices, spectra), solve(own, identity)))
    times = best([ours, peer, lambda: square @ square], 5)
    rate = 2 * 1500**3 / times[-1]
    pixels, blocks, bands = 100 * 100, 13 * 13, 204
    products = 4 * pixels * bands**2 + pixels * 64 * bands
    floor = (products + blocks * (bands**3 / 3 + 64**3 * 2 / 3)) / rate
    error = np.nanmax(np.abs(ours() - peer()))
    line("SLRX, blocks of 8", times[0] / pixels, times[1] / pixels, floor / pixels, error)
    verdict("SLRX", 20, times[0] / pixels, times[1] / pixels, lapack / (13 * 64), products / rate / pixels,
            "LAPACK's factors and solutions")
    print(f"At the floor itself SLRX would be {times[1] / floor:.0f} times as fast as the loop form")
"""


@pytest.mark.timeout(900)
def test_speed_against_peers_and_the_floor() -> None:
    """LRX: 191 bands, peer spectral.rx(window=(5, 21)); SLRX: 100×100×204, peer the definition written out."""
    for threads in (1, 2):
        print(f"\nMicroseconds a pixel, {threads} thread(s) for all")
        print("                               ours       peer  ratio    floor  reached difference")
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        limits = {**os.environ, **dict.fromkeys(names, str(threads))}
        for program in (LRX, SLRX):
            command = [sys.executable, "-c", textwrap.dedent(COMMON) + textwrap.dedent(program)]
            print(subprocess.run(command, capture_output=True, text=True, check=True, env=limits).stdout.rstrip())
