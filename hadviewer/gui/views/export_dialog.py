"""Choosing what to export, where to, and seeing which files that makes."""

from collections.abc import Sequence
from itertools import pairwise

from PyQt6.QtCore import Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices, QPalette
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.gui.forms.param_form import ErrorLabel
from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views.data import ExportOffer, ExportOrder, PlannedFile

COLUMNS = 3


class ExportDialog(QDialog):
    """Folder, name, formats and contents of an export, with the files it will write.

    Signals:
        changed(): something was chosen otherwise; the list of files is out of date.
        ordered(ExportOrder): export this.
        cube_requested(): export a part of the cube instead.
    """

    changed = pyqtSignal()
    ordered = pyqtSignal(object)
    cube_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.folder = QLineEdit()
        self.browse_button = QPushButton("Choose…")
        self.stem = QLineEdit()
        self.format_boxes: dict[str, QCheckBox] = {}
        self.mask_box = QCheckBox("Mask")
        self.roc_box = QCheckBox("ROC curve (CSV)")
        self.files = QListWidget()
        self.error = ErrorLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = QPushButton("Export")
        self.cube_button = QPushButton("Part of the cube…")
        self._maps, self._objects = QGridLayout(), QGridLayout()
        self._dress()
        self._arrange()
        self.browse_button.clicked.connect(self._choose_folder)
        self.folder.textChanged.connect(self.changed)
        self.stem.textChanged.connect(self.changed)
        self.mask_box.toggled.connect(self.changed)
        self.roc_box.toggled.connect(self.changed)
        self.cube_button.clicked.connect(self._on_cube)
        self.buttons.rejected.connect(self.reject)
        self.export_button.clicked.connect(self._on_export)

    def offer(self, offer: ExportOffer) -> None:
        """Ask what to export; formats chosen before are chosen again."""
        self.setWindowTitle(f"Export {offer.title}")
        self._offer_formats(offer)
        self.folder.setText(offer.folder)
        self.stem.setText(offer.stem)
        has_mask = offer.threshold is not None
        gaps = f", gaps ≤ {offer.cleaning.gap} px closed" if offer.cleaning.gap else ""
        objects = f", objects ≥ {offer.cleaning.minimum} px" if offer.cleaning.minimum > 1 else ""
        self.mask_box.setText(f"Mask (scores ≥ {offer.threshold:.6g}{gaps}{objects})" if has_mask else "Mask")
        self.mask_box.setEnabled(has_mask)
        self.mask_box.setChecked(has_mask)
        self.mask_box.setToolTip("" if has_mask else "Show a mask first: Threshold, Show mask")
        self.roc_box.setEnabled(offer.truth)
        self.roc_box.setChecked(offer.truth)
        self.roc_box.setToolTip("" if offer.truth else "There is no truth to compare with")
        self.changed.emit()
        self.open()

    def order(self) -> ExportOrder:
        """What is asked for now."""
        return ExportOrder(
            folder=self.folder.text().strip(),
            stem=self.stem.text().strip(),
            formats=tuple(name for name, box in self.format_boxes.items() if box.isChecked() and box.isEnabled()),
            mask=self.mask_box.isChecked(),
            roc=self.roc_box.isChecked(),
        )

    def show_plan(self, files: Sequence[PlannedFile], error: str = "") -> None:
        """List the files that will be written, or say why it cannot be done."""
        self.files.clear()
        red = self.palette().color(QPalette.ColorRole.BrightText)
        for file in files:
            item = QListWidgetItem(f"{file.name}  (replaces the one there)" if file.exists else file.name)
            if file.exists:
                item.setForeground(red)
            self.files.addItem(item)
        self.error.say(error)
        self.export_button.setEnabled(bool(files) and not error)
        replaced = sum(file.exists for file in files)
        self.export_button.setText(f"Export, replacing {replaced}" if replaced else "Export")

    def open_folder(self, folder: str) -> None:
        """Show a folder in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _offer_formats(self, offer: ExportOffer) -> None:
        """A box for each format, those for objects by themselves; greyed out with the reason where it has no use."""
        before = {name for name, box in self.format_boxes.items() if box.isChecked()} or set(offer.chosen)
        for box in self.format_boxes.values():
            (self._objects if self._objects.indexOf(box) >= 0 else self._maps).removeWidget(box)
            box.hide()
            box.deleteLater()
        self.format_boxes = {}
        for grid, objects in ((self._maps, False), (self._objects, True)):
            choices = [choice for choice in offer.formats if choice.objects == objects]
            for number, choice in enumerate(choices):
                box = QCheckBox(choice.title)
                box.setToolTip(choice.why_not or choice.summary)
                box.setEnabled(not choice.why_not)
                box.setChecked(choice.id in before)
                box.toggled.connect(self.changed)
                self.format_boxes[choice.id] = box
                grid.addWidget(box, *divmod(number, COLUMNS))
        maps, objects_boxes = (
            [self.format_boxes[choice.id] for choice in offer.formats if choice.objects == objects]
            for objects in (False, True)
        )
        stops = [self.stem, *maps, self.mask_box, self.roc_box, *objects_boxes, self.cube_button]
        for before_box, after_box in pairwise(stops):
            self.setTabOrder(before_box, after_box)

    def _on_cube(self) -> None:
        self.reject()
        self.cube_requested.emit()

    def _on_export(self) -> None:
        order = self.order()
        self.accept()
        self.ordered.emit(order)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export into", self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _dress(self) -> None:
        for widget, name, tip in (
            (self.folder, "Folder", "Where the files go; it is made when it is missing"),
            (self.browse_button, "Choose a folder", "Choose a folder"),
            (self.stem, "Name", "What the names of the files begin with"),
            (self.files, "Files", "What will be written"),
            (
                self.cube_button,
                "Part of the cube",
                "Write lines, samples and bands of the cube itself (File > Export cube)",
            ),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self.files.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.files.setAlternatingRowColors(True)
        self.browse_button.setAutoDefault(False)
        self.cube_button.setAutoDefault(False)
        self.export_button.setDefault(True)
        self.buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)

    def _arrange(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self.folder, 1)
        place.addWidget(self.browse_button)
        contents = QVBoxLayout()
        contents.addWidget(self.mask_box)
        contents.addWidget(self.roc_box)
        form = QFormLayout()
        form.setSpacing(6)
        form.addRow("Folder", place)
        form.addRow("Name", self.stem)
        cube = QHBoxLayout()
        cube.addWidget(self.cube_button)
        cube.addStretch(1)
        form.addRow("Maps", self._maps)
        form.addRow("With", contents)
        form.addRow("Objects", self._objects)
        form.addRow("Cube", cube)
        form.addRow("Files", self.files)
        layout = dialog_column(self)
        layout.addLayout(form, 1)
        layout.addWidget(self.error)
        layout.addWidget(self.buttons)
        self.resize(560, 520)
