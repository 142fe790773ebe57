"""Colours that tell things apart do so for readers who see red and green alike, and are seen on every ground."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from hadviewer.core.colours import CATEGORIES, ON_IMAGERY
from hadviewer.engine.review import STATE_COLOURS
from hadviewer.render.curves import COLOURS as REPORT_COLOURS

# What an eye without the cones for middle or for long waves receives of linear RGB (Machado, Oliveira and Fernandes,
# IEEE TVCG 15(6), 2009, severity 1).
SIGHT = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.119192, 0.9503041]]
)
FAR = 20.0
"""Difference in CIELAB; one of 2.3 can just be seen with both colours side by side."""
WHITE, DARK = "#ffffff", "#26292e"


def linear(colour: str) -> NDArray[np.float64]:
    values = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    xyz = TO_XYZ @ np.clip(rgb, 0, 1) / (0.95047, 1, 1.08883)
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(first: str, second: str) -> float:
    low, high = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (first, second))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "colours",
    [
        pytest.param(CATEGORIES, id="curves"),
        pytest.param(ON_IMAGERY, id="regions"),
        pytest.param(STATE_COLOURS, id="states"),
        pytest.param(tuple("#{:02x}{:02x}{:02x}".format(*colour) for colour in REPORT_COLOURS), id="report"),
    ],
)
def test_any_two_differ_whatever_the_eye(colours: tuple[str, ...], sight: str) -> None:
    seen = {colour: lab(SIGHT[sight] @ linear(colour)) for colour in colours}
    close = [pair for pair in combinations(colours, 2) if np.linalg.norm(seen[pair[0]] - seen[pair[1]]) < FAR]
    assert close == []


def test_curves_are_seen_on_white_and_on_dark() -> None:
    for colour in CATEGORIES:
        assert min(contrast(colour, WHITE), contrast(colour, DARK)) >= 2.2, colour


def test_marks_on_imagery_are_seen_on_dark() -> None:
    for colour in ON_IMAGERY:
        assert contrast(colour, DARK) >= 2.2, colour
