"""What each command of the window does: one handler for each line of the ACTIONS table."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QDockWidget, QMenu, QMessageBox

from hadviewer import __version__
from hadviewer.engine.display import STRETCHES, StretchKind
from hadviewer.engine.settings import SettingsStore
from hadviewer.gui import choosers
from hadviewer.gui.actions import Actions
from hadviewer.gui.comfort_parts import comfort_handlers
from hadviewer.gui.export_parts import export_handlers
from hadviewer.gui.keys import shown
from hadviewer.gui.library_parts import library_handlers
from hadviewer.gui.region_parts import region_handlers
from hadviewer.gui.review_parts import review_handlers
from hadviewer.gui.scene_parts import scene_handlers
from hadviewer.gui.session_parts import open_any, session_handlers
from hadviewer.gui.spectra_parts import spectra_handlers
from hadviewer.gui.superpixel_parts import export_superpixels
from hadviewer.gui.theme import Theme
from hadviewer.gui.view_parts import view_handlers

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench

OPACITY_STEP = 0.1
ON_THE_IMAGE = ("collect_spectrum", "", "fit", "actual_size", "goto", "", "link_views", "", "save_view")
"""What the right button on the image offers; '' is a line between."""
MAP_MARKS = ("scale_bar", "north_arrow")
THEMES = ("system", "light", "dark")


class Commands:
    """Ties the table of actions to the controllers of one workbench."""

    def __init__(self, bench: "Workbench", store: SettingsStore, theme: Theme) -> None:
        self._bench, self._store, self._theme = bench, store, theme
        self.actions = Actions(bench.window, bench.image, self._handlers())
        self._recent = self.actions.add_menu_before("open_library", "Open recent")
        self._fill_window_menu()
        bench.window.palette_changed.connect(self.actions.redraw_icons)
        self.actions.by_id["open"].changed.connect(self._invite)
        self._invite()
        self.image_menu = self._build_image_menu()
        bench.image.menu_requested.connect(self.image_menu.popup)

    def refresh(self) -> None:
        """Grey out what makes no sense now; name what Undo and Redo would do."""
        session, jobs = self._bench.session, self._bench.jobs
        self.actions.enable(
            {
                "scene": session.cube is not None,
                "result": session.selected is not None,
                "jobs": any(job.heavy for job in jobs.active),
                "undo": bool(session.undo_label),
                "redo": bool(session.redo_label),
            }
        )
        self.actions.name_undo(session.undo_label, session.redo_label)

    def show_settings(self) -> None:
        """Fill in what the settings say: recent files, the mark at the theme."""
        self.fill_recent()
        self._mark_theme()
        for name in MAP_MARKS:
            self.actions.by_id[name].setChecked(getattr(self._store.settings, name))
        self._show_map_marks()

    def fill_recent(self) -> None:
        """List the recent files in their menu."""
        self._recent.clear()
        for place in self._store.settings.recent:
            path = Path(place)
            action = self._recent.addAction(f"{path.name}   ({path.parent})")
            if action is not None:
                action.triggered.connect(lambda checked=False, chosen=path: open_any(self._bench, chosen))
        self._recent.setEnabled(bool(self._store.settings.recent))
        if self._store.settings.recent:
            self._recent.addSeparator()
            clear = self._recent.addAction("Forget these")
            if clear is not None:
                clear.triggered.connect(self._forget_recent)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        """One for each action; parts of the workbench come after its first paint, so they are looked up late."""
        bench = self._bench
        return {
            "open": self._open,
            "open_demo": lambda: bench.session_file.leave(lambda: bench.scene.open_demo()),
            **session_handlers(bench),
            "import_truth": self._import_truth,
            "scene_info": lambda: bench.scene.show_info(),
            **scene_handlers(bench),
            **export_handlers(bench),
            "save_view": lambda: bench.view_picture.ask(),
            "quit": bench.window.close,
            "undo": bench.session.undo,
            "redo": bench.session.redo,
            "preferences": self._preferences,
            "fit": bench.image.fit,
            "actual_size": bench.image.actual_size,
            "zoom_in": bench.image.zoom_in,
            "zoom_out": bench.image.zoom_out,
            "mode_true": lambda: bench.display.set_mode("true"),
            "mode_cir": lambda: bench.display.set_mode("cir"),
            "mode_swir": lambda: bench.display.set_mode("swir"),
            "mode_grey": lambda: bench.display.set_mode("grey"),
            "mode_pca": lambda: bench.display.set_mode("pca"),
            "mode_mnf": lambda: bench.display.set_mode("mnf"),
            "band_previous": lambda: bench.display.step_band(-1),
            "band_next": lambda: bench.display.step_band(1),
            "band_play": bench.display_panel.player.toggle,
            **{f"stretch_{kind}": self._stretch_setter(kind) for kind in STRETCHES},
            "auto_stretch": lambda: bench.display.stretch.automatic(),
            "goto": lambda: bench.goto.ask(),
            "scale_bar": self._choose_map_marks,
            "north_arrow": self._choose_map_marks,
            "toggle_layer": lambda: bench.layers.toggle_selected(),
            "opacity_down": lambda: bench.layers.change_opacity(-OPACITY_STEP),
            "opacity_up": lambda: bench.layers.change_opacity(OPACITY_STEP),
            **view_handlers(bench),
            **{f"theme_{name}": self._theme_setter(name) for name in THEMES},
            **region_handlers(bench),
            **library_handlers(bench),
            **spectra_handlers(bench),
            **review_handlers(bench),
            "run": lambda: bench.detection.run(),
            "cancel": lambda: bench.detection.cancel_all(),
            "toggle_mask": lambda: bench.threshold.toggle_mask(),
            "fuse": lambda: bench.results.fuse(bench.results_panel.chosen),
            "remove_result": lambda: bench.results.remove_selected(),
            "superpixels": self._superpixels,
            "export_superpixels": lambda: export_superpixels(bench),
            "train_fen": lambda: bench.fen_dialog.show(),
            **comfort_handlers(bench),
            "about": self._about,
        }

    def _invite(self) -> None:
        """Say on the empty image how to open a cube, with the keys as they are now."""
        keys = shown(self.actions.keys_of("open"))
        self._bench.image.set_invitation(f"Open a cube{f' ({keys})' if keys else ''} or drop a file here")

    def _open(self) -> None:
        path = choosers.choose_cube(self._bench.window, str(self._store.last_folder))
        if path is not None:
            open_any(self._bench, path)

    def _import_truth(self) -> None:
        path = choosers.choose_truth(self._bench.window, str(self._store.last_folder))
        if path is not None:
            self._bench.scene.open_truth(path)

    def _superpixels(self) -> None:
        self._bench.window.raise_dock("superpixels")
        self._bench.superpixel_panel.submit()

    def _stretch_setter(self, kind: StretchKind) -> Callable[[], None]:
        return lambda: self._bench.display.stretch.set_kind(kind)

    def _theme_setter(self, name: str) -> Callable[[], None]:
        def choose() -> None:
            self._theme.choose(name)
            self._store.update(theme=name)
            self._mark_theme()

        return choose

    def _mark_theme(self) -> None:
        for name in THEMES:
            self.actions.by_id[f"theme_{name}"].setChecked(self._store.settings.theme == name)

    def _preferences(self) -> None:
        from hadviewer.gui.views.preferences_dialog import PreferencesDialog

        def accept(values: dict[str, object]) -> None:
            self._store.update(**values)
            self._theme.choose(self._store.settings.theme)
            self._mark_theme()
            self._bench.session.count_from(self._store.settings.first_pixel)
            self._bench.cursor.write_places(self._store.settings.coordinates)

        PreferencesDialog(self._store.settings, accept, self._bench.window).show()

    def _show_map_marks(self) -> None:
        settings = self._store.settings
        self._bench.map_marks.show(scale_bar=settings.scale_bar, north_arrow=settings.north_arrow)

    def _choose_map_marks(self) -> None:
        self._store.update(**{name: self.actions.by_id[name].isChecked() for name in MAP_MARKS})
        self._show_map_marks()

    def _forget_recent(self) -> None:
        self._store.forget_recent()
        self.fill_recent()

    def _fill_window_menu(self) -> None:
        menu, reset = self.actions.menus["Window"], self.actions.by_id["reset_layout"]
        for name, dock in self._bench.window.docks.items():
            menu.insertAction(reset, self._dock_action(name, dock))
        menu.insertSeparator(reset)

    def _dock_action(self, name: str, dock: QDockWidget) -> QAction:
        """Ticked while the dock is there, also behind another tab: from there it is brought to the front."""
        window, presence = self._bench.window, dock.toggleViewAction()
        assert presence is not None
        action = QAction(dock.windowTitle(), window)
        action.setCheckable(True)

        def act() -> None:
            window.toggle_dock(name)
            action.setChecked(not dock.isHidden())

        action.triggered.connect(act)
        presence.toggled.connect(action.setChecked)
        action.setChecked(presence.isChecked())
        return action

    def _build_image_menu(self) -> QMenu:
        menu = QMenu(self._bench.image)
        for name in ON_THE_IMAGE:
            if name:
                menu.addAction(self.actions.by_id[name])
            else:
                menu.addSeparator()
        return menu

    def _about(self) -> None:
        text = (
            f"<h3>hadviewer {__version__}</h3><p>Hyperspectral anomaly detection: look, detect, compare, export.</p>"
            "<p>Free software under the GNU General Public License, version 3 or later.</p>"
        )
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About hadviewer", text, parent=self._bench.window)
        box.setIconPixmap(self._bench.window.windowIcon().pixmap(64, 64))
        box.setModal(False)
        box.show()
