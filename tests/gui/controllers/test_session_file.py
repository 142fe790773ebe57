"""Saving, opening, asking before work is lost, and keeping for the case of a crash; with doubles of the dialogs."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Scene
from hadviewer.engine import verbs
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.recovery import Recovery
from hadviewer.engine.session import Session
from hadviewer.engine.session_file import CORE, SavedSession, Viewing, ViewPlace, open_session
from hadviewer.gui.controllers.recovery import RecoveryController
from hadviewer.gui.controllers.session_file import SessionFileController
from hadviewer.gui.views.session_protocols import SessionDialogsLike
from hadviewer.io.writers.envi import write_envi_cube

LOOKING = Viewing((ViewPlace(3.0, (1.0, 2.0)),), (1, 1))


class Sight:
    """Looks at one place and remembers where it was sent."""

    def __init__(self) -> None:
        self.sent: list[Viewing] = []

    def viewing(self) -> Viewing:
        return LOOKING

    def look(self, viewing: Viewing) -> None:
        self.sent.append(viewing)


class Stage:
    """The controllers with what they are given."""

    def __init__(self, session: Session, jobs: Any, dialogs: Any, messages: Any, folder: Path) -> None:
        self.session, self.dialogs, self.messages, self.folder = session, dialogs, messages, folder
        self.sight, self.titles, self.remembered, self.asks = Sight(), [], [], True
        self.file = SessionFileController(
            session, jobs, dialogs, self.sight, messages, self.remembered.append, lambda: self.asks
        )
        self.file.title_changed.connect(self.titles.append)
        self.kept = folder / "recovery"
        self.recovery = RecoveryController(Recovery(self.kept), self.file, jobs, dialogs, messages)

    def begin(self, path: Path) -> None:
        self.session.open(verbs.open_scene(path))
        self.file.begin()

    @property
    def cores(self) -> list[Path]:
        return sorted(self.kept.glob(f"*/{CORE}"))

    def answer(self, chosen: str) -> None:
        self.dialogs.ask_to_save.call_args.args[1](chosen)


@pytest.fixture
def header(tmp_path: Path) -> Path:
    write_envi_cube(tmp_path / "field.hdr", np.ones((4, 5, 3), np.float32), BandSet(3))
    return tmp_path / "field.hdr"


@pytest.fixture
def stage(session, jobs, double, messages, tmp_path, header):
    stage = Stage(session, jobs, double(SessionDialogsLike), messages, tmp_path)
    stage.begin(header)
    return stage


def test_the_title_says_what_is_open_and_whether_it_changed(stage, header):
    assert stage.titles[-1] == "field — hadviewer"
    stage.session.pins.add(1, 2)
    assert stage.titles[-1] == "• field — hadviewer"
    stage.session.undo()
    assert stage.titles[-1] == "field — hadviewer"
    stage.session.pins.add(1, 2)
    stage.dialogs.choose_target.return_value = stage.folder / "monday"
    stage.file.save()
    assert stage.titles[-1] == "monday (field) — hadviewer"
    stage.session.undo()
    assert stage.titles[-1] == "• monday (field) — hadviewer"


def test_a_session_is_saved_where_it_was_before_and_opens_again(stage):
    stage.session.pins.add(1, 2)
    stage.dialogs.choose_target.return_value = stage.folder / "monday"
    stage.file.save()
    assert stage.dialogs.choose_target.call_args.args[0] == stage.folder / "field.hadsession"
    stage.session.pins.add(3, 3)
    stage.file.save()
    stage.dialogs.choose_target.assert_called_once()
    path = stage.folder / "monday.hadsession"
    assert len(open_session(path).state.pins) == 2
    stage.session.pins.clear()
    stage.file.open(path)
    assert len(stage.session.state.pins) == 2
    assert stage.sight.sent == [LOOKING]
    assert not stage.file.changed
    assert stage.session.undo_label == ""
    assert set(stage.remembered) == {path}


def test_what_changes_while_it_is_saved_stays_changed(session, held_jobs, double, messages, tmp_path, header):
    stage = Stage(session, held_jobs, double(SessionDialogsLike), messages, tmp_path)
    stage.begin(header)
    stage.dialogs.choose_target.return_value = tmp_path / "monday.hadsession"
    session.pins.add(1, 2)
    stage.file.save()
    session.pins.add(3, 3)
    held_jobs.perform()
    assert stage.file.path == tmp_path / "monday.hadsession"
    assert stage.file.changed


def test_nothing_is_asked_where_nothing_would_be_lost(stage):
    done: list[str] = []
    stage.file.leave(lambda: done.append("at once"))
    stage.session.views.show(2)
    stage.file.leave(lambda: done.append("only looked at"))
    assert done == ["at once", "only looked at"]
    assert stage.file.may_close(lambda: None)


@pytest.mark.parametrize(("chosen", "left", "saved"), [("save", 1, 1), ("discard", 1, 0), ("cancel", 0, 0)])
def test_the_question_before_work_is_lost(stage, chosen, left, saved):
    stage.session.pins.add(1, 2)
    stage.dialogs.choose_target.return_value = stage.folder / "monday.hadsession"
    done: list[int] = []
    stage.file.leave(lambda: done.append(1))
    assert not done
    stage.answer(chosen)
    assert len(done) == left
    assert len(list(stage.folder.glob("*.hadsession"))) == saved


def test_nobody_leaves_when_no_file_is_named_or_saving_fails(stage):
    stage.session.pins.add(1, 2)
    done: list[int] = []
    stage.file.leave(lambda: done.append(1))
    stage.dialogs.choose_target.return_value = None
    stage.answer("save")
    stage.dialogs.choose_target.return_value = stage.folder / "field.hdr" / "monday.hadsession"
    stage.answer("save")
    assert not done
    stage.messages.error.assert_called_once()


def test_a_saved_session_asks_about_any_change(stage):
    stage.dialogs.choose_target.return_value = stage.folder / "monday.hadsession"
    stage.file.save()
    stage.session.views.show(2)
    closed: list[int] = []
    assert not stage.file.may_close(lambda: closed.append(1))
    stage.answer("discard")
    assert closed == [1]
    assert stage.file.may_close(lambda: None), "the answer holds for the closing that follows"


@pytest.mark.parametrize("changed", [False, True])
def test_closing_asks_about_what_runs_and_then_about_what_is_unsaved(stage, monkeypatch, changed):
    running = [Job(1, "Training", heavy=True), Job(2, "a tile", heavy=False)]
    monkeypatch.setattr(JobRunner, "active", property(lambda self: running))
    if changed:
        stage.session.pins.add(1, 2)
    closed: list[int] = []
    assert not stage.file.may_close(lambda: closed.append(1))
    titles, answer = stage.dialogs.ask_to_stop.call_args.args
    assert titles == ["Training"]
    answer("wait")
    assert not closed
    stage.dialogs.ask_to_save.assert_not_called()
    answer("stop")
    if changed:
        stage.answer("discard")
    assert closed == [1]
    assert stage.file.may_close(lambda: None)


def test_who_does_not_want_to_be_asked_is_not(stage):
    stage.session.pins.add(1, 2)
    stage.asks = False
    assert stage.file.may_close(lambda: None)


def test_another_scene_begins_a_session_that_no_file_knows(stage, header):
    stage.dialogs.choose_target.return_value = stage.folder / "monday.hadsession"
    stage.file.save()
    stage.begin(header)
    assert stage.file.path is None
    assert not stage.file.changed


def test_a_cube_that_moved_is_asked_for(stage, header):
    stage.dialogs.choose_target.return_value = stage.folder / "sub" / "monday.hadsession"
    stage.file.save()
    state = stage.session.state
    (stage.folder / "away").mkdir()
    for file in (header, header.with_suffix(".dat")):
        file.rename(stage.folder / "away" / file.name)
    stage.dialogs.find_cube.return_value = None
    stage.file.open(stage.folder / "sub" / "monday.hadsession")
    assert stage.session.state is state
    assert "field.hdr is neither beside the session" in stage.messages.error.call_args.args[0]
    stage.dialogs.find_cube.return_value = stage.folder / "away" / "field.hdr"
    stage.file.open(stage.folder / "sub" / "monday.hadsession")
    assert stage.session.cube.origin.path == stage.folder / "away" / "field.hdr"


def test_a_broken_session_leaves_what_is_open(stage):
    broken = stage.folder / "broken.hadsession"
    broken.write_bytes(b"not at all")
    state = stage.session.state
    stage.file.open(broken)
    assert stage.session.state is state
    assert stage.messages.error.call_args.args[0].startswith("broken.hadsession is no session")


# Recovery


def test_what_changed_is_kept_and_what_is_saved_is_not(stage):
    stage.recovery.tick()
    assert stage.cores == []
    stage.session.pins.add(1, 2)
    stage.recovery.tick()
    (core,) = stage.cores
    written = core.stat().st_mtime_ns, core.stat().st_ino
    stage.recovery.tick()
    assert (core.stat().st_mtime_ns, core.stat().st_ino) == written, "what is kept is not written again"
    stage.dialogs.choose_target.return_value = stage.folder / "monday.hadsession"
    stage.file.save()
    stage.recovery.tick()
    assert stage.cores == []
    stage.session.undo()
    stage.recovery.tick()
    stage.recovery.close()
    assert stage.cores == []


def test_one_thing_is_kept_at_a_time(session, held_jobs, double, messages, tmp_path, header):
    stage = Stage(session, held_jobs, double(SessionDialogsLike), messages, tmp_path)
    stage.begin(header)
    session.pins.add(1, 2)
    stage.recovery.tick()
    stage.recovery.tick()
    assert len(held_jobs.held) == 1


def test_a_disk_that_refuses_is_told_once(stage):
    stage.kept.write_text("no folder")
    for row in range(3):
        stage.session.pins.add(row, 2)
        stage.recovery.tick()
    stage.messages.warn.assert_called_once()


@pytest.fixture
def crashed(stage, monkeypatch):
    """Another program was killed with two spectra collected."""
    other = Session()
    other.open(Scene(verbs.open_scene(stage.folder / "field.hdr").cube))
    other.pins.collect([(0, 0), (1, 1)])
    Recovery(stage.kept).keep(SavedSession(other.state, LOOKING, stage.folder / "monday.hadsession"))
    monkeypatch.setattr("hadviewer.engine.recovery._abandoned", lambda name: True)
    return stage


def test_a_crashed_session_comes_back_and_counts_as_changed(crashed):
    crashed.recovery.offer()
    name, _, answer = crashed.dialogs.offer_recovery.call_args.args
    assert name == "monday"
    answer("recover")
    assert len(crashed.session.state.pins) == 2
    assert crashed.file.path == crashed.folder / "monday.hadsession"
    assert crashed.file.changed
    assert crashed.file.at_stake
    assert len(crashed.cores) == 1, "it is kept until it is saved"


@pytest.mark.parametrize(("chosen", "left"), [("discard", 0), ("later", 1)])
def test_a_crashed_session_is_given_up_or_stays(crashed, chosen, left):
    state = crashed.session.state
    crashed.recovery.offer()
    crashed.dialogs.offer_recovery.call_args.args[2](chosen)
    assert crashed.session.state is state
    assert len(crashed.cores) == left


def test_nothing_is_offered_where_nothing_was_left(stage):
    stage.recovery.offer()
    stage.dialogs.offer_recovery.assert_not_called()
