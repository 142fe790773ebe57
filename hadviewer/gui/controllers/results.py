"""The table of results: what the session holds, line by line."""

import itertools
import math
from typing import TYPE_CHECKING

from hadviewer.core.errors import ParamError
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.engine import catalog, verbs
from hadviewer.engine.beside import map_beside, maps_beside
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.gui.views.data import ResultRow

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike, ResultsPanelLike

MOST_NAMES = 3
"""Results that the title of a fusion names."""


class ResultsController:
    """Shows the results, passes on what is done to them, and makes one of several."""

    def __init__(self, session: Session, jobs: JobRunner, panel: "ResultsPanelLike", messages: "MessagesLike") -> None:
        self._session = session
        self._jobs = jobs
        self._panel = panel
        self._messages = messages
        self._about: dict[int, str] = {}
        panel.selected.connect(session.select_result)
        panel.remove_requested.connect(session.remove_result)
        panel.toggle_requested.connect(self.toggle)
        panel.fuse_requested.connect(self.fuse)
        panel.map_requested.connect(self.add_map)
        session.results_changed.connect(self._refresh)
        session.layers_changed.connect(self._refresh)
        session.evaluations_changed.connect(self._refresh)
        session.selected_changed.connect(self._on_selected)
        self._refresh()

    def toggle(self, result: int) -> None:
        """Show or hide the score map of a result; one whose layer was removed gets another."""
        layers = [item for item in self._session.state.layers if item.kind == "scores" and item.result == result]
        if not layers:
            self._session.lay_map(result)
        for layer in layers:
            self._session.update_layer(layer.id, visible=not layer.visible)

    def remove_selected(self) -> None:
        """Take the selected result away."""
        if self._session.state.selected is not None:
            self._session.remove_result(self._session.state.selected)

    def fuse(self, chosen: tuple[int, ...]) -> None:
        """Add the ranks of these results up to a new one."""
        entries = [entry for entry in self._session.state.results if entry.id in chosen]
        cube = self._session.cube
        if len(entries) < 2:
            self._messages.info("Mark two or more results in the table first, with Ctrl+click.")
            return

        def done(result: DetectionResult) -> None:
            if cube is not None and cube.same_pixels(self._session.cube):
                self._session.add_result(result, self._title(entries))

        self._jobs.quick(
            verbs.fuse,
            [entry.result for entry in entries],
            title=f"Fuse {len(entries)} results",
            done=done,
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def add_map(self, result: int, name: str) -> None:
        """Make a result of a map that the run of another left beside its scores."""
        entry = self._session.entry(result)
        if entry is not None:
            self._session.add_result(map_beside(entry.result, name), f"{entry.title} · {name}")

    def _title(self, entries: list[ResultEntry]) -> str:
        """'GRX + LRX', or how many where they are too many to name; with a number where that is taken."""
        names = [entry.title for entry in entries]
        base = " + ".join(names) if len(names) <= MOST_NAMES else f"Fusion of {len(names)}"
        taken = {entry.title for entry in self._session.state.results}
        numbered = (f"{base} {number}" for number in itertools.count(2))
        return base if base not in taken else next(title for title in numbered if title not in taken)

    def _refresh(self) -> None:
        self._panel.set_rows([self._row(entry) for entry in self._session.state.results])
        self._on_selected()

    def _on_selected(self) -> None:
        self._panel.set_selected(self._session.state.selected)

    def _told(self, entry: ResultEntry) -> str:
        """Everything known of a result; told once, for it counts pixels."""
        if entry.id not in self._about:
            self._about[entry.id] = about(entry)
        return self._about[entry.id]

    def _row(self, entry: ResultEntry) -> ResultRow:
        evaluation = self._session.evaluations.get(entry.id)
        auc = None if evaluation is None or math.isnan(evaluation.auc_pd_pf) else evaluation.auc_pd_pf
        layers = [item for item in self._session.state.layers if item.kind == "scores" and item.result == entry.id]
        return ResultRow(
            id=entry.id,
            title=entry.title,
            colour=entry.colour,
            parameters=changed_parameters(entry.result.request),
            seconds=entry.result.seconds,
            auc=auc,
            notes=entry.result.notes,
            visible=any(layer.visible for layer in layers),
            about=self._told(entry),
            maps=maps_beside(entry.result),
        )


def changed_parameters(request: DetectionRequest) -> str:
    """'inner 7, outer 21': the detector's parameters that are not at their defaults."""
    try:
        defaults = catalog.detectors().get(request.detector).params().model_dump(mode="json")
    except ParamError:
        defaults = {}
    changed = {name: value for name, value in request.params.items() if defaults.get(name) != value}
    return _listed(changed)


def about(entry: ResultEntry) -> str:
    """Everything known of how a result came, one fact a line."""
    result = entry.result
    request, provenance = result.request, result.provenance
    source = provenance.get("source", {})
    facts = {
        "Detector": request.detector,
        "Parameters": _listed(request.params) or "none",
        "Transforms": "; ".join(f"{step.id} {_listed(step.params)}".strip() for step in request.transforms) or "none",
        "Bands": f"{request.bands} ({provenance.get('bands_used', '?')} used)",
        "Seed": request.seed,
        "Device": result.device,
        "Time": f"{result.seconds:.3g} s",
        "Started": provenance.get("started", ""),
        "Source": source.get("path") or source.get("name", ""),
        "Entry": source.get("entry") or "",
        "Pixels without a score": result.invalid_pixels,
        "Software": provenance.get("software", ""),
        "Notes": " ".join(result.notes),
    }
    return "\n".join(f"{name}: {value}" for name, value in facts.items() if value != "")


def _listed(values: dict[str, object]) -> str:
    return ", ".join(
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in values.items()
    )
