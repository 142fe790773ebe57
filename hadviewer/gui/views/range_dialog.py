"""A region of all pixels whose score or band value lies in a range: where it is set up."""

from collections.abc import Sequence

from pydantic import model_validator
from pydantic_core import PydanticCustomError
from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QWidget

from hadviewer.core.params import Params, field
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm
from hadviewer.gui.views._page import dialog_column

ABOUT = "A new region of all pixels whose value lies in the range, both ends included. Leave an end empty for no limit."


class RangeParams(Params):
    """Which values make a region."""

    source: str = field("", "Values", help="A score map, or a band of the cube.")
    low: float | None = field(None, "From", help="The least value of the region; empty for no limit.")
    high: float | None = field(None, "To", help="The largest value of the region; empty for no limit.")

    @model_validator(mode="after")
    def _in_order(self) -> "RangeParams":
        if self.low is None and self.high is None:
            raise PydanticCustomError("order", "one of the ends must be given", {"field": "low"})
        if self.low is not None and self.high is not None and self.low > self.high:
            raise PydanticCustomError("order", "the first end must not lie above the second", {"field": "low"})
        return self


class RangeDialog(QDialog):
    """Source and ends of a range.

    Signals: ``ordered(source, low or None, high or None)``.
    """

    ordered = pyqtSignal(str, object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("ROI from a range of values")
        self.form = ParamForm(RangeParams, choices={"source": []})
        for name in ("low", "high"):
            editor = self.form.editor(name)
            assert isinstance(editor, QLineEdit)
            editor.setPlaceholderText("No limit")
        self.error = ErrorLabel()
        about = QLabel(ABOUT)
        about.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        make = buttons.addButton("Make region", QDialogButtonBox.ButtonRole.AcceptRole)
        assert make is not None
        self.make = make
        self.make.setToolTip("Make the region, in the background; the dialog stays open")
        self.make.clicked.connect(self._order)
        buttons.rejected.connect(self.close)
        column = dialog_column(self)
        for widget in (about, self.form, self.error, buttons):
            column.addWidget(widget)
        self.resize(400, self.sizeHint().height())

    def offer(self, sources: Sequence[tuple[str, str]], chosen: str | None = None) -> None:
        """Offer these sources of values, by id and name, and show the dialog."""
        self.set_sources(sources)
        if chosen is not None:
            self.form.set_values({"source": chosen})
        self.show()
        self.activateWindow()

    def set_sources(self, sources: Sequence[tuple[str, str]]) -> None:
        """Offer these; the one chosen stays, if it can."""
        self.form.set_choices("source", list(sources))
        self.make.setEnabled(bool(sources))

    def _order(self) -> None:
        self.error.say("")
        params = self.form.checked()
        if isinstance(params, RangeParams):
            self.ordered.emit(params.source, params.low, params.high)
