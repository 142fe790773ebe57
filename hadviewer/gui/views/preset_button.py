"""Named sets of parameters above a form, such as those published for a scene."""

from collections.abc import Mapping
from typing import Any

from PyQt6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QWidget

from hadviewer.gui.forms.param_form import ParamForm

DEFAULTS, OWN = "Defaults", "Own values"


class PresetButton(QWidget):
    """A menu of presets; the button names the one that the form shows now, whichever way it came to do so."""

    def __init__(
        self, form: ParamForm, presets: Mapping[str, Mapping[str, Any]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._form = form
        self._presets = {DEFAULTS: {}, **presets}
        self.button = QPushButton()
        self.button.setAccessibleName("Preset")
        self.button.setToolTip("Fill the form with a named set of parameters; what it does not name becomes default")
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        for name, values in self._presets.items():
            action = self.menu.addAction(name)
            if action is not None:
                action.setToolTip(", ".join(f"{field} {value}" for field, value in values.items()) or "As declared")
                action.triggered.connect(lambda _=False, chosen=name: self.choose(chosen))
        self.button.setMenu(self.menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(QLabel("Preset"))
        row.addWidget(self.button, 1)
        form.changed.connect(self._name)
        self._name()

    @property
    def chosen(self) -> str:
        """The preset that the form shows; OWN where it shows none."""
        return next((name for name, values in self._presets.items() if self._form.shows(values)), OWN)

    def choose(self, name: str) -> None:
        """Fill the form with a preset."""
        self._form.reset()
        self._form.set_values(self._presets[name])

    def _name(self) -> None:
        self.button.setText(self.chosen)
