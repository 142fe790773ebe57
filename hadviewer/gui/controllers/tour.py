"""The tour through the window: which step comes when, and that it comes by itself once only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hadviewer.gui.views.comfort_protocols import TourLike


@dataclass(frozen=True)
class Step:
    """What a step says; ``prepare()`` brings what it is about into sight, ``place()`` tells the view where it is."""

    title: str
    text: Callable[[], str]
    prepare: Callable[[], object]
    place: Callable[[], Any]


class TourController:
    """Shows the steps one after another. ``keep()`` remembers that the tour was seen."""

    def __init__(self, view: "TourLike", steps: Sequence[Step], seen: bool, keep: Callable[[], object]) -> None:
        self._view, self._steps, self._seen, self._keep = view, steps, seen, keep
        self._number = 0
        view.next_requested.connect(lambda: self._go(self._number + 1))
        view.back_requested.connect(lambda: self._go(self._number - 1))
        view.ended.connect(view.withdraw)

    def offer(self) -> None:
        """Begin, unless it was seen before."""
        if not self._seen:
            self.begin()

    def begin(self) -> None:
        """Begin with the first step."""
        if not self._seen:
            self._seen = True
            self._keep()
        self._go(0)

    def _go(self, number: int) -> None:
        if not 0 <= number < len(self._steps):
            self._view.withdraw()
            return
        self._number, step = number, self._steps[number]
        step.prepare()
        self._view.show_step(number + 1, len(self._steps), step.title, step.text(), step.place)
