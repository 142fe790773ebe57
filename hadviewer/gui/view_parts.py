"""Views side by side in the window: their controller and commands, built after the first paint."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from hadviewer.core.cube import Cube
from hadviewer.engine.views import COUNTS, compare_places
from hadviewer.gui import choosers

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench

RATES = (1, 2, 4, 8)
"""Changes a second that a flicker can have."""


def assemble_views(bench: "Workbench") -> None:
    """Tie the grid of views to the session; the controllers of display and layers must be there."""
    from hadviewer.gui.controllers.comparison import ComparisonController
    from hadviewer.gui.controllers.overview import OverviewController
    from hadviewer.gui.controllers.views import ViewsController
    from hadviewer.gui.views.comparison_view import ComparisonView
    from hadviewer.gui.views.overview import Overview

    fill = (bench.display.set_views, bench.layers.set_views)
    bench.views = ViewsController(bench.session, bench.image, fill, bench.messages)
    overview = bench.overview_view = Overview(bench.image)
    bench.overview = OverviewController(bench.session, bench.display, overview, bench.image, bench.tiles)
    overview.set_wanted(bench.store.settings.overview)
    flicker = bench.commands.actions.by_id["flicker"]
    comparison = ComparisonView(bench.image, lambda: [keys[0].key() for keys in flicker.shortcuts()])
    bench.comparison = ComparisonController(bench.session, bench.layers, comparison, bench.layers_panel, bench.messages)
    flicker.setAutoRepeat(False)

    def mark() -> None:
        mark_views(bench)

    bench.session.views_changed.connect(mark)
    bench.commands.actions.by_id["overview"].setChecked(bench.store.settings.overview)
    mark()


def mark_views(bench: "Workbench") -> None:
    """Tick the commands that say how the views are arranged."""
    views, by_id = bench.session.state.views, bench.commands.actions.by_id
    for count in COUNTS:
        by_id[f"views_{count}"].setChecked(views.count == count)
    by_id["link_views"].setChecked(bool(views.link))
    by_id["link_map"].setChecked(views.link == "map")
    by_id["alike_views"].setChecked(views.alike)
    for rate in RATES:
        by_id[f"flicker_{rate}"].setChecked(bench.comparison.rate == rate)


def _show_beside(bench: "Workbench", cube: Cube) -> None:
    """Show another cube in a view, once it is known how it lies on the scene."""
    scene = bench.session.cube

    def show(_: object) -> None:
        if scene is bench.session.cube:
            bench.views.show_cube(cube)

    bench.jobs.quick(compare_places, scene, cube, key="compare places", done=show, failed=show)


def view_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands of the menu View > Views do."""

    def cube_beside() -> None:
        path = choosers.choose_cube(bench.window)
        if path is not None:
            bench.scene.open_beside(path, partial(_show_beside, bench))

    def show_overview() -> None:
        shown = bench.commands.actions.by_id["overview"].isChecked()
        bench.overview_view.set_wanted(shown)
        bench.store.update(overview=shown)

    def late(act: Callable[["Workbench"], object]) -> Callable[[], object]:
        """Controllers come after the first paint, so they are looked up when called; then ticks are set right."""

        def call() -> None:
            act(bench)
            mark_views(bench)

        return call

    def show(count: int) -> Callable[[], object]:
        return late(lambda bench: bench.views.show(count))

    def flicker_at(rate: float) -> Callable[[], object]:
        return late(lambda bench: bench.comparison.set_rate(rate))

    return {
        **{f"views_{count}": show(count) for count in COUNTS},
        **{f"flicker_{rate}": flicker_at(rate) for rate in RATES},
        "layer_only": late(lambda bench: bench.layers.show_only_selected()),
        "flicker": late(lambda bench: bench.comparison.toggle_flicker()),
        "swipe": late(lambda bench: bench.comparison.toggle_swipe()),
        "next_view": late(lambda bench: bench.views.step()),
        "link_views": late(lambda bench: bench.views.toggle_link()),
        "link_map": late(lambda bench: bench.views.toggle_map()),
        "alike_views": late(lambda bench: bench.views.toggle_alike()),
        "overview": show_overview,
        "cube_beside": cube_beside,
        "scene_again": late(lambda bench: bench.views.show_scene()),
    }
