"""Colour maps by name: tables of 256 colours."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

COLORMAPS = ("inferno", "magma", "viridis", "cividis", "turbo", "grey")
"""The names offered, all of even perceptual steps except turbo, which shows more detail."""


@lru_cache(maxsize=32)
def colour_table(name: str) -> NDArray[np.uint8]:
    """The 256 colours of a map, uint8 (256, 4), low to high, read-only. Raises ValueError for an unknown name."""
    if name == "grey":
        table = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 4, axis=1)
        table[:, 3] = 255
    else:
        import cmap

        table = np.rint(cmap.Colormap(name).lut(256) * 255).astype(np.uint8)
    table.flags.writeable = False
    return table


def map_colours(name: str, inverse: bool = False) -> NDArray[np.uint8]:
    """The 256 colours of a map, from the other end where it is ``inverse``."""
    table = colour_table(name)
    return table[::-1] if inverse else table


def parse_colour(text: str) -> tuple[int, int, int]:
    """'#rrggbb' as three numbers 0..255."""
    digits = text.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(f"{text!r} is not a colour like #ff3b30")
    value = int(digits, 16)
    return value >> 16, value >> 8 & 255, value & 255
