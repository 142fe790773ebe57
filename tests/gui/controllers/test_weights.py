"""Weights of FEN are told under their field before a run: for which data they are, and whether the scene fits."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.core.results import DetectionRequest, TransformStep
from hadviewer.engine import catalog
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.weights import BEHIND, LOOKING, WAITING, WeightsController
from hadviewer.gui.views.detector_panel import DetectorPanel
from hadviewer.gui.views.protocols import DetectorPanelLike
from hadviewer.transforms._fen_record import RECORD
from tests.transforms.fen_weights import write_programs, write_states


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    return double(DetectorPanelLike)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Weights for six bands of AVIRIS, those that the small cube has first."""
    folder = write_states(tmp_path / "6bands-aviris", 6)
    record = {"sensor": "AVIRIS", "wavelengths": np.linspace(450, 1000, 8)[:6].tolist()}
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
    return folder


def choose(panel: Any, *steps: TransformStep, bands: str = "usable") -> None:
    panel.request.return_value = DetectionRequest(detector="grx", transforms=steps, bands=bands)
    panel.input_changed.emit()


def fen(folder: Any) -> TransformStep:
    return TransformStep(id="fen", params={"weights": None if folder is None else str(folder)})


def said(panel: Any) -> tuple[Any, ...]:
    return panel.show_note.call_args.args


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, panel: Any, scene: Scene) -> WeightsController:
    session.open(scene)
    return WeightsController(session, jobs, panel)


def test_bands_sensor_and_wavelengths_and_that_the_scene_fits(
    controller: WeightsController, panel: Any, weights: Path
) -> None:
    choose(panel, fen(weights))
    assert said(panel)[:2] == (0, "weights")
    assert said(panel)[2] == (
        "6bands-aviris, for 6 bands: the last 2 of the scene's 8 are cut off. They were trained on AVIRIS, 450-843 nm; "
        "the scene has the same bands."
    )


def test_other_bands_chosen_for_the_run_are_other_bands(
    controller: WeightsController, panel: Any, weights: Path
) -> None:
    choose(panel, fen(weights), bands="3-8")
    assert "all of the scene's" in said(panel)[2]
    assert "this scene has other bands: band 2 of those used lies at 686 nm" in said(panel)[2]
    choose(panel, fen(weights), bands="1-5")
    assert "need 6 bands; the scene has 5" in said(panel)[2]


def test_another_scene_is_compared_anew(
    controller: WeightsController, panel: Any, weights: Path, session: Session, make_cube: Callable[..., Cube]
) -> None:
    choose(panel, fen(weights))
    session.open(Scene(make_cube(bands=6, wavelengths=False)))
    assert "the scene's wavelengths are not known" in said(panel)[2]


def test_without_a_scene_or_behind_another_transform_only_the_weights_are_told(
    session: Session, jobs: InlineJobs, panel: Any, weights: Path
) -> None:
    WeightsController(session, jobs, panel)
    choose(panel, fen(weights))
    assert said(panel)[2] == "6bands-aviris: 6 bands, AVIRIS, 450-843 nm."
    choose(panel, TransformStep(id="unit"), fen(weights))
    assert said(panel) == (1, "weights", f"6bands-aviris: 6 bands, AVIRIS, 450-843 nm. {BEHIND}")


def test_what_cannot_be_told_is_said(controller: WeightsController, panel: Any, tmp_path: Path) -> None:
    choose(panel, fen(None))
    assert said(panel) == (0, "weights", "")
    choose(panel, fen(tmp_path / "nowhere"))
    assert "does not exist" in said(panel)[2]
    choose(panel, fen(write_programs(tmp_path / "unnamed", 6)))
    assert said(panel)[2] == "unnamed: programs that tell their bands only when they run."
    choose(panel, fen(write_states(tmp_path / "8bands", 8)))
    assert "For which wavelengths they are is not told beside them" in said(panel)[2]


def test_a_path_being_typed_asks_once_at_a_time_and_then_for_the_last(
    session: Session, held_jobs: Any, panel: Any, scene: Scene, weights: Path
) -> None:
    session.open(scene)
    WeightsController(session, held_jobs, panel)
    for end in range(1, 4):
        choose(panel, fen(str(weights)[:end]))
    choose(panel, fen(weights))
    assert len(held_jobs.held) == 1
    assert said(panel)[2] == LOOKING
    held_jobs.perform()
    held_jobs.perform()
    assert not held_jobs.held
    assert said(panel)[2].startswith("6bands-aviris, for 6 bands")


def test_behind_a_run_it_is_told_that_the_answer_waits(
    session: Session, held_jobs: Any, panel: Any, scene: Scene, weights: Path
) -> None:
    session.open(scene)
    WeightsController(session, held_jobs, panel)
    held_jobs.heavy(lambda ctx: None, title="GRX")
    choose(panel, fen(weights))
    assert said(panel)[2] == WAITING


def test_the_note_stands_under_the_field_of_the_real_form(
    qtbot: Any, session: Session, jobs: InlineJobs, scene: Scene, weights: Path
) -> None:
    panel = DetectorPanel()
    qtbot.addWidget(panel)
    panel.set_detectors(list(catalog.detectors()))
    session.open(scene)
    controller = WeightsController(session, jobs, panel)  # Qt's signals keep no controller alive
    panel.transforms.add(catalog.transforms().get("fen"), {"weights": weights})
    form = panel.transforms.findChildren(type(panel.options))[0]
    assert "AVIRIS, 450-843 nm; the scene has the same bands" in form.note("weights")
    panel.options.set_values({"bands": "1-5"})
    assert "need 6 bands" in form.note("weights")
    form.reset()
    assert form.note("weights") == ""
    del controller
