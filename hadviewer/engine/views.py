"""Views of the scene side by side: what each shows of its own, and what links them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from hadviewer.engine.display import DisplayIntent

if TYPE_CHECKING:
    from hadviewer.engine.session import Layer, Session

Link = Literal["", "pixel", "map"]
"""Whether views show the same place: not at all, by line and sample, or by map coordinates."""

COUNTS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Look:
    """What one view shows: its bands and stretch, and its own looks of the layers (those it does not know are hidden).

    Which layers there are, their order, titles and thresholds are the session's, for all views.
    """

    display: DisplayIntent = field(default_factory=DisplayIntent)
    layers: tuple["Layer", ...] = ()

    def over(self, layers: Sequence["Layer"]) -> tuple["Layer", ...]:
        """The session's layers as this view shows them."""
        own = {layer.id: layer for layer in self.layers}
        return tuple(_as_in(layer, own.get(layer.id)) for layer in layers)


@dataclass(frozen=True)
class Arrangement:
    """The views there are; the ``active`` one shows the session's own display and layers, whatever its look says.

    ``alike`` views all show what the active one does.
    """

    looks: tuple[Look, ...] = (Look(),)
    active: int = 0
    link: Link = "pixel"
    alike: bool = False

    @property
    def count(self) -> int:
        return len(self.looks)

    def filled(self, look: Look) -> "Arrangement":
        """As many views, all with one look."""
        return replace(self, looks=(look,) * self.count)


class Views:
    """What users do to the views of a session."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    @property
    def looks(self) -> tuple[Look, ...]:
        """What each view shows now."""
        state = self._session.state
        if state.views.alike:
            return (self._own,) * state.views.count
        looks = [Look(look.display, look.over(state.layers)) for look in state.views.looks]
        looks[state.views.active] = self._own
        return tuple(looks)

    def show(self, count: int) -> None:
        """Show so many views; new ones begin with what the active one shows, and the active one always stays."""
        views = self._session.state.views
        if count == views.count or count not in COUNTS:
            return
        looks, active = list(self.looks), views.active
        if active >= count:
            looks[count - 1], active = looks[active], count - 1
        looks = [*looks[:count], *[self._own] * (count - len(looks))]
        label = "One view" if count == 1 else f"{count} views"
        self._session.change(label, views=replace(views, looks=tuple(looks), active=active))

    def activate(self, number: int) -> None:
        """Make a view (0-based) the one that display, layers and keys act on; like the cursor, this is not undone."""
        state = self._session.state
        if number == state.views.active or not 0 <= number < state.views.count:
            return
        looks = self.looks
        views = replace(state.views, looks=looks, active=number)
        self._session.seal_step()
        look = looks[number]
        layers = state.layers if look.layers == state.layers else look.layers
        display = state.display if look.display == state.display else look.display
        self._session.change("", views=views, display=display, layers=layers)

    def link(self, link: Link) -> None:
        """Show the same place in all views, by pixel or map coordinates, or let each go its own way ('')."""
        views = self._session.state.views
        if link != views.link:
            self._session.change("Link views" if link else "Unlink views", views=replace(views, link=link))

    def make_alike(self, alike: bool) -> None:
        """Show the same bands, stretch and layers in all views; what is seen does not change when that ends."""
        views = self._session.state.views
        if alike != views.alike:
            label = "Same look in all views" if alike else "A look for each view"
            self._session.change(label, views=replace(views.filled(self._own), alike=alike))

    @property
    def _own(self) -> Look:
        state = self._session.state
        return Look(state.display, state.layers)


def _as_in(layer: "Layer", own: "Layer | None") -> "Layer":
    """A layer with the look that a view gives it."""
    if own is None:
        return replace(layer, visible=False)
    if own == layer:
        return layer
    return replace(
        layer,
        visible=own.visible,
        opacity=own.opacity,
        blend=own.blend,
        colormap=own.colormap,
        colour=own.colour,
        limits=own.limits,
        scale=own.scale,
        inverse=own.inverse,
    )
