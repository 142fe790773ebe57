"""A scale bar has a round length and the right one; the north arrow turns with the scene; neither without a map."""

import math

import numpy as np
import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation
from hadviewer.gui.views.map_marks import NorthArrowOverlay, ScaleBarOverlay, scale_length
from hadviewer.gui.views.mapping import SceneMapping

METRES = Georeference((0.0, 2.0, 0.0, 0.0, 0.0, -2.0), units="m")


@pytest.mark.parametrize(
    ("metres_per_point", "text", "metres"),
    [(1.0, "200 m", 200), (3.4, "500 m", 500), (12.0, "2 km", 2000), (0.004, "50 cm", 0.5), (0.0051, "1 m", 1)],
)
def test_lengths_are_round_and_fit(metres_per_point: float, text: str, metres: float) -> None:
    found, said = scale_length(metres_per_point, 200.0)
    assert (found, said) == (pytest.approx(metres), text)
    assert found <= metres_per_point * 200 * (1 + 1e-6)


def painted(overlay: ScaleBarOverlay | NorthArrowOverlay) -> int:
    """How many pixels an overlay changes."""
    image = QImage(800, 600, QImage.Format.Format_RGB32)
    image.fill(QColor(90, 90, 90))
    before = image.copy()
    painter = QPainter(image)
    overlay.paint(painter, SceneMapping((300, 400), QRectF(0, 0, 800, 600), 2.0, (150.0, 200.0)))
    painter.end()
    return sum(image.pixel(x, y) != before.pixel(x, y) for x in range(0, 800, 4) for y in range(0, 600, 4))


def test_both_show_where_there_is_a_map_and_only_when_wanted(qtbot: QtBot) -> None:
    for overlay in (ScaleBarOverlay(), NorthArrowOverlay()):
        assert painted(overlay) == 0
        overlay.geo = METRES
        assert painted(overlay) > 20
        overlay.shown = False
        assert painted(overlay) == 0


def test_no_bar_where_distances_are_not_known(qtbot: QtBot) -> None:
    bar = ScaleBarOverlay()
    bar.geo = Georeference(METRES.affine)
    assert painted(bar) == 0


@pytest.mark.parametrize("degrees", [0, 30, 90, -135])
def test_the_arrow_turns_with_the_scene(degrees: float) -> None:
    arrow = NorthArrowOverlay()
    angle = math.radians(degrees)
    arrow.geo = Georeference((5.0, math.cos(angle), math.sin(angle), 7.0, math.sin(angle), -math.cos(angle)))
    assert arrow.turn(3, 4) == pytest.approx(degrees)


def test_coordinates_of_each_pixel_turn_the_arrow_where_one_looks(qtbot: QtBot) -> None:
    rows, cols = np.meshgrid(np.arange(300.0), np.arange(400.0), indexing="ij")
    bend, radius = np.radians(cols / 10), 1e-4 * (578 - rows)  # pixels are square on line 5
    values = np.stack((8 + radius * np.sin(bend), radius * np.cos(bend)), axis=-1)
    geo = Geolocation(ArrayCoordinates(values))
    arrow, bar = NorthArrowOverlay(), ScaleBarOverlay()
    arrow.geo = bar.geo = geo
    left, right = arrow.turn(5, 20) or 0, arrow.turn(5, 380) or 0
    assert left == pytest.approx(-2, abs=1)
    assert right == pytest.approx(-38, abs=1)
    assert painted(arrow) > 20
    assert painted(bar) > 20
    arrow.geo = bar.geo = Geolocation(ArrayCoordinates(np.full((300, 400, 2), np.nan)))
    assert painted(arrow) == painted(bar) == 0
