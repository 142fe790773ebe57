"""The table of results: what the session holds, line by line."""

import math
from typing import TYPE_CHECKING

from hadviewer.core.errors import ParamError
from hadviewer.core.results import DetectionRequest
from hadviewer.engine import catalog
from hadviewer.engine.session import ResultEntry, Session
from hadviewer.gui.views.data import ResultRow

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import ResultsPanelLike


class ResultsController:
    """Shows the results and passes on what is done to them."""

    def __init__(self, session: Session, panel: "ResultsPanelLike") -> None:
        self._session = session
        self._panel = panel
        panel.selected.connect(session.select_result)
        panel.remove_requested.connect(session.remove_result)
        panel.toggle_requested.connect(self.toggle)
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

    def _refresh(self) -> None:
        self._panel.set_rows([self._row(entry) for entry in self._session.state.results])
        self._on_selected()

    def _on_selected(self) -> None:
        self._panel.set_selected(self._session.state.selected)

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
            about=about(entry),
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
