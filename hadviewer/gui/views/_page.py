"""Distances that docks and dialogs share, and the sentence that stands where there is nothing to show."""

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QAbstractScrollArea, QDialog, QFormLayout, QLabel, QVBoxLayout, QWidget

DOCK_MARGIN, DIALOG_MARGIN = 8, 16
DIALOG_SPACING = 12


class Hint(QLabel):
    """A sentence that fills the void where there is nothing to show: what would be here, and what to do for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWordWrap(True)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setContentsMargins(DOCK_MARGIN, 0, DOCK_MARGIN, 0)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def say(self, text: str) -> None:
        """Show ``text``, or nothing."""
        self.setText(text)
        self.setVisible(bool(text))


def hint_over(view: QAbstractScrollArea) -> Hint:
    """A hint in the middle of a list, table or text that may be empty."""
    hint = Hint()
    QVBoxLayout(view).addWidget(hint)
    return hint


def dock_column(dock: QWidget) -> QVBoxLayout:
    """The column that all of a dock stands in."""
    column = QVBoxLayout(dock)
    column.setContentsMargins(DOCK_MARGIN, DOCK_MARGIN, DOCK_MARGIN, DOCK_MARGIN)
    return column


def align_labels(*parts: QWidget) -> None:
    """Let the fields of several forms begin at the same place."""
    forms = [form for part in parts for form in part.findChildren(QFormLayout)]
    items = [form.itemAt(row, QFormLayout.ItemRole.LabelRole) for form in forms for row in range(form.rowCount())]
    labels = [item.widget() for item in items if item is not None]
    width = max((label.sizeHint().width() for label in labels if label is not None), default=0)
    for label in labels:
        if label is not None:
            label.setMinimumWidth(width)


def dialog_column(dialog: QDialog) -> QVBoxLayout:
    """The column that all of a dialog stands in, its buttons last."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(DIALOG_MARGIN, DIALOG_MARGIN, DIALOG_MARGIN, DIALOG_MARGIN)
    column.setSpacing(DIALOG_SPACING)
    return column
