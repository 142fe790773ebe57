"""Every figure of an evaluation, described once: tables, tooltips, JSON keys and pages are derived from this list."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hadviewer.analysis.operating import DETECTIONS, FALSE_ALARMS
from hadviewer.analysis.partial import LIMITS
from hadviewer.analysis.roc3d import TOP_PERCENT

if TYPE_CHECKING:
    from hadviewer.analysis.evaluation import Evaluation

ANY = (-math.inf, math.inf)
FROM_ZERO = (0.0, math.inf)
BETTER, WORSE, NEITHER = 1, -1, 0


@dataclass(frozen=True)
class Figure:
    """One figure: how it is called, what it means, where it lies, which way is better, and where it is found.

    `id` is the key in JSON, `symbol` the short name of a narrow table, `title` the words of a wide one, `path` the
    place in an Evaluation. `direction` is 1 where higher is better, -1 where lower is, 0 where neither.
    """

    id: str
    symbol: str
    title: str
    formula: str
    group: str
    path: str
    range: tuple[float, float] = (0.0, 1.0)
    direction: int = BETTER

    def of(self, evaluation: "Evaluation") -> float:
        """The figure of this evaluation (an int where it counts something); NaN for what the data cannot give."""
        value: Any = evaluation
        for step in self.path.split("."):
            value = value[int(step)] if step.isdecimal() else getattr(value, step)
            if value is None:
                return math.nan
        return value  # type: ignore[no-any-return]

    @property
    def range_text(self) -> str:
        """'0 to 1', '0 or more', or '' for any number."""
        low, high = self.range
        if math.isinf(low):
            return ""
        return f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"

    @property
    def tooltip(self) -> str:
        """Formula, range and direction, as sentences."""
        better = {BETTER: "Higher is better.", WORSE: "Lower is better."}.get(self.direction, "")
        return " ".join(filter(None, (self.formula, self.range_text and f"Range: {self.range_text}.", better)))


def _chang(robust: bool) -> list[Figure]:
    """The figures of the 3D ROC (Chang, IEEE TGRS 59(6), 2021), from plain or from clipped scores."""
    prefix, ending = ("robust_", ", robust") if robust else ("", "")
    clipped = f"clipped at their {TOP_PERCENT:g} percentile and " if robust else ""
    scale = f"τ runs over the scores {clipped}stretched to 0–1."

    def figure(name: str, symbol: str, title: str, formula: str, *how: Any) -> Figure:
        path = f"robust.{name.removeprefix('auc_')}" if robust else name
        return Figure(
            prefix + name, symbol + ending, title + ending, f"{formula} {scale}", "3D ROC" + ending, path, *how
        )

    return [
        figure("auc_pd_tau", "AUC (PD, τ)", "AUC of detection against threshold", "Mean score of the targets."),
        figure(
            "auc_pf_tau",
            "AUC (PF, τ)",
            "AUC of false alarms against threshold",
            "Mean score of the background.",
            (0, 1),
            WORSE,
        ),
        figure("auc_td", "AUC TD", "Target detectability", "AUC(PD, PF) + AUC(PD, τ).", (0, 2)),
        figure("auc_bs", "AUC BS", "Background suppressibility", "AUC(PD, PF) − AUC(PF, τ).", (-1, 1)),
        figure("auc_tdbs", "AUC TDBS", "Detectability and suppression", "AUC(PD, τ) − AUC(PF, τ).", (-1, 1)),
        figure("auc_snpr", "AUC SNPR", "Signal to noise probability ratio", "AUC(PD, τ) / AUC(PF, τ).", FROM_ZERO),
        figure(
            "auc_snpr_db",
            "AUC SNPR (dB)",
            "Signal to noise probability ratio, dB",
            "10 log10 of AUC(PD, τ) / AUC(PF, τ).",
            ANY,
        ),
        figure(
            "auc_od",
            "AUC OD",
            "Overall detection",
            "AUC(PD, PF) + AUC(PD, τ) − AUC(PF, τ); some papers say OA or ODP.",
            (-1, 2),
        ),
        figure("auc_odp", "AUC ODP", "Overall detection probability", "AUC(PD, τ) + 1 − AUC(PF, τ).", (0, 2)),
    ]


def _low_alarms() -> list[Figure]:
    group = "Low false alarms"
    figures = []
    for number, limit in enumerate(LIMITS):
        symbol, title = f"pAUC ({limit:g})", f"Partial AUC up to PF {limit:g}"
        mean = f"Mean detection over false-alarm rates from 0 to {limit:g}; by chance {limit / 2:g}."
        scaled = "The partial area A up to f as ½ (1 + (A − f²/2) / (f − f²/2)): 0.5 for chance, 1 for a perfect map."
        path = f"partial.{number}"
        figures += [
            Figure(f"pauc_{_key(limit)}", symbol, title, mean, group, f"{path}.mean"),
            Figure(
                f"mcclish_{_key(limit)}",
                f"{symbol}, McClish",
                f"{title}, standardised",
                scaled,
                group,
                f"{path}.mcclish",
            ),
        ]
    return [
        *figures,
        Figure(
            "log_auc",
            "log AUC",
            "AUC over the logarithm of PF",
            "Mean detection over log10 PF, from 1e-4 or one false pixel (the larger) to 1.",
            group,
            "log_auc",
        ),
    ]


def _points() -> list[Figure]:
    group = "Operating points"
    alarms = [
        Figure(
            f"far_at_pd_{100 * asked:g}",
            f"FAR at PD {asked:g}",
            f"False-alarm rate at {100 * asked:g} % detection",
            f"Smallest PF of a threshold that finds at least {100 * asked:g} % of the targets; not interpolated.",
            group,
            f"false_alarms.{number}.value",
            direction=WORSE,
        )
        for number, asked in enumerate(DETECTIONS)
    ]
    return alarms + [
        Figure(
            f"pd_at_far_{_key(asked)}",
            f"PD at FAR {asked:g}",
            f"Detection at a false-alarm rate of {asked:g}",
            f"Largest share of targets found by a threshold with PF at most {asked:g}; not interpolated.",
            group,
            f"detections.{number}.value",
        )
        for number, asked in enumerate(FALSE_ALARMS)
    ]


def _precision() -> list[Figure]:
    at_best = "at the highest F1"
    return [
        Figure(
            "average_precision",
            "Average precision",
            "Average precision",
            "Mean precision over the recall steps, without interpolation; by chance it is the prevalence.",
            "Precision",
            "average_precision",
        ),
        Figure(
            "prevalence",
            "Prevalence",
            "Average precision by chance",
            "Share of targets among the pixels.",
            "Precision",
            "prevalence",
            direction=NEITHER,
        ),
        Figure(
            "f1_max",
            "F1 max",
            "Highest F1 score",
            "Largest 2 · precision · recall / (precision + recall) of all thresholds.",
            "Precision",
            "best.f1",
        ),
        Figure(
            "iou",
            "IoU",
            f"Intersection over union {at_best}",
            f"Targets found / (targets + false alarms), {at_best}.",
            "Precision",
            "best.iou",
        ),
        Figure(
            "mcc",
            "MCC",
            f"Matthews correlation {at_best}",
            f"Correlation of mask and truth, {at_best}.",
            "Precision",
            "best.mcc",
            (-1.0, 1.0),
        ),
    ]


def _separability() -> list[Figure]:
    group = "Separability"
    return [
        Figure(
            "gap",
            "Gap",
            "Gap between the boxes",
            "10th percentile of the targets − 90th percentile of the background, of scores stretched to 0–1.",
            group,
            "separability.gap",
            (-1.0, 1.0),
        ),
        Figure(
            "background_box",
            "Background box",
            "Height of the box of the background",
            "90th − 10th percentile of the background, of scores stretched to 0–1: small where it is suppressed.",
            group,
            "separability.background.height",
            (0.0, 1.0),
            WORSE,
        ),
        Figure(
            "fisher",
            "Fisher ratio",
            "Fisher ratio",
            "(difference of means)² / (sum of variances) of targets and background.",
            group,
            "separability.fisher",
            FROM_ZERO,
        ),
        Figure(
            "d_prime",
            "d-prime",
            "Sensitivity index d-prime",
            "Difference of means / root of the mean variance of targets and background.",
            group,
            "separability.d_prime",
            ANY,
        ),
        Figure(
            "ks",
            "KS distance",
            "Kolmogorov–Smirnov distance",
            "Largest difference between PD and PF at one threshold.",
            group,
            "separability.ks",
        ),
    ]


def _objects() -> list[Figure]:
    group = "Objects"
    return [
        Figure(
            "truth_objects",
            "Objects",
            "Target objects",
            "Connected regions of the truth (8 neighbours); those less than 2 pixels apart count as one.",
            group,
            "confidence.objects",
            FROM_ZERO,
            NEITHER,
        ),
        Figure(
            "object_auc",
            "Object AUC",
            "Object AUC",
            "Chance that the best score of a target object lies above a local maximum of the background.",
            group,
            "objects.area",
        ),
        Figure(
            "froc",
            "FROC",
            "Mean share of objects found (FROC)",
            "Mean share of objects found at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false objects in 10 000 pixels.",
            group,
            "objects.mean_detection",
        ),
        Figure(
            "false_objects_at_all",
            "False objects",
            "False objects when every object is found",
            "Connected groups of detections that touch no target (margin 1 pixel) until the last target is found.",
            group,
            "objects.false_at_all",
            FROM_ZERO,
            WORSE,
        ),
    ]


def _confidence() -> list[Figure]:
    group = "Confidence"
    alone = "It takes every pixel as independent, which those of one target are not."
    again = "Whole target objects are drawn again 2000 times; there must be two at least."
    return [
        Figure(
            "auc_standard_error",
            "AUC ± (DeLong)",
            "Standard error of the AUC (DeLong)",
            f"Root of DeLong’s variance of the AUC. {alone}",
            group,
            "confidence.standard_error",
            direction=WORSE,
        ),
        *(
            Figure(
                f"auc_{key}_{end}",
                f"AUC {end} ({source})",
                f"AUC, 95 % interval {'from' if end == 'low' else 'to'} ({source})",
                f"{formula} {remark}",
                group,
                f"confidence.{path}.{end}",
            )
            for key, source, path, formulas, remark in (
                ("delong", "DeLong", "delong", ("AUC − 1.96 standard errors.", "AUC + 1.96 standard errors."), alone),
                ("objects", "objects", "over_objects", ("2.5th percentile.", "97.5th percentile."), again),
            )
            for end, formula in zip(("low", "high"), formulas, strict=True)
        ),
    ]


def _counts() -> list[Figure]:
    return [
        Figure(name, symbol, title, formula, "Counts", name, FROM_ZERO, direction)
        for name, symbol, title, formula, direction in (
            ("targets", "Target pixels", "Anomalous pixels", "Pixels the truth marks.", NEITHER),
            ("background", "Background pixels", "Background pixels", "Pixels the truth does not mark.", NEITHER),
            ("nan_pixels", "Pixels without score", "Pixels without a score", "Counted as the lowest score.", WORSE),
        )
    ]


def _key(number: float) -> str:
    """'0_001' for 0.001: a number as a part of a name."""
    return f"{number:.10f}".rstrip("0").replace(".", "_")


RANK_AREA = Figure(
    "auc_pd_pf",
    "AUC (PD, PF)",
    "AUC of detection against false alarms",
    "Area under detection over false alarm: the chance that a target outscores background (a tie counts half).",
    "Ranks",
    "auc_pd_pf",
)

FIGURES: dict[str, Figure] = {
    figure.id: figure
    for figure in (
        RANK_AREA,
        *_chang(robust=False),
        *_precision(),
        *_counts(),
        *_confidence(),
        *_low_alarms(),
        *_points(),
        *_chang(robust=True),
        *_separability(),
        *_objects(),
    )
}
"""Every figure by its id, in the order of tables."""
