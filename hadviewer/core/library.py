"""A spectral library: named spectra that share one set of bands."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class SpectralLibrary:
    """Spectra float32 (spectra, bands) with a name each, NaN where a value is missing. Never changed in place.

    ``wavelengths`` and ``fwhm`` are float64 (bands,) in nanometres, in file order, or None. ``quantity`` says what the
    values are ('Reflectance'); ``source`` is the file; ``notes`` tell what was guessed or repaired while reading.
    """

    name: str
    names: tuple[str, ...]
    spectra: NDArray[np.float32]
    wavelengths: NDArray[np.float64] | None = None
    fwhm: NDArray[np.float64] | None = None
    quantity: str = "Value"
    source: Path | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        spectra = np.array(self.spectra, dtype=np.float32)
        if spectra.ndim != 2 or len(self.names) != len(spectra):
            raise ValueError(f"{len(self.names)} names for spectra of {spectra.shape}")
        spectra.flags.writeable = False
        object.__setattr__(self, "spectra", spectra)
        for part in ("wavelengths", "fwhm"):
            values = getattr(self, part)
            if values is None:
                continue
            array = np.array(values, dtype=np.float64)
            if array.shape != (spectra.shape[1],):
                raise ValueError(f"{part} has {array.size} values for {spectra.shape[1]} bands")
            array.flags.writeable = False
            object.__setattr__(self, part, array)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def bands(self) -> int:
        """How many values each spectrum has."""
        return int(self.spectra.shape[1])
