"""Asks whether files that are programs may run."""

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QMessageBox, QWidget

from hadviewer.gui.views.data import ProgramFile

TITLE = "Weights that are programs"
WARNING = (
    "These weights are programs (TorchScript). Once loaded they may do whatever you may: read, change and send files. "
    "Allow them only if you trust where they come from."
)


class ConsentDialog(QMessageBox):
    """Names the files, with their fingerprints among the details; the safe answer is the default.

    Signals:
        allowed(): they may run, now and later.
        refused(): they may not.
    """

    allowed = pyqtSignal()
    refused = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setText(WARNING)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.allow_button = self.addButton("Allow and run", QMessageBox.ButtonRole.AcceptRole)
        self.refuse_button = self.addButton("Do not run", QMessageBox.ButtonRole.RejectRole)
        assert self.refuse_button is not None
        self.setDefaultButton(self.refuse_button)
        self.setEscapeButton(self.refuse_button)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.finished.connect(self._answer)

    def ask(self, files: Sequence[ProgramFile]) -> None:
        """Show the question about these files."""
        self.setInformativeText("\n".join(file.path for file in files))
        self.setDetailedText("\n".join(f"SHA-256 {file.fingerprint}\n{file.path}\n" for file in files))
        # Else the button of the answer before has the keyboard, and Return would repeat that answer.
        assert self.refuse_button is not None
        self.setDefaultButton(self.refuse_button)
        self.show()
        self.refuse_button.setFocus()

    def _answer(self) -> None:
        (self.allowed if self.clickedButton() is self.allow_button else self.refused).emit()
