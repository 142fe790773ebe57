"""The plain data of a table that passes between controllers and views."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Rows:
    """Things of one kind as columns (things,) by their titles: whole numbers or real ones, NaN where there is none.

    ``tips`` says what each column is.
    """

    columns: Mapping[str, NDArray[np.generic]] = field(default_factory=dict)
    tips: Mapping[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(next(iter(self.columns.values()), ()))
