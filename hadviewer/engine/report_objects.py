"""The detected objects of a report: where they are, their table, and the spectra of the strongest."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.core.features import FeatureTable
from hadviewer.engine import report_page as page
from hadviewer.engine.report_pictures import Rgb, step_for
from hadviewer.engine.report_plots import spectra_plot
from hadviewer.engine.review import STATE_COLOURS, STATES, contrast, touched
from hadviewer.render.colormaps import parse_colour
from hadviewer.render.overlay import outline
from hadviewer.render.pyramid import shrink_max

Mask = NDArray[np.bool_]

MOST_OBJECTS, MOST_NUMBERS, MOST_SPECTRA = 200, 40, 12
"""Objects that are listed, numbered in the picture, and whose spectra are drawn: those of the highest scores."""
INSIDE, SURROUNDINGS = "#d2691e", "#8a8f94"
DIMMED, DARK = 0.45, 72
"""How bright the scene is around its objects, and what takes its place where it is not known."""
TITLES = {
    "id": "No.",
    "state": "State",
    "n_pixels": "Pixels",
    "area_m2": "Area m²",
    "score_max": "Peak",
    "score_mean": "Mean",
    "row": "Line",
    "col": "Sample",
    "x": "X",
    "y": "Y",
    "lon": "Longitude",
    "lat": "Latitude",
}
"""The attributes in the table, in this order, as the window calls them."""


def counted_objects(table: FeatureTable) -> str:
    """'1 object', '12 objects'."""
    count = len(table.rows)
    return f"{count} object{'' if count == 1 else 's'}"


def object_table(table: FeatureTable, others: Sequence[Mask], truth: Mask | None) -> str:
    """The objects, the highest score first; ``others`` are the masks of other results."""
    names = [attribute.name for attribute in table.attributes]
    kept = [name for name in TITLES if name in names and _told(table, names.index(name))]
    count = len(table.rows)
    more: list[tuple[str, list[str]]] = []
    if truth is not None:
        more.append(("Truth", ["hit" if hit else "false alarm" for hit in touched(table.labels, truth, count)]))
    if others:
        seen = 1 + np.sum([touched(table.labels, mask, count) for mask in others], axis=0)
        more.append(("Seen by", [f"{number} of {len(others) + 1}" for number in seen]))
    more.append(("Note", _column(table, "note")))
    rows = [
        [*(_shown(name, table.rows[place][names.index(name)]) for name in kept), *(texts[place] for _, texts in more)]
        for place in _strongest(table, MOST_OBJECTS)
    ]
    header = [*(TITLES[name] for name in kept), *(title for title, _ in more)]
    caption = f"The {MOST_OBJECTS} with the highest scores" if count > MOST_OBJECTS else ""
    return page.table(header, rows, caption)


def object_picture(table: FeatureTable, scene: Rgb | None) -> str:
    """The objects framed in the colours of their states, the scene around them dimmed, the strongest numbered."""
    rows, cols = table.labels.shape
    step = step_for(table.labels.shape)
    states = np.array([0, *(1 + STATES.index(state) for state in _column(table, "state"))], np.uint8)
    small = shrink_max(states[table.labels], step)
    plain = np.full((*small.shape, 3), DARK, np.uint8) if scene is None else scene[..., :3]
    drawn = (plain.mean(axis=2, keepdims=True) * DIMMED).astype(np.uint8).repeat(3, axis=2)
    drawn[small > 0] = plain[small > 0] if scene is not None else 255
    for number, colour in enumerate(STATE_COLOURS, 1):
        drawn[outline(small == number) & (small == 0)] = parse_colour(colour)
    factor = page.shown_factor(*small.shape)
    size = f'width="{cols / step * factor:.0f}" height="{rows / step * factor:.0f}" viewBox="0 0 {cols} {rows}"'
    point = step / factor
    texts = []
    for place in _strongest(table, MOST_NUMBERS):
        number, row, col = _numbers(table, place)
        at = f'x="{col + 0.5 + 7 * point:.1f}" y="{row + 0.5 - 5 * point:.1f}"'
        texts.append(f'<text {at} style="font-size:{11 * point:.2f}px">{number}</text>')
    image = f'<image href="{page.as_data(drawn)}" width="{cols}" height="{rows}" preserveAspectRatio="none"/>'
    about = f"{counted_objects(table)} in the scene"
    keys = " ".join(page.key(colour, state) for state, colour in zip(STATES, STATE_COLOURS, strict=True))
    style = f'style="--halo:{3 * point:.2f}px"'
    svg = f'<svg role="img" aria-label="{escape(about)}" class="objects" {style} {size}>{image}{"".join(texts)}</svg>'
    return f'<figure>{svg}<figcaption class="keys">{keys}</figcaption></figure>'


def object_spectra(table: FeatureTable, cube: Cube) -> str:
    """The mean spectra of the strongest objects that are not bad, with those of their surroundings."""
    states = _column(table, "state")
    places = [place for place in _strongest(table, len(table.rows)) if states[place] != "bad"]
    plots = []
    for place in places[:MOST_SPECTRA]:
        number, row, col = _numbers(table, place)
        found = contrast(cube, table.labels, number, (row, col))
        curves = [(SURROUNDINGS, found.around)] if found.ring else []
        curves.append((INSIDE, found.inside))
        title = f"Object {number} ({found.pixels} px)"
        plot = spectra_plot(f"Spectra of object {number}", cube.bands.centres, cube.bands.mask, curves)
        plots.append(page.figure(plot, title, small=True))
    if not plots:
        return ""
    keys = f"{page.key(INSIDE, 'mean of the object')} {page.key(SURROUNDINGS, 'mean of its surroundings')}"
    return f'<h3>Spectra</h3><p class="keys">{keys}</p>{page.side_by_side(*plots)}'


def _strongest(table: FeatureTable, most: int) -> list[int]:
    """The places of the objects with the highest scores, the highest first."""
    peaks = [float(peak or 0) for peak in _column(table, "score_max")]
    return sorted(range(len(peaks)), key=lambda place: -peaks[place])[:most]


def _numbers(table: FeatureTable, place: int) -> tuple[int, int, int]:
    """Number of an object, and the line and sample of its peak."""
    told = dict(zip((attribute.name for attribute in table.attributes), table.rows[place], strict=True))
    return int(told["id"] or 0), int(told["row"] or 0), int(told["col"] or 0)


def _column(table: FeatureTable, name: str) -> list[Any]:
    place = next(place for place, attribute in enumerate(table.attributes) if attribute.name == name)
    return [row[place] for row in table.rows]


def _told(table: FeatureTable, column: int) -> bool:
    return any(row[column] not in (None, "") for row in table.rows)


def _shown(name: str, value: object) -> object:
    """Degrees with six digits after the point and metres with one: what five digits would cut off."""
    if isinstance(value, float) and name in ("lon", "lat"):
        return page.Number(f"{value:.6f}")
    return page.Number(f"{value:.1f}") if isinstance(value, float) and name in ("x", "y") else value
