"""What the chooser among several cubes shows of each."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class EntryPreview:
    """A picture uint8 (rows, cols, 4) RGBA, or None, what it shows, facts as (label, text), and what was guessed."""

    picture: NDArray[np.uint8] | None
    shown: str
    facts: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
