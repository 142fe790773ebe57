"""Regions of interest: which pixels their parts hold."""

import numpy as np

from hadviewer.core import runs as runs_of
from hadviewer.core.cube import Window
from hadviewer.core.region import Patch, Points, Polygon, Region, disc, rectangle, stroke


def test_a_rectangle_holds_its_window() -> None:
    mask = Region(1, "R", parts=(rectangle(Window(2, 5, 1, 4)),)).mask((8, 8))
    wanted = np.zeros((8, 8), dtype=bool)
    wanted[2:5, 1:4] = True
    assert np.array_equal(mask, wanted)


def test_parts_add_up_and_what_lies_outside_the_scene_is_left_out() -> None:
    patch = Patch(runs_of.of_mask(np.ones((1, 3), dtype=bool), 0, 6))
    region = Region(1, "R", parts=(Points(((1, 1), (1, 1), (-1, 2), (9, 9))), patch, rectangle(Window(0, 2, 0, 2))))
    assert region.mask((4, 8)).sum() == 4 + 2
    assert runs_of.count(region.runs((4, 8))) == 6


def test_a_region_without_parts_is_empty() -> None:
    assert runs_of.count(Region(1, "R").runs((4, 4))) == 0
    assert runs_of.bounds(Region(1, "R").runs((4, 4))) is None


def test_a_dab_holds_the_pixels_whose_centres_lie_within_the_circle() -> None:
    rows, cols = np.mgrid[:12, :12] + 0.5
    for diameter in (1.0, 3.0, 4.4, 7.0):
        wanted = (rows - 5.3) ** 2 + (cols - 6.1) ** 2 <= (diameter / 2) ** 2
        assert np.array_equal(runs_of.to_mask(disc(5.3, 6.1, diameter), (12, 12)), wanted)


def test_a_brush_of_one_pixel_leaves_a_line_without_gaps() -> None:
    mask = runs_of.to_mask(stroke([(0.5, 0.5), (9.5, 4.5), (9.5, 11.5)], 1.5), (12, 14))
    assert mask.any(axis=1)[:10].all()
    assert mask[9, 5:12].all()


def test_a_brush_at_the_border_paints_inside_only() -> None:
    assert (stroke([(0.2, 0.2)], 5.0) >= 0).all()


def test_polygons_are_equal_by_their_corners() -> None:
    ring = ((0.0, 0.0), (0.0, 4.0), (4.0, 4.0))
    assert Region(1, "R", parts=(Polygon((ring,)),)) == Region(1, "R", parts=(Polygon((ring,)),))
