"""The demo scene: a made-up aerial view with known anomalies, the same for the same seed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.geo import Georeference
from hadviewer.engine.demo import sensor
from hadviewer.engine.demo.layout import make_layout, smooth_field
from hadviewer.engine.demo.spectra import library

SEED = 20
EDITION = 1
"""Raised with every change of what a seed gives, so that a cached older scene is not taken for this one."""
PLACE = Georeference((448_200.0, 2.0, 0.0, 5_031_600.0, 0.0, -2.0), "EPSG:32631", "UTM 31 N, WGS-84", "m")
"""Where the scene is said to lie: pixels of 2 m."""


@dataclass(frozen=True, eq=False)
class DemoScene:
    """The scene and what its file says about it.

    `cube` is int16 (rows, cols, bands), reflectance times `scale`; `truth` is uint8 (rows, cols), 1 on anomalies;
    `wavelengths` and `fwhm` are in nm, (bands,); `usable` is False for bad bands.
    """

    cube: NDArray[np.int16]
    truth: NDArray[np.uint8]
    wavelengths: NDArray[np.float64]
    fwhm: NDArray[np.float64]
    usable: NDArray[np.bool_]
    seed: int
    scale: int = sensor.REFLECTANCE_SCALE
    geo: Georeference = PLACE


def make_demo(seed: int = SEED) -> DemoScene:
    """Make the demo scene: materials mixed linearly, lit, and measured with noise.

    The same seed gives the same numbers on one platform.
    """
    rng = np.random.default_rng(seed)
    layout = make_layout(rng)
    spectra = library(sensor.FIRST_NM, sensor.LAST_NM, sensor.BANDS)
    reflectance = (layout.abundance @ spectra) * variability(rng)
    reflectance *= layout.light[..., None] * (1 - layout.shadow[..., None] * shadow_depth())
    return DemoScene(
        cube=sensor.measure(rng, reflectance),
        truth=layout.truth.astype(np.uint8),
        wavelengths=sensor.wavelengths(),
        fwhm=np.full(sensor.BANDS, sensor.FWHM_NM),
        usable=sensor.usable_bands(),
        seed=seed,
    )


def variability(rng: np.random.Generator, shapes: int = 8, size: float = 0.012) -> NDArray[np.float64]:
    """Factors (rows, cols, bands) close to 1 by which no two pixels of one material are quite alike."""
    position = np.linspace(0, np.pi, sensor.BANDS)
    waves = np.cos(np.arange(1, shapes + 1)[:, None] * position)
    weights = np.stack([smooth_field(rng, 1.2) for _ in range(shapes)], axis=2)
    return np.asarray(np.exp(size * weights @ waves))


def shadow_depth() -> NDArray[np.float64]:
    """Share of the light that a full shadow takes away, (bands,): less in the blue, where the sky still shines."""
    return 0.80 - 0.35 * np.exp(-(sensor.wavelengths() - 400.0) / 350.0)
