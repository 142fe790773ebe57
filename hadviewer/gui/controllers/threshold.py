"""The threshold on the selected result: chosen by rule or by hand, shown as a mask."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.core.cube import Truth
from hadviewer.engine import catalog
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Layer, ResultEntry, Session
from hadviewer.gui.controllers._scores import MaskCount, ScoreStatistics, choose_threshold, count_mask
from hadviewer.gui.views.data import RuleChoice

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike, ThresholdViewLike

HINT = "Run a detector to choose a threshold on its scores."
NO_SCORES = "This result has no scores"
BY_HAND, FIRST_RULE = "value", "percentile"
FIRST_ARGUMENT = 1.0


@dataclass(frozen=True)
class Choice:
    """A threshold and how it came, written into the mask layer as 'rule=argument', and how its mask is cleaned."""

    value: float
    rule: str = BY_HAND
    argument: float = 0.0
    cleaning: Cleaning = UNCLEANED

    @property
    def text(self) -> str:
        """The rule as the mask layer keeps it."""
        return f"{self.rule}={self.argument:g}"

    @classmethod
    def of(cls, layer: Layer, value: float) -> "Choice":
        """The choice that a mask layer tells of."""
        rule, _, text = layer.rule.partition("=")
        try:
            argument = float(text or 0)
        except ValueError:
            rule, argument = BY_HAND, 0.0
        return cls(value, rule or BY_HAND, argument, layer.cleaning)


class ThresholdController:
    """Keeps histogram, line, rule and mask in step with the selected result.

    A threshold exists for every result looked at; its mask only once the user has touched it or asked for it, and not
    after the user has taken it away.
    """

    def __init__(self, session: Session, jobs: JobRunner, view: "ThresholdViewLike", messages: "MessagesLike") -> None:
        self._session = session
        self._jobs = jobs
        self._view = view
        self._messages = messages
        self._choices: dict[int, Choice] = {}
        self._declined: set[int] = set()
        self._measured: tuple[ResultEntry | None, Truth | None] = (None, None)
        self._statistics: ScoreStatistics | None = None
        view.threshold_moved.connect(self._on_moved)
        view.threshold_settled.connect(session.seal_step)
        view.rule_chosen.connect(self._on_rule)
        view.argument_edited.connect(self._on_argument)
        view.cleaning_edited.connect(self._on_cleaning)
        view.mask_toggled.connect(self.show_mask)
        session.selected_changed.connect(self._on_selected)
        session.results_changed.connect(self._on_selected)
        session.scene_changed.connect(self._on_selected)
        session.layers_changed.connect(self._on_layers)
        view.set_bars(None, None, HINT)

    def toggle_mask(self) -> None:
        """Show or hide the mask of the selected result."""
        entry = self._session.selected
        if entry is not None:
            self.show_mask(not self._mask_shown(entry))

    def show_mask(self, shown: bool) -> None:
        """Show or take away the mask of the selected result."""
        entry = self._session.selected
        if entry is None or entry.id not in self._choices:
            return
        layer = self._session.mask_layer(entry.id)
        if not shown:
            self._declined.add(entry.id)
            self._session.set_threshold(entry.id, None)
            return
        self._declined.discard(entry.id)
        if layer is not None and not layer.visible:
            self._session.update_layer(layer.id, visible=True)
        else:
            self._lay(entry)
        self._session.seal_step()

    def _on_selected(self) -> None:
        """Measure the selected result, unless that is done."""
        entry, truth = self._session.selected, self._session.truth
        if (entry, truth) == self._measured:
            return
        self._measured = (entry, truth)
        self._statistics = None
        if entry is None:
            self._view.set_bars(None, None, HINT)
            return
        self._view.set_rules(rules_for(entry))
        mask = None if truth is None or truth.mask.shape != entry.result.scores.shape else truth.mask
        self._jobs.quick(
            ScoreStatistics.of,
            entry.result.scores,
            mask,
            key="score-statistics",
            done=lambda found: self._on_measured(entry, truth, found),
            failed=self._on_failed,
        )

    def _on_measured(self, entry: ResultEntry, truth: Truth | None, found: ScoreStatistics) -> None:
        if (entry, truth) != self._measured:
            return
        if not found.ranked.size:
            self._view.set_bars(None, None, NO_SCORES)
            return
        self._statistics = found
        self._view.set_bars(found.linear, found.log, "")
        self._on_layers()
        if entry.id in self._choices:
            self._show(entry)
        else:
            self._choose(entry, FIRST_RULE, FIRST_ARGUMENT, by_user=False)

    def _on_layers(self) -> None:
        """Follow the mask layer: undo, redo and the layer list change it too."""
        entry = self._session.selected
        if entry is None:
            return
        layer = self._session.mask_layer(entry.id)
        present = self._choices.get(entry.id)
        if layer is not None and layer.threshold is not None:
            told = Choice.of(layer, layer.threshold)
            if present is None or _decides(told) != _decides(present):
                self._choices[entry.id] = told
                self._show(entry)
        self._view.show_mask(self._mask_shown(entry))

    def _on_moved(self, value: float) -> None:
        entry = self._session.selected
        if entry is not None and self._statistics is not None:
            self._take(entry, replace(self._present(entry), value=value, rule=BY_HAND, argument=0.0))

    def _on_cleaning(self, cleaning: Cleaning) -> None:
        """Close gaps of the mask, leave out small objects, or join them otherwise."""
        entry = self._session.selected
        if entry is not None and entry.id in self._choices:
            self._take(entry, replace(self._choices[entry.id], cleaning=cleaning))

    def _on_rule(self, rule: str) -> None:
        entry = self._session.selected
        if entry is None:
            return
        if rule == BY_HAND:
            present = self._choices.get(entry.id)
            if present is not None:
                self._take(entry, replace(present, rule=BY_HAND, argument=0.0))
            return
        self._choose(entry, rule, default_argument(rule))

    def _on_argument(self, argument: float) -> None:
        entry = self._session.selected
        present = None if entry is None else self._choices.get(entry.id)
        if entry is not None and present is not None and present.rule != BY_HAND:
            self._choose(entry, present.rule, argument)

    def _choose(self, entry: ResultEntry, rule: str, argument: float, *, by_user: bool = True) -> None:
        """Let a rule choose, in the background."""
        bands = int(entry.result.provenance.get("bands_used", 1))

        def done(value: float) -> None:
            if self._session.selected is not entry or self._statistics is None:
                return
            if not math.isfinite(value):
                self._messages.warn("This rule finds no threshold in these scores.")
                self._show(entry)
            elif by_user:
                self._take(entry, replace(self._present(entry), value=value, rule=rule, argument=argument))
            else:
                self._choices[entry.id] = Choice(value, rule, argument)
                self._show(entry)

        self._jobs.quick(
            choose_threshold,
            entry.result.scores,
            rule,
            argument,
            bands,
            key="threshold-rule",
            done=done,
            failed=self._on_failed,
        )

    def _take(self, entry: ResultEntry, choice: Choice) -> None:
        """Make a choice the user's, and show its mask unless that was declined."""
        self._choices[entry.id] = choice
        self._show(entry)
        if entry.id not in self._declined:
            self._lay(entry)

    def _present(self, entry: ResultEntry) -> Choice:
        return self._choices.get(entry.id, Choice(math.inf))

    def _lay(self, entry: ResultEntry) -> None:
        choice = self._choices[entry.id]
        layer = self._session.mask_layer(entry.id)
        if layer is None or layer.threshold is None or Choice.of(layer, layer.threshold) != choice:
            self._session.set_threshold(
                entry.id,
                choice.value,
                choice.text,
                cleaning=choice.cleaning,
                merge=f"threshold-{entry.id}-{choice.rule}-{choice.cleaning}",
            )

    def _show(self, entry: ResultEntry) -> None:
        choice, statistics = self._choices.get(entry.id), self._statistics
        if choice is None or statistics is None:
            return
        self._view.show_threshold(choice.value, choice.rule, choice.argument)
        self._view.show_cleaning(choice.cleaning)
        if not choice.cleaning.changes:  # else only counting the objects tells the pixels
            self._view.show_reading(statistics.reading(statistics.count(choice.value)))
        truth = self._session.truth
        mask = None if truth is None or truth.mask.shape != entry.result.scores.shape else truth.mask

        def done(found: MaskCount) -> None:
            if self._statistics is statistics and self._choices.get(entry.id) == choice:
                self._view.show_reading(statistics.reading(found))

        self._jobs.quick(
            count_mask,
            entry.result.scores,
            mask,
            choice.value,
            choice.cleaning,
            key="mask-objects",
            patient=True,
            done=done,
            failed=self._on_failed,
        )

    def _mask_shown(self, entry: ResultEntry) -> bool:
        layer = self._session.mask_layer(entry.id)
        return layer is not None and layer.visible

    def _on_failed(self, job: Job) -> None:
        self._messages.error(job.error, job.details)


def _decides(choice: Choice) -> tuple[float, Cleaning]:
    """What of a choice decides the mask."""
    return choice.value, choice.cleaning


def rules_for(entry: ResultEntry) -> list[RuleChoice]:
    """The rules that make sense for a result: χ² only for squared Mahalanobis distances of known dimension."""
    from hadviewer.analysis.thresholds import RULES

    request = entry.result.request
    spec = catalog.detectors().specs.get(request.detector)
    mahalanobis = spec is not None and spec.chi_square and not request.transforms
    return [
        RuleChoice(rule.id, rule.title, "" if rule.id == BY_HAND else rule.argument, rule.low, rule.high, rule.help)
        for rule in RULES.values()
        if mahalanobis or not rule.needs_dof
    ]


def default_argument(rule: str) -> float:
    """The number that a rule starts with."""
    from hadviewer.analysis.thresholds import RULES

    return RULES[rule].default if rule in RULES else 0.0
