"""Low-rank embedded network (LREN)."""

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.core.params import Params, field
from hadviewer.core.specs import detector
from hadviewer.detectors._clusters import clusters
from hadviewer.detectors._lren_mixture import Embedding, cluster_memberships, embedded
from hadviewer.detectors._lren_network import FAST_BATCH, Losses, Network, Objective, Schedule, in_double, training
from hadviewer.detectors._lren_representation import (
    LITERAL_SOLVER,
    STABLE_SOLVER,
    published_atoms,
    residuals,
    scaled_weight,
    trusted_atoms,
    whitened,
)
from hadviewer.detectors._memory import require_memory
from hadviewer.detectors._pixels import score_map

if TYPE_CHECKING:
    from torch import Tensor

Vector = NDArray[np.float64]

STABLE_RESTARTS, SMALL_RESTARTS = 3, 6
"""Of networks in the stable mode; the second in scenes of less than a batch, where one pixel more or less tells."""
LOOK_EVERY, LOOK_PASSES = 50, 5
"""Steps between previews, but at least so many passes through the scene: a preview costs a third of a pass."""
TRAINING_SHARE = 0.9
STANDARD_PIECE = 16384
DIVERGED_HINT = "Use another seed or, in the literal form, a lower learning rate."


class LRENParams(Params):
    """The published settings are the defaults of the literal form; the stable mode has its own schedule and weights."""

    mode: Literal["stable", "literal"] = field(
        "stable",
        "Mode",
        help="stable: three short trainings, a dictionary of trusted pixels, a scaled λ. literal: as released, "
        "whose result depends much on the seed.",
    )
    score: Literal["residual", "energy", "both"] | None = field(
        None,
        "Score",
        help="Residual of the low-rank step, energy of the mixture, or the sum of both. "
        "Automatic is both in stable mode and the residual in the literal form.",
    )
    space: Literal["latent", "original"] = field(
        "latent",
        "Space of the low-rank step",
        help="original: the standardised spectra themselves with k-means clusters, no network: the paper's ablation.",
    )
    restarts: int | None = field(
        None,
        "Restarts",
        ge=1,
        le=50,
        enabled_when="space=latent",
        help="Networks trained from different weights, whose maps are averaged. "
        "Automatic is 3 in stable mode, 6 where a scene has fewer than 1024 pixels, and 1 in the literal form.",
    )
    average_last: int = field(
        1,
        "Average the last",
        ge=1,
        le=100,
        unit="passes",
        advanced=True,
        enabled_when="space=latent",
        help="Maps after the last passes through the scene that are averaged, of each training. "
        "1 is the published score.",
    )
    weight: float = field(
        0.01,
        "Residual weight",
        gt=0,
        le=100,
        step=0.01,
        enabled_when="mode=literal",
        help="λ of the literal form: how much a pixel must depart from the dictionary to be anomalous.",
    )
    epochs: int = field(
        1000, "Epochs", ge=1, le=100_000, enabled_when="mode=literal", help="Passes of the literal form's training."
    )
    rate: float = field(
        1e-4,
        "Learning rate",
        gt=0,
        le=1,
        step=1e-4,
        advanced=True,
        enabled_when="mode=literal",
        help="Of the Adam optimiser in the literal form.",
    )
    batch: int = field(
        4096,
        "Batch",
        ge=2,
        le=1_000_000,
        unit="px",
        advanced=True,
        enabled_when="mode=literal",
        help="Pixels in one step of the literal form's training.",
    )
    components: int = field(7, "Components", ge=1, le=50, advanced=True, help="K: Gaussians of the mixture.")
    latent: int = field(9, "Latent size", ge=1, le=64, advanced=True, help="Length of a latent vector.")
    hidden: int = field(400, "Hidden units", ge=1, le=4096, advanced=True, help="Between spectrum and latent vector.")
    energy_weight: float = field(
        0.1, "Energy weight", ge=0, le=100, step=0.1, advanced=True, help="Of the mean energy in the loss."
    )
    tightness_weight: float = field(
        1e-4,
        "Tightness weight",
        ge=0,
        le=100,
        step=1e-4,
        advanced=True,
        help="Of the penalty in the loss that keeps components from collapsing.",
    )
    dropout: float = field(
        0.0,
        "Dropout",
        ge=0,
        le=0.95,
        step=0.1,
        advanced=True,
        help="Share of silent units in the density network while it trains; 0.5 in the paper, 0 in effect as released.",
    )


PRESETS: dict[str, dict[str, Any]] = {
    "San Diego, HYDICE, Texas Coast (published)": {"mode": "literal", "weight": 0.01, "epochs": 1000},
    "Pavia (published)": {"mode": "literal", "weight": 1e-4, "epochs": 1000},
    "Fast (one restart)": {"mode": "stable", "restarts": 1},
}


@detector(
    id="lren",
    title="Low-rank embedded network (LREN)",
    family="Deep",
    params=LRENParams,
    reference="Jiang, Xie, Lei, Jiang & Li, AAAI 35(5), 2021, doi:10.1609/aaai.v35i5.16536",
    devices=("cpu", "cuda", "mps"),
    when="Small anomalies in a scene of several materials, half a minute; not where anomalies fill over 5 % of it.",
    presets=PRESETS,
    copies=2,
)
def lren(cube: NDArray[np.float32], p: LRENParams, ctx: Context) -> NDArray[np.float32]:
    """What a low-rank use of common pixels cannot explain of each spectrum, in the latent space of an autoencoder.

    An autoencoder (B-400-9-400-B) and a density network that models its latent vectors by seven Gaussians are trained
    together on the scene. Pixels of high and low membership make a dictionary D; min |S|_* + λ |E|_{2,1} with
    Z = D S + E leaves E, whose length scores. The stable mode trains three times for 300 fast steps (six times for
    60 in scenes of fewer than 1024 pixels), whitens Z, takes only trusted pixels into D, scales λ, adds the mixture's
    energy to the residual and averages.
    ``cube`` is (rows, cols, bands), the scores (rows, cols) float32, NaN on invalid pixels. Raises DetectorError with
    fewer than two valid pixels, without contrast, or without the memory that all pixels need.
    """
    import torch

    valid = np.asarray(np.isfinite(cube).all(axis=2))
    pixels = standardised(cube, valid, p)
    try:
        scores = _Run(pixels, valid, p, ctx).scores()
    except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]
        raise DetectorError("The training of LREN diverged: its mixture broke down.", hint=DIVERGED_HINT) from error
    ctx.step(1, 1, "Scores")
    return scores


class _Run:
    """One detection: trains, embeds and scores as often as there are restarts."""

    def __init__(self, pixels: "Tensor", valid: NDArray[np.bool_], p: LRENParams, ctx: Context) -> None:
        self._pixels, self._valid, self._p, self._ctx = pixels, valid, p, ctx
        self._literal = p.mode == "literal"
        self._kind = p.score or ("residual" if self._literal else "both")
        stable = SMALL_RESTARTS if len(pixels) < FAST_BATCH else STABLE_RESTARTS
        self._restarts = p.restarts or (1 if self._literal else stable)
        if p.space == "original":
            self._restarts = 1  # nothing in it is drawn anew but the first centres of the clusters
        self._single = self._restarts * (p.average_last if p.space == "latent" else 1) == 1
        self._trained = 0
        bands = pixels.shape[1]
        self._bands = [5 * bands // 6, bands // 2, bands // 6]

    def scores(self) -> NDArray[np.float32]:
        """The mean map of all restarts; sends energies, residuals and components of pixels beside it."""
        energies, lengths, maps = [], [], []
        for number in range(self._restarts):
            start, stop = number / self._restarts, (number + 1) / self._restarts
            middle = start + TRAINING_SHARE * (stop - start)
            self._ctx.stage(start, middle)
            embeddings = self._learned(number) if self._p.space == "latent" else [self._clustered()]
            if number == 0:
                self._keep("Component", embeddings[-1].memberships.argmax(axis=1) + 1.0)
            for place, embedding in enumerate(embeddings):
                share = (stop - middle) / len(embeddings)
                self._ctx.stage(middle + share * place, middle + share * (place + 1))
                residual = self._residual(embedding) if self._kind != "energy" else None
                energies.append(embedding.energy)
                if residual is not None:
                    lengths.append(residual)
                maps.append(self._score(residual, embedding))
        self._keep("Energy", np.mean(energies, axis=0))
        if lengths:
            self._keep("Residual", np.mean(lengths, axis=0))
        return score_map(np.mean(maps, axis=0), self._valid)

    def _learned(self, number: int) -> list[Embedding]:
        """Train a network and send the scene through it after each of the last passes that count."""
        import torch

        p, pixels, ctx = self._p, self._pixels, self._ctx
        generator = torch.Generator().manual_seed((ctx.seed + number) % 2**63)
        network = Network(pixels.shape[1], p.hidden, p.latent, p.components, generator, ctx.device)
        schedule = Schedule(p.rate, p.batch, p.epochs) if self._literal else Schedule.fast(len(pixels))
        objective = Objective(p.energy_weight, p.tightness_weight, p.dropout)
        steps = schedule.steps(len(pixels))
        look = max(LOOK_EVERY, LOOK_PASSES * steps // schedule.epochs)
        name = f"Network {number + 1} of {self._restarts}, step" if self._restarts > 1 else "Step"
        ctx.step(0, steps, f"{name} 1")
        if number == 0:
            self._picture("Input", pixels[:, self._bands].numpy())
        late = {steps - steps // schedule.epochs * back for back in range(p.average_last)}
        embeddings = []
        for step, losses in enumerate(training(network, pixels, schedule, objective, generator), start=1):
            self._report(step, steps, f"{name} {step}", losses)
            if step in late:
                embeddings.append(self._show(network))
            elif step % look == 0:
                self._show(network)
        return embeddings

    def _report(self, step: int, steps: int, message: str, losses: Losses) -> None:
        self._trained += 1
        self._ctx.step(step, steps, message, loss=losses.total)
        self._ctx.curve("loss", self._trained, losses.total)
        self._ctx.curve("reconstruction", self._trained, losses.reconstruction)
        self._ctx.curve("energy", self._trained, losses.energy)
        if not np.isfinite(losses.total):
            raise DetectorError("The training of LREN diverged: its loss is no number.", hint=DIVERGED_HINT)

    def _show(self, network: Network) -> Embedding:
        """The scene through the network as it is; shows its energy and its reconstruction."""
        import torch

        with torch.no_grad():
            pieces = [
                (in_double(z), in_double(network.memberships(z)), network.decode(z, self._bands).cpu())
                for z in network.latents(self._pixels)
            ]
            z, memberships, decoded = (torch.cat(parts) for parts in zip(*pieces, strict=True))
            embedding = embedded(z, memberships)
        self._ctx.preview(score_map(embedding.energy, self._valid))
        self._picture("Reconstruction", decoded.numpy())
        return embedding

    def _clustered(self) -> Embedding:
        """The ablation: standardised spectra, memberships from k-means."""
        import torch

        pixels = self._pixels.numpy().astype(np.float64)
        memberships = cluster_memberships(pixels, clusters(pixels, self._p.components, self._ctx))
        return embedded(torch.from_numpy(pixels), torch.from_numpy(memberships))

    def _residual(self, embedding: Embedding) -> Vector:
        z, ctx = embedding.z, self._ctx
        if self._literal:
            return residuals(z, published_atoms(embedding.memberships), self._p.weight, LITERAL_SOLVER, ctx)
        y = whitened(z)
        atoms = trusted_atoms(embedding.memberships, embedding.common)
        return residuals(y, atoms, scaled_weight(y, atoms), STABLE_SOLVER, ctx)

    def _score(self, residual: Vector | None, embedding: Embedding) -> Vector:
        """One map of this restart, comparable with those of others; as it is where the released form has only one."""
        energy = embedding.energy if self._literal else embedding.common
        if self._literal and self._single and self._kind != "both":
            return energy if residual is None else residual
        score = np.zeros(len(energy))
        if self._kind != "energy" and residual is not None:
            score += comparable(residual)
        if self._kind != "residual":
            score += comparable(np.sqrt(energy - energy.min()))
        return comparable(score)

    def _keep(self, name: str, values: Vector) -> None:
        self._ctx.extra(name=name, array=score_map(values, self._valid))

    def _picture(self, name: str, values: NDArray[np.float32]) -> None:
        """Standardised values (n, 3) of three bands as colours: two standard deviations each way."""
        colours = np.zeros((*self._valid.shape, 3), dtype=np.float32)
        colours[self._valid] = np.clip(0.5 + values / 4, 0, 1)
        self._ctx.picture(name, self._trained, colours)


def standardised(cube: NDArray[np.float32], valid: NDArray[np.bool_], p: LRENParams) -> "Tensor":
    """The valid spectra as float32 (n, bands), every band with mean 0 and variance 1; constant bands are 0.

    Scaling the whole cube to 0..1 before, as published, would change nothing.
    """
    import torch

    count, bands = int(valid.sum()), cube.shape[2]
    if count < 2:
        hint = "Check the no-data value and the bands."
        raise DetectorError(f"LREN needs at least two valid pixels, the scene has {count}.", hint=hint)
    each = 4 * bands + 8 * (7 * p.components + 6 * (p.latent if p.space == "latent" else 3 * bands))
    require_memory(count, each + 8 * (p.average_last - 1) * (p.latent + p.components + 2))
    pixels = cube[valid]
    varied = pixels.min(axis=0) < pixels.max(axis=0)
    if not varied.any():
        raise DetectorError("All valid pixels of this scene are alike.", hint="Check the bands and the no-data value.")
    pieces = [slice(start, start + STANDARD_PIECE) for start in range(0, count, STANDARD_PIECE)]
    first = pixels[0].astype(np.float64)
    mean = first + sum((pixels[piece] - first).sum(axis=0) for piece in pieces) / count
    variance = sum(((pixels[piece] - mean) ** 2).sum(axis=0) for piece in pieces) / count
    scale = np.where(varied, np.sqrt(variance), np.inf)
    for piece in pieces:
        pixels[piece] = (pixels[piece] - mean) / scale
    return torch.from_numpy(pixels)


def comparable(scores: Vector) -> Vector:
    """Scores less their median, in units of the 99 % quantile of their distance from it; zeros when all are equal."""
    departures = scores - np.median(scores)
    sizes = np.abs(departures)
    unit = np.quantile(sizes, 0.99) or sizes.max()
    return np.asarray(departures / unit) if unit > 0 else np.zeros_like(scores)
