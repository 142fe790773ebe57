"""Pictures of a report: the scene as it is shown, score maps with their colours, where masks agree."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.engine import report_page as page
from hadviewer.engine.display import DisplayIntent, initial_intent, resolve
from hadviewer.engine.report_plots import colour_bar
from hadviewer.engine.stretching import curve_of
from hadviewer.render.colormaps import map_colours
from hadviewer.render.composite import composite
from hadviewer.render.overlay import score_curve, score_picture
from hadviewer.render.pyramid import shrink_max

if TYPE_CHECKING:
    from hadviewer.engine.report import Reported

Rgb = NDArray[np.uint8]
LARGEST = 1200
"""Pictures are at most so many pixels wide and high."""
VOTES = "viridis"
GROUND = (32, 33, 36, 255)


def step_for(shape: tuple[int, ...]) -> int:
    """By how much a picture of this many pixels is made smaller."""
    return max(1, -(-max(shape[:2]) // LARGEST))


def scene_picture(cube: Cube, intent: DisplayIntent | None) -> tuple[Rgb, str]:
    """The scene in the bands and the stretch that are shown, and what these are; components are not computed again."""
    shown = resolve(intent or initial_intent(cube), cube)
    if shown.components:
        shown = resolve(initial_intent(cube), cube)
    planes = [cube.plane(band, step_for(cube.shape)) for band in shown.bands]
    curves = [curve_of(shown.stretch, channel, plane[np.isfinite(plane)]) for channel, plane in enumerate(planes)]
    return composite(planes, curves), f"{shown.title} (bands {', '.join(str(band + 1) for band in shown.bands)})"


def score_part(item: "Reported", name: str) -> str:
    """A score map in its colours, these beside it."""
    scores = shrink_max(item.result.scores, step_for(item.result.scores.shape))
    curve = score_curve(item.result.scores, item.scale, item.limits)
    table = map_colours(item.colormap, item.inverse)
    rows, cols = scores.shape
    height = round(min(280, max(120, rows * page.shown_factor(rows, cols))))
    shown = page.picture(score_picture(scores, table, curve), f"Score map of {item.title}")
    parts = f'<div class="row map">{shown}{colour_bar(name, table, curve, height)}</div>'
    kind = "" if item.scale == "linear" else f" ({item.scale} scale)"
    return page.figure(parts, f"Score map{kind}: the higher, the more anomalous")


def votes_picture(counted: NDArray[np.uint8], masks: int) -> str:
    """How many masks have each pixel, in a colour for each number."""
    small = shrink_max(counted, step_for(counted.shape))
    colours = map_colours(VOTES)[np.linspace(70, 255, masks).astype(int)]
    table = np.concatenate([np.array([GROUND], np.uint8), colours])
    keys = " ".join(
        page.key(f"#{bytes(table[number, :3]).hex()}", f"{number} of {masks}") for number in range(1, masks + 1)
    )
    shown = page.picture(np.take(table, small, axis=0), f"Pixels found by 1 to {masks} results")
    return f'<figure>{shown}<figcaption class="keys">{keys}</figcaption></figure>'
