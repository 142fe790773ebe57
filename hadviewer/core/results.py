"""What was asked of a detector, and what came of it."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from hadviewer.core.cube import Window


class TransformStep(BaseModel):
    """One transform before the detector."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    params: dict[str, Any] = Field(default_factory=dict)


class Selection(BaseModel):
    """The pixels of a region of interest, in the notation of ``core.runs``, and what it was called."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    pixels: str


class DetectionRequest(BaseModel):
    """Everything that decides a score map, apart from the cube. Serialisable and complete.

    ``bands`` is a band choice as the user writes it ('usable', '1-50,60', '450-900nm'); ``region`` limits the run to a
    rectangle; ``device`` is 'auto', 'cpu', 'cuda', 'cuda:1' or 'mps'. Only pixels ``inside`` are scored; those of
    ``exclude`` count nowhere; detectors that can take their statistics from those of ``background``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    detector: str
    params: dict[str, Any] = Field(default_factory=dict)
    transforms: tuple[TransformStep, ...] = ()
    bands: str = "usable"
    region: Window | None = None
    inside: Selection | None = None
    exclude: Selection | None = None
    background: Selection | None = None
    device: str = "auto"
    seed: int = 0


@dataclass(frozen=True, eq=False)
class DetectionResult:
    """A score map and how it came.

    ``request`` has every parameter filled in. ``scores`` is float32 (rows, cols), NaN where ``valid`` is False;
    higher = more anomalous. ``device`` is where it really ran. ``extras`` are further arrays by name. ``notes`` are
    sentences worth reading. ``provenance`` names the source file, versions and the number of bands used.
    """

    request: DetectionRequest
    scores: NDArray[np.float32]
    valid: NDArray[np.bool_]
    seconds: float
    device: str = "cpu"
    notes: tuple[str, ...] = ()
    extras: dict[str, NDArray[Any]] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def invalid_pixels(self) -> int:
        """How many pixels got no score."""
        return int(self.valid.size - np.count_nonzero(self.valid))
