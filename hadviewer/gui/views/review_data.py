"""The plain data about reviewed objects that passes between controllers and views."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.review import STATES
from hadviewer.gui.views.row_data import Rows

STATE, NOTE = "State", "Note"
STATE_WORDS = STATES

_CONDITION = re.compile(r"([^\W\d][\w ]*?)\s*(<=|>=|<|>|=)\s*([-+]?\d*\.?\d+(?:e[-+]?\d+)?)", re.IGNORECASE)
_COMPARE: dict[str, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}


@dataclass(frozen=True, eq=False)
class ReviewRows(Rows):
    """Objects as columns; those with ``words`` hold places in them, those with ``of`` count up to that number.

    ``notes`` is the column of that name.
    """

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    of: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class ReviewMap:
    """Where objects are: labels (rows, cols), the pixel of each one's peak, and its state.

    ``states`` (count + 1,) has the state of label k at place k, counted from 1; 0 is not shown.
    """

    labels: NDArray[np.int32]
    states: NDArray[np.uint8]
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]


@dataclass(frozen=True)
class ReviewFilter:
    """Which rows are wanted: of one ``word`` in the column ``column`` ('' for all), and what ``text`` says.

    ``text`` are conditions such as 'pixels > 3, peak >= 10', by the beginning of a column's title; the rest of it is
    looked for in the notes.
    """

    column: str = ""
    word: str = ""
    text: str = ""

    def kept(self, rows: ReviewRows) -> NDArray[np.bool_]:
        """The rows that stay (count,)."""
        keep = np.ones(rows.count, dtype=bool)
        if self.column:
            if self.column not in rows.columns:
                return keep
            keep &= np.asarray(rows.columns[self.column] == rows.words[self.column].index(self.word))
        rest = self.text
        for match in _CONDITION.finditer(self.text):
            title = _title(match[1], rows)
            if title:
                values = np.asarray(rows.columns[title], dtype=np.float64)
                keep &= _COMPARE[match[2]](values, float(match[3]))
                rest = rest.replace(match[0], "")
        wanted = rest.strip(" ,;").casefold()
        if wanted:
            keep &= np.array([wanted in note.casefold() for note in rows.notes], dtype=bool)
        return keep


def _title(begun: str, rows: ReviewRows) -> str:
    """The column of numbers that begins so, '' where there is none."""
    numbers = (title for title in rows.columns if title not in rows.words)
    return next((title for title in numbers if title.casefold().startswith(begun.strip().casefold())), "")
