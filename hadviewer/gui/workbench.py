"""The composition root: builds session, jobs, window, views and controllers, and ties them together."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QObject, QSize, Qt, QTimer

from hadviewer.core.errors import ParamError
from hadviewer.engine import catalog
from hadviewer.engine.jobs import JobRunner
from hadviewer.engine.session import Session
from hadviewer.engine.settings import SettingsStore
from hadviewer.engine.tasks import SuperpixelParams
from hadviewer.engine.worker import Worker
from hadviewer.gui.commands import Commands
from hadviewer.gui.controllers._planes import PlaneCache
from hadviewer.gui.controllers.cursor import CursorController
from hadviewer.gui.controllers.detection import DetectionController
from hadviewer.gui.controllers.display import DisplayController
from hadviewer.gui.controllers.evaluation import EvaluationController
from hadviewer.gui.controllers.export import ExportController
from hadviewer.gui.controllers.layers import LayersController
from hadviewer.gui.controllers.results import ResultsController
from hadviewer.gui.controllers.scene import SceneController
from hadviewer.gui.controllers.segmentation import SegmentationController
from hadviewer.gui.controllers.spectrum import SpectrumController
from hadviewer.gui.controllers.threshold import ThresholdController
from hadviewer.gui.main_window import MainWindow
from hadviewer.gui.messages import Messages
from hadviewer.gui.theme import Theme
from hadviewer.gui.threads import Threads
from hadviewer.gui.views.detector_panel import DetectorPanel
from hadviewer.gui.views.display_panel import DisplayPanel
from hadviewer.gui.views.entry_chooser import EntryChooser
from hadviewer.gui.views.export_dialog import ExportDialog
from hadviewer.gui.views.image_view import ImageView
from hadviewer.gui.views.layers_panel import LayersPanel
from hadviewer.gui.views.results_panel import ResultsPanel
from hadviewer.gui.views.roc_view import RocView
from hadviewer.gui.views.scene_info import SceneInfo
from hadviewer.gui.views.spectrum_view import SpectrumView
from hadviewer.gui.views.superpixel_panel import SuperpixelPanel
from hadviewer.gui.views.threshold_view import ThresholdView

Area = Qt.DockWidgetArea


class Workbench(QObject):
    """Everything behind one window."""

    def __init__(self, store: SettingsStore, theme: Theme) -> None:
        super().__init__()
        self._store = store
        self.session = Session()
        self._threads = Threads()
        self.worker = Worker()
        self.jobs = JobRunner(self._threads.spawn, self._threads.deliver, self.worker)
        self.window = MainWindow()
        self.messages = Messages(self.window.message_bar, self.window.log)
        self._build_views()
        self._build_controllers()
        self.commands = Commands(self, store, theme)
        self._connect()
        self.commands.refresh()

    def show(self, *, size: tuple[int, int] | None = None, restore: bool = True) -> None:
        """Show the window as it was left, or in the first layout."""
        if size is not None:
            self.window.resize(QSize(*size))
        settings = self._store.settings
        restored = restore and size is None and self.window.restore_layout(settings.geometry, settings.layout)
        self.window.show()
        if not restored:
            self.window.arrange()

    def open_first(self, path: str | None, entry: str | None = None, truth: str | None = None) -> None:
        """Open what the program was started with, or the demo scene."""
        if path is None:
            self.scene.open_demo()
        else:
            self.scene.open(Path(path), entry, Path(truth) if truth else None)

    def run_detector(self, name: str) -> None:
        """Choose a detector and run it."""
        try:
            catalog.detectors().get(name)
        except ParamError as error:
            self.messages.error(str(error))
            return
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
        self._store.update(geometry=geometry, layout=layout)
        self.jobs.close()
        self._threads.join()

    def _build_views(self) -> None:
        self.image = ImageView()
        self.display_panel, self.layers_panel = DisplayPanel(), LayersPanel()
        self.detector_panel, self.superpixel_panel = DetectorPanel(), SuperpixelPanel(SuperpixelParams)
        self.results_panel = ResultsPanel()
        self.spectrum_view, self.threshold_view, self.roc_view = SpectrumView(), ThresholdView(), RocView()
        self.scene_info, self.chooser = SceneInfo(self.window), EntryChooser(self.window)
        self.export_dialog = ExportDialog(self.window)
        window = self.window
        window.set_centre(self.image)
        window.add_dock("display", "Display", self.display_panel, Area.LeftDockWidgetArea, scroll=True)
        window.add_dock("layers", "Layers", self.layers_panel, Area.LeftDockWidgetArea)
        window.add_dock("detect", "Detect", self.detector_panel, Area.RightDockWidgetArea)
        window.add_dock("superpixels", "Superpixels", self.superpixel_panel, Area.RightDockWidgetArea, scroll=True)
        window.add_dock("results", "Results", self.results_panel, Area.RightDockWidgetArea)
        window.add_dock("spectrum", "Spectrum", self.spectrum_view, Area.BottomDockWidgetArea)
        window.add_dock("threshold", "Threshold", self.threshold_view, Area.BottomDockWidgetArea)
        window.add_dock("roc", "ROC", self.roc_view, Area.BottomDockWidgetArea)
        window.add_dock("log", "Log", window.log, Area.BottomDockWidgetArea)

    def _build_controllers(self) -> None:
        session, jobs, messages = self.session, self.jobs, self.messages
        self.scene = SceneController(session, jobs, self.chooser, self.scene_info, messages, self._remember)
        planes = PlaneCache(self._store.settings.plane_cache * 2**20)
        self.display = DisplayController(session, jobs, self.image, self.display_panel, messages, planes)
        self.layers = LayersController(session, jobs, self.image, self.layers_panel, messages)
        self.cursor = CursorController(session, jobs, self.image, self.window, planes)
        self.spectrum = SpectrumController(session, jobs, self.spectrum_view, messages)
        self.segmentation = SegmentationController(session, jobs, self.superpixel_panel, messages)
        self.detection = DetectionController(session, jobs, self.detector_panel, messages)
        self.results = ResultsController(session, self.results_panel)
        self.evaluation = EvaluationController(session, jobs, self.roc_view, messages)
        self.threshold = ThresholdController(session, jobs, self.threshold_view, messages)
        self.export = ExportController(session, jobs, self.export_dialog, messages)

    def _connect(self) -> None:
        session, window = self.session, self.window
        self.image.pixel_clicked.connect(self.spectrum.pin)
        self.image.zoom_changed.connect(window.set_zoom)
        self.detector_panel.shown_first.connect(self.detection.ask_devices)
        self.results_panel.export_requested.connect(self._export_result)
        self.scene.title_changed.connect(self._retitle)
        window.files_dropped.connect(self.scene.open_dropped)
        for signal in (session.history_changed, session.selected_changed, self.jobs.job_added, self.jobs.job_ended):
            signal.connect(self._refresh_commands)

    def _retitle(self, title: str) -> None:
        self.window.setWindowTitle(title)

    def _refresh_commands(self) -> None:
        self.commands.refresh()

    def _remember(self, path: Path) -> None:
        self._store.remember(path)
        self.commands.fill_recent()

    def _export_result(self, result: int) -> None:
        self.session.select_result(result)
        self.export.ask()
