"""The composition root: session, jobs, window and the views seen at once; after the first paint all the rest."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QSize, Qt, QTimer

from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session
from hadviewer.engine.settings import SettingsStore
from hadviewer.engine.worker import Worker
from hadviewer.gui.commands import Commands
from hadviewer.gui.main_window import MainWindow
from hadviewer.gui.messages import Messages
from hadviewer.gui.theme import Theme
from hadviewer.gui.threads import Threads
from hadviewer.gui.views.display_panel import DisplayPanel
from hadviewer.gui.views.layers_panel import LayersPanel
from hadviewer.gui.views.results_panel import ResultsPanel
from hadviewer.gui.views.spectrum_view import SpectrumView
from hadviewer.gui.views.view_grid import ViewGrid

if TYPE_CHECKING:
    from hadviewer.gui.controllers.agreement import AgreementController
    from hadviewer.gui.controllers.bad_bands import BadBandsController
    from hadviewer.gui.controllers.band_player import BandPlayerController
    from hadviewer.gui.controllers.comparison import ComparisonController
    from hadviewer.gui.controllers.components import ComponentsController
    from hadviewer.gui.controllers.cube_export import CubeExportController
    from hadviewer.gui.controllers.cursor import CursorController
    from hadviewer.gui.controllers.detection import DetectionController
    from hadviewer.gui.controllers.display import DisplayController
    from hadviewer.gui.controllers.evaluation import EvaluationController
    from hadviewer.gui.controllers.export import ExportController
    from hadviewer.gui.controllers.fen import FENController
    from hadviewer.gui.controllers.goto import GotoController
    from hadviewer.gui.controllers.layers import LayersController
    from hadviewer.gui.controllers.libraries import LibraryController
    from hadviewer.gui.controllers.map_marks import MapMarksController
    from hadviewer.gui.controllers.metadata import MetadataController
    from hadviewer.gui.controllers.overview import OverviewController
    from hadviewer.gui.controllers.palette import PaletteController
    from hadviewer.gui.controllers.profile import ProfileController
    from hadviewer.gui.controllers.recovery import RecoveryController
    from hadviewer.gui.controllers.region_spectra import RegionSpectraController
    from hadviewer.gui.controllers.regions import RegionsController
    from hadviewer.gui.controllers.report import ReportController
    from hadviewer.gui.controllers.results import ResultsController
    from hadviewer.gui.controllers.review import ReviewController
    from hadviewer.gui.controllers.scene import SceneController
    from hadviewer.gui.controllers.segmentation import SegmentationController
    from hadviewer.gui.controllers.segments import SegmentsController
    from hadviewer.gui.controllers.session_file import SessionFileController
    from hadviewer.gui.controllers.shortcuts import ShortcutsController
    from hadviewer.gui.controllers.spectrum import SpectrumController
    from hadviewer.gui.controllers.threshold import ThresholdController
    from hadviewer.gui.controllers.tiles import TileLoader
    from hadviewer.gui.controllers.tour import TourController
    from hadviewer.gui.controllers.training import TrainingController
    from hadviewer.gui.controllers.view_picture import ViewPictureController
    from hadviewer.gui.controllers.views import ViewsController
    from hadviewer.gui.controllers.weights import WeightsController
    from hadviewer.gui.spectra_parts import SpectrumTools
    from hadviewer.gui.views.agreement_view import AgreementView
    from hadviewer.gui.views.bad_bands_dialog import BadBandsDialog
    from hadviewer.gui.views.band_marker import BandMarker
    from hadviewer.gui.views.detector_panel import DetectorPanel
    from hadviewer.gui.views.entry_chooser import EntryChooser
    from hadviewer.gui.views.fen_dialog import FENDialog
    from hadviewer.gui.views.library_panel import LibraryPanel
    from hadviewer.gui.views.metadata_editor import MetadataEditor
    from hadviewer.gui.views.overview import Overview
    from hadviewer.gui.views.palette import CommandPalette
    from hadviewer.gui.views.range_dialog import RangeDialog
    from hadviewer.gui.views.region_overlay import RegionImage
    from hadviewer.gui.views.region_statistics import RegionStatistics
    from hadviewer.gui.views.regions_panel import RegionsPanel
    from hadviewer.gui.views.review_view import ReviewView
    from hadviewer.gui.views.scene_info import SceneInfo
    from hadviewer.gui.views.segments_view import SegmentsView
    from hadviewer.gui.views.session_dialogs import SessionDialogs
    from hadviewer.gui.views.shortcut_editor import ShortcutEditor
    from hadviewer.gui.views.superpixel_panel import SuperpixelPanel
    from hadviewer.gui.views.threshold_view import ThresholdView
    from hadviewer.gui.views.tour_view import TourView

Area = Qt.DockWidgetArea
NEVER_PAINTED_MS = 1000
"""A window that starts minimised is not painted; then the rest is built after this while."""


class Workbench(QObject):
    """Everything behind one window.

    Built in two steps, so that the window stands at once: what is seen, then (``gui/assembly.py``) the hidden docks,
    dialogs and controllers. ``when_complete`` waits for the second.
    """

    scene: "SceneController"
    session_file: "SessionFileController"
    session_dialogs: "SessionDialogs"
    recovery: "RecoveryController"
    tiles: "TileLoader"
    display: "DisplayController"
    layers: "LayersController"
    views: "ViewsController"
    overview: "OverviewController"
    overview_view: "Overview"
    comparison: "ComparisonController"
    band_player: "BandPlayerController"
    components: "ComponentsController"
    view_picture: "ViewPictureController"
    goto: "GotoController"
    map_marks: "MapMarksController"
    cursor: "CursorController"
    spectrum: "SpectrumController"
    spectrum_tools: "SpectrumTools"
    profile: "ProfileController"
    segmentation: "SegmentationController"
    segments: "SegmentsController"
    regions: "RegionsController"
    region_spectra: "RegionSpectraController"
    detection: "DetectionController"
    results: "ResultsController"
    evaluation: "EvaluationController"
    threshold: "ThresholdController"
    review: "ReviewController"
    agreement: "AgreementController"
    report: "ReportController"
    training: "TrainingController"
    export: "ExportController"
    cube_export: "CubeExportController"
    fen: "FENController"
    weights: "WeightsController"
    detector_panel: "DetectorPanel"
    fen_dialog: "FENDialog"
    libraries: "LibraryController"
    library_panel: "LibraryPanel"
    entry_chooser: "EntryChooser"
    scene_info: "SceneInfo"
    metadata: "MetadataController"
    metadata_editor: "MetadataEditor"
    bad_bands: "BadBandsController"
    bad_bands_dialog: "BadBandsDialog"
    band_marker: "BandMarker"
    regions_panel: "RegionsPanel"
    range_dialog: "RangeDialog"
    region_image: "RegionImage"
    region_statistics: "RegionStatistics"
    review_view: "ReviewView"
    agreement_view: "AgreementView"
    segments_view: "SegmentsView"
    superpixel_panel: "SuperpixelPanel"
    threshold_view: "ThresholdView"
    palette: "PaletteController"
    palette_view: "CommandPalette"
    shortcuts: "ShortcutsController"
    shortcut_editor: "ShortcutEditor"
    tour: "TourController"
    tour_view: "TourView"

    def __init__(self, store: SettingsStore, theme: Theme) -> None:
        super().__init__()
        self.store = store
        self.session = Session()
        self._threads = Threads()
        self.worker = Worker()
        self.jobs = JobRunner(self._threads.spawn, self._threads.deliver, self.worker)
        self.window = MainWindow()
        self.messages = Messages(self.window.message_bar, self.window.log)
        self.complete = False
        self._waiting: list[Callable[[], None]] = []
        self._build_views()
        self.commands = Commands(self, store, theme)
        self.commands.refresh()
        self.window.painted.connect(self._complete)

    def show(self, *, size: tuple[int, int] | None = None, restore: bool = True) -> None:
        """Show the window as it was left, or in the first layout."""
        if size is not None:
            self.window.resize(QSize(*size))
        geometry, layout = self.store.text("geometry"), self.store.text("layout")
        restored = restore and size is None and self.window.restore_layout(geometry, layout)
        self.window.show()
        if not restored:
            self.window.arrange()
        QTimer.singleShot(NEVER_PAINTED_MS, self._complete)

    def when_complete(self, act: Callable[[], None]) -> None:
        """Call ``act`` when everything is built, at once if it is."""
        if self.complete:
            act()
        else:
            self._waiting.append(act)

    def open_first(
        self,
        path: str | None,
        entry: str | None = None,
        truth: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        """Open what the program was started with, or the demo scene."""
        from hadviewer.engine.session_file import is_session

        if path is None:
            self.scene.open_demo()
        elif is_session(Path(path)):
            self.session_file.open(Path(path))
        else:
            self.scene.open(Path(path), entry, Path(truth) if truth else None, options)

    def run_detector(self, name: str) -> None:
        """Choose a detector that exists and run it."""
        self.detector_panel.choose(name)
        self.detection.run()

    def after_opening(self, act: Callable[[], None]) -> None:
        """Call ``act`` once, after the next scene has been opened."""

        def once() -> None:
            self.session.scene_changed.disconnect(once)
            QTimer.singleShot(0, act)

        self.session.scene_changed.connect(once)

    def close(self) -> None:
        """Stop all work, end the worker process, remember the layout."""
        geometry, layout = self.window.layout_text()
        self.store.update(geometry=geometry, layout=layout)
        self.jobs.close()
        self._threads.join()
        if self.complete:
            self.recovery.close()

    def _build_views(self) -> None:
        self.image = ViewGrid()
        self.display_panel, self.layers_panel = DisplayPanel(), LayersPanel()
        self.results_panel, self.spectrum_view = ResultsPanel(), SpectrumView()
        window = self.window
        window.set_centre(self.image)
        window.add_dock("display", "Display", Area.LeftDockWidgetArea, self.display_panel, scroll=True)
        window.add_dock("layers", "Layers", Area.LeftDockWidgetArea, self.layers_panel)
        window.add_dock("regions", "Regions", Area.LeftDockWidgetArea)
        window.add_dock("detect", "Detect", Area.RightDockWidgetArea)
        window.add_dock("superpixels", "Superpixels", Area.RightDockWidgetArea)
        window.add_dock("libraries", "Libraries", Area.RightDockWidgetArea)
        window.add_dock("results", "Results", Area.RightDockWidgetArea, self.results_panel)
        window.add_dock("spectrum", "Spectrum", Area.BottomDockWidgetArea, self.spectrum_view)
        window.add_dock("profile", "Profile", Area.BottomDockWidgetArea)
        window.add_dock("threshold", "Threshold", Area.BottomDockWidgetArea)
        window.add_dock("review", "Review", Area.BottomDockWidgetArea)
        window.add_dock("agreement", "Agreement", Area.BottomDockWidgetArea)
        window.add_dock("roc", "ROC", Area.BottomDockWidgetArea)
        window.add_dock("training", "Training", Area.BottomDockWidgetArea)
        window.add_dock("segments", "Segments", Area.BottomDockWidgetArea)
        window.add_dock("log", "Log", Area.BottomDockWidgetArea, window.log)

    def _complete(self) -> None:
        if self.complete:
            return
        self.complete = True
        # Only now: importing it takes longer than painting the window.
        from hadviewer.gui.assembly import assemble

        assemble(self)
        for act in self._waiting:
            act()
        self._waiting.clear()
