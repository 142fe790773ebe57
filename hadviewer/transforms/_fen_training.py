"""Training of FEN by reverse distillation: a student learns to give back, from a bottleneck, what a teacher sees.

``x`` is a batch of scaled patches (n, bands, side, side) of background. Through a learned 1×1 convolution it comes to
the teacher, the first three stages of a Wide-ResNet-101-2 trained on photographs and kept as they are, with features a,
b and c of full, half and quarter size. A bottleneck joins them at an eighth; the student, a decoder, makes a, b and c
of that again, and from a the input. The head (``pfl`` of the network) is applied to both a; it and the first
convolution are what is kept in the end, with the teacher's first stage.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from hadviewer.core.errors import ReadError
from hadviewer.core.params import Params, field
from hadviewer.io.atomic import replacing
from hadviewer.transforms._fen_network import CWL, PFL, RNL, WIDTH, first_stage, head, head_shapes
from hadviewer.transforms._fen_weights import checked_state, load_data, save_data
from hadviewer.transforms._resnet import Shapes, Stage, Weights, convolve, norm, norm_shapes, random_weights

if TYPE_CHECKING:
    from torch import Tensor

BETAS = (0.5, 0.999)
PARTS = ("distillation", "reconstruction", "alignment")
"""The parts of the loss."""
SHARES = (1.0, 0.1, 0.1)
"""How much each part counts."""
RUNNING = ("running_mean", "running_var")

TEACHER_FILES = ("wide_resnet101_2-32ee1156.pth", "wide_resnet101_2-d733dc28.pth")
"""The names under which torchvision distributes the teacher's weights; either will do."""
MAX_TEACHER_BYTES = 2**30
RANDOM_GAIN = 0.25
"""Gain of the last norm of each block of a random teacher, which keeps 30 blocks from running away."""


class TrainingParams(Params):
    """How FEN is trained; the defaults are the published ones."""

    bands: int = field(200, "Bands", ge=1, le=4096, help="The network is for the first so many bands of a scene.")
    epochs: int = field(60, "Epochs", ge=1, le=100_000, help="How often every patch is seen.")
    batch: int = field(16, "Batch", ge=1, le=1024, help="Patches in a step. Fewer need less memory.")
    patch: int = field(64, "Patch side", ge=16, le=512, step=8, unit="px", help="A multiple of 8.")
    rate: float = field(0.005, "Learning rate", gt=0, le=1, help="Of Adam.")
    width: int = field(
        WIDTH,
        "Width",
        ge=1,
        le=WIDTH,
        advanced=True,
        help="Channels after the first convolution. Only 64 fits a trained teacher; fewer are for quick trials.",
    )

    @model_validator(mode="after")
    def _halves_thrice(self) -> "TrainingParams":
        if self.patch % 8:
            raise PydanticCustomError("patch", "the side of a patch must be a multiple of 8", {"field": "patch"})
        return self


def total_loss(parts: Sequence[Any]) -> Any:
    """The loss of which these are the parts, as numbers or tensors."""
    return sum(share * part for share, part in zip(SHARES, parts, strict=True))


@dataclass(frozen=True)
class Architecture:
    """The stages of teacher, bottleneck and student for a width; all weights by name."""

    bands: int
    width: int

    @property
    def teacher(self) -> tuple[Stage, Stage, Stage]:
        """Stages 1-3 of a Wide-ResNet-101-2."""
        w = self.width
        return (
            first_stage(w),
            Stage("layer2", 4, 4 * w, 4 * w, 8 * w, "half"),
            Stage("layer3", 23, 8 * w, 8 * w, 16 * w, "half"),
        )

    @property
    def joined(self) -> Stage:
        """The bottleneck's own stage, on a, b and c side by side."""
        return Stage("bottleneck.layer", 3, 48 * self.width, 16 * self.width, 32 * self.width, "half")

    @property
    def student(self) -> tuple[Stage, Stage, Stage]:
        """The decoder, which gives c, b and a; 3, 4 and 6 blocks as in the first stages of a Wide-ResNet-50-2."""
        w = self.width
        return (
            Stage("student.layer1", 3, 32 * w, 8 * w, 16 * w, "double"),
            Stage("student.layer2", 4, 16 * w, 4 * w, 8 * w, "double"),
            Stage("student.layer3", 6, 8 * w, 2 * w, 4 * w, "double"),
        )

    def teacher_shapes(self) -> Shapes:
        """Every weight of the teacher."""
        return {name: shape for stage in self.teacher for name, shape in stage.shapes().items()}

    def shapes(self) -> Shapes:
        """Every weight that is trained, and the running statistics of the norms."""
        w = self.width
        found: Shapes = {"convh.weight": (w, self.bands, 1, 1), **head_shapes(self.bands, w)}
        for name, inputs, outputs in (("a1", 4, 8), ("a2", 8, 16), ("b1", 8, 16)):
            found[f"bottleneck.{name}.weight"] = (outputs * w, inputs * w, 3, 3)
            found |= norm_shapes(f"bottleneck.{name}_norm", outputs * w)
        for stage in (self.joined, *self.student):
            found |= stage.shapes()
        return found | {"student.output.weight": (self.bands, 4 * w, 1, 1), "student.output.bias": (self.bands,)}

    def losses(
        self, x: "Tensor", trained: Weights, teacher: Weights
    ) -> tuple[tuple["Tensor", "Tensor", "Tensor"], "Tensor"]:
        """The parts of the loss, means over a batch, and the reconstruction of the batch.

        The norms of bottleneck and student take the batch's statistics.
        """
        from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

        seen = [convolve(x, trained["convh.weight"])]
        for stage in self.teacher:
            seen.append(stage(seen[-1], teacher))
        a, b, c = seen[1:]
        given = [self._joined(a, b, c, trained)]
        for stage in self.student:
            given.append(stage(given[-1], trained, training=True))
        pairs = zip((c, b, a), given[1:], strict=True)
        distillation = sum((_apart(first, second) for first, second in pairs), start=x.new_zeros(()))
        output = convolve(given[-1], trained["student.output.weight"], bias=trained["student.output.bias"])
        difference = (head(a, trained) - head(given[-1], trained)).abs()
        logits = convolve(difference, trained["conv3.weight"], bias=trained["conv3.bias"])
        alignment = binary_cross_entropy_with_logits(logits, logits.new_zeros(logits.shape))
        return (distillation, mse_loss(output, x), alignment), output

    def _joined(self, a: "Tensor", b: "Tensor", c: "Tensor", trained: Weights) -> "Tensor":
        """a, b and c at the size of c, side by side, through the bottleneck's stage."""
        import torch

        def halved(values: "Tensor", name: str) -> "Tensor":
            values = convolve(values, trained[f"bottleneck.{name}.weight"], stride=2)
            return torch.relu_(norm(f"bottleneck.{name}_norm", values, trained, training=True))

        together = torch.cat([halved(halved(a, "a1"), "a2"), halved(b, "b1"), c], dim=1)
        return self.joined(together, trained, training=True)


def find_teacher() -> Path:
    """The teacher's weights in the cache of torch; raises ReadError saying which file to put where."""
    import torch

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    found = next((folder / name for name in TEACHER_FILES if (folder / name).is_file()), None)
    if found is None:
        raise ReadError(
            f"The teacher's weights are missing: put {TEACHER_FILES[0]} (torchvision's Wide-ResNet-101-2, trained on "
            f"ImageNet) into {folder}, or say where it is."
        )
    return found


def read_teacher(path: Path, architecture: Architecture) -> Weights:
    """The teacher's stages from a file of torchvision, read as data only; raises ReadError."""
    loaded = load_data(path, MAX_TEACHER_BYTES)
    state = loaded.get("state_dict", loaded) if isinstance(loaded, dict) else None
    if not isinstance(state, dict):
        raise ReadError(f"{path} holds no weights by name.", hint=f"{TEACHER_FILES[0]} of torchvision does.")
    hint = "A teacher is torchvision's Wide-ResNet-101-2."
    return checked_state(path, state, architecture.teacher_shapes(), hint)


def random_teacher(architecture: Architecture, seed: int) -> Weights:
    """A teacher that has learned nothing, for tests and trials."""
    import torch

    weights = random_weights(architecture.teacher_shapes(), torch.Generator().manual_seed(seed))
    for name in [name for name in weights if name.endswith("bn3.weight")]:
        weights[name] = torch.full_like(weights[name], RANDOM_GAIN)
    return weights


def export_network(folder: Path, trained: Weights, teacher: Weights) -> list[Path]:
    """Write the network that enhances scenes as its three files of weights; returns them. Raises WriteError."""

    first = {name: value for name, value in teacher.items() if name.startswith("layer1.")}
    kept = {
        CWL: {"convh.weight": trained["convh.weight"]},
        RNL: first,
        PFL: {name: value for name, value in trained.items() if name.split(".")[0] in ("conv1", "conv2", "conv3")},
    }
    targets = [folder / f"{file}.pt" for file in kept]
    with replacing(*targets) as parts:
        for part, state in zip(parts, kept.values(), strict=True):
            plain = {"state_dict": {name: value.detach().cpu() for name, value in state.items()}}
            save_data(part, plain)
    return targets


def _apart(first: "Tensor", second: "Tensor") -> "Tensor":
    """One minus the cosine between two batches of features, each taken whole; mean over the batch."""
    from torch.nn.functional import cosine_similarity

    return (1 - cosine_similarity(first.flatten(1), second.flatten(1))).mean()
