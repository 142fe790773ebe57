"""Superpixels: computed in the worker process, kept in the session, told about in their panel."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.engine import superpixel_tasks, tasks
from hadviewer.engine.display import resolve
from hadviewer.engine.inputs import segmented_bands
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.layering import FILL_KINDS
from hadviewer.engine.session import Layer, LayerKind, Segmentation, Session
from hadviewer.engine.superpixel_tasks import Features, Labels, SuperpixelParams
from hadviewer.gui.views.segment_data import SegmentPreview
from hadviewer.render.overlay import borders, mask_picture

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.segment_protocols import SegmentImageLike, SuperpixelPanelLike

COLOUR = "#ffd54a"
PREVIEW = "A preview of the part in sight{scale}. Compute cuts the whole scene."


@dataclass(frozen=True)
class Order:
    """What is to be computed: of the whole scene, or as a preview of ``window``; ``live`` as a value is turned."""

    params: SuperpixelParams
    live: bool = False
    window: Window | None = None


@dataclass(frozen=True, eq=False)
class Known:
    """The features of the open scene, read before; they depend on ``key`` only."""

    key: tuple[object, ...]
    features: Features


class SegmentationController:
    """Starts and stops the computation; a scene opened in between makes its outcome void.

    One computation at a time: while it goes on others may be asked for, and only the last of them comes next. What was
    read for one serves the next. While ``live``, large scenes are cut in sight only, and no further than on the screen.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        panel: "SuperpixelPanelLike",
        image: "SegmentImageLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._jobs, self._panel, self._messages = session, jobs, panel, messages
        self._image = image
        self._job: Job | None = None
        self._doing: Order | None = None
        self._next: Order | None = None
        self._live: SuperpixelParams | None = None
        self._known: Known | None = None
        self._cube: Cube | None = None
        self._sizes: NDArray[np.intp] | None = None
        session.scene_changed.connect(self._show_scene)
        session.segmentation_changed.connect(self._show_segmentation)
        session.layers_changed.connect(self._show_layers)
        session.selected_changed.connect(self._show_layers)
        session.cursor_changed.connect(self._show_cursor)
        session.display_changed.connect(self._follow_display)
        session.bands_changed.connect(self._follow_bands)
        jobs.job_changed.connect(self._show_progress)
        jobs.job_ended.connect(self._end)
        image.view_changed.connect(self._follow_view)
        panel.run_requested.connect(self.run)
        panel.live_changed.connect(self.follow)
        panel.cancel_requested.connect(self.cancel)
        panel.outline_toggled.connect(self._set_outline)
        panel.fill_chosen.connect(self.fill)
        panel.remove_requested.connect(self.remove)
        self._show_scene()

    # What users ask for

    def run(self, params: SuperpixelParams) -> None:
        """Cut the open scene into superpixels."""
        self._ask(Order(self._complete(params)))

    def follow(self, params: SuperpixelParams | None) -> None:
        """Cut like this at once, and again when what it depends on changes; None: on request only."""
        self._live = params
        if params is None:
            self._next = None
            self._show_preview(None)
        elif (cube := self._session.cube) is not None:
            self._ask(self._live_order(params, cube))

    def cancel(self) -> None:
        """Stop the computation."""
        self._next = None
        if self._job is not None:
            self._jobs.cancel(self._job)

    def fill(self, kind: str) -> None:
        """Colour the superpixels by a kind of layer, '' by none."""
        kinds: dict[str, LayerKind] = {"segment_scores": "segment_scores", "segment_colours": "segment_colours"}
        self._session.fill_segments(kinds.get(kind))
        self._show_layers()

    def remove(self) -> None:
        """Do without superpixels."""
        self._panel.stop_live()
        self.follow(None)
        if self._session.state.segmentation is not None:
            self._session.set_segmentation(None)

    # How it goes

    def _live_order(self, params: SuperpixelParams, cube: Cube) -> Order:
        params = self._complete(params)
        if cube.shape[0] * cube.shape[1] <= superpixel_tasks.LIVE_PIXELS:
            return Order(params, live=True)
        view = self._image.viewport
        return Order(params, live=True, window=view.window if view is not None else Window(0, 0, 0, 0))

    def _complete(self, params: SuperpixelParams) -> SuperpixelParams:
        """The parameters with the bands of the composite on the screen, where that is what counts."""
        cube = self._session.cube
        if cube is None or params.channels != "composite":
            return params
        bands = sorted(set(resolve(self._session.state.display, cube).bands))
        return params.model_copy(update={"composite": ",".join(str(band + 1) for band in bands)})

    def _ask(self, order: Order) -> None:
        """Start now, or next."""
        cube = self._session.cube
        if cube is None or order == self._doing or (order.window is not None and 0 in order.window.shape):
            return
        if order.window is not None and self._is_shown(order.params):
            self._show_preview(None)
            return
        if self._job is not None:
            if not order.live or self._next is None or self._next.live:  # what was pressed for is not forgotten
                self._next = order
            return
        self._doing = order
        self._panel.set_running(True)
        self._job = self._start(cube, order) if order.window is None else self._start_preview(cube, order, order.window)
        if self._job.finished:
            self._end(self._job)

    def _is_shown(self, params: SuperpixelParams) -> bool:
        """Whether the whole scene is cut like this."""
        found = self._session.state.segmentation
        return found is not None and found.options == params.model_dump()

    def _start(self, cube: Cube, order: Order) -> Job:
        params = order.params
        key = (params.channels, params.components, params.composite, tuple(segmented_bands(cube).tolist()))
        known = self._known.features if self._known is not None and self._known.key == key else None

        def keep(found: tuple[Labels, NDArray[np.float32], Features | None]) -> None:
            labels, means, features = found
            if not self._is_open(cube):
                return
            self._known = None if features is None else Known(key, features)
            self._show_preview(None)
            merge = "superpixels" if order.live else ""
            self._session.set_segmentation(Segmentation(labels, means, params.model_dump()), merge=merge)

        return self._jobs.heavy(
            superpixel_tasks.segment,
            tasks.CubeReference.of(cube),
            segmented_bands(cube),
            params,
            known,
            title="Superpixels",
            done=keep,
            failed=self._fail,
        )

    def _start_preview(self, cube: Cube, order: Order, window: Window) -> Job:
        step = superpixel_tasks.preview_step(window)

        def show(preview: SegmentPreview) -> None:
            if self._is_open(cube) and self._live is not None:
                self._show_preview(preview)

        def draw(labels: Labels) -> None:
            self._jobs.quick(_preview, labels, window, step, self._colour, key="superpixel-preview", done=show)

        return self._jobs.heavy(
            superpixel_tasks.preview,
            tasks.CubeReference.of(cube),
            segmented_bands(cube),
            order.params,
            window,
            step,
            title="Superpixels in sight",
            done=draw,
            failed=self._fail,
        )

    def _fail(self, job: Job) -> None:
        self._panel.show_failure(job.error)
        if self._doing is None or not self._doing.live:
            self._messages.error(job.error, job.details)

    def _show_progress(self, job: Job) -> None:
        if job is self._job:
            self._panel.set_progress(job.fraction, job.message)

    def _end(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = self._doing = None
        order, self._next = self._next, None
        if order is not None:
            self._ask(order)
        if self._job is None:
            self._panel.set_running(False)

    # What they depend on

    def _follow_display(self) -> None:
        """Other bands on the screen are another composite."""
        if self._live is not None and self._live.channels == "composite":
            self.follow(self._live)

    def _follow_bands(self) -> None:
        """Other bands are usable."""
        if self._live is not None:
            self.follow(self._live)

    def _follow_view(self) -> None:
        """Another part of a large scene is in sight."""
        cube = self._session.cube
        if self._live is not None and cube is not None:
            order = self._live_order(self._live, cube)
            if order.window is not None:
                self._ask(order)

    def _show_scene(self) -> None:
        """A computation for another cube is of no use any more."""
        if self._cube is None or not self._is_open(self._cube):
            self._cube, self._known, self._live = self._session.cube, None, None
            self._panel.stop_live()
            self._show_preview(None)
            self.cancel()
        self._panel.set_ready(self._cube is not None)

    def _is_open(self, cube: Cube) -> bool:
        """Whether this is the open scene, whatever is known of its bands by now."""
        return self._session.cube is not None and self._session.cube.source is cube.source

    # What is shown

    def _show_preview(self, preview: SegmentPreview | None) -> None:
        self._image.show_preview(preview)
        scale = "" if preview is None or preview.step == 1 else f", of every {_ordinal(preview.step)} pixel"
        self._panel.show_note("" if preview is None else PREVIEW.format(scale=scale))

    def _show_segmentation(self) -> None:
        """Count the pixels of each superpixel in the background."""
        self._sizes = None
        self._show_layers()
        found = self._session.state.segmentation
        if found is not None:

            def keep(sizes: NDArray[np.intp]) -> None:
                if self._session.state.segmentation is found:
                    self._sizes = sizes
                    self._show_cursor(self._session.cursor)

            self._jobs.quick(_sizes, found.labels, found.count, key="segment-sizes", done=keep)

    def _show_layers(self) -> None:
        found, layer, entry = self._session.state.segmentation, self._layer("segments"), self._session.selected
        self._panel.set_segments(0 if found is None else found.count, layer is not None and layer.visible)
        fill = self._layer(*FILL_KINDS)
        kind = fill.kind if fill is not None and fill.visible else ""
        if entry is None and kind == "segment_scores":
            kind = ""
        self._panel.set_fill(kind, "" if entry is None else entry.title)
        self._show_cursor(self._session.cursor)

    def _set_outline(self, shown: bool) -> None:
        layer = self._layer("segments")
        if layer is not None:
            self._session.update_layer(layer.id, visible=shown)
        elif shown:
            self._session.set_segmentation(self._session.state.segmentation)

    def _layer(self, *kinds: str) -> Layer | None:
        return next((layer for layer in self._session.state.layers if layer.kind in kinds), None)

    @property
    def _colour(self) -> str:
        layer = self._layer("segments")
        return COLOUR if layer is None else layer.colour

    def _show_cursor(self, pixel: tuple[int, int] | None) -> None:
        found = self._session.state.segmentation
        if found is None or pixel is None or not _inside(pixel, found.labels.shape):
            self._panel.show_segment("")
            return
        label = int(found.labels[pixel])
        if label < 0:
            self._panel.show_segment("No superpixel here: the pixel has no value.")
        elif self._sizes is not None:
            self._panel.show_segment(f"Superpixel {label + 1} of {found.count}: {_pixels(int(self._sizes[label]))}.")


def _preview(labels: Labels, window: Window, step: int, colour: str) -> SegmentPreview:
    return SegmentPreview(labels, window, step, mask_picture(borders(labels), colour), colour)


def _sizes(labels: Labels, count: int) -> NDArray[np.intp]:
    from hadviewer.analysis.segments import measure_segments

    return measure_segments(labels, count).pixels


def _inside(pixel: tuple[int, int], shape: tuple[int, ...]) -> bool:
    return 0 <= pixel[0] < shape[0] and 0 <= pixel[1] < shape[1]


def _pixels(count: int) -> str:
    return "1 pixel" if count == 1 else f"{count} pixels"


def _ordinal(step: int) -> str:
    return {2: "2nd", 3: "3rd"}.get(step, f"{step}th")
