"""Views of the scene side by side: what each shows of its own, and what links them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from hadviewer.core.cube import Cube
from hadviewer.core.geo import SAME, Placement
from hadviewer.core.geolocation import Geolocation
from hadviewer.engine.display import DisplayIntent, initial_intent

if TYPE_CHECKING:
    from hadviewer.engine.session import Layer, Session

Link = Literal["", "pixel", "map"]
"""Whether views show the same place: not at all, by line and sample, or by map coordinates."""

COUNTS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Look:
    """What one view shows: its bands and stretch, and its own looks of the layers (those it does not know are hidden).

    Which layers there are, their order, titles and thresholds are the session's, for all views. ``cube`` is another one
    shown in place of the scene's.
    """

    display: DisplayIntent = field(default_factory=DisplayIntent)
    layers: tuple["Layer", ...] = ()
    cube: Cube | None = None

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


def compare_places(scene: Cube | None, cube: Cube | None) -> None:
    """Read what says how one cube lies on another where pixels have coordinates of their own: it takes a moment.

    Raises ReadError.
    """
    one, other = (None if item is None else item.geo for item in (scene, cube))
    if isinstance(one, Geolocation) and isinstance(other, Geolocation):
        one.compare(other)


class Views:
    """What users do to the views of a session; nothing where no scene is open."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    @property
    def looks(self) -> tuple[Look, ...]:
        """What each view shows now."""
        state = self._session.state
        if state.views.alike:
            return (self._own,) * state.views.count
        looks = [replace(look, layers=look.over(state.layers)) for look in state.views.looks]
        looks[state.views.active] = self._own
        return tuple(looks)

    def show(self, count: int) -> None:
        """Show so many views; new ones begin with what the active one shows, and the active one always stays."""
        views = self._session.state.views
        if self._session.cube is None or count == views.count or count not in COUNTS:
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

    def show_cube(self, cube: Cube | None) -> None:
        """Show another cube in the active view, in a second one where there is one only; None shows the scene again."""
        state = self._session.state
        shown = cube or self._session.cube
        if shown is None or cube is self._own.cube:
            return
        looks, active = list(self.looks), state.views.active
        if cube is not None and len(looks) == 1:
            looks, active = [*looks, self._own], 1
        display = initial_intent(shown)
        layers = tuple(replace(layer, visible=False) for layer in state.layers) if cube is not None else state.layers
        looks[active] = Look(display, layers, cube)
        link = state.views.link
        if cube is not None and link:
            link = "pixel" if self._on_map(cube) is None else "map"
        views = replace(state.views, looks=tuple(looks), active=active, link=link, alike=False)
        self._session.change(f"Show {shown.name}", views=views, display=display, layers=layers)

    def placement(self, cube: Cube | None) -> Placement:
        """How the pixels of another cube lie on the scene's: by map coordinates unless views are linked by pixel."""
        if cube is None or self._session.state.views.link == "pixel":
            return SAME
        return self._on_map(cube) or SAME

    def _on_map(self, cube: Cube) -> Placement | None:
        scene = self._session.cube
        return None if scene is None or scene.geo is None or cube.geo is None else scene.geo.placed(cube.geo)

    def link(self, link: Link) -> None:
        """Show the same place in all views, by pixel or map coordinates, or let each go its own way ('')."""
        views = self._session.state.views
        if self._session.cube is not None and link != views.link:
            self._session.change("Link views" if link else "Unlink views", views=replace(views, link=link))

    def make_alike(self, alike: bool) -> None:
        """Show the same bands, stretch and layers in all views; what is seen does not change when that ends."""
        views = self._session.state.views
        if self._session.cube is not None and alike != views.alike:
            label = "Same look in all views" if alike else "A look for each view"
            self._session.change(label, views=replace(views.filled(self._own), alike=alike))

    @property
    def _own(self) -> Look:
        state = self._session.state
        return Look(state.display, state.layers, state.views.looks[state.views.active].cube)


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
