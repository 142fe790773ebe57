"""Training of FEN from the dialog."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hadviewer.engine import training
from hadviewer.engine.jobs import InlineJobs
from hadviewer.gui.controllers.fen import TITLE, FENController
from hadviewer.gui.views.protocols import FENDialogLike

PARAMS = {"bands": 5, "epochs": 2, "batch": 2, "patch": 16, "rate": 0.01, "width": 4}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "cubes").mkdir()
    return {
        "folder": str(tmp_path / "cubes"),
        "out": str(tmp_path / "out"),
        "teacher": None,
        "random": True,
        "resume": False,
        "seed": 3,
    }


@pytest.fixture
def dialog(double: Callable[[type], Any], places: dict[str, Any]) -> Any:
    dialog = double(FENDialogLike)
    dialog.order.return_value = (places, PARAMS)
    return dialog


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[training.TrainingRequest]:
    """The requests that were trained; each reports one loss."""
    requests: list[training.TrainingRequest] = []

    def train(request: training.TrainingRequest, ctx: Any) -> Any:
        requests.append(request)
        ctx.curve("loss", 1, 0.5)
        return SimpleNamespace(notes=("5 patches.",))

    monkeypatch.setattr(training, "train_fen", train)
    return requests


@pytest.fixture
def used() -> list[Path]:
    return []


@pytest.fixture
def heard() -> list[Any]:
    return []


@pytest.fixture
def controller(jobs: InlineJobs, dialog: Any, messages: Any, used: list[Path], heard: list[Any]) -> FENController:
    def watch(title: str) -> Callable[[str, Any], None]:
        return lambda kind, content: heard.append((title, kind, content))

    return FENController(jobs, dialog, messages, watch, used.append)


def test_a_training_is_watched_and_its_weights_are_offered(
    controller: FENController, dialog: Any, messages: Any, trained: Any, used: Any, heard: Any, places: Any
) -> None:
    dialog.ordered.emit()
    (request,) = trained
    assert request.folder == Path(places["folder"])
    assert (request.teacher, request.seed, request.params.patch) == ("random", 3, 16)
    assert heard == [(TITLE, "curve", ("loss", 1, 0.5))]
    dialog.close.assert_called_once()
    text, (_, act) = messages.info.call_args.args
    assert "5 patches." in text
    act()
    assert used == [Path(places["out"])]


@pytest.mark.parametrize(
    ("change", "field"),
    [({"folder": None}, "folder"), ({"out": None}, "out"), ({"folder": "/nowhere/at/all"}, "")],
)
def test_what_is_wrong_is_marked_and_nothing_starts(
    controller: FENController, dialog: Any, trained: Any, places: Any, change: Any, field: str
) -> None:
    places |= change
    dialog.ordered.emit()
    assert dialog.show_error.call_args.args[0] == field
    assert trained == []
    dialog.close.assert_not_called()


def test_a_wrong_parameter_is_marked_at_its_field(controller: FENController, dialog: Any, trained: Any) -> None:
    dialog.order.return_value = (dialog.order()[0], PARAMS | {"patch": 17})
    dialog.ordered.emit()
    assert dialog.show_error.call_args.args[0] == "patch"
    dialog.order.return_value = (dialog.order()[0] | {"random": False}, PARAMS)
    dialog.ordered.emit()
    assert dialog.show_error.call_args.args[0] == "width"
    assert trained == []


def test_a_training_that_fails_is_a_message(controller: FENController, dialog: Any, messages: Any, places: Any) -> None:
    dialog.ordered.emit()
    assert messages.error.call_args.args[0].startswith("FEN training failed: ")
