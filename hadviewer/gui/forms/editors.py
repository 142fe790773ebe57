"""Which widget edits which kind of parameter."""

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QEvent, QLocale, QObject, Qt, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QValidator
from PyQt6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSpinBox,
    QToolButton,
    QWidget,
)

from hadviewer.core.params import FieldSpec

INT_LIMIT = 2**31 - 1
"""The largest whole number a spin box holds."""
EVERY_DIGIT = 323
"""Decimals at which a double spin box no longer rounds a double."""
Choices = Sequence[tuple[Any, str]]


@dataclass(frozen=True)
class Editor:
    """A widget with the way to read and write its value; ``changed`` fires when the user or ``write`` changed it."""

    widget: QWidget
    read: Callable[[], Any]
    write: Callable[[Any], None]
    changed: pyqtBoundSignal


class NumberEdit(QDoubleSpinBox):
    """A real number, written as people write it: 0.25, 1e-6. A decimal point whatever the locale.

    Steps by ``step``, or by a tenth of the value's own magnitude when ``step`` is 0. Arrow keys, wheel and typing work
    as in every spin box. Digits are kept as typed: nothing is rounded to a number of decimals.
    """

    def __init__(self, step: float = 0.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._step = step
        self.setLocale(QLocale.c())
        self.setDecimals(EVERY_DIGIT)
        self.setRange(-sys.float_info.max, sys.float_info.max)
        self.setKeyboardTracking(False)
        _keep_wheel(self)

    def textFromValue(self, value: float) -> str:
        """The shortest text that reads back as the same number."""
        text = repr(float(value))
        return text.removesuffix(".0") if "e" not in text else text

    def valueFromText(self, text: str | None) -> float:
        """The number in the text, without the unit behind it."""
        return float(self._bare(text))

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what is a finite number in the range; let a number be typed character by character."""
        bare = self._bare(text)
        state = QValidator.State.Intermediate
        if set(bare) - set("0123456789+-.eE"):
            state = QValidator.State.Invalid
        else:
            try:
                value = float(bare)
            except ValueError:
                value = math.nan
            if math.isfinite(value) and self.minimum() <= value <= self.maximum():
                state = QValidator.State.Acceptable
        return state, text or "", position

    def stepBy(self, steps: int) -> None:
        """Go up or down; a value between two steps keeps its place between them."""
        size = self._step or _magnitude(self.value())
        moved = self.value() + steps * size
        self.setValue(float(f"{moved:.12g}"))

    def _bare(self, text: str | None) -> str:
        return (text or "").removesuffix(self.suffix()).strip()


class PathEdit(QWidget):
    """A path, typed or chosen: of a file, or of a folder.

    Signals:
        changed(): the path is another one.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        button = QToolButton()
        button.setText("…")
        button.setToolTip("Choose a file or a folder")
        button.setAccessibleName("Choose a file or a folder")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # the dots say enough
        menu = QMenu(self)
        for text, choose in (("Choose a folder…", self._choose_folder), ("Choose a file…", self._choose)):
            action = menu.addAction(text)
            if action is not None:
                action.triggered.connect(choose)
        button.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line, 1)
        layout.addWidget(button)
        self.setFocusProxy(self.line)
        self.line.textChanged.connect(self.changed)

    def setAccessibleName(self, name: str | None) -> None:
        """The name is that of the field, which has the keyboard."""
        super().setAccessibleName(name)
        self.line.setAccessibleName(name)

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder", self.line.text())
        if folder:
            self.line.setText(folder)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose a file", self.line.text())
        if path:
            self.line.setText(path)


def make_editor(spec: FieldSpec, choices: Choices | None = None) -> Editor:
    """The editor for one parameter; ``choices`` (value, title) make any kind a choice."""
    if choices is not None or spec.kind == "choice":
        return _choice(spec, choices if choices is not None else [(item, _words(item)) for item in spec.choices])
    if spec.optional and spec.kind in ("int", "odd", "float"):
        return _text(spec)
    return _EDITORS.get(spec.kind, _text)(spec)


def fill_choices(combo: QComboBox, choices: Choices) -> None:
    """Offer other choices; the present one stays if it is among them."""
    present = combo.currentData()
    before = combo.blockSignals(True)
    combo.clear()
    for value, title in choices:
        combo.addItem(title, value)
    combo.blockSignals(before)
    index = _index_of(combo, present)
    combo.setCurrentIndex(max(index, 0))


def _integer(spec: FieldSpec) -> Editor:
    spin = QSpinBox()
    low = -INT_LIMIT if spec.minimum is None else math.ceil(spec.minimum) + (1 if spec.minimum_open else 0)
    high = INT_LIMIT if spec.maximum is None else math.floor(spec.maximum) - (1 if spec.maximum_open else 0)
    spin.setRange(max(low, -INT_LIMIT), min(high, INT_LIMIT))
    spin.setLocale(QLocale.c())
    spin.setSingleStep(int(spec.step or 1))
    spin.setSuffix(f" {spec.unit}" if spec.unit else "")
    spin.setKeyboardTracking(False)
    _keep_wheel(spin)
    return Editor(spin, lambda: _committed(spin), lambda value: spin.setValue(int(value)), spin.valueChanged)


def _real(spec: FieldSpec) -> Editor:
    spin = NumberEdit(spec.step or 0.0)
    largest = sys.float_info.max
    spin.setRange(-largest if spec.minimum is None else spec.minimum, largest if spec.maximum is None else spec.maximum)
    spin.setSuffix(f" {spec.unit}" if spec.unit else "")
    return Editor(spin, lambda: _committed(spin), lambda value: spin.setValue(float(value)), spin.valueChanged)


def _flag(spec: FieldSpec) -> Editor:
    box = QCheckBox()
    return Editor(box, box.isChecked, lambda value: box.setChecked(bool(value)), box.toggled)


def _choice(spec: FieldSpec, choices: Choices) -> Editor:
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(8)
    _keep_wheel(combo)
    fill_choices(combo, [(None, "Automatic"), *choices] if spec.optional else choices)
    return Editor(
        combo,
        combo.currentData,
        lambda value: combo.setCurrentIndex(_index_of(combo, value)),
        combo.currentIndexChanged,
    )


def _text(spec: FieldSpec) -> Editor:
    """Text; for what may be None, an empty line means None."""
    line = QLineEdit()
    line.setPlaceholderText("Automatic" if spec.optional else "")

    def read() -> str | None:
        text = line.text().strip()
        return None if spec.optional and not text else text

    return Editor(line, read, lambda value: line.setText("" if value is None else str(value)), line.textChanged)


def _path(spec: FieldSpec) -> Editor:
    edit = PathEdit()
    edit.line.setPlaceholderText("None" if spec.optional else "")

    def read() -> str | None:
        text = edit.line.text().strip()
        return None if spec.optional and not text else text

    return Editor(edit, read, lambda value: edit.line.setText("" if value is None else str(value)), edit.changed)


_ACRONYMS = ("bsq", "bil", "bip")
_EDITORS: dict[str, Callable[[FieldSpec], Editor]] = {
    "int": _integer,
    "odd": _integer,
    "float": _real,
    "bool": _flag,
    "text": _text,
    "path": _path,
}


class _WheelGuard(QObject):
    """Lets the wheel scroll the page rather than change a value that only happens to lie under the pointer."""

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if event is None or event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget):
            return False
        if watched.hasFocus():
            return False
        event.ignore()
        return True


def _keep_wheel(widget: QAbstractSpinBox | QComboBox) -> None:
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_WheelGuard(widget))


def _committed(spin: QSpinBox | QDoubleSpinBox) -> int | float:
    """The value with what is being typed: a shortcut starts a run while the caret is still in the box."""
    spin.interpretText()
    return spin.value()


def _index_of(combo: QComboBox, value: Any) -> int:
    for index in range(combo.count()):
        data = combo.itemData(index)
        if data == value and type(data) is type(value):
            return index
    return -1


def _magnitude(value: float) -> float:
    """A tenth of the power of ten that the value lies in."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 0.1


def _words(choice: Any) -> str:
    words = str(choice).replace("_", " ")
    if words in _ACRONYMS:
        return words.upper()
    return words[:1].upper() + words[1:]
