"""Many damaged files: none may crash the program, keep it busy for two seconds, take memory or touch other files.

``python -m tests.bench.bench_fuzz SAMPLES [CASES [PROCESSES [FIRST]]]``: each case is a number, which gives the file
and the damage again: ``python -m tests.bench.bench_fuzz SAMPLES case NUMBER``.
"""

import contextlib
import faulthandler
import multiprocessing
import resource
import sys
import tempfile
import time
import traceback
import tracemalloc
from collections import Counter
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from tests.io import fuzzing

SECONDS = 2.0
PATIENCE = 20.0
MOST_MEMORY = 2**28
ADDRESS_SPACE = 8 * 2**30
BATCH = 64


def damage(specimens: list[fuzzing.Specimen], case: int, folder: Path) -> Path:
    """The file of a case."""
    rng = np.random.default_rng(case)
    specimen = specimens[case % len(specimens)]
    return fuzzing.place(specimen, fuzzing.damaged(specimen.path.read_bytes(), rng), folder)


def memory(key: str) -> int:
    """A figure of this process in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))


def open_files(folder: Path) -> list[str]:
    """Files that are open outside the folder of the case and of the system."""
    found = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            target = str(link.readlink())
            if target.startswith("/") and not target.startswith((str(folder), "/dev", "/proc", "/usr")):
                found.append(target)
    return found


def work(samples: Path, root: Path, inbox: Connection) -> None:
    """Answer each case with (case, outcome, seconds, growth of memory)."""
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    specimens, folder = fuzzing.specimens(samples, root / "made"), root / "case"
    for specimen in specimens:
        fuzzing.attempt(fuzzing.place(specimen, specimen.path.read_bytes(), folder))
    watch = fuzzing.Watch()
    known = set(open_files(root))
    tracemalloc.start()
    inbox.send((-1, "ready", 0.0, 0))
    while True:
        case = inbox.recv()
        path = damage(specimens, case, folder)
        Path("/proc/self/clear_refs").write_text("5")
        tracemalloc.reset_peak()
        claimed, before, started = tracemalloc.get_traced_memory()[0], memory("VmRSS"), time.process_time()
        watch.folder = root
        try:
            outcome = fuzzing.attempt(path)
        except Exception:  # noqa: BLE001 - what the bench looks for
            outcome = traceback.format_exc()
        watch.folder = None
        seconds, growth = time.process_time() - started, memory("VmHWM") - before
        growth = max(growth, tracemalloc.get_traced_memory()[1] - claimed)
        strangers = [*watch.strangers, *(set(open_files(root)) - known)]
        watch.strangers.clear()
        if strangers:
            outcome = f"touched {strangers}"
        inbox.send((case, outcome, seconds, growth))


class Worker:
    """A process that opens damaged files, and is replaced when one has killed it."""

    def __init__(self, samples: Path, root: Path) -> None:
        self._samples, self._root = samples, root
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=work, args=(self._samples, self._root, other), daemon=True)
        self.process.start()
        other.close()
        assert self.pipe.poll(300)
        self.pipe.recv()

    def run(self, case: int) -> tuple[str, float, int]:
        """What became of a case."""
        self.pipe.send(case)
        try:
            if self.pipe.poll(PATIENCE):
                _, outcome, seconds, growth = self.pipe.recv()
                return outcome, seconds, growth
            outcome = f"hangs for {PATIENCE:.0f} s"
        except (EOFError, ConnectionResetError):
            outcome = "crash"
        self.process.kill()
        self.process.join()
        self._start()
        return f"{outcome} (exit {self.process.exitcode})", 0.0, 0


def share(samples: Path, cases: range, results: "multiprocessing.Queue[tuple[str, int, float, int]]") -> None:
    """Run some of the cases and send back what became of each."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as root:
        worker = Worker(samples, Path(root))
        for case in cases:
            outcome, seconds, growth = worker.run(case)
            results.put((outcome, case, seconds, growth))
        worker.process.kill()


def main(samples: Path, count: int, processes: int, first: int) -> int:
    """Run the cases; the number of those that failed."""
    results: multiprocessing.Queue[tuple[str, int, float, int]] = multiprocessing.Queue()
    started = time.monotonic()
    shares = [range(first + number, first + count, processes) for number in range(processes)]
    runners = [multiprocessing.Process(target=share, args=(samples, cases, results)) for cases in shares]
    for runner in runners:
        runner.start()
    outcomes: Counter[str] = Counter()
    slowest, largest, failed = (0.0, -1), (0, -1), 0
    for number in range(count):
        outcome, case, seconds, growth = results.get()
        slowest, largest = max(slowest, (seconds, case)), max(largest, (growth, case))
        sound = outcome in ("opened", "refused")
        outcomes[outcome if sound else "failed"] += 1
        if not sound or seconds > SECONDS or growth > MOST_MEMORY:
            failed += 1
            print(f"case {case}: {seconds:.2f} s, {growth >> 20} MiB, {outcome}", flush=True)
        if number % 5000 == 4999:
            print(f"{number + 1} cases, {time.monotonic() - started:.0f} s", flush=True)
    for runner in runners:
        runner.join()
    print(f"{count} cases: {dict(outcomes)}, {failed} failed")
    print(f"slowest {slowest[0]:.2f} s (case {slowest[1]}), largest growth {largest[0] >> 20} MiB (case {largest[1]})")
    return failed


def again(samples: Path, case: int) -> None:
    """One case in this process."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as root:
        path = damage(fuzzing.specimens(samples, Path(root) / "made"), case, Path(root) / "case")
        print(path.name, path.stat().st_size, flush=True)
        print(fuzzing.attempt(path))


if __name__ == "__main__":
    if sys.argv[2:3] == ["case"]:
        again(Path(sys.argv[1]), int(sys.argv[3]))
    else:
        numbers = [int(word) for word in sys.argv[2:]]
        sys.exit(bool(main(Path(sys.argv[1]), *[*numbers, *(2000, 2, 0)[len(numbers) :]])))
