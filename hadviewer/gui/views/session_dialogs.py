"""The questions about sessions: save before leaving, recover after a crash, and which file."""

from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QWidget

from hadviewer.gui import choosers

Role = QMessageBox.ButtonRole
FILTER = "hadviewer session (*.hadsession)"


class SessionDialogs:
    """Asks without stopping the window; Return takes the button that loses nothing, Esc does nothing."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self.box: QMessageBox | None = None

    def ask_to_save(self, name: str, answer: Callable[[str], None]) -> None:
        """Save, Don't save or Cancel."""
        choices = {"save": ("&Save", Role.AcceptRole), "discard": ("&Don't save", Role.DestructiveRole)}
        choices["cancel"] = ("&Cancel", Role.RejectRole)
        more = "Results, regions, spectra and marks since the last time it was saved are lost otherwise."
        self._ask("Unsaved changes", f"Save the changes of {name}?", more, choices, answer)

    def ask_to_stop(self, running: list[str], answer: Callable[[str], None]) -> None:
        """Keep running, or stop what runs or waits and close."""
        choices = {"wait": ("&Keep running", Role.RejectRole), "stop": ("&Stop and close", Role.DestructiveRole)}
        text = f"{running[0]} has not ended. Close all the same?"
        if len(running) > 1:
            text = f"{running[0]} and {len(running) - 1} more have not ended. Close all the same?"
        more = "What has not ended gives no result."
        self._ask("Still running", text, more, choices, answer, escape="wait")

    def offer_recovery(self, name: str, kept: str, answer: Callable[[str], None]) -> None:
        """Recover, Discard or Later."""
        choices = {"recover": ("&Recover", Role.AcceptRole), "discard": ("&Discard", Role.DestructiveRole)}
        choices["later"] = ("&Later", Role.RejectRole)
        more = f"The session {name} was kept on {kept}. Later asks again at the next start."
        self._ask("Recover a session", "The program ended unexpectedly. Bring its session back?", more, choices, answer)

    def choose_target(self, suggestion: Path) -> Path | None:
        """Where to save a session, or None."""
        name, _ = QFileDialog.getSaveFileName(self._parent, "Save session", str(suggestion), FILTER)
        return Path(name) if name else None

    def choose_session(self) -> Path | None:
        """Which session to open, or None."""
        name, _ = QFileDialog.getOpenFileName(self._parent, "Open session", "", f"{FILTER};;All files (*)")
        return Path(name) if name else None

    def find_cube(self, missing: Path) -> Path | None:
        """Where a cube is now, or None."""
        title = f"Where is {missing.name}? It was in {missing.parent}"
        return choosers.choose_moved(self._parent, title, missing.name)

    def _ask(
        self,
        title: str,
        text: str,
        more: str,
        choices: dict[str, tuple[str, Role]],
        answer: Callable[[str], None],
        escape: str = "",
    ) -> None:
        """Return takes the first choice; Esc takes ``escape``, or the last."""
        if self.box is not None:
            self.box.raise_()  # one question at a time; that one is still to be answered
            return
        box = self.box = QMessageBox(self._parent)
        box.setWindowTitle(title)
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(text)
        box.setInformativeText(more)
        buttons = {name: box.addButton(label, role) for name, (label, role) in choices.items()}
        first, *_, last = buttons
        escape = escape or last
        box.setDefaultButton(buttons[first])
        box.setEscapeButton(buttons[escape])
        box.setWindowModality(Qt.WindowModality.WindowModal)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

        def finish() -> None:
            clicked, self.box = box.clickedButton(), None
            answer(next((name for name, button in buttons.items() if button is clicked), escape))

        box.finished.connect(finish)
        box.show()
