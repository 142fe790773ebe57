"""From the form to a result in the session."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene, Window
from hadviewer.core.results import DetectionRequest, Selection, TransformStep
from hadviewer.core.specs import DetectorSpec
from hadviewer.engine import catalog, devices, tasks, verbs
from hadviewer.engine.jobs import InlineJobs, JobState
from hadviewer.engine.session import Segmentation, Session
from hadviewer.gui.controllers.detection import DetectionController
from hadviewer.gui.views.protocols import DetectorPanelLike
from hadviewer.io.consent import ConsentNeeded, Program


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    panel = double(DetectorPanelLike)
    panel.request.return_value = DetectionRequest(detector="grx")
    return panel


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, panel: Any, messages: Any) -> DetectionController:
    return DetectionController(session, jobs, panel, messages)


def titles(session: Session) -> list[str]:
    return [entry.title for entry in session.state.results]


def lines(panel: Any) -> list[Any]:
    return [call.args[0] for call in panel.show_job.call_args_list]


def test_run_adds_a_result_and_its_layer(
    controller: DetectionController, session: Session, panel: Any, scene: Scene
) -> None:
    session.open(scene)
    panel.run_requested.emit()
    assert titles(session) == ["GRX"]
    assert session.selected is not None
    assert session.selected.result.scores.shape == (12, 17)
    assert session.selected.result.request.params == {"loading": 0.0}
    assert [line.state for line in lines(panel)][:2] == ["queued", "running"]
    panel.remove_job.assert_called_once()


@pytest.mark.parametrize(
    ("request_", "title"),
    [
        (DetectionRequest(detector="grx"), "GRX"),
        (DetectionRequest(detector="grx", bands=" Usable "), "GRX"),
        (DetectionRequest(detector="grx", bands="1-5"), "GRX (bands 1-5)"),
        (DetectionRequest(detector="grx", bands="all"), "GRX (all bands)"),
        (DetectionRequest(detector="grx", transforms=(TransformStep(id="unit"),)), "UNIT, GRX"),
    ],
)
def test_titles_are_short_and_tell_runs_apart(
    controller: DetectionController, session: Session, panel: Any, scene: Scene, request_: Any, title: str
) -> None:
    session.open(scene)
    panel.request.return_value = request_
    controller.run()
    controller.run()
    assert titles(session) == [title, f"{title} 2"]


def test_nothing_starts_without_a_cube(controller: DetectionController, panel: Any, session: Session) -> None:
    controller.run()
    panel.show_job.assert_not_called()
    panel.set_ready.assert_called_with(False)


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (DetectionRequest(detector="grx", params={"loading": 7}), ("loading",)),
        (DetectionRequest(detector="grx", bands="40-50"), ("bands",)),
        (
            DetectionRequest(
                detector="grx", transforms=(TransformStep(id="unit"), TransformStep(id="unit", params={"tails": 99}))
            ),
            ("tails", 1),
        ),
    ],
)
def test_a_wrong_field_is_marked_and_nothing_starts(
    controller: DetectionController, session: Session, panel: Any, scene: Scene, request_: Any, fault: tuple[Any, ...]
) -> None:
    session.open(scene)
    panel.request.return_value = request_
    controller.run()
    field, _, *step = panel.show_error.call_args.args
    assert (field, *step) == fault
    panel.show_job.assert_not_called()
    assert titles(session) == []


def test_remarks_of_a_run_are_told(
    controller: DetectionController, session: Session, panel: Any, messages: Any, scene: Scene
) -> None:
    """All bands of the small cube follow each other, so most directions have no variance."""
    session.open(scene)
    controller.run()
    assert "GRX: " in messages.info.call_args.args[0]
    assert "no variance" in messages.info.call_args.args[0]


def test_a_failed_run_keeps_its_line_with_the_sentence_and_the_next_one_works(
    controller: DetectionController, session: Session, panel: Any, messages: Any, make_cube: Callable[..., Cube]
) -> None:
    cube = make_cube(rows=1, cols=1)
    session.open(Scene(cube))
    controller.run()
    assert lines(panel)[-1].state == "failed"
    assert "two valid pixels" in lines(panel)[-1].error
    assert "GRX failed" in messages.error.call_args.args[0]
    panel.remove_job.assert_not_called()
    session.open(Scene(make_cube()))
    controller.run()
    assert titles(session) == ["GRX"]


def test_a_result_of_a_scene_no_longer_open_is_not_added(
    session: Session, held_jobs: Any, panel: Any, messages: Any, make_cube: Callable[..., Cube]
) -> None:
    controller = DetectionController(session, held_jobs, panel, messages)
    session.open(Scene(make_cube()))
    controller.run()
    session.state = session.state.__class__(scene=Scene(make_cube(rows=5)))
    held_jobs.perform()
    assert titles(session) == []
    assert "no longer open" in messages.warn.call_args.args[0]


def test_opening_another_scene_stops_runs_on_the_one_before(
    session: Session, held_jobs: Any, panel: Any, messages: Any, make_cube: Callable[..., Cube], monkeypatch: Any
) -> None:
    controller = DetectionController(session, held_jobs, panel, messages)
    stopped: list[str] = []
    monkeypatch.setattr(held_jobs, "cancel", lambda job: stopped.append(job.title))
    session.open(Scene(make_cube()))
    controller.run()
    controller.run()
    session.set_truth(None)
    assert stopped == []
    session.open(Scene(make_cube(rows=5)))
    assert stopped == ["GRX 2", "GRX"]
    assert "stopped: GRX, GRX 2" in messages.info.call_args.args[0]


def test_cancel_stops_one_and_cancel_all_stops_all(
    session: Session, held_jobs: Any, panel: Any, messages: Any, scene: Scene, monkeypatch: Any
) -> None:
    controller = DetectionController(session, held_jobs, panel, messages)
    stopped: list[str] = []
    monkeypatch.setattr(held_jobs, "cancel", lambda job: stopped.append(job.title))
    session.open(scene)
    for _ in range(3):
        controller.run()
    panel.cancel_requested.emit(held_jobs.held[1].job.id)
    assert stopped == ["GRX 2"]
    controller.cancel_all()
    assert stopped[1:] == ["GRX 3", "GRX 2", "GRX"]


def test_a_detector_that_is_cancelled_leaves_the_list(
    controller: DetectionController, session: Session, jobs: InlineJobs, panel: Any, scene: Scene
) -> None:
    session.open(scene)

    def cancel_when_running(job: Any) -> None:
        if job.state is JobState.RUNNING and job.title:
            jobs.cancel(job)

    jobs.job_changed.connect(cancel_when_running)
    controller.run()
    assert titles(session) == []
    panel.remove_job.assert_called_once()


def test_devices_are_asked_once_and_only_in_the_worker(
    session: Session, held_jobs: Any, panel: Any, messages: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(devices, "available", lambda: (devices.cpu(), devices.Device("cuda:0", "Big GPU (80 GiB)")))
    controller = DetectionController(session, held_jobs, panel, messages)
    assert [choice.id for choice in panel.set_devices.call_args.args[0]] == ["cpu"]
    controller.ask_devices()
    controller.ask_devices()
    assert len(held_jobs.held) == 1
    assert held_jobs.held[0].job.heavy
    held_jobs.perform()
    assert [choice.title for choice in panel.set_devices.call_args.args[0]][1:] == ["Big GPU (80 GiB)"]
    panel.show_job.assert_not_called()


def test_the_panel_is_given_the_catalogue(controller: DetectionController, panel: Any) -> None:
    specs, broken = panel.set_detectors.call_args.args
    assert all(isinstance(spec, DetectorSpec) for spec in specs)
    assert "grx" in [spec.id for spec in specs]
    assert broken == catalog.detectors().broken
    assert len(panel.set_transforms.call_args.args[0]) == len(list(catalog.transforms()))


def test_scores_equal_those_of_the_command_line(
    controller: DetectionController, session: Session, scene: Scene, cube: Cube
) -> None:
    from hadviewer.engine.verbs import detect

    session.open(scene)
    controller.run()
    assert session.selected is not None
    assert np.array_equal(session.selected.result.scores, detect(cube, "grx").scores)


def test_what_a_run_shows_goes_to_the_one_who_watches(
    session: Session, jobs: InlineJobs, panel: Any, messages: Any, scene: Scene
) -> None:
    heard: list[tuple[str, str]] = []

    def watch(title: str, cube: Cube, region: Any) -> Callable[[str, Any], None]:
        assert cube is scene.cube
        return lambda kind, content: heard.append((title, kind))

    controller = DetectionController(session, jobs, panel, messages, watch)
    session.open(scene)
    panel.request.return_value = DetectionRequest(detector="rpca-rx")
    controller.run()
    assert ("RPCA-RX", "curve") in heard


def test_the_superpixels_shown_are_handed_over_where_that_is_wanted(
    session: Session, held_jobs: Any, panel: Any, messages: Any, scene: Scene, monkeypatch: Any
) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(held_jobs, "heavy", lambda task, *rest, **more: handed.append(rest[2]) or MagicMock())
    controller = DetectionController(session, held_jobs, panel, messages)
    session.open(scene)
    panel.set_segments.assert_called_with(0)
    panel.uses_segments.return_value = True
    controller.run()
    labels = np.zeros((12, 17), dtype=np.int32)
    session.set_segmentation(Segmentation(labels, np.zeros((1, 8), dtype=np.float32), {"number": 12}))
    panel.set_segments.assert_called_with(1)
    controller.run()
    panel.uses_segments.return_value = False
    controller.run()
    assert [list(inputs) for inputs in handed] == [[], ["segments"], []]
    assert handed[1]["segments"].array is labels
    assert handed[1]["segments"].options == {"number": 12}


def test_programs_are_asked_about_and_the_run_starts_again(
    session: Session, panel: Any, messages: Any, scene: Scene, monkeypatch: Any
) -> None:
    program = Program(Path("cwl_script.pt"), "ab" * 32)
    allowed: list[bool] = []

    def detect(request: Any, reference: Any, inputs: Any, ctx: Any) -> Any:
        if not allowed:
            raise ConsentNeeded("These weights are programs.", programs=[program])
        return tasks.run_original(request, reference, inputs, ctx)

    monkeypatch.setattr(tasks, "run_original", tasks.detect, raising=False)
    monkeypatch.setattr(tasks, "detect", detect)
    asked: list[Any] = []

    def ask(programs: Any, go: Callable[[], None]) -> None:
        asked.extend(programs)
        allowed.append(True)
        go()

    controller = DetectionController(session, InlineJobs(), panel, messages, ask=ask)
    session.open(scene)
    controller.run()
    assert asked == [program]
    assert titles(session) == ["GRX"]
    messages.error.assert_not_called()
    assert panel.remove_job.call_count == 2


def test_a_run_is_about_the_pixels_asked_for(session: Session, jobs: InlineJobs, panel: Any, messages: Any) -> None:
    """Recorded in the request, told in the title, and where something is wrong with them nothing starts."""
    parts: dict[str, Any] = {"inside": Selection(name="Lake", pixels="0-5:0-9")}
    watched: list[Window] = []

    def watch(title: str, cube: Cube, window: Window | None) -> Any:
        watched.append(window)
        return MagicMock()

    DetectionController(session, jobs, panel, messages, watch, pixels=lambda: parts)
    session.open(Scene(verbs.as_cube(np.random.default_rng(0).normal(size=(12, 17, 4)))))
    panel.run_requested.emit()
    assert titles(session) == ["GRX in Lake"]
    assert session.state.results[0].result.valid.sum() == 60
    assert watched == [Window(0, 6, 0, 10)]
    panel.request.return_value = DetectionRequest(detector="lrx")
    parts["background"] = parts["inside"]
    panel.run_requested.emit()
    assert panel.show_error.call_args[0][0] == "background"
    assert len(titles(session)) == 1
