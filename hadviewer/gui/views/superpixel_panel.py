"""Where a scene is cut into superpixels."""

from collections.abc import Callable

from PyQt6.QtCore import QTimer, pyqtBoundSignal, pyqtSignal
from PyQt6.QtGui import QStandardItemModel
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hadviewer.core.params import Params
from hadviewer.engine.superpixel_tasks import FORM_FIELDS, SuperpixelParams
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm

NO_SCENE = "Open a cube to cut it into superpixels."
NONE_YET = "Superpixels are groups of neighbouring pixels with like spectra."
PAUSE_MS = 150
"""The last of several changes within this time counts."""
FILLS = (("", "Nothing"), ("segment_scores", "Mean score"), ("segment_colours", "Mean colour"))


class SuperpixelPanel(QWidget):
    """Parameters, Compute and Cancel, progress, how superpixels are shown, and the one under the cursor.

    Signals:
        run_requested: (Params) cut the scene.
        live_changed: (Params or None) cut the scene like this at once; None: from now on only on request.
        cancel_requested: stop doing so.
        outline_toggled: (bool) show or hide the boundaries.
        fill_chosen: (kind of layer or '') what the superpixels are coloured by.
        remove_requested: do without superpixels.
    """

    run_requested = pyqtSignal(object)
    live_changed = pyqtSignal(object)
    cancel_requested = pyqtSignal()
    outline_toggled = pyqtSignal(bool)
    fill_chosen = pyqtSignal(str)
    remove_requested = pyqtSignal()

    def __init__(self, params: type[Params] = SuperpixelParams, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.form = ParamForm(params, only=FORM_FIELDS)
        self.form.changed.connect(self._edited)
        self.live = QCheckBox("Live")
        self.live.setToolTip(
            "Cut again at every change of a value. Of a large scene the part in sight is shown as a preview; "
            "Compute then cuts the whole."
        )
        self.live.clicked.connect(self._tell_live)
        self.run = _button("Compute", "Cut the whole scene into superpixels, in the background", self.submit)
        self.cancel = _button("Cancel", "Stop the computation", self.cancel_requested)
        self.progress = QProgressBar()
        self.progress.setAccessibleName("Progress of the superpixels")
        self.progress.setToolTip("How far the computation is")
        self.outline = QCheckBox("Show boundaries")
        self.outline.setToolTip("Draw the boundaries of the superpixels over the image")
        self.outline.clicked.connect(self.outline_toggled)
        self.fill = QComboBox()
        self.fill.setAccessibleName("Colour superpixels by")
        self.fill.setToolTip(
            "Lay a colour over each superpixel: the mean score of the selected result, with a colour bar, or the mean\n"
            "of the bands shown. It is a layer: opacity, colour map and limits are in the dock Layers."
        )
        self.fill.activated.connect(lambda place: self.fill_chosen.emit(FILLS[place][0]))
        for _, title in FILLS:
            self.fill.addItem(title)
        self.remove = _button("Remove", "Remove the superpixels and their layers", self.remove_requested)
        self.error = ErrorLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._tell_live)
        self._arrange()
        self._ready, self._running, self._count, self._note = False, False, 0, ""
        self.set_fill("", "")
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

    def stop_live(self) -> None:
        """Cut on request only from now on."""
        self._pause.stop()
        self.live.setChecked(False)
        self._tell_state()

    def show_failure(self, text: str) -> None:
        """Say why there are no superpixels."""
        self.error.say(text)

    def set_segments(self, count: int, outlined: bool) -> None:
        """Say how many superpixels there are (0: none) and whether their boundaries are drawn."""
        self._count = count
        self.outline.setChecked(outlined)
        self._tell_state()

    def set_fill(self, kind: str, result: str) -> None:
        """Say what the superpixels are coloured by, and which result is selected ('': none)."""
        place = [name for name, _ in FILLS].index(kind)
        self.fill.setCurrentIndex(place)
        self.fill.setItemText(1, f"Mean score of {result}" if result else "Mean score (run a detector first)")
        model = self.fill.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(1)
        assert item is not None
        item.setEnabled(bool(result))

    def show_note(self, text: str) -> None:
        """Tell what else is worth knowing of what is shown, such as that it is a preview."""
        self._note = text
        self.show_segment("")

    def show_segment(self, text: str) -> None:
        """Tell the superpixel under the cursor; '' when there is none."""
        self._text.setText(text or self._resting_text())

    # What the user does

    def submit(self) -> None:
        """Send out the parameters, if they are right."""
        if self.run.isEnabled():
            params = self.form.checked()
            if params is not None:
                self.run_requested.emit(params)

    def _edited(self) -> None:
        """Wait a moment: a value that is turned changes many times."""
        if self.live.isChecked():
            self._pause.start()

    def _tell_live(self) -> None:
        self._pause.stop()
        self._tell_state()
        if not self.live.isChecked():
            self.live_changed.emit(None)
        elif self._ready and (params := self.form.checked()) is not None:
            self.live_changed.emit(params)

    # Inside

    def _arrange(self) -> None:
        fill = QLabel("Colour by")
        fill.setBuddy(self.fill)
        buttons = QGridLayout()
        buttons.setSpacing(6)
        buttons.setColumnStretch(1, 1)
        buttons.addWidget(self.live, 0, 0)
        buttons.addWidget(self.run, 0, 1)
        buttons.addWidget(self.cancel, 0, 2)
        buttons.addWidget(self.error, 1, 0, 1, 3)
        buttons.addWidget(self.outline, 2, 0, 1, 2)
        buttons.addWidget(self.remove, 2, 2)
        buttons.addWidget(fill, 3, 0)
        buttons.addWidget(self.fill, 3, 1, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.form)
        column.addLayout(buttons)
        column.addWidget(self._text)
        column.addWidget(self.progress)  # last, so that nothing moves when it comes and goes
        column.addStretch(1)

    def _tell_state(self) -> None:
        self.run.setEnabled(self._ready and (self.live.isChecked() or not self._running))
        self.cancel.setEnabled(self._running)
        self.progress.setVisible(self._running)
        self.live.setEnabled(self._ready)
        self.outline.setEnabled(self._count > 0)
        self.fill.setEnabled(self._count > 0)
        self.remove.setEnabled(self._count > 0)
        self.show_segment("")

    def _resting_text(self) -> str:
        if not self._ready:
            return NO_SCENE
        if self._note:
            return self._note
        return f"{self._count} superpixels." if self._count else NONE_YET


def _button(text: str, tip: str, act: Callable[[], object] | pyqtBoundSignal) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(act)
    return button
