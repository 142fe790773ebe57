"""The spectra of regions: read in the background, shown in their window, written as a table."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.region import Region
from hadviewer.core.runs import Runs
from hadviewer.engine import tasks
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.region_tasks import (
    QUICK_BYTES,
    measure_regions,
    reading_bytes,
    region_spectra,
    write_statistics,
)
from hadviewer.engine.session import Session
from hadviewer.gui.views.region_data import RegionCurves

if TYPE_CHECKING:
    from hadviewer.analysis.statistics import BandStatistics
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.region_protocols import RegionsPanelLike, RegionStatisticsLike

    Measured = tuple[Region, BandStatistics]


class RegionSpectraController:
    """Measures regions when asked; what takes a while goes to the worker process, with progress and Cancel."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        panel: "RegionsPanelLike",
        view: "RegionStatisticsLike",
        messages: "MessagesLike",
        raise_spectra: Callable[[], None] = lambda: None,
    ) -> None:
        self._session, self._jobs, self._view, self._messages = session, jobs, view, messages
        self._raise_spectra = raise_spectra
        self._cube: Cube | None = None
        self._found: list[Measured] = []
        panel.averages_requested.connect(self.average)
        panel.statistics_requested.connect(self.measure)
        view.export_requested.connect(self.export)
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._show_bands)
        session.regions_changed.connect(self._follow)
        self._show_scene()

    def measure(self, region_ids: Sequence[int] | None = None) -> None:
        """Show mean, spread and range of these regions in their window, None for all visible ones."""

        def show(found: "list[Measured]") -> None:
            self._found = found
            self._follow()
            self._view.present()

        self._read(region_ids, show)

    def average(self, region_ids: Sequence[int] | None = None) -> None:
        """Collect the mean spectra of these regions in their colours, None for all visible ones."""

        def collect(found: "list[Measured]") -> None:
            for region, spectra in found:
                mean = spectra.mean.astype(np.float32)
                title = f"{region.name}: mean"
                if not self._is_kept(title, mean):
                    self._session.pins.keep([(title, mean)], "region", region.colour)
            self._raise_spectra()

        self._read(region_ids, collect)

    def _is_kept(self, title: str, values: NDArray[np.float32]) -> bool:
        kept = [pin.values for pin in self._session.state.pins if pin.kind == "region" and pin.name == title]
        return any(other is not None and np.array_equal(other, values) for other in kept)

    def _read(self, region_ids: Sequence[int] | None, then: "Callable[[list[Measured]], None]") -> None:
        cube = self._session.cube
        wanted = [
            region
            for region in self._session.state.regions
            if (region.visible if region_ids is None else region.id in region_ids)
        ]
        if cube is None or not wanted:
            self._messages.warn("There is no region in sight: draw one, or tick its box.")
            return
        runs = [region.runs(cube.shape[:2]) for region in wanted]

        def keep(found: "list[BandStatistics]") -> None:
            if cube.same_pixels(self._session.cube):
                then(list(zip(wanted, found, strict=True)))

        if sum(reading_bytes(item, cube.shape[2]) for item in runs) <= QUICK_BYTES:
            self._jobs.quick(_measure, cube, runs, key="region-spectra", done=keep, failed=self._complain)
        else:
            reference = tasks.CubeReference.of(cube)
            self._jobs.heavy(measure_regions, reference, runs, title="ROI statistics", done=keep, failed=self._complain)

    def export(self, path: Path) -> None:
        """Write what is shown."""
        if self._cube is not None and self._found:
            self._jobs.quick(
                write_statistics,
                path,
                [region.name for region, _ in self._found],
                [found for _, found in self._found],
                self._cube.bands.centres,
                title=f"Export {path.name}",
                done=lambda written: self._messages.info(f"The statistics are in {written}."),
                failed=self._complain,
            )

    def _show_scene(self) -> None:
        cube = self._session.cube
        if cube is self._cube and cube is not None:
            return
        self._found = []
        self._show_bands()

    def _show_bands(self) -> None:
        """The bands of another scene, or other bands of the same one marked as bad."""
        cube = self._cube = self._session.cube
        if cube is not None:
            quantity = f"{cube.quantity} ({cube.unit})" if cube.unit else cube.quantity
            self._view.set_axis(cube.bands.mask, cube.bands.centres, quantity)
        self._follow()

    def _follow(self) -> None:
        """Names and colours as they are now; regions that are gone, or drawn anew, go."""
        present = {region.id: region for region in self._session.state.regions}
        self._found = [
            (present[region.id], found)
            for region, found in self._found
            if region.id in present and present[region.id].parts is region.parts
        ]
        self._view.show_curves([_curves(region, found) for region, found in self._found])

    def _complain(self, job: Job) -> None:
        self._messages.error(job.error, job.details)


def _curves(region: Region, found: "BandStatistics") -> RegionCurves:
    return RegionCurves(
        region.id,
        region.name,
        region.colour,
        int(found.count.max(initial=0)),
        found.mean,
        found.std,
        found.minimum,
        found.maximum,
    )


def _measure(cube: Cube, runs: list[Runs]) -> "list[BandStatistics]":
    return [region_spectra(cube, item) for item in runs]
