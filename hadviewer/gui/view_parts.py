"""Views side by side in the window: their controller and commands, built after the first paint."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from hadviewer.engine.views import COUNTS
from hadviewer.gui.controllers.views import ViewsController

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_views(bench: "Workbench") -> None:
    """Tie the grid of views to the session; the controllers of display and layers must be there."""
    bench.views = ViewsController(bench.session, bench.image, (bench.display.set_views, bench.layers.set_views))

    def mark() -> None:
        mark_views(bench)

    bench.session.views_changed.connect(mark)
    mark()


def mark_views(bench: "Workbench") -> None:
    """Tick the commands that say how the views are arranged."""
    views, by_id = bench.session.state.views, bench.commands.actions.by_id
    for count in COUNTS:
        by_id[f"views_{count}"].setChecked(views.count == count)
    by_id["link_views"].setChecked(bool(views.link))
    by_id["link_map"].setChecked(views.link == "map")
    by_id["alike_views"].setChecked(views.alike)


def view_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands of the menu View > Views do."""

    def show(count: int) -> Callable[[], None]:
        def act() -> None:
            bench.views.show(count)
            mark_views(bench)

        return act

    def link_map() -> None:
        bench.views.link("pixel" if bench.session.state.views.link == "map" else "map")

    return {
        **{f"views_{count}": show(count) for count in COUNTS},
        "layer_only": lambda: bench.layers.show_only_selected(),
        "next_view": lambda: bench.views.step(),
        "link_views": lambda: bench.views.toggle_link(),
        "link_map": link_map,
        "alike_views": lambda: bench.views.toggle_alike(),
    }
