"""Every result against the truth: evaluations in the background, curves and figures in the ROC dock."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.core.cube import Truth
from hadviewer.engine import verbs
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.gui.views.data import Figure, RocLine

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.gui.views.protocols import MessagesLike, RocViewLike

NO_TRUTH = "Load a truth mask to see ROC curves"
NO_RESULT = "Run a detector to see its ROC curve"
NO_CURVE = "The truth marks no target, or nothing else: there is no ROC curve"
_STRETCH = "τ runs over the scores stretched linearly to 0–1."
# Name, attribute of Evaluation, definition.
FIGURES = (
    (
        "AUC (PD, PF)",
        "auc_pd_pf",
        "Area under detection over false alarm: the chance that a target outscores background.",
    ),
    ("AUC (PD, τ)", "auc_pd_tau", f"Area under detection over threshold = mean score of the targets. {_STRETCH}"),
    ("AUC (PF, τ)", "auc_pf_tau", f"Area under false alarm over threshold = mean score of the background. {_STRETCH}"),
    ("AUC TD", "auc_td", "Target detectability = AUC(PD, PF) + AUC(PD, τ), from 0 to 2."),
    ("AUC BS", "auc_bs", "Background suppressibility = AUC(PD, PF) - AUC(PF, τ), from -1 to 1."),
    ("AUC TDBS", "auc_tdbs", "Detectability with suppression = AUC(PD, τ) - AUC(PF, τ), from -1 to 1."),
    ("AUC SNPR", "auc_snpr", "Signal to noise probability ratio = AUC(PD, τ) / AUC(PF, τ)."),
    ("AUC SNPR (dB)", "auc_snpr_db", "10 log10 of AUC(PD, τ) / AUC(PF, τ)."),
    (
        "AUC OD",
        "auc_od",
        "Overall detection = AUC(PD, PF) + AUC(PD, τ) - AUC(PF, τ), from -1 to 2; some papers say OA or ODP.",
    ),
    ("AUC ODP", "auc_odp", "Overall detection probability = AUC(PD, τ) + 1 - AUC(PF, τ), from 0 to 2."),
    ("Average precision", "average_precision", "Mean precision over the recall steps; by chance it is the prevalence."),
    ("Prevalence", "prevalence", "Share of targets among the pixels."),
    ("Target pixels", "targets", "Pixels the truth marks."),
    ("Background pixels", "background", "Pixels the truth does not mark."),
    ("Pixels without score", "nan_pixels", "Counted as the lowest score."),
)


class EvaluationController:
    """Evaluates what has no evaluation yet whenever results or truth change."""

    def __init__(self, session: Session, jobs: JobRunner, view: "RocViewLike", messages: "MessagesLike") -> None:
        self._session = session
        self._jobs = jobs
        self._view = view
        self._messages = messages
        self._asked: dict[int, Truth] = {}
        session.scene_changed.connect(self._evaluate)
        session.results_changed.connect(self._evaluate)
        session.evaluations_changed.connect(self._show)
        session.selected_changed.connect(self._show_selected)
        view.export_requested.connect(self.export)
        self._show()

    def export(self, path: Path) -> None:
        """Write every curve into one CSV file."""
        self._jobs.quick(
            write_curves,
            path,
            self._lines(),
            done=lambda written: self._messages.info(f"ROC curves written to {written}."),
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def _evaluate(self) -> None:
        """Ask for what is missing, once for each result and truth."""
        truth = self._session.truth
        for entry in self._session.state.results if truth is not None else ():
            known = entry.id in self._session.evaluations
            if truth is not None and not known and self._asked.get(entry.id) is not truth:
                self._asked[entry.id] = truth
                self._start(entry, truth)
        self._show()

    def _start(self, entry: ResultEntry, truth: Truth) -> None:
        def done(evaluation: "Evaluation") -> None:
            if self._session.truth is truth and self._session.entry(entry.id) is entry:
                self._session.attach_evaluation(entry.id, evaluation)
            self._asked.pop(entry.id, None)

        def failed(job: Job) -> None:
            self._messages.error(f"{entry.title} could not be compared with the truth: {job.error}", job.details)

        self._jobs.quick(
            verbs.evaluate, entry.result.scores, truth, key=f"evaluate-{entry.id}", done=done, failed=failed
        )

    def _show(self) -> None:
        curves = self._lines()
        if self._session.truth is None:
            hint = NO_TRUTH
        elif not self._session.state.results:
            hint = NO_RESULT
        else:
            hint = NO_CURVE if self._session.evaluations else ""
        self._view.set_curves(curves, hint)
        self._show_selected()

    def _show_selected(self) -> None:
        entry = self._session.selected
        self._view.set_selected(None if entry is None else entry.id)
        evaluation = None if entry is None else self._session.evaluations.get(entry.id)
        if entry is None or evaluation is None:
            self._view.set_figures("", ())
        else:
            self._view.set_figures(entry.title, tuple(figures_of(evaluation)))

    def _lines(self) -> list[RocLine]:
        """The curves there are, in the order of the results."""
        lines = []
        for entry in self._session.state.results:
            found = self._session.evaluations.get(entry.id)
            if found is not None and not math.isnan(found.auc_pd_pf):
                roc = found.roc
                curve = (roc.false_alarm, roc.detection, roc.thresholds)
                lines.append(RocLine(entry.id, entry.title, entry.colour, *curve, found.auc_pd_pf, found.background))
        return lines


def figures_of(evaluation: "Evaluation") -> Iterator[Figure]:
    """Every figure of an evaluation, with four digits after the point."""
    for name, attribute, formula in FIGURES:
        value = getattr(evaluation, attribute)
        if isinstance(value, int):
            text = f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
        elif math.isnan(value):
            text = "–"
        else:
            text = f"{value:.4f}"
        yield Figure(name, text, formula)


def write_curves(path: Path, lines: list[RocLine]) -> Path:
    """All curves in one table: result, threshold, false alarm, detection."""
    from hadviewer.io.writers.table import write_csv

    rows = (
        (line.title, *point)
        for line in lines
        for point in zip(line.thresholds.tolist(), line.false_alarm.tolist(), line.detection.tolist(), strict=True)
    )
    comment = "\n".join(f"{line.title}: AUC {line.auc:.6f}" for line in lines)
    return write_csv(path, ("result", "threshold", "false_alarm", "detection"), rows, comment)
