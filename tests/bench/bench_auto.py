"""The automatic detector and AED: figures on all scenes, seconds on one and two threads, implants, growth with size."""

import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import hadviewer as hv
from hadviewer.analysis.roc import auc
from tests.detectors.implants import OBJECTS, foreign, implanted
from tests.detectors.test_aed import FIGURES as AED_FIGURES
from tests.detectors.test_aed import PLAIN
from tests.detectors.test_auto import FIGURES

TIMED = """
    import json, sys, time
    import hadviewer as hv
    times = {}
    for path in sys.argv[1:]:
        cube = hv.open(path).cube
        hv.detect(cube, "auto")
        clock = time.perf_counter()
        hv.detect(cube, "auto")
        times[path] = time.perf_counter() - clock
    print(json.dumps(times))
"""
GROWTH = """
    import re, sys, time
    import numpy as np
    import hadviewer as hv
    from scipy.ndimage import gaussian_filter
    side, bands = int(sys.argv[1]), 100
    rng = np.random.default_rng(0)
    shares = np.exp(60 * gaussian_filter(rng.normal(size=(side, side, 5)), (8, 8, 0))).astype(np.float32)
    shares /= shares.sum(axis=2, keepdims=True)
    cube = np.empty((side, side, bands), np.float32)
    spectra = 2 + np.sin(np.outer(np.arange(1, 6), np.arange(bands) / 20))
    for row in range(side):
        cube[row] = shares[row] @ spectra + rng.normal(0, 0.01, (side, bands))
    before = int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
    clock = time.perf_counter()
    hv.detect(cube, "auto")
    seconds = time.perf_counter() - clock
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
    print(f"  {side}×{side}×{bands}: {seconds:6.1f} s, {1e6 * seconds / side**2:4.0f} µs a pixel, "
          f"cube {cube.nbytes / 2**20:4.0f} MiB, {peak - before:5.0f} MiB more at the peak")
"""


def run(program: str, *arguments: str, threads: int = 2) -> str:
    """What a fresh interpreter prints, with this many threads for linear algebra."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    command = [sys.executable, "-c", textwrap.dedent(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


@pytest.mark.timeout(600)
def test_figures_and_seconds_on_all_scenes(scenes) -> None:  # type: ignore[no-untyped-def]
    paths = {name: str(scenes / f"{name}.mat") for name in FIGURES}
    one, two = (json.loads(run(TIMED, *paths.values(), threads=threads)) for threads in (1, 2))
    print("\nscene            auto design   1 thr  2 thr     AED app. A     raw app. A")
    found = []
    for name, path in paths.items():
        scene = hv.open(path)
        assert scene.truth is not None
        maps = [hv.detect(scene.cube, "auto"), hv.detect(scene.cube, "aed"), hv.detect(scene.cube, "aed", params=PLAIN)]
        ours, aed, raw = (auc(result.scores, scene.truth.mask) for result in maps)
        found.append(ours)
        design, filtered, plain = FIGURES[name], *AED_FIGURES[name]
        print(f"{name:14} {ours:.4f} {design:.4f}  {one[path]:5.2f}s {two[path]:5.2f}s  ", end="")
        print(f"{aed:.4f} {filtered:.4f}  {raw:.4f} {plain:.4f}")
    print(f"{'mean':14} {np.mean(found):.4f} {np.mean(list(FIGURES.values())):.4f}")
    assert np.mean(found) >= 0.995
    assert min(found) >= 0.985


@pytest.mark.timeout(900)
def test_all_implants(scenes) -> None:  # type: ignore[no-untyped-def]
    """Two scenes, five sizes, three draws: mean and worst area under the curve of the implanted pixels."""
    opened = {name: hv.open(scenes / f"{name}.mat") for name in ("pavia-crop", "abu-urban-1")}
    cubes = {name: scene.cube.values() for name, scene in opened.items()}
    truths = {name: scene.truth.mask for name, scene in opened.items() if scene.truth is not None}
    spectra = {name: cubes[name][truths[name]] for name in opened}
    found = []
    print()
    for kind in ("its own", "foreign"):
        for pixels, objects in OBJECTS.items():
            areas = []
            for name, other in zip(opened, reversed(opened), strict=True):
                targets = spectra[name] if kind == "its own" else foreign(spectra[other], cubes[name])
                for seed in range(3):
                    cube, places = implanted(cubes[name], truths[name], targets, round(pixels**0.5), objects, seed)
                    scores = hv.detect(cube, "auto").scores
                    areas.append(auc(scores, places, ignore=truths[name] & ~places))
            found += areas
            print(f"  {kind:8} {objects} × {pixels:3} px: mean {np.mean(areas):.3f}, worst {min(areas):.3f}")
    print(f"  all: mean {np.mean(found):.3f}, worst {min(found):.3f} (design: .990, .90)")
    assert np.mean(found) >= 0.985


@pytest.mark.timeout(900)
def test_growth_with_the_size_of_the_scene() -> None:
    print()
    for side in (128, 256, 512):
        print(run(GROWTH, str(side)), end="")
