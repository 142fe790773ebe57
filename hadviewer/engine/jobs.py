"""Background work: quick jobs in threads, heavy jobs in the worker process, results back on the main thread.

Plain Python: the program that has an event loop gives ``spawn`` (run this loop in a thread) and ``deliver`` (call this
on the main thread). Jobs change only on the main thread.
"""

import itertools
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from psygnal import Signal

from hadviewer.core.context import Context
from hadviewer.core.errors import Cancelled, HadviewerError, in_a_line
from hadviewer.engine.worker import Task, TaskFailed

QUICK_THREADS = 2


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job:
    """One piece of background work, as the main thread sees it.

    ``fraction`` is 0..1 or None while unknown; ``error`` is a sentence when it failed, ``details`` its traceback;
    ``bug`` is True when the failure is the program's own fault, else ``cause`` is the error itself where there is one.
    """

    id: int
    title: str
    heavy: bool
    key: str | None = None
    state: JobState = JobState.QUEUED
    fraction: float | None = None
    message: str = ""
    values: dict[str, float] = field(default_factory=dict)
    started: float | None = None
    ended: float | None = None
    error: str = ""
    details: str = ""
    bug: bool = False
    cause: HadviewerError | None = None

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        if self.started is None:
            return 0.0
        return (self.ended or time.monotonic()) - self.started

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class HeavyWorker(Protocol):
    """Runs one task at a time, elsewhere."""

    def start(self) -> None: ...
    def run(
        self, task: Task, arguments: tuple[Any, ...], report: Callable[[str, Any], None], stop: threading.Event
    ) -> Any: ...
    def close(self) -> None: ...


Report = Callable[[str, Any], None]
Done = Callable[[Any], None]
Failed = Callable[[Job], None]


@dataclass(eq=False)
class _Entry:
    job: Job
    execute: Callable[[Report], Any]
    done: Done | None
    failed: Failed | None
    report: Report | None
    cancelled: threading.Event = field(default_factory=threading.Event)


class JobRunner:
    """Takes jobs, runs them in their lanes, tells how they go.

    Signals (main thread): ``job_added(job)``, ``job_changed(job)``, ``job_ended(job)``; only of jobs with a title.
    """

    job_added = Signal(Job)
    job_changed = Signal(Job)
    job_ended = Signal(Job)

    def __init__(
        self,
        spawn: Callable[[Callable[[], None], str], None],
        deliver: Callable[[Callable[[], None]], None],
        worker: HeavyWorker,
    ) -> None:
        self._deliver = deliver
        self._worker = worker
        self._numbers = itertools.count(1)
        self._latest: dict[str, int] = {}
        self._closed = False
        self._quick: deque[_Entry] = deque()
        self._patient: deque[_Entry] = deque()
        self._heavy: deque[_Entry] = deque()
        self._waiting = threading.Condition()
        self._entries: dict[int, _Entry] = {}
        for number in range(QUICK_THREADS):
            spawn(lambda: self._loop(self._quick), f"quick-{number + 1}")
        spawn(lambda: self._loop(self._patient), "patient")
        spawn(lambda: self._loop(self._heavy), "heavy")

    def quick(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        key: str | None = None,
        title: str = "",
        patient: bool = False,
        done: Done | None = None,
        failed: Failed | None = None,
    ) -> Job:
        """Run ``function(*arguments)`` in a thread; ``done(result)`` follows on the main thread.

        With a ``key`` only the latest counts: earlier ones that wait are dropped, those under way are not delivered.
        ``patient`` jobs have a thread of their own: what walks over a whole scene lets no tile wait.
        """
        job = Job(next(self._numbers), title, heavy=False, key=key)
        return self._submit(
            self._patient if patient else self._quick,
            _Entry(job, lambda report: function(*arguments), done, failed, None),
        )

    def heavy(
        self,
        task: Task,
        *arguments: Any,
        title: str,
        done: Done | None = None,
        failed: Failed | None = None,
        report: Report | None = None,
    ) -> Job:
        """Run ``task(*arguments, ctx)`` in the worker process, after those queued before it.

        ``report(kind, content)`` hears of 'preview', 'curve' and 'picture' on the main thread; progress goes into the
        job.
        """
        job = Job(next(self._numbers), title, heavy=True)
        stop = threading.Event()
        execute = lambda tell: self._worker.run(task, arguments, tell, stop)  # noqa: E731
        return self._submit(self._heavy, _Entry(job, execute, done, failed, report, stop))

    def warm_up(self) -> None:
        """Start the worker process now, so that the first heavy job need not wait for it."""
        entry = _Entry(Job(next(self._numbers), "", heavy=True), lambda report: self._worker.start(), None, None, None)
        self._submit(self._heavy, entry)

    def cancel(self, job: Job) -> None:
        """Stop a job: a queued one at once, a running one as soon as it can be."""
        entry = self._entries.get(job.id)
        if entry is None:
            return
        with self._waiting:
            entry.cancelled.set()
            lane = next((lane for lane in (self._quick, self._patient, self._heavy) if entry in lane), None)
            if lane is not None:
                lane.remove(entry)
        if lane is not None:
            self._end(entry, JobState.CANCELLED)

    @property
    def active(self) -> list[Job]:
        """Jobs with a title that are queued or running."""
        return [entry.job for entry in self._entries.values() if entry.job.title]

    @property
    def idle(self) -> bool:
        """Whether nothing at all is queued, running or on its way back."""
        return not self._entries

    def close(self) -> None:
        """Cancel everything, end the lanes and the worker process."""
        with self._waiting:
            self._closed = True
            self._quick.clear()
            self._patient.clear()
            self._heavy.clear()
            self._waiting.notify_all()
        self._worker.close()

    def _submit(self, lane: deque[_Entry], entry: _Entry) -> Job:
        job = entry.job
        dropped: list[_Entry] = []
        with self._waiting:
            if self._closed:
                job.state = JobState.CANCELLED
                return job
            if job.key is not None:
                self._latest[job.key] = job.id
                dropped = [other for other in lane if other.job.key == job.key]
                for other in dropped:
                    lane.remove(other)
            lane.append(entry)
            self._entries[job.id] = entry
            self._waiting.notify_all()
        for other in dropped:
            self._end(other, JobState.CANCELLED)
        if job.title:
            self.job_added.emit(job)
        return job

    def _loop(self, lane: deque[_Entry]) -> None:
        while True:
            with self._waiting:
                self._waiting.wait_for(lambda: bool(lane) or self._closed)
                if self._closed:
                    return
                entry = lane.popleft()
            self._perform(entry)

    def _perform(self, entry: _Entry) -> None:
        """The body of every job; runs in a lane."""
        self._post(lambda: self._begin(entry))
        try:
            if entry.cancelled.is_set():
                raise Cancelled
            result = entry.execute(lambda kind, content: self._post(lambda: self._report(entry, kind, content)))
            if entry.cancelled.is_set():
                raise Cancelled
        except Cancelled:
            self._post(lambda: self._end(entry, JobState.CANCELLED))
        except HadviewerError as error:
            cause = error
            self._post(lambda: self._end(entry, JobState.FAILED, str(cause), cause.details, cause=cause))
        except TaskFailed as failure:
            summary, trace = str(failure), failure.trace
            self._post(lambda: self._end(entry, JobState.FAILED, summary, trace, bug=True))
        except Exception as error:  # noqa: BLE001 - the door of every job
            summary, trace = in_a_line(error), traceback.format_exc()
            bug = not isinstance(error, OSError)
            self._post(lambda: self._end(entry, JobState.FAILED, summary, trace, bug=bug))
        else:
            self._post(lambda: self._end(entry, JobState.DONE, result=result))

    def _post(self, callback: Callable[[], None]) -> None:
        if not self._closed:
            self._deliver(callback)

    def _begin(self, entry: _Entry) -> None:
        entry.job.state = JobState.RUNNING
        entry.job.started = time.monotonic()
        self._changed(entry.job)

    def _report(self, entry: _Entry, kind: str, content: Any) -> None:
        if entry.job.finished:
            return
        if kind == "progress":
            entry.job.fraction, entry.job.message, entry.job.values = content
            self._changed(entry.job)
        elif entry.report is not None:
            entry.report(kind, content)

    def _end(
        self,
        entry: _Entry,
        state: JobState,
        error: str = "",
        details: str = "",
        *,
        bug: bool = False,
        cause: HadviewerError | None = None,
        result: Any = None,
    ) -> None:
        job = entry.job
        self._entries.pop(job.id, None)
        if job.finished or self._closed:
            return
        stale = job.key is not None and self._latest.get(job.key) != job.id
        if job.key is not None and not stale:
            self._latest.pop(job.key, None)
        job.state = JobState.CANCELLED if stale else state
        job.error, job.details, job.bug, job.cause, job.ended = error, details, bug, cause, time.monotonic()
        if job.state is JobState.DONE:
            job.fraction = 1.0
            if entry.done is not None:
                entry.done(result)
        elif job.state is JobState.FAILED and entry.failed is not None:
            entry.failed(job)
        if job.title:
            self.job_ended.emit(job)

    def _changed(self, job: Job) -> None:
        if job.title:
            self.job_changed.emit(job)


class LocalWorker:
    """Runs tasks in this very process: for tests and for the command line."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def start(self) -> None:
        """Nothing to start."""

    def run(self, task: Task, arguments: tuple[Any, ...], report: Report, stop: threading.Event) -> Any:
        """Run the task here and now."""
        stopped = lambda: stop.is_set() or self._closed.is_set()  # noqa: E731
        return task(*arguments, Context(reporter=_DirectReporter(report), cancelled=stopped))

    def close(self) -> None:
        """The task stops at its next step."""
        self._closed.set()


class InlineJobs(JobRunner):
    """A runner that does every job at once, on the spot: controllers are tested with it."""

    def __init__(self, worker: HeavyWorker | None = None) -> None:
        super().__init__(lambda loop, name: None, lambda callback: callback(), worker or LocalWorker())

    def _submit(self, lane: deque[_Entry], entry: _Entry) -> Job:
        if entry.job.key is not None:
            self._latest[entry.job.key] = entry.job.id
        self._entries[entry.job.id] = entry
        if entry.job.title:
            self.job_added.emit(entry.job)
        self._perform(entry)
        return entry.job


@dataclass(frozen=True)
class _DirectReporter:
    report: Report

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None:
        self.report("progress", (fraction, message, values))

    def preview(self, scores: Any) -> None:
        self.report("preview", scores)

    def curve(self, name: str, x: float, y: float) -> None:
        self.report("curve", (name, x, y))

    def picture(self, name: str, step: int, array: Any) -> None:
        self.report("picture", (name, step, array))
