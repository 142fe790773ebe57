"""How values become brightness: what users choose, type and drag, on its way into the session."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hadviewer.engine.display import Display, StretchIntent, StretchKind, StretchScope
from hadviewer.engine.session import Session
from hadviewer.render.stretch import Limits

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import DisplayPanelLike


class StretchController:
    """The stretch of the active view. ``limits()`` are those in use, one pair per channel.

    Dragging a handle is one step to undo, and can be taken back before it ends.
    """

    def __init__(self, session: Session, panel: "DisplayPanelLike", limits: Callable[[], tuple[Limits, ...]]) -> None:
        self._session, self._panel, self._found = session, panel, limits
        self._dragging = False
        panel.stretch_chosen.connect(self.set_kind)
        panel.scope_chosen.connect(self.set_scope)
        panel.limits_edited.connect(self.set_limits)
        panel.limits_settled.connect(self.settle)
        panel.limits_cancelled.connect(self.cancel)

    def set_kind(self, kind: StretchKind, amount: float = 2.0) -> None:
        """Stretch in another way; ``amount`` is in percent cut at both ends, or standard deviations."""
        stretch = replace(self._stretch, kind=kind, limits=self._limits if kind == "manual" else ())
        if kind == "deviation":
            stretch = replace(stretch, sigmas=amount)
        elif kind in ("linear", "root", "log"):
            stretch = replace(stretch, percent=amount)
        self._change(stretch)

    def set_scope(self, scope: StretchScope) -> None:
        """Let the whole scene decide, or what is in sight."""
        self._change(replace(self._stretch, scope=scope, limits=()))

    def automatic(self) -> None:
        """Back to the usual stretch: 2 % cut at both ends."""
        self._change(StretchIntent(scope=self._stretch.scope))

    def set_limits(self, channel: int, low: float, high: float) -> None:
        """Stretch a channel between values given by hand; the other channels keep theirs."""
        limits = list(self._limits)
        if channel < len(limits):
            limits[channel] = (low, high)
            self._dragging = True
            self._change(self._stretch.by_hand(tuple(limits)), merge=f"limits {channel}")

    def settle(self) -> None:
        """The handle was let go: what comes next is another step to undo."""
        if self._dragging:
            self._dragging = False
            self._session.seal_step()

    def cancel(self) -> None:
        """Take the drag of a handle back."""
        if self._dragging:
            self._dragging = False
            self._session.undo()

    def show(self, plan: Display) -> None:
        """Show the panel what a plan says; limits set by hand are known before anything is drawn."""
        stretch = plan.stretch
        self._panel.show_stretch(stretch.kind, stretch.amount, stretch.scope)
        if len(stretch.limits) == len(plan.bands):
            self._panel.show_limits(stretch.limits)

    @property
    def _stretch(self) -> StretchIntent:
        return self._session.state.display.stretch

    @property
    def _limits(self) -> tuple[Limits, ...]:
        """Those set by hand for each channel shown, else those found."""
        found, given = self._found(), self._stretch.limits
        return given if len(given) == len(found) else found

    def _change(self, stretch: StretchIntent, merge: str = "") -> None:
        display = self._session.state.display
        if self._session.cube is not None:
            self._session.set_display(replace(display, stretch=stretch), merge=merge, label="Stretch")
