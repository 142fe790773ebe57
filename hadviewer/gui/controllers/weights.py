"""What weights chosen for FEN are for and whether they fit the open scene, told under their field before a run."""

from typing import TYPE_CHECKING

from hadviewer.core.bands import select_bands
from hadviewer.core.errors import ParamError
from hadviewer.engine import training
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session
from hadviewer.engine.training import WeightsQuestion

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import DetectorPanelLike

FEN, FIELD = "fen", "weights"
LOOKING = "Looking at the weights …"
WAITING = "The weights are looked at once the runs under way are done."
BEHIND = "Whether they fit is known once the transforms before have run."

Questions = dict[int, WeightsQuestion]
"""By the place of the transform in the chain."""


class WeightsController:
    """Asks the worker process about the weights of each FEN in the chain whenever these, the bands or the scene change.

    One question is out at a time: a path that is typed changes with every letter.
    """

    def __init__(self, session: Session, jobs: JobRunner, panel: "DetectorPanelLike") -> None:
        self._session, self._jobs, self._panel = session, jobs, panel
        self._busy = False
        self._told: Questions = {}
        panel.input_changed.connect(self._ask)
        session.scene_changed.connect(self._ask)
        session.bands_changed.connect(self._ask)

    def _ask(self) -> None:
        """Ask about what is chosen now, unless that is told already or an answer is still to come."""
        questions = self._questions()
        if self._busy or questions == self._told:
            return
        self._told = questions
        asked = {step: question for step, question in questions.items() if question.place}
        waiting = WAITING if any(job.heavy for job in self._jobs.active) else LOOKING
        for step in questions:
            self._panel.show_note(step, FIELD, waiting if step in asked else "")
        if not asked:
            return
        self._busy = True

        def answer(texts: tuple[str, ...]) -> None:
            self._busy = False
            if self._questions() == questions:
                for (step, question), text in zip(asked.items(), texts, strict=True):
                    behind = "" if question.bands or not step else f" {BEHIND}"
                    self._panel.show_note(step, FIELD, text + behind)
            self._ask()

        self._jobs.heavy(
            training.tell_of_weights,
            tuple(asked.values()),
            title="",
            done=answer,
            failed=lambda _: answer(("",) * len(asked)),
        )

    def _questions(self) -> Questions:
        request, cube = self._panel.request(), self._session.cube
        if request is None:
            return {}
        bands, wavelengths = None, None
        if cube is not None:
            try:
                chosen = select_bands(request.bands, cube.bands)
            except ParamError:
                pass  # the run says so at its own field
            else:
                bands = len(chosen)
                centres = cube.bands.centres
                wavelengths = None if centres is None else tuple(centres[chosen].tolist())
        questions: Questions = {}
        for step, transform in enumerate(request.transforms):
            if transform.id == FEN:
                place = str(transform.params[FIELD] or "")
                # What a transform before leaves of the bands is not known.
                questions[step] = WeightsQuestion(place) if step else WeightsQuestion(place, bands, wavelengths)
        return questions
