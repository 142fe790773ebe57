"""Stages of residual networks as plain functions of their weights, which have the names that torchvision gives them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Generator, Tensor

Weights = dict[str, "Tensor"]
Shapes = dict[str, tuple[int, ...]]
MOMENTUM, EPSILON = 0.1, 1e-5
"""Of the batch norm: share of a batch in the running statistics, and what is added to a variance."""


@dataclass(frozen=True)
class Stage:
    """Bottleneck blocks in a row, ``inputs`` to ``outputs`` channels with ``width`` channels inside.

    The first block has a projection as its shortcut and changes the size: 'half', 'same', or 'double' by transposed
    2×2 convolutions. Each block is 1×1, 3×3, 1×1, each with a batch norm.
    """

    name: str
    blocks: int
    inputs: int
    width: int
    outputs: int
    size: Literal["half", "same", "double"] = "same"

    def shapes(self) -> Shapes:
        """The shape of every weight, by name."""
        return {name: shape for block in range(self.blocks) for name, shape in self._block_shapes(block)}

    def __call__(self, values: "Tensor", weights: Weights, training: bool = False) -> "Tensor":
        """Features (n, inputs, rows, cols) to (n, outputs, ...); see ``norm`` for ``training``."""
        for block in range(self.blocks):
            values = self._block(f"{self.name}.{block}", values, weights, self.size if block == 0 else "same", training)
        return values

    def _block(self, name: str, values: "Tensor", weights: Weights, size: str, training: bool) -> "Tensor":
        from torch.nn.functional import relu_

        inner = relu_(norm(f"{name}.bn1", convolve(values, weights[f"{name}.conv1.weight"]), weights, training))
        inner = _resize(inner, weights[f"{name}.conv2.weight"], size)
        inner = relu_(norm(f"{name}.bn2", inner, weights, training))
        inner = norm(f"{name}.bn3", convolve(inner, weights[f"{name}.conv3.weight"]), weights, training)
        if f"{name}.downsample.0.weight" in weights:
            values = _resize(values, weights[f"{name}.downsample.0.weight"], size)
            values = norm(f"{name}.downsample.1", values, weights, training)
        return relu_(inner + values)

    def _block_shapes(self, block: int) -> Iterator[tuple[str, tuple[int, ...]]]:
        name, inputs = f"{self.name}.{block}", self.inputs if block == 0 else self.outputs
        doubling = self.size == "double" and block == 0
        kernel = (2, 2) if doubling else (3, 3)
        yield f"{name}.conv1.weight", (self.width, inputs, 1, 1)
        yield f"{name}.conv2.weight", (self.width, self.width, *kernel)
        yield f"{name}.conv3.weight", (self.outputs, self.width, 1, 1)
        for part, channels in (("bn1", self.width), ("bn2", self.width), ("bn3", self.outputs)):
            yield from norm_shapes(f"{name}.{part}", channels).items()
        if block == 0:
            shortcut = (inputs, self.outputs, 2, 2) if doubling else (self.outputs, inputs, 1, 1)
            yield f"{name}.downsample.0.weight", shortcut
            yield from norm_shapes(f"{name}.downsample.1", self.outputs).items()


def norm_shapes(name: str, channels: int) -> Shapes:
    """The weights of a batch norm."""
    return {f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")}


def convolve(values: "Tensor", kernels: "Tensor", stride: int = 1, bias: "Tensor | None" = None) -> "Tensor":
    """A convolution that keeps the size, or with stride 2 halves it."""
    from torch.nn.functional import conv2d

    return conv2d(values, kernels, bias, stride=stride, padding=kernels.shape[-1] // 2)


def norm(name: str, values: "Tensor", weights: Weights, training: bool = False) -> "Tensor":
    """Batch norm by the running statistics, or while training by those of the batch, which the running ones follow."""
    from torch.nn.functional import batch_norm

    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    gain, offset = weights[f"{name}.weight"], weights[f"{name}.bias"]
    return batch_norm(values, mean, variance, gain, offset, training, MOMENTUM, EPSILON)


def random_weights(shapes: Shapes, generator: "Generator") -> Weights:
    """Weights to begin with: He's normal ones for kernels of a stage, norms that change nothing.

    A kernel with a bias beside it is uniform in ±1/√fan-in, and so is the bias.
    """
    import torch

    weights: Weights = {}
    for name, shape in shapes.items():
        part, _, kind = name.rpartition(".")
        kernel = shapes.get(f"{part}.weight", shape)
        if len(kernel) == 1:
            weights[name] = torch.full(shape, 1.0 if kind in ("weight", "running_var") else 0.0)
        elif f"{part}.bias" in shapes:
            bound = (kernel[1] * kernel[2] * kernel[3]) ** -0.5
            weights[name] = torch.empty(shape).uniform_(-bound, bound, generator=generator)
        else:
            deviation = (2 / (kernel[0] * kernel[2] * kernel[3])) ** 0.5
            weights[name] = torch.empty(shape).normal_(0, deviation, generator=generator)
    return weights


def _resize(values: "Tensor", kernels: "Tensor", size: str) -> "Tensor":
    from torch.nn.functional import conv_transpose2d

    if size == "double":
        return conv_transpose2d(values, kernels, stride=2)
    return convolve(values, kernels, 2 if size == "half" else 1)
