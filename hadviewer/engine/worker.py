"""The worker process that does the heavy work, and the handle by which it is supervised.

The worker runs one task at a time and reports by pipe. A thread in it listens for 'cancel' and for the end of the
pipe: when the program that started it is gone, however it went, the worker ends too.
"""

import contextlib
import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import Cancelled, DetectorError, HadviewerError, in_a_line
from hadviewer.engine.transport import Parcel, discard, pack, unpack

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Task = Callable[..., Any]
GRACE_SECONDS = 1.0
"""How long a cancelled task may take to notice before its process is ended."""
POLL_SECONDS = 0.05
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Read by numerical libraries when they are loaded, so they are set before the process starts."""
PATIENCE = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Threads with nothing to do sleep instead of spinning: the window and other programs want the processor too."""
REPORT_SECONDS = 0.04
"""Progress and curves are sent at most this often, a new stage and the end always."""


@dataclass(frozen=True)
class Message:
    """One report from the worker; ``parcel`` holds its content."""

    kind: Literal["progress", "preview", "curve", "picture", "done", "failed", "cancelled"]
    parcel: Parcel


@dataclass(frozen=True)
class Failure:
    """Why a task failed: the error itself where it is the user's business, and the traceback."""

    error: HadviewerError | None
    summary: str
    trace: str


class TaskFailed(Exception):
    """A task ended with a bug rather than with a sentence for the user; ``trace`` is its traceback."""

    def __init__(self, summary: str, trace: str) -> None:
        super().__init__(summary)
        self.trace = trace


class Worker:
    """A warm worker process, started when first needed and replaced when it dies.

    Used from one thread at a time (the heavy lane); only ``close`` may be called from any.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._process: Any = None
        self._pipe: Connection | None = None
        self._closed = threading.Event()
        self._changing = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Process number of the running worker, or None."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def start(self) -> None:
        """Start the process if none is running; it warms up by itself."""
        if self.pid is not None:
            return
        self._end()
        with self._changing:
            if self._closed.is_set():
                return
            from multiprocessing import get_context

            spawn = get_context("spawn")
            ours, theirs = spawn.Pipe()
            process = spawn.Process(target=serve, args=(theirs, self._threads), name="hadviewer-worker", daemon=True)
            with _environment(dict.fromkeys(THREAD_VARIABLES, str(self._threads)) | PATIENCE):
                process.start()
            theirs.close()
            self._process, self._pipe = process, ours

    def run(
        self, task: Task, arguments: tuple[Any, ...], report: Callable[[str, Any], None], stop: threading.Event
    ) -> Any:
        """Run ``task(*arguments, ctx)`` in the worker and wait for it.

        ``report(kind, content)`` hears of progress, previews, curves and pictures. Once ``stop`` is set the task is
        asked to end, and after a short grace its process is ended. Raises Cancelled, the task's own HadviewerError,
        DetectorError when the process died, TaskFailed for a bug.
        """
        self.start()
        pipe = self._pipe
        if pipe is None:
            raise Cancelled
        parcel = pack((task, arguments))
        try:
            if not _sent(pipe, ("run", parcel)):
                raise self._gone(stop)
            return self._listen(pipe, report, stop)
        finally:
            discard(parcel)

    def close(self) -> None:
        """End the process, whatever it is doing. The pipe is left to whoever reads it."""
        self._closed.set()
        with self._changing:
            process = self._process
        if process is not None:
            process.kill()
            process.join(2.0)

    def _listen(self, pipe: "Connection", report: Callable[[str, Any], None], stop: threading.Event) -> Any:
        asked_at: float | None = None
        while True:
            if stop.is_set() and asked_at is None:
                asked_at = time.monotonic()
                _sent(pipe, ("cancel", None))
            if asked_at is not None and time.monotonic() - asked_at > GRACE_SECONDS:
                self._end()
                raise Cancelled
            try:
                if not pipe.poll(POLL_SECONDS):
                    continue
                message = pipe.recv()
            except (EOFError, OSError, ValueError):
                raise self._gone(stop) from None
            content = unpack(message.parcel)
            if message.kind == "done":
                return content
            if message.kind == "cancelled":
                raise Cancelled
            if message.kind == "failed":
                raise content.error or TaskFailed(content.summary, content.trace)
            report(message.kind, content)

    def _gone(self, stop: threading.Event) -> Exception:
        """What to raise when the process is there no more: it was ended by us, or it died."""
        if self._closed.is_set() or stop.is_set():
            self._end()
            return Cancelled()
        process = self._process
        code = None
        if process is not None:
            process.join(1.0)
            code = process.exitcode
        self._end()
        reason = f"it was stopped by signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        hint = "Memory may have run out: try fewer bands or a region." if code == -9 else "Run it again."
        return DetectorError(f"The worker process ended while it was working ({reason}).", hint=hint)

    def _end(self) -> None:
        with self._changing:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        if process is not None:
            process.kill()
            process.join(2.0)
        if pipe is not None:
            _drop_unread(pipe)


def _sent(pipe: "Connection", order: tuple[str, Parcel | None]) -> bool:
    """Send an order; False when nobody is there to take it."""
    try:
        pipe.send(order)
    except (OSError, ValueError):
        return False
    return True


def _drop_unread(pipe: "Connection") -> None:
    """Close a pipe and free what was sent through it and never read."""
    with contextlib.suppress(EOFError, OSError, ValueError):
        while pipe.poll():
            discard(pipe.recv().parcel)
    with contextlib.suppress(OSError):
        pipe.close()


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Environment variables for a process about to start; those the user has set stay as they are."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


class PipeReporter:
    """Sends what a context reports through the pipe, not more often than a screen can show."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send
        self._last: dict[str, float] = {}
        self._message: str | None = None

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None:
        """Passed on when due, and whenever another stage begins: it may be long."""
        if self._due("progress") or fraction == 1.0 or message != self._message:
            self._message = message
            self._send("progress", (fraction, message, values))

    def preview(self, scores: NDArray[np.float32]) -> None:
        """Passed on when due."""
        if self._due("preview"):
            self._send("preview", np.asarray(scores, dtype=np.float32))

    def curve(self, name: str, x: float, y: float) -> None:
        """Always passed on: a curve with holes is no curve."""
        self._send("curve", (name, x, y))

    def picture(self, name: str, step: int, array: NDArray[Any]) -> None:
        """Always passed on: which steps to show is the detector's choice."""
        self._send("picture", (name, step, np.asarray(array, dtype=np.float32)))

    def _due(self, kind: str) -> bool:
        now = time.monotonic()
        if now - self._last.get(kind, -1.0) < REPORT_SECONDS:
            return False
        self._last[kind] = now
        return True


def serve(pipe: "Connection", threads: int) -> None:
    """The worker process: run what the pipe asks for until it closes."""
    _be_modest()
    cancelled = threading.Event()
    ready: list[Parcel] = []
    waiting = threading.Condition()
    sending = threading.Lock()

    def listen() -> None:
        while True:
            try:
                order, parcel = pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            with waiting:
                if order == "cancel":
                    cancelled.set()
                else:
                    cancelled.clear()
                    ready.append(parcel)
                    waiting.notify()

    def send(kind: Any, content: Any) -> None:
        with sending:
            pipe.send(Message(kind, pack(content)))

    threading.Thread(target=listen, name="listener", daemon=True).start()
    while True:
        with waiting:
            waiting.wait_for(lambda: bool(ready))
            parcel = ready.pop(0)
        message = _attempt(parcel, Context(threads=threads, reporter=PipeReporter(send), cancelled=cancelled.is_set))
        try:
            with sending:
                pipe.send(message)
        except OSError:
            os._exit(0)


def _attempt(parcel: Parcel, ctx: Context) -> Message:
    try:
        task, arguments = unpack(parcel)
        return Message("done", pack(task(*arguments, ctx)))
    except Cancelled:
        return Message("cancelled", pack(None))
    except HadviewerError as error:
        return Message("failed", pack(Failure(error, str(error), traceback.format_exc())))
    except Exception as error:  # noqa: BLE001 - the door of every job: a bug becomes a failed job, not a dead worker
        return Message("failed", pack(Failure(None, in_a_line(error), traceback.format_exc())))


def _be_modest() -> None:
    """Leave the machine to the window: lower priority; and do not hear Ctrl+C, which a terminal sends to all."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(10)
