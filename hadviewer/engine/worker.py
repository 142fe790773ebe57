"""The worker process that does the heavy work, and the handle by which it is supervised.

The worker runs one task at a time and reports by pipe. A thread in it listens for 'cancel' and for the end of the
pipe: when the program that started it is gone, however it went, the worker ends too.
"""

import contextlib
import os
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import Cancelled, DetectorError, HadviewerError
from hadviewer.engine.transport import Parcel, discard, pack, unpack

Task = Callable[..., Any]
GRACE_SECONDS = 1.0
"""How long a cancelled task may take to notice before its process is ended."""
POLL_SECONDS = 0.05
REPORT_SECONDS = 0.04
"""Progress and curves are sent at most this often; the last word always gets through."""


@dataclass(frozen=True)
class Message:
    """One report from the worker; ``parcel`` holds its content."""

    kind: Literal["progress", "preview", "curve", "done", "failed", "cancelled"]
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

    Used from one thread at a time (the heavy lane); ``cancel`` and ``close`` may be called from any.
    """

    def __init__(self, threads: int | None = None) -> None:
        self._threads = threads or max(1, (os.cpu_count() or 2) - 1)
        self._spawn = get_context("spawn")
        self._process: Any = None
        self._pipe: Connection | None = None
        self._cancel_at: float | None = None
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process number of the running worker, or None."""
        return self._process.pid if self._process is not None and self._process.is_alive() else None

    def start(self) -> None:
        """Start the process if none is running; it warms up by itself."""
        if self.pid is not None or self._closed:
            return
        self._end()
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(target=serve, args=(theirs, self._threads), name="hadviewer-worker", daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours

    def run(self, task: Task, arguments: tuple[Any, ...], report: Callable[[str, Any], None]) -> Any:
        """Run ``task(*arguments, ctx)`` in the worker and wait for it.

        ``report(kind, content)`` hears of progress, previews and curves. Raises Cancelled, the task's own
        HadviewerError, DetectorError when the process died, TaskFailed for a bug.
        """
        self._cancel_at = None
        self.start()
        if self._pipe is None:
            raise Cancelled
        parcel = pack((task, arguments))
        try:
            self._pipe.send(("run", parcel))
        except OSError:
            discard(parcel)
            raise self._died() from None
        return self._listen(report)

    def cancel(self) -> None:
        """Ask the running task to stop; after a short grace its process is ended."""
        if self._cancel_at is None:
            self._cancel_at = time.monotonic()
            pipe = self._pipe
            if pipe is not None:
                with contextlib.suppress(OSError, ValueError):
                    pipe.send(("cancel", None))

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self._closed = True
        self._end()

    def _listen(self, report: Callable[[str, Any], None]) -> Any:
        pipe = self._pipe
        assert pipe is not None
        while True:
            if self._cancel_at is not None and time.monotonic() - self._cancel_at > GRACE_SECONDS:
                self._end()
                raise Cancelled
            try:
                if not pipe.poll(POLL_SECONDS):
                    continue
                message = pipe.recv()
            except (EOFError, OSError, ValueError):
                if self._closed or self._cancel_at is not None:
                    raise Cancelled from None
                raise self._died() from None
            content = unpack(message.parcel)
            if message.kind == "done":
                return content
            if message.kind == "cancelled":
                raise Cancelled
            if message.kind == "failed":
                raise content.error or TaskFailed(content.summary, content.trace)
            report(message.kind, content)

    def _died(self) -> DetectorError:
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
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
        if process is not None:
            process.kill()
            process.join(2.0)


class PipeReporter:
    """Sends what a context reports through the pipe, not more often than a screen can show."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send
        self._last: dict[str, float] = {}

    def progress(self, fraction: float | None, message: str, values: dict[str, float]) -> None:
        """Passed on when due."""
        if self._due("progress") or fraction == 1.0:
            self._send("progress", (fraction, message, values))

    def preview(self, scores: NDArray[np.float32]) -> None:
        """Passed on when due."""
        if self._due("preview"):
            self._send("preview", np.asarray(scores, dtype=np.float32))

    def curve(self, name: str, x: float, y: float) -> None:
        """Always passed on: a curve with holes is no curve."""
        self._send("curve", (name, x, y))

    def _due(self, kind: str) -> bool:
        now = time.monotonic()
        if now - self._last.get(kind, -1.0) < REPORT_SECONDS:
            return False
        self._last[kind] = now
        return True


def serve(pipe: Connection, threads: int) -> None:
    """The worker process: run what the pipe asks for until it closes."""
    _be_modest(threads)
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
        kind, content = _attempt(
            parcel, Context(threads=threads, reporter=PipeReporter(send), cancelled=cancelled.is_set)
        )
        try:
            send(kind, content)
        except OSError:
            os._exit(0)


def _attempt(parcel: Parcel, ctx: Context) -> tuple[str, Any]:
    try:
        task, arguments = unpack(parcel)
        return "done", task(*arguments, ctx)
    except Cancelled:
        return "cancelled", None
    except HadviewerError as error:
        return "failed", Failure(error, str(error), traceback.format_exc())
    except Exception as error:  # noqa: BLE001 - the door of every job: a bug becomes a failed job, not a dead worker
        return "failed", Failure(None, f"{type(error).__name__}: {error}", traceback.format_exc())


def _be_modest(threads: int) -> None:
    """Leave the machine to the window: lower priority, one thread fewer than there are, no Ctrl+C of the terminal."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(10)
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, str(threads))
