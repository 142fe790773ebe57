"""The editor of what is known of the scene: each value with where it comes from, and a way back to the file."""

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QFontDatabase, QPalette
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.core.params import NoParams, Params
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm
from hadviewer.gui.views._page import dialog_column
from hadviewer.gui.views._source_mark import SourceMark
from hadviewer.gui.views.metadata_data import FiledTexts, MetadataOrder, MetadataSheet, Source

QUANTITIES = ("Reflectance", "Radiance", "Digital number", "Value")
ROWS = {
    "name": ("Name", "What the scene is called in lists, and what exports are called"),
    "quantity": ("Quantity", "What the values are; it stands at the axis of spectra"),
    "unit": ("Unit", "The unit of the values, such as W/(m² sr µm); empty for reflectance"),
    "scale": ("Scale", "Values of the file are multiplied with it: 0.0001, or 1/10000"),
    "offset": ("Offset", "It is added after the scale"),
    "nodata": ("No-data value", "Values of the file, before the scale, that mean nothing; 'none' where there are none"),
    "wavelength_unit": ("Unit of the wavelengths", "The unit that the numbers below are in"),
    "wavelengths": (
        "Wavelengths, FWHM",
        "One band a line: its wavelength and, if known, its FWHM. They can be typed, pasted from a table, or loaded",
    ),
}
VALUES = ("name", "quantity", "unit", "scale", "offset", "nodata")
"""Rows about the values, in order; the others are about the bands."""
_ABOUT = {"wavelengths": "wavelength_unit", "fwhm": "wavelength_unit"}
"""What is said of numbers that stay as they are is said of their unit."""


class MetadataEditor(QDialog):
    """Stays open beside the window; nothing changes before Apply, and Undo takes that back.

    Signals:
        ordered(MetadataOrder): this is what the user says.
        options_changed(options): the file is to be read in another way; what it says then is to be shown.
        load_requested(): wavelengths are wanted from a file.
        bad_bands_requested(): bands are to be marked.
    """

    ordered = pyqtSignal(object)
    options_changed = pyqtSignal(dict)
    load_requested = pyqtSignal()
    bad_bands_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setWindowTitle("Metadata")
        self._filed = FiledTexts({}, {}, "")
        self._said: set[str] = set()
        kinds = {"quantity": QComboBox, "wavelength_unit": QComboBox, "wavelengths": QPlainTextEdit}
        self.editors: dict[str, QLineEdit | QComboBox | QPlainTextEdit] = {
            name: kinds.get(name, QLineEdit)() for name in ROWS
        }
        self.marks = {name: SourceMark(title) for name, (title, _) in ROWS.items()}
        self.backs = {name: QToolButton() for name in ROWS}
        self.errors = {name: ErrorLabel() for name in ROWS}
        self.form = ParamForm(NoParams)
        self.reading = QGroupBox("How the file is read")
        self.reading_mark, self.reading_back = SourceMark("How the file is read"), QToolButton()
        self._size, self._bad = QLabel(), QLabel()
        self._guesses = QLabel()
        self.suggestion = QPushButton()
        self.load_button, self.bad_button = QPushButton("Load…"), QPushButton("Mark bad bands…")
        self.remember = QCheckBox()
        self.error = ErrorLabel()
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.apply_button = QPushButton("Apply")
        self._dress()
        self._arrange()
        self._connect()

    def offer(self, sheet: MetadataSheet) -> None:
        """Show the metadata of a scene."""
        self.setWindowTitle(f"{sheet.title} — metadata")
        unit = self.editors["wavelength_unit"]
        assert isinstance(unit, QComboBox)
        if unit.count() != len(sheet.units):
            unit.clear()
            for value, words in sheet.units:
                unit.addItem(words, value)
        self._make_form(sheet.params, sheet.options)
        self._filed, self._said = sheet.filed, {_ABOUT.get(name, name) for name in sheet.said}
        for name in ROWS:
            self._write(name, sheet.texts[name])
        self._bad.setText(sheet.bad_bands)
        self.remember.setText(f"Remember beside the file, in {sheet.place}")
        self.remember.setVisible(bool(sheet.place))
        self.clear_errors()
        self._show_filed()

    def present(self) -> None:
        """Show the editor, in front."""
        self.show()
        self.activateWindow()

    def show_filed(self, filed: FiledTexts) -> None:
        """What the file says where it is read in another way; what is the user's stays."""
        former, self._filed = self._filed.texts, filed
        for name in ROWS:
            if self._read(name) == former.get(name):
                self._write(name, filed.texts[name])
        self.clear_errors()
        self._show_filed()

    def set_wavelengths(self, text: str, unit: str) -> None:
        """Fill in wavelengths from a file."""
        self._write("wavelengths", text)
        self._write("wavelength_unit", unit)

    def show_bad_bands(self, text: str) -> None:
        """Which bands are marked now."""
        self._bad.setText(text)

    def show_error(self, field: str, text: str) -> None:
        """Why it cannot be, at the field that is to blame where there is one."""
        self.clear_errors()
        if field in self.errors:
            self.errors[field].say(text)
            self.editors[field].setFocus()
        elif self.form.show_error(field, text) is None:
            self.error.say(text)

    def clear_errors(self) -> None:
        """Nothing is wrong any more."""
        for label in (*self.errors.values(), self.error):
            label.say("")
        self.form.clear_errors()

    def order(self) -> MetadataOrder:
        """What the user says now."""
        texts = {name: self._read(name) for name in ROWS}
        return MetadataOrder(self.form.values(), texts, self.remember.isChecked(), frozenset(self._said))

    def _apply(self) -> None:
        self.ordered.emit(self.order())

    def _is_yours(self, name: str) -> bool:
        differs = self._read(name).strip() != self._filed.texts.get(name, "").strip()
        return differs or _ABOUT.get(name, name) in self._said

    def _settle(self, name: str, checked: bool = False) -> None:
        """Go back to the file; or, where there is only a guess, say that it is right."""
        if self._is_yours(name):
            self._said.discard(_ABOUT.get(name, name))
            self._write(name, self._filed.texts[name])
        else:
            self._said.add(_ABOUT.get(name, name))
        self._mark()

    def _settle_options(self) -> None:
        """Say that the guesses about the reading are right; or leave it to the reader again."""
        if self._filed.guessed_options:
            self.form.set_values(self._filed.guessed_options)
        else:
            self.form.reset()

    def _use_suggestion(self) -> None:
        self._write("scale", self._filed.suggestion)
        if self._read("quantity") == "Value":
            self._write("quantity", "Reflectance")

    def _mark(self) -> None:
        """Say of each value where it comes from."""
        for name in ROWS:
            source = Source("yours") if self._is_yours(name) else self._filed.sources.get(name, Source())
            self.marks[name].show_source(source)
            _offer_way(self.backs[name], ROWS[name][0], source)
        unscaled = self._read("scale") == self._filed.texts.get("scale")
        self.suggestion.setVisible(bool(self._filed.suggestion) and unscaled)
        self.error.say("")

    def _show_filed(self) -> None:
        self._size.setText(self._filed.size)
        self.suggestion.setText(f"Values look like reflectance × 10,000: use {self._filed.suggestion}")
        guesses = [source.why for source in self._filed.sources.values() if source.kind == "guess" and source.why]
        kinds = {name: source.kind for name, source in self._filed.sources.items() if name in self.form.values()}
        reading = Source("guess" if "guess" in kinds.values() else "yours" if "yours" in kinds.values() else "file")
        self.reading_mark.show_source(reading)
        _offer_way(self.reading_back, "How the file is read", reading)
        self._guesses.setText("\n".join(f"Guessed: {why}" for why in dict.fromkeys(guesses)))
        self._guesses.setVisible(bool(guesses))
        self._mark()

    def _read(self, name: str) -> str:
        editor = self.editors[name]
        if isinstance(editor, QPlainTextEdit):
            return editor.toPlainText()
        if isinstance(editor, QComboBox):
            return editor.currentText() if editor.isEditable() else str(editor.currentData())
        return editor.text()

    def _write(self, name: str, text: str) -> None:
        editor = self.editors[name]
        if isinstance(editor, QPlainTextEdit):
            editor.setPlainText(text)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
        elif editor.isEditable():
            editor.setCurrentText(text)
        else:
            editor.setCurrentIndex(editor.findData(text))

    def _make_form(self, params: type[Params], options: Mapping[str, Any]) -> None:
        former, self.form = self.form, ParamForm(params)
        layout = self.reading.layout()
        assert layout is not None
        layout.replaceWidget(former, self.form)
        former.deleteLater()
        self.form.set_values(options)
        self.form.changed.connect(lambda: self.options_changed.emit(self.form.values()))
        self.form.setVisible(not self.form.is_empty)
        for before, after in pairwise([self.reading_back, *self.form.stops, *self._stops()]):
            self.setTabOrder(before, after)

    def _stops(self) -> list[QWidget]:
        """Where Tab stops below the form, first the left side, then the right."""
        left = [widget for name in VALUES for widget in (self.editors[name], self.backs[name])]
        unit = [self.editors["wavelength_unit"], self.backs["wavelength_unit"]]
        waves = [self.load_button, self.backs["wavelengths"], self.editors["wavelengths"], self.bad_button]
        return [*left, self.suggestion, *unit, *waves, self.remember, *self.buttons.buttons()]

    def _connect(self) -> None:
        for name, editor in self.editors.items():
            changed = editor.currentTextChanged if isinstance(editor, QComboBox) else editor.textChanged
            changed.connect(self._mark)
            self.backs[name].clicked.connect(partial(self._settle, name))
        self.suggestion.clicked.connect(self._use_suggestion)
        self.reading_back.clicked.connect(self._settle_options)
        self.load_button.clicked.connect(self.load_requested)
        self.bad_button.clicked.connect(self.bad_bands_requested)
        self.buttons.rejected.connect(self.close)
        self.apply_button.clicked.connect(self._apply)

    def _dress(self) -> None:
        quantity = self.editors["quantity"]
        assert isinstance(quantity, QComboBox)
        quantity.setEditable(True)
        quantity.addItems(QUANTITIES)
        waves = self.editors["wavelengths"]
        assert isinstance(waves, QPlainTextEdit)
        waves.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        waves.setTabChangesFocus(True)
        waves.setPlaceholderText("450.0, 10\n460.0, 10\n…")
        for name, (title, tip) in ROWS.items():
            self.editors[name].setAccessibleName(title)
            self.editors[name].setToolTip(tip)
            self.backs[name].setAutoRaise(True)
        self.reading_back.setAutoRaise(True)
        for label, name in ((self._size, "Size"), (self._bad, "Bad bands"), (self._guesses, "Guesses")):
            label.setAccessibleName(name)
            label.setWordWrap(True)
        for button, tip in (
            (self.load_button, "Wavelengths from a text, CSV, JSON, NPY or ENVI header file"),
            (self.bad_button, "Open the list of bad bands"),
            (self.suggestion, "Nothing is scaled unless you say so"),
        ):
            button.setToolTip(tip)
            button.setAutoDefault(False)
        self.buttons.addButton(self.apply_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.apply_button.setDefault(True)
        self.apply_button.setToolTip("Use what is said here; Undo takes it back (Ctrl+Return)")
        self.apply_button.setShortcut("Ctrl+Return")
        self._guesses.setForegroundRole(QPalette.ColorRole.BrightText)
        self.remember.setChecked(True)
        self.remember.setToolTip("A small text file that is read whenever this program opens the scene")

    def _arrange(self) -> None:
        inside = QVBoxLayout(self.reading)
        size = QHBoxLayout()
        size.addWidget(self._size, 1)
        size.addWidget(self.reading_mark)
        size.addWidget(self.reading_back)
        inside.addLayout(size)
        inside.addWidget(self.form)
        inside.addWidget(self._guesses)
        values = QGroupBox("What the values mean")
        grid = QGridLayout(values)
        grid.setColumnStretch(1, 1)
        for number, name in enumerate(VALUES):
            self._add_row(grid, 2 * number, name)
        grid.addWidget(self.suggestion, 12, 1, 1, 3)
        bands = QGroupBox("Bands")
        column = QVBoxLayout(bands)
        unit = QGridLayout()
        unit.setColumnStretch(1, 1)
        self._add_row(unit, 0, "wavelength_unit")
        column.addLayout(unit)
        head = QHBoxLayout()
        title = QLabel(ROWS["wavelengths"][0])
        title.setBuddy(self.editors["wavelengths"])
        head.addWidget(title)
        head.addStretch(1)
        for widget in (self.load_button, self.marks["wavelengths"], self.backs["wavelengths"]):
            head.addWidget(widget)
        column.addLayout(head)
        column.addWidget(self.editors["wavelengths"], 1)
        column.addWidget(self.errors["wavelengths"])
        foot = QHBoxLayout()
        foot.addWidget(QLabel("Bad bands:"))
        foot.addWidget(self._bad, 1)
        foot.addWidget(self.bad_button)
        column.addLayout(foot)
        left = QVBoxLayout()
        left.addWidget(self.reading)
        left.addWidget(values)
        left.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addLayout(left, 1)
        both.addWidget(bands, 1)
        page = dialog_column(self)
        page.addLayout(both, 1)
        page.addWidget(self.error)
        page.addWidget(self.remember)
        page.addWidget(self.buttons)
        self.resize(900, 560)

    def _add_row(self, grid: QGridLayout, row: int, name: str) -> None:
        title = QLabel(ROWS[name][0])
        title.setBuddy(self.editors[name])
        title.setToolTip(ROWS[name][1])
        for place, widget in enumerate((title, self.editors[name], self.marks[name], self.backs[name])):
            grid.addWidget(widget, row, place, Qt.AlignmentFlag(0))
        grid.addWidget(self.errors[name], row + 1, 1, 1, 3)


def _offer_way(button: QToolButton, title: str, source: Source) -> None:
    """Back to the file, or where there is only a guess, a way to say that it is right."""
    guessed = source.kind == "guess"
    what = "The guess is right" if guessed else "Back to what the file says, or to the guess"
    button.setText("✓" if guessed else "↺")
    button.setToolTip(what)
    button.setAccessibleName(f"{title}: {what}")
    button.setEnabled(source.kind in ("guess", "yours"))
