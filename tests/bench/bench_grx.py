"""Global RX: seconds against spectral.rx and against the floor of its matrix products; memory on a 4 GB file."""

import subprocess
import sys
import textwrap
import time
from collections.abc import Callable

import numpy as np

import hadviewer as hv

SHAPE = (512, 512, 191)


def best(function: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        clock = time.perf_counter()
        function()
        times.append(time.perf_counter() - clock)
    return min(times)


def test_speed_against_spectral_and_the_floor() -> None:
    import spectral

    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(SHAPE[2], SHAPE[2]))
    cube = (rng.normal(size=SHAPE) @ mixing).astype(np.float32)
    pixels = cube.reshape(-1, SHAPE[2]).astype(np.float64)
    square = rng.normal(size=(SHAPE[2], SHAPE[2]))
    floor = (best(lambda: pixels.T @ pixels) + best(lambda: pixels @ square)) / 2
    ours = best(lambda: hv.detect(cube, "grx"))
    peer = best(lambda: spectral.rx(cube))
    error = np.max(np.abs(hv.detect(cube, "grx").scores / spectral.rx(cube) - 1))
    print(f"\nGRX {SHAPE[0]}×{SHAPE[1]}×{SHAPE[2]} float32, same threads")
    print(f"  hadviewer {ours:.3f} s · spectral.rx {peer:.3f} s · ratio {peer / ours:.2f}")
    print(f"  floor (half of two matrix products, by symmetry) {floor:.3f} s · reached {100 * floor / ours:.0f} %")
    print(f"  largest relative difference {error:.1e}")


def test_memory_on_a_large_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    lines, samples, bands = 5120, 1024, 200
    data = tmp_path / "large.dat"
    with data.open("wb") as file:
        file.truncate(lines * samples * bands * 4)
        rng = np.random.default_rng(0)
        for line in range(0, lines, 64):
            file.seek(line * samples * bands * 4)
            file.write(rng.normal(size=samples * bands).astype("<f4").tobytes())
    size = f"samples = {samples}\nlines = {lines}\nbands = {bands}\n"
    (tmp_path / "large.hdr").write_text(f"ENVI\n{size}data type = 4\ninterleave = bil\nbyte order = 0\n")
    program = textwrap.dedent(f"""
        import re, time
        import hadviewer as hv
        clock = time.perf_counter()
        result = hv.detect(hv.open({str(tmp_path / "large.hdr")!r}).cube, "grx")
        peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
        print(f"GRX on {{result.scores.size * {bands} * 4 / 2**30:.1f}} GiB: peak {{peak:.0f}} MiB, "
              f"{{time.perf_counter() - clock:.1f}} s")
    """)
    print("\n" + subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)
