"""A picture of curves for reports, such as the loss of a training: axes, grid and legend on white."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.colours import CATEGORIES
from hadviewer.render.figure import nice_ticks

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

WIDTH, HEIGHT, SIZE = 960, 600, 16
LEFT, RIGHT, TOP, BOTTOM = 90, 24, 84, 64
PAGE, INK, GRID = (255, 255, 255), (32, 33, 36), (225, 225, 229)
COLOURS = tuple((int(name[1:3], 16), int(name[3:5], 16), int(name[5:], 16)) for name in CATEGORIES)


def curve_figure(
    curves: Mapping[str, Sequence[float]], *, title: str, x_label: str, y_label: str, logarithmic: bool = False
) -> NDArray[np.uint8]:
    """Curves over 1, 2, 3, ... as a picture, uint8 (height, width, 3).

    A logarithmic axis leaves out what is not positive, every axis what is not finite.
    """
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (WIDTH, HEIGHT), PAGE)
    draw = ImageDraw.Draw(page)
    values = {name: _drawable(curve, logarithmic) for name, curve in curves.items()}
    longest = max((len(curve) for curve in values.values()), default=1)
    known = np.concatenate([np.zeros(0), *(curve[np.isfinite(curve)] for curve in values.values())])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)

    def place(number: float, value: float) -> tuple[float, float]:
        x = LEFT + (number - 1) / max(1, longest - 1) * (WIDTH - LEFT - RIGHT)
        return x, HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    font, heading = ImageFont.load_default(SIZE), ImageFont.load_default(SIZE + 4)
    draw.text((LEFT, 26), title, INK, heading, anchor="lm")
    for value, text in _ticks(low, high, logarithmic):
        y = place(1, value)[1]
        draw.line((LEFT, y, WIDTH - RIGHT, y), fill=GRID)
        draw.text((LEFT - 10, y), text, INK, font, anchor="rm")
    for tick in {math.floor(number) for number in nice_ticks(1, longest)}:
        x = place(tick, low)[0]
        draw.line((x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 6), fill=INK)
        draw.text((x, HEIGHT - BOTTOM + 10), str(tick), INK, font, anchor="ma")
    draw.rectangle((LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM), outline=INK)
    draw.text(((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12), x_label, INK, font, anchor="ms")
    draw.text((LEFT, TOP - 10), y_label, INK, font, anchor="ls")
    legend = WIDTH - RIGHT
    for number, (name, curve) in reversed(list(enumerate(values.items()))):
        colour = COLOURS[number % len(COLOURS)]
        _draw(draw, [place(index + 1, value) for index, value in enumerate(curve)], colour)
        legend -= round(font.getlength(name))
        draw.text((legend, TOP - 10), name, INK, font, anchor="ls")
        draw.line((legend - 30, TOP - 16, legend - 8, TOP - 16), fill=colour, width=3)
        legend -= 48
    return np.asarray(page)


def _ticks(low: float, high: float, logarithmic: bool) -> list[tuple[float, str]]:
    """Heights on the axis with their labels; of a logarithmic one, round numbers or powers of ten, whichever suit."""
    if not logarithmic:
        return [(tick, f"{tick:g}") for tick in nice_ticks(low, high)]
    powers = range(math.floor(low), math.ceil(high) + 1)
    for digits in ((1,), (1, 2, 5)):
        numbers = [digit * 10.0**power for power in powers for digit in digits]
        inside = [number for number in numbers if low <= math.log10(number) <= high]
        if len(inside) > 2:
            break
    else:
        inside = [tick for tick in nice_ticks(10**low, 10**high) if tick > 0]
    return [(math.log10(number), f"{number:g}") for number in inside]


def _drawable(curve: Sequence[float], logarithmic: bool) -> NDArray[np.float64]:
    """The values as heights on the axis; NaN is not drawn."""
    values = np.asarray(curve, dtype=np.float64)
    values = np.where(np.isfinite(values) & ((values > 0) | (not logarithmic)), values, np.nan)
    return np.log10(values) if logarithmic else values


def _draw(draw: "ImageDraw", points: Sequence[tuple[float, float]], colour: tuple[int, int, int]) -> None:
    """Lines between neighbouring points, and a dot at each that has no neighbour."""
    there = [not math.isnan(y) for _, y in points]
    for number, (x, y) in enumerate(points):
        if not there[number]:
            continue
        if number and there[number - 1]:
            draw.line((*points[number - 1], x, y), fill=colour, width=3)
        elif number + 1 == len(points) or not there[number + 1]:
            draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=colour)
