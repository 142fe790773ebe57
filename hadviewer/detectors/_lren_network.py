"""The networks of LREN: an autoencoder and, on its latent vectors, a density network, trained together."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hadviewer.detectors._lren_mixture import Mixture

if TYPE_CHECKING:
    from torch import Generator, Tensor

DENSITY_UNITS = 60
FAST_BATCH, FAST_STEPS, FAST_RATE = 1024, 300, 1e-3
SMALL_STEPS = 60
"""For scenes of less than a batch: longer, and the mixture shrinks onto single pixels, which every step sees again."""
PASS_PIXELS = 8192
"""Pixels at a time where all of a scene go through a trained network."""


class Layer(NamedTuple):
    """x ↦ x W + b."""

    weight: "Tensor"
    bias: "Tensor"

    def __call__(self, x: "Tensor") -> "Tensor":
        import torch

        return torch.addmm(self.bias, x, self.weight)

    def tanh(self, x: "Tensor") -> "Tensor":
        """tanh(x W + b) as 2 σ(2 (x W + b)) - 1: on the CPU the logistic function is many times as fast."""
        import torch

        logistic = torch.addmm(self.bias, x, self.weight, beta=2, alpha=2).sigmoid()
        return torch.sub(logistic * 2, 1)


class Network:
    """Encoder bands → hidden (tanh) → latent, decoder back, density network latent → 60 (tanh) → components.

    float32 on its device. Weights are Glorot uniform from ``generator``, which lives on the CPU, biases zero.
    """

    def __init__(
        self, bands: int, hidden: int, latent: int, components: int, generator: "Generator", device: str = "cpu"
    ) -> None:
        def layer(inputs: int, outputs: int) -> Layer:
            import torch

            limit = math.sqrt(6 / (inputs + outputs))
            weight = (2 * limit) * torch.rand((inputs, outputs), generator=generator) - limit
            if inputs > outputs:
                weight = weight.T.contiguous().T  # long rows in memory: its gradient takes a fifth of the time
            bias = torch.zeros(outputs)
            return Layer(weight.to(device).requires_grad_(), bias.to(device).requires_grad_())

        self.device = device
        self.encoder = layer(bands, hidden), layer(hidden, latent)
        self.decoder = layer(latent, hidden), layer(hidden, bands)
        self.density = layer(latent, DENSITY_UNITS), layer(DENSITY_UNITS, components)

    def parameters(self) -> "list[Tensor]":
        """Everything that is trained."""
        return [tensor for layer in (*self.encoder, *self.decoder, *self.density) for tensor in layer]

    def encode(self, x: "Tensor") -> "Tensor":
        """Latent vectors (n, latent) of spectra (n, bands)."""
        first, second = self.encoder
        return second(first.tanh(x))

    def decode(self, z: "Tensor", bands: "list[int] | None" = None) -> "Tensor":
        """Spectra (n, bands) of latent vectors, or only some bands of them."""
        first, second = self.decoder
        if bands is not None:
            second = Layer(second.weight[:, bands], second.bias[bands])
        return second(first.tanh(z))

    def memberships(self, z: "Tensor", dropout: "Tensor | None" = None) -> "Tensor":
        """γ (n, components) of latent vectors; ``dropout`` (n, 60) multiplies the hidden units."""
        first, second = self.density
        units = first.tanh(z)
        return second(units if dropout is None else units * dropout).softmax(dim=1)

    def latents(self, pixels: "Tensor") -> "Iterator[Tensor]":
        """Latent vectors of all the pixels (n, bands), a piece at a time, without gradients."""
        import torch

        with torch.no_grad():
            for piece in pixels.split(PASS_PIXELS):
                yield self.encode(piece.to(self.device))


class Schedule(NamedTuple):
    """How the networks are trained: learning rate, pixels in a batch, times through the scene."""

    rate: float
    batch: int
    epochs: int

    @classmethod
    def fast(cls, pixels: int) -> "Schedule":
        """About 300 steps on equal batches of about 1024 pixels, so that none is tiny; fewer where all make one."""
        batches = max(1, round(pixels / FAST_BATCH))
        steps = SMALL_STEPS if pixels < FAST_BATCH else FAST_STEPS
        return cls(FAST_RATE, math.ceil(pixels / batches), math.ceil(steps / batches))

    def steps(self, pixels: int) -> int:
        """Number of training steps for so many pixels."""
        return self.epochs * math.ceil(pixels / self.batch)


class Losses(NamedTuple):
    """The loss of one step and its two main parts."""

    total: float
    reconstruction: float
    energy: float


@dataclass(frozen=True)
class Objective:
    """Mean squared error of a pixel + ``energy`` · mean energy + ``tightness`` · Σ 1/Σ_k[j,j] (equations of the paper).

    ``dropout`` is the share of the density network's hidden units that is silent in a step.
    """

    energy: float = 0.1
    tightness: float = 1e-4
    dropout: float = 0.0

    def __call__(self, network: Network, x: "Tensor", generator: "Generator") -> "tuple[Tensor, Tensor, Tensor]":
        """Loss, reconstruction error and mean energy of a batch (n, bands)."""
        z = network.encode(x)
        reconstruction = (x - network.decode(z)).square().sum(dim=1).mean()
        memberships = network.memberships(z, self._dropout(len(x), generator, network.device))
        z, memberships = in_double(z), in_double(memberships)
        mixture = Mixture.fitted(z, memberships)
        energy = mixture.energies(z).mean()
        extra = self.energy * energy + self.tightness * mixture.tightness()
        return reconstruction + extra.to(x.device, x.dtype), reconstruction, energy

    def _dropout(self, count: int, generator: "Generator", device: str) -> "Tensor | None":
        import torch

        if self.dropout == 0:
            return None
        kept = torch.rand((count, DENSITY_UNITS), generator=generator) >= self.dropout
        return (kept / (1 - self.dropout)).to(device)


def in_double(tensor: "Tensor") -> "Tensor":
    """As float64 for the mixture: where the device has no such numbers, on the CPU."""
    return (tensor.cpu() if tensor.device.type == "mps" else tensor).double()


def training(
    network: Network, pixels: "Tensor", schedule: Schedule, objective: Objective, generator: "Generator"
) -> "Iterator[Losses]":
    """Train on the pixels (n, bands), shuffled once; yields after each step."""
    import torch

    optimiser = torch.optim.Adam(network.parameters(), lr=schedule.rate, fused=True)
    order = torch.randperm(len(pixels), generator=generator)
    for _ in range(schedule.epochs):
        for chosen in order.split(schedule.batch):
            loss, reconstruction, energy = objective(network, pixels[chosen].to(network.device), generator)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            yield Losses(float(loss.detach()), float(reconstruction.detach()), float(energy.detach()))
