"""For those who do not see the screen or do not use a mouse: names of widgets, ways out of dialogs, order of Tab."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDockWidget,
    QFileDialog,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QTextEdit,
    QToolButton,
    QWidget,
)

from hadviewer.engine.demo import demo_path, truth_path
from hadviewer.gui.help_topics import OF_DIALOGS, OF_DOCKS
from hadviewer.gui.views.manual_view import ManualPage

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from hadviewer.gui.workbench import Workbench

Make = Callable[[], "Workbench"]
pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)

INTERACTIVE = (
    QAbstractButton,
    QComboBox,
    QLineEdit,
    QAbstractSpinBox,
    QAbstractSlider,
    QAbstractItemView,
    QTextEdit,
    QPlainTextEdit,
    QKeySequenceEdit,
)
WITHOUT_DEFAULT = ("TextWindow", "ManualWindow", "SceneInfo", "RegionStatistics", "BadBandsDialog")
"""Windows to read in, or where each change is done at once: Return belongs to what is in focus."""
COMMANDS_WITH_DIALOGS = (
    "scene_info",
    "edit_metadata",
    "export",
    "export_cube",
    "save_view",
    "bad_bands",
    "preferences",
    "goto",
    "roi_from_range",
    "roi_statistics",
    "train_fen",
    "manual",
    "shortcuts",
    "edit_shortcuts",
    "about",
)


@pytest.fixture
def bench(qtbot: "QtBot", workbench: Make, monkeypatch: pytest.MonkeyPatch) -> "Workbench":
    """The program with the demo scene, a result, a mask, a region, superpixels and every dock filled."""
    for chooser, answer in (("getOpenFileName", ""), ("getSaveFileName", ""), ("getOpenFileNames", [])):
        monkeypatch.setattr(QFileDialog, chooser, staticmethod(lambda *given, answer=answer, **named: (answer, "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *given, **named: ""))
    bench = workbench()
    header = demo_path()
    bench.scene.open(header, truth=truth_path(header))
    qtbot.waitUntil(lambda: bench.session.cube is not None, timeout=60_000)
    settle(qtbot, bench)
    bench.run_detector("grx")
    qtbot.waitUntil(lambda: bool(bench.session.state.results), timeout=60_000)
    settle(qtbot, bench)
    for name in ("toggle_mask", "roi_from_mask", "review"):
        bench.commands.actions.by_id[name].trigger()
        settle(qtbot, bench)
    qtbot.waitUntil(lambda: bool(bench.session.state.regions), timeout=20_000)
    return bench


def settle(qtbot: "QtBot", bench: "Workbench") -> None:
    qtbot.waitUntil(lambda: bench.jobs.idle, timeout=60_000)
    QApplication.processEvents()


def widgets_of(top: QWidget) -> Iterator[QWidget]:
    """What the program itself put there: not the parts Qt builds its widgets from, nor menus of the plot library."""
    for widget in (top, *top.findChildren(QWidget)):
        if widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar) or widget.window() is not top:
            continue
        above, ours = widget.parentWidget(), True
        while above is not None and ours and widget is not top:
            parts = (QAbstractItemView, QAbstractSpinBox, QComboBox, QDockWidget, QKeySequenceEdit, QLineEdit, QMenu)
            direct = above is widget.parentWidget()
            ours = not isinstance(above, parts) or (isinstance(above, QDockWidget) and not _of_qt(widget, direct))
            above = above.parentWidget() if above is not top else None
        if ours and not type(widget).__name__.startswith("QComboBoxPrivate"):
            yield widget


def _of_qt(widget: QWidget, direct: bool) -> bool:
    """The two buttons in the title of a dock."""
    return direct and isinstance(widget, QAbstractButton)


def name_of(widget: QWidget) -> str:
    """What a screen reader calls a widget."""
    if widget.accessibleName():
        return widget.accessibleName()
    if isinstance(widget, QPushButton | QCheckBox | QRadioButton | QToolButton) and widget.text():
        return widget.text()
    labels = widget.window().findChildren(QLabel)
    return next((label.text() for label in labels if label.buddy() is widget), "")


def speaks(widget: QWidget) -> bool:
    """Whether somebody can do something with it, so that it needs a name."""
    focusable = widget.focusPolicy() != Qt.FocusPolicy.NoFocus
    return isinstance(widget, INTERACTIVE) or (focusable and type(widget).__module__.startswith("hadviewer"))


def path_to(widget: QWidget) -> str:
    names, above = [], widget
    while above is not None:
        names.append(above.objectName() or type(above).__name__)
        above = above.parentWidget()
    return " in ".join(names[:4])


def open_dialogs() -> list[QDialog]:
    return [top for top in QApplication.topLevelWidgets() if isinstance(top, QDialog) and top.isVisible()]


def dialogs(qtbot: "QtBot", bench: "Workbench") -> Iterator[QDialog]:
    """Each dialog that a command opens, open and then closed."""
    for name in COMMANDS_WITH_DIALOGS:
        bench.commands.actions.by_id[name].trigger()
        qtbot.waitUntil(lambda: bool(open_dialogs()), timeout=20_000)
        settle(qtbot, bench)
        found = open_dialogs()
        yield from found
        for dialog in found:
            dialog.close()
        QApplication.processEvents()


def test_every_widget_has_a_name_for_screen_readers(qtbot: "QtBot", bench: "Workbench") -> None:
    nameless = [path_to(widget) for widget in widgets_of(bench.window) if speaks(widget) and not name_of(widget)]
    for dialog in dialogs(qtbot, bench):
        nameless += [path_to(widget) for widget in widgets_of(dialog) if speaks(widget) and not name_of(widget)]
    assert sorted(set(nameless)) == []


def test_every_dialog_has_a_default_button_and_goes_with_esc(qtbot: "QtBot", bench: "Workbench") -> None:
    for dialog in dialogs(qtbot, bench):
        kind = type(dialog).__name__
        buttons = dialog.findChildren(QPushButton)
        if kind not in WITHOUT_DEFAULT:
            assert any(button.isDefault() for button in buttons), f"{kind}: Return does nothing"
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible(), f"{kind}: Esc does not close it"


def test_tab_goes_through_every_dialog_from_top_to_bottom(qtbot: "QtBot", bench: "Workbench") -> None:
    for dialog in dialogs(qtbot, bench):
        if isinstance(dialog, QMessageBox):
            continue
        stops = [stop for stop in chain(dialog) if stop.isVisible() and stop.isEnabled()]
        assert stops, type(dialog).__name__
        places = [stop.mapTo(dialog, stop.rect().center()) for stop in stops]
        back = [now for now, after in pairwise(places) if jumps_back(now, after, dialog.height() // 4)]
        begin = places[0].y() > dialog.height() // 2  # what is below the text may come first, such as a button
        assert len(back) <= begin, f"{type(dialog).__name__}: Tab jumps about: {[name_of(stop) for stop in stops]}"


def jumps_back(now: QPoint, after: QPoint, far: int) -> bool:
    """Whether Tab goes up again, but not to another column at the right."""
    return after.y() < now.y() - far and after.x() < now.x() + far


def chain(dialog: QDialog) -> Iterator[QWidget]:
    """Where Tab stops, in order."""
    start = widget = dialog.nextInFocusChain()
    while widget is not None:
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and dialog.isAncestorOf(widget):
            yield widget
        widget = widget.nextInFocusChain()
        if widget is start:
            break


def test_every_dock_and_dialog_has_a_passage_in_the_manual(qtbot: "QtBot", bench: "Workbench") -> None:
    page = ManualPage()
    qtbot.addWidget(page)
    page.read()
    headings = {title for _, title, _ in page.headings()}
    assert set(bench.window.docks) == set(OF_DOCKS)
    assert set(OF_DOCKS.values()) | set(OF_DIALOGS.values()) <= headings
    named = {type(dialog).__name__ for dialog in dialogs(qtbot, bench)}
    assert named - set(OF_DIALOGS) <= {"ManualWindow", "TextWindow", "QMessageBox"}


def test_plain_keys_move_through_the_whole_window(qtbot: "QtBot", bench: "Workbench") -> None:
    """Tab comes round to where it began: nowhere is the keyboard trapped."""
    bench.window.activateWindow()
    bench.image.active.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    start, seen = QApplication.focusWidget(), []
    for _ in range(400):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        if now is start:
            break
        if now not in seen[-1:]:  # a text with several links is left after the last of them
            assert now not in seen, f"Tab goes in circles at {path_to(now)}"
            seen.append(now)
    assert QApplication.focusWidget() is start
