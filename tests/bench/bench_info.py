"""``hadviewer info`` on every file of a folder: seconds of the processor and peak memory of the whole process.

``python -m tests.bench.bench_info FOLDER``. Both count from the start of the interpreter; the aim is 1 s and 200 MB.
"""

import os
import subprocess
import sys
from pathlib import Path

SECONDS, MEGABYTES = 1.0, 200.0


def measure(path: Path) -> tuple[float, float]:
    """Seconds of the processor and megabytes at the peak."""
    command = [sys.executable, "-m", "hadviewer", "info", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main(folder: Path) -> int:
    """Measure each file; 1 when one is over the aim."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    rows = [(*measure(path), path.relative_to(folder).as_posix()) for path in files]
    for title, column in (("slowest", 0), ("largest", 1)):
        print(f"{title}:")
        for seconds, megabytes, name in sorted(rows, key=lambda row: -row[column])[:5]:
            print(f"  {seconds:.2f} s  {megabytes:4.0f} MB  {name}")
    over = [name for seconds, megabytes, name in rows if seconds > SECONDS or megabytes > MEGABYTES]
    print(f"{len(rows)} files, over {SECONDS:g} s or {MEGABYTES:g} MB: {', '.join(over) or 'none'}")
    return int(bool(over))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
