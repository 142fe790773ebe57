"""The dialog that writes a part of the cube, used as by hand."""

from typing import Any

import pytest

from hadviewer.engine.cube_export import ENDINGS, CubeExportParams
from hadviewer.gui.views.cube_export_dialog import CubeExportDialog
from hadviewer.gui.views.data import CubeExportOrder


@pytest.fixture
def dialog(qtbot: Any) -> CubeExportDialog:
    dialog = CubeExportDialog(CubeExportParams)
    qtbot.addWidget(dialog)
    dialog.offer("scene", "/data/part.hdr", [(3, "Runway")], ENDINGS, 1)
    return dialog


def test_lines_are_counted_as_everywhere_in_the_window(dialog: CubeExportDialog) -> None:
    dialog.offer("scene", "/data/part.hdr", [], ENDINGS, 0)
    assert dialog.order().params["first"] == 0


def test_what_is_asked_for(qtbot: Any, dialog: CubeExportDialog) -> None:
    assert dialog.order() == CubeExportOrder("/data/part.hdr", None, CubeExportParams().model_dump())
    assert not dialog.form.editor("mask").isEnabled()
    with qtbot.waitSignal(dialog.changed):
        dialog.region.setCurrentIndex(1)
    assert dialog.form.editor("mask").isEnabled()
    dialog.form.set_values({"lines": "1-20"})
    order = dialog.order()
    assert (order.region, order.params["lines"]) == (3, "1-20")
    with qtbot.waitSignal(dialog.ordered) as caught:
        dialog.export_button.click()
    assert caught.args == [order]


def test_errors_stand_where_they_belong(dialog: CubeExportDialog) -> None:
    dialog.show_error("lines", "lines: no range")
    assert not dialog.export_button.isEnabled()
    assert not dialog.error.text()
    dialog.show_error("", "Choose a file.")
    assert dialog.error.text() == "Choose a file."
    dialog.show_plan("ENVI: part.hdr")
    assert dialog.export_button.isEnabled()
    assert dialog.plan.text() == "ENVI: part.hdr"
    assert not dialog.error.text()
