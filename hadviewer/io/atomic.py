"""Files that appear whole or not at all: written beside the target, then moved over it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hadviewer.core.errors import WriteError


@contextmanager
def replacing(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Paths to write to; they become ``targets``, in order, when the block ends well, and vanish when it does not.

    The folder is made when it is missing. Raises WriteError for whatever the system refuses, such as a full disk.
    """
    token = os.urandom(4).hex()
    parts = tuple(target.with_name(f".{number}-{token}{target.suffix}") for number, target in enumerate(targets))
    try:
        targets[0].parent.mkdir(parents=True, exist_ok=True)
        yield parts
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(
            f"{targets[0].name} cannot be written into {targets[0].parent}: {reason}.",
            hint="Choose another folder, or free some space.",
        ) from error
    finally:
        for part in parts:
            with suppress(OSError):  # also where the folder turned out to be a file
                part.unlink()
