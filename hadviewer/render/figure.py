"""Pictures for reports: a score map or a view, with title above, colour bar beside, legend below, on white."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.colormaps import map_colours, parse_colour
from hadviewer.render.overlay import ScoreScale, score_curve, score_picture
from hadviewer.render.pyramid import shrink_max
from hadviewer.render.stretch import Curve

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Rgb = NDArray[np.uint8]
Limits = tuple[float, float]

SMALLEST, LARGEST = 480, 4096
"""Sides in pixels: smaller maps are enlarged by a whole factor to about the one, larger ones reduced to the other."""
PAGE, INK, NO_SCORE = 255, (32, 33, 36), 216
TICKS = 5
MINIMUM = 240
"""A page is at least so many pixels wide, so that a legend finds room."""


@dataclass(frozen=True, eq=False)
class BarFigure:
    """A colour bar of a picture: what stands above it, its 256 colours, and (place 0..1, value) beside it."""

    label: str
    table: NDArray[np.uint8]
    ticks: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class LegendEntry:
    """What a colour (#rrggbb) of a picture stands for."""

    text: str
    colour: str


def score_figure(
    scores: NDArray[np.floating],
    *,
    title: str,
    colormap: str = "inferno",
    limits: Limits | None = None,
    label: str = "Score",
    scale: ScoreScale = "linear",
    inverse: bool = False,
) -> Rgb:
    """A score map (rows, cols) with title and colour bar, uint8 (height, width, 3).

    ``limits`` are the scores at the ends of the colour map, None for automatic. Pixels without a score are grey. Scene
    pixels are drawn as squares of whole pixels; a map too large for a picture keeps the highest score of each square.
    """
    curve = score_curve(scores, scale, limits)
    table = map_colours(colormap, inverse)
    shown = _sized(np.asarray(scores, dtype=np.float32))
    map_picture = _on_grey(score_picture(shown, table, curve))
    label = label if scale == "linear" else f"{label} ({scale})"
    return view_figure(map_picture, title=title, bar=BarFigure(label, table, curve_ticks(curve)))


def view_figure(
    picture: Rgb, *, title: str = "", bar: BarFigure | None = None, legend: Sequence[LegendEntry] = ()
) -> Rgb:
    """A picture (rows, cols, 3) on a white page with title above, colour bar beside and legend below, as far as given.

    Without any of them it stays as it is.
    """
    if not title and bar is None and not legend:
        return picture
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    size = int(np.clip(max(height, width) / 40, 13, 64))
    font, heading = ImageFont.load_default(size), ImageFont.load_default(round(size * 1.25))
    head = 3 * size if title else size
    texts = [] if bar is None else [f"{value:.4g}" for _, value in bar.ticks]
    beside = 0 if bar is None else 2 * size + max(round(font.getlength(t)) for t in (*texts, bar.label[:24]))
    page_width = max(width + 2 * size + (beside + size if bar is not None else 0), MINIMUM)
    lines = _wrapped(legend, page_width - 2 * size, size, font.getlength)
    bar_height = max(10 * size, height // 2)
    body = max(height, 0 if bar is None else bar_height + 2 * size)
    page_width = max(page_width, round(heading.getlength(title)) + 2 * size)
    page = Image.new("RGB", (page_width, head + body + size + len(lines) * 2 * size), (PAGE,) * 3)
    page.paste(Image.fromarray(np.ascontiguousarray(picture)), (size, head))
    draw = ImageDraw.Draw(page)
    draw.text((size, head // 2), title, INK, heading, anchor="lm")
    if bar is not None:
        left = width + 2 * size + size // 2
        draw.text((left, head), bar.label[:24], INK, font, anchor="la")
        place = (left, head + round(1.8 * size), size, bar_height)
        ramp = Image.fromarray(np.repeat(bar.table[::-1, None, :3], 2, axis=1))
        page.paste(ramp.resize((size, bar_height), Image.Resampling.BILINEAR), place[:2])
        _draw_ticks(draw, place, [share for share, _ in bar.ticks], texts)
    for number, line in enumerate(lines):
        _draw_legend(draw, line, (size, head + body + size + number * 2 * size), size)
    return np.asarray(page)


def nice_ticks(low: float, high: float, count: int = TICKS) -> list[float]:
    """About ``count`` round numbers (1, 2 or 5 times a power of ten) between ``low`` and ``high``."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return [low]
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((factor * power for factor in (1, 2, 5) if factor * power >= rough), 10 * power)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)] or [low, high]


def curve_ticks(curve: Curve, count: int = TICKS) -> tuple[tuple[float, float], ...]:
    """Where to write which value beside a colour bar: (place 0..1, value), from low to high.

    Round values beside a straight curve; beside any other the values at equal distances.
    """
    if not curve.table:
        span = curve.high - curve.low
        values = nice_ticks(min(curve.limits), max(curve.limits), count)
        return tuple(sorted(((value - curve.low) / span if span else 0.0, value) for value in values))
    places = np.linspace(0.0, 1.0, count)
    values = [curve.low, *curve.values_at(places[1:-1]).tolist(), curve.high]
    return tuple(zip(places.tolist(), values, strict=True))


def _sized(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The map enlarged or reduced by a whole factor."""
    largest = max(scores.shape)
    if largest > LARGEST:
        return shrink_max(scores, math.ceil(largest / LARGEST))
    factor = max(1, round(SMALLEST / largest))
    return np.repeat(np.repeat(scores, factor, axis=0), factor, axis=1)


def _on_grey(picture: NDArray[np.uint8]) -> Rgb:
    return np.where(picture[:, :, 3:] > 0, picture[:, :, :3], np.uint8(NO_SCORE))


def _wrapped(
    legend: Sequence[LegendEntry], width: int, size: int, length: Callable[[str], float]
) -> list[list[tuple[int, LegendEntry]]]:
    """The entries of a legend in lines, each with its place from the left."""
    lines: list[list[tuple[int, LegendEntry]]] = []
    left = width
    for entry in legend:
        needed = round(2.5 * size + length(entry.text))
        if left + needed > width:
            lines.append([])
            left = 0
        lines[-1].append((left, entry))
        left += needed
    return lines


def _draw_legend(
    draw: "ImageDraw", line: Sequence[tuple[int, LegendEntry]], corner: tuple[int, int], size: int
) -> None:
    from PIL import ImageFont

    left, top = corner
    for place, entry in line:
        x = left + place
        draw.rectangle((x, top, x + size - 1, top + size - 1), fill=parse_colour(entry.colour), outline=INK)
        draw.text((x + round(1.5 * size), top + size // 2), entry.text, INK, ImageFont.load_default(size), anchor="lm")


def _draw_ticks(draw: "ImageDraw", bar: tuple[int, int, int, int], places: list[float], texts: list[str]) -> None:
    """A frame round the colour bar, and a stroke with its number at each place 0..1 of its height."""
    from PIL import ImageFont

    left, top, width, height = bar
    font = ImageFont.load_default(width)
    draw.rectangle((left, top, left + width - 1, top + height - 1), outline=INK)
    for place, text in zip(places, texts, strict=True):
        y = top + round((1 - place) * (height - 1))
        draw.line((left + width, y, left + width + width // 3, y), fill=INK)
        draw.text((left + width + width // 2, y), text, INK, font, anchor="lm")
