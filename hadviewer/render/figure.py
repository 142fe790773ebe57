"""A picture of a score map for reports: title above, colour bar beside, on white."""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.render.colormaps import colour_table
from hadviewer.render.overlay import score_limits, score_picture
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


def score_figure(
    scores: NDArray[np.floating],
    *,
    title: str,
    colormap: str = "inferno",
    limits: Limits | None = None,
    label: str = "Score",
) -> Rgb:
    """A score map (rows, cols) with title and colour bar, uint8 (height, width, 3).

    ``limits`` are the scores at the ends of the colour map, None for automatic. Pixels without a score are grey. Scene
    pixels are drawn as squares of whole pixels; a map too large for a picture keeps the highest score of each square.
    """
    ends = limits or score_limits(scores)
    table = colour_table(colormap)
    shown = _sized(np.asarray(scores, dtype=np.float32))
    map_picture = _on_grey(score_picture(shown, table, ends))
    ramp = np.repeat(table[::-1, None, :3], 2, axis=1)
    return _page(map_picture, ramp, ends, title, label)


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


def _page(map_picture: Rgb, ramp: Rgb, ends: Limits, title: str, label: str) -> Rgb:
    from PIL import Image, ImageDraw, ImageFont

    height, width = map_picture.shape[:2]
    size = int(np.clip(max(height, width) / 40, 13, 64))
    bar_height = max(10 * size, height // 2)
    font, heading = ImageFont.load_default(size), ImageFont.load_default(round(size * 1.25))
    ticks = nice_ticks(*ends)
    texts = [f"{tick:g}" for tick in ticks]
    text_width = round(max(font.getlength(text) for text in texts))
    left = width + 2 * size
    page_width = left + size + max(text_width + size, round(font.getlength(label)))
    page_width = max(page_width + size, round(heading.getlength(title)) + 2 * size)
    head = 3 * size
    page = Image.new("RGB", (page_width, head + max(height, bar_height + 2 * size) + size), (PAGE,) * 3)
    page.paste(Image.fromarray(map_picture), (size, head))
    draw = ImageDraw.Draw(page)
    draw.text((size, head // 2), title, INK, heading, anchor="lm")
    left += size // 2
    draw.text((left, head), label, INK, font, anchor="la")
    top = head + round(1.8 * size)
    page.paste(Image.fromarray(ramp).resize((size, bar_height), Image.Resampling.BILINEAR), (left, top))
    _draw_ticks(draw, (left, top, size, bar_height), [(tick - ends[0]) / (ends[1] - ends[0]) for tick in ticks], texts)
    return np.asarray(page)


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
