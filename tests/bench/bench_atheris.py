"""Damaged files led by coverage: what opens new branches of the readers is damaged further.

``python -m tests.bench.bench_atheris SAMPLES [-atheris_runs=100000 ...]``; the package atheris has wheels for Linux
only, so it is none of the project's own. The first byte of an input chooses the file it stands for, of which it is the
content. Anything but an opened file or a sentence ends the run, as do two seconds or 2 GB.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["hadviewer.io"]):
    from hadviewer.engine import catalog
    from tests.io import fuzzing

    catalog.readers(), catalog.library_readers()


def main(samples: Path, arguments: list[str]) -> None:
    """Begin with the undamaged files and go on until something fails or the runs are over."""
    root = Path(tempfile.mkdtemp(prefix="atheris-"))
    specimens = fuzzing.specimens(samples, root / "made")[:256]
    corpus = root / "corpus"
    corpus.mkdir()
    for number, specimen in enumerate(specimens):
        (corpus / f"{number}").write_bytes(bytes([number]) + specimen.path.read_bytes())

    def once(data: bytes) -> None:
        if data:
            specimen = specimens[data[0] % len(specimens)]
            fuzzing.attempt(fuzzing.place(specimen, data[1:], root / "case"))

    limits = ["-timeout=2", "-rss_limit_mb=2048", f"-max_len={fuzzing.LARGEST}"]
    atheris.Setup([sys.argv[0], *limits, *arguments, str(corpus)], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
