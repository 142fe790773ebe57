"""The grid follows the session: how many views, which is active, what links them, what each is called."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint
from PyQt6.QtGui import QColor

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.geo import Georeference
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.layers import LayersController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.controllers.views import ViewsController
from hadviewer.gui.views.display_panel import DisplayPanel
from hadviewer.gui.views.layers_panel import LayersPanel
from hadviewer.gui.views.view_grid import ViewGrid
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache


class Bench:
    """Grid, panels and the controllers that tie them to a session."""

    def __init__(self, session: Session, jobs: Any, messages: Any, tiles: TileLoader) -> None:
        self.session = session
        self.grid, self.display_panel, self.layers_panel = ViewGrid(), DisplayPanel(), LayersPanel()
        self.grid.resize(400, 300)
        first = self.grid.active
        self.display = DisplayController(session, jobs, first, self.display_panel, messages, tiles)
        self.layers = LayersController(session, jobs, first, self.layers_panel, messages, tiles)
        self.views = ViewsController(session, self.grid, (self.display.set_views, self.layers.set_views), messages)


@pytest.fixture
def bench(qtbot: Any, session: Session, jobs: Any, messages: Any, tiles: TileLoader, scene: Scene) -> Bench:
    bench = Bench(session, jobs, messages, tiles)
    for widget in (bench.grid, bench.display_panel, bench.layers_panel):
        qtbot.addWidget(widget)
    bench.grid.show()
    session.open(scene)
    return bench


def bands(bench: Bench) -> list[tuple[int, ...]]:
    """The bands that each view is painted from."""
    return [view._image.source.bands for view in bench.grid.views]  # type: ignore[union-attr]


def test_each_view_shows_its_own_bands(bench: Bench) -> None:
    bench.views.show(2)
    assert bands(bench) == [(3, 1, 0)] * 2
    bench.views.activate(1)
    bench.display.set_mode("grey")
    assert bands(bench) == [(3, 1, 0), (3,)]
    bench.views.toggle_alike()
    assert bands(bench) == [(3,), (3,)]


def test_the_panels_are_about_the_active_view(bench: Bench) -> None:
    bench.views.show(2)
    bench.views.activate(1)
    bench.display.set_mode("grey")
    bench.session.update_layer(bench.session.state.layers[0].id, visible=False)
    assert bench.display_panel.mode.currentData() == "grey"
    assert len(bench.grid.views[0]._layers) == 1
    assert len(bench.grid.views[1]._layers) == 0
    bench.views.step()
    assert bench.session.state.views.active == 0
    assert bench.display_panel.mode.currentData() == "true"
    item = bench.layers_panel.list.item(0)
    assert item is not None
    assert item.checkState().name == "Checked"


def test_undo_goes_back_to_one_view(bench: Bench) -> None:
    bench.views.show(4)
    bench.session.undo()
    assert len(bench.grid.views) == 1
    bench.session.redo()
    assert len(bench.grid.views) == 4


def test_closing_the_scene_empties_all_views(bench: Bench) -> None:
    bench.views.show(2)
    while bench.session.undo_label:
        bench.session.undo()
    assert all(view.mapping is None for view in bench.grid.views)


def test_linking_is_toggled_and_keeps_its_kind(bench: Bench) -> None:
    bench.views.show(2)
    bench.views.toggle_map()
    bench.views.toggle_link()
    assert bench.session.state.views.link == ""
    bench.grid.look_at(9.0, (3.0, 4.0))
    assert bench.grid.views[1].mapping.scale != 9.0  # type: ignore[union-attr]
    bench.views.toggle_link()
    assert bench.session.state.views.link == "map"
    assert bench.grid.views[1].mapping.scale == 9.0  # type: ignore[union-attr]


def test_one_drawing_serves_all_views_that_want_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from hadviewer.gui.controllers import _layer_drawings as module

    drawn: list[str] = []
    draw: Callable[..., Any] = module._DRAW["scores"]
    monkeypatch.setitem(module._DRAW, "scores", lambda *given: drawn.append("scores") or draw(*given))
    bench.views.show(3)
    scores = np.random.default_rng(0).random((12, 17), dtype=np.float32)
    result = DetectionResult(DetectionRequest(detector="grx"), scores, np.isfinite(scores), 0.1)
    bench.session.add_result(result, "GRX")
    layer = next(item for item in bench.session.state.layers if item.kind == "scores")
    for number in (1, 2):
        bench.views.activate(number)
        bench.session.update_layer(layer.id, visible=True)
    assert drawn == ["scores"]
    sources = {view._layers[0].picture.source for view in bench.grid.views}
    assert len(sources) == 1
    bench.session.update_layer(layer.id, colormap="viridis")
    assert drawn == ["scores"] * 2
    assert len({view._layers[0].picture.source for view in bench.grid.views}) == 2


def test_views_are_named_by_what_they_show(bench: Bench) -> None:
    bench.views.show(2)
    bench.display.set_mode("grey")
    titles = [ghost.title for ghost in bench.grid._ghosts]
    assert titles == [bench.session.cube.bands.label(bench.session.state.display.bands[0]), "True colour"]  # type: ignore[union-attr]


def test_another_cube_is_painted_where_it_lies_on_the_map(
    bench: Bench, jobs: Any, make_cube: Callable[..., Cube], messages: Any
) -> None:
    bench.session.open(Scene(make_cube(geo=Georeference((0.0, 10.0, 0.0, 0.0, 0.0, -10.0)))))
    array = np.zeros((8, 10, 1), dtype=np.float32)
    array[4, 6] = 100
    geo = Georeference((20.0, 5.0, 0.0, -30.0, 0.0, -5.0))
    bench.views.show_cube(Cube(ArraySource(array), BandSet(1), name="other", geo=geo))
    bench.display.stretch.set_kind("minmax")
    assert "map coordinates" in messages.info.call_args.args[0]
    first, second = bench.grid.views
    assert second.mapping is not None
    place = second.mapping.to_screen(3 + 4.5 * 0.5, 2 + 6.5 * 0.5).toPoint()
    picture = second.grab().toImage()
    assert picture.pixelColor(place) == QColor(255, 255, 255)
    step = round(second.mapping.scale * 0.5)
    for x, y in ((step, 0), (-step, 0), (0, step), (0, -step)):
        assert picture.pixelColor(place + QPoint(x, y)) == QColor(0, 0, 0)
    assert bench.display_panel.mode.count() == 1, "one band is all there is"
    assert first.mapping is not None
    assert first.mapping.scale == second.mapping.scale
    bench.views.show_scene()
    assert bands(bench) == [(3, 1, 0)] * 2


def test_the_other_cube_is_forgotten_when_no_view_shows_it(
    bench: Bench, tiles: TileLoader, make_cube: Callable[..., Cube]
) -> None:
    bench.views.show_cube(make_cube(rows=30, cols=40))
    assert len(tiles.beside) == 1
    assert bench.grid.views[1]._image is not None
    bench.views.show(1)
    assert len(tiles.beside) == 1, "the active view stays"
    bench.session.undo()
    bench.views.activate(0)
    bench.views.show(1)
    assert tiles.beside == []


def test_nothing_happens_to_views_where_no_scene_is_open(
    qtbot: Any, jobs: Any, messages: Any, tiles: TileLoader
) -> None:
    bench = Bench(Session(), jobs, messages, tiles)
    for widget in (bench.grid, bench.display_panel, bench.layers_panel):
        qtbot.addWidget(widget)
    bench.views.show(4)
    bench.views.toggle_link()
    bench.views.toggle_map()
    bench.views.toggle_alike()
    bench.views.show_scene()
    assert bench.session.undo_label == ""
    assert len(bench.grid.views) == 1


def test_what_is_found_for_a_view_that_is_gone_is_dropped(
    qtbot: Any, held_jobs: Any, messages: Any, scene: Scene
) -> None:
    loader = TileLoader(held_jobs, ArrayCache(2**24), ArrayCache(2**24), lambda job: None)
    bench = Bench(Session(), held_jobs, messages, loader)
    for widget in (bench.grid, bench.display_panel, bench.layers_panel):
        qtbot.addWidget(widget)
    bench.session.open(scene)
    while held_jobs.held:
        held_jobs.perform()
    bench.views.show(2)
    gone = bench.grid.views[1]
    bench.session.undo()
    assert held_jobs.held
    with qtbot.waitSignal(gone.destroyed):
        pass
    while held_jobs.held:
        held_jobs.perform()
    messages.error.assert_not_called()
