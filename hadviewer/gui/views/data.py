"""The plain data that passes between controllers and views."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.render.mosaic import Mosaic
from hadviewer.render.stretch import Histogram

Spectrum = NDArray[np.float32]
"""The values of a pixel (bands,), NaN where there are none."""


@dataclass(frozen=True)
class EntryRow:
    """One array of a file, as the chooser lists it."""

    name: str
    size: str
    dtype: str
    note: str = ""


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


@dataclass(frozen=True, eq=False)
class Outline:
    """Lines between the parts of a scene, a mask or labels (rows, cols), ``width`` screen pixels wide in ``colour``."""

    parts: NDArray[Any]
    colour: str
    width: int = 1


@dataclass(frozen=True, eq=False)
class LayerPicture:
    """A picture laid over the image at ``opacity`` 0..1; ``outline`` takes its place where pixels are large.

    ``blend`` is how its colours meet those below. ``side`` is 'left' or 'right' where it is seen on one side of the
    curtain only.
    """

    id: int
    picture: Mosaic
    opacity: float = 1.0
    outline: Outline | None = None
    blend: str = "normal"
    side: str = "all"


@dataclass(frozen=True)
class Marker:
    """A mark on a pixel in ``colour`` (#rrggbb); ``symbol`` is 'circle', 'square' or 'cross'."""

    row: int
    col: int
    colour: str
    symbol: str = "circle"


@dataclass(frozen=True, eq=False)
class ColourScale:
    """What a colour bar shows: a name, 256 colours uint8 (256, 4) and the scores at their ends.

    ``ticks`` are places 0..1 from low to high and the scores written there; without any, ends and middle.
    """

    title: str
    table: NDArray[np.uint8]
    limits: tuple[float, float]
    ticks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class BandChoice:
    """A band as the user chooses it: what it is called, its wavelength in nm if known, whether it is usable."""

    label: str
    wavelength: float | None = None
    usable: bool = True


@dataclass(frozen=True)
class ResultRow:
    """One result in the table; ``about`` is everything known of how it came, ``auc`` is None without truth.

    ``maps`` are the names of the maps that the run left beside its scores.
    """

    id: int
    title: str
    colour: str
    parameters: str
    seconds: float
    auc: float | None = None
    notes: tuple[str, ...] = ()
    visible: bool = True
    about: str = ""
    maps: tuple[str, ...] = ()


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


@dataclass(frozen=True, eq=False)
class OperatingLine:
    """What falling thresholds find in one result: arrays (points,), as many as a curve needs to look smooth.

    ``tau`` are the ``thresholds`` stretched to 0..1 over the scores.
    """

    id: int
    title: str
    colour: str
    false_alarm: NDArray[np.float64]
    tau: NDArray[np.float64]
    detection: NDArray[np.float64]
    thresholds: NDArray[np.float64]
    background: int


@dataclass(frozen=True, eq=False)
class PlotLine:
    """A curve in a plot: the id of its result, its name in the legend, its colour, its points (points,).

    ``thresholds`` are the scores that give the points, where there are such.
    """

    id: int
    title: str
    colour: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    thresholds: NDArray[np.float64] | None = None


FiveNumbers = tuple[float, float, float, float, float]
"""Lowest, foot of the box, median, top of the box, highest."""


@dataclass(frozen=True)
class ScoreBox:
    """The scores of targets and background, both stretched to 0..1, and the ``gap`` between their boxes."""

    id: int
    title: str
    colour: str
    targets: FiveNumbers
    background: FiveNumbers
    gap: float


@dataclass(frozen=True, eq=False)
class ResultCurves:
    """Everything drawn of one result against the truth, besides its ROC curve; ``objects`` where there are any.

    ``operating`` are the curves with the scores stretched over all of them (False) and without the highest ones
    (True: robust), ``boxes`` the boxes by that and by their lower percentile. ``prevalence`` is the share of targets:
    the precision by chance.
    """

    operating: Mapping[bool, OperatingLine]
    precision: PlotLine
    boxes: Mapping[tuple[bool, float], ScoreBox]
    objects: PlotLine | None = None
    prevalence: float = 0.0


@dataclass(frozen=True)
class FigureColumn:
    """One figure in the table of all results: its name and how it is defined."""

    name: str
    formula: str


@dataclass(frozen=True)
class FigureRow:
    """The figures of one result, in the order of the columns; NaN where there is none."""

    id: int
    title: str
    colour: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Figure:
    """A number about a result: its name, its value as text, how it is defined."""

    name: str
    value: str
    formula: str


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
    blend: str = "normal"
    scale: str = "linear"
    inverse: bool = False
    histogram: Histogram | None = None


@dataclass(frozen=True, eq=False)
class ScoreBars:
    """A histogram of scores: ``edges`` (bars + 1,), ``counts`` (bars,), those of the targets where truth is known."""

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    targets: NDArray[np.int64] | None = None


@dataclass(frozen=True)
class RuleChoice:
    """A way to choose a threshold; ``argument`` names the number it asks for, '' when it asks for none.

    ``help`` says when to choose it.
    """

    id: str
    title: str
    argument: str = ""
    low: float = 0.0
    high: float = 0.0
    help: str = ""


@dataclass(frozen=True)
class FormatChoice:
    """A format to export to; ``objects`` when it is for objects only, ``why_not`` when it cannot be chosen here."""

    id: str
    title: str
    summary: str
    objects: bool = False
    why_not: str = ""


@dataclass(frozen=True)
class ExportOffer:
    """What can be exported: of which result, where to, as which files, and what there is beside the scores.

    ``threshold`` is what the mask would be made with, None when there is no mask; ``cleaning`` is done to it.
    ``chosen`` are the formats that were chosen last.
    """

    title: str
    folder: str
    stem: str
    formats: tuple[FormatChoice, ...]
    threshold: float | None
    truth: bool
    cleaning: Cleaning = UNCLEANED
    chosen: tuple[str, ...] = ("envi", "png")


@dataclass(frozen=True)
class CubeExportOrder:
    """Which part of the cube the user asks for: a file, the id of a region (None for the whole scene), parameters."""

    path: str
    region: int | None
    params: Mapping[str, Any]


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


@dataclass(frozen=True)
class TrainingRun:
    """A run whose training can be looked at, and whether it still goes on."""

    id: int
    title: str
    running: bool


@dataclass(frozen=True, eq=False)
class TrainingTile:
    """A picture of a training: its name, the values at the ends of its colours as text, uint8 (rows, cols, 4).

    ``values`` are the numbers behind it (rows, cols), None for colours.
    """

    name: str
    ends: str
    rgba: NDArray[np.uint8]
    values: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class ProgramFile:
    """A file that runs when it is loaded, and the SHA-256 of its content."""

    path: str
    fingerprint: str
