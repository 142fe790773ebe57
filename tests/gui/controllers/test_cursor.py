"""The read-out says what is under the cursor, from what is in memory."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene, Window
from hadviewer.core.errors import ReadError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import Segmentation, Session
from hadviewer.gui.controllers.cursor import CursorController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.data import Marker
from hadviewer.gui.views.protocols import ImageViewLike, ReadoutLike
from hadviewer.render.tiling import Address


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(ImageViewLike)


@pytest.fixture
def readout(double: Callable[[type], Any]) -> Any:
    return double(ReadoutLike)


@pytest.fixture
def controller(session: Session, jobs: Any, view: Any, readout: Any, tiles: TileLoader) -> CursorController:
    return CursorController(session, jobs, view, readout, tiles)


def show(session: Session, tiles: TileLoader, scene: Scene) -> None:
    """Open a scene and have its true-colour bands in memory."""
    session.open(scene)
    planes = tiles.open(scene.cube)
    assert planes is not None
    planes.tiles((3, 1, 0), Address(1, 0, 0))


def text(readout: Any) -> str:
    return str(readout.set_text.call_args.args[0])


def test_it_reads_line_sample_values_and_truth_without_touching_the_file(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, scene: Scene
) -> None:
    show(session, tiles, scene)
    count = len(scene.cube.source.reads)  # type: ignore[attr-defined]
    view.pixel_hovered.emit((3, 5))
    assert text(readout) == "Line 3, sample 5 · 685.7 nm: 30305, 528.6 nm: 10305, 450.0 nm: 305 · Truth: anomaly"
    view.pixel_hovered.emit((3, 6))
    assert text(readout).endswith("Truth: background")
    assert len(scene.cube.source.reads) == count  # type: ignore[attr-defined]
    assert session.cursor == (3, 6)


def test_beside_the_image_it_says_nothing(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, scene: Scene
) -> None:
    show(session, tiles, scene)
    view.pixel_hovered.emit((3, 5))
    view.pixel_hovered.emit(None)
    assert text(readout) == ""
    assert session.cursor is None


def test_map_score_and_superpixel_follow_when_they_are_known(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, cube: Cube
) -> None:
    geo = Georeference((500_000.0, 2.0, 0.0, 4_000_000.0, 0.0, -2.0), units="m")
    show(session, tiles, Scene(replace(cube, geo=geo)))
    view.pixel_clicked.emit(10, 4)
    assert text(readout).endswith("Map 500009.0, 3999979.0")
    scores = np.full((12, 17), np.nan, dtype=np.float32)
    scores[10, 4] = 12.345678
    request = DetectionRequest(detector="grx")
    session.add_result(DetectionResult(request, scores, np.isfinite(scores), 0.1), "Global RX")
    assert text(readout).endswith("Score 12.346 (Global RX) · Map 500009.0, 3999979.0")
    session.set_segmentation(Segmentation(np.full((12, 17), 6, dtype=np.int32), np.zeros((7, 8), dtype=np.float32)))
    assert "Score 12.346 (Global RX) · Superpixel 7 · Map" in text(readout)
    view.pixel_hovered.emit((0, 0))
    assert "Score no data (Global RX)" in text(readout)


def test_latitude_and_longitude_stand_beside_the_map_as_the_user_prefers(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, cube: Cube
) -> None:
    geo = Georeference((500_000.0, 2.0, 0.0, 4_000_000.0, 0.0, -2.0), "EPSG:32611", units="m")
    show(session, tiles, Scene(replace(cube, geo=geo)))
    view.pixel_clicked.emit(10, 4)
    assert text(readout).endswith("Map 500009.0, 3999979.0 · 36.144529° N, 116.999900° W")
    controller.write_places("degrees, minutes, seconds")
    assert text(readout).endswith("Map 500009.0, 3999979.0 · 36°08\u203240.30\u2033 N, 116°59\u203259.64\u2033 W")
    controller.write_places("map only")
    assert text(readout).endswith("Map 500009.0, 3999979.0")


def test_coordinates_of_a_pixel_are_read_in_the_background(
    session: Session, held_jobs: Any, view: Any, readout: Any, tiles: TileLoader, cube: Cube
) -> None:
    rows, cols = np.meshgrid(np.arange(12.0), np.arange(17.0), indexing="ij")
    geo = Geolocation(ArrayCoordinates(np.stack((8 + cols / 1000, 47 - rows / 1000), axis=-1)))
    _controller = CursorController(session, held_jobs, view, readout, tiles)
    show(session, tiles, Scene(replace(cube, geo=geo)))
    view.pixel_hovered.emit((3, 5))
    assert "°" not in text(readout)
    held_jobs.perform(0)
    assert text(readout).endswith("46.997000° N, 8.005000° E")
    view.pixel_hovered.emit((4, 5))
    assert text(readout).endswith("46.996000° N, 8.005000° E"), "what is in memory is told at once"


def test_coordinates_that_cannot_be_read_are_said_once(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, cube: Cube
) -> None:
    class Broken(ArrayCoordinates):
        def read(self, window: Any, step: int = 1) -> Any:
            raise ReadError("scene_igm.dat is damaged.")

    show(session, tiles, Scene(replace(cube, geo=Geolocation(Broken(np.zeros((12, 17, 2)))))))
    view.pixel_hovered.emit((3, 5))
    assert text(readout).endswith("Map coordinates cannot be read")


def test_missing_values_and_missing_wavelengths_are_said(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, make_cube: Any
) -> None:
    cube = make_cube(wavelengths=False, nodata=100.0)
    session.open(Scene(cube))
    planes = tiles.open(cube)
    assert planes is not None
    planes.tiles((5, 3, 1, 0), Address(1, 0, 0))
    session.set_display(replace(session.state.display, mode="grey", bands=(0,)))
    view.pixel_hovered.emit((1, 0))
    assert text(readout) == "Line 1, sample 0 · Band 1: no data"


def test_of_a_pixel_that_is_not_in_memory_only_its_values_are_read(
    controller: CursorController, session: Session, view: Any, readout: Any, tiles: TileLoader, cube: Cube
) -> None:
    session.open(Scene(cube))
    tiles.open(cube)
    view.pixel_hovered.emit((11, 15))
    assert "685.7 nm: 31115, 528.6 nm: 11115, 450.0 nm: 1115" in text(readout)
    assert cube.source.windows == [Window(11, 12, 15, 16)]  # type: ignore[attr-defined]


def test_a_value_that_comes_too_late_is_not_said(
    session: Session, held_jobs: Any, view: Any, readout: Any, scene: Scene, tiles: TileLoader
) -> None:
    _controller = CursorController(session, held_jobs, view, readout, tiles)
    session.open(scene)
    view.pixel_hovered.emit((11, 15))
    view.pixel_hovered.emit((1, 1))
    held_jobs.perform(0)
    assert text(readout) == "Line 1, sample 1 · Truth: background"
    held_jobs.perform(0)
    assert "30101" in text(readout)


def test_kept_spectra_are_marked_in_their_colours(
    controller: CursorController, session: Session, view: Any, tiles: TileLoader, scene: Scene
) -> None:
    show(session, tiles, scene)
    first, second = session.pins.add(1, 2), session.pins.add(3, 4)
    assert view.set_markers.call_args.args[0] == [Marker(1, 2, first.colour), Marker(3, 4, second.colour)]
    session.pins.update([first.id], visible=False)
    assert view.set_markers.call_args.args[0] == [Marker(3, 4, second.colour)]
