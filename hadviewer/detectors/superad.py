"""Self-supervised reconstruction that is kept from learning the anomalies (SuperAD)."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import OddInt, Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._memory import require_memory
from hadviewer.detectors._superad_loss import LossName
from hadviewer.detectors._superad_network import AdaptiveLayers
from hadviewer.detectors._superad_score import ScoreName
from hadviewer.detectors._superad_segments import Segmentation, handed_in, superpixels
from hadviewer.detectors._superad_training import prepared, trained

SMALLEST = 3
"""Lines and samples below which the mirrored convolutions have nothing to mirror."""


class SuperADParams(Params):
    """The published settings, but for the superpixels, which are made from the spectra and are more."""

    segmentation: Segmentation = field(
        "components",
        "Superpixels from",
        help="components: the first principal components, as in the superpixel view. composite: three bands. released: "
        "the authors' own (bands 55, 35, 15 taken for colours), which gives 10 to 30. Superpixels handed in go first.",
    )
    segments: int = field(400, "Superpixels", ge=1, le=5000, help="About how many; more follow the background closer.")
    compactness: float = field(
        5.0,
        "Compactness",
        gt=0,
        le=100,
        advanced=True,
        help="1 follows the materials, 5 keeps about the number asked for, 20 approaches squares.",
    )
    pooling: bool = field(
        True, "Superpixel pooling", advanced=True, help="Off for the ablation without SPP: pixels pass as they are."
    )
    kernel: OddInt = field(3, "Kernel", ge=1, le=13, unit="px", advanced=True, help="k: side of the adaptive kernels.")
    window: OddInt = field(
        5, "Search window", ge=1, le=21, unit="px", help="n: side of the window whose best k² pixels are picked."
    )
    adaptive_layers: AdaptiveLayers = field(
        "first",
        "Adaptive layers",
        help="first: one of each seven, as in the authors' program. all: as in the paper, slower. off: ablation.",
    )
    loss: LossName = field(
        "obpm", "Loss", advanced=True, help="obpm: online background pixel mining. l1, l2: the usual ones (ablation)."
    )
    alpha: float = field(
        1.0, "Least gradient", ge=0, le=100, advanced=True, enabled_when="loss=obpm", help="α of the OBPM loss."
    )
    beta: float = field(
        1.0, "Gradient growth", gt=0, le=20, advanced=True, enabled_when="loss=obpm", help="β of the OBPM loss."
    )
    th: float = field(
        0.75,
        "Most dropped",
        gt=0,
        le=1,
        step=0.05,
        advanced=True,
        enabled_when="loss=obpm",
        help="Where OBPM would drop this share of a superpixel or more, it drops nothing.",
    )
    steps: int = field(1000, "Steps", ge=1, le=100_000, help="Steps of training, each over the whole scene.")
    learning_rate: float = field(1e-3, "Learning rate", gt=0, le=1, advanced=True, step=1e-4, help="Of AdamW.")
    weight_decay: float = field(1e-4, "Weight decay", ge=0, le=1, advanced=True, step=1e-4, help="Of AdamW.")
    decay_every: int = field(
        100, "Decay every", ge=1, le=100_000, advanced=True, help="Steps after which the learning rate falls."
    )
    decay: float = field(
        0.8, "Decay factor", gt=0, le=1, advanced=True, step=0.05, help="What the learning rate is multiplied by then."
    )
    score: ScoreName = field(
        "squared",
        "Score",
        help="squared: the mean squared error over the bands, as published. relative: the error of each band in units "
        "of its median over the scene, so that bands hard to reconstruct do not drown the others.",
    )
    average_last: int = field(
        1,
        "Average the last",
        ge=1,
        le=100_000,
        unit="steps",
        help="Maps of the last steps that are averaged: single steps differ. 1 is the published score.",
    )
    ensemble: int = field(
        1, "Trainings", ge=1, le=100, help="Trainings from different random weights whose maps are averaged."
    )

    @model_validator(mode="after")
    def _window_holds_the_kernel(self) -> Self:
        if self.window < self.kernel:
            raise PydanticCustomError("window", "must be at least as wide as the kernel", {"field": "window"})
        return self


@detector(
    id="superad",
    title="SuperAD",
    family="Deep",
    params=SuperADParams,
    reference="Cui et al., IEEE TGRS, 2025 (Overcoming the Identity Mapping Problem)",
    devices=("cpu", "cuda", "mps"),
    copies=5,
    trial={"steps": 40},
    takes=("segments",),
    when="Small objects before a structured background, where minutes of training are no trouble; "
    "not for scenes of more than about a million pixels.",
    presets={
        "Recommended": {"segmentation": "components", "segments": 25, "score": "relative", "average_last": 700},
        "Three trainings": {
            "segmentation": "components",
            "segments": 25,
            "score": "relative",
            "average_last": 700,
            "ensemble": 3,
        },
        "As released": {"segmentation": "released"},
        "By the text of the paper": {"segmentation": "released", "window": 9, "adaptive_layers": "all"},
        "Without SPP (ablation)": {"pooling": False},
        "Without AdaConv (ablation)": {"adaptive_layers": "off"},
        "l1 instead of OBPM (ablation)": {"loss": "l1"},
        "l2 instead of OBPM (ablation)": {"loss": "l2"},
    },
)
def superad(cube: NDArray[np.float32], p: SuperADParams, ctx: Context) -> NDArray[np.float32]:
    """What a network trained on the scene alone cannot reconstruct, kept from learning the anomalies.

    Float32 (rows, cols, bands) to scores (rows, cols): the mean squared error over bands, as they are or in units of
    each band, NaN on invalid pixels. One network learns to reconstruct the scene in 0..1. Features of the pixels are
    multiplied by those of their superpixels, which hide what is small; convolutions take the pixels of lowest error in
    a window (equations 5-7); of each superpixel only the pixels below the largest jump of the error teach (equations
    11-15). Superpixels may be handed in as the input 'segments'. Raises DetectorError for scenes of fewer than 3 lines
    or samples, or larger than memory, and where the training diverges.
    """
    mask = np.asarray(np.isfinite(cube).all(axis=2))
    _require(mask, cube.shape[2], p, ctx)
    ctx.stage(0.0, 0.02)
    ctx.step(0, 1, "Superpixels")
    if "segments" in ctx.inputs:
        labels = handed_in(ctx.inputs["segments"], mask)
        ctx.note(f"Pooled over the {labels.max() + 1} superpixels that were handed in.")
    else:
        labels = superpixels(cube, mask, p.segmentation, p.segments, p.compactness, ctx)
    scene = prepared(cube, mask, labels, ctx.device)
    total = np.zeros(mask.shape)
    for run in range(p.ensemble):
        ctx.stage(0.02 + 0.98 * run / p.ensemble, 0.02 + 0.98 * (run + 1) / p.ensemble)
        total += trained(scene, p, run, ctx)
    return np.where(mask, total / p.ensemble, np.nan).astype(np.float32)


def _require(mask: NDArray[np.bool_], bands: int, p: SuperADParams, ctx: Context) -> None:
    """Raises DetectorError where there is too little to train on, or more than memory takes."""
    if min(mask.shape) < SMALLEST or mask.sum() < 2:
        raise DetectorError(
            f"SuperAD needs at least {SMALLEST} lines and {SMALLEST} samples with two valid pixels.",
            hint="Choose a larger region, or Global RX.",
        )
    if ctx.device == "cpu":
        require_memory(mask.size, pixel_bytes(bands, p), fixed=32 * p.segments**2)


def pixel_bytes(bands: int, p: SuperADParams) -> int:
    """About how much memory a step takes for each pixel, as measured: spectra, features of each layer, windows."""
    return 20 * bands + 5400 + 9 * p.window**2 + (2500 if p.adaptive_layers == "all" else 0)
