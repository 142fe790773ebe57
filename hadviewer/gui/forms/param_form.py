"""A form made from a parameter model: for detectors, transforms, readers, writers and preferences alike."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QPalette
from PyQt6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLayout, QToolButton, QVBoxLayout, QWidget

from hadviewer.core.errors import ParamError
from hadviewer.core.params import FieldSpec, Params, describe, parse
from hadviewer.gui.forms.editors import Choices, Editor, fill_choices, make_editor

SPACING = 6


class ErrorLabel(QLabel):
    """A sentence in the colour of alarm (the palette's BrightText); takes no room while there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setAccessibleName("Error")
        self.setForegroundRole(QPalette.ColorRole.BrightText)
        self.say("")

    def say(self, text: str) -> None:
        """Show ``text``, or nothing."""
        self.setText(text)
        self.setVisible(bool(text))


@dataclass(frozen=True)
class _Row:
    """One parameter in the form."""

    spec: FieldSpec
    editor: Editor
    label: QLabel
    error: ErrorLabel


class ParamForm(QWidget):
    """The editors of one parameter model, with labels, ranges, units, tooltips and errors under the field at fault.

    ``only`` limits the form to some fields; ``choices`` makes a field a choice of (value, title) known at run time.

    Signals:
        changed(): a value changed, by hand or by ``set_values``.
    """

    changed = pyqtSignal()

    def __init__(
        self,
        params: type[Params],
        *,
        only: Collection[str] | None = None,
        choices: Mapping[str, Choices] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._params = params
        specs = [spec for spec in describe(params) if only is None or spec.name in only]
        self._rows = {spec.name: self._make_row(spec, (choices or {}).get(spec.name)) for spec in specs}
        self._fold = QToolButton(self)  # without a parent it would be a window of its own for a moment
        self._reset = QToolButton(self)
        self._advanced = QWidget(self)
        self._notes: dict[str, QLabel] = {}
        self._arrange()
        self.reset()
        self._follow()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to fill in."""
        return not self._rows

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab stops, from top to bottom."""
        plain = [row.editor.widget for row in self._rows.values() if not row.spec.advanced]
        advanced = [row.editor.widget for row in self._rows.values() if row.spec.advanced]
        return [*plain, self._fold, self._reset, *advanced]

    def values(self) -> dict[str, Any]:
        """What the editors hold, by field; not yet validated."""
        return {name: row.editor.read() for name, row in self._rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Fill in some or all fields."""
        for name, value in values.items():
            if name in self._rows:
                self._rows[name].editor.write(value)

    def shows(self, values: Mapping[str, Any]) -> bool:
        """Whether the editors hold these values, and the defaults of all fields that are not among them."""
        try:
            return parse(self._params, self.values()) == parse(self._params, values)
        except ParamError:
            return False

    def reset(self) -> None:
        """Every field back to its default."""
        self.set_values({name: row.spec.default for name, row in self._rows.items()})
        self.clear_errors()

    def checked(self) -> Params | None:
        """The validated parameters; None when a field is at fault, which is then marked."""
        self.clear_errors()
        try:
            return parse(self._params, self.values())
        except ParamError as error:
            self.show_error(error.field, str(error))
            return None

    def show_error(self, field: str, text: str) -> QWidget | None:
        """Put ``text`` in red under the field it is about; returns its editor, None when there is no such field."""
        row = self._rows.get(field)
        if row is None:
            return None
        sentence = text.removeprefix(f"{field}: ")
        row.error.say(sentence[:1].upper() + sentence[1:])
        if row.spec.advanced:
            self._fold.setChecked(True)
        row.editor.widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return row.editor.widget

    def clear_errors(self) -> None:
        """Take every red text away."""
        for row in self._rows.values():
            row.error.say("")

    def show_note(self, field: str, text: str) -> None:
        """Say something of the value in a field, under it; '' for nothing. It stays until another is shown."""
        row = self._rows[field]
        if field not in self._notes:
            self._notes[field] = QLabel()
            self._notes[field].setWordWrap(True)
            self._notes[field].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._notes[field].setAccessibleName(f"About {row.spec.title}")
            grid = self._advanced_grid if row.spec.advanced else self._grid
            grid.insertRow(grid.getWidgetPosition(row.error)[0], self._notes[field])
        self._notes[field].setText(text)
        self._notes[field].setVisible(bool(text))

    def note(self, field: str) -> str:
        """What is said of a field at the moment."""
        return self._notes[field].text() if field in self._notes else ""

    def put_above(self, title: str, widget: QWidget | QLayout) -> None:
        """A row that is not of the model above those that are, in line with them."""
        self._grid.insertRow(self._above, title, widget)
        self._above += 1

    def set_choices(self, field: str, choices: Choices) -> None:
        """Offer other choices for a field that was made a choice; what is chosen stays if it can."""
        fill_choices(self._rows[field].editor.widget, choices)  # type: ignore[arg-type]

    def editor(self, field: str) -> QWidget:
        """The widget of one field."""
        return self._rows[field].editor.widget

    def _make_row(self, spec: FieldSpec, choices: Choices | None) -> _Row:
        editor = make_editor(spec, choices)
        title = QLabel(spec.title)
        title.setBuddy(editor.widget)
        parts = (spec.help, f"Range: {spec.range_text}" if spec.range_text and choices is None else "")
        tip = "\n".join(part for part in parts if part) or spec.title
        for widget in (title, editor.widget):
            widget.setToolTip(tip)
        editor.widget.setAccessibleName(spec.title)
        editor.widget.setAccessibleDescription(spec.help)
        editor.widget.setObjectName(spec.name)
        row = _Row(spec, editor, title, ErrorLabel())
        editor.changed.connect(lambda *_: self._on_changed(row))
        return row

    def _arrange(self) -> None:
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(SPACING)
        plain = [row for row in self._rows.values() if not row.spec.advanced]
        advanced = [row for row in self._rows.values() if row.spec.advanced]
        self._grid = _grid(plain)
        self._above = 0
        page.addLayout(self._grid)
        foot = QHBoxLayout()
        self._fold.setText("Advanced")
        self._fold.setCheckable(True)
        self._fold.setAutoRaise(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setToolTip("Show the parameters that are rarely changed")
        self._fold.setVisible(bool(advanced))
        self._fold.toggled.connect(self._unfold)
        self._reset.setText("Reset")
        self._reset.setAutoRaise(True)
        self._reset.setToolTip("Set every field of this form back to its default")
        self._reset.setAccessibleName("Reset to defaults")
        self._reset.clicked.connect(self.reset)
        foot.addWidget(self._fold)
        foot.addStretch(1)
        foot.addWidget(self._reset)
        page.addLayout(foot)
        self._advanced_grid = _grid(advanced)
        self._advanced.setLayout(self._advanced_grid)
        page.addWidget(self._advanced)
        self._unfold(False)

    def _unfold(self, unfold: bool) -> None:
        self._fold.setArrowType(Qt.ArrowType.DownArrow if unfold else Qt.ArrowType.RightArrow)
        self._advanced.setVisible(unfold)

    def _on_changed(self, row: _Row) -> None:
        row.error.say("")
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        """Grey out what does not apply, and offer Reset only where it would do something."""
        values = self.values()
        for row in self._rows.values():
            enabled = _holds(row.spec.enabled_when, values)
            row.editor.widget.setEnabled(enabled)
            row.label.setEnabled(enabled)
        self._reset.setVisible(any(values[name] != _plain(row.spec.default) for name, row in self._rows.items()))


def _grid(rows: list[_Row]) -> QFormLayout:
    grid = QFormLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(SPACING)
    grid.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    grid.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    for row in rows:
        grid.addRow(row.label, row.editor.widget)
        grid.addRow(row.error)
    return grid


def _holds(condition: str, values: Mapping[str, Any]) -> bool:
    """Whether 'other' is set, or 'other=value' is so; an empty condition always holds."""
    name, equals, wanted = condition.partition("=")
    if name not in values:
        return True
    value = values[name]
    return str(value).lower() == wanted.lower() if equals else bool(value)


def _plain(default: Any) -> Any:
    """A default as an editor gives it back."""
    return default if default is None or isinstance(default, bool | int | float | str) else str(default)
