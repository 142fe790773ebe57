"""Several views of the scene: between the session's arrangement, the grid of views and what fills them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hadviewer.core.cube import Cube
from hadviewer.engine.display import resolve
from hadviewer.engine.session import Session
from hadviewer.engine.views import Link, Look

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ImageViewLike, MessagesLike, ViewGridLike

Place = tuple[float, float]


class ViewsController:
    """Keeps the grid as the session says. ``fill`` are told of the views whenever there are more or fewer."""

    def __init__(
        self,
        session: Session,
        grid: "ViewGridLike",
        fill: Sequence[Callable[[Sequence["ImageViewLike"]], None]],
        messages: "MessagesLike",
    ) -> None:
        self._session, self._grid, self._fill, self._messages = session, grid, fill, messages
        self._kind: Link = "pixel"
        grid.activated.connect(self.activate)
        session.views_changed.connect(self._refresh)
        session.display_changed.connect(self._name)
        session.layers_changed.connect(self._name)
        session.scene_changed.connect(self._name)
        self._refresh()

    # What users ask for

    def show(self, count: int) -> None:
        """Show one to four views."""
        self._session.views.show(count)

    def activate(self, number: int) -> None:
        """Make a view (0-based) the one that panels and keys act on."""
        self._session.views.activate(number)

    def step(self) -> None:
        """Make the next view the active one."""
        views = self._session.state.views
        self.activate((views.active + 1) % views.count)

    def toggle_link(self) -> None:
        """Let each view go its own way, or link them again the way they were."""
        link = self._session.state.views.link
        if link:
            self._kind = link
        self._session.views.link("" if link else self._kind)

    def toggle_map(self) -> None:
        """Link by map coordinates, or by pixel."""
        self._kind = "pixel" if self._session.state.views.link == "map" else "map"
        self._session.views.link(self._kind)

    def toggle_alike(self) -> None:
        """Show the same bands, stretch and layers in all views, or let each have its own."""
        self._session.views.make_alike(not self._session.state.views.alike)

    def show_cube(self, cube: Cube) -> None:
        """Show another cube in the active view, or in a second one, and say how it lies on the scene."""
        views = self._session.views
        views.show_cube(cube)
        if self._session.state.views.link == "map":
            self._messages.info(f"{cube.name} lies where its map coordinates say.")
        else:
            self._messages.info(f"{cube.name} lies on the scene line by line and sample by sample.")

    def show_scene(self) -> None:
        """Show the scene again in the active view."""
        self._session.views.show_cube(None)

    # What becomes of it

    def _refresh(self) -> None:
        views, grid = self._session.state.views, self._grid
        if views.count != len(grid.views):
            before = tuple(grid.views)
            grid.set_count(views.count)
            for fill in self._fill:
                fill(tuple(grid.views))
            grid.begin([view for view in grid.views if view not in before])
        grid.set_active(views.active)
        grid.set_link(_same_place if views.link else None)
        self._name()

    def _name(self) -> None:
        cube = self._session.cube
        looks = self._session.views.looks
        self._grid.set_titles(["" if cube is None else title_of(look, look.cube or cube) for look in looks])


def title_of(look: Look, cube: Cube) -> str:
    """What a view shows: its cube if that is not the scene's, its bands, the topmost of its visible score maps."""
    maps = [layer.title for layer in look.layers if layer.kind == "scores" and layer.visible]
    names = [] if look.cube is None else [look.cube.name]
    return " · ".join([*names, resolve(look.display, cube).title, *maps[-1:]])


def _same_place(_from: int, _to: int, scale: float, place: Place) -> tuple[float, Place]:
    return scale, place
