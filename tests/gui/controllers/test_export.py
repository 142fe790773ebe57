"""Exports write the files that were announced."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.analysis.objects import Cleaning
from hadviewer.core.cube import Scene
from hadviewer.engine import catalog, demo
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.engine.verbs import detect, open_map
from hadviewer.gui.controllers._scores import cleaned_mask
from hadviewer.gui.controllers.export import ExportController
from hadviewer.gui.views.data import ExportOrder
from hadviewer.gui.views.protocols import ExportDialogLike


@pytest.fixture
def dialog(double: Callable[[type], Any]) -> Any:
    return double(ExportDialogLike)


@pytest.fixture
def controller(session: Session, jobs: InlineJobs, dialog: Any, messages: Any, scene: Scene) -> ExportController:
    controller = ExportController(session, jobs, dialog, messages)
    session.open(scene)
    session.add_result(detect(scene.cube, "grx"), "GRX")
    return controller


def order(folder: Path, *formats: str, mask: bool = False, roc: bool = False, stem: str = "map") -> ExportOrder:
    return ExportOrder(str(folder), stem, formats, mask, roc)


def plan(dialog: Any) -> list[Any]:
    return list(dialog.show_plan.call_args.args[0])


def test_what_is_offered(controller: ExportController, session: Session, dialog: Any) -> None:
    controller.ask()
    offer = dialog.offer.call_args.args[0]
    assert (offer.title, offer.stem, offer.threshold, offer.truth) == ("GRX", "small_grx", None, True)
    assert [choice.id for choice in offer.formats] == [spec.id for spec in catalog.writers()]
    entry = session.selected
    assert entry is not None
    session.set_threshold(entry.id, 3.5)
    session.set_truth(None)
    controller.ask()
    offer = dialog.offer.call_args.args[0]
    assert (offer.threshold, offer.truth) == (3.5, False)


def test_the_folder_offered_is_that_of_the_cube_and_home_for_the_demo(
    controller: ExportController, session: Session, dialog: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *given, **more: tmp_path)
    cube = session.cube
    assert cube is not None
    for path, folder in (
        (tmp_path / "survey" / "cube.hdr", tmp_path / "survey"),
        (demo.files._cached_header(), Path.home()),
    ):
        session.open(Scene(replace(cube, path=path)))
        session.add_result(detect(cube, "grx"), "GRX")
        controller.ask()
        assert dialog.offer.call_args.args[0].folder == str(folder)


def test_runs_of_one_detector_get_names_of_their_own(
    controller: ExportController, session: Session, dialog: Any, scene: Scene
) -> None:
    session.add_result(detect(scene.cube, "grx", bands="1-4"), "GRX (bands 1-4)")
    controller.ask()
    assert dialog.offer.call_args.args[0].stem == "small_grx-bands-1-4"


def test_nothing_is_asked_without_a_result(session: Session, jobs: InlineJobs, dialog: Any, messages: Any) -> None:
    ExportController(session, jobs, dialog, messages).ask()
    dialog.offer.assert_not_called()


ANYWHERE = tuple(spec.id for spec in catalog.writers() if not spec.needs_crs)


@pytest.mark.parametrize("formats", [("envi",), ("npy", "png"), ANYWHERE])
@pytest.mark.parametrize("mask", [True, False])
def test_the_files_announced_are_those_written(
    controller: ExportController, session: Session, dialog: Any, messages: Any, tmp_path: Path,
    formats: tuple[str, ...], mask: bool,
) -> None:  # fmt: skip
    entry = session.selected
    assert entry is not None
    session.set_threshold(entry.id, float(np.nanmedian(entry.result.scores)))
    folder = tmp_path / "new folder"
    dialog.order.return_value = order(folder, *formats, mask=mask, roc=mask)
    controller.ask()
    dialog.changed.emit()
    announced = plan(dialog)
    assert not any(file.exists for file in announced)
    dialog.ordered.emit(dialog.order.return_value)
    assert sorted(file.name for file in announced) == sorted(path.name for path in folder.iterdir())
    dialog.changed.emit()
    assert all(file.exists for file in plan(dialog))
    text, (button, act) = messages.info.call_args.args
    assert f"{len(announced)} files" in text
    assert button == "Open folder"
    act()
    dialog.open_folder.assert_called_once_with(str(folder))


def test_an_export_reads_back_as_the_same_scores(
    controller: ExportController, session: Session, dialog: Any, tmp_path: Path
) -> None:
    entry = session.selected
    assert entry is not None
    controller.export(entry, order(tmp_path, "envi", "npy"))
    for name in ("map.hdr", "map.npy"):
        assert np.array_equal(open_map(tmp_path / name), entry.result.scores, equal_nan=True)
    assert json.loads((tmp_path / "recipe.json").read_text())["request"]["detector"] == "grx"


def test_the_mask_written_leaves_out_the_small_objects_that_the_image_leaves_out(
    controller: ExportController, session: Session, dialog: Any, tmp_path: Path
) -> None:
    first = session.selected
    assert first is not None
    scores = np.random.default_rng(2).random(first.result.scores.shape).astype(np.float32)
    entry = session.add_result(replace(first.result, scores=scores), "Noise")
    threshold = 0.6
    session.set_threshold(entry.id, threshold, cleaning=Cleaning(3, 4))
    controller.ask()
    assert dialog.offer.call_args.args[0].cleaning == Cleaning(3, 4)
    controller.export(entry, order(tmp_path, "npy", mask=True))
    expected = cleaned_mask(entry.result.scores, threshold, Cleaning(3, 4))
    assert 0 < expected.sum() < (entry.result.scores >= threshold).sum()
    assert np.array_equal(np.load(tmp_path / "map_mask.npy") == 1, expected)
    recipe = json.loads((tmp_path / "recipe.json").read_text())
    assert (recipe["smallest_object"], recipe["connectivity"], recipe["closed_gaps"]) == (3, 4, 0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (ExportOrder("", "map", ("npy",), False, False), "folder"),
        (ExportOrder("anywhere", "map", (), False, False), "format"),
        (ExportOrder("anywhere", "a/b", ("npy",), False, False), "not a file name"),
        (ExportOrder("anywhere", "", ("npy",), False, False), "not a file name"),
    ],
)
def test_what_cannot_be_exported_is_said_before(
    controller: ExportController, dialog: Any, wrong: ExportOrder, sentence: str
) -> None:
    dialog.order.return_value = wrong
    dialog.changed.emit()
    files, error = dialog.show_plan.call_args.args
    assert not files
    assert sentence in error


def test_a_folder_that_refuses_is_a_message(
    controller: ExportController, session: Session, messages: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    entry = session.selected
    assert entry is not None
    controller.export(entry, order(tmp_path / "file", "npy"))
    assert "was not exported" in messages.error.call_args.args[0]
    messages.info.assert_not_called()


def test_the_last_folder_is_offered_again(controller: ExportController, dialog: Any, tmp_path: Path) -> None:
    controller.ask()
    dialog.ordered.emit(order(tmp_path, "npy"))
    controller.ask()
    assert dialog.offer.call_args.args[0].folder == str(tmp_path)


def test_formats_without_a_use_say_why(controller: ExportController, session: Session, dialog: Any) -> None:
    controller.ask()
    why = {choice.id: choice.why_not for choice in dialog.offer.call_args.args[0].formats}
    assert why["gpkg"] == "Show a mask first: Threshold, Show mask"
    assert why["envi"] == ""
    entry = session.selected
    assert entry is not None
    session.set_threshold(entry.id, 3.5)
    controller.ask()
    why = {choice.id: choice.why_not for choice in dialog.offer.call_args.args[0].formats}
    assert why["gpkg"] == ""
    assert "no known coordinate system" in why["kml"]


def test_objects_are_written_without_the_mask_too(
    controller: ExportController, session: Session, dialog: Any, tmp_path: Path
) -> None:
    entry = session.selected
    assert entry is not None
    session.set_threshold(entry.id, float(np.nanpercentile(entry.result.scores, 99)))
    controller.ask()
    dialog.ordered.emit(order(tmp_path, "npy", "gpkg"))
    assert {path.name for path in tmp_path.iterdir()} == {"map.npy", "map_objects.gpkg", "recipe.json"}


def test_the_choice_of_formats_is_remembered(
    session: Session, jobs: InlineJobs, dialog: Any, messages: Any, scene: Scene, tmp_path: Path
) -> None:
    kept: list[tuple[str, ...]] = []
    controller = ExportController(session, jobs, dialog, messages, ("mat",), kept.append)
    session.open(scene)
    session.add_result(detect(scene.cube, "grx"), "GRX")
    controller.ask()
    assert dialog.offer.call_args.args[0].chosen == ("mat",)
    dialog.ordered.emit(order(tmp_path, "npy"))
    assert kept == [("npy",)]
