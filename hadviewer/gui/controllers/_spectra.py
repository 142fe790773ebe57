"""What the spectrum controller has done in the background: reading, treating, laying out for a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.spectra import Treatment, spread, treat
from hadviewer.core.cube import Cube
from hadviewer.engine.pins import SpreadKind
from hadviewer.engine.spectra import SpectrumReader
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import Ribbon, Values

if TYPE_CHECKING:
    from hadviewer.core.bands import BandSet
    from hadviewer.core.library import SpectralLibrary

Place = tuple[int, int, int, int]
"""Row, col and the window's rows and cols."""
Samples = NDArray[np.float32]
"""The spectra of a window (pixels, bands)."""

TREATED = {
    "max": ("{} ÷ max", "{} ÷ maximum"),
    "mean": ("{} ÷ mean", "{} ÷ mean"),
    "unit": ("{} ÷ length", "{} ÷ length"),
    "continuum": ("Continuum removed", "{}, continuum removed"),
    "first": ("1st derivative", "{}, 1st derivative"),
    "second": ("2nd derivative", "{}, 2nd derivative"),
}
"""What treated values are called beside an axis, where there is little room, and in a file."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A spectrum as it is drawn, the band around it, and the values of the cube behind it."""

    values: Values
    raw: Values
    ribbon: Ribbon | None = None


@dataclass(frozen=True, eq=False)
class Painting:
    """How spectra become curves now."""

    axis: SpectralAxis
    treatment: Treatment
    spread: SpreadKind

    def show(self, samples: Samples) -> Shown:
        """The mean of the spectra of one window, treated, and how far they spread."""
        raw = mean(samples)
        banded = len(samples) > 1 and self.spread != "none"
        ribbon = _ribbon(self._treat(samples), self.spread) if banded else None
        return Shown(self._treat(raw[np.newaxis])[0], raw, ribbon)

    def sum_up(self, shown: Sequence[Shown]) -> Shown:
        """The mean of several drawn spectra, and how far they spread."""
        values = np.stack([one.values for one in shown])
        raw = mean(np.stack([one.raw for one in shown]).astype(np.float32))
        return Shown(spread(values).mean, raw, _ribbon(values, self.spread))

    def _treat(self, samples: Samples) -> Values:
        if self.treatment == "none":
            return samples
        usable = np.where(self.axis.usable, samples, np.nan)
        return treat(usable, self.axis.positions, self.treatment)


@dataclass(frozen=True, eq=False)
class Collection:
    """What was read and drawn anew of the collected spectra."""

    read: dict[Place, Samples]
    shown: dict[int, Shown]
    summary: Shown | None
    counted: int


def mean(samples: Samples) -> Samples:
    """The mean of spectra (pixels, bands), NaN left out."""
    return samples[0] if len(samples) == 1 else spread(samples).mean.astype(np.float32)


def read_live(reader: SpectrumReader, place: Place, painting: Painting) -> tuple[Samples, Shown]:
    """One spectrum, and how it is drawn."""
    samples = reader.around(place[0], place[1], (place[2], place[3]))
    return samples, painting.show(samples)


def read_collection(
    reader: SpectrumReader,
    wanted: Sequence[tuple[int, Place | Samples, bool]],
    read: dict[Place, Samples],
    known: dict[int, Shown],
    painting: Painting,
) -> Collection:
    """Draw the collected spectra (id, where from or what, whether it counts); what is known is not done again."""
    fresh: dict[Place, Samples] = {}
    shown: dict[int, Shown] = {}
    for key, source, _ in wanted:
        if key in known:
            shown[key] = known[key]
            continue
        if isinstance(source, tuple):
            samples = read.get(source)
            if samples is None:
                samples = fresh[source] = reader.around(source[0], source[1], (source[2], source[3]))
        else:
            samples = source
        shown[key] = painting.show(samples)
    counted = [shown[key] for key, _, counts in wanted if counts]
    summed = painting.sum_up(counted) if painting.spread != "none" and len(counted) > 1 else None
    return Collection(fresh, shown, summed, len(counted))


def summary_title(kind: SpreadKind, count: int) -> str:
    """What the mean of all collected spectra is called."""
    return f"Mean of {count} ± σ" if kind == "sigma" else f"Mean of {count}, min – max"


def axis_title(cube: Cube, treatment: Treatment) -> str:
    """What the values are that are drawn, in few words."""
    return TREATED.get(treatment, ("{}", ""))[0].format(_quantity(cube))


def quantity_of(cube: Cube, treatment: Treatment) -> str:
    """What the values are that are written."""
    return TREATED.get(treatment, ("", "{}"))[1].format(_quantity(cube))


def _quantity(cube: Cube) -> str:
    return f"{cube.quantity} ({cube.unit})" if cube.unit else cube.quantity


def library_of(cube: Cube, spectra: Sequence[tuple[str, Values]], quantity: str) -> "SpectralLibrary":
    """Named spectra as they are written."""
    from hadviewer.core.library import SpectralLibrary

    names, values = zip(*spectra, strict=True)
    return SpectralLibrary(
        name=f"Spectra of {cube.name}",
        names=names,
        spectra=np.stack(values).astype(np.float32),
        wavelengths=cube.bands.centres,
        fwhm=cube.bands.fwhm,
        quantity=quantity,
    )


def write_spectra(path: Path, library: "SpectralLibrary", cube: Cube) -> Path:
    """Write them as the ending says, but not over the cube they come from."""
    from hadviewer.io.staging import refuse_source
    from hadviewer.io.writers.speclib import write_library

    for target in (path, path.with_suffix(".hdr")):
        refuse_source(target, cube.path)
    return write_library(path, library, cube.bands)[0]


def write_picture(path: Path, data: bytes) -> Path:
    """Write a picture of the plot."""
    from hadviewer.io.atomic import replacing

    with replacing(path) as (part,):
        part.write_bytes(data)
    return path


def table_text(library: "SpectralLibrary", bands: "BandSet") -> str:
    """A table that a spreadsheet takes."""
    from hadviewer.io.writers.speclib import spectra_table

    header, rows = spectra_table(library, bands)
    return "\n".join("\t".join(row) for row in (header, *rows)) + "\n"


def _ribbon(values: Values, kind: SpreadKind) -> Ribbon:
    found = spread(values)
    if kind == "sigma":
        return Ribbon(found.mean - found.std, found.mean + found.std)
    return Ribbon(found.minimum, found.maximum)
