"""The imaging spectrometer of the demo scene: bands, noise, and the water vapour bands it cannot use."""

import numpy as np
from numpy.typing import NDArray

BANDS = 180
FIRST_NM, LAST_NM = 400.0, 2500.0
FWHM_NM = 12.5
REFLECTANCE_SCALE = 10_000
BAD_WINDOWS_NM = ((0.0, 415.0), (1340.0, 1450.0), (1790.0, 1970.0), (2450.0, 9999.0))
"""Ends of the detector and water vapour absorptions: no usable signal."""

Spectrum = NDArray[np.float64]


def wavelengths() -> Spectrum:
    """Band centres in nm, (bands,)."""
    return np.round(np.linspace(FIRST_NM, LAST_NM, BANDS), 2)


def usable_bands() -> NDArray[np.bool_]:
    """True for the bands outside the bad windows, (bands,)."""
    centres = wavelengths()
    usable = np.ones(BANDS, dtype=bool)
    for low, high in BAD_WINDOWS_NM:
        usable &= (centres < low) | (centres > high)
    return usable


def noise_level() -> Spectrum:
    """Noise in reflectance units over a surface of reflectance 0.3, (bands,)."""
    centres = wavelengths()
    ratio = 50 + 200 * np.exp(-0.5 * ((centres - 720) / 330) ** 2) + 80 * np.exp(-0.5 * ((centres - 1650) / 420) ** 2)
    for centre, width in ((760, 6), (940, 22), (1130, 26)):
        ratio *= 1 - 0.5 * np.exp(-0.5 * ((centres - centre) / width) ** 2)
    level: Spectrum = 0.3 / ratio
    for centre, width in ((1395, 28), (1880, 45)):
        level += 0.12 * np.exp(-0.5 * ((centres - centre) / width) ** 4)
    level += 0.02 * np.exp(-(centres - FIRST_NM) / 9) + 0.06 * np.exp((centres - LAST_NM) / 22)
    return level


def measure(rng: np.random.Generator, reflectance: NDArray[np.float64]) -> NDArray[np.int16]:
    """What the sensor reports for a reflectance (rows, cols, bands): whole numbers, reflectance times 10000.

    Noise grows with the signal; each column of the detector has a slightly different gain in each band.
    """
    rows, cols, bands = reflectance.shape
    gain = 1 + 0.002 * rng.standard_normal((1, cols, bands))
    noise = noise_level() * np.sqrt((np.maximum(reflectance, 0) + 0.05) / 0.35)
    measured = reflectance * gain + noise * rng.standard_normal((rows, cols, bands), dtype=np.float32)
    return np.clip(np.rint(measured * REFLECTANCE_SCALE), -2000, 20_000).astype(np.int16)
