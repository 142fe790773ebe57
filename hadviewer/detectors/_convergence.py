"""Iterations that run until a residual is small: progress, the stop rule, and a remark when the limit ended them."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context

PREVIEW_EVERY = 10


class Iterations:
    """Counts the rounds of an iterative detector; ``residual`` told after each decides whether there is another.

        rounds = Iterations(ctx, limit=400, tolerance=1e-6)
        for _ in rounds:
            rounds.residual = ...

    Each round is a step of the context with the residual as its value. A limit reached first leaves a note.
    """

    def __init__(self, ctx: Context, limit: int, tolerance: float, name: str = "residual") -> None:
        self.residual = math.inf
        self.done = 0
        self._ctx, self._limit, self._tolerance, self._name = ctx, limit, tolerance, name
        self._first = 0.0

    def __iter__(self) -> Iterator[int]:
        self._ctx.step(0, 1, "Iterations")
        while self.residual >= self._tolerance and self.done < self._limit:
            yield self.done
            self.done += 1
            self._report()
        if self.residual >= self._tolerance:
            self._ctx.note(
                f"Stopped by the limit of {self._limit} iterations: the {self._name} is {self.residual:.1e}, "
                f"aimed at {self._tolerance:.1e}."
            )
        self._ctx.step(1, 1, "Iterations")

    def preview(self, scores: NDArray[np.floating]) -> None:
        """Show the unfinished map (rows, cols)."""
        self._ctx.preview(scores.astype(np.float32))

    @property
    def preview_is_due(self) -> bool:
        """Whether this round is one whose map is worth showing."""
        return self.done % PREVIEW_EVERY == PREVIEW_EVERY - 1

    def _report(self) -> None:
        self._first = max(self._first, self.residual)
        self._ctx.step(self._share(), 1, f"Iteration {self.done}", **{self._name: self.residual})
        self._ctx.curve(self._name, self.done, self.residual)

    def _share(self) -> float:
        """How far the work is: by the rounds, or by how far the residual has come down on a logarithmic scale."""
        by_count = self.done / self._limit
        if not self._first > self._tolerance > 0 or self.residual <= self._tolerance:
            return by_count
        return max(by_count, math.log(self._first / self.residual) / math.log(self._first / self._tolerance))
