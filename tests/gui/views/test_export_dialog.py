"""Setting up an export."""

from dataclasses import replace
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog

from hadviewer.analysis.objects import Cleaning
from hadviewer.gui.views.data import ExportOffer, ExportOrder, FormatChoice, PlannedFile
from hadviewer.gui.views.export_dialog import ExportDialog

FORMATS = (
    FormatChoice("envi", "ENVI", "With header."),
    FormatChoice("npy", "NumPy", ""),
    FormatChoice("png", "PNG", ""),
)
OFFER = ExportOffer("GRX", "folder", "scene_grx", FORMATS, 3.25, True)


@pytest.fixture
def dialog(qtbot: Any) -> ExportDialog:
    dialog = ExportDialog()
    qtbot.addWidget(dialog)
    dialog.offer(OFFER)
    return dialog


def test_what_is_offered_is_chosen_to_begin_with(dialog: ExportDialog) -> None:
    assert dialog.order() == ExportOrder("folder", "scene_grx", ("envi", "png"), True, True)
    assert dialog.windowTitle() == "Export GRX"
    assert dialog.mask_box.text() == "Mask (scores ≥ 3.25)"
    dialog.offer(replace(OFFER, cleaning=Cleaning(4, gap=2)))
    assert dialog.mask_box.text() == "Mask (scores ≥ 3.25, gaps ≤ 2 px closed, objects ≥ 4 px)"
    dialog.offer(OFFER)


def test_what_there_is_not_cannot_be_chosen(dialog: ExportDialog) -> None:
    dialog.offer(replace(OFFER, threshold=None, truth=False))
    assert not dialog.mask_box.isEnabled()
    assert not dialog.roc_box.isEnabled()
    assert dialog.order() == ExportOrder("folder", "scene_grx", ("envi", "png"), False, False)


def test_formats_chosen_once_are_offered_again(dialog: ExportDialog) -> None:
    dialog.format_boxes["envi"].setChecked(False)
    dialog.format_boxes["npy"].setChecked(True)
    dialog.offer(replace(OFFER, title="LRX"))
    assert dialog.order().formats == ("npy", "png")


def test_every_choice_asks_for_the_list_anew(qtbot: Any, dialog: ExportDialog) -> None:
    for act in (
        lambda: dialog.folder.setText("other"),
        lambda: dialog.stem.setText("other"),
        lambda: dialog.format_boxes["npy"].click(),
        dialog.mask_box.click,
        dialog.roc_box.click,
    ):
        with qtbot.waitSignal(dialog.changed):
            act()


def test_replacing_files_is_announced(dialog: ExportDialog) -> None:
    dialog.show_plan([PlannedFile("a.hdr", True), PlannedFile("b.npy", False)])
    texts = [dialog.files.item(row).text() for row in range(2)]  # type: ignore[union-attr]
    assert texts == ["a.hdr  (replaces the one there)", "b.npy"]
    assert dialog.export_button.text() == "Export, replacing 1"
    assert dialog.export_button.isEnabled()


def test_what_is_wrong_is_said_and_nothing_can_be_exported(dialog: ExportDialog) -> None:
    dialog.show_plan((), "Choose a folder.")
    assert dialog.error.text() == "Choose a folder."
    assert not dialog.export_button.isEnabled()


def test_export_closes_and_orders(qtbot: Any, dialog: ExportDialog) -> None:
    dialog.show_plan([PlannedFile("b.npy", False)])
    with qtbot.waitSignal(dialog.ordered) as told:
        qtbot.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    assert told.args == [ExportOrder("folder", "scene_grx", ("envi", "png"), True, True)]
    assert not dialog.isVisible()


def test_a_folder_is_chosen(qtbot: Any, dialog: ExportDialog, monkeypatch: Any) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *arguments: "elsewhere")
    qtbot.mouseClick(dialog.browse_button, Qt.MouseButton.LeftButton)
    assert dialog.order().folder == "elsewhere"


def test_objects_stand_by_themselves_and_say_why_they_cannot_be_chosen(qtbot: Any, dialog: ExportDialog) -> None:
    formats = (*FORMATS, FormatChoice("gpkg", "GeoPackage", "One file.", True, "Show a mask first"))
    dialog.offer(replace(OFFER, formats=formats, chosen=("gpkg",)))
    box = dialog.format_boxes["gpkg"]
    assert not box.isEnabled()
    assert box.toolTip() == "Show a mask first"
    assert "gpkg" not in dialog.order().formats
    with qtbot.waitSignal(dialog.cube_requested):
        dialog.cube_button.click()
    assert not dialog.isVisible()
