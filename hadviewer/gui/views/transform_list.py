"""Transforms to apply before the detector: a chain of steps, each with its own form."""

from collections.abc import Sequence
from typing import Any

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QPalette, QShortcut
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from hadviewer.core.results import TransformStep
from hadviewer.core.specs import TransformSpec
from hadviewer.gui.forms.param_form import ParamForm

EMPTY = "Without one the detector sees the values of the cube."


class TransformList(QWidget):
    """The transforms applied in turn before the detector.

    Signals:
        changed(): a transform was added, removed, moved or set otherwise.
        chain_changed(): one was added, removed or moved.
    """

    changed = pyqtSignal()
    chain_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: list[_Step] = []
        self.add_button = QPushButton("Add")
        self.add_button.setToolTip("Add a transform before the detector")
        self.add_button.setAccessibleName("Add a transform")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.add_button.setMenu(self.menu)
        self._empty = QLabel("None")
        self._empty.setToolTip(EMPTY)
        self._empty.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        head = QHBoxLayout()
        head.addWidget(QLabel("Transforms"))
        head.addWidget(self._empty)
        head.addStretch(1)
        head.addWidget(self.add_button)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)
        self._layout.addLayout(head)
        self._before_steps = self._layout.count()

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
        step.moved.connect(lambda by: self._move(step, by))
        step.form.changed.connect(self.changed)
        self._steps.append(step)
        self._layout.addWidget(step)
        self._renumber()

    def steps(self) -> tuple[TransformStep, ...]:
        """The transforms chosen, in order; their parameters are not yet validated."""
        return tuple(TransformStep(id=step.spec.id, params=step.form.values()) for step in self._steps)

    @property
    def devices(self) -> set[str]:
        """The kinds of device that one of the transforms runs on."""
        return {kind for step in self._steps for kind in step.spec.devices}

    @property
    def last_stop(self) -> QWidget:
        """Where Tab stops last."""
        return self._steps[-1].stops[-1] if self._steps else self.add_button

    def show_error(self, index: int, field: str, text: str) -> QWidget | None:
        """Mark a field of the transform at ``index``; returns its editor, None when there is no such field."""
        return self._steps[index].form.show_error(field, text)

    def show_note(self, index: int, field: str, text: str) -> None:
        """Say something of the value in a field of the transform at ``index``; '' for nothing."""
        self._steps[index].form.show_note(field, text)

    def clear_errors(self) -> None:
        """Take every red text away."""
        for step in self._steps:
            step.form.clear_errors()

    def _remove(self, step: "_Step") -> None:
        place = self._steps.index(step)
        self._steps.remove(step)
        self._layout.removeWidget(step)
        step.hide()
        step.deleteLater()
        self._renumber()
        # The keyboard goes on where it was.
        after = self._steps[min(place, len(self._steps) - 1)].remove_button if self._steps else self.add_button
        after.setFocus(Qt.FocusReason.OtherFocusReason)

    def _move(self, step: "_Step", by: int) -> None:
        """Let a step change places with the one before (-1) or behind it (+1)."""
        place = self._steps.index(step) + by
        if not 0 <= place < len(self._steps):
            return
        focused = self.focusWidget()
        self._steps.remove(step)
        self._steps.insert(place, step)
        self._layout.removeWidget(step)
        self._layout.insertWidget(self._before_steps + place, step)
        self._renumber()
        step.keep_focus(focused)

    def _renumber(self) -> None:
        self._empty.setVisible(not self._steps)
        before: QWidget = self.add_button
        for number, step in enumerate(self._steps, start=1):
            step.set_number(number, len(self._steps))
            for widget in step.stops:
                QWidget.setTabOrder(before, widget)
                before = widget
        self.chain_changed.emit()
        self.changed.emit()


class _Step(QWidget):
    """One transform: number, title, the buttons that move and remove it, its form.

    Signals:
        moved(int): asked to go one place up (-1) or down (+1).
    """

    moved = pyqtSignal(int)

    def __init__(self, spec: TransformSpec, values: dict[str, Any]) -> None:
        super().__init__()
        self.spec = spec
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setToolTip("\n".join(part for part in (spec.summary, spec.reference) if part))
        self.up_button = _button(Qt.ArrowType.UpArrow, f"Apply {spec.title} earlier (Alt+Up)")
        self.down_button = _button(Qt.ArrowType.DownArrow, f"Apply {spec.title} later (Alt+Down)")
        self.remove_button = _button("×", f"Remove {spec.title}")
        self.form = ParamForm(spec.params)
        self.form.set_values(values)
        for button, key, by in ((self.up_button, "Alt+Up", -1), (self.down_button, "Alt+Down", 1)):
            button.clicked.connect(lambda _=False, by=by: self.moved.emit(by))
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda by=by: self.moved.emit(by))
        self._arrange()

    @property
    def stops(self) -> list[QWidget]:
        """Where Tab stops, in order."""
        return [self.up_button, self.down_button, self.remove_button, *self.form.stops]

    def set_number(self, number: int, count: int) -> None:
        """Say which of ``count`` steps this is."""
        self._title.setText(f"{number}. {self.spec.title}")
        self.up_button.setEnabled(number > 1)
        self.down_button.setEnabled(number < count)

    def keep_focus(self, focused: QWidget | None) -> None:
        """Keep the keyboard in this step after it was moved, on another button where its own went grey."""
        if focused is None or not self.isAncestorOf(focused):
            return
        other = self.down_button if focused is self.up_button else self.up_button
        (focused if focused.isEnabled() else other).setFocus(Qt.FocusReason.OtherFocusReason)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self._title, 1)
        for button in (self.up_button, self.down_button, self.remove_button):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(head)
        if self.form.is_empty:
            self.form.setParent(self)
            self.form.hide()
        else:
            inset = QHBoxLayout()
            inset.setContentsMargins(14, 0, 0, 0)
            inset.addWidget(self.form)
            layout.addLayout(inset)


def _button(face: str | Qt.ArrowType, tip: str) -> QToolButton:
    button = QToolButton()
    if isinstance(face, str):
        button.setText(face)
    else:
        button.setArrowType(face)
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
