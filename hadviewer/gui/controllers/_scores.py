"""What the threshold dock needs to know of a score map, computed once in the background."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.objects import Cleaning
from hadviewer.gui.views.data import ScoreBars

Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class ScoreStatistics:
    """Histograms of a score map and its sorted scores, so that counting above a threshold takes no time.

    ``log`` is None where no score is above 0. ``ranked`` holds the finite scores, ``hits`` those of the targets (None
    without truth); ``pixels`` and ``targets`` count every pixel, also those without a score.
    """

    linear: ScoreBars
    log: ScoreBars | None
    ranked: Scores
    hits: Scores | None
    pixels: int
    targets: int

    @classmethod
    def of(cls, scores: Scores, truth: Mask | None) -> "ScoreStatistics":
        """Measure a score map (rows, cols), against a truth mask of the same shape where there is one."""
        finite = np.isfinite(scores)
        hits = None if truth is None else np.sort(scores[finite & truth])
        return cls(
            linear=_bars(scores, hits, log=False),
            log=_bars(scores, hits, log=True) if bool((scores[finite] > 0).any()) else None,
            ranked=np.sort(scores[finite]),
            hits=hits,
            pixels=scores.size,
            targets=0 if truth is None else int(np.count_nonzero(truth)),
        )

    def count(self, threshold: float) -> "MaskCount":
        """What lies at or above a threshold; the objects are not counted."""
        return MaskCount(_count(self.ranked, threshold), 0 if self.hits is None else _count(self.hits, threshold))

    def reading(self, found: "MaskCount") -> list[str]:
        """What is in a mask, as sentences."""
        share = 100 * found.pixels / max(1, self.ranked.size)
        pixels = f"{found.pixels:,} pixels ({share:.3g} %)"
        groups = "…" if found.objects is None else f"{found.objects:,}"
        lines = [f"Above: {pixels}", f"Objects: {groups}"]
        if self.hits is not None:
            hits = found.hits
            false, background = found.pixels - hits, self.pixels - self.targets
            detection = f" (PD {hits / self.targets:.3f})" if self.targets else ""
            alarm = f" (PF {false / background:.3g})" if background else ""
            lines.append(f"Targets: {hits} of {self.targets}{detection}")
            lines.append(f"False alarms: {false:,}{alarm}")
        return [line.replace(",", "\N{NARROW NO-BREAK SPACE}") for line in lines]


@dataclass(frozen=True)
class MaskCount:
    """Pixels of a mask, how many of them are targets, how many objects they make (None while that is being counted)."""

    pixels: int
    hits: int
    objects: int | None = None


def cleaned_mask(scores: Scores, threshold: float, cleaning: Cleaning) -> Mask:
    """The pixels that reach a threshold, cleaned."""
    return cleaning.clean(scores >= threshold, ~np.isnan(scores))


def count_mask(scores: Scores, truth: Mask | None, threshold: float, cleaning: Cleaning) -> MaskCount:
    """What is in a cleaned mask."""
    labels = cleaning.labels(scores >= threshold, ~np.isnan(scores))
    hits = 0 if truth is None else int(np.count_nonzero(labels[truth]))
    return MaskCount(int(np.count_nonzero(labels)), hits, int(labels.max(initial=0)))


def choose_threshold(scores: Scores, rule: str, argument: float, bands: int) -> float:
    """The threshold that a rule chooses; ``bands`` are the degrees of freedom of 'chi2'."""
    from hadviewer.analysis.thresholds import RULES

    return RULES[rule].choose(scores, argument, bands)


def _bars(scores: Scores, hits: Scores | None, *, log: bool) -> ScoreBars:
    from hadviewer.analysis.thresholds import score_histogram

    found = score_histogram(scores, log=log)
    if hits is None:
        return ScoreBars(found.edges, found.counts)
    shown = hits[hits > 0] if log else hits
    inside = np.clip(shown.astype(np.float64), found.edges[0], found.edges[-1])
    return ScoreBars(found.edges, found.counts, np.histogram(inside, found.edges)[0].astype(np.int64))


def _count(ranked: Scores, threshold: float) -> int:
    """How many of the sorted scores are at least ``threshold``, compared as the mask compares them."""
    with np.errstate(over="ignore"):
        return int(ranked.size - np.searchsorted(ranked, np.float32(threshold), side="left"))
