"""What is printed reads well on a terminal and can be taken apart by other programs."""

import io
import json
import os
import signal
import sys
import threading

import pytest

from hadviewer.cli.output import Output
from hadviewer.cli.signals import undisturbed
from hadviewer.core.context import SilentReporter


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_plain_tables_are_aligned():
    stream = io.StringIO()
    Output(stream, io.StringIO()).table(("ID", "Name"), [("a", "First"), ("long", "Second")], "Things")
    assert stream.getvalue() == "Things\nID    Name\na     First\nlong  Second\n"


def test_facts_without_a_value_are_left_out():
    stream = io.StringIO()
    Output(stream, io.StringIO()).facts([("Size", "3"), ("Map", "")])
    assert stream.getvalue() == "Size  3\n"


def test_on_a_terminal_a_table_is_drawn_and_brackets_stay_as_they_are():
    stream = Terminal()
    out = Output(stream, io.StringIO())
    out.table(("ID", "Name"), [("a", "[bold]Not markup[/bold]")], "Things")
    out.facts([("Size", "3")])
    for text in ("ID", "[bold]Not markup[/bold]", "Size"):
        assert text in stream.getvalue()


def test_json_refuses_what_json_lacks():
    with pytest.raises(ValueError, match="not JSON compliant"):
        Output(io.StringIO(), io.StringIO()).json({"a": float("nan")})


def test_json_is_plain_ascii():
    stream = io.StringIO()
    Output(stream, io.StringIO()).json({"name": "Fläche × 3"})
    assert stream.getvalue().isascii()
    assert json.loads(stream.getvalue()) == {"name": "Fläche × 3"}


def test_signs_that_the_terminal_lacks_do_not_stop_the_program():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    Output(stream, io.StringIO()).text("100 × 100")
    stream.flush()
    assert stream.buffer.getvalue() == b"100 ? 100\n"


def test_streams_that_were_closed_at_the_start_are_no_trouble(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    output = Output()
    output.facts([("Name", "value")])
    output.error("Nobody reads this.")


def test_into_a_file_goes_no_progress():
    with Output(io.StringIO(), io.StringIO()).progress("Run") as reporter:
        assert type(reporter) is SilentReporter


def test_progress_shows_how_far_and_what():
    stream = Terminal()
    with Output(io.StringIO(), stream).progress("Run") as reporter:
        reporter.progress(None, "Waiting", {})
        reporter.progress(0.5, "Halfway", {"loss": 0.25})
        reporter._bar.refresh()
        assert "Halfway" in stream.getvalue()
        assert "loss 0.25" in stream.getvalue()


def test_ctrl_c_waits_for_what_is_being_written():
    done = []
    before = signal.getsignal(signal.SIGINT)

    def write():
        with undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            done.append("written")
        done.append("never reached")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == ["written"]
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_writing_works_the_same():
    done = []

    def write():
        with undisturbed():
            done.append("written")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert done == ["written"]
