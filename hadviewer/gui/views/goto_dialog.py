"""Where one types the place to go to."""

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QWidget

from hadviewer.gui.forms.param_form import ErrorLabel
from hadviewer.gui.views._page import dialog_column

EXAMPLES = {"pixel": "120, 45", "map": "483250, 4982300", "latlon": "45.5 N, 122.7 W"}
TIPS = {
    "pixel": "Two numbers with a comma or a space between them",
    "map": "Map x and y, or with letters in either order: 483250 E, 4982300 N",
    "latlon": "Degrees as usual: 45.5, -122.7 or 45.5 N 122.7 W or 45\u00b030'00\" N 122\u00b042'00\" W",
}


class GotoDialog(QDialog):
    """Line and sample, map coordinates, or latitude and longitude; the last two where the scene has a map.

    Signals: ``asked(kind, text)`` with kind 'pixel', 'map' or 'latlon'.
    """

    asked = pyqtSignal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Go to")
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of place")
        self.kind.setToolTip("How the place is given")
        self.kind.currentIndexChanged.connect(self._show_example)
        self.place = QLineEdit()
        self.place.setAccessibleName("Place")
        self.error = ErrorLabel()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.go = buttons.addButton("Go", QDialogButtonBox.ButtonRole.AcceptRole)
        assert self.go is not None
        self.go.clicked.connect(lambda: self.asked.emit(self.kind.currentData(), self.place.text()))
        buttons.rejected.connect(self.close)
        form = QFormLayout()
        form.addRow("Place by", self.kind)
        form.addRow("Go to", self.place)
        column = dialog_column(self)
        column.addLayout(form)
        column.addWidget(self.error)
        column.addStretch(1)
        column.addWidget(buttons)
        self.go.setDefault(True)
        self.setMinimumWidth(340)
        self.offer(mapped=False, origin=0)

    def offer(self, *, mapped: bool, origin: int) -> None:
        """Offer the kinds of place that the scene has; lines and samples count from ``origin``."""
        chosen = self.kind.currentData()
        kinds = [("pixel", f"Line, sample (from {origin})")]
        if mapped:
            kinds += [("map", "Map x, y"), ("latlon", "Latitude, longitude")]
        self.kind.clear()
        for kind, title in kinds:
            self.kind.addItem(title, kind)
        self.kind.setCurrentIndex(max(0, self.kind.findData(chosen)))
        self.show_error("")

    def present(self) -> None:
        """Come to the front, ready to type."""
        self.show()
        self.activateWindow()
        self.place.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.place.selectAll()

    def show_error(self, text: str) -> None:
        """Say why a place cannot be gone to, or nothing."""
        self.error.say(text)

    def _show_example(self) -> None:
        self.place.setPlaceholderText(EXAMPLES.get(self.kind.currentData(), ""))
        self.place.setToolTip(TIPS.get(self.kind.currentData(), ""))
