"""Transforms to apply before the detector: a short list, each with its own form."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from hadviewer.core.results import TransformStep
from hadviewer.core.specs import TransformSpec
from hadviewer.gui.forms.param_form import ParamForm

EMPTY = "None: the detector sees the values of the cube."


class TransformList(QWidget):
    """The transforms applied in turn before the detector.

    Signals:
        changed(): a transform was added, removed or set otherwise.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: list[_Step] = []
        self.add_button = QToolButton()
        self.add_button.setText("Add…")
        self.add_button.setToolTip("Add a transform before the detector")
        self.add_button.setAccessibleName("Add a transform")
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.add_button.setMenu(self.menu)
        self._empty = QLabel(EMPTY)
        self._empty.setWordWrap(True)
        self._empty.setEnabled(False)
        head = QHBoxLayout()
        head.addWidget(QLabel("Transforms"))
        head.addStretch(1)
        head.addWidget(self.add_button)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addLayout(head)
        self._layout.addWidget(self._empty)

    def set_transforms(self, specs: Sequence[TransformSpec]) -> None:
        """Offer these transforms."""
        self.menu.clear()
        for spec in specs:
            action = self.menu.addAction(spec.title)
            if action is not None:
                action.setToolTip(spec.summary)
                action.triggered.connect(lambda _=False, chosen=spec: self.add(chosen))
        self.add_button.setEnabled(bool(specs))

    def add(self, spec: TransformSpec, values: dict[str, Any] | None = None) -> None:
        """Append a transform, with its defaults or the ``values`` given."""
        step = _Step(spec, values or {})
        step.remove_button.clicked.connect(lambda: self._remove(step))
        step.form.changed.connect(self.changed)
        self._steps.append(step)
        self._layout.addWidget(step)
        self._renumber()

    def steps(self) -> tuple[TransformStep, ...]:
        """The transforms chosen, in order; their parameters are not yet validated."""
        return tuple(TransformStep(id=step.spec.id, params=step.form.values()) for step in self._steps)

    def show_error(self, index: int, field: str, text: str) -> QWidget | None:
        """Mark a field of the transform at ``index``; returns its editor, None when there is no such field."""
        return self._steps[index].form.show_error(field, text)

    def clear_errors(self) -> None:
        """Take every red text away."""
        for step in self._steps:
            step.form.clear_errors()

    def _remove(self, step: "_Step") -> None:
        self._steps.remove(step)
        self._layout.removeWidget(step)
        step.hide()
        step.deleteLater()
        self._renumber()

    def _renumber(self) -> None:
        self._empty.setVisible(not self._steps)
        for number, step in enumerate(self._steps, start=1):
            step.set_number(number)
        self.changed.emit()


class _Step(QWidget):
    """One transform: number, title, the button that removes it, its form."""

    def __init__(self, spec: TransformSpec, values: dict[str, Any]) -> None:
        super().__init__()
        self.spec = spec
        self._title = QLabel()
        self._title.setToolTip("\n".join(part for part in (spec.summary, spec.reference) if part))
        self.remove_button = QToolButton()
        self.remove_button.setText("×")
        self.remove_button.setAutoRaise(True)
        self.remove_button.setToolTip(f"Remove {spec.title}")
        self.remove_button.setAccessibleName(f"Remove {spec.title}")
        self.form = ParamForm(spec.params)
        self.form.set_values(values)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        if not self.form.is_empty:
            inset = QHBoxLayout()
            inset.setContentsMargins(14, 0, 0, 0)
            inset.addWidget(self.form)
            layout.addLayout(inset)
        else:
            self.form.setParent(self)
            self.form.hide()

    def set_number(self, number: int) -> None:
        self._title.setText(f"{number}. {self.spec.title}")
