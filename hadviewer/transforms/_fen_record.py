"""What weights of FEN say of the data they were trained on, and whether a scene has the same bands."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RECORD = "training.json"
"""Written beside the weights by a training; published weights have none."""
MAX_BYTES = 2**20
LONGEST_NAME = 80

Wavelengths = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TrainedOn:
    """The ``sensor`` of the background cubes, '' where not known, and the ``wavelengths`` (bands,) of theirs in nm."""

    sensor: str = ""
    wavelengths: Wavelengths | None = None

    def __str__(self) -> str:
        """'AVIRIS, 400-2450 nm', or '' where nothing is known."""
        span = ""
        if self.wavelengths is not None:
            span = f"{self.wavelengths.min():.0f}-{self.wavelengths.max():.0f} nm"
        return ", ".join(filter(None, (self.sensor, span)))

    def compared(self, scene: Wavelengths | None) -> str:
        """A sentence on whether a scene, with these wavelengths of its bands, is like what the weights know."""
        known = f"They were trained on {self}"
        if self.wavelengths is None:
            where = f"{known}; for" if self.sensor else "For"
            return f"{where} which wavelengths they are is not told beside them, so it could not be checked."
        if scene is None:
            return f"{known}; the scene's wavelengths are not known, so it could not be checked."
        band = furthest(self.wavelengths, scene)
        if band is None:
            return f"{known}; the scene has the same bands."
        return (
            f"{known}, but this scene has other bands: band {band + 1} of those used lies at {scene[band]:.0f} nm, "
            f"that of the weights at {self.wavelengths[band]:.0f} nm. Expect little of them."
        )


def trained_on(folder: Path, bands: int) -> TrainedOn:
    """What the record in a folder of weights for so many bands says: nothing where it is missing or not understood."""
    path = folder / RECORD
    try:
        if path.stat().st_size > MAX_BYTES:
            return TrainedOn()
        record = json.loads(path.read_text(encoding="utf-8"))
        wavelengths = np.array(record["wavelengths"], dtype=np.float64)
        sensor = str(record["sensor"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return TrainedOn()
    known = wavelengths.shape == (bands,) and bool(np.isfinite(wavelengths).all())
    return TrainedOn(sensor[:LONGEST_NAME], wavelengths if known else None)


def furthest(known: Wavelengths, other: Wavelengths) -> int | None:
    """The band whose wavelengths differ most; None where none differs by more than half the distance of two bands."""
    apart = np.abs(known - other)
    spacing = np.median(np.abs(np.diff(known))) if len(known) > 1 else 1.0
    return int(apart.argmax()) if apart.max() > spacing / 2 else None


def common(cubes: "list[TrainedOn]") -> tuple[TrainedOn, int | None]:
    """What holds for all of several cubes with as many bands: sensor and wavelengths, neither where they differ.

    Beside it the number of the first cube with other wavelengths than the first, None where there is none.
    """
    sensors = {cube.sensor for cube in cubes}
    sensor = sensors.pop() if len(sensors) == 1 else ""
    known = [cube.wavelengths for cube in cubes]
    first = known[0]
    if first is None:
        return TrainedOn(sensor), None
    for number, other in enumerate(known):
        if other is None or furthest(first, other) is not None:
            return TrainedOn(sensor), None if other is None else number
    return TrainedOn(sensor, first), None
