"""Open libraries: opened, replaced and closed as steps to undo, and kept when another scene is opened."""

from pathlib import Path

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.library import SpectralLibrary
from hadviewer.engine.session import Session
from hadviewer.io.sources import ArraySource


def library(name: str, count: int = 2) -> SpectralLibrary:
    names = tuple(f"{name} {number}" for number in range(count))
    return SpectralLibrary(name, names, np.ones((count, 3), np.float32), source=Path(name))


def titles(session: Session) -> list[str]:
    return [item.library.name for item in session.state.libraries]


def test_libraries_come_and_go_as_steps() -> None:
    session = Session()
    session.shelf.add([library("minerals")])
    session.shelf.add([library("trees"), library("roofs")])
    assert titles(session) == ["minerals", "trees", "roofs"]
    assert session.undo_label == "Open 2 libraries"
    session.shelf.remove(session.state.libraries[1].id)
    assert titles(session) == ["minerals", "roofs"]
    session.undo()
    session.undo()
    assert titles(session) == ["minerals"]


def test_opening_a_file_again_replaces_it() -> None:
    session = Session()
    session.shelf.add([library("a"), library("b")])
    session.shelf.add([library("a", 5)])
    assert titles(session) == ["b", "a"]
    found = session.shelf.find(session.state.libraries[1].id)
    assert found is not None
    assert len(found) == 5
    assert len({item.id for item in session.state.libraries}) == 2


def test_another_scene_leaves_them_open() -> None:
    session = Session()
    session.shelf.add([library("a")])
    session.open(Scene(Cube(ArraySource(np.zeros((2, 2, 3))), BandSet(3))))
    assert titles(session) == ["a"]
