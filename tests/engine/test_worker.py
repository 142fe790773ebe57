"""The worker process: it does what it is asked, can be stopped for certain, and its death is not the program's."""

import os
import signal
import subprocess
import sys
import threading
from multiprocessing import Pipe
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.errors import Cancelled, DetectorError, ParamError
from hadviewer.engine import transport, worker
from hadviewer.engine.worker import Message, TaskFailed, Worker

REPOSITORY = Path(__file__).resolve().parents[2]


class Heard:
    """Keeps what a task reports; ``then`` is called at the first word of it."""

    def __init__(self, then=lambda: None):
        self.reports = []
        self.then = then

    def __call__(self, kind, content):
        self.reports.append((kind, content))
        if len(self.reports) == 1:
            self.then()

    def of(self, kind):
        return [content for said, content in self.reports if said == kind]


@pytest.fixture
def process(tasks):
    made = Worker(threads=2)
    yield made
    made.close()


def run(process, task, *arguments, report=None, stop=None):
    return process.run(task, arguments, report or Heard(), stop or threading.Event())


def test_runs_a_task_in_another_process(process, tasks):
    assert run(process, tasks.add, 2, 3) == 5
    assert run(process, tasks.where) == process.pid != os.getpid()


def test_the_process_stays_warm_between_tasks(process, tasks):
    process.start()
    first = process.pid
    process.start()
    assert run(process, tasks.where) == run(process, tasks.where) == first


def test_arrays_go_and_come_and_the_callers_own_stays(process, tasks):
    array = np.ones((300, 400))
    result = run(process, tasks.double, array)
    assert (result["array"] == 2).all()
    assert (result["view"] == 2).all()
    assert (array == 1).all()


def test_every_shared_block_is_freed(process, tasks, monkeypatch):
    seen = []

    def remembering(function):
        def wrapped(value):
            parcel = function(value)
            seen.append(parcel.block)
            return parcel

        return wrapped

    def unpack(parcel):
        seen.append(parcel.block)
        return transport.unpack(parcel)

    monkeypatch.setattr(worker, "pack", remembering(transport.pack))
    monkeypatch.setattr(worker, "unpack", unpack)
    run(process, tasks.double, np.ones((300, 400)))
    run(process, tasks.tell)
    with pytest.raises(DetectorError):
        run(process, tasks.be_killed)
    names = [name for name in seen if name is not None]
    assert len(names) >= 3
    assert not [name for name in names if Path("/dev/shm", name).exists()]


def test_reports_come_in_order_and_complete(process, tasks):
    heard = Heard()
    run(process, tasks.tell, report=heard)
    assert heard.of("progress")[0] == (0.25, "One", {"loss": 0.5})
    assert heard.of("progress")[-1][0] == 1.0
    assert heard.of("curve") == [("loss", 1, 0.5), ("loss", 2, 0.25)]
    ((name, step, picture),) = heard.of("picture")
    assert (name, step) == ("error", 2)
    np.testing.assert_array_equal(picture, np.eye(2))
    (preview,) = heard.of("preview")
    assert preview.shape == (200, 300)
    assert (preview == 7).all()


def test_an_error_for_the_user_arrives_as_it_was(process, tasks):
    with pytest.raises(ParamError, match=r"This cannot be\. Try another\.") as caught:
        run(process, tasks.refuse)
    assert caught.value.field == "inner"
    assert caught.value.details == "so it is"


def test_a_bug_arrives_with_its_traceback_and_the_process_lives_on(process, tasks):
    before = run(process, tasks.where)
    with pytest.raises(TaskFailed, match="ZeroDivisionError") as caught:
        run(process, tasks.stumble)
    assert "return 1 / 0" in caught.value.trace
    assert run(process, tasks.where) == before


def test_a_result_that_cannot_travel_fails_its_task_only(process, tasks):
    before = run(process, tasks.where)
    with pytest.raises(TaskFailed, match=r"[Pp]ickle"):
        run(process, tasks.not_for_travel)
    assert run(process, tasks.where) == before


def test_a_task_that_listens_is_stopped_without_ending_the_process(process, tasks):
    before = run(process, tasks.where)
    stop = threading.Event()
    with pytest.raises(Cancelled):
        run(process, tasks.obey, report=Heard(then=stop.set), stop=stop)
    assert run(process, tasks.where) == before


def test_a_task_that_never_listens_is_stopped_by_ending_the_process(process, tasks, wait_for_end):
    before = run(process, tasks.where)
    stop = threading.Event()
    with pytest.raises(Cancelled):
        run(process, tasks.never_listen, report=Heard(then=stop.set), stop=stop)
    wait_for_end(before)
    assert run(process, tasks.add, 1, 1) == 2


def test_a_stop_before_the_start_is_not_forgotten(process, tasks):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        run(process, tasks.never_listen, stop=stop)


def test_patience_with_a_cancelled_task_ends_within_two_seconds():
    assert worker.GRACE_SECONDS + 2 * worker.POLL_SECONDS < 2


def test_killed_from_outside_is_a_sentence_and_the_next_task_runs(process, tasks):
    heard = Heard(then=lambda: os.kill(process.pid, signal.SIGKILL))
    with pytest.raises(DetectorError, match=r"worker process ended .*signal 9.*Memory may have run out"):
        run(process, tasks.never_listen, report=heard)
    assert run(process, tasks.add, 1, 1) == 2


@pytest.mark.parametrize(("task", "sentence"), [("be_killed", "signal 9"), ("leave", "exit code 3")])
def test_a_task_that_ends_its_own_process_is_a_sentence(process, tasks, task, sentence):
    with pytest.raises(DetectorError, match=sentence):
        run(process, getattr(tasks, task))
    assert run(process, tasks.add, 1, 1) == 2


def test_killed_while_idle_it_is_replaced(process, tasks, wait_for):
    first = run(process, tasks.where)
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: process.pid is None)
    assert run(process, tasks.where) != first


def test_closing_ends_the_process_whatever_it_does(process, tasks, wait_for_end):
    pids = []

    def close():
        pids.append(process.pid)
        threading.Thread(target=process.close).start()

    with pytest.raises(Cancelled):
        run(process, tasks.never_listen, report=Heard(then=close))
    wait_for_end(pids[0])


def test_closed_it_starts_no_more(process, tasks):
    process.close()
    process.start()
    assert process.pid is None
    with pytest.raises(Cancelled):
        run(process, tasks.add, 1, 1)


def test_closing_an_idle_process_and_closing_twice(process, tasks, wait_for_end):
    pid = run(process, tasks.where)
    process.close()
    process.close()
    wait_for_end(pid)


def test_closing_while_the_process_starts_leaves_none_behind(process):
    """Whichever comes first: closed means that nothing runs and nothing will."""
    starting = threading.Thread(target=process.start)
    starting.start()
    process.close()
    starting.join(60)
    assert process.pid is None


def test_it_is_modest(process, tasks, monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    found = run(process, tasks.manners)
    assert found["niceness"] >= 10
    assert found["threads"] == "2"
    assert found["allowed"] == 2
    assert found["interrupt"]
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_what_the_user_set_about_threads_is_kept(process, tasks, monkeypatch):
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    assert run(process, tasks.manners)["threads"] == "1"
    assert os.environ["OPENBLAS_NUM_THREADS"] == "1"


def test_what_nobody_read_is_freed():
    ours, theirs = Pipe()
    parcel = transport.pack(np.zeros(100_000))
    theirs.send(Message("preview", parcel))
    worker._drop_unread(ours)
    assert not Path("/dev/shm", parcel.block).exists()
    assert ours.closed
    theirs.close()


def test_when_the_program_is_killed_its_worker_ends_too(tasks, wait_for_end):
    script = (
        "import threading, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import worker_tasks\n"
        "from hadviewer.engine.worker import Worker\n"
        "if __name__ == '__main__':\n"
        "    worker = Worker(1)\n"
        "    tell = lambda kind, content: (sys.stdout.write(f'{worker.pid}\\n'), sys.stdout.flush())\n"
        "    worker.run(worker_tasks.never_listen, (), tell, threading.Event())\n"
    )
    program = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)
    pid = int(program.stdout.readline())
    program.kill()
    program.wait()
    program.stdout.close()
    wait_for_end(pid)
