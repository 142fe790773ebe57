"""Runs of detectors: from the form to a result in the session."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import catalog, detection, devices, tasks
from hadviewer.engine.bad_bands import spelled_out
from hadviewer.engine.inputs import SEGMENTS, Handed, Inputs
from hadviewer.engine.jobs import Job, JobRunner, JobState, Report
from hadviewer.engine.scope import scope_of
from hadviewer.engine.session import Session
from hadviewer.gui.views.data import DeviceChoice, JobLine
from hadviewer.io.consent import ConsentNeeded

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import DetectorPanelLike, MessagesLike
    from hadviewer.io.consent import Program


class DetectionController:
    """Starts runs, shows how they go, and adds their results.

    Every job of the worker process is listed, whoever asked for it, for each waits for those before it. ``watch`` gives
    what hears of a run's curves and pictures, by its title, cube and region. ``ask`` asks whether programs may run, and
    if so calls what starts the run again. ``pixels`` gives the fields of a request that say which pixels it is about.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        panel: "DetectorPanelLike",
        messages: "MessagesLike",
        watch: Callable[[str, Cube, Window | None], Report] | None = None,
        ask: "Callable[[Sequence[Program], Callable[[], None]], None] | None" = None,
        pixels: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self._session = session
        self._jobs = jobs
        self._panel = panel
        self._messages = messages
        self._watch, self._ask, self._pixels = watch, ask, pixels
        self._asked_devices = False
        self._runs: dict[int, Cube] = {}
        self._promised: set[str] = set()
        found = catalog.detectors()
        panel.set_detectors(list(found), found.broken)
        panel.set_transforms(list(catalog.transforms()))
        panel.set_devices([_choice(devices.cpu())])
        panel.run_requested.connect(self.run)
        panel.cancel_requested.connect(self.cancel)
        panel.clear_requested.connect(panel.remove_job)
        jobs.job_added.connect(self._on_job)
        jobs.job_changed.connect(self._on_job)
        jobs.job_ended.connect(self._on_job)
        session.scene_changed.connect(self._on_scene)
        session.segmentation_changed.connect(self._show_segmentation)
        self._on_scene()
        self._show_segmentation()

    def ask_devices(self) -> None:
        """Ask the worker process which devices there are; it warms up on the way. Only the first call asks."""
        if not self._asked_devices:
            self._asked_devices = True
            self._jobs.heavy(tasks.list_devices, title="", done=self._on_devices)

    def run(self) -> None:
        """Run what the panel says, unless something in it is wrong: then that is marked and nothing starts."""
        cube = self._session.cube
        request = self._panel.request()
        if cube is None or request is None:
            return
        self._panel.clear_errors()
        checked = self._checked(request.model_copy(update=self._pixels()), cube)
        if checked is not None:
            self.start(checked, cube)

    def start(self, request: DetectionRequest, cube: Cube) -> None:
        """Queue a run of a request that is complete."""
        title = self._title(request)
        self._promised.add(title)

        def done(result: DetectionResult) -> None:
            self._promised.discard(title)
            self._add(result, title, cube)

        job = self._jobs.heavy(
            tasks.detect,
            spelled_out(request, cube),
            tasks.CubeReference.of(cube),
            self._inputs(),
            title=title,
            done=done,
            failed=lambda failed: self._on_failed(failed, title, lambda: self.start(request, cube)),
            report=self._watch(title, cube, scope_of(request, cube).window) if self._watch is not None else None,
        )
        if not job.finished:
            self._runs[job.id] = cube

    def cancel(self, number: int) -> None:
        """Stop one job."""
        for job in self._jobs.active:
            if job.id == number:
                self._jobs.cancel(job)

    def cancel_all(self) -> None:
        """Stop every job of the worker process, those that wait first."""
        for job in reversed(self._jobs.active):
            if job.heavy:
                self._jobs.cancel(job)

    def _checked(self, request: DetectionRequest, cube: Cube) -> DetectionRequest | None:
        """The complete request, or None after marking what is wrong with it."""
        for index, step in enumerate(request.transforms):
            try:
                parse(catalog.transforms().get(step.id).params, step.params)
            except ParamError as error:
                self._panel.show_error(error.field, str(error), index)
                return None
        try:
            return detection.complete(request, cube)
        except ParamError as error:
            self._panel.show_error(error.field, str(error))
            return None

    def _inputs(self) -> Inputs:
        """What is handed to the detector beside the cube: the superpixels shown, where that is wanted."""
        found = self._session.state.segmentation
        if found is None or not self._panel.uses_segments():
            return {}
        return {SEGMENTS: Handed(found.labels, found.options)}

    def _show_segmentation(self) -> None:
        found = self._session.state.segmentation
        self._panel.set_segments(0 if found is None else found.count)

    def _title(self, request: DetectionRequest) -> str:
        """'GRX', 'PCA, GRX (bands 1-50)', with a number behind it where the name is taken."""
        steps = [*(step.id for step in request.transforms), request.detector]
        bands = request.bands.strip()
        base = ", ".join(step.upper() for step in steps)
        base += "" if bands.lower() in ("", "usable") else f" ({'all bands' if bands == 'all' else f'bands {bands}'})"
        base += f" in {request.inside.name}" if request.inside else " in view" if request.region else ""
        taken = self._promised | {entry.title for entry in self._session.state.results}
        title, number = base, 1
        while title in taken:
            number += 1
            title = f"{base} {number}"
        return title

    def _add(self, result: DetectionResult, title: str, cube: Cube) -> None:
        if not cube.same_pixels(self._session.cube):
            self._messages.warn(f"{title} ran on {cube.name}, which is no longer open: its result was not kept.")
            return
        self._session.add_result(result, title)
        notes = [note for note in result.notes if note not in cube.notes]
        if notes:
            self._messages.info(f"{title}: {' '.join(notes)}")

    def _on_failed(self, job: Job, title: str, again: Callable[[], None]) -> None:
        self._promised.discard(title)
        if isinstance(job.cause, ConsentNeeded) and self._ask is not None:
            self._ask(job.cause.programs, again)
            return
        self._messages.error(f"{title} failed: {job.error}", job.details)

    def _on_job(self, job: Job) -> None:
        if not job.heavy:
            return
        if job.finished:
            self._runs.pop(job.id, None)
        if job.state is JobState.CANCELLED:
            self._promised.discard(job.title)
        if job.state in (JobState.DONE, JobState.CANCELLED) or isinstance(job.cause, ConsentNeeded):
            self._panel.remove_job(job.id)
        else:
            self._panel.show_job(_line(job))

    def _on_scene(self) -> None:
        """Stop runs on a scene that is gone: their results would have nowhere to go."""
        cube = self._session.cube
        self._panel.set_ready(cube is not None)
        stale = [job for job in self._jobs.active if job.id in self._runs and not self._runs[job.id].same_pixels(cube)]
        for job in reversed(stale):
            self._jobs.cancel(job)
        if stale:
            names = ", ".join(job.title for job in stale)
            self._messages.info(f"Another scene was opened, so these runs on the one before were stopped: {names}.")

    def _on_devices(self, found: "tuple[devices.Device, ...]") -> None:
        self._panel.set_devices([_choice(device) for device in found])


def _choice(device: devices.Device) -> DeviceChoice:
    return DeviceChoice(device.id, device.title)


def _line(job: Job) -> JobLine:
    return JobLine(job.id, job.title, str(job.state), job.fraction, job.seconds, job.message, job.error)
