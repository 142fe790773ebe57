"""Weights that are programs are asked about before they run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hadviewer.core.errors import DetectorError
from hadviewer.gui.controllers.consent import ConsentController
from hadviewer.gui.views.protocols import ConsentDialogLike
from hadviewer.io import consent

PROGRAM = consent.Program(Path("weights") / "cwl_script.pt", "ab" * 32)


@pytest.fixture
def dialog(double: Callable[[type], Any]) -> Any:
    return double(ConsentDialogLike)


@pytest.fixture
def controller(jobs: Any, dialog: Any, messages: Any) -> ConsentController:
    return ConsentController(jobs, dialog, messages)


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Consent is kept in the test's own folder."""
    target = tmp_path / "allowed.txt"
    monkeypatch.setattr(consent, "_place", lambda: target)
    return target


def test_what_is_allowed_is_remembered_and_the_run_starts_again(controller: ConsentController, dialog: Any) -> None:
    started: list[bool] = []
    controller.ask([PROGRAM], lambda: started.append(True))
    (file,) = dialog.ask.call_args.args[0]
    assert (file.path, file.fingerprint) == (str(PROGRAM.path), PROGRAM.fingerprint)
    assert started == []
    dialog.allowed.emit()
    assert started == [True]
    assert consent.allowed() == {PROGRAM.fingerprint}
    dialog.allowed.emit()
    assert started == [True]


def test_what_is_refused_does_not_run(controller: ConsentController, dialog: Any, messages: Any) -> None:
    started: list[bool] = []
    controller.ask([PROGRAM], lambda: started.append(True))
    dialog.refused.emit()
    dialog.allowed.emit()
    assert started == []
    assert consent.allowed() == frozenset()
    messages.info.assert_called_once()


def test_a_list_that_cannot_be_written_is_a_message(
    controller: ConsentController, dialog: Any, messages: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[bool] = []
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(consent, "_place", lambda: tmp_path / "file" / "allowed.txt")
    controller.ask([PROGRAM], lambda: started.append(True))
    dialog.allowed.emit()
    assert started == []
    messages.error.assert_called_once()


def test_the_error_crosses_to_the_window_with_its_programs() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(consent.ConsentNeeded("Programs.", programs=[PROGRAM])))
    assert isinstance(error, DetectorError)
    assert error.programs == (PROGRAM,)
