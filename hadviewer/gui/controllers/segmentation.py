"""Superpixels: computed in the worker process, kept in the session, told about in their panel."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.engine import superpixel_tasks, tasks
from hadviewer.engine.inputs import segmented_bands
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Layer, Segmentation, Session

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike, SuperpixelPanelLike

Labels = NDArray[np.int32]


class SegmentationController:
    """Starts and stops the computation; a scene opened in between makes its outcome void."""

    def __init__(
        self, session: Session, jobs: JobRunner, panel: "SuperpixelPanelLike", messages: "MessagesLike"
    ) -> None:
        self._session, self._jobs, self._panel, self._messages = session, jobs, panel, messages
        self._job: Job | None = None
        self._cube: Cube | None = None
        self._sizes: NDArray[np.intp] | None = None
        session.scene_changed.connect(self._show_scene)
        session.segmentation_changed.connect(self._show_segmentation)
        session.layers_changed.connect(self._show_outline)
        session.cursor_changed.connect(self._show_cursor)
        jobs.job_changed.connect(self._show_progress)
        jobs.job_ended.connect(self._end)
        panel.run_requested.connect(self.run)
        panel.cancel_requested.connect(self.cancel)
        panel.outline_toggled.connect(self._set_outline)
        panel.remove_requested.connect(self.remove)
        self._show_scene()

    def run(self, params: superpixel_tasks.SuperpixelParams) -> None:
        """Cut the open scene into superpixels."""
        cube = self._session.cube
        if cube is None or self._job is not None:
            return

        def keep(found: tuple[Labels, NDArray[np.float32], NDArray[np.float32] | None]) -> None:
            if self._session.cube is cube:
                self._session.set_segmentation(Segmentation(*found[:2], params.model_dump()))

        self._panel.set_running(True)
        self._job = self._jobs.heavy(
            superpixel_tasks.segment,
            tasks.CubeReference.of(cube),
            segmented_bands(cube),
            params,
            None,
            title="Superpixels",
            done=keep,
            failed=self._fail,
        )
        if self._job.finished:
            self._end(self._job)

    def cancel(self) -> None:
        """Stop the computation."""
        if self._job is not None:
            self._jobs.cancel(self._job)

    def remove(self) -> None:
        """Do without superpixels."""
        if self._session.state.segmentation is not None:
            self._session.set_segmentation(None)

    def _fail(self, job: Job) -> None:
        self._panel.show_failure(job.error)
        self._messages.error(job.error, job.details)

    def _show_progress(self, job: Job) -> None:
        if job is self._job:
            self._panel.set_progress(job.fraction, job.message)

    def _end(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._panel.set_running(False)

    def _show_scene(self) -> None:
        """A computation for another cube is of no use any more."""
        if self._session.cube is not self._cube:
            self._cube = self._session.cube
            self.cancel()
        self._panel.set_ready(self._cube is not None)

    def _show_segmentation(self) -> None:
        """Count the pixels of each superpixel in the background."""
        self._sizes = None
        self._show_outline()
        found = self._session.state.segmentation
        if found is not None:

            def keep(sizes: NDArray[np.intp]) -> None:
                if self._session.state.segmentation is found:
                    self._sizes = sizes
                    self._show_cursor(self._session.cursor)

            self._jobs.quick(_sizes, found.labels, found.count, key="segment-sizes", done=keep)

    def _show_outline(self) -> None:
        found, layer = self._session.state.segmentation, self._layer()
        self._panel.set_segments(0 if found is None else found.count, layer is not None and layer.visible)
        self._show_cursor(self._session.cursor)

    def _set_outline(self, shown: bool) -> None:
        layer = self._layer()
        if layer is not None:
            self._session.update_layer(layer.id, visible=shown)
        elif shown:
            self._session.set_segmentation(self._session.state.segmentation)

    def _layer(self) -> Layer | None:
        return next((layer for layer in self._session.state.layers if layer.kind == "segments"), None)

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


def _sizes(labels: Labels, count: int) -> NDArray[np.intp]:
    return np.bincount(labels[labels >= 0], minlength=count)


def _inside(pixel: tuple[int, int], shape: tuple[int, ...]) -> bool:
    return 0 <= pixel[0] < shape[0] and 0 <= pixel[1] < shape[1]


def _pixels(count: int) -> str:
    return "1 pixel" if count == 1 else f"{count} pixels"
