"""Regions of interest: drawn on the image, listed in their dock, measured, read and written, given to detectors."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Cube, Window
from hadviewer.core.region import Part, Patch, Region
from hadviewer.core.runs import Runs
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.region_tasks import grow_region, range_of_band, range_of_map
from hadviewer.engine.session import Session
from hadviewer.gui.views.region_data import RegionRow, ToolName

if TYPE_CHECKING:
    from hadviewer.analysis.growing import Growth
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.region_protocols import RegionImageLike, RegionsPanelLike, ScopeChoiceLike

Pixel = tuple[int, int]
IN_VIEW = "view"
SCORES, BAND = "scores", "band"


class RegionsController:
    """Between the session's regions and what shows and draws them.

    What is drawn goes to the selected region; where none is selected a new one is made. ``measure`` is asked for the
    spectra of regions: their ids, and whether with all statistics.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        panel: "RegionsPanelLike",
        image: "RegionImageLike",
        scope: "ScopeChoiceLike",
        messages: "MessagesLike",
        raise_detector: Callable[[], None] = lambda: None,
    ) -> None:
        self._session, self._jobs, self._panel, self._image = session, jobs, panel, image
        self._scope, self._messages, self._raise_detector = scope, messages, raise_detector
        self._selected: int | None = None
        self._tool: ToolName | None = None
        self._known: dict[int, tuple[Region, Runs]] = {}
        session.regions_changed.connect(self._show)
        session.scene_changed.connect(self._show_scene)
        session.layers_changed.connect(self._show_ready)
        session.selected_changed.connect(self._show_ready)
        self._connect(panel, image)
        self._show_scene()

    def use_tool(self, tool: ToolName | None) -> None:
        """Take a drawing tool in hand, or lay it down."""
        self._tool = tool if self._session.cube is not None else None
        self._image.use(self._tool)
        self._panel.show_tool(self._tool)

    def new(self) -> None:
        """A region for what is drawn next."""
        if self._session.cube is not None:
            self._choose(self._session.regions.add().id)

    def draw(self, part: Part, erase: bool) -> None:
        """Add what was drawn to the selected region, or take it away."""
        cube = self._session.cube
        if cube is None:
            return
        shape = cube.shape[:2]
        runs = part.runs(shape)
        if erase:
            if self._selected is not None:
                self._session.regions.erase(self._selected, runs, shape)
        elif len(runs):
            self._add(Patch(runs) if isinstance(part, Patch) else part)

    def grow(self, pixel: Pixel, erase: bool) -> None:
        """Grow a region from a pixel; the latest click counts."""
        cube, options = self._session.cube, self._panel.growing()
        if cube is None:
            return

        def keep(found: "Growth") -> None:
            if not cube.same_pixels(self._session.cube):
                return
            if not len(found.runs):
                self._messages.warn("Nothing grows here: the pixel has no spectrum.")
                return
            if found.full:
                self._messages.warn(f"The region stopped growing at {options.most:,} pixels: lower the angle.")
            self.draw(Patch(found.runs), erase)

        self._jobs.quick(
            grow_region, cube, pixel, options.angle, options.diagonal, options.most,
            key="grow", done=keep, failed=self._complain,
        )  # fmt: skip

    def from_mask(self) -> None:
        """Make a region of the threshold mask of the selected result, as it is cleaned."""
        entry = self._session.selected
        layer = None if entry is None else self._session.mask_layer(entry.id)
        if entry is None or layer is None or layer.threshold is None:
            self._messages.warn("The selected result has no mask: choose a threshold first.")
            return
        self._jobs.quick(
            _mask_runs, entry.result, layer.threshold, layer.cleaning, key="region-from-mask",
            done=lambda runs: self._add_new(runs, f"Mask: {entry.title}"), failed=self._complain,
        )  # fmt: skip

    def from_truth(self) -> None:
        """Make a region of the truth, to correct it with the brush."""
        truth = self._session.truth
        if truth is not None:
            self._add_new(runs_of.of_mask(truth.mask), "Truth")

    def sources(self) -> list[tuple[str, str]]:
        """What a region can be made of by a range of values: score maps and bands, by id and name."""
        cube = self._session.cube
        if cube is None:
            return []
        maps = [(f"{SCORES}:{entry.id}", f"Scores: {entry.title}") for entry in self._session.state.results]
        return maps + [(f"{BAND}:{band}", _band_title(cube, band)) for band in range(cube.shape[2])]

    def from_range(self, source: str, low: float | None, high: float | None) -> None:
        """Make a region of all pixels whose value lies in a range."""
        cube = self._session.cube
        kind, _, number = source.partition(":")
        names = dict(self.sources())
        if cube is None or source not in names:
            return

        def keep(runs: Runs) -> None:
            if cube.same_pixels(self._session.cube):
                self._add_new(runs, f"{names[source]} {_range_title(low, high)}")

        entry = self._session.entry(int(number)) if kind == SCORES else None
        if entry is not None:
            self._jobs.quick(
                range_of_map, entry.result.scores, low, high, key="range", done=keep, failed=self._complain
            )
        else:
            self._jobs.quick(range_of_band, cube, int(number), low, high, key="range", done=keep, failed=self._complain)

    def zoom_to(self, region_id: int) -> None:
        """Bring a region into view."""
        region, cube = self._session.regions.get(region_id), self._session.cube
        box = None if region is None or cube is None else runs_of.bounds(self._runs_now(region, cube))
        if box is not None:
            self._image.zoom_to(Window(*box))

    def use_as_truth(self, region_ids: Sequence[int]) -> None:
        """Make regions, all of them together, the known anomalies."""
        regions = self.regions(region_ids)
        if regions:
            names = self._session.regions.use_as_truth(regions)
            self._messages.info(f"The truth is {names} now. Undo brings the one before back.")

    def give_role(self, role: str, region_id: int) -> None:
        """Let the next run of a detector use a region."""
        self._scope.choose(role, region_id)
        self._raise_detector()

    def open(self, path: Path) -> None:
        """Add the regions in a file."""
        from hadviewer.io.regions.files import read_regions

        cube = self._session.cube
        if cube is None:
            self._messages.warn(f"{path.name} holds regions: open the cube they are for first.")
            return

        def keep(found: list[Region]) -> None:
            if cube.same_pixels(self._session.cube):
                added = self._session.regions.take(found, path.name)
                self._choose(added[0].id)
                self._messages.info(f"{len(added)} region{'s' * (len(added) > 1)} from {path.name}.")

        self._jobs.quick(read_regions, path, cube.shape[:2], cube.geo, done=keep, failed=self._complain)

    def open_dropped(self, paths: Sequence[Path], others: Callable[[list[Path]], None]) -> None:
        """Open those of the dropped files that hold regions; the others are left to who knows them."""

        def sort_out(found: list[Path]) -> None:
            rest = [path for path in paths if path not in found]
            if rest:
                others(rest)
            for path in found:
                self.open(path)

        self._jobs.quick(_regions_among, list(paths), done=sort_out, failed=self._complain)

    def save(self, path: Path, region_ids: Sequence[int] | None) -> None:
        """Write these regions, None for all."""
        from hadviewer.io.regions.files import write_regions

        cube, regions = self._session.cube, self.regions(region_ids)
        if cube is None or not regions:
            return

        def tell(written: Path) -> None:
            self._messages.info(f"The regions are in {written}.")

        self._jobs.quick(
            write_regions, path, regions, cube.shape[:2], cube.geo, title=f"Export {path.name}",
            done=tell, failed=self._complain,
        )  # fmt: skip

    def regions(self, region_ids: Sequence[int] | None) -> list[Region]:
        """Those with these ids, None for all of them."""
        return [item for item in self._session.state.regions if region_ids is None or item.id in region_ids]

    def request_parts(self) -> dict[str, Any]:
        """What the detector panel says about pixels, as fields of a request."""
        from hadviewer.engine.scope import selection_of

        cube = self._session.cube
        if cube is None:
            return {}
        parts: dict[str, Any] = {}
        for role, choice in self._scope.chosen().items():
            region = self._session.regions.get(choice) if isinstance(choice, int) else None
            if choice == IN_VIEW:
                parts["region"] = self._image.window()
            elif region is not None:
                parts[role] = selection_of(region.name, self._runs_now(region, cube))
        return parts

    # Inside

    def _connect(self, panel: "RegionsPanelLike", image: "RegionImageLike") -> None:
        panel.tool_chosen.connect(self.use_tool)
        panel.selected.connect(self._select)
        panel.new_requested.connect(self.new)
        panel.renamed.connect(lambda number, name: self._session.regions.update(number, name=name))
        panel.shown.connect(lambda number, visible: self._session.regions.update(number, visible=visible))
        panel.recoloured.connect(lambda number, colour: self._session.regions.update(number, colour=colour))
        panel.remove_requested.connect(self._session.regions.remove)
        panel.zoom_requested.connect(self.zoom_to)
        panel.truth_requested.connect(self.use_as_truth)
        panel.role_requested.connect(self.give_role)
        panel.from_mask_requested.connect(self.from_mask)
        panel.from_truth_requested.connect(self.from_truth)
        image.drawn.connect(self.draw)
        image.grown.connect(self.grow)
        image.left.connect(lambda: self.use_tool(None))

    def _add(self, part: Part) -> None:
        if self._session.regions.get(self._selected) is None:
            self._choose(self._session.regions.add((part,)).id)
        else:
            assert self._selected is not None
            self._session.regions.draw(self._selected, part)

    def _add_new(self, runs: Runs, name: str) -> None:
        if len(runs):
            self._choose(self._session.regions.add((Patch(runs),), name).id)
        else:
            self._messages.warn(f"{name} has no pixels.")

    def _choose(self, region_id: int) -> None:
        self._selected = region_id
        self._panel.select(region_id)
        self._show_image()

    def _select(self, region_id: int | None) -> None:
        self._selected = region_id
        self._show_image()

    def _show_scene(self) -> None:
        self._selected, self._known = None, {}
        if self._session.cube is None and self._tool is not None:
            self.use_tool(None)
        self._show_ready()
        self._show()

    def _show_ready(self) -> None:
        entry = self._session.selected
        mask = entry is not None and self._session.mask_layer(entry.id) is not None
        self._panel.set_ready(self._session.cube is not None, mask, self._session.truth is not None)

    def _show(self) -> None:
        """Show the regions; find the pixels of those that changed, in the background."""
        regions = self._session.state.regions
        self._known = {item.id: self._known[item.id] for item in regions if self._runs(item) is not None}
        self._show_rows()
        self._show_image()
        self._scope.offer([(item.id, item.name) for item in regions])
        cube = self._session.cube
        missing = [item for item in regions if item.id not in self._known]
        if cube is None or not missing:
            return

        def keep(found: list[Runs]) -> None:
            if cube.same_pixels(self._session.cube):
                self._known |= {item.id: (item, runs) for item, runs in zip(missing, found, strict=True)}
                self._show_rows()
                self._show_image()

        self._jobs.quick(_pixels_of, missing, cube, key="region-pixels", done=keep)

    def _show_rows(self) -> None:
        rows = [
            RegionRow(
                item.id,
                item.name,
                item.colour,
                item.visible,
                None if (runs := self._runs(item)) is None else runs_of.count(runs),
            )
            for item in self._session.state.regions
        ]
        self._panel.set_rows(rows)

    def _show_image(self) -> None:
        regions = self._session.state.regions
        pixels = {item.id: runs for item in regions if (runs := self._runs(item)) is not None}
        self._image.show(regions, self._selected, pixels)

    def _runs(self, region: Region) -> Runs | None:
        """The pixels of a region, where they have not changed since they were found."""
        known = self._known.get(region.id)
        return known[1] if known is not None and known[0].parts is region.parts else None

    def _runs_now(self, region: Region, cube: Cube) -> Runs:
        """The same, found at once if need be."""
        runs = self._runs(region)
        return region.runs(cube.shape[:2]) if runs is None else runs

    def _complain(self, job: Job) -> None:
        self._messages.error(job.error, job.details)


def _pixels_of(regions: list[Region], cube: Cube) -> list[Runs]:
    return [region.runs(cube.shape[:2]) for region in regions]


def _regions_among(paths: list[Path]) -> list[Path]:
    from hadviewer.io.regions.files import holds_regions

    return [path for path in paths if holds_regions(path)]


def _band_title(cube: Cube, band: int) -> str:
    centres = cube.bands.centres
    return f"Band {band + 1}" if centres is None else f"Band {band + 1} ({centres[band]:.1f} nm)"


def _range_title(low: float | None, high: float | None) -> str:
    if low is None:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high is None else f"{low:g}–{high:g}"


def _mask_runs(result: Any, threshold: float, cleaning: Any) -> Runs:
    from hadviewer.engine.export import mask_of

    return runs_of.of_mask(np.asarray(mask_of(result, threshold, cleaning) == 2))
