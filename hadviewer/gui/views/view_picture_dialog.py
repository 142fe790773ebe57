"""What goes into a picture of the view."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QWidget

from hadviewer.core.params import Params, field
from hadviewer.gui.forms.param_form import ParamForm
from hadviewer.gui.views._page import dialog_column


class ViewPictureParams(Params):
    """What is drawn into the picture and around it."""

    title: str = field("", "Title", help="Written above the picture; nothing where it is empty.")
    colour_bar: bool = field(True, "Colour bar", help="The colours of the score map in sight, with their scores.")
    legend: bool = field(True, "Legend", help="What the colours of masks, outlines, regions and markers stand for.")
    scale_bar: bool = field(True, "Scale bar", help="How long a distance is, where the scene has a map.")
    north_arrow: bool = field(True, "North arrow", help="Where north is, where the scene has a map.")
    crosshair: bool = field(False, "Crosshair", help="The crosshair on the chosen pixel.")


class ViewPictureDialog(QDialog):
    """Options of a picture of the active view, as it is seen now.

    Signals: ``ordered()``: save it.
    """

    ordered = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save picture of the view")
        self.form = ParamForm(ViewPictureParams)
        about = QLabel("The part of the scene that the active view shows, in pixels of the screen.")
        about.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.save = buttons.addButton("Save…", QDialogButtonBox.ButtonRole.AcceptRole)
        assert self.save is not None
        self.save.setToolTip("Choose a file for the picture")
        self.save.clicked.connect(self.ordered)
        buttons.rejected.connect(self.close)
        column = dialog_column(self)
        for widget in (about, self.form):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(buttons)
        self.save.setDefault(True)
        self.setMinimumWidth(360)

    def present(self, title: str) -> None:
        """Come to the front, with a title for the scene."""
        self.form.set_values(self.form.values() | {"title": title})
        self.show()
        self.activateWindow()

    def order(self) -> dict[str, object]:
        """What was chosen."""
        return dict(self.form.values())
