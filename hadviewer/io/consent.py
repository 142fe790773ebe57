"""Programs in files that the user has allowed to run, known by the SHA-256 of what is in them.

The list lies with the user's settings and nowhere else: no recipe and no folder of weights can bring consent along.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hadviewer.core.errors import DetectorError
from hadviewer.io.atomic import replacing

FILE = "allowed-programs.txt"


@dataclass(frozen=True)
class Program:
    """A file that runs when it is loaded."""

    path: Path
    fingerprint: str


class ConsentNeeded(DetectorError):
    """Programs were to run that the user has not allowed; ``programs`` are those to be asked about."""

    def __init__(self, message: str, *, programs: Sequence[Program], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.programs = tuple(programs)


def fingerprint(content: bytes) -> str:
    """The SHA-256 of a file's content, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def allowed() -> frozenset[str]:
    """The fingerprints of every program that may run."""
    try:
        lines = _place().read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return frozenset()
    return frozenset(line[:64] for line in lines if re.match(r"[0-9a-f]{64}(\s|$)", line))


def allow(programs: Iterable[Program]) -> None:
    """Remember that these programs may run; raises WriteError."""
    place, known = _place(), allowed()
    new = [f"{item.fingerprint}  {item.path.name}" for item in programs if item.fingerprint not in known]
    if new:
        before = place.read_text(encoding="utf-8") if known else ""
        with replacing(place) as (part,):
            part.write_text("\n".join(filter(None, [before.rstrip("\n"), *new])) + "\n", encoding="utf-8")


def withdraw(programs: Iterable[Program]) -> None:
    """Forget that these programs may run; raises WriteError."""
    place, unwanted = _place(), {item.fingerprint for item in programs}
    if allowed() & unwanted:
        lines = place.read_text(encoding="utf-8").splitlines()
        with replacing(place) as (part,):
            part.write_text("".join(f"{line}\n" for line in lines if line[:64] not in unwanted), encoding="utf-8")


def _place() -> Path:
    from platformdirs import user_config_path

    return user_config_path("hadviewer", appauthor=False) / FILE
