"""A generative adversarial network taught by pseudo-labels from neighbours at several scales (MTGAN)."""

from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from hadviewer.analysis.ranks import relative_ranks
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._memory import require_memory
from hadviewer.detectors._mtgan_gaussian import Gaussian
from hadviewer.detectors._mtgan_network import Rejection
from hadviewer.detectors._mtgan_prior import (
    SMALLEST_SCALE,
    Dictionaries,
    dictionaries,
    neighbour_counts,
    pseudo_scores,
    whitened,
)
from hadviewer.detectors._mtgan_training import Scene, standardised, trained
from hadviewer.detectors._parallel import one_thread_each
from hadviewer.detectors._pixels import score_map

PRIOR_SHARE = 0.15
"""Share of the progress bar given to the prior."""

PUBLISHED = {"iterations": 5000}


class MTGANParams(Params):
    """One setting for every scene; the published ones differ in the window, the scales and the iterations."""

    score: Literal["residual", "prior", "fused"] = field(
        "residual",
        "Score",
        help="residual: the published method. prior: only the pseudo-labels, without a network; as good or better on "
        "average, with more false alarms. fused: the mean rank of both.",
    )
    window: int = field(
        15, "Window", ge=3, le=101, unit="px", help="Side of the square around a pixel where its neighbours are sought."
    )
    scales: int = field(
        5, "Scales", ge=1, le=10, help="M: a pixel is compared with its R²-1 nearest neighbours for R = 3, 5, 7, ..."
    )
    iterations: int = field(
        2000, "Iterations", ge=1, le=100_000, help="Steps of training. The paper has 5000, to the same effect."
    )
    components: int = field(
        10,
        "Components",
        ge=1,
        le=50,
        advanced=True,
        help="q: principal components, of unit variance, in which neighbours are sought and compared.",
    )
    background_share: float = field(
        0.9,
        "Background dictionary",
        gt=0,
        lt=1,
        step=0.01,
        advanced=True,
        help="Share of the pixels, those of lowest prior, that are taken for background.",
    )
    anomaly_share: float = field(
        0.01,
        "Anomaly dictionary",
        gt=0,
        lt=1,
        step=0.01,
        advanced=True,
        help="Share of the pixels, those of highest prior, that are taken for anomalies.",
    )
    mcm: bool = field(
        True,
        "Multi-scale prior",
        advanced=True,
        help="Off for the ablation without MCM: both dictionaries are drawn at random.",
    )
    twin: bool = field(True, "Twin loss", advanced=True, help="Off for the ablation without the two discriminators.")
    rejection: Rejection = field(
        "margin",
        "Rejection loss",
        advanced=True,
        help="margin: anomalies pass the network and their reconstruction is kept off. literal: equation 8, which "
        "pushes the background's off the mean anomaly. off: ablation.",
    )
    features: int = field(20, "Features", ge=1, le=100, advanced=True, help="What a spectrum is encoded in.")
    batch: int = field(64, "Batch", ge=1, le=4096, unit="px", advanced=True, help="Background pixels in a step.")
    anomaly_batch: int = field(
        16, "Anomaly batch", ge=1, le=4096, unit="px", advanced=True, help="Pixels of the anomaly dictionary in a step."
    )
    learning_rate: float = field(1e-4, "Learning rate", gt=0, le=1, advanced=True, step=1e-4, help="Of Adam.")
    average_last: int = field(
        1,
        "Average the last",
        ge=1,
        le=20,
        unit="maps",
        help="Maps at the end of a training that are averaged, of the 5 to 20 shown. 1 is the published score.",
    )
    ensemble: int = field(
        1, "Trainings", ge=1, le=100, help="Trainings from different random weights whose maps are averaged."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.background_share + self.anomaly_share > 1:
            raise PydanticCustomError(
                "shares", "must leave the background dictionary its share", {"field": "anomaly_share"}
            )
        if not self.mcm and self.score != "residual":
            raise PydanticCustomError("prior", "needs the multi-scale prior, which is off", {"field": "score"})
        return self


@detector(
    id="mtgan",
    title="MTGAN",
    family="Deep",
    params=MTGANParams,
    reference="Zhong, Xie, Lei, Li & Li, submitted to ICLR 2021, openreview:Y4SOA2qsYJS",
    devices=("cpu", "cuda", "mps"),
    copies=8,
    trial={"iterations": 200},
    when="Small, scattered anomalies and few false alarms; not for large uniform ones, which the prior takes for "
    "background. Compare it with its prior and with RX on the background dictionary, which come with the result.",
    presets={
        "HYDICE (published)": {"window": 25, "scales": 6, **PUBLISHED},
        "ABU-Urban-2 (published)": {"window": 15, **PUBLISHED},
        "Grand Island (published)": {"window": 20, **PUBLISHED},
        "El Segundo (published)": {"window": 24, **PUBLISHED},
        "Without MCM (ablation)": {"mcm": False},
        "Without twin loss (ablation)": {"twin": False},
        "Without rejection loss (ablation)": {"rejection": "off"},
        "Rejection loss as printed": {"rejection": "literal"},
    },
)
def mtgan(cube: NDArray[np.float32], p: MTGANParams, ctx: Context) -> NDArray[np.float32]:
    """What an adversarial autoencoder taught on likely background, and away from likely anomalies, cannot reconstruct.

    Float32 (rows, cols, bands) to scores (rows, cols), NaN on invalid pixels: squared Mahalanobis distances of the
    residuals under those of the background dictionary. The dictionaries are the pixels of lowest and highest prior: the
    mean relative rank of their distances from their nearest neighbours under a pool of covariance maps, at several
    scales (equations 3, 4). Discriminators of features and images, and a rejection loss, shape the training (5 to 8).
    The prior as a score is -ln(1 - rank), as its ranks alone are uniform. Raises DetectorError for scenes of a few
    pixels or of one spectrum, and for those that memory cannot take.
    """
    import torch

    valid = np.asarray(np.isfinite(cube).all(axis=2))
    _require(int(valid.sum()), cube.shape[2], p)
    pixels = cube[valid]
    if not np.ptp(pixels, axis=0).any():
        raise DetectorError("All spectra of this scene are alike.", hint="Check the no-data value and the bands.")
    try:
        return score_map(_scores(pixels, valid, p, ctx), valid)
    except torch.OutOfMemoryError as error:
        raise DetectorError(
            "The memory of the graphics card does not suffice for this scene.", hint="Choose the CPU, or a region."
        ) from error


def _require(pixels: int, bands: int, p: MTGANParams) -> None:
    """Raises DetectorError where there is too little to learn from, or more than memory takes."""
    if pixels < SMALLEST_SCALE**2:
        raise DetectorError(
            f"MTGAN needs at least {SMALLEST_SCALE**2} valid pixels, the scene has {pixels}.",
            hint="Check the no-data value and the bands.",
        )
    require_memory(pixels, 8 * bands + 8 * p.components * (p.scales + 5) + 100)


def _scores(
    pixels: NDArray[np.float32], valid: NDArray[np.bool_], p: MTGANParams, ctx: Context
) -> NDArray[np.floating]:
    """Scores (n,) of the spectra (n, bands) of the valid pixels; changes the spectra."""
    import torch

    share = 1.0 if p.score == "prior" else PRIOR_SHARE
    ctx.stage(0.0, share)
    prior = _pseudo(pixels, valid, p, ctx)
    chosen = dictionaries(prior, p.background_share, p.anomaly_share)
    if len(chosen.background) <= pixels.shape[1]:
        ctx.note(
            f"Only {len(chosen.background)} pixels of background for {pixels.shape[1]} bands: the scores say little."
        )
    if p.mcm:
        ctx.extra(name="Prior", array=score_map(surprise(prior), valid))
    # The products are small: threads would mostly wait, and change the last digits.
    with one_thread_each(), torch.inference_mode():
        spectra = torch.from_numpy(standardised(pixels)).to(ctx.device)
        background = Gaussian.fitted(spectra, torch.from_numpy(chosen.background).to(ctx.device))
        rx = score_map(background.squared_distances(spectra), valid)
        ctx.extra(name="RX on the background dictionary", array=rx)
        ctx.extra(name="Dictionaries", array=score_map(_membership(chosen, len(pixels)), valid))
        if p.score == "prior":
            return surprise(prior)
        scene = Scene.prepared(spectra, chosen, background, valid)
        total = np.zeros(len(pixels))
        for run in range(p.ensemble):
            start, stop = (share + (1 - share) * number / p.ensemble for number in (run, run + 1))
            ctx.stage(start, stop)
            total += trained(scene, p, ctx.seed + run, ctx)
    if p.score == "residual":
        return total / p.ensemble
    return surprise((relative_ranks(prior) + relative_ranks(total)) / 2)


def _pseudo(pixels: NDArray[np.float32], valid: NDArray[np.bool_], p: MTGANParams, ctx: Context) -> NDArray[np.float64]:
    """Pseudo-scores (n,) in 0..1 by the multi-scale prior, or at random without it."""
    if not p.mcm:
        ctx.step(1, 1, "Dictionaries at random")
        return relative_ranks(ctx.rng().random(len(pixels)))
    window, counts = neighbour_counts(p.scales, (valid.shape[0], valid.shape[1]), p.window, ctx)
    ctx.step(0, 1, "Principal components")
    return pseudo_scores(whitened(pixels, p.components), valid, window, counts, ctx)


def surprise(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """-ln(1 - rank) of mean relative ranks (n,): the same order, with few high values, where ranks are uniform."""
    return np.asarray(-np.log1p(-ranks * len(ranks) / (len(ranks) + 1)))


def _membership(chosen: Dictionaries, count: int) -> NDArray[np.float32]:
    """0 for pixels (n,) of the background dictionary, 2 for those of the anomaly dictionary, 1 for the others."""
    marks = np.ones(count, np.float32)
    marks[chosen.background] = 0
    marks[chosen.anomalies] = 2
    return marks
