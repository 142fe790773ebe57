"""Regions of interest in the window: their dock, tools, statistics and commands, built after the first paint."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hadviewer.gui import choosers

if TYPE_CHECKING:
    from hadviewer.gui.views.region_data import ToolName
    from hadviewer.gui.workbench import Workbench

TOOLS: "tuple[ToolName, ...]" = ("rectangle", "polygon", "brush", "points", "grow")


def assemble_regions(bench: "Workbench") -> None:
    """Build the dock and its controllers; the detector panel must be there."""
    from hadviewer.gui.controllers.region_spectra import RegionSpectraController
    from hadviewer.gui.controllers.regions import RegionsController
    from hadviewer.gui.views.range_dialog import RangeDialog
    from hadviewer.gui.views.region_overlay import RegionImage
    from hadviewer.gui.views.region_statistics import RegionStatistics
    from hadviewer.gui.views.regions_panel import RegionsPanel

    window, session, jobs, messages = bench.window, bench.session, bench.jobs, bench.messages
    panel = bench.regions_panel = RegionsPanel()
    window.fill_dock("regions", panel)
    bench.region_image = RegionImage(bench.image, panel.brush, bench)
    bench.region_image.menu_requested.connect(panel.popup)
    bench.regions = RegionsController(
        session,
        jobs,
        panel,
        bench.region_image,
        bench.detector_panel.scope,
        messages,
        lambda: window.raise_dock("detect"),
    )
    bench.region_statistics = RegionStatistics(window)
    bench.region_spectra = RegionSpectraController(
        session, jobs, panel, bench.region_statistics, messages, lambda: window.raise_dock("spectrum")
    )
    bench.range_dialog = RangeDialog(window)
    bench.range_dialog.ordered.connect(bench.regions.from_range)
    panel.from_range_requested.connect(lambda: _ask_range(bench))
    panel.open_requested.connect(lambda: _open(bench))
    panel.save_requested.connect(lambda numbers: _save(bench, numbers))


def region_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands of the ROI menu do."""

    def tool(name: "ToolName") -> Callable[[], None]:
        def take() -> None:
            bench.window.raise_dock("regions")
            bench.regions.use_tool(name)

        return take

    def new() -> None:
        bench.window.raise_dock("regions")
        bench.regions.new()

    def average() -> None:
        bench.region_spectra.average()

    def measure() -> None:
        bench.region_spectra.measure()

    def make_from_mask() -> None:
        bench.regions.from_mask()

    return {
        **{f"roi_{name}": tool(name) for name in TOOLS},
        "roi_new": new,
        "roi_averages": average,
        "roi_statistics": measure,
        "roi_from_mask": make_from_mask,
        "roi_from_range": lambda: _ask_range(bench),
        "roi_open": lambda: _open(bench),
        "roi_export": lambda: _save(bench, None),
    }


def _ask_range(bench: "Workbench") -> None:
    """The selected result is offered first."""
    entry = bench.session.selected
    bench.range_dialog.offer(bench.regions.sources(), None if entry is None else f"scores:{entry.id}")


def _open(bench: "Workbench") -> None:
    path = choosers.choose_regions(bench.window, str(bench.store.last_folder))
    if path is not None:
        bench.regions.open(path)


def _save(bench: "Workbench", numbers: Sequence[int] | None) -> None:
    cube, regions = bench.session.cube, bench.regions.regions(numbers)
    if cube is None or not regions:
        bench.messages.warn("There is no region to export: draw one first.")
        return
    name = regions[0].name if len(regions) == 1 else f"{cube.name} regions"
    path = choosers.choose_regions_target(bench.window, str(bench.store.last_folder / f"{name}.geojson"))
    if path is not None:
        bench.regions.save(path, numbers)
