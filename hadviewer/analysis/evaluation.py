"""How well a score map finds the targets of a truth mask: every figure at once."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from hadviewer.analysis.confidence import AreaConfidence, area_confidence
from hadviewer.analysis.figures import FIGURES
from hadviewer.analysis.froc import ObjectEvaluation, evaluate_objects
from hadviewer.analysis.objects import Labels, truth_objects
from hadviewer.analysis.operating import DETECTIONS, FALSE_ALARMS, OperatingPoint, detection_at, false_alarms_at
from hadviewer.analysis.partial import PartialArea, log_area, partial_areas
from hadviewer.analysis.precision import BestF1, PrecisionRecall, best_f1, precision_recall
from hadviewer.analysis.roc import FloatArray, LabelledScores, RankedCounts, RocCurve
from hadviewer.analysis.roc3d import Roc3d, Roc3dCurve, clipped_top, robust_roc3d, roc3d, roc3d_curve
from hadviewer.analysis.separability import BOX, BOXES, Separability, separability

LARGEST_OBJECT_SCENE = 4_000_000
"""Pixels up to which false objects are counted; larger scenes would take gigabytes for the neighbours of each pixel."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Figures of one score map against the truth; a figure that the data cannot give is NaN, and `notes` says why.

    `auc_pd_pf` is the usual area under the ROC curve. The other areas follow Chang's 3D ROC analysis (see `roc3d`),
    in `robust` with clipped scores. `targets` and `background` count pixels, `prevalence` is the share of targets (the
    average precision of a map by chance), `nan_pixels` counts pixels without a score, which were given the lowest one.
    `partial` has the partial areas, `false_alarms` a point for each of `DETECTIONS`, `detections` one for each of
    `FALSE_ALARMS`. `objects` is None without targets, for arrays that are no maps, and for scenes too large. `boxes`
    are the separability by (robust, lower percentile of the box). Every single number is in `figures.FIGURES`.
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
    log_auc: float
    partial: tuple[PartialArea, ...]
    false_alarms: tuple[OperatingPoint, ...]
    detections: tuple[OperatingPoint, ...]
    best: BestF1
    robust: Roc3d
    separability: Separability
    confidence: AreaConfidence
    objects: ObjectEvaluation | None
    roc: RocCurve
    roc3d: Roc3dCurve
    robust_roc3d: Roc3dCurve
    boxes: Mapping[tuple[bool, float], Separability]
    precision_recall: PrecisionRecall
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The figures and notes without the curves, ready for JSON: NaN and infinite figures become None."""
        plain: dict[str, Any] = {name: _plain(figure.of(self)) for name, figure in FIGURES.items()}
        plain["best_f1"] = _plain(asdict(self.best))
        plain["operating_points"] = {
            "far_at_pd": [_plain(asdict(point)) for point in self.false_alarms],
            "pd_at_far": [_plain(asdict(point)) for point in self.detections],
        }
        plain["objects"] = [] if self.objects is None else [_plain(asdict(item)) for item in self.objects.objects]
        plain["notes"] = list(self.notes)
        return plain


def evaluate_scores(scores: ArrayLike, truth: ArrayLike, ignore: ArrayLike | None = None, seed: int = 0) -> Evaluation:
    """Compare a score map with the truth mask of the same scene.

    `scores` (rows, cols), higher = more anomalous; `truth` (rows, cols), non-zero = target; `ignore` (rows, cols) marks
    pixels that do not count; `seed` is that of the resampled objects. The curves kept are the exact ones reduced to
    their corners. Raises ValueError when the shapes differ.
    """
    labelled = LabelledScores.of(scores, truth, ignore)
    ranked = RankedCounts.of(labelled)
    curve, area = ranked.curve(), ranked.area()
    figures = roc3d(labelled.values, labelled.target, area)
    counted = ranked.targets + ranked.background
    known = _known_objects(truth, ignore)
    boxes = {
        (robust, box[0]): separability(labelled, box, robust=robust, ranked=ranked)
        for robust in (False, True)
        for box in BOXES
    }
    by_object, remark = _by_object(labelled, known, truth, ignore)
    return Evaluation(
        auc_pd_pf=area,
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
        log_auc=log_area(curve, ranked.background),
        partial=partial_areas(curve),
        false_alarms=tuple(false_alarms_at(curve, ranked.background, asked) for asked in DETECTIONS),
        detections=tuple(detection_at(curve, ranked.targets, asked) for asked in FALSE_ALARMS),
        best=best_f1(ranked),
        robust=robust_roc3d(labelled.values, labelled.target, area),
        separability=boxes[False, BOX[0]],
        confidence=area_confidence(labelled, known[known > 0], seed),
        objects=by_object,
        roc=curve.corners(),
        roc3d=roc3d_curve(curve, labelled.values),
        robust_roc3d=roc3d_curve(curve, clipped_top(labelled.values)),
        boxes=boxes,
        precision_recall=precision_recall(ranked).corners(),
        notes=(*_notes(labelled, ranked), *remark),
    )


def _known_objects(truth: ArrayLike, ignore: ArrayLike | None) -> Labels:
    """Truth objects without the ignored pixels; an array that is no map has one object in each target."""
    mask = np.asarray(truth).astype(bool)
    labels = truth_objects(mask) if mask.ndim == 2 else np.cumsum(mask).astype(np.int32).reshape(mask.shape) * mask
    return labels if ignore is None else np.where(np.asarray(ignore).astype(bool), 0, labels).astype(np.int32)


def _by_object(
    labelled: LabelledScores, known: Labels, truth: ArrayLike, ignore: ArrayLike | None
) -> tuple[ObjectEvaluation | None, tuple[str, ...]]:
    """The comparison object by object, or None and what to remark about that."""
    if known.ndim != 2 or not known.any():
        return None, ()
    if labelled.values.size > LARGEST_OBJECT_SCENE:
        return None, (f"Objects are not counted in scenes above {LARGEST_OBJECT_SCENE // 10**6} million pixels.",)
    counted = np.ones(known.shape, bool) if ignore is None else ~np.asarray(ignore).astype(bool)
    scores: FloatArray = np.full(known.shape, -np.inf)
    scores[counted] = labelled.values
    return evaluate_objects(scores, np.asarray(truth).astype(bool), counted, labels=known), ()


def _plain(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value if not isinstance(value, float) or math.isfinite(value) else None


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
