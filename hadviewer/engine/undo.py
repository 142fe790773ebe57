"""Undo and redo over frozen states: a step back is the state before it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

StateT = TypeVar("StateT")


@dataclass(frozen=True)
class _Step(Generic[StateT]):
    label: str
    merge: str
    state: StateT


class History(Generic[StateT]):
    """The states before the present one, and those undone.

    At most ``depth`` steps; and while ``weigh(states, present)`` (bytes that the states before keep alive and the
    present one does not) is over ``budget``, the oldest are forgotten.
    """

    def __init__(
        self,
        depth: int = 200,
        budget: int = 512 * 2**20,
        weigh: Callable[[list[StateT], StateT], int] = lambda states, present: 0,
    ) -> None:
        self._depth, self._budget, self._weigh = depth, budget, weigh
        self._past: list[_Step[StateT]] = []
        self._future: list[_Step[StateT]] = []

    def record(self, label: str, before: StateT, after: StateT, merge: str = "") -> None:
        """Remember the state before a change to ``after``. Consecutive changes with one ``merge`` key are one step."""
        self._future.clear()
        if merge and self._past and self._past[-1].merge == merge:
            return
        self._past.append(_Step(label, merge, before))
        del self._past[: -self._depth]
        while len(self._past) > 1 and self._weigh([step.state for step in self._past], after) > self._budget:
            del self._past[0]

    def seal(self) -> None:
        """End the present step: the next change starts a new one even with the same merge key."""
        if self._past:
            self._past[-1] = replace(self._past[-1], merge="")

    def undo(self, present: StateT) -> StateT | None:
        """The state one step back, or None."""
        return self._move(self._past, self._future, present)

    def redo(self, present: StateT) -> StateT | None:
        """The state one step forward again, or None."""
        return self._move(self._future, self._past, present)

    @property
    def undo_label(self) -> str:
        """What Undo would take back, or ''."""
        return self._past[-1].label if self._past else ""

    @property
    def redo_label(self) -> str:
        """What Redo would bring back, or ''."""
        return self._future[-1].label if self._future else ""

    def __len__(self) -> int:
        return len(self._past)

    @staticmethod
    def _move(source: list[_Step[StateT]], target: list[_Step[StateT]], present: StateT) -> StateT | None:
        if not source:
            return None
        step = source.pop()
        target.append(_Step(step.label, "", present))
        if source:
            source[-1] = replace(source[-1], merge="")
        return step.state
