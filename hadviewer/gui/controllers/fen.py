"""Training of the feature enhancement network: from the dialog to a folder of weights."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.engine import training
from hadviewer.engine.jobs import Job, JobRunner, Report
from hadviewer.transforms._fen_training import TrainingParams

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import FENDialogLike, MessagesLike

TITLE = "FEN training"


class FENController:
    """Checks what the dialog says, trains in the worker process, and offers the weights to the next run.

    ``watch`` gives what hears of the losses, by the title of the run; ``use`` sets the weights in a folder to be used.
    """

    def __init__(
        self,
        jobs: JobRunner,
        dialog: "FENDialogLike",
        messages: "MessagesLike",
        watch: Callable[[str], Report],
        use: Callable[[Path], None],
    ) -> None:
        self._jobs, self._dialog, self._messages = jobs, dialog, messages
        self._watch, self._use = watch, use
        dialog.ordered.connect(self.train)

    def train(self) -> None:
        """Train as the dialog says, unless something in it is wrong: then that is marked and nothing starts."""
        self._dialog.clear_errors()
        try:
            request = request_of(*self._dialog.order())
        except ParamError as error:
            self._dialog.show_error(error.field, str(error))
            return
        self._jobs.quick(
            training.check_request,
            request,
            done=lambda _: self._start(request),
            failed=self._show_fault,
        )

    def _start(self, request: training.TrainingRequest) -> None:
        self._dialog.close()

        def done(result: training.TrainingResult) -> None:
            notes = " ".join(result.notes)
            text = f"The weights of FEN were written into {request.out}. {notes}"
            self._messages.info(text, ("Use them", lambda: self._use(request.out)))

        def failed(job: Job) -> None:
            self._messages.error(f"{TITLE} failed: {job.error}", job.details)

        self._jobs.heavy(training.train_fen, request, title=TITLE, done=done, failed=failed, report=self._watch(TITLE))

    def _show_fault(self, job: Job) -> None:
        field = job.cause.field if isinstance(job.cause, ParamError) else ""
        self._dialog.show_error(field, job.error)


def request_of(places: dict[str, Any], values: dict[str, Any]) -> training.TrainingRequest:
    """The request that the two forms of the dialog make; raises ParamError."""
    for name in ("folder", "out"):
        if not places[name]:
            raise ParamError("Choose a folder.", field=name)
    teacher = training.RANDOM if places["random"] else places["teacher"]
    return training.TrainingRequest(
        folder=Path(places["folder"]).expanduser(),
        out=Path(places["out"]).expanduser(),
        params=parse(TrainingParams, values),
        teacher=teacher or None,
        seed=int(places["seed"]),
        resume=bool(places["resume"]),
    )
