"""Training of the feature enhancement network, set up in a form."""

from pathlib import Path
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from hadviewer.core.params import Params, field
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm
from hadviewer.gui.views._page import align_labels, dialog_column
from hadviewer.transforms._fen_training import TrainingParams

ABOUT = (
    "The network learns from cubes of plain background how background looks, and then enhances any scene of the same "
    "sensor: as the transform <i>Feature enhancement (FEN)</i> before a detector. It trains in the background, listed "
    "with the other runs; the dock <i>Training</i> shows its loss. On a CPU the published settings take days."
)


class FENPlaces(Params):
    """What FEN learns from, and where it goes."""

    folder: Path | None = field(None, "Backgrounds", help="Folder with cubes of background, the more the better.")
    out: Path | None = field(None, "Result", help="Folder for weights, checkpoint, table and picture of the loss.")
    teacher: Path | None = field(
        None,
        "Teacher",
        help="File with the weights of a Wide-ResNet-101-2, as torchvision distributes it; none: the one in torch's "
        "own folder.",
    )
    random: bool = field(
        False, "Random teacher", advanced=True, help="A teacher that has learned nothing: for trials, without any file."
    )
    resume: bool = field(False, "Go on", help="Go on with the training in the folder of the result.")
    seed: int = field(0, "Seed", ge=0, le=2**31 - 1, advanced=True, help="The same seed gives the same weights.")


class FENDialog(QDialog):
    """Places and parameters of a training.

    Signals:
        ordered(): train as the forms say.
    """

    ordered = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Train FEN")
        self.places, self.params = ParamForm(FENPlaces), ParamForm(TrainingParams)
        self.error = ErrorLabel()
        about = QLabel(ABOUT)
        about.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.train_button = buttons.addButton("Train", QDialogButtonBox.ButtonRole.AcceptRole)
        assert self.train_button is not None
        self.train_button.setDefault(True)
        self.train_button.clicked.connect(self.ordered)
        buttons.rejected.connect(self.close)
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.setSpacing(12)
        for widget in (about, self.places, self.params):
            inner.addWidget(widget)
        align_labels(self.places, self.params)
        inner.addStretch(1)
        area = QScrollArea()
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = dialog_column(self)
        column.addWidget(area, 1)
        column.addWidget(self.error)
        column.addWidget(buttons)
        self.resize(460, 500)

    def order(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the forms hold, not yet validated: the places, and the parameters."""
        return self.places.values(), self.params.values()

    def show_error(self, field: str, text: str) -> None:
        """Say what is wrong, under the field at fault where there is one."""
        place = self.places.show_error(field, text) or self.params.show_error(field, text)
        self.error.say("" if place else text)

    def clear_errors(self) -> None:
        """Take every red text away."""
        self.error.say("")
        self.places.clear_errors()
        self.params.clear_errors()
