"""Regions between the session, their dock, the image and the detector panel, with doubles of the views."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.analysis.objects import Cleaning
from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Cube, Scene, Truth, Window
from hadviewer.core.region import Patch, Points, Region, rectangle
from hadviewer.core.results import DetectionRequest, DetectionResult, Selection
from hadviewer.engine.jobs import InlineJobs
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.region_spectra import RegionSpectraController
from hadviewer.gui.controllers.regions import RegionsController
from hadviewer.gui.views.protocols import MessagesLike
from hadviewer.gui.views.region_data import GrowOptions
from hadviewer.gui.views.region_protocols import (
    RegionImageLike,
    RegionsPanelLike,
    RegionStatisticsLike,
    ScopeChoiceLike,
)
from hadviewer.io.regions.files import read_regions, write_regions
from tests.gui.conftest import HeldJobs

Double = Callable[[type], Any]
SHAPE = (12, 17)


class Stage:
    """A controller with a session on a small scene and doubles of everything around it."""

    def __init__(self, double: Double, cube: Cube, jobs: InlineJobs | None = None) -> None:
        self.session, self.jobs = Session(), jobs or InlineJobs()
        self.panel, self.image = double(RegionsPanelLike), double(RegionImageLike)
        self.scope, self.messages = double(ScopeChoiceLike), double(MessagesLike)
        self.statistics = double(RegionStatisticsLike)
        self.panel.growing.return_value = GrowOptions()
        self.scope.chosen.return_value = {}
        self.raised: list[str] = []
        self.regions = RegionsController(
            *(self.session, self.jobs, self.panel, self.image, self.scope, self.messages),
            lambda: self.raised.append("detect"),
        )
        self.spectra = RegionSpectraController(
            *(self.session, self.jobs, self.panel, self.statistics, self.messages),
            lambda: self.raised.append("spectrum"),
        )
        self.session.open(Scene(cube))

    def pixels(self, place: int = 0) -> str:
        return runs_of.to_text(self.session.state.regions[place].runs(SHAPE))

    def rows(self) -> Any:
        return self.panel.set_rows.call_args[0][0]


@pytest.fixture
def stage(double: Double, make_cube: Callable[..., Cube]) -> Stage:
    return Stage(double, make_cube(*SHAPE))


BOX = rectangle(Window(2, 4, 3, 6))


def test_what_is_drawn_first_makes_a_region_and_then_goes_to_it(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.image.drawn.emit(Points(((9, 9),)), False)
    assert stage.pixels() == "2-3:3-5;9:9"
    assert [(row.name, row.pixels) for row in stage.rows()] == [("ROI 1", 7)]
    regions, selected, pixels = stage.image.show.call_args[0]
    assert (regions, selected) == (stage.session.state.regions, 1)
    assert runs_of.to_text(pixels[1]) == "2-3:3-5;9:9"


def test_a_new_region_takes_what_is_drawn_next(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.panel.new_requested.emit()
    stage.image.drawn.emit(Points(((0, 0),)), False)
    assert [stage.pixels(place) for place in (0, 1)] == ["2-3:3-5", "0:0"]


def test_erasing_takes_from_the_selected_region_and_makes_none(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, True)
    assert stage.session.state.regions == ()
    stage.image.drawn.emit(BOX, False)
    stage.image.drawn.emit(Points(((2, 3),)), True)
    assert stage.pixels() == "2:4-5;3:3-5"


def test_strokes_beside_the_scene_leave_nothing(stage: Stage) -> None:
    stage.image.drawn.emit(Patch(runs_of.from_text("40:1-3")), False)
    assert stage.session.state.regions == ()


def test_what_the_dock_says_is_done_and_undone(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    for signal, values in (
        (stage.panel.renamed, (1, "Lake")),
        (stage.panel.recoloured, (1, "#123456")),
        (stage.panel.shown, (1, False)),
    ):
        signal.emit(*values)
    region = stage.session.regions.get(1)
    assert region is not None
    assert (region.name, region.colour, region.visible) == ("Lake", "#123456", False)
    stage.panel.remove_requested.emit([1])
    assert stage.session.state.regions == ()
    stage.session.undo()
    assert stage.rows()[0].name == "Lake"


def test_a_region_grows_from_a_pixel(stage: Stage) -> None:
    stage.panel.growing.return_value = GrowOptions(angle=90.0)
    stage.image.grown.emit((5, 5), False)
    assert stage.rows()[0].pixels == 12 * 17
    stage.panel.growing.return_value = GrowOptions(angle=90.0, most=10)
    stage.panel.new_requested.emit()
    stage.image.grown.emit((5, 5), False)
    assert stage.rows()[1].pixels == 10
    assert "10 pixels" in stage.messages.warn.call_args[0][0]


def test_what_grew_on_a_scene_that_is_gone_is_dropped(double: Double, make_cube: Callable[..., Cube]) -> None:
    jobs = HeldJobs()
    stage = Stage(double, make_cube(*SHAPE), jobs)
    stage.image.grown.emit((5, 5), False)
    stage.session.open(Scene(make_cube(*SHAPE)))
    while jobs.held:
        jobs.perform()
    assert stage.session.state.regions == ()


def result(scores: np.ndarray) -> DetectionResult:
    return DetectionResult(DetectionRequest(detector="grx"), scores.astype(np.float32), np.isfinite(scores), 0.1)


def test_a_region_is_made_of_the_mask_as_it_is_cleaned(stage: Stage) -> None:
    scores = np.zeros(SHAPE)
    scores[2, 3:6] = scores[9, 9] = 5
    entry = stage.session.add_result(result(scores), "GRX")
    stage.panel.from_mask_requested.emit()
    assert "no mask" in stage.messages.warn.call_args[0][0]
    stage.session.set_threshold(entry.id, 4.0, cleaning=Cleaning(minimum=2))
    assert stage.panel.set_ready.call_args[0] == (True, True, False)
    stage.panel.from_mask_requested.emit()
    assert stage.pixels() == "2:3-5"
    assert stage.session.state.regions[0].name == "Mask: GRX"


def test_a_region_is_made_of_a_range_of_scores_or_of_a_band(stage: Stage) -> None:
    scores = np.zeros(SHAPE)
    scores[2, 3:6] = (4, 5, 6)
    scores[3, 3] = np.nan
    entry = stage.session.add_result(result(scores), "GRX")
    sources = dict(stage.regions.sources())
    assert sources[f"scores:{entry.id}"] == "Scores: GRX"
    assert sources["band:1"].startswith("Band 2")
    stage.regions.from_range(f"scores:{entry.id}", 5.0, None)
    stage.regions.from_range("band:1", 10_305.0, 10_307.0)
    stage.regions.from_range("band:99", 0.0, None)
    assert [stage.pixels(place) for place in (0, 1)] == ["2:4-5", "3:5-7"]
    assert stage.session.state.regions[0].name == "Scores: GRX ≥ 5"
    assert len(stage.session.state.regions) == 2


def test_truth_becomes_a_region_and_a_region_truth(stage: Stage) -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[1, 1] = True
    stage.session.set_truth(Truth(mask))
    stage.panel.from_truth_requested.emit()
    stage.image.drawn.emit(Points(((4, 4),)), False)
    stage.panel.truth_requested.emit([1])
    assert stage.session.truth is not None
    assert stage.session.truth.count == 2


def test_a_tool_is_taken_and_laid_down(stage: Stage) -> None:
    stage.panel.tool_chosen.emit("brush")
    stage.image.use.assert_called_with("brush")
    stage.panel.show_tool.assert_called_with("brush")
    stage.image.left.emit()
    stage.image.use.assert_called_with(None)


def test_zooming_to_a_region(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.panel.zoom_requested.emit(1)
    stage.image.zoom_to.assert_called_once_with(Window(2, 4, 3, 6))


def test_roles_reach_the_request(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    assert stage.scope.offer.call_args[0][0] == [(1, "ROI 1")]
    stage.panel.role_requested.emit("inside", 1)
    stage.scope.choose.assert_called_once_with("inside", 1)
    assert stage.raised == ["detect"]
    picked = Selection(name="ROI 1", pixels="2-3:3-5")
    stage.scope.chosen.return_value = {"inside": 1, "background": 1, "exclude": 77}
    assert stage.regions.request_parts() == {"inside": picked, "background": picked}
    stage.scope.chosen.return_value = {"inside": "view"}
    stage.image.window.return_value = Window(0, 5, 0, 5)
    assert stage.regions.request_parts() == {"region": Window(0, 5, 0, 5)}


def test_regions_are_read_and_written(stage: Stage, tmp_path: Path) -> None:
    path = write_regions(tmp_path / "r.xml", [Region(1, "Lake", "#123456", parts=(BOX,))], SHAPE)
    stage.regions.open(path)
    stage.image.drawn.emit(Points(((0, 0),)), False)
    stage.regions.save(tmp_path / "out.geojson", [1])
    (found,) = read_regions(tmp_path / "out.geojson", SHAPE)
    assert found.name == "Lake"
    assert runs_of.to_text(found.runs(SHAPE)) == "0:0;2-3:3-5"
    stage.regions.open(tmp_path / "nothing.xml")
    assert "nothing.xml" in stage.messages.error.call_args[0][0]


def test_dropped_files_of_regions_are_opened_and_others_left(stage: Stage, tmp_path: Path) -> None:
    path = write_regions(tmp_path / "r.geojson", [Region(1, "Lake", parts=(BOX,))], SHAPE)
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY")
    rest: list[list[Path]] = []
    stage.regions.open_dropped([tmp_path / "a.npy", path, tmp_path / "gone"], rest.append)
    assert rest == [[tmp_path / "a.npy", tmp_path / "gone"]]
    assert [region.name for region in stage.session.state.regions] == ["Lake"]


def test_averages_are_collected_in_the_colour_of_their_region(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.panel.new_requested.emit()
    stage.image.drawn.emit(Points(((0, 0),)), False)
    stage.panel.averages_requested.emit(None)
    stage.panel.averages_requested.emit([1])
    pins, cube = stage.session.state.pins, stage.session.cube
    assert cube is not None
    assert [(pin.name, pin.colour) for pin in pins] == [
        (f"{region.name}: mean", region.colour) for region in stage.session.state.regions
    ]
    np.testing.assert_allclose(pins[0].values, cube.values(window=Window(2, 4, 3, 6)).mean(axis=(0, 1)))
    assert "spectrum" in stage.raised


def test_statistics_follow_names_and_go_with_what_they_were_of(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.panel.statistics_requested.emit(None)
    (curves,) = stage.statistics.show_curves.call_args[0][0]
    assert (curves.name, curves.pixels) == ("ROI 1", 6)
    stage.statistics.present.assert_called_once()
    stage.panel.renamed.emit(1, "Lake")
    assert stage.statistics.show_curves.call_args[0][0][0].name == "Lake"
    stage.image.drawn.emit(Points(((0, 0),)), False)
    assert stage.statistics.show_curves.call_args[0][0] == [], "drawn anew: the figures were of other pixels"


def test_hidden_regions_are_not_measured_unless_named(stage: Stage) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.panel.shown.emit(1, False)
    stage.panel.statistics_requested.emit(None)
    assert "no region in sight" in stage.messages.warn.call_args[0][0]
    stage.panel.statistics_requested.emit([1])
    stage.statistics.present.assert_called_once()


def test_statistics_are_written(stage: Stage, tmp_path: Path) -> None:
    stage.image.drawn.emit(BOX, False)
    stage.panel.statistics_requested.emit(None)
    stage.statistics.export_requested.emit(tmp_path / "s.csv")
    assert "ROI 1: mean" in (tmp_path / "s.csv").read_text(encoding="utf-8")
