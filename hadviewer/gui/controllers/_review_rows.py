"""Reviewed objects as the columns of a table, and counted."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Location
from hadviewer.engine.review import STATES, Findings, Matched
from hadviewer.gui.views._figures import figure_text
from hadviewer.gui.views.review_data import NOTE, STATE, STATE_WORDS, ReviewRows

TRUTH, SEEN_BY = "Truth", "Seen by"
TRUTH_WORDS = ("false alarm", "hit")
TIPS = {
    "No.": "Number of the object, from 1, as in exported files",
    STATE: "What was decided: Y good, N bad, U pending",
    "Pixels": "How many pixels it has",
    "Peak": "Its highest score",
    "Mean": "Mean score of its pixels",
    "Line": "Line of its middle, from 0",
    "Sample": "Sample of its middle, from 0",
    "X": "Map x of its middle",
    "Y": "Map y of its middle",
    TRUTH: "Whether it touches a known anomaly",
    SEEN_BY: "How many of all masks have a pixel of it, its own among them",
    NOTE: "F2 or a double click writes one",
}


def rows_of(found: Findings, matched: Matched, geo: Location | None) -> ReviewRows:
    """Everything known of the objects."""
    table = found.table
    columns: dict[str, NDArray[np.generic]] = {
        "No.": np.arange(1, table.count + 1),
        STATE: matched.states,
        "Pixels": table.area,
        "Peak": table.peak,
    }
    tips, of = dict(TIPS), {}
    if found.others:
        of = {SEEN_BY: found.others + 1}
        columns[SEEN_BY] = found.agreeing + 1
    if found.hits is not None:
        columns[TRUTH] = found.hits.astype(np.uint8)
    columns[NOTE] = np.arange(table.count)
    if isinstance(geo, Georeference) and geo.units == "m":
        title, unit, factor = _area_unit(geo)
        columns[title] = table.area * factor
        tips[title] = f"Its area in {unit}"
    columns |= {"Mean": table.mean, "Line": np.round(table.row, 1), "Sample": np.round(table.col, 1)}
    if found.places is not None:
        columns |= {"X": found.places[:, 0], "Y": found.places[:, 1]}
    words = {STATE: STATE_WORDS} | ({} if found.hits is None else {TRUTH: TRUTH_WORDS})
    return ReviewRows(columns, tips, words, matched.notes, of)


def counts_of(found: Findings, matched: Matched) -> str:
    """How many objects are in each state, and how many are hits."""
    if not found.table.count:
        return ""
    counted = np.bincount(matched.states, minlength=len(STATES)).tolist()
    states = ", ".join(f"{figure_text(count)} {word}" for count, word in zip(counted, STATE_WORDS, strict=True))
    if found.hits is None:
        return states
    hits = int(found.hits.sum())
    return f"{states}; {figure_text(hits)} hits, {figure_text(found.table.count - hits)} false alarms"


def _area_unit(geo: Georeference) -> tuple[str, str, float]:
    """The title of the column, the unit, and how much of it a pixel has."""
    _, dx_col, dx_row, _, dy_col, dy_row = geo.affine
    return "Area m²", "square metres", abs(dx_col * dy_row - dx_row * dy_col)
