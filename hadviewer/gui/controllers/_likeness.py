"""What the library controller has done in the background: resampling, comparing, bringing to a level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.similarity import MEASURES, resample
from hadviewer.core.bands import BandSet
from hadviewer.core.library import SpectralLibrary
from hadviewer.gui.views.library_data import Choice

Spectra = NDArray[np.float32]


@dataclass(frozen=True)
class Likeness:
    """A measure as it is shown: its unit, the factor to it, its decimals."""

    measure: str
    title: str
    heading: str
    factor: float = 1.0
    digits: int = 4


LIKENESSES = {
    "degrees": Likeness("sam", "Spectral angle (°)", "Angle (°)", 180 / np.pi, 2),
    "radians": Likeness("sam", "Spectral angle (rad)", "Angle (rad)"),
    "sid": Likeness("sid", MEASURES["sid"].title, "Divergence"),
    "euclidean": Likeness("euclidean", MEASURES["euclidean"].title, "Distance"),
}


def measure_choices() -> list[Choice]:
    """The measures as the user chooses them."""
    return [Choice(id_, likeness.title, MEASURES[likeness.measure].help) for id_, likeness in LIKENESSES.items()]


def fit_libraries(libraries: Sequence[tuple[int, SpectralLibrary]], bands: BandSet) -> dict[int, Spectra]:
    """Each library as a cube with these bands sees it; NaN where the two have nothing in common."""
    return {id_: fit_library(library, bands) for id_, library in libraries}


def fit_library(library: SpectralLibrary, bands: BandSet) -> Spectra:
    """Spectra (spectra, bands of the cube). Without wavelengths on either side, bands go by their number."""
    if library.wavelengths is not None and bands.centres is not None:
        return resample(library.spectra, library.wavelengths, bands.centres, bands.fwhm, library.fwhm)
    if library.bands == bands.count:
        return library.spectra
    return np.full((len(library), bands.count), np.nan, dtype=np.float32)


def compare(
    target: Spectra, fitted: Sequence[Spectra], usable: NDArray[np.bool_], likeness: Likeness
) -> NDArray[np.float64]:
    """How unlike each spectrum is to the target (bands,) over the usable bands, in the unit shown."""
    masked = np.where(usable, target, np.nan)
    function = MEASURES[likeness.measure].function
    found = [function(masked, spectra) for spectra in fitted]
    return np.concatenate(found) * likeness.factor if found else np.zeros(0)


def at_level(values: Spectra, target: Spectra, usable: NDArray[np.bool_]) -> tuple[Spectra, float]:
    """A spectrum multiplied so that it lies nearest to another (least squares), and by what; 1 where that fails."""
    both = np.isfinite(values) & np.isfinite(target) & usable
    x, y = values[both].astype(np.float64), target[both].astype(np.float64)
    size = float(x @ x)
    factor = float(x @ y) / size if size > 0 else 1.0
    if not np.isfinite(factor) or factor <= 0:
        return values, 1.0
    return (values * factor).astype(np.float32), factor
