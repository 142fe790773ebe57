"""Global RX: seconds against spectral.rx and against the floor of its matrix products; memory on a 4 GB file."""

import os
import subprocess
import sys
import textwrap

import numpy as np

SPEED = """
    import time
    import numpy as np, spectral
    import hadviewer as hv
    def best(function, repeats=5):
        times = []
        for _ in range(repeats):
            clock = time.perf_counter()
            function()
            times.append(time.perf_counter() - clock)
        return min(times)
    shape = (512, 512, 191)
    rng = np.random.default_rng(0)
    cube = (rng.normal(size=shape) @ rng.normal(size=(191, 191))).astype(np.float32)
    pixels, square = cube.reshape(-1, 191).astype(np.float64), rng.normal(size=(191, 191))
    floor = best(lambda: pixels @ square)
    ours, peer = best(lambda: hv.detect(cube, "grx")), best(lambda: spectral.rx(cube))
    error = np.max(np.abs(hv.detect(cube, "grx").scores / spectral.rx(cube) - 1))
    print(f"{ours:9.3f} {peer:11.3f} {peer / ours:7.2f} {floor:9.3f} {100 * floor / ours:7.0f} % {error:12.1e}")
"""


def test_speed_against_spectral_and_the_floor() -> None:
    """The floor is one full product of pixels and bands x bands: the covariance and the scores need half of it each."""
    print("\nGRX 512×512×191 float32, seconds; the same number of threads for all")
    print("threads  hadviewer spectral.rx   ratio     floor   reached   largest relative difference")
    for threads in sorted({1, 2, os.cpu_count() or 1}):
        limits = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
        command = [sys.executable, "-c", textwrap.dedent(SPEED)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, **limits})
        print(f"{threads:7d}  {done.stdout.rstrip()}")


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
