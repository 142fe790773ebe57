"""Every result against the truth: evaluations in the background, curves and figures in the ROC dock."""

import operator
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.core.cube import Truth
from hadviewer.engine import tasks, verbs
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.gui.controllers._curves import (
    CURVE_COLUMNS,
    curve_rows,
    curves_of,
    figure_columns,
    figure_row,
    figures_of,
    has_curve,
    roc_line,
)
from hadviewer.gui.views.data import FigureColumn, FigureRow, ResultCurves, RocLine

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.gui.views.protocols import MessagesLike, RocViewLike

LARGEST_HERE = 400_000
"""Pixels above which counting objects would hold the window up, so that the worker process does it."""
NO_TRUTH = "Import the truth (File menu), or draw it as a region, to see ROC curves."
NO_RESULT = "Run a detector to see its ROC curve."
ABOUT_CURVES = """\
curve: ROC, PR, 3D ROC (tau: scores stretched to 0..1), 3D ROC robust (the highest 0.1 % clipped first), FROC
A pixel is detected from its threshold up; a column is empty where the curve has no such number"""
NO_CURVE = "The truth marks no target, or nothing else: there is no ROC curve"


class EvaluationController:
    """Evaluates what has no evaluation yet whenever results or truth change."""

    def __init__(self, session: Session, jobs: JobRunner, view: "RocViewLike", messages: "MessagesLike") -> None:
        self._session = session
        self._jobs = jobs
        self._view = view
        self._messages = messages
        self._asked: dict[int, Truth] = {}
        self._curves: dict[int, tuple[Evaluation, ResultCurves]] = {}
        self._shown: list[object] = []
        session.scene_changed.connect(self._evaluate)
        session.results_changed.connect(self._evaluate)
        session.evaluations_changed.connect(self._show)
        session.selected_changed.connect(self._show_selected)
        view.export_requested.connect(self.export)
        view.figures_export_requested.connect(self.export_figures)
        self._show()

    def export(self, path: Path) -> None:
        """Write every curve into one CSV file."""
        self._jobs.quick(
            write_curves,
            path,
            [(entry, found) for entry, found in self._found() if has_curve(found)],
            done=lambda written: self._messages.info(f"Curves written to {written}."),
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def export_figures(self, path: Path) -> None:
        """Write all figures of all results into one CSV file."""
        self._jobs.quick(
            write_figures,
            path,
            figure_columns(),
            self._rows(),
            done=lambda written: self._messages.info(f"Figures written to {written}."),
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

        scores = entry.result.scores
        if scores.size > LARGEST_HERE:
            self._jobs.heavy(tasks.evaluate, scores, truth, title="", done=done, failed=failed)
        else:
            self._jobs.quick(verbs.evaluate, scores, truth, key=f"evaluate-{entry.id}", done=done, failed=failed)

    def _show(self) -> None:
        if self._session.truth is None:
            hint = NO_TRUTH
        elif not self._session.state.results:
            hint = NO_RESULT
        else:
            hint = NO_CURVE if self._session.evaluations else ""
        pairs = self._found()
        shown: list[object] = [hint, *(part for pair in pairs for part in pair)]
        if len(shown) != len(self._shown) or any(map(operator.is_not, shown, self._shown)):
            self._shown = shown
            self._view.set_curves(self._lines(), hint)
            self._view.set_results([self._drawn(entry, found) for entry, found in pairs if has_curve(found)])
            self._view.set_table(figure_columns(), self._rows())
        self._show_selected()

    def _show_selected(self) -> None:
        entry = self._session.selected
        self._view.set_selected(None if entry is None else entry.id)
        evaluation = None if entry is None else self._session.evaluations.get(entry.id)
        if entry is None or evaluation is None:
            self._view.set_figures("", ())
        else:
            self._view.set_figures(entry.title, tuple(figures_of(evaluation)))

    def _found(self) -> "list[tuple[ResultEntry, Evaluation]]":
        """The results that are evaluated, in their order."""
        known = self._session.evaluations
        return [(entry, known[entry.id]) for entry in self._session.state.results if entry.id in known]

    def _drawn(self, entry: ResultEntry, evaluation: "Evaluation") -> ResultCurves:
        """What is drawn of a result, the same object while the evaluation is, so that views need not draw it again."""
        known = self._curves.get(entry.id)
        if known is None or known[0] is not evaluation:
            known = self._curves[entry.id] = (evaluation, curves_of(entry, evaluation))
        return known[1]

    def _lines(self) -> list[RocLine]:
        """The curves there are, in the order of the results."""
        return [roc_line(entry, found) for entry, found in self._found() if has_curve(found)]

    def _rows(self) -> list[FigureRow]:
        return [figure_row(entry, found) for entry, found in self._found()]


def write_curves(path: Path, found: "Sequence[tuple[ResultEntry, Evaluation]]") -> Path:
    """All curves of all results in one table: a row per point, the columns that its curve does not have empty."""
    from hadviewer.io.writers.table import write_csv

    rows = (row for entry, evaluation in found for row in curve_rows(entry.title, evaluation))
    comment = "\n".join(f"{entry.title}: AUC {evaluation.auc_pd_pf:.6f}" for entry, evaluation in found)
    return write_csv(path, CURVE_COLUMNS, rows, f"{comment}\n{ABOUT_CURVES}")


def write_figures(path: Path, columns: Sequence[FigureColumn], rows: Sequence[FigureRow]) -> Path:
    """A line per result, a column per figure; how each is defined stands above."""
    from hadviewer.io.writers.table import write_csv

    comment = "\n".join(f"{column.name}: {column.formula}" for column in columns)
    return write_csv(
        path, ("Result", *(column.name for column in columns)), ((r.title, *r.values) for r in rows), comment
    )
