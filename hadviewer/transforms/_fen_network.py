"""The feature enhancement network (FEN), as it is when scenes are enhanced: three parts, and weights in two forms.

``x`` is a scaled scene (1, bands, rows, cols). ``cwl`` is a 1×1 convolution to ``width`` channels, ``rnl`` the first
stage of a Wide-ResNet-101-2, ``pfl`` two 1×1 convolutions back to the bands; the result is pfl(rnl(cwl(x))) + x.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from hadviewer.transforms._resnet import Shapes, Stage, Weights, convolve

if TYPE_CHECKING:
    from torch import Tensor

WIDTH = 64
"""Channels of the published network after its first convolution."""
HALO = 4
"""Pixels of surroundings given with a scene or a tile of it; three count, one for each 3×3 convolution."""
WIDE_HEAD = 128
"""Networks for more bands than this have a head twice as wide."""

CWL, RNL, PFL = "convh", "enc", "pc"
"""The names of the three files of weights, without their ending; ``convh.weight`` is also the key in the first."""


def first_stage(width: int) -> Stage:
    """The residual stage of ``rnl``."""
    return Stage("layer1", 3, width, 2 * width, 4 * width)


def head_shapes(bands: int, width: int) -> Shapes:
    """The weights of ``pfl`` and of the comparison trained with it (conv3), which enhancing does not need."""
    hidden = (4 if bands > WIDE_HEAD else 2) * width
    return {
        "conv1.weight": (hidden, 4 * width, 1, 1),
        "conv1.bias": (hidden,),
        "conv2.weight": (bands, hidden, 1, 1),
        "conv2.bias": (bands,),
        "conv3.weight": (1, bands, 1, 1),
        "conv3.bias": (1,),
    }


def file_shapes(bands: int, width: int) -> dict[str, Shapes]:
    """What the three files of weights must hold."""
    head = {name: shape for name, shape in head_shapes(bands, width).items() if not name.startswith("conv3")}
    return {CWL: {"convh.weight": (width, bands, 1, 1)}, RNL: first_stage(width).shapes(), PFL: head}


def head(features: "Tensor", weights: Weights) -> "Tensor":
    """``pfl`` without the sum: features (n, 4·width, rows, cols) to (n, bands, rows, cols), never negative."""
    from torch.nn.functional import relu_

    hidden = relu_(convolve(features, weights["conv1.weight"], bias=weights["conv1.bias"]))
    return relu_(convolve(hidden, weights["conv2.weight"], bias=weights["conv2.bias"]))


class Enhancer(Protocol):
    """A network ready to enhance scenes of ``bands`` bands."""

    @property
    def bands(self) -> int: ...
    def __call__(self, x: "Tensor") -> "Tensor":
        """Enhance a scaled scene (1, bands, rows + 2·HALO, cols + 2·HALO); the result is without the surroundings."""


@dataclass(frozen=True)
class StateNetwork:
    """FEN from its weights, by the names of ``file_shapes``."""

    bands: int
    width: int
    weights: Weights

    def __call__(self, x: "Tensor") -> "Tensor":
        """The enhanced scene."""
        features = first_stage(self.width)(convolve(x, self.weights["convh.weight"]), self.weights)
        return head(inside(features), self.weights) + inside(x)


@dataclass(frozen=True)
class ProgramNetwork:
    """FEN from its three published programs (TorchScript), called as their authors do."""

    bands: int
    cwl: Any
    rnl: Any
    pfl: Any

    def __call__(self, x: "Tensor") -> "Tensor":
        """The enhanced scene."""
        enhanced, _ = self.pfl(self.rnl(self.cwl(x)), x)
        found: Tensor = inside(enhanced)
        return found


def inside(values: "Tensor") -> "Tensor":
    """Without the surroundings of HALO pixels."""
    return values[:, :, HALO:-HALO, HALO:-HALO]
