"""Where a scene is cut into superpixels."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QCheckBox, QGridLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from hadviewer.core.params import Params
from hadviewer.engine.superpixel_tasks import SuperpixelParams
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm

NO_SCENE = "Open a cube to cut it into superpixels."
NONE_YET = "Superpixels are groups of neighbouring pixels with like spectra."


class SuperpixelPanel(QWidget):
    """Parameters, Run and Cancel, progress, whether the boundaries are shown, and the superpixel under the cursor.

    Signals:
        run_requested: (Params) cut the scene.
        cancel_requested: stop doing so.
        outline_toggled: (bool) show or hide the boundaries.
        remove_requested: do without superpixels.
    """

    run_requested = pyqtSignal(object)
    cancel_requested = pyqtSignal()
    outline_toggled = pyqtSignal(bool)
    remove_requested = pyqtSignal()

    def __init__(self, params: type[Params] = SuperpixelParams, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = ParamForm(params)
        self.run = QPushButton("Compute")
        self.run.setToolTip("Cut the scene into superpixels, in the background")
        self.run.clicked.connect(self.submit)
        self.cancel = QPushButton("Cancel")
        self.cancel.setToolTip("Stop the computation")
        self.cancel.clicked.connect(self.cancel_requested)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the superpixels")
        self.progress.setToolTip("How far the computation is")
        self.outline = QCheckBox("Show boundaries")
        self.outline.setToolTip("Draw the boundaries of the superpixels over the image")
        self.outline.clicked.connect(self.outline_toggled)
        self.remove = QPushButton("Remove")
        self.remove.setToolTip("Remove the superpixels and their layer")
        self.remove.clicked.connect(self.remove_requested)
        self.error = ErrorLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._arrange()
        self._ready, self._running, self._count = False, False, 0
        self._tell_state()

    # What the controller says

    def set_ready(self, ready: bool) -> None:
        """Say whether there is a scene to cut."""
        self._ready = ready
        self._tell_state()

    def set_running(self, running: bool) -> None:
        """Say whether the computation is queued or under way."""
        self._running = running
        if running:
            self.error.say("")
            self.set_progress(None, "Waiting")
        self._tell_state()

    def set_progress(self, fraction: float | None, message: str) -> None:
        """Show how far it is (0..1, None while unknown) and what is being done."""
        self.progress.setRange(0, 0 if fraction is None else 100)
        self.progress.setValue(0 if fraction is None else round(fraction * 100))
        self.progress.setFormat(f"{message} %p%".strip())

    def show_failure(self, text: str) -> None:
        """Say why there are no superpixels."""
        self.error.say(text)

    def set_segments(self, count: int, outlined: bool) -> None:
        """Say how many superpixels there are (0: none) and whether their boundaries are drawn."""
        self._count = count
        self.outline.setChecked(outlined)
        self._tell_state()

    def show_segment(self, text: str) -> None:
        """Tell the superpixel under the cursor; '' when there is none."""
        self._text.setText(text or self._resting_text())

    # What the user does

    def submit(self) -> None:
        """Send out the parameters, if they are right."""
        if self._ready and not self._running:
            params = self.form.checked()
            if params is not None:
                self.run_requested.emit(params)

    # Inside

    def _arrange(self) -> None:
        buttons = QGridLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.run, 0, 0)
        buttons.addWidget(self.cancel, 0, 1)
        buttons.addWidget(self.progress, 1, 0, 1, 2)
        buttons.addWidget(self.error, 2, 0, 1, 2)
        buttons.addWidget(self.outline, 3, 0)
        buttons.addWidget(self.remove, 3, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.form)
        column.addLayout(buttons)
        column.addWidget(self._text)
        column.addStretch(1)

    def _tell_state(self) -> None:
        self.run.setEnabled(self._ready and not self._running)
        self.cancel.setEnabled(self._running)
        self.progress.setVisible(self._running)
        self.outline.setEnabled(self._count > 0)
        self.remove.setEnabled(self._count > 0)
        self.show_segment("")

    def _resting_text(self) -> str:
        if not self._ready:
            return NO_SCENE
        return f"{self._count} superpixels." if self._count else NONE_YET
