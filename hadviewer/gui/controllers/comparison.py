"""Comparing layers by flicker or swipe: which of them is seen where and when. Nothing of it is undone."""

from typing import TYPE_CHECKING, Literal, Protocol

from hadviewer.engine.session import Layer, Session
from hadviewer.gui.controllers.layer_pictures import Sides

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import LayersPanelLike, MessagesLike
    from hadviewer.gui.views.view_protocols import ComparisonViewLike

Way = Literal["", "flicker", "swipe"]
HINT = "There is no layer to compare: run a detector, or load the truth."


class LayersLike(Protocol):
    """What is asked of the controller of layers."""

    @property
    def selected(self) -> Layer | None: ...
    def compare(self, sides: Sides) -> None: ...


class ComparisonController:
    """Shows a layer and what is below it in turn (flicker), or side by side (swipe).

    That is the layer selected in the panel; or two, where two are chosen there.
    """

    def __init__(
        self,
        session: Session,
        layers: LayersLike,
        view: "ComparisonViewLike",
        panel: "LayersPanelLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._layers, self._view, self._panel, self._messages = session, layers, view, panel, messages
        self.way: Way = ""
        self.rate: float = 2
        self._other = False
        session.layers_changed.connect(self._refresh)
        session.views_changed.connect(self._refresh)
        session.scene_changed.connect(self._refresh)
        panel.chosen_changed.connect(self._refresh)
        panel.layer_selected.connect(lambda layer: self._refresh())
        view.beat.connect(self._change_over)
        view.released.connect(self.stop)
        view.ended.connect(self.stop)

    # What users ask for

    def toggle_flicker(self) -> None:
        """Show the compared layers in turn, or as they are again."""
        self._toggle("flicker")

    def toggle_swipe(self) -> None:
        """Draw a curtain between the compared layers, or take it away."""
        self._toggle("swipe")
        if self.way == "swipe":
            self._view.focus_divider()

    def set_rate(self, rate: float) -> None:
        """Flicker so often a second."""
        self.rate = rate
        if self.way == "flicker":
            self._view.start_clock(rate)

    def stop(self) -> None:
        """Show the layers as they are."""
        if self.way:
            self.way = ""
            self._view.stop_clock()
            self._view.clear()
            self._layers.compare({})

    # What becomes of it

    def _toggle(self, way: Way) -> None:
        if self.way == way:
            self.stop()
            return
        if not self._compared():
            self._messages.info(HINT)
            return
        self.stop()
        self.way, self._other = way, True
        if way == "flicker":
            self._view.start_clock(self.rate)
        self._refresh()

    def _compared(self) -> tuple[Layer, ...]:
        """One layer, or two with the upper one first."""
        pair = [layer for number in self._panel.chosen() if (layer := self._session.layer(number)) is not None]
        if len(pair) == 2:
            return tuple(pair)
        selected = self._layers.selected
        layers = self._session.state.layers
        return (selected,) if selected is not None else layers[-1:]

    def _change_over(self) -> None:
        self._other = not self._other
        self._refresh()

    def _refresh(self) -> None:
        if not self.way:
            return
        compared = self._compared()
        if not compared:
            self.stop()
            return
        upper, lower = compared[0], compared[1] if len(compared) == 2 else None
        below = f"Without {upper.title}" if lower is None else lower.title
        if self.way == "swipe":
            sides = {upper.id: "right"} if lower is None else {upper.id: "right", lower.id: "left"}
            self._view.show(below, upper.title, divided=True)
        else:
            seen, hidden = ("none", "all") if self._other else ("all", "none")
            sides = {upper.id: seen} if lower is None else {upper.id: seen, lower.id: hidden}
            self._view.show(below if self._other else upper.title, "", divided=False)
        self._layers.compare(sides)
