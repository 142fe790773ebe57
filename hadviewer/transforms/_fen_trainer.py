"""The course of a training of FEN: steps, epochs, and checkpoints from which it goes on as if never interrupted."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ReadError
from hadviewer.io.atomic import replacing
from hadviewer.transforms._fen_training import BETAS, PARTS, RUNNING, Architecture, TrainingParams, total_loss
from hadviewer.transforms._fen_weights import DAMAGE, checked_state, load_data, save_data
from hadviewer.transforms._resnet import Weights, random_weights

if TYPE_CHECKING:
    from torch.optim import Adam

FORMAT = 1
SAVE_SECONDS = 120.0
"""How much work a crash may cost."""
MAX_BYTES = 8 * 2**30


class Patches(Protocol):
    """Scaled patches of background, each float32 (side, side, bands)."""

    def __len__(self) -> int: ...
    def read(self, index: int) -> NDArray[np.float32]: ...


@dataclass
class Training:
    """A training and how far it is: ``epoch`` epochs are done, and ``step`` steps of the next.

    ``history`` has the mean losses of each epoch, in the order of PARTS; ``sums`` are those of the steps since, added.
    ``identity`` is what must be the same when it goes on: seed, teacher and data, as text.
    """

    params: TrainingParams
    seed: int
    identity: str
    teacher: Weights
    trained: Weights
    optimizer: "Adam"
    device: str
    epoch: int = 0
    step: int = 0
    history: list[list[float]] = field(default_factory=list)
    sums: list[float] = field(default_factory=lambda: [0.0] * len(PARTS))

    @classmethod
    def begin(cls, params: TrainingParams, seed: int, identity: str, teacher: Weights, device: str) -> "Training":
        """A training that has not made a step."""
        import torch

        generator = torch.Generator().manual_seed(seed)
        trained = random_weights(_architecture(params).shapes(), generator)
        return cls._of(params, seed, identity, teacher, trained, device)

    @classmethod
    def _of(
        cls, params: TrainingParams, seed: int, identity: str, teacher: Weights, trained: Weights, device: str
    ) -> "Training":
        import torch

        teacher = {name: value.to(device) for name, value in teacher.items()}
        trained = {name: value.to(device) for name, value in trained.items()}
        learned = [value.requires_grad_() for name, value in trained.items() if not name.endswith(RUNNING)]
        optimizer = torch.optim.Adam(learned, lr=params.rate, betas=BETAS)
        return cls(params, seed, identity, teacher, trained, optimizer, device)

    @classmethod
    def restore(
        cls, path: Path, params: TrainingParams, seed: int, identity: str, teacher: Weights, device: str
    ) -> "Training":
        """The training that a checkpoint holds, for as many epochs as ``params`` say.

        Raises ReadError when the file is damaged or is of another training.
        """
        saved = _read(path)
        before, now = saved.get("settings"), _settings(params, seed, identity)
        if not isinstance(before, dict) or before != now:
            known = before if isinstance(before, dict) else {}
            different = ", ".join(name for name in now if known.get(name) != now[name])
            raise ReadError(
                f"{path} is of another training: {different} differ.",
                hint="Give what was given then, or another folder.",
            )
        trained = checked_state(path, saved.get("trained", {}), _architecture(params).shapes())
        training = cls._of(params, seed, identity, teacher, trained, device)
        try:
            training.optimizer.load_state_dict(_optimizer_state(saved["optimizer"], training))
            training.epoch, training.step = int(saved["epoch"]), int(saved["step"])
            training.history = [[float(value) for value in row] for row in saved["history"]]
            training.sums = [float(value) for value in saved["sums"]]
            if training.step < 0 or [len(row) for row in training.history] != [len(PARTS)] * training.epoch:
                raise ValueError("counts")
        except DAMAGE as error:
            raise ReadError(f"{path} is damaged.", details=str(error)) from None
        return training

    def save(self, path: Path) -> None:
        """Write everything needed to go on; the file appears whole or stays as it was. Raises WriteError."""

        content = {
            "format": FORMAT,
            "settings": _settings(self.params, self.seed, self.identity),
            "trained": {name: value.detach() for name, value in self.trained.items()},
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "history": self.history,
            "sums": self.sums,
        }
        with replacing(path) as (part,):
            save_data(part, content)

    def run(self, patches: Patches, ctx: Context, save: Callable[[], None]) -> None:
        """Train to the last epoch. ``save`` is called every two minutes; after Cancelled this may be saved as well.

        Raises DetectorError when the loss is no longer a number, or memory is short.
        """
        import torch

        steps = math.ceil(len(patches) / self.params.batch)
        total, saved = self.params.epochs * steps, time.monotonic()
        if self.step >= steps:
            raise ReadError("The checkpoint is damaged: it has more steps in an epoch than there are.")
        while self.epoch < self.params.epochs:
            done = self.epoch * steps + self.step
            ctx.step(done, total, f"Epoch {self.epoch + 1} of {self.params.epochs}", **self._shown())
            batch = self._batch(patches)
            try:
                values, output = self._step(batch)
            except torch.OutOfMemoryError as error:
                hint = "Give a smaller batch, or smaller patches."
                raise DetectorError("The GPU has too little memory to train FEN.", hint=hint) from error
            self._count(values, done, ctx)
            if self.step == steps:
                self.history.append([value / steps for value in self.sums])
                self.epoch, self.step, self.sums = self.epoch + 1, 0, [0.0] * len(PARTS)
                _show(ctx, done + 1, batch[0], output)
            if time.monotonic() - saved > SAVE_SECONDS:
                save()
                saved = time.monotonic()
        ctx.step(total, total, "Trained", **self._shown())

    def _batch(self, patches: Patches) -> NDArray[np.float32]:
        """The patches of the next step; each epoch has them in an order of its own."""
        order = np.random.default_rng([self.seed, self.epoch]).permutation(len(patches))
        chosen = order[self.step * self.params.batch : (self.step + 1) * self.params.batch]
        return np.stack([patches.read(int(index)) for index in chosen])

    def _step(self, batch: NDArray[np.float32]) -> tuple[list[float], NDArray[np.float32]]:
        """One step of Adam on patches (n, side, side, bands): the parts of the loss, and how the first came out."""
        import torch

        x = torch.from_numpy(batch).permute(0, 3, 1, 2).contiguous().to(self.device)
        self.optimizer.zero_grad(set_to_none=True)
        losses, output = _architecture(self.params).losses(x, self.trained, self.teacher)
        total_loss(losses).backward()
        self.optimizer.step()
        return [float(value.detach()) for value in losses], output[0].detach().permute(1, 2, 0).cpu().numpy()

    def _count(self, values: list[float], done: int, ctx: Context) -> None:
        """Keep the parts of the loss of one more step."""
        total = total_loss(values)
        if not math.isfinite(total):
            raise DetectorError("The loss is no longer a number.", hint="Train again with a lower learning rate.")
        ctx.curve("loss", done + 1, total)
        for name, value in zip(PARTS, values, strict=True):
            ctx.curve(name, done + 1, value)
        self.sums = [before + value for before, value in zip(self.sums, values, strict=True)]
        self.step += 1

    def _shown(self) -> dict[str, float]:
        """The mean loss of this epoch so far, or of the one before."""
        means = [value / self.step for value in self.sums] if self.step else (self.history or [[]])[-1]
        return {"loss": total_loss(means)} if means else {}


def _show(ctx: Context, step: int, patch: NDArray[np.float32], output: NDArray[np.float32]) -> None:
    """A patch beside what the student makes of it, in three bands and the same colours."""
    bands = [patch.shape[2] * quarter // 4 for quarter in (3, 2, 1)]
    low, high = np.percentile(patch[:, :, bands], (2, 98), axis=(0, 1))
    for name, values in (("Background", patch), ("Reconstruction", output)):
        ctx.picture(name, step, np.clip((values[:, :, bands] - low) / np.maximum(high - low, 1e-6), 0, 1))


def _architecture(params: TrainingParams) -> Architecture:
    return Architecture(params.bands, params.width)


def _settings(params: TrainingParams, seed: int, identity: str) -> dict[str, Any]:
    """What may not change when a training goes on; the number of epochs may."""
    return {**params.model_dump(exclude={"epochs"}), "seed": seed, "data and teacher": identity}


def _read(path: Path) -> dict[str, Any]:
    saved = load_data(path, MAX_BYTES)
    if not isinstance(saved, dict) or saved.get("format") != FORMAT:
        raise ReadError(f"{path} is no checkpoint of this program.")
    return saved


def _optimizer_state(saved: dict[str, Any], training: Training) -> dict[str, Any]:
    """The saved moments of Adam, with the present settings; raises ValueError for those of other weights."""
    present = training.optimizer.state_dict()
    learned = training.optimizer.param_groups[0]["params"]
    for index, moments in saved["state"].items():
        for name in ("exp_avg", "exp_avg_sq"):
            if moments[name].shape != learned[index].shape:
                raise ValueError(f"moments of {index}")
    return {"state": saved["state"], "param_groups": present["param_groups"]}
