"""The dialogs around FEN: training, programs among weights, a folder as a parameter."""

from pathlib import Path
from typing import Any

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QToolButton

from hadviewer.engine import catalog
from hadviewer.gui.forms.param_form import ParamForm
from hadviewer.gui.views.consent_dialog import ConsentDialog
from hadviewer.gui.views.data import ProgramFile
from hadviewer.gui.views.fen_dialog import FENDialog

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def consent(qtbot: Any) -> ConsentDialog:
    dialog = ConsentDialog()
    qtbot.addWidget(dialog)
    dialog.ask([ProgramFile("weights/cwl_script.pt", "ab" * 32)])
    qtbot.waitExposed(dialog)
    return dialog


def test_programs_are_named_with_their_fingerprints_and_refusing_is_the_default(consent: ConsentDialog) -> None:
    assert "cwl_script.pt" in consent.informativeText()
    assert "ab" * 32 in consent.detailedText()
    assert consent.defaultButton() is consent.refuse_button


def test_only_the_button_allows(consent: ConsentDialog, qtbot: Any) -> None:
    answers: list[str] = []
    consent.allowed.connect(lambda: answers.append("allowed"))
    consent.refused.connect(lambda: answers.append("refused"))
    qtbot.keyClick(consent, Qt.Key.Key_Escape)
    consent.ask([ProgramFile("weights/cwl_script.pt", "ab" * 32)])
    qtbot.mouseClick(consent.allow_button, LEFT)
    consent.ask([ProgramFile("weights/cwl_script.pt", "ab" * 32)])
    qtbot.keyClick(consent, Qt.Key.Key_Return)
    assert answers == ["refused", "allowed", "refused"]


def test_the_weights_of_fen_are_chosen_as_a_folder(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    form = ParamForm(catalog.transforms().get("fen").params)
    qtbot.addWidget(form)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "weights/200bands")
    menu = form.editor("weights").findChildren(QToolButton)[0].menu()
    assert menu is not None
    menu.actions()[0].trigger()
    assert form.values() == {"weights": "weights/200bands"}


def test_the_dialog_gives_what_the_forms_hold_and_marks_the_field_at_fault(qtbot: Any) -> None:
    dialog = FENDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.places.set_values({"folder": Path("cubes"), "resume": True})
    dialog.params.set_values({"epochs": 3})
    with qtbot.waitSignal(dialog.ordered):
        qtbot.mouseClick(dialog.train_button, LEFT)
    places, params = dialog.order()
    assert (places["folder"], places["resume"], params["epochs"]) == ("cubes", True, 3)
    dialog.show_error("patch", "patch: the side of a patch must be a multiple of 8.")
    assert dialog.error.text() == ""
    dialog.show_error("", "No such folder.")
    assert dialog.error.text() == "No such folder."
    dialog.clear_errors()
    assert dialog.error.text() == ""
