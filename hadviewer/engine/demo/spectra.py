"""Reflectance spectra of the demo scene's materials, each a short formula: steps, absorption bands and peaks."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Spectrum = NDArray[np.float64]
Bump = tuple[float, float, float]
"""Centre (nm), width (nm) and size of a step or a feature."""


@dataclass(frozen=True)
class Material:
    """Reflectance = (base + steps) x (1 - absorptions) + peaks, over the wavelength in nm.

    A step is a logistic rise (or fall) of the given size; absorptions (relative depth) and peaks are Gaussian.
    """

    name: str
    base: float
    steps: tuple[Bump, ...] = ()
    absorptions: tuple[Bump, ...] = ()
    peaks: tuple[Bump, ...] = ()

    def reflectance(self, wavelengths: Spectrum) -> Spectrum:
        """Reflectance (bands,) at the wavelengths (bands,), at least 0.002."""
        result = np.full(wavelengths.shape, self.base)
        for centre, width, rise in self.steps:
            result += rise / (1 + np.exp(-(wavelengths - centre) / width))
        for centre, width, depth in self.absorptions:
            result *= 1 - depth * np.exp(-0.5 * ((wavelengths - centre) / width) ** 2)
        for centre, width, height in self.peaks:
            result += height * np.exp(-0.5 * ((wavelengths - centre) / width) ** 2)
        return np.asarray(np.maximum(result, 0.002))


def _plant(name: str, green: float, near_infrared: float, water: float, edge: float = 716.0) -> Material:
    """A green plant: pigments, red edge, and leaf water of the given strength (0..1)."""
    leaf_water = ((970, 28, 0.10), (1185, 42, 0.20), (1440, 52, 0.72), (1930, 70, 0.86), (2520, 170, 0.65))
    return Material(
        name,
        0.034,
        steps=((edge, 12, near_infrared), (1360, 60, -0.30 * near_infrared), (1850, 70, -0.22 * near_infrared)),
        absorptions=tuple((centre, width, depth * water) for centre, width, depth in leaf_water),
        peaks=((552, 34, green), (620, 30, 0.35 * green)),
    )


def _straw(name: str, brightness: float, cellulose: float, pigment: float) -> Material:
    """Dry plants: hardly any pigment left, cellulose and lignin in the short-wave infrared."""
    return Material(
        name,
        0.05 * brightness,
        steps=((560, 70, 0.17 * brightness), (800, 140, 0.24 * brightness), (1850, 120, -0.07 * brightness)),
        absorptions=(
            (675, 22, 0.30 * pigment), (1450, 50, 0.18), (1730, 28, 0.05 * cellulose), (1935, 55, 0.30),
            (2100, 45, 0.16 * cellulose), (2280, 40, 0.14 * cellulose),
        ),
    )  # fmt: skip


def _soil(name: str, brightness: float, iron: float, clay: float, water: float) -> Material:
    """Bare soil: iron oxides in the visible, clay at 2200 nm, hygroscopic water."""
    return Material(
        name,
        0.045 * brightness,
        steps=((570, 60, 0.15 * brightness), (900, 260, 0.20 * brightness), (2350, 120, -0.05 * brightness)),
        absorptions=(
            (490, 40, 0.20 * iron), (870, 75, 0.16 * iron), (1415, 24, 0.20 * water), (1915, 38, 0.42 * water),
            (2205, 22, 0.22 * clay), (2345, 28, 0.08 * clay),
        ),
    )  # fmt: skip


def _paint(name: str, base: float, steps: tuple[Bump, ...], peaks: tuple[Bump, ...] = ()) -> Material:
    """Paint or plastic: a colour, and the carbon-hydrogen bands at 1200, 1730, 2310 and 2380 nm."""
    hydrocarbon = ((1205, 20, 0.05), (1415, 24, 0.05), (1727, 22, 0.16), (2308, 28, 0.22), (2385, 28, 0.16))
    return Material(name, base, steps, hydrocarbon, peaks)


MATERIALS: tuple[Material, ...] = (
    _plant("meadow", green=0.075, near_infrared=0.40, water=0.85),
    _plant("crop", green=0.055, near_infrared=0.50, water=1.0, edge=720),
    _plant("young crop", green=0.075, near_infrared=0.36, water=0.75, edge=711),
    _plant("trees", green=0.040, near_infrared=0.30, water=0.95, edge=718),
    _straw("dry grass", 1.0, cellulose=0.8, pigment=0.8),
    _straw("stubble", 1.25, cellulose=1.3, pigment=0.1),
    _soil("brown soil", 0.75, iron=1.0, clay=0.8, water=0.7),
    _soil("pale soil", 1.15, iron=0.6, clay=1.0, water=0.5),
    _soil("red soil", 0.95, iron=1.9, clay=1.1, water=0.6),
    Material("asphalt", 0.075, ((700, 300, 0.05), (1700, 300, 0.03)), ((2310, 40, 0.05),)),
    Material(
        "concrete", 0.13, ((520, 70, 0.10), (950, 300, 0.06)), ((1415, 30, 0.08), (1930, 50, 0.16), (2340, 35, 0.12))
    ),
    Material("water", 0.036, ((600, 40, -0.012), (735, 18, -0.016)), (), ((560, 45, 0.028),)),
    Material(
        "roof tile", 0.055, ((585, 22, 0.19), (1000, 250, 0.13)), ((870, 60, 0.18), (1930, 50, 0.08), (2205, 26, 0.10))
    ),
    Material("metal roof", 0.22, ((450, 60, 0.05), (1300, 500, 0.12)), ((1000, 140, 0.08),)),
    _paint("plastic film", 0.20, ((430, 30, 0.12), (900, 300, 0.05))),
    _paint("green paint", 0.045, ((735, 16, 0.27), (1400, 250, -0.05)), ((535, 36, 0.055),)),
    _paint("blue tarpaulin", 0.06, ((780, 40, 0.38),), ((465, 40, 0.20),)),
    _paint("white paint", 0.10, ((405, 10, 0.62), (1500, 300, -0.15))),
    _paint("orange panel", 0.05, ((590, 14, 0.52), (1600, 300, -0.12))),
)

INDEX: dict[str, int] = {material.name: index for index, material in enumerate(MATERIALS)}


@cache
def library(first: float, last: float, bands: int) -> Spectrum:
    """Spectra (materials, bands) of all materials at evenly spaced wavelengths."""
    wavelengths = np.linspace(first, last, bands)
    spectra = np.stack([material.reflectance(wavelengths) for material in MATERIALS])
    spectra.flags.writeable = False
    return spectra
