"""Choosing a detector, setting it up and starting it."""

import re
from collections.abc import Mapping, Sequence

from PyQt6.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QShowEvent, QStandardItemModel
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from hadviewer.core.context import BACKGROUND
from hadviewer.core.params import Params, field
from hadviewer.core.results import DetectionRequest
from hadviewer.core.specs import DetectorSpec, TransformSpec
from hadviewer.gui.forms.param_form import ErrorLabel, ParamForm
from hadviewer.gui.views._page import align_labels
from hadviewer.gui.views.data import DeviceChoice, JobLine
from hadviewer.gui.views.detector_list import DetectorList
from hadviewer.gui.views.jobs_view import JobsView
from hadviewer.gui.views.preset_button import PresetButton
from hadviewer.gui.views.scope_choice import ScopeChoice
from hadviewer.gui.views.transform_list import TransformList

LIST_HEIGHT = 160
DOI = re.compile(r"doi:\s*(10\.[^\s;,]*[^\s;,.])")
AUTOMATIC = DeviceChoice("auto", "Automatic")


class RunOptions(Params):
    """What every run has, whatever the detector."""

    bands: str = field(
        "usable",
        "Bands",
        help="usable (bad bands left out), all, numbers such as 1-50,60, or wavelengths such as 450-900nm.",
    )
    device: str = field("auto", "Device", help="Where it runs. Automatic takes a GPU where the detector can use one.")
    seed: int = field(
        0, "Seed", ge=0, le=2**31 - 1, advanced=True, help="The same seed gives the same scores, on the same device."
    )


class DetectorPanel(QWidget):
    """Search, list, parameters, transforms, run options, Run, and the list of runs.

    Signals:
        run_requested(): run the chosen detector.
        cancel_requested(int): stop the job with this id.
        clear_requested(int): forget the ended job with this id.
        shown_first(): the panel is on screen for the first time.
        input_changed(): what the detector gets is another: its transforms, or the options of the run.
    """

    run_requested = pyqtSignal()
    cancel_requested = pyqtSignal(int)
    clear_requested = pyqtSignal(int)
    shown_first = pyqtSignal()
    input_changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._forms: dict[str, ParamForm] = {}
        self._presets: dict[str, PresetButton] = {}
        self._devices: tuple[DeviceChoice, ...] = (AUTOMATIC,)
        self._shown = False
        self._fault: QWidget | None = None
        self.detectors = DetectorList()
        self.about, self.reference = QLabel(), QLabel()
        self.error = ErrorLabel()
        self.transforms = TransformList()
        self.options = ParamForm(RunOptions, choices={"device": [(AUTOMATIC.id, AUTOMATIC.title)]})
        self.scope = ScopeChoice()
        self.use_segments = QCheckBox("Use the superpixels shown")
        self._segments = 0
        self.run_button = QPushButton()
        self.jobs = JobsView()
        self._form_place = QVBoxLayout()
        self._area = QScrollArea()
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._dress()
        self._arrange()
        self.detectors.chosen_changed.connect(self._on_chosen)
        self.transforms.chain_changed.connect(self._offer_devices)
        self.transforms.changed.connect(self.input_changed)
        self.options.changed.connect(self.input_changed)
        self.run_button.clicked.connect(self.run_requested)
        self.jobs.cancel_requested.connect(self.cancel_requested)
        self.jobs.clear_requested.connect(self.clear_requested)
        self.set_ready(False)

    def set_detectors(self, specs: Sequence[DetectorSpec], broken: Mapping[str, str] | None = None) -> None:
        """List these detectors by family, and the plug-ins that could not be loaded with the reason."""
        self.detectors.set_detectors(specs, broken or {})

    def set_transforms(self, specs: Sequence[TransformSpec]) -> None:
        """Offer these transforms."""
        self.transforms.set_transforms(specs)

    def set_devices(self, devices: Sequence[DeviceChoice]) -> None:
        """Offer these devices, besides the automatic choice."""
        self._devices = (AUTOMATIC, *devices)
        self._offer_devices()

    def set_ready(self, ready: bool, reason: str = "Open a cube first") -> None:
        """Whether there is a cube to run on; ``reason`` tells why not."""
        self.run_button.setEnabled(ready)
        self.run_button.setToolTip("Run the detector in the background" if ready else reason)

    def set_segments(self, count: int) -> None:
        """How many superpixels are shown: those a detector may use in place of its own."""
        self._segments = count
        self._offer_segments()

    def uses_segments(self) -> bool:
        """Whether the detector shall use the superpixels shown."""
        return self.use_segments.isEnabled() and self.use_segments.isChecked()

    @property
    def chosen(self) -> str | None:
        """The id of the detector chosen."""
        spec = self.detectors.chosen
        return None if spec is None else spec.id

    def choose(self, detector: str) -> None:
        """Choose a detector by its id."""
        self.detectors.choose(detector)

    def request(self) -> DetectionRequest | None:
        """What is asked for, not yet validated; None when no detector is chosen."""
        detector = self.chosen
        if detector is None:
            return None
        return DetectionRequest(
            detector=detector,
            params=self._forms[detector].values(),
            transforms=self.transforms.steps(),
            **self.options.values(),
        )

    def show_error(self, field: str, text: str, step: int | None = None) -> None:
        """Say what is wrong, under the field at fault; ``step`` is the number of the transform it belongs to."""
        form = self._forms.get(self.chosen or "")
        if step is not None:
            place = self.transforms.show_error(step, field, text)
        else:
            place = (form.show_error(field, text) if form is not None else None) or self.options.show_error(field, text)
        self.error.say("" if place else text)
        self._fault = place
        QTimer.singleShot(0, self._scroll_to_fault)  # once the red text has its room

    def show_note(self, step: int, field: str, text: str) -> None:
        """Say something of the value in a field of a transform; '' for nothing."""
        self.transforms.show_note(step, field, text)

    def clear_errors(self) -> None:
        """Take every red text away."""
        self._fault = None
        self.error.say("")
        self.options.clear_errors()
        self.transforms.clear_errors()
        for form in self._forms.values():
            form.clear_errors()

    def show_job(self, line: JobLine) -> None:
        """Add a run to the list, or bring it up to date."""
        self.jobs.show_job(line)

    def remove_job(self, number: int) -> None:
        """Take a run off the list."""
        self.jobs.remove_job(number)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Tell once that the panel is in use."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self.shown_first.emit()

    def _scroll_to_fault(self) -> None:
        if self._fault is not None:
            self._area.ensureWidgetVisible(self._fault, 0, 60)

    def _dress(self) -> None:
        for label, name in ((self.about, "About the detector"), (self.reference, "Source of the detector")):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
            label.setOpenExternalLinks(True)
            label.setAccessibleName(name)
        self.run_button.setDefault(True)
        self.run_button.setMinimumHeight(32)
        self.run_button.setText("Run")
        self.run_button.setAccessibleName("Run the detector")

    def _arrange(self) -> None:
        page = QWidget()
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.setSpacing(8)
        inner.addWidget(self.about)
        inner.addWidget(_line())
        inner.addWidget(self.transforms)
        inner.addWidget(_line())
        inner.addWidget(self.use_segments)
        inner.addLayout(self._form_place)
        inner.addWidget(self.scope)
        inner.addWidget(self.options)
        align_labels(self.scope, self.options)
        inner.addWidget(self.reference)
        inner.addStretch(1)
        area = self._area
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(90)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.detectors)
        split.addWidget(area)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 2)
        split.setSizes([LIST_HEIGHT, 250])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(split, 1)
        layout.addWidget(self.error)
        layout.addWidget(self.run_button)
        layout.addWidget(self.jobs)

    def changeEvent(self, event: QEvent | None) -> None:
        """Follow the theme: a link keeps the colour it was written in."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            text = self.reference.text()
            self.reference.clear()
            self.reference.setText(text)

    def _on_chosen(self) -> None:
        spec = self.detectors.chosen
        for widget in (*self._forms.values(), *self._presets.values()):
            widget.hide()
        self.error.say("")
        self.run_button.setText("Run" if spec is None else f"Run {spec.title}")
        self.about.setText("" if spec is None else _about(spec))
        self.reference.setText("" if spec is None else _reference(spec))
        if spec is None:
            return
        if spec.id not in self._forms:
            self._forms[spec.id] = ParamForm(spec.params)
            self._presets[spec.id] = PresetButton(self._forms[spec.id], spec.presets)
            for widget in (self._presets[spec.id], self._forms[spec.id]):
                self._form_place.addWidget(widget)
            self.setTabOrder(self.transforms.last_stop, self.use_segments)
            before: QWidget = self.use_segments
            for widget in (self._presets[spec.id].button, *self._forms[spec.id].stops):
                self.setTabOrder(before, widget)
                before = widget
        self._forms[spec.id].setVisible(not self._forms[spec.id].is_empty)
        self._presets[spec.id].setVisible(bool(spec.presets))
        self._offer_devices()
        self._offer_segments()
        self.scope.set_background(BACKGROUND in spec.takes)

    def _offer_segments(self) -> None:
        """The box is there for detectors that take superpixels, and can be ticked where some are shown."""
        spec = self.detectors.chosen
        self.use_segments.setVisible(spec is not None and "segments" in spec.takes)
        self.use_segments.setEnabled(self._segments > 0 and spec is not None and "segments" in spec.takes)
        shown = f"{self._segments} superpixels" if self._segments else "superpixels"
        self.use_segments.setText(f"Use the {shown} shown")
        self.use_segments.setToolTip(
            f"Run on the {self._segments} superpixels over the image instead of the detector's own"
            if self._segments
            else "Compute superpixels first: they are in the dock Superpixels"
        )

    def _offer_devices(self) -> None:
        """List the devices; those that neither the detector nor one of the transforms can use are greyed out."""
        spec = self.detectors.chosen
        kinds = {"auto", "cpu", *(spec.devices if spec is not None else ()), *self.transforms.devices}
        self.options.set_choices("device", [(item.id, item.title) for item in self._devices])
        combo = self.options.editor("device")
        assert isinstance(combo, QComboBox)
        model = combo.model()
        assert isinstance(model, QStandardItemModel)
        for index, device in enumerate(self._devices):
            usable = device.id.partition(":")[0] in kinds
            item = model.item(index)
            if item is not None:
                item.setEnabled(usable)
                item.setToolTip("" if usable or spec is None else self._unfit(spec))
            if not usable and combo.currentIndex() == index:
                combo.setCurrentIndex(0)

    def _unfit(self, spec: DetectorSpec) -> str:
        """Why a device is greyed out."""
        steps = self.transforms.steps()
        return f"{spec.title} {'and its transforms do' if steps else 'does'} not run on it."


def _about(spec: DetectorSpec) -> str:
    """Summary and when to choose it, as rich text."""
    from html import escape

    parts = [escape(part) for part in (spec.summary, spec.when) if part]
    return "".join(f"<p style='margin: 0 0 4px'>{part}</p>" for part in parts)


def _reference(spec: DetectorSpec) -> str:
    """Where it is described, a DOI as a link."""
    from html import escape

    linked = DOI.sub(r'<a href="https://doi.org/\1">doi:\1</a>', escape(spec.reference))
    return f"<small>{linked}</small>" if linked else ""


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
