"""What controllers ask of views, and the plain data that passes between them. Tests mock these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.results import DetectionRequest
from hadviewer.core.specs import DetectorSpec, TransformSpec
from hadviewer.render.pyramid import Picture

Spectrum = NDArray[np.float32]


class SignalLike(Protocol):
    """A signal of a view."""

    def connect(self, slot: Callable[..., Any]) -> Any: ...


class MessagesLike(Protocol):
    """The one door for what users are told."""

    def info(self, text: str, action: tuple[str, Callable[[], None]] | None = None) -> None: ...
    def warn(self, text: str, details: str = "") -> None: ...
    def error(self, text: str, details: str = "") -> None: ...


@dataclass(frozen=True, eq=False)
class PinnedSpectrum:
    """A kept spectrum: its pin's id, what it is called, its colour (#rrggbb), whether shown, values (bands,)."""

    id: int
    title: str
    colour: str
    visible: bool
    values: Spectrum


class SpectrumViewLike(Protocol):
    """The spectrum dock."""

    @property
    def pin_removed(self) -> SignalLike: ...
    @property
    def pin_shown(self) -> SignalLike: ...
    @property
    def pins_cleared(self) -> SignalLike: ...
    @property
    def copy_requested(self) -> SignalLike: ...
    @property
    def export_requested(self) -> SignalLike: ...
    def set_bands(
        self,
        usable: NDArray[np.bool_] | None,
        centres: NDArray[np.float64] | None = None,
        quantity: str = "Value",
    ) -> None: ...
    def set_live(self, values: Spectrum | None, title: str = "") -> None: ...
    def set_segment(self, values: Spectrum | None, title: str = "") -> None: ...
    def set_pins(self, pins: Sequence[PinnedSpectrum]) -> None: ...
    def show_bands(self, bands: tuple[int, ...]) -> None: ...
    def copy_text(self, text: str) -> None: ...


@dataclass(frozen=True)
class EntryRow:
    """One array of a file, as the chooser lists it."""

    name: str
    size: str
    dtype: str
    note: str = ""


class EntryChooserLike(Protocol):
    """Where one of several cubes in a file is chosen."""

    @property
    def chosen(self) -> SignalLike: ...
    @property
    def dismissed(self) -> SignalLike: ...
    def offer(self, file: str, rows: Sequence[EntryRow]) -> None: ...
    def withdraw(self) -> None: ...


class SceneInfoLike(Protocol):
    """The sheet of facts about the scene."""

    def show_facts(self, title: str, sections: dict[str, dict[str, str]]) -> None: ...
    def present(self) -> None: ...


class SuperpixelPanelLike(Protocol):
    """Where a scene is cut into superpixels."""

    @property
    def run_requested(self) -> SignalLike: ...
    @property
    def cancel_requested(self) -> SignalLike: ...
    @property
    def outline_toggled(self) -> SignalLike: ...
    @property
    def remove_requested(self) -> SignalLike: ...
    def set_ready(self, ready: bool) -> None: ...
    def set_running(self, running: bool) -> None: ...
    def set_progress(self, fraction: float | None, message: str) -> None: ...
    def show_failure(self, text: str) -> None: ...
    def set_segments(self, count: int, outlined: bool) -> None: ...
    def show_segment(self, text: str) -> None: ...


@dataclass(frozen=True)
class DeviceChoice:
    """A device as the user chooses it: ``id`` as a request names it, ``title`` as it reads."""

    id: str
    title: str


@dataclass(frozen=True)
class JobLine:
    """One run in the list: ``state`` is queued, running, done, failed or cancelled; ``fraction`` is 0..1 or None."""

    id: int
    title: str
    state: str
    fraction: float | None = None
    seconds: float = 0.0
    message: str = ""
    error: str = ""


class DetectorPanelLike(Protocol):
    """Where a detector is chosen, set up and started, with the list of runs."""

    @property
    def run_requested(self) -> SignalLike: ...
    @property
    def cancel_requested(self) -> SignalLike: ...
    @property
    def clear_requested(self) -> SignalLike: ...
    def set_detectors(self, specs: Sequence[DetectorSpec], broken: Mapping[str, str]) -> None: ...
    def set_transforms(self, specs: Sequence[TransformSpec]) -> None: ...
    def set_devices(self, devices: Sequence[DeviceChoice]) -> None: ...
    def set_ready(self, ready: bool) -> None: ...
    def request(self) -> DetectionRequest | None: ...
    def show_error(self, field: str, text: str, step: int | None = None) -> None: ...
    def clear_errors(self) -> None: ...
    def show_job(self, line: JobLine) -> None: ...
    def remove_job(self, number: int) -> None: ...


@dataclass(frozen=True, eq=False)
class LayerPicture:
    """A picture laid over the image at ``opacity`` 0..1."""

    id: int
    picture: Picture
    opacity: float = 1.0


@dataclass(frozen=True)
class Marker:
    """A mark on a pixel in ``colour`` (#rrggbb); ``symbol`` is 'circle', 'square' or 'cross'."""

    row: int
    col: int
    colour: str
    symbol: str = "circle"


@dataclass(frozen=True, eq=False)
class ColourScale:
    """What a colour bar shows: a name, 256 colours uint8 (256, 4) and the scores at their ends."""

    title: str
    table: NDArray[np.uint8]
    limits: tuple[float, float]


class ImageViewLike(Protocol):
    """The image with what is laid over it. Pixels are (row, col)."""

    @property
    def pixel_hovered(self) -> SignalLike: ...
    @property
    def pixel_clicked(self) -> SignalLike: ...
    def set_scene(self, shape: tuple[int, int] | None) -> None: ...
    def set_image(self, picture: Picture | None) -> None: ...
    def set_layers(self, layers: Sequence[LayerPicture]) -> None: ...
    def set_markers(self, markers: Sequence[Marker]) -> None: ...
    def set_colour_scale(self, scale: ColourScale | None) -> None: ...
    def set_busy(self, busy: bool) -> None: ...


@dataclass(frozen=True)
class BandChoice:
    """A band as the user chooses it: what it is called, its wavelength in nm if known, whether it is usable."""

    label: str
    wavelength: float | None = None
    usable: bool = True


class DisplayPanelLike(Protocol):
    """Where bands and stretch are chosen. Bands are 0-based here; the panel shows them from 1."""

    @property
    def mode_chosen(self) -> SignalLike: ...
    @property
    def band_chosen(self) -> SignalLike: ...
    @property
    def stretch_chosen(self) -> SignalLike: ...
    @property
    def limits_edited(self) -> SignalLike: ...
    def set_cube(self, modes: Sequence[tuple[str, str]], bands: Sequence[BandChoice]) -> None: ...
    def show_display(self, mode: str, bands: tuple[int, ...], note: str) -> None: ...
    def show_stretch(self, kind: str, percent: float) -> None: ...
    def show_limits(self, limits: Sequence[tuple[float, float]]) -> None: ...


@dataclass(frozen=True)
class ResultRow:
    """One result in the table; ``about`` is everything known of how it came, ``auc`` is None without truth."""

    id: int
    title: str
    colour: str
    parameters: str
    seconds: float
    auc: float | None = None
    notes: tuple[str, ...] = ()
    visible: bool = True
    about: str = ""


class ResultsPanelLike(Protocol):
    """The table of results."""

    @property
    def selected(self) -> SignalLike: ...
    @property
    def toggle_requested(self) -> SignalLike: ...
    @property
    def remove_requested(self) -> SignalLike: ...
    def set_rows(self, rows: Sequence[ResultRow]) -> None: ...
    def set_selected(self, result: int | None) -> None: ...


@dataclass(frozen=True, eq=False)
class RocLine:
    """One ROC curve: shares of background and targets (points,) at falling ``thresholds``."""

    id: int
    title: str
    colour: str
    false_alarm: NDArray[np.float64]
    detection: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    auc: float
    background: int


@dataclass(frozen=True)
class Figure:
    """A number about a result: its name, its value as text, how it is defined."""

    name: str
    value: str
    formula: str


class RocViewLike(Protocol):
    """The ROC dock."""

    @property
    def export_requested(self) -> SignalLike: ...
    def set_curves(self, curves: Sequence[RocLine], hint: str) -> None: ...
    def set_selected(self, result: int | None) -> None: ...
    def set_figures(self, title: str, figures: Sequence[Figure]) -> None: ...


@dataclass(frozen=True)
class LayerRow:
    """A layer as the panel lists it. ``limits`` are the scores at the ends of the colour map, once they are known."""

    id: int
    kind: str
    title: str
    visible: bool
    opacity: float
    colormap: str
    colour: str
    limits: tuple[float, float] | None = None
    automatic: bool = True


class LayersPanelLike(Protocol):
    """The list of layers, the topmost first, and the look of the selected one."""

    @property
    def visibility_changed(self) -> SignalLike: ...
    @property
    def opacity_changed(self) -> SignalLike: ...
    @property
    def opacity_settled(self) -> SignalLike: ...
    @property
    def colormap_changed(self) -> SignalLike: ...
    @property
    def limits_changed(self) -> SignalLike: ...
    @property
    def colour_changed(self) -> SignalLike: ...
    @property
    def move_requested(self) -> SignalLike: ...
    @property
    def remove_requested(self) -> SignalLike: ...
    @property
    def layer_selected(self) -> SignalLike: ...
    def set_layers(self, rows: Sequence[LayerRow]) -> None: ...
    def select(self, layer_id: int) -> None: ...
    def set_colormaps(self, tables: Mapping[str, NDArray[np.uint8]]) -> None: ...


class ReadoutLike(Protocol):
    """Where the line about the pixel under the cursor is shown."""

    def set_text(self, text: str) -> None: ...


@dataclass(frozen=True, eq=False)
class ScoreBars:
    """A histogram of scores: ``edges`` (bars + 1,), ``counts`` (bars,), those of the targets where truth is known."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    targets: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class RuleChoice:
    """A way to choose a threshold; ``argument`` names the number it asks for, '' when it asks for none."""

    id: str
    title: str
    argument: str = ""
    low: float = 0.0
    high: float = 0.0


class ThresholdViewLike(Protocol):
    """The threshold dock."""

    @property
    def threshold_moved(self) -> SignalLike: ...
    @property
    def threshold_settled(self) -> SignalLike: ...
    @property
    def rule_chosen(self) -> SignalLike: ...
    @property
    def argument_edited(self) -> SignalLike: ...
    @property
    def mask_toggled(self) -> SignalLike: ...
    def set_bars(self, linear: ScoreBars | None, log: ScoreBars | None, hint: str) -> None: ...
    def set_rules(self, rules: Sequence[RuleChoice]) -> None: ...
    def show_threshold(self, value: float | None, rule: str, argument: float) -> None: ...
    def show_mask(self, shown: bool) -> None: ...
    def show_reading(self, lines: Sequence[str]) -> None: ...


@dataclass(frozen=True)
class FormatChoice:
    """A format to export to."""

    id: str
    title: str
    summary: str


@dataclass(frozen=True)
class ExportOffer:
    """What can be exported: of which result, where to, as which files, and what there is beside the scores.

    ``threshold`` is what the mask would be made with, None when there is no mask.
    """

    title: str
    folder: str
    stem: str
    formats: tuple[FormatChoice, ...]
    threshold: float | None
    truth: bool


@dataclass(frozen=True)
class ExportOrder:
    """What the user asks for."""

    folder: str
    stem: str
    formats: tuple[str, ...]
    mask: bool
    roc: bool


@dataclass(frozen=True)
class PlannedFile:
    """A file that will be written; ``exists`` when one of that name will be replaced."""

    name: str
    exists: bool


class ExportDialogLike(Protocol):
    """Where an export is set up."""

    @property
    def changed(self) -> SignalLike: ...
    @property
    def ordered(self) -> SignalLike: ...
    def offer(self, offer: ExportOffer) -> None: ...
    def order(self) -> ExportOrder: ...
    def show_plan(self, files: Sequence[PlannedFile], error: str = "") -> None: ...
    def open_folder(self, folder: str) -> None: ...
