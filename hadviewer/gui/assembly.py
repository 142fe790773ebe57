"""The second half of the composition root: hidden docks, dialogs, controllers, and what is tied to what."""

from pathlib import Path

from PyQt6.QtGui import QIcon

from hadviewer.assets import resources
from hadviewer.engine import catalog
from hadviewer.engine.jobs import Job
from hadviewer.gui.assembly_display import assemble_display
from hadviewer.gui.comfort_parts import assemble_comfort
from hadviewer.gui.controllers.consent import ConsentController
from hadviewer.gui.controllers.cursor import CursorController
from hadviewer.gui.controllers.detection import DetectionController
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.evaluation import EvaluationController
from hadviewer.gui.controllers.fen import FENController
from hadviewer.gui.controllers.layers import LayersController
from hadviewer.gui.controllers.results import ResultsController
from hadviewer.gui.controllers.threshold import ThresholdController
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.controllers.training import TrainingController
from hadviewer.gui.controllers.weights import WeightsController
from hadviewer.gui.export_parts import assemble_export
from hadviewer.gui.library_parts import assemble_libraries
from hadviewer.gui.region_parts import assemble_regions
from hadviewer.gui.review_parts import assemble_review
from hadviewer.gui.scene_parts import assemble_scene
from hadviewer.gui.session_parts import assemble_sessions, open_dropped
from hadviewer.gui.spectra_parts import assemble_spectra
from hadviewer.gui.superpixel_parts import assemble_superpixels
from hadviewer.gui.view_parts import assemble_views
from hadviewer.gui.views.consent_dialog import ConsentDialog
from hadviewer.gui.views.detector_panel import DetectorPanel
from hadviewer.gui.views.fen_dialog import FENDialog
from hadviewer.gui.views.roc_view import RocView
from hadviewer.gui.views.threshold_view import ThresholdView
from hadviewer.gui.views.training_view import TrainingView
from hadviewer.gui.workbench import Workbench
from hadviewer.render.cache import ArrayCache

LEAST_TILES = 64 * 2**20
"""Bytes for finished tiles at least: a large screen with a few layers."""


def assemble(bench: Workbench) -> None:
    """Build what the first paint could do without."""
    window, session, jobs, messages = bench.window, bench.session, bench.jobs, bench.messages
    window.setWindowIcon(QIcon(str(resources() / "icons" / "hadviewer.svg")))
    bench.detector_panel = DetectorPanel()
    bench.threshold_view, roc_view, training_view = ThresholdView(), RocView(), TrainingView()
    window.fill_dock("detect", bench.detector_panel)
    window.fill_dock("threshold", bench.threshold_view)
    window.fill_dock("roc", roc_view)
    window.fill_dock("training", training_view)

    def remember(path: Path) -> None:
        bench.store.remember(path)
        bench.commands.fill_recent()

    def forget_message() -> None:
        window.message_bar.hide()

    def fail_to_read(job: Job) -> None:
        messages.error(job.error, job.details)

    # Before the controllers: what was wrong with the scene before is over, what they say about the new one stays.
    session.scene_changed.connect(forget_message)
    budget = bench.store.settings.plane_cache * 2**20
    tiles = TileLoader(jobs, ArrayCache(budget), ArrayCache(max(budget // 2, LEAST_TILES)), fail_to_read)
    bench.tiles = tiles
    assemble_scene(bench, remember)
    bench.display = DisplayController(session, jobs, bench.image.active, bench.display_panel, messages, tiles)
    bench.layers = LayersController(session, jobs, bench.image.active, bench.layers_panel, messages, tiles)
    assemble_views(bench)
    bench.cursor = CursorController(session, jobs, bench.image, window, tiles)
    assemble_spectra(bench)
    assemble_superpixels(bench)
    film_bytes = bench.store.settings.training_memory * 2**20
    bench.training = TrainingController(session, jobs, training_view, messages, film_bytes)
    bench.training.unfinished_changed.connect(bench.layers.show_unfinished)
    consent = ConsentController(jobs, ConsentDialog(window), messages)
    assemble_regions(bench)
    assemble_libraries(bench)
    bench.detection = DetectionController(
        session, jobs, bench.detector_panel, messages, bench.training.watch, consent.ask, bench.regions.request_parts
    )
    _assemble_fen(bench)
    bench.results = ResultsController(session, jobs, bench.results_panel, messages)
    bench.evaluation = EvaluationController(session, jobs, roc_view, messages)
    bench.threshold = ThresholdController(session, jobs, bench.threshold_view, messages)
    assemble_review(bench)
    assemble_export(bench)
    assemble_display(bench)
    assemble_sessions(bench, remember)
    assemble_comfort(bench)
    bench.commands.show_settings()
    _connect(bench)
    # Warms the worker process up: torch is imported there while the user is still looking around.
    bench.detection.ask_devices()


def _assemble_fen(bench: Workbench) -> None:
    def use_weights(folder: Path) -> None:
        bench.detector_panel.transforms.add(catalog.transforms().get("fen"), {"weights": folder})
        bench.window.raise_dock("detect")

    bench.fen_dialog = FENDialog(bench.window)
    bench.fen = FENController(bench.jobs, bench.fen_dialog, bench.messages, bench.training.watch, use_weights)
    bench.weights = WeightsController(bench.session, bench.jobs, bench.detector_panel)


def _connect(bench: Workbench) -> None:
    def export(result: int) -> None:
        bench.session.select_result(result)
        bench.export.ask()

    def refresh() -> None:
        bench.commands.refresh()

    def open_others(paths: list[Path]) -> None:
        bench.libraries.open_dropped(paths, bench.scene.open_dropped)

    def open_regions(paths: list[Path]) -> None:
        bench.regions.open_dropped(paths, open_others)

    bench.image.zoom_changed.connect(bench.window.set_zoom)
    bench.results_panel.export_requested.connect(export)
    bench.window.files_dropped.connect(lambda paths: open_dropped(bench, paths, open_regions))
    session, jobs = bench.session, bench.jobs
    for signal in (session.history_changed, session.selected_changed, jobs.job_added, jobs.job_ended):
        signal.connect(refresh)
