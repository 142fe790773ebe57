"""The training of MTGAN on one scene, and the maps and pictures of it."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._mtgan_gaussian import PIECE, Gaussian
from hadviewer.detectors._mtgan_network import Anomalies, Losses, TwinGAN
from hadviewer.detectors._mtgan_prior import FLOOR, Dictionaries
from hadviewer.detectors._pixels import score_map

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from hadviewer.detectors.mtgan import MTGANParams

MAPS, FEWEST_MAPS = 20, 5
"""How many maps are shown in the course of a training."""

SHOWN_PIXELS = 10**6
"""How many pixels may be scored for them."""

TOLD_EVERY = 10
"""Steps between two values of the curves."""

DRAWN_STEPS = 100
"""Steps whose random numbers are drawn at once."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What stays the same in every step: spectra (n, bands) on the device, dictionaries as positions among them."""

    pixels: "Tensor"
    background: "Tensor"
    anomalies: "Tensor"
    known: Anomalies
    valid: NDArray[np.bool_]

    @classmethod
    def prepared(cls, pixels: "Tensor", chosen: Dictionaries, background: Gaussian, valid: NDArray[np.bool_]) -> Self:
        """From spectra (n, bands), their dictionaries, and the Gaussian of the background dictionary."""
        import torch

        members, anomalies = (torch.from_numpy(places).to(pixels.device) for places in chosen)
        mean = pixels[anomalies].mean(dim=0)
        spread = background.covariance.trace().item() * (len(members) - 1) / len(members)
        offset = (background.mean - mean.to(background.mean)).square().sum().item()
        return cls(pixels, members, anomalies, Anomalies(mean, spread + offset), valid)


def standardised(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The spectra (n, bands), changed in place to mean 0 and variance 1 in every band."""
    mean = pixels.mean(axis=0, dtype=np.float64)
    blocks = [pixels[start : start + PIECE] for start in range(0, len(pixels), PIECE)]
    square = sum(np.square(block - mean).sum(axis=0) for block in blocks)
    least = FLOOR * (float(pixels.max()) - float(pixels.min()))
    deviation = np.maximum(np.sqrt(square / len(pixels)), least)
    for block in blocks:
        block[:] = (block - mean) / deviation
    return pixels


def trained(scene: Scene, p: "MTGANParams", seed: int, ctx: Context) -> NDArray[np.float64]:
    """Scores (n,) of one training: squared Mahalanobis distances of what is not reconstructed, under the background's.

    Raises DetectorError where the training diverges.
    """
    import torch

    device, bands = str(scene.pixels.device), scene.pixels.shape[1]
    generator = torch.Generator().manual_seed(seed)
    network = TwinGAN(bands, p.features, p.twin, p.rejection, generator, device)
    film = Film(scene, p.iterations, ctx)
    late: deque[NDArray[np.float64]] = deque(maxlen=p.average_last)
    told: dict[str, float] = {}
    for step, (y, x, noise) in enumerate(_batches(scene, p, generator)):
        ctx.step(step, p.iterations, "Training", **told)
        trace = network.step(y, x, noise, scene.known, p.learning_rate)
        if step % TOLD_EVERY == 0 or step + 1 in film.steps:
            told = _told(trace.losses(), p)
            for name, value in told.items():
                ctx.curve(name, step + 1, value)
            if not np.isfinite(told["loss"]):
                raise DetectorError(f"The training diverged in step {step + 1}.", hint="Lower the learning rate.")
        if step + 1 in film.steps:
            late.append(film.add(step + 1, _residuals(network, scene.pixels)))
    ctx.step(p.iterations, p.iterations, "Training", **told)
    film.keep()
    return np.asarray(np.mean(late, axis=0))


def _told(losses: Losses, p: "MTGANParams") -> dict[str, float]:
    """The losses that take part, by the names they are shown under."""
    told = {"loss": losses.total, "reconstruction": losses.reconstruction}
    if p.rejection != "off":
        told["rejection"] = losses.rejection
    if p.twin:
        told |= {"feature discriminator": losses.feature, "image discriminator": losses.image}
    return told


def _batches(scene: Scene, p: "MTGANParams", generator: "Generator") -> "Iterator[tuple[Tensor, Tensor, Tensor]]":
    """For each step spectra of the background and the anomaly dictionary, drawn with replacement, and noise."""
    import torch

    device = scene.pixels.device
    for start in range(0, p.iterations, DRAWN_STEPS):
        steps = min(DRAWN_STEPS, p.iterations - start)
        y, x = (
            members[torch.randint(len(members), (steps, size), generator=generator).to(device)]
            for members, size in ((scene.background, p.batch), (scene.anomalies, p.anomaly_batch))
        )
        noise = torch.randn((steps, p.batch, p.features), generator=generator).to(device)
        for number in range(steps):
            yield scene.pixels[y[number]], scene.pixels[x[number]], noise[number]


def _residuals(network: TwinGAN, pixels: "Tensor") -> "Tensor":
    """What the generator does not reconstruct of all the spectra (n, bands)."""
    import torch

    residuals = torch.empty_like(pixels)
    for piece, left in zip(pixels.split(PIECE), residuals.split(PIECE), strict=True):
        torch.sub(piece, network.reconstructed(piece), out=left)
    return residuals


class Film:
    """Maps and pictures of a training at some of its ``steps``, the last among them."""

    def __init__(self, scene: Scene, steps: int, ctx: Context) -> None:
        self._scene, self._ctx = scene, ctx
        maps = min(MAPS, max(FEWEST_MAPS, SHOWN_PIXELS // len(scene.pixels)))
        self.steps = {-(-steps * number // maps) for number in range(1, maps + 1)}
        bands = scene.pixels.shape[1]
        self._bands = [5 * bands // 6, bands // 2, bands // 6]
        self._input = scene.pixels[:, self._bands].cpu().numpy()
        self._low, self._high = np.percentile(self._input, [2, 98], axis=0)
        ctx.picture("Input", 0, self._colours(self._input))

    def add(self, step: int, residuals: "Tensor") -> NDArray[np.float64]:
        """Score the scene by what is left of it (n, bands), show that, and give the scores (n,)."""
        scores = Gaussian.fitted(residuals, self._scene.background).squared_distances(residuals)
        error = residuals.norm(dim=1).square_() / residuals.shape[1]
        self._error = score_map(error.cpu().numpy(), self._scene.valid)
        self._ctx.preview(score_map(scores, self._scene.valid))
        self._ctx.picture("Reconstruction", step, self._colours(self._input - residuals[:, self._bands].cpu().numpy()))
        self._ctx.picture("Error", step, self._error)
        return scores

    def keep(self) -> None:
        """Put the last map of the error beside the scores."""
        self._ctx.extra(name="Error", array=self._error)

    def _colours(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Three bands (n, 3) as colours (rows, cols, 3) in 0..1, stretched as the input is; black where invalid."""
        colours = np.zeros((*self._scene.valid.shape, 3), np.float32)
        colours[self._scene.valid] = np.clip((values - self._low) / np.maximum(self._high - self._low, 1e-12), 0, 1)
        return colours
