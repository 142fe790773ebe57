"""The read-out says what is under the cursor, from what is in memory."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import Segmentation, Session
from hadviewer.gui.controllers._planes import PlaneCache
from hadviewer.gui.controllers.cursor import CursorController
from hadviewer.gui.views.data import Marker
from hadviewer.gui.views.protocols import ImageViewLike, ReadoutLike


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(ImageViewLike)


@pytest.fixture
def readout(double: Callable[[type], Any]) -> Any:
    return double(ReadoutLike)


@pytest.fixture
def planes() -> PlaneCache:
    return PlaneCache()


@pytest.fixture
def controller(session: Session, jobs: Any, view: Any, readout: Any, planes: PlaneCache) -> CursorController:
    return CursorController(session, jobs, view, readout, planes)


def show(session: Session, planes: PlaneCache, scene: Scene) -> None:
    """Open a scene and have its true-colour bands in memory."""
    session.open(scene)
    planes.open(scene.cube)
    planes.levels(scene.cube, (3, 1, 0))


def text(readout: Any) -> str:
    return str(readout.set_text.call_args.args[0])


def test_it_reads_line_sample_values_and_truth_without_touching_the_file(
    controller: CursorController, session: Session, view: Any, readout: Any, planes: PlaneCache, scene: Scene
) -> None:
    show(session, planes, scene)
    count = len(scene.cube.source.reads)  # type: ignore[attr-defined]
    view.pixel_hovered.emit((3, 5))
    assert text(readout) == "Line 3, sample 5 · 685.7 nm: 30305, 528.6 nm: 10305, 450.0 nm: 305 · Truth: anomaly"
    view.pixel_hovered.emit((3, 6))
    assert text(readout).endswith("Truth: background")
    assert len(scene.cube.source.reads) == count  # type: ignore[attr-defined]
    assert session.cursor == (3, 6)


def test_beside_the_image_it_says_nothing(
    controller: CursorController, session: Session, view: Any, readout: Any, planes: PlaneCache, scene: Scene
) -> None:
    show(session, planes, scene)
    view.pixel_hovered.emit((3, 5))
    view.pixel_hovered.emit(None)
    assert text(readout) == ""
    assert session.cursor is None


def test_map_score_and_superpixel_follow_when_they_are_known(
    controller: CursorController, session: Session, view: Any, readout: Any, planes: PlaneCache, cube: Cube
) -> None:
    geo = Georeference((500_000.0, 2.0, 0.0, 4_000_000.0, 0.0, -2.0), units="m")
    show(session, planes, Scene(replace(cube, geo=geo)))
    view.pixel_clicked.emit(10, 4)
    assert text(readout).endswith("Map 500009.0, 3999979.0")
    scores = np.full((12, 17), np.nan, dtype=np.float32)
    scores[10, 4] = 12.345678
    request = DetectionRequest(detector="grx")
    session.add_result(DetectionResult(request, scores, np.isfinite(scores), 0.1), "Global RX")
    assert text(readout).endswith("Score 12.346 (Global RX)")
    session.set_segmentation(Segmentation(np.full((12, 17), 6, dtype=np.int32), np.zeros((7, 8), dtype=np.float32)))
    assert text(readout).endswith("Score 12.346 (Global RX) · Superpixel 7")
    view.pixel_hovered.emit((0, 0))
    assert "Score no data (Global RX)" in text(readout)


def test_missing_values_and_missing_wavelengths_are_said(
    controller: CursorController, session: Session, view: Any, readout: Any, planes: PlaneCache, make_cube: Any
) -> None:
    cube = make_cube(wavelengths=False, nodata=100.0)
    session.open(Scene(cube))
    planes.open(cube)
    planes.levels(cube, (5, 3, 1, 0))
    session.set_display(replace(session.state.display, mode="grey", bands=(0,)))
    view.pixel_hovered.emit((1, 0))
    assert text(readout) == "Line 1, sample 0 · Band 1: no data"


def test_before_the_bands_are_read_there_are_no_values(
    controller: CursorController, session: Session, view: Any, readout: Any, cube: Cube
) -> None:
    session.open(Scene(cube))
    view.pixel_hovered.emit((2, 2))
    assert text(readout) == "Line 2, sample 2"


def test_on_a_thinned_out_scene_the_very_pixel_is_read(
    session: Session, jobs: Any, view: Any, readout: Any, scene: Scene
) -> None:
    planes = PlaneCache(largest=60)
    _controller = CursorController(session, jobs, view, readout, planes)
    show(session, planes, scene)
    view.pixel_hovered.emit((11, 15))
    assert "685.7 nm: 31115, 528.6 nm: 11115, 450.0 nm: 1115" in text(readout)


def test_a_value_that_comes_too_late_is_not_said(
    session: Session, held_jobs: Any, view: Any, readout: Any, scene: Scene
) -> None:
    planes = PlaneCache(largest=60)
    _controller = CursorController(session, held_jobs, view, readout, planes)
    show(session, planes, scene)
    view.pixel_hovered.emit((11, 15))
    view.pixel_hovered.emit((1, 1))
    held_jobs.perform(0)
    assert text(readout) == "Line 1, sample 1 · Truth: background"
    held_jobs.perform(0)
    assert "30101" in text(readout)


def test_kept_spectra_are_marked_in_their_colours(
    controller: CursorController, session: Session, view: Any, planes: PlaneCache, scene: Scene
) -> None:
    show(session, planes, scene)
    first, second = session.add_pin(1, 2), session.add_pin(3, 4)
    assert view.set_markers.call_args.args[0] == [Marker(1, 2, first.colour), Marker(3, 4, second.colour)]
    session.show_pin(first.id, False)
    assert view.set_markers.call_args.args[0] == [Marker(3, 4, second.colour)]
