"""The networks of MTGAN and one step of their training.

The networks are small and the steps many, so the gradients are written out: a step takes a third of the time that it
takes with automatic differentiation.
"""

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from torch import Generator, Tensor

Rejection = Literal["margin", "literal", "off"]

SLOPE = 0.2
BETAS, EPSILON = (0.9, 0.999), 1e-8
WIDE, NARROW = 100, 50
"""Hidden units beside the spectra and beside the features."""

DISCRIMINATOR_UNITS = 20


class Layers:
    """Fully connected layers with leaky ReLU between them, their gradients, and Adam.

    Weights and biases are uniform within ±1/√inputs, from ``generator``, which lives on the CPU. All of them lie in the
    vector ``values``, their gradients in ``gradients``; ``layers`` are views (inputs, outputs), (outputs,) into it.
    """

    def __init__(self, widths: tuple[int, ...], generator: "Generator", device: str = "cpu") -> None:
        import torch

        pairs = list(pairwise(widths))
        drawn = [
            (2 * torch.rand((inputs + 1) * outputs, generator=generator) - 1) / math.sqrt(inputs)
            for inputs, outputs in pairs
        ]
        self.values = torch.cat(drawn).to(device)
        self.gradients, self._mean, self._square = (torch.zeros_like(self.values) for _ in range(3))
        self.layers, self._slopes = _views(self.values, pairs), _views(self.gradients, pairs)
        self._updates = 0

    def forward(self, x: "Tensor") -> "list[Tensor]":
        """The input (n, inputs), what each layer makes of it, and the output."""
        import torch

        passed = [x]
        for number, (weight, bias) in enumerate(self.layers, start=1):
            result = torch.addmm(bias, passed[-1], weight)
            passed.append(result if number == len(self.layers) else torch.nn.functional.leaky_relu_(result, SLOPE))
        return passed

    def backward(self, passed: "list[Tensor]", slope: "Tensor") -> "Tensor":
        """Set the gradients, from what went through and the loss's slope at the output (n, outputs).

        Gives the slope at the first layer, from which ``into`` goes on to the input.
        """
        import torch

        for number in reversed(range(len(self.layers))):
            weight_slope, bias_slope = self._slopes[number]
            torch.mm(passed[number].T, slope, out=weight_slope)
            torch.sum(slope, dim=0, out=bias_slope)
            if number:
                slope = self._through(number, passed, slope)
        return slope

    def input_slope(self, passed: "list[Tensor]", slope: "Tensor") -> "Tensor":
        """The loss's slope at the input (n, inputs), from what went through and that at the output."""
        for number in reversed(range(1, len(self.layers))):
            slope = self._through(number, passed, slope)
        return self.into(slope)

    def into(self, slope: "Tensor") -> "Tensor":
        """From the slope at the first layer to that at the input."""
        return slope @ self.layers[0][0].T

    def _through(self, number: int, passed: "list[Tensor]", slope: "Tensor") -> "Tensor":
        """From the slope at a layer to that at the layer before it."""
        import torch

        slope = slope @ self.layers[number][0].T
        # A fourth of the time of torch.where; True: what was passed on has the sign of what came in.
        through: Tensor = torch.ops.aten.leaky_relu_backward(slope, passed[number], SLOPE, True)
        return through

    def update(self, rate: float) -> None:
        """One step of Adam along the gradients."""
        self._updates += 1
        first, second = (1 - beta**self._updates for beta in BETAS)
        self._mean.lerp_(self.gradients, 1 - BETAS[0])
        self._square.mul_(BETAS[1]).addcmul_(self.gradients, self.gradients, value=1 - BETAS[1])
        size = self._square.sqrt().div_(math.sqrt(second)).add_(EPSILON)
        self.values.addcdiv_(self._mean, size, value=-rate / first)


def _views(values: "Tensor", pairs: list[tuple[int, int]]) -> "list[tuple[Tensor, Tensor]]":
    """Weights (inputs, outputs) and biases (outputs,) one after the other in a vector."""
    views, start = [], 0
    for inputs, outputs in pairs:
        middle, stop = start + inputs * outputs, start + (inputs + 1) * outputs
        views.append((values[start:middle].view(inputs, outputs), values[middle:stop]))
        start = stop
    return views


class Discriminator(Layers):
    """Learns to give +1 to what is real and -1 to what is not, by least squares (equations 5 and 6)."""

    def learn(self, real: "Tensor", fake: "Tensor", rate: float) -> "Tensor":
        """One step on as many real as fake vectors (n, inputs); gives the errors (2 n, 1) before it."""
        import torch

        passed = self.forward(torch.cat([real, fake]))
        error = passed[-1]
        error[: len(real)] -= 1
        error[len(real) :] += 1
        self.backward(passed, error / len(real))
        self.update(rate)
        return error

    def deceived(self, fake: "Tensor") -> "tuple[Tensor, Tensor]":
        """How far it is from taking fakes (n, inputs) for real, (n, 1), and the slope of half its mean square."""
        passed = self.forward(fake)
        error = passed[-1] - 1
        return error, self.input_slope(passed, error / len(fake))


class Losses(NamedTuple):
    """The generator's loss in one step, its parts, and the losses of the discriminators."""

    total: float
    reconstruction: float
    rejection: float
    feature: float
    image: float


class Trace(NamedTuple):
    """What the losses of a step are made of; the pairs are of the feature and the image discriminator.

    ``told`` are a discriminator's errors in its own step, ``deceived`` those of the generator in deceiving it.
    """

    deviation: "Tensor"
    rejection: "Tensor | None"
    told: "tuple[Tensor, ...]"
    deceived: "tuple[Tensor, ...]"

    def losses(self) -> Losses:
        """The losses as numbers."""
        reconstruction = float(self.deviation.square().sum(dim=1).mean())
        rejection = 0.0 if self.rejection is None else float(self.rejection)
        told = [float(error.square().mean()) for error in self.told] or [0.0, 0.0]
        twin = sum(float(error.square().mean()) / 2 for error in self.deceived)
        return Losses(reconstruction + rejection + twin, reconstruction, rejection, *told)


class Anomalies(NamedTuple):
    """What the rejection loss knows of the dictionaries: X's mean (bands,), and Y's mean squared distance from it."""

    mean: "Tensor"
    margin: float


class TwinGAN:
    """Autoencoder bands → 20 features → bands as generator, a discriminator of its features and one of its images."""

    def __init__(
        self, bands: int, features: int, twin: bool, rejection: Rejection, generator: "Generator", device: str = "cpu"
    ) -> None:
        self.encoder = Layers((bands, WIDE, NARROW, features), generator, device)
        self.decoder = Layers((features, NARROW, WIDE, bands), generator, device)
        self.feature_discriminator = Discriminator(
            (features, DISCRIMINATOR_UNITS, DISCRIMINATOR_UNITS, 1), generator, device
        )
        self.image_discriminator = Discriminator((bands, WIDE, NARROW, 1), generator, device)
        self.twin, self.rejection = twin, rejection

    def reconstructed(self, pixels: "Tensor") -> "Tensor":
        """What the generator makes of spectra (n, bands)."""
        return self.decoder.forward(self.encoder.forward(pixels)[-1])[-1]

    def step(self, y: "Tensor", x: "Tensor", noise: "Tensor", anomalies: Anomalies, rate: float) -> Trace:
        """One step on spectra of the background (n, bands) and the anomaly dictionary (m, bands), and N(0, I) noise.

        The two discriminators learn first, then the generator, whose loss is the mean over the background of the
        squared error summed over the bands, the rejection loss, and half the mean squares of what is left to deceive
        the discriminators.
        """
        import torch

        count = len(y)
        fed = torch.cat([y, x]) if self.rejection == "margin" else y
        encoded = self.encoder.forward(fed)
        decoded = self.decoder.forward(encoded[-1])
        codes, images = encoded[-1][:count], decoded[-1][:count]
        deviation = decoded[-1] - fed
        slope = deviation * (2 / count)
        told: tuple[Tensor, ...] = ()
        deceived: tuple[Tensor, ...] = ()
        if self.twin:
            told = (
                self.feature_discriminator.learn(noise, codes, rate),
                self.image_discriminator.learn(y, images, rate),
            )
        loss = None
        if self.rejection == "margin":
            loss, slope[count:] = margin_loss(deviation[count:], anomalies.margin)
        elif self.rejection == "literal":
            loss, away = literal_loss(images - anomalies.mean, anomalies.margin)
            slope += away
        if self.twin:
            image_error, image_slope = self.image_discriminator.deceived(images)
            slope[:count] += image_slope
        at_codes = self.decoder.into(self.decoder.backward(decoded, slope))
        if self.twin:
            feature_error, feature_slope = self.feature_discriminator.deceived(codes)
            at_codes[:count] += feature_slope
            deceived = feature_error, image_error
        self.encoder.backward(encoded, at_codes)
        self.encoder.update(rate)
        self.decoder.update(rate)
        return Trace(deviation[:count], loss, told, deceived)


def margin_loss(deviations: "Tensor", margin: float) -> "tuple[Tensor, Tensor]":
    """The hinge that keeps anomalies (n, bands) from being reconstructed, and its slope at their reconstructions.

    The mean over the pixels of what the squared error falls short of the margin: it lies in 0..margin.
    """
    short = margin - deviations.square().sum(dim=1, keepdim=True)
    return short.clamp(min=0).mean(), deviations * (short > 0) * (-2 / len(deviations))


def literal_loss(apart: "Tensor", margin: float) -> "tuple[Tensor, Tensor]":
    """The printed form (equation 8): reconstructions of the background are pushed off the mean anomaly.

    ``apart`` (n, bands) are their differences from it. The coefficient, a constant to the slope, is near 0 close to the
    mean anomaly and near 1 far from it. Beyond the margin nothing is gained, so the loss is bounded.
    """
    import torch

    square = apart.square().sum(dim=1, keepdim=True)
    scale = 2 * square.median().clamp(min=torch.finfo(square.dtype).tiny)
    coefficient = 1 - torch.exp(-square / scale)
    loss = -(coefficient * square.clamp(max=margin)).mean()
    return loss, apart * (coefficient * (square < margin)) * (-2 / len(apart))
