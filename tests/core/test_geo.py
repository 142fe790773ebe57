"""How large pixels are on the ground, and where north is."""

import math

import pytest

from hadviewer.core.geo import Georeference


def test_metres_of_a_rotated_grid_go_along_its_lines() -> None:
    angle = math.radians(30)
    affine = (0.0, 4 * math.cos(angle), 4 * math.sin(angle), 0.0, 4 * math.sin(angle), -4 * math.cos(angle))
    assert Georeference(affine, units="m").metres_per_column(7, 9) == pytest.approx(4)


@pytest.mark.parametrize(("latitude", "metres"), [(0, 111_320), (45, 78_847), (60, 55_800)])
def test_a_degree_of_longitude_is_shorter_towards_the_poles(latitude: float, metres: float) -> None:
    geo = Georeference((7.0, 1.0, 0.0, latitude, 0.0, -1.0), units="deg")
    assert geo.metres_per_column(0, 0) == pytest.approx(metres, rel=1e-3)


def test_unknown_units_have_no_metres() -> None:
    assert Georeference((0, 1, 0, 0, 0, -1)).metres_per_column(0, 0) is None


@pytest.mark.parametrize(
    ("affine", "direction"),
    [
        ((0, 2, 0, 0, 0, -2), (-1, 0)),
        ((0, 2, 0, 0, 0, 2), (1, 0)),
        ((0, 0, 1, 0, 1, 0), (0, 1)),
        ((5e5, 1, 1, 4e6, 1, -1), (-math.sqrt(0.5), math.sqrt(0.5))),
    ],
)
def test_north_is_where_y_grows(affine: tuple[float, ...], direction: tuple[float, float]) -> None:
    assert Georeference(affine).north() == pytest.approx(direction)  # type: ignore[arg-type]


def test_a_grid_without_an_inverse_has_no_north() -> None:
    assert Georeference((0, 0, 0, 0, 0, 0)).north() is None


def test_a_grid_lies_on_another_where_their_coordinates_say() -> None:
    scene = Georeference((1000.0, 10.0, 0.0, 2000.0, 0.0, -10.0), units="m")
    finer = Georeference((1020.0, 5.0, 0.0, 1970.0, 0.0, -5.0), units="m")
    placed = scene.placed(finer)
    assert placed is not None
    assert tuple(placed) == pytest.approx((3.0, 2.0, 0.5))
    assert scene.placed(scene) == pytest.approx((0.0, 0.0, 1.0))


@pytest.mark.parametrize(
    "other",
    [
        Georeference((0.0, 10.0, 1.0, 0.0, 1.0, -10.0), units="m"),
        Georeference((0.0, 10.0, 0.0, 0.0, 0.0, -12.0), units="m"),
        Georeference((0.0, 10.0, 0.0, 0.0, 0.0, 10.0), units="m"),
        Georeference((0.0, 10.0, 0.0, 0.0, 0.0, -10.0), units="m", crs="EPSG:32611"),
    ],
    ids=["turned", "stretched", "mirrored", "another system"],
)
def test_grids_that_are_not_parallel_do_not_lie_on_each_other(other: Georeference) -> None:
    assert Georeference((0.0, 10.0, 0.0, 0.0, 0.0, -10.0), units="m").placed(other) is None


def test_a_georeference_without_inverse_carries_no_other_grid() -> None:
    assert Georeference((0.0, 0.0, 0.0, 0.0, 0.0, 0.0)).placed(Georeference((0.0, 1.0, 0.0, 0.0, 0.0, 1.0))) is None
