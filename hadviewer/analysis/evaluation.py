"""How well a score map finds the targets of a truth mask: every figure at once."""

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from hadviewer.analysis.roc import LabelledScores, RankedCounts, RocCurve
from hadviewer.analysis.roc3d import roc3d


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of one score map against the truth; a figure that the data cannot give is NaN, and `notes` says why.

    `auc_pd_pf` is the usual area under the ROC curve. The other areas follow Chang's 3D ROC analysis (see `roc3d`).
    `targets` and `background` count pixels, `prevalence` is the share of targets (the average precision of a map by
    chance), `nan_pixels` counts pixels without a score, which were given the lowest one.
    """

    auc_pd_pf: float
    auc_pd_tau: float
    auc_pf_tau: float
    auc_td: float
    auc_bs: float
    auc_tdbs: float
    auc_snpr: float
    auc_snpr_db: float
    auc_od: float
    auc_odp: float
    average_precision: float
    prevalence: float
    targets: int
    background: int
    nan_pixels: int
    roc: RocCurve
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, float | int | list[str] | None]:
        """The figures and notes without the curve, ready for JSON: NaN and infinite figures become None."""
        figures: dict[str, float | int | list[str] | None] = {}
        for field in fields(self):
            if field.name in ("roc", "notes"):
                continue
            value = getattr(self, field.name)
            figures[field.name] = value if math.isfinite(value) else None
        figures["notes"] = list(self.notes)
        return figures


def evaluate_scores(scores: ArrayLike, truth: ArrayLike, ignore: ArrayLike | None = None) -> Evaluation:
    """Compare a score map with the truth mask of the same scene.

    `scores` (rows, cols), higher = more anomalous; `truth` (rows, cols), non-zero = target; `ignore` (rows, cols) marks
    pixels that do not count. The curve kept is the exact one reduced to its corners.
    Raises ValueError when the shapes differ.
    """
    labelled = LabelledScores.of(scores, truth, ignore)
    ranked = RankedCounts.of(labelled)
    figures = roc3d(labelled.values, labelled.target, ranked.area())
    counted = ranked.targets + ranked.background
    return Evaluation(
        auc_pd_pf=figures.pd_pf,
        auc_pd_tau=figures.pd_tau,
        auc_pf_tau=figures.pf_tau,
        auc_td=figures.td,
        auc_bs=figures.bs,
        auc_tdbs=figures.tdbs,
        auc_snpr=figures.snpr,
        auc_snpr_db=figures.snpr_db,
        auc_od=figures.od,
        auc_odp=figures.odp,
        average_precision=ranked.average_precision(),
        prevalence=ranked.targets / counted if counted else math.nan,
        targets=ranked.targets,
        background=ranked.background,
        nan_pixels=labelled.nan_pixels,
        roc=ranked.curve().corners(),
        notes=tuple(_notes(labelled, ranked)),
    )


def _notes(labelled: LabelledScores, ranked: RankedCounts) -> list[str]:
    notes = []
    if not ranked.targets:
        notes.append("The truth marks no target among the pixels compared, so there is no ROC area.")
    if not ranked.background:
        notes.append("Every pixel compared is a target, so there is no ROC area.")
    if labelled.nan_pixels:
        notes.append(f"Pixels without a score, counted as the lowest score: {labelled.nan_pixels}.")
    if len(ranked.levels) == 1:
        notes.append("All scores are equal: the map does not tell targets from background.")
    infinite = int(np.isinf(labelled.values).sum())
    if infinite:
        notes.append(f"Pixels with an infinite score, taken as the end of the finite range: {infinite}.")
    return notes
