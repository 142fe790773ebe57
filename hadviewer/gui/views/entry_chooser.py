"""Choosing one of the cubes in a file by a quick look at it, and how it is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QIcon, QImage, QPixmap
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hadviewer.core.params import NoParams, Params
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm
from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views.data import EntryRow
from hadviewer.gui.views.entry_data import EntryPreview

COLUMNS = ("Name", "Lines × samples × bands", "Type", "Note")
ICON, PICTURE = 48, 256
_NAME = Qt.ItemDataRole.UserRole
_NOTE = COLUMNS.index("Note")


class EntryChooser(QDialog):
    """The cubes in a file, the likeliest first, with a picture of each; the window stays usable while it is open.

    What the reader lets one choose, such as the order of the axes, stands beside; the picture follows it.

    Signals:
        chosen: (name) this one is to be opened, with the ``options``.
        dismissed: none of them.
        looked_at: (name) this one is to be seen, with the ``options``.
    """

    chosen = pyqtSignal(str)
    dismissed = pyqtSignal()
    looked_at = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("Choose a cube")
        self._sentence = QLabel()
        self._sentence.setWordWrap(True)
        self.table = QTreeWidget()
        self.picture = QLabel()
        self._shown = QLabel()
        self._facts = QLabel()
        self._remarks = QLabel()
        self._error = ErrorLabel()
        self._box = QGroupBox("How the file is read")
        self.form = ParamForm(NoParams)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Open | QDialogButtonBox.StandardButton.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._dress()
        self._arrange()
        self.table.itemActivated.connect(self.accept)
        self.table.currentItemChanged.connect(self._look)

    def offer(
        self,
        file: str,
        rows: Sequence[EntryRow],
        params: type[Params] = NoParams,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """List these cubes of a file, with what its reader lets one choose and what is chosen already."""
        several = f"{file} holds {len(rows)} cubes. Choose the one to open."
        self._sentence.setText(several if len(rows) > 1 else f"Open {file}. The picture shows what comes of it.")
        self._make_form(params, options or {})
        self.table.clear()
        for row in rows:
            item = QTreeWidgetItem([row.name, row.size, row.dtype, row.note])
            item.setData(0, _NAME, row.name)
            item.setToolTip(0, row.name)
            item.setToolTip(_NOTE, row.note)
            item.setIcon(0, self._blank)
            self.table.addTopLevelItem(item)
        self.table.setColumnHidden(_NOTE, not any(row.note for row in rows))
        self.show()
        self.table.setCurrentItem(self.table.topLevelItem(0))
        self.table.setFocus()

    @property
    def options(self) -> dict[str, Any]:
        """How the file is to be read; not checked."""
        return self.form.values()

    def show_preview(self, name: str, seen: EntryPreview) -> None:
        """A quick look at one of them has been taken."""
        pixmap = _pixmap(seen)
        item = self._item(name)
        if item is None:
            return
        if pixmap is not None:
            item.setIcon(0, QIcon(_fitted(pixmap, ICON)))
        if item is self.table.currentItem():
            self._error.say("")
            self.form.clear_errors()
            self.picture.setPixmap(QPixmap() if pixmap is None else _fitted(pixmap, PICTURE))
            self._shown.setText(seen.shown)
            self._facts.setText("\n".join(f"{label}: {text}" for label, text in seen.facts))
            self._remarks.setText("\n".join(seen.remarks))
            self._remarks.setVisible(bool(seen.remarks))

    def show_failure(self, name: str, field: str, text: str) -> None:
        """Why one of them cannot be seen, at the field that is to blame where there is one."""
        item = self._item(name)
        if item is None or item is not self.table.currentItem():
            return
        focus = self.focusWidget()
        # What a reader says begins with the name of the file, which a form would capitalise.
        at_field = text.startswith(f"{field}:") and self.form.show_error(field, text) is not None
        if focus is not None:
            focus.setFocus()
        self._error.say("" if at_field else text)
        self._clear("No picture")

    def withdraw(self) -> None:
        """Go away without a word."""
        self.hide()

    def accept(self) -> None:
        """Open the selected cube."""
        item = self.table.currentItem()
        if item is not None:
            super().accept()
            self.chosen.emit(item.data(0, _NAME))

    def reject(self) -> None:
        """Open none."""
        super().reject()
        self.dismissed.emit()

    def _look(self, item: QTreeWidgetItem | None, *_: object) -> None:
        if item is not None:
            self._clear("Looking…")
            self.looked_at.emit(item.data(0, _NAME))

    def _clear(self, said: str) -> None:
        self.picture.setPixmap(QPixmap())
        self.picture.setText(said)
        for label in (self._shown, self._facts, self._remarks):
            label.clear()

    def _item(self, name: str) -> QTreeWidgetItem | None:
        items = [self.table.topLevelItem(place) for place in range(self.table.topLevelItemCount())]
        return next((item for item in items if item is not None and item.data(0, _NAME) == name), None)

    def _make_form(self, params: type[Params], options: Mapping[str, Any]) -> None:
        former, self.form = self.form, ParamForm(params)
        layout = self._box.layout()
        assert layout is not None
        layout.replaceWidget(former, self.form)
        former.deleteLater()
        self.form.set_values(options)
        self.form.changed.connect(lambda: self._look(self.table.currentItem()))
        self._box.setVisible(not self.form.is_empty)

    def _dress(self) -> None:
        self.table.setHeaderLabels(COLUMNS)
        self.table.setRootIsDecorated(False)
        self.table.setAlternatingRowColors(True)
        self.table.setIconSize(QSize(ICON, ICON))
        self.table.setStyleSheet("QTreeWidget::item { padding: 4px 12px 4px 2px; }")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setToolTip("Up and Down look at the cubes; double click or Enter opens one")
        self.table.setAccessibleName("Cubes in the file")
        header = self.table.header()
        if header is not None:
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
            header.setStretchLastSection(False)
            header.setSectionResizeMode(_NOTE, QHeaderView.ResizeMode.Interactive)
            header.resizeSection(_NOTE, 120)
        self.picture.setMinimumSize(PICTURE, PICTURE // 2)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName("Picture of the cube")
        self.picture.setToolTip("A quick look at the cube that is selected, as it is read now")
        for label, name in ((self._shown, "What is shown"), (self._facts, "Facts"), (self._remarks, "Remarks")):
            label.setWordWrap(True)
            label.setAccessibleName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        blank = QPixmap(ICON, ICON)
        blank.fill(Qt.GlobalColor.transparent)
        self._blank = QIcon(blank)

    def _arrange(self) -> None:
        inside = QVBoxLayout(self._box)
        inside.addWidget(self.form)
        side = QWidget()
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 6, 0)
        for widget in (self.picture, self._shown, self._facts, self._remarks, self._error, self._box):
            beside.addWidget(widget)
        beside.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(PICTURE + 76)
        scroll.setWidget(side)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.table, 1)
        row.addWidget(scroll)
        column = dialog_column(self)
        column.addWidget(self._sentence)
        column.addLayout(row, 1)
        column.addWidget(self.buttons)
        self.resize(880, 560)


def _pixmap(seen: EntryPreview) -> QPixmap | None:
    if seen.picture is None:
        return None
    rows, cols, _ = seen.picture.shape
    image = QImage(seen.picture.tobytes(), cols, rows, 4 * cols, QImage.Format.Format_RGBA8888)
    return QPixmap.fromImage(image.copy())


def _fitted(pixmap: QPixmap, side: int) -> QPixmap:
    return pixmap.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
