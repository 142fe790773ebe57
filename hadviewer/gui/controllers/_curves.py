"""What the ROC dock shows of an evaluation."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.engine.session import ResultEntry
from hadviewer.gui.views._figures import figure_text
from hadviewer.gui.views.data import (
    Figure,
    FigureColumn,
    FigureRow,
    OperatingLine,
    PlotLine,
    ResultCurves,
    RocLine,
    ScoreBox,
)

if TYPE_CHECKING:
    from hadviewer.analysis import figures
    from hadviewer.analysis.evaluation import Evaluation
    from hadviewer.analysis.froc import Froc
    from hadviewer.analysis.roc3d import Roc3dCurve
    from hadviewer.analysis.separability import Box

MOST_POINTS, SPACE_POINTS = 2000, 400
"""Points of a drawn curve, and of one drawn four times, in projections and space."""


def has_curve(evaluation: "Evaluation") -> bool:
    """Whether there are targets and background, without which there is no curve."""
    return not math.isnan(evaluation.auc_pd_pf)


def roc_line(entry: ResultEntry, evaluation: "Evaluation") -> RocLine:
    """The ROC curve of a result, as it is drawn."""
    roc, kept = evaluation.roc, _thinned(len(evaluation.roc.thresholds))
    curve = (roc.false_alarm[kept], roc.detection[kept], roc.thresholds[kept])
    return RocLine(entry.id, entry.title, entry.colour, *curve, evaluation.auc_pd_pf, evaluation.background)


def curves_of(entry: ResultEntry, evaluation: "Evaluation") -> ResultCurves:
    """Everything else that is drawn of a result with targets and background."""
    name = (entry.id, entry.title, entry.colour)
    precise = evaluation.precision_recall
    kept = _thinned(len(precise.thresholds))
    legend = f"{entry.title}  AP {evaluation.average_precision:.4f}"
    spaces = {False: evaluation.roc3d, True: evaluation.robust_roc3d}
    found = evaluation.objects
    return ResultCurves(
        operating={robust: _operating(name, space, evaluation.background) for robust, space in spaces.items()},
        precision=PlotLine(
            entry.id,
            legend,
            entry.colour,
            precise.recall[kept],
            precise.precision[kept],
            precise.thresholds[kept],
        ),
        boxes={
            kind: ScoreBox(*name, _five(apart.targets), _five(apart.background), apart.gap)
            for kind, apart in evaluation.boxes.items()
        },
        objects=None if found is None else _object_line(name, found.froc),
        prevalence=evaluation.prevalence,
    )


def _operating(name: tuple[int, str, str], space: "Roc3dCurve", background: int) -> OperatingLine:
    some = _evenly(space, background)
    rates = (space.false_alarm[some], space.tau[some], space.detection[some])
    return OperatingLine(*name, *rates, space.thresholds[some], background)


CURVE_COLUMNS = (
    *("result", "curve", "threshold", "tau", "false_alarm", "detection"),
    *("recall", "precision", "false_objects", "objects_found"),
)


def curve_rows(title: str, evaluation: "Evaluation") -> Iterator[tuple[str | float, ...]]:
    """Every point of every curve of a result under ``CURVE_COLUMNS``; what a curve does not have is ''."""
    roc, precise, found = evaluation.roc, evaluation.precision_recall, evaluation.objects
    curves: dict[str, dict[str, np.ndarray]] = {
        "ROC": {"threshold": roc.thresholds, "false_alarm": roc.false_alarm, "detection": roc.detection},
        "PR": {"threshold": precise.thresholds, "recall": precise.recall, "precision": precise.precision},
    }
    for name, space in (("3D ROC", evaluation.roc3d), ("3D ROC robust", evaluation.robust_roc3d)):
        points = {"threshold": space.thresholds, "tau": space.tau}
        curves[name] = points | {"false_alarm": space.false_alarm, "detection": space.detection}
    if found is not None:
        froc = found.froc
        curves["FROC"] = {"threshold": froc.thresholds, "false_objects": froc.false_objects}
        curves["FROC"]["objects_found"] = froc.detection
    for name, columns in curves.items():
        lists = {column: values.tolist() for column, values in columns.items()}
        for point in range(len(columns["threshold"])):
            cells = (lists[column][point] if column in lists else "" for column in CURVE_COLUMNS[2:])
            yield (title, name, *cells)


def figure_columns() -> tuple[FigureColumn, ...]:
    """Every figure there is, with its definition."""
    from hadviewer.analysis.figures import FIGURES

    return tuple(FigureColumn(figure.symbol, _about(figure)) for figure in FIGURES.values())


def figure_row(entry: ResultEntry, evaluation: "Evaluation") -> FigureRow:
    """Every figure of one result."""
    from hadviewer.analysis.figures import FIGURES

    values = tuple(_value(figure, evaluation) for figure in FIGURES.values())
    return FigureRow(entry.id, entry.title, entry.colour, values)


def figures_of(evaluation: "Evaluation") -> Iterator[Figure]:
    """Every figure of an evaluation as text."""
    from hadviewer.analysis.figures import FIGURES

    for figure in FIGURES.values():
        yield Figure(figure.symbol, figure_text(_value(figure, evaluation)), _about(figure))


def _value(figure: "figures.Figure", evaluation: "Evaluation") -> float:
    """The figure; a count as a whole number."""
    value = figure.of(evaluation)
    return int(value) if math.isinf(figure.range[1]) and float(value).is_integer() else value


def _about(figure: "figures.Figure") -> str:
    return f"{figure.title}.\n{figure.tooltip}"


def _five(box: "Box") -> tuple[float, float, float, float, float]:
    return box.minimum, box.low, box.median, box.high, box.maximum


def _object_line(name: tuple[int, str, str], froc: "Froc") -> PlotLine:
    kept = _thinned(len(froc.thresholds))
    return PlotLine(*name, froc.false_objects[kept].astype(float), froc.detection[kept], froc.thresholds[kept])


def _thinned(count: int) -> slice | np.ndarray:
    """Which of ``count`` points are drawn, always with both ends."""
    return slice(None) if count <= MOST_POINTS else np.linspace(0, count - 1, MOST_POINTS).astype(int)


def _evenly(space: "Roc3dCurve", background: int) -> slice | np.ndarray:
    """Which points of the curve in space are drawn: evenly along its length, also where false alarms are rare."""
    if len(space.tau) <= SPACE_POINTS:
        return slice(None)
    rare = np.log10(np.maximum(space.false_alarm, 1 / background)) / np.log10(max(background, 10))
    length = sum(
        np.abs(np.diff(axis, prepend=axis[0])) for axis in (space.tau, space.detection, space.false_alarm, rare)
    )
    along = np.cumsum(length)
    picked = np.searchsorted(along, np.linspace(0, along[-1], SPACE_POINTS - 1))
    return np.unique(np.append(picked, len(along) - 1))
