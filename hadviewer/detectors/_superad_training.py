"""A scene made ready for SuperAD, its training, and the pictures of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.superpixels import Labels
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError
from hadviewer.detectors._superad_loss import Ranks, background_pixels, pixel_loss, ranks
from hadviewer.detectors._superad_network import Network, Pooling, Weights, initial_weights, neighbourhood
from hadviewer.detectors._superad_score import pixel_scores
from hadviewer.detectors._superad_segments import composite_bands, nearest

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

    from hadviewer.detectors.superad import SuperADParams

BETAS = (0.5, 0.8)
PICTURES = 50
"""How often pictures are shown in the course of a training."""

LARGEST_MATRIX = 1000
"""Superpixels above which the attention among them is no longer shown."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What stays the same in every step.

    ``values`` (pixels, bands) in 0..1 and ``mirrored`` (1, bands, rows + 2, cols + 2); ``valid`` is the flat index of
    the valid pixels of ``mask``, None where all are; ``order`` ranks these within their segments.
    """

    values: "Tensor"
    mirrored: "Tensor"
    valid: "Tensor | None"
    pooling: Pooling
    order: Ranks
    mask: NDArray[np.bool_]

    @property
    def device(self) -> str:
        """Where the tensors lie."""
        return str(self.values.device)


def prepared(cube: NDArray[np.float32], mask: NDArray[np.bool_], labels: Labels, device: str) -> Scene:
    """The scene (rows, cols, bands) with its valid mask and superpixels; invalid pixels repeat the nearest valid one.

    They have no part in the loss and the means, and are not picked: only what looks across them needs a value there.
    """
    import torch

    low, high = cube[mask].min(), cube[mask].max()
    span = high - low if high > low else np.float32(1)
    around = nearest(mask)
    unit = (cube if mask.all() else cube[around]) - low
    unit /= span
    values = torch.from_numpy(unit).to(device)
    mirrored = torch.nn.functional.pad(values.permute(2, 0, 1)[np.newaxis], (1, 1, 1, 1), mode="reflect")
    mirrored = mirrored.contiguous(memory_format=torch.channels_last)
    flat = torch.from_numpy(labels[around].ravel().astype(np.int64)).to(device)
    valid = None if mask.all() else torch.from_numpy(np.flatnonzero(mask)).to(device)
    order = ranks(labels[mask], device)
    pooling = Pooling(flat, valid, order.sizes[:, np.newaxis].float())
    return Scene(values.flatten(0, 1), mirrored, valid, pooling, order, mask)


def trained(scene: Scene, p: "SuperADParams", run: int, ctx: Context) -> NDArray[np.float32]:
    """Scores (rows, cols) of one training, averaged over the last steps.

    ``run`` counts the trainings of an ensemble: the seed moves on with it, and the steps that are shown. Raises
    DetectorError where the training diverges.
    """
    import torch

    generator = torch.Generator().manual_seed(ctx.seed + run)
    weights = {
        name: weight.to(scene.device).requires_grad_()
        for name, weight in initial_weights(scene.values.shape[1], p.kernel, generator).items()
    }
    optimizer = _optimizer(weights, p, scene.device)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, p.decay_every, p.decay)
    around = neighbourhood(scene.mask, p.window, scene.device)
    network = Network(p.kernel, p.adaptive_layers, around, scene.pooling if p.pooling else None)
    film = Film(scene, p, run, ctx)
    late = np.zeros(scene.mask.shape)
    error: Tensor | None = None
    figures: dict[str, float] = {}
    for step in range(p.steps):
        ctx.step(step, p.steps, "Training", **figures)
        picks = network.picks(error)
        result, attention = network.reconstruct(weights, scene.mirrored, error is not None, picks)
        optimizer.zero_grad()
        taught = teach(result, scene, p)
        optimizer.step()
        schedule.step()
        error, figures = taught.error, {"loss": taught.loss}
        if not np.isfinite(taught.loss):
            raise DetectorError(f"The training diverged in step {step + 1}.", hint="Lower the learning rate.")
        ctx.curve("loss", run * p.steps + step + 1, taught.loss)
        if step >= p.steps - p.average_last:
            late += film.scores(result)
        film.add(step, result, taught, picks, attention)
    ctx.step(p.steps, p.steps, "Training", **figures)
    film.keep()
    return (late / min(p.average_last, p.steps)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Taught:
    """A step's loss, mean absolute error (pixels,), and which valid pixels OBPM let through; None with another loss."""

    loss: float
    error: "Tensor"
    kept: "Tensor | None"


def teach(result: "Tensor", scene: Scene, p: "SuperADParams") -> Taught:
    """Add the gradients of the loss of a reconstruction (pixels, bands) to the weights it came from.

    The derivative of the error is written out: arrays of the size of the scene are what a step can do without.
    """
    import torch

    with torch.no_grad():
        deviation = result - scene.values
        error = deviation.abs().mean(dim=1)
    loss, kept = scene_loss(error.requires_grad_(), scene, p)
    (slope,) = torch.autograd.grad(loss, error)
    result.backward(deviation.sign_().mul_(slope[:, np.newaxis] / deviation.shape[1]))
    return Taught(loss.item(), error.detach(), kept)


def scene_loss(absolute: "Tensor", scene: Scene, p: "SuperADParams") -> "tuple[Tensor, Tensor | None]":
    """The mean loss over the valid pixels, and which of them OBPM let through: None where the loss is another."""
    if scene.valid is not None:
        absolute = absolute[scene.valid]
    losses = pixel_loss(absolute, p.loss, p.alpha, p.beta)
    if p.loss != "obpm":
        return losses.mean(), None
    kept = background_pixels(losses, scene.order, p.th)
    return (losses * kept).mean(), kept


def _optimizer(weights: Weights, p: "SuperADParams", device: str) -> "Optimizer":
    import torch

    return torch.optim.AdamW(
        list(weights.values()),
        lr=p.learning_rate,
        betas=BETAS,
        weight_decay=p.weight_decay,
        fused=device.startswith(("cpu", "cuda")),
    )


def _map(values: "Tensor", scene: Scene) -> NDArray[np.float32]:
    """Values of all pixels as float32 (rows, cols), NaN where the scene is invalid."""
    plane: NDArray[np.float32] = values.detach().float().cpu().numpy().reshape(scene.mask.shape)
    return np.where(scene.mask, plane, np.float32(np.nan))


class Film:
    """Pictures of a training every few steps, and what is worth keeping at its end."""

    def __init__(self, scene: Scene, p: "SuperADParams", run: int, ctx: Context) -> None:
        import torch

        self._scene, self._ctx, self._score = scene, ctx, p.score
        self._steps, self._before = p.steps, run * p.steps
        self._every = max(1, p.steps // PICTURES)
        self._picked = torch.zeros(scene.mask.size, device=scene.device)
        self._bands = list(composite_bands(scene.values.shape[1]))
        shown = scene.values[:, self._bands].cpu().numpy()[scene.mask.ravel()]
        self._low, self._high = np.percentile(shown, [2, 98], axis=0)
        self._last: dict[str, NDArray[Any]] = {}
        ctx.picture("Input", self._before, self._colours(scene.values))

    def add(
        self,
        step: int,
        result: "Tensor",
        taught: Taught,
        picks: "Tensor | None",
        attention: "list[Tensor]",
    ) -> None:
        """One step: its reconstruction (pixels, bands), picked pixels (taps, pixels) and attention matrices."""
        if picks is not None:
            self._picked += picks.reshape(-1).bincount(minlength=len(self._picked))
        if (step + 1) % self._every and step + 1 < self._steps:
            return
        self._ctx.preview(self.scores(result))
        self._last = {"Error": _map(taught.error, self._scene)}
        if picks is not None:
            self._last["Picked by AdaConv"] = _map(self._picked / self._picked.max(), self._scene)
        if taught.kept is not None:
            self._last["Let through by OBPM"] = self._placed(taught.kept)
        shown = self._before + step + 1
        self._ctx.picture("Reconstruction", shown, self._colours(result.detach()))
        for name, plane in self._last.items():
            self._ctx.picture(name, shown, plane)
        for block, matrix in enumerate(attention, start=1):
            if len(matrix) <= LARGEST_MATRIX:
                self._ctx.picture(f"Attention of block {block}", shown, matrix.detach().float().cpu().numpy())

    def keep(self) -> None:
        """Put the last maps beside the scores."""
        for name, plane in self._last.items():
            self._ctx.extra(name, plane)  # noqa: S610 - not Django's

    def scores(self, result: "Tensor") -> NDArray[np.float32]:
        """How far a reconstruction (pixels, bands) is from the scene, as a map (rows, cols)."""
        deviation = result.detach() - self._scene.values
        return _map(pixel_scores(deviation, self._score, self._scene.valid), self._scene)

    def _placed(self, kept: "Tensor") -> NDArray[np.float32]:
        """A mark for each valid pixel as a map: 1 where it contributed gradient."""
        plane = np.full(self._scene.mask.shape, np.nan, dtype=np.float32)
        plane[self._scene.mask] = kept.cpu().numpy()
        return plane

    def _colours(self, values: "Tensor") -> NDArray[np.float32]:
        """Three bands of spectra (pixels, bands) as colours (rows, cols, 3) in 0..1, stretched as the input is."""
        span = np.maximum(self._high - self._low, 1e-12)
        stretched = (values[:, self._bands].cpu().numpy() - self._low) / span
        colours: NDArray[np.float32] = np.clip(stretched, 0, 1).astype(np.float32)
        return colours.reshape(*self._scene.mask.shape, 3)
