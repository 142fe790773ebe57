"""The network of SuperAD: superpixel pooling with attention, and convolutions that choose their pixels by error.

Weights are a dict of tensors by name. Feature maps are (1, channels, rows, cols), channels last in memory, so that they
are (pixels, channels) too without a copy.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Generator, Tensor
    from torch.autograd import Function

Weights = dict[str, "Tensor"]
AdaptiveLayers = Literal["first", "all", "off"]

WIDTH = 32
LAYERS = 7
SLOPE = 0.1


def initial_weights(bands: int, kernel: int, generator: "Generator") -> Weights:
    """Random weights from the generator: uniform ±1/√fan-in for convolutions, Xavier for linear layers."""
    import torch

    weights: Weights = {}

    def uniform(bound: float, *shape: int) -> "Tensor":
        return torch.empty(shape).uniform_(-bound, bound, generator=generator)

    def convolution(name: str, outputs: int, inputs: int, size: int) -> None:
        bound = 1 / math.sqrt(inputs * size * size)
        kernels = uniform(bound, outputs, inputs, size, size)
        weights[f"{name}.weight"] = kernels.to(memory_format=torch.channels_last)
        weights[f"{name}.bias"] = uniform(bound, outputs)

    def linear(name: str, outputs: int, inputs: int) -> None:
        weights[f"{name}.weight"] = uniform(math.sqrt(6 / (inputs + outputs)), outputs, inputs)
        weights[f"{name}.bias"] = torch.zeros(outputs)

    def norm(name: str) -> None:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = torch.ones(WIDTH), torch.zeros(WIDTH)

    def block(name: str) -> None:
        for part in ("norm1", "query_norm", "key_norm", "norm2"):
            norm(f"{name}.{part}")
        linear(f"{name}.qkv", 3 * WIDTH, WIDTH)
        linear(f"{name}.mix", WIDTH, WIDTH)
        linear(f"{name}.widen", 2 * WIDTH, WIDTH)
        linear(f"{name}.narrow", WIDTH, 2 * WIDTH)

    convolution("embed1", WIDTH, bands, 3)
    convolution("embed2", WIDTH, WIDTH, 3)
    block("block1")
    norm("middle_norm")
    linear("link", WIDTH, WIDTH)
    block("block2")
    norm("last_norm")
    convolution("feature", WIDTH, WIDTH, 3)
    for group in ("inner", "outer"):
        for layer in range(LAYERS):
            convolution(f"{group}{layer + 1}", WIDTH, WIDTH, kernel)
    convolution("out1", WIDTH, WIDTH, 3)
    convolution("out2", bands, WIDTH, 1)
    return weights


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """The window of each pixel: flat indices ``pixels`` (pixels, window²), mirrored at the border.

    ``inside`` of the same size is False for positions outside the scene and for invalid pixels.
    """

    pixels: "Tensor"
    inside: "Tensor"

    def picks(self, error: "Tensor", count: int) -> "Tensor":
        """The ``count`` positions of lowest error (pixels,) in each window, in ascending order: (count, pixels)."""
        around = error[self.pixels].masked_fill_(~self.inside, math.inf)
        return self.pixels.gather(1, around.topk(count, dim=1, largest=False).indices).T.contiguous()


def neighbourhood(valid: NDArray[np.bool_], window: int, device: str) -> Neighbourhood:
    """The windows of every pixel of a scene with these valid pixels (rows, cols)."""
    import torch

    margin = window // 2
    index = np.arange(valid.size).reshape(valid.shape)
    around, inside = np.pad(index, margin, mode="reflect"), np.pad(valid, margin)
    view = np.lib.stride_tricks.sliding_window_view
    shape = (valid.size, window * window)
    pixels, usable = (view(plane, (window, window)).reshape(shape) for plane in (around, inside))
    return Neighbourhood(torch.from_numpy(pixels).to(device), torch.from_numpy(usable.copy()).to(device))


@dataclass(frozen=True, eq=False)
class Pooling:
    """Superpixels as the network uses them: ``labels`` (pixels,) of all pixels, those of the ``valid`` ones for means.

    ``valid`` is the flat index of the valid pixels, None where all are; ``sizes`` (segments, 1) counts them.
    """

    labels: "Tensor"
    valid: "Tensor | None"
    sizes: "Tensor"

    def means(self, rows: "Tensor") -> "Tensor":
        """Mean features (segments, channels) of rows (pixels, channels)."""
        labels = self.labels
        if self.valid is not None:
            rows, labels = rows[self.valid], labels[self.valid]
        return rows.new_zeros(len(self.sizes), rows.shape[1]).index_add(0, labels, rows) / self.sizes


@dataclass(frozen=True, eq=False)
class Network:
    """How a scene is reconstructed: ``around`` for the adaptive layers, ``pooling`` None without superpixels."""

    kernel: int
    adaptive: AdaptiveLayers
    around: Neighbourhood
    pooling: Pooling | None

    def picks(self, error: "Tensor | None") -> "Tensor | None":
        """What the adaptive layers choose by the last error (pixels,); None where they are ordinary convolutions."""
        if error is None or self.adaptive == "off":
            return None
        return self.around.picks(error, self.kernel**2)

    def reconstruct(
        self, weights: Weights, scene: "Tensor", steered: bool, picks: "Tensor | None"
    ) -> "tuple[Tensor, list[Tensor]]":
        """The spectra (pixels, bands) from the scene (1, bands, rows + 2, cols + 2), mirrored at its border.

        With them the attention matrices of both blocks. The inner layers join when the network is ``steered``: from the
        second step on.
        """
        from torch.nn import functional as nn

        embedded = nn.leaky_relu(nn.conv2d(scene, weights["embed1.weight"], weights["embed1.bias"]), SLOPE)
        embedded = mirrored_convolution(weights, "embed2", embedded)
        background, attention = self._background(weights, embedded)
        feature = mirrored_convolution(weights, "feature", embedded)
        if steered:
            feature = self._layers(weights, "inner", feature, picks)
        feature = self._layers(weights, "outer", feature * background, picks)
        feature = nn.leaky_relu(mirrored_convolution(weights, "out1", feature), SLOPE)
        return nn.linear(pixel_rows(feature), weights["out2.weight"].flatten(1), weights["out2.bias"]), attention

    def _background(self, weights: Weights, embedded: "Tensor") -> "tuple[Tensor, list[Tensor]]":
        """Each pixel's superpixel after attention among the superpixels; the embedding itself without pooling."""
        from torch.nn import functional as nn

        if self.pooling is None:
            return embedded, []
        tokens = self.pooling.means(pixel_rows(embedded))
        tokens, first = attention_block(weights, "block1", tokens)
        tokens = nn.linear(normed(weights, "middle_norm", tokens), weights["link.weight"], weights["link.bias"])
        tokens, second = attention_block(weights, "block2", tokens)
        tokens = normed(weights, "last_norm", tokens)
        return as_map(tokens.index_select(0, self.pooling.labels), embedded), [first, second]

    def _layers(self, weights: Weights, group: str, feature: "Tensor", picks: "Tensor | None") -> "Tensor":
        """Seven convolutions; the first or all take the picked pixels instead of the neighbours."""
        from torch.nn import functional as nn

        for layer in range(LAYERS):
            kernels, bias = weights[f"{group}{layer + 1}.weight"], weights[f"{group}{layer + 1}.bias"]
            if picks is not None and (layer == 0 or self.adaptive == "all"):
                feature = picked_convolution(feature, picks, kernels, bias)
            else:
                feature = nn.conv2d(feature, kernels, bias, padding=self.kernel // 2)
            if layer < LAYERS - 1:
                feature = nn.leaky_relu_(feature, SLOPE)
        return feature


def mirrored_convolution(weights: Weights, name: str, feature: "Tensor") -> "Tensor":
    """A 3×3 convolution of a feature map continued by its mirror image."""
    from torch.nn import functional as nn

    return nn.conv2d(nn.pad(feature, (1, 1, 1, 1), mode="reflect"), weights[f"{name}.weight"], weights[f"{name}.bias"])


def picked_convolution(feature: "Tensor", picks: "Tensor", kernels: "Tensor", bias: "Tensor") -> "Tensor":
    """A convolution whose taps at each pixel are the pixels picked for it (taps, pixels)."""
    rows: Tensor = _picked_product().apply(pixel_rows(feature), picks, kernels, bias)
    return as_map(rows, feature)


@cache
def _picked_product() -> "type[Function]":
    """The product of picked rows and kernels, tap by tap in one buffer: gathered at once they outgrow the caches."""
    import torch

    class PickedProduct(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, rows: "Tensor", picks: "Tensor", kernels: "Tensor", bias: "Tensor") -> "Tensor":
            ctx.save_for_backward(rows, picks, kernels)
            result, taken = bias.repeat(len(rows), 1), torch.empty_like(rows)
            for pick, kernel in zip(picks, kernels.flatten(2).permute(2, 1, 0).contiguous(), strict=True):
                torch.index_select(rows, 0, pick, out=taken)
                result.addmm_(taken, kernel)
            return result

        @staticmethod
        def backward(ctx: Any, slope: "Tensor") -> "tuple[Tensor | None, ...]":
            rows, picks, kernels = ctx.saved_tensors
            by_tap = kernels.flatten(2).permute(2, 0, 1).contiguous()
            of_rows, of_kernels, taken = torch.zeros_like(rows), torch.empty_like(by_tap), torch.empty_like(rows)
            for pick, kernel, of_kernel in zip(picks, by_tap, of_kernels, strict=True):
                torch.index_select(rows, 0, pick, out=taken)
                torch.mm(slope.T, taken, out=of_kernel)
                torch.mm(slope, kernel, out=taken)
                of_rows.index_add_(0, pick, taken)
            return of_rows, None, of_kernels.permute(1, 2, 0).reshape(kernels.shape), slope.sum(0)

    return PickedProduct


def attention_block(weights: Weights, name: str, tokens: "Tensor") -> "tuple[Tensor, Tensor]":
    """A pre-norm transformer block with one head on tokens (segments, channels), and its attention matrix."""
    from torch.nn import functional as nn

    def linear(part: str, values: "Tensor") -> "Tensor":
        return nn.linear(values, weights[f"{name}.{part}.weight"], weights[f"{name}.{part}.bias"])

    query, key, value = linear("qkv", normed(weights, f"{name}.norm1", tokens)).chunk(3, dim=1)
    query, key = normed(weights, f"{name}.query_norm", query), normed(weights, f"{name}.key_norm", key)
    attention = (query @ key.T / math.sqrt(WIDTH)).softmax(dim=1)
    tokens = tokens + linear("mix", attention @ value)
    widened = nn.gelu(linear("widen", normed(weights, f"{name}.norm2", tokens)))
    return tokens + linear("narrow", widened), attention


def normed(weights: Weights, name: str, tokens: "Tensor") -> "Tensor":
    """Layer normalisation over the channels."""
    from torch.nn import functional as nn

    return nn.layer_norm(tokens, tokens.shape[1:], weights[f"{name}.weight"], weights[f"{name}.bias"])


def pixel_rows(feature: "Tensor") -> "Tensor":
    """A feature map (1, channels, rows, cols) as (pixels, channels)."""
    return feature.permute(0, 2, 3, 1).reshape(-1, feature.shape[1])


def as_map(rows: "Tensor", like: "Tensor") -> "Tensor":
    """Rows (pixels, channels) as a feature map of the size of another."""
    return rows.view(1, *like.shape[2:], rows.shape[1]).permute(0, 3, 1, 2)
