"""Preferences, as a form made from their description."""

from collections.abc import Callable

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.engine.preferences import Preferences
from hadviewer.gui.forms.param_form import ParamForm
from hadviewer.gui.views._page import dialog_column


class PreferencesDialog(QDialog):
    """Shows the preferences; ``accept(values)`` gets those chosen when they are right."""

    def __init__(
        self, present: Preferences, accept: Callable[[dict[str, object]], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._accept = accept
        self.form = ParamForm(Preferences)
        self.form.set_values({name: getattr(present, name) for name in Preferences.model_fields})
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        buttons.accepted.connect(self._try)
        buttons.rejected.connect(self.close)
        column = dialog_column(self)
        column.addWidget(self.form)
        column.addStretch(1)
        column.addWidget(buttons)
        self.setMinimumWidth(360)
        self.adjustSize()

    def _try(self) -> None:
        try:
            chosen = parse(Preferences, self.form.values())
        except ParamError as error:
            self.form.show_error(error.field, error.message)
            return
        self._accept(chosen.model_dump())
        self.close()
