"""Several files that belong together: all of them appear in a folder, or none does."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.geolocation import Geolocation


@contextmanager
def staged(folder: Path, *sources: Path | None) -> Iterator[Path]:
    """A folder to write into; when the block ends well its files move into ``folder``, else they vanish.

    Files of the same names are replaced; should one of them resist, those already replaced are put back. Raises
    WriteError for whatever the system refuses, and rather than replace one of ``sources`` or its header.
    """
    stage = folder / f".export-{os.urandom(4).hex()}"
    made = [place for place in (folder, *folder.absolute().parents) if not place.exists()]
    done = False
    try:
        stage.mkdir(parents=True)
        yield stage
        files = sorted(stage.iterdir())
        for file in files:
            for source in sources:
                refuse_source(folder / file.name, source)
        _move(files, folder)
        done = True
    except WriteError as error:
        error.message = error.message.replace(str(stage), str(folder))
        raise
    except OSError as error:
        raise WriteError(
            f"Files cannot be written into {folder}: {error.strerror or error}.",
            hint="Choose another folder, or free some space.",
        ) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for place in () if done else made:
            if place.is_dir() and not any(place.iterdir()):
                place.rmdir()


def sources_of(cube: Cube | None) -> list[Path]:
    """The files that must not be replaced by what is made of a cube: its own, and those that place its pixels."""
    own = [] if cube is None or cube.path is None else [cube.path]
    return [*own, *(cube.geo.files if cube is not None and isinstance(cube.geo, Geolocation) else ())]


def refuse_source(target: Path, source: Path | None) -> None:
    """Raise WriteError when ``target`` is the file ``source`` that something was made from, or its header."""
    if source is None or target.parent.resolve() != source.parent.resolve():
        return
    pair = {source.name.lower(), source.with_suffix(".hdr").name.lower(), f"{source.name}.hdr".lower()}
    if target.name.lower() in pair:
        raise WriteError(
            f"{target.name} would replace the file it was made from.", hint="Choose another folder or name."
        )


def _move(files: Sequence[Path], folder: Path) -> None:
    """Move the files into the folder; those there before are kept until all have arrived."""
    for file in files:
        if (folder / file.name).is_dir():
            raise WriteError(f"{file.name} is a folder in {folder}.", hint="Choose another folder or name.")
    moved: list[tuple[Path, Path]] = []
    try:
        for file in files:
            target, former = folder / file.name, file.with_name(f"{file.name}.former")
            moved.append((target, former))
            if target.exists():
                _keep(target, former)
            file.replace(target)
    except OSError:
        for target, former in reversed(moved):
            if former.exists():
                former.replace(target)
            elif not (former.parent / target.name).exists():
                target.unlink(missing_ok=True)
        raise


def _keep(target: Path, former: Path) -> None:
    """A second name for a file, so that it is there at every moment; another name where that cannot be."""
    try:
        os.link(target, former)
    except OSError:
        target.replace(former)
