"""Background work: lanes, order, cancelling, stale results, failures, and the main thread that hears of them."""

import os
import signal
import threading

import pytest

from hadviewer.core.errors import Cancelled, DetectorError
from hadviewer.engine.jobs import InlineJobs, Job, JobState, LocalWorker
from hadviewer.engine.worker import TaskFailed, Worker


class Scripted:
    """A worker that does what each test says: ``task(*arguments, report, stop)`` in the lane's own thread."""

    def __init__(self):
        self.starts = 0
        self.closed = False

    def start(self):
        self.starts += 1

    def run(self, task, arguments, report, stop):
        return task(*arguments, report, stop)

    def close(self):
        self.closed = True


@pytest.fixture
def runner(make_runner):
    return make_runner(Scripted())


@pytest.fixture
def heard(runner):
    """What the runner's signals said, in order: (signal, title, state)."""
    words = []
    for name in ("job_added", "job_changed", "job_ended"):
        getattr(runner, name).connect(lambda job, name=name: words.append((name, job.title, job.state)))
    return words


def held(entered, release):
    """A quick function that says it has begun and waits to be let go."""

    def function(value=None):
        entered.set()
        assert release.wait(60)
        return value

    return function


def test_a_quick_job_runs_beside_and_its_result_arrives_on_the_main_thread(runner, main_thread):
    results = []
    where = []
    job = runner.quick(
        lambda a, b: (where.append(threading.current_thread().name), a + b)[1], 2, 3, done=results.append
    )
    assert results == []
    main_thread.pump_until(lambda: job.finished)
    assert results == [5]
    assert where[0].startswith("quick")
    assert job.state is JobState.DONE
    assert job.fraction == 1.0
    assert job.seconds >= 0


def test_nothing_changes_until_the_main_thread_looks(runner, main_thread, wait_for):
    job = runner.quick(lambda: None)
    wait_for(lambda: main_thread.callbacks.qsize() >= 2)
    assert job.state is JobState.QUEUED
    main_thread.pump()
    assert job.state is JobState.DONE


def test_quick_jobs_do_not_wait_for_heavy_ones(runner, main_thread):
    release = threading.Event()
    heavy = runner.heavy(lambda report, stop: release.wait(60), title="Long")
    quick = runner.quick(lambda: "soon")
    main_thread.pump_until(lambda: quick.finished)
    assert not heavy.finished
    release.set()
    main_thread.pump_until(lambda: heavy.finished)


def test_heavy_jobs_run_one_after_the_other_in_order(runner, main_thread):
    order = []
    jobs = [runner.heavy(lambda report, stop, n=n: order.append(n), title=f"Job {n}") for n in range(5)]
    main_thread.pump_until(lambda: all(job.finished for job in jobs))
    assert order == [0, 1, 2, 3, 4]
    assert runner.active == []


def test_signals_tell_the_life_of_a_job(runner, main_thread, heard):
    job = runner.heavy(lambda report, stop: report("progress", (0.5, "Half", {"loss": 2.0})), title="Run")
    assert [title for _, title, _ in heard] == ["Run"]
    main_thread.pump_until(lambda: job.finished)
    assert [name for name, _, _ in heard] == ["job_added", "job_changed", "job_changed", "job_ended"]
    assert heard[-1][2] is JobState.DONE
    assert job.message == "Half"
    assert job.values == {"loss": 2.0}


def test_jobs_without_a_title_are_not_talked_about(runner, main_thread, heard):
    job = runner.quick(lambda: None)
    assert runner.active == []
    main_thread.pump_until(lambda: job.finished)
    assert heard == []


def test_previews_and_curves_reach_the_main_thread(runner, main_thread):
    reports = []

    def task(report, stop):
        report("preview", "map")
        report("curve", ("loss", 1, 2))

    job = runner.heavy(task, title="Run", report=lambda kind, content: reports.append((kind, content)))
    main_thread.pump_until(lambda: job.finished)
    assert reports == [("preview", "map"), ("curve", ("loss", 1, 2))]


def test_the_latest_of_a_key_wins_and_those_before_are_not_delivered(runner, main_thread):
    entered, release = threading.Event(), threading.Event()
    results = []
    under_way = runner.quick(held(entered, release), "first", key="plane", done=results.append)
    assert entered.wait(60)
    others = [runner.quick(str, n, key="plane", done=results.append) for n in range(4)]
    release.set()
    main_thread.pump_until(lambda: others[-1].finished and under_way.finished)
    assert results == ["3"]
    assert under_way.state is JobState.CANCELLED
    assert others[-1].state is JobState.DONE


def test_a_job_dropped_before_it_began_is_cancelled_and_never_runs(runner, main_thread, heard):
    entered, release = [threading.Event(), threading.Event()], threading.Event()
    for event in entered:
        runner.quick(held(event, release))
        assert event.wait(60)
    ran = []
    dropped = runner.quick(ran.append, 1, key="spectrum", title="Spectrum")
    latest = runner.quick(ran.append, 2, key="spectrum")
    assert dropped.state is JobState.CANCELLED
    assert heard[-1] == ("job_ended", "Spectrum", JobState.CANCELLED)
    release.set()
    main_thread.pump_until(lambda: latest.finished)
    assert ran == [2]


def test_keys_do_not_disturb_each_other(runner, main_thread):
    results = []
    jobs = [runner.quick(str, key, key=key, done=results.append) for key in "abcd"]
    main_thread.pump_until(lambda: all(job.finished for job in jobs))
    assert sorted(results) == list("abcd")


def test_a_queued_job_is_cancelled_at_once(runner, main_thread, heard):
    entered, release = threading.Event(), threading.Event()
    first = runner.heavy(lambda report, stop: held(entered, release)(), title="First")
    assert entered.wait(60)
    ran = []
    second = runner.heavy(lambda report, stop: ran.append(1), title="Second")
    runner.cancel(second)
    assert second.state is JobState.CANCELLED
    assert heard[-1] == ("job_ended", "Second", JobState.CANCELLED)
    release.set()
    main_thread.pump_until(lambda: first.finished)
    assert ran == []
    assert first.state is JobState.DONE


def test_a_running_job_is_asked_to_stop_and_the_next_is_not(runner, main_thread):
    entered = threading.Event()

    def obedient(report, stop):
        entered.set()
        assert stop.wait(60)
        raise Cancelled

    job = runner.heavy(obedient, title="Run")
    following = runner.heavy(lambda report, stop: stop.is_set(), title="Next", done=(results := []).append)
    assert entered.wait(60)
    runner.cancel(job)
    runner.cancel(job)
    main_thread.pump_until(lambda: following.finished)
    assert job.state is JobState.CANCELLED
    assert results == [False]
    runner.cancel(job)


@pytest.mark.parametrize("lane", ["quick", "heavy"])
def test_a_cancelled_job_that_ends_all_the_same_is_not_delivered(runner, main_thread, lane):
    entered, release, results = threading.Event(), threading.Event(), []
    wait = held(entered, release)
    if lane == "quick":
        job = runner.quick(wait, done=results.append, title="Run")
    else:
        job = runner.heavy(lambda report, stop: wait(), done=results.append, title="Run")
    assert entered.wait(60)
    runner.cancel(job)
    release.set()
    main_thread.pump_until(lambda: job.finished)
    assert job.state is JobState.CANCELLED
    assert results == []


@pytest.mark.parametrize(
    ("error", "sentence", "details", "bug"),
    [
        (DetectorError("Refused.", hint="Use less.", details="much"), "Refused. Use less.", "much", False),
        (TaskFailed("KeyError: 'x'", "the traceback"), "KeyError: 'x'", "the traceback", True),
        (ValueError("odd"), "ValueError: odd", "Traceback", True),
        (FileNotFoundError("gone"), "FileNotFoundError: gone", "Traceback", False),
    ],
    ids=["refused", "bug in the worker", "bug here", "file"],
)
def test_a_failed_job_says_why_and_the_next_runs(runner, main_thread, error, sentence, details, bug):
    def fail(report, stop):
        raise error

    failed, done = [], []
    job = runner.heavy(fail, title="Run", done=done.append, failed=failed.append)
    following = runner.heavy(lambda report, stop: 1, title="Next", done=done.append)
    main_thread.pump_until(lambda: following.finished)
    assert job.state is JobState.FAILED
    assert job.error == sentence
    assert details in job.details
    assert job.bug is bug
    assert failed == [job]
    assert done == [1]


def test_closing_stops_everything_and_delivers_nothing_more(runner, main_thread):
    entered, release, results = threading.Event(), threading.Event(), []
    job = runner.quick(held(entered, release), done=results.append)
    queued = runner.heavy(lambda report, stop: held(threading.Event(), release)(), title="Heavy")
    assert entered.wait(60)
    runner.close()
    release.set()
    for thread in main_thread.threads:
        thread.join(60)
        assert not thread.is_alive()
    main_thread.pump()
    assert results == []
    assert not job.finished
    assert not queued.finished
    assert runner.quick(lambda: 1).state is JobState.CANCELLED


def test_closing_ends_the_worker(make_runner):
    worker = Scripted()
    make_runner(worker).close()
    assert worker.closed


def test_warming_up_starts_the_worker_and_shows_no_job(make_runner, main_thread, wait_for):
    worker = Scripted()
    runner = make_runner(worker)
    runner.warm_up()
    assert runner.active == []
    wait_for(lambda: worker.starts == 1)


def test_a_deaf_run_is_cancelled_and_the_next_one_works(make_runner, main_thread, tasks):
    """The order of events: it reports, cancel, it is cancelled, and what waited behind it runs in a new process."""
    worker = Worker(threads=1)
    runner = make_runner(worker)
    deaf = runner.heavy(tasks.never_listen, title="Deaf")
    following = runner.heavy(tasks.where, title="Next", done=(pids := []).append)
    main_thread.pump_until(lambda: deaf.message == "started")
    before = worker.pid
    runner.cancel(deaf)
    main_thread.pump_until(lambda: deaf.finished)
    assert deaf.state is JobState.CANCELLED
    main_thread.pump_until(lambda: following.finished)
    assert pids[0] != before


def test_a_worker_killed_from_outside_is_one_failed_job(make_runner, main_thread, tasks):
    worker = Worker(threads=1)
    runner = make_runner(worker)
    killed = runner.heavy(tasks.never_listen, title="Killed")
    following = runner.heavy(tasks.add, 2, 3, title="Next", done=(sums := []).append)
    main_thread.pump_until(lambda: killed.message == "started")
    os.kill(worker.pid, signal.SIGKILL)
    main_thread.pump_until(lambda: following.finished)
    assert killed.state is JobState.FAILED
    assert killed.error.startswith("The worker process ended while it was working")
    assert not killed.bug
    assert sums == [5]


def test_closing_leaves_no_process_behind(make_runner, main_thread, tasks, wait_for_end):
    worker = Worker(threads=1)
    runner = make_runner(worker)
    job = runner.heavy(tasks.never_listen, title="Deaf")
    main_thread.pump_until(lambda: job.message == "started")
    pid = worker.pid
    runner.close()
    wait_for_end(pid)


class TestInline:
    """Controllers are tested with jobs done on the spot."""

    def test_quick_and_heavy_jobs_are_done_when_the_call_returns(self):
        jobs, results = InlineJobs(), []
        assert jobs.quick(lambda: 1, done=results.append).state is JobState.DONE
        assert jobs.heavy(lambda ctx: ctx.step(1, 2) or 2, title="Run", done=results.append).state is JobState.DONE
        assert results == [1, 2]
        assert jobs.active == []

    def test_progress_and_failures_are_told(self):
        jobs, states = InlineJobs(), []
        jobs.job_changed.connect(lambda job: states.append((job.state, job.fraction)))

        def task(ctx):
            ctx.step(1, 4, "One")
            raise DetectorError("No.")

        job = jobs.heavy(task, title="Run")
        assert states == [(JobState.RUNNING, None), (JobState.RUNNING, 0.25)]
        assert (job.state, job.error) == (JobState.FAILED, "No.")

    def test_a_job_can_be_cancelled_from_within_its_report(self):
        jobs, seen = InlineJobs(), []

        def task(ctx):
            for step in range(10):
                ctx.step(step, 10)
                seen.append(step)

        def cancel(job: Job):
            if job.fraction is not None and job.fraction >= 0.3:
                jobs.cancel(job)

        jobs.job_changed.connect(cancel)
        assert jobs.heavy(task, title="Run").state is JobState.CANCELLED
        assert seen == [0, 1, 2, 3]

    def test_a_closed_local_worker_stops_at_the_next_step(self):
        worker = LocalWorker()
        worker.close()
        with pytest.raises(Cancelled):
            worker.run(lambda ctx: ctx.step(0, 1), (), lambda kind, content: None, threading.Event())


def test_patient_jobs_go_one_by_one_and_let_quick_ones_pass(runner, main_thread):
    entered, release = threading.Event(), threading.Event()
    first = runner.quick(held(entered, release), patient=True)
    assert entered.wait(60)
    waiting = [runner.quick(lambda: None, patient=True, key="mask") for _ in range(3)]
    passing = [runner.quick(lambda: None) for _ in range(4)]
    main_thread.pump_until(lambda: all(job.finished for job in passing))
    assert not first.finished
    assert [job.state for job in waiting[:2]] == [JobState.CANCELLED] * 2, "only the latest of a key counts"
    runner.cancel(waiting[2])
    assert waiting[2].state is JobState.CANCELLED
    release.set()
    main_thread.pump_until(lambda: first.finished)
    assert first.state is JobState.DONE
