"""Choosing which part of the cube is written, as what, where to."""

from collections.abc import Sequence
from itertools import pairwise

from PyQt6.QtCore import QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from hadviewer.core.params import Params
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm
from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views.data import CubeExportOrder

WHOLE = "Whole scene"


class CubeExportDialog(QDialog):
    """File, region and parameters of an export of the cube, with the size of what it makes.

    Signals:
        changed(): something was chosen otherwise; the size is out of date.
        ordered(CubeExportOrder): export this.
    """

    changed = pyqtSignal()
    ordered = pyqtSignal(object)

    def __init__(self, params: type[Params], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(True)
        self.path = QLineEdit()
        self.browse_button = QPushButton("Choose…")
        self.region = QComboBox()
        self.form = ParamForm(params)
        self.plan = QLabel()
        self.error = ErrorLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = QPushButton("Export")
        self._endings: dict[str, str] = {}
        self._dress()
        self._arrange()
        self.path.textChanged.connect(self.changed)
        self.region.currentIndexChanged.connect(self._on_changed)
        self.form.changed.connect(self._on_changed)
        self.browse_button.clicked.connect(self._choose_path)
        self.buttons.rejected.connect(self.reject)
        self.export_button.clicked.connect(self._on_export)

    def offer(
        self, title: str, path: str, regions: Sequence[tuple[int, str]], endings: dict[str, str], first: int
    ) -> None:
        """Ask what to export; ``regions`` are (id, name), ``endings`` the formats by the ending of a file's name.

        The first line and sample are called ``first``, 0 or 1.
        """
        self.setWindowTitle(f"Export cube {title}")
        self._endings = endings
        self.region.clear()
        self.region.addItem(WHOLE, None)
        for number, name in regions:
            self.region.addItem(name, number)
        self.path.setText(path)
        self.form.set_values({"first": first})
        self.changed.emit()
        self.open()

    def order(self) -> CubeExportOrder:
        """What is asked for now; the parameters are not checked."""
        return CubeExportOrder(self.path.text().strip(), self.region.currentData(), self.form.values())

    def show_plan(self, text: str) -> None:
        """What will be written."""
        self.form.clear_errors()
        self.error.say("")
        self.plan.setText(text)
        self.export_button.setEnabled(True)

    def show_error(self, field: str, text: str) -> None:
        """Why it cannot be done, at the field that is to blame where there is one."""
        self.form.clear_errors()
        self.plan.clear()
        has_field = field in self.form.values()
        if has_field:
            focus = self.focusWidget()
            self.form.show_error(field, text)
            if focus is not None:
                focus.setFocus()
        self.error.say("" if has_field else text)
        self.export_button.setEnabled(False)

    def open_folder(self, folder: str) -> None:
        """Show a folder in the system's file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _on_changed(self) -> None:
        self.form.editor("mask").setEnabled(self.region.currentData() is not None)
        self.changed.emit()

    def _on_export(self) -> None:
        order = self.order()
        self.accept()
        self.ordered.emit(order)

    def _choose_path(self) -> None:
        filters = {f"{title} (*{ending})": ending for ending, title in self._endings.items()}
        name, chosen = QFileDialog.getSaveFileName(self, "Export cube", self.path.text(), ";;".join(filters))
        if name:
            known = name.lower().endswith(tuple(self._endings))
            self.path.setText(name if known else name + filters.get(chosen, next(iter(self._endings))))

    def _dress(self) -> None:
        for widget, name, tip in (
            (self.path, "File", "A name that ends in .hdr is written as ENVI, one in .tif as GeoTIFF"),
            (self.browse_button, "Choose a file", "Choose a file"),
            (self.region, "Region", "The smallest rectangle around a region of interest"),
            (self.plan, "What is written", "Size of what is written"),
        ):
            widget.setAccessibleName(name)
            widget.setToolTip(tip)
        self.plan.setWordWrap(True)
        for name in ("lines", "samples"):
            self.form.findChild(QLineEdit, name).setPlaceholderText("all, or for example 1-200")
        self.form.editor("mask").setEnabled(False)
        self.browse_button.setAutoDefault(False)
        self.export_button.setDefault(True)
        self.buttons.addButton(self.export_button, QDialogButtonBox.ButtonRole.ActionRole)

    def _arrange(self) -> None:
        place = QHBoxLayout()
        place.addWidget(self.path, 1)
        place.addWidget(self.browse_button)
        self.form.put_above("File", place)
        self.form.put_above("Region", self.region)
        layout = dialog_column(self)
        layout.addWidget(self.form)
        layout.addWidget(self.plan)
        layout.addWidget(self.error)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        stops = (self.path, self.browse_button, self.region, *self.form.stops)
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)
        self.resize(540, 380)
