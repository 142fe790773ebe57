"""Coordinates of every pixel: where a pixel lies, which pixel lies somewhere, and honestly none where none does."""

import math
import pickle

import numpy as np
import pytest
from numpy.typing import NDArray

from hadviewer.core.geo import SAME, Georeference
from hadviewer.core.geolocation import BLOCK, ArrayCoordinates, Geolocation, Rectangle

ROWS, COLS = 300, 210


def swath(rows: int = ROWS, cols: int = COLS, *, turn: float = 25.0, west: float = 8.0) -> NDArray[np.float64]:
    """Longitudes and latitudes of a strip that is turned, bent and shaken, of pixels of about 60 m."""
    down, right = np.meshgrid(np.arange(rows) + 0.5, np.arange(cols) + 0.5, indexing="ij")
    right = right + 3 * np.sin(down / 40)
    angle = math.radians(turn)
    east, north = (
        (math.cos(angle) * right - math.sin(angle) * down) * 60,
        -(math.sin(angle) * right + math.cos(angle) * down) * 60,
    )
    lat = 47 + north / 111_200
    return np.stack((west + east / (111_320 * np.cos(np.radians(lat))), lat), axis=-1)


class Counted(ArrayCoordinates):
    """Coordinates that remember what was read of them."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        super().__init__(values)
        object.__setattr__(self, "windows", [])

    def read(self, window: Rectangle, step: int = 1) -> NDArray[np.float64]:
        self.windows.append((window, step))  # type: ignore[attr-defined]
        return super().read(window, step)


def located(values: NDArray[np.float64], **options: str) -> Geolocation:
    return Geolocation(ArrayCoordinates(values), **options)


def test_the_middle_of_a_pixel_has_its_coordinates() -> None:
    values = swath()
    geo = located(values)
    for row, col in [(0, 0), (ROWS - 1, COLS - 1), (17, 130), (BLOCK, BLOCK - 1)]:
        assert geo.position(row + 0.5, col + 0.5) == pytest.approx(tuple(values[row, col]), abs=1e-12)
    between = geo.position(18.0, 131.0)
    assert between == pytest.approx(values[17:19, 130:132].mean(axis=(0, 1)), abs=1e-12)


def test_the_edge_of_the_scene_lies_half_a_pixel_beyond_its_outermost_centres() -> None:
    affine = Georeference((500_000.0, 10.0, 2.0, 4_000_000.0, 2.0, -10.0), units="m")
    rows, cols = np.meshgrid(np.arange(20) + 0.5, np.arange(30) + 0.5, indexing="ij")
    geo = located(affine.positions(rows, cols), units="m")
    for place in [(0, 0), (20, 30), (0, 30), (20, 0), (7.25, 11.75)]:
        assert geo.position(*place) == pytest.approx(affine.position(*place), abs=1e-6)


@pytest.mark.parametrize("turn", [0.0, 25.0, 140.0])
def test_a_map_position_leads_back_to_its_pixel(turn: float) -> None:
    geo = located(swath(turn=turn))
    rng = np.random.default_rng(0)
    places = np.column_stack([rng.uniform(0, ROWS, 400), rng.uniform(0, COLS, 400)])
    x, y = geo.positions(*places.T).T
    np.testing.assert_allclose(geo.pixels(x, y), places, atol=2e-3)
    row, col = geo.pixel(x[0], y[0])
    assert (row, col) == pytest.approx(tuple(places[0]), abs=2e-3)


def test_beside_the_scene_there_is_no_pixel_and_it_says_how_far_the_nearest_is() -> None:
    values = swath(turn=0)
    geo = located(values)
    lon, lat = values[0, 100]
    assert geo.pixel(lon, lat + 1000 / 111_200) == pytest.approx((0.5 - 1000 / 60, 100.5), abs=1.5)
    assert np.isnan(geo.pixel(lon, lat + 10)).all()
    assert np.isnan(geo.pixel(-lon, -lat)).all()
    nearest = geo.nearest(lon, lat + 1000 / 111_200)
    assert nearest is not None
    assert (nearest.row, nearest.distance) == (0, pytest.approx(1000, rel=0.01))


def test_across_the_date_line_nothing_jumps() -> None:
    values = swath(turn=0, west=179.98)
    values[..., 0] = (values[..., 0] + 180) % 360 - 180
    assert values[..., 0].min() < -179 < 179 < values[..., 0].max()
    geo = located(values)
    seam = int(np.argmax(values[150, :, 0] < 0))
    x, y = geo.position(150.5, float(seam))
    assert abs(x) > 179.99
    assert geo.pixel(x, y) == pytest.approx((150.5, seam), abs=1e-3)
    assert geo.pixel(x + 360, y) == pytest.approx((150.5, seam), abs=1e-3)


def test_pixels_without_coordinates_have_none_but_edges_beside_them_do() -> None:
    values = swath(40, 50, turn=0)
    whole = located(values.copy())
    values[:, 30:] = np.nan
    geo = located(values)
    assert np.isnan(geo.position(10.5, 45.5)).all()
    assert geo.position(10.0, 30.0) == pytest.approx(whole.position(10.0, 30.0), abs=1e-5)
    lon, lat = swath(40, 50, turn=0)[10, 45]
    assert np.isnan(geo.pixel(lon, lat)).all()
    empty = located(np.full((4, 5, 2), np.nan))
    assert np.isnan(empty.pixel(8, 47)).all()
    assert empty.nearest(8, 47) is None
    assert empty.north(2, 2) is None
    assert empty.metres_per_column(2, 2) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (2, 2)])
def test_the_smallest_scenes_have_places_too(shape: tuple[int, int]) -> None:
    values = swath(*shape, turn=0)
    geo = located(values)
    row, col = shape[0] - 1, shape[1] - 1
    assert geo.position(row + 0.5, col + 0.5) == pytest.approx(tuple(values[row, col]))
    nearest = geo.nearest(*values[row, col])
    assert nearest is not None
    assert tuple(nearest[:2]) == (row, col)


def test_sizes_and_north_are_those_of_the_ground() -> None:
    geo = located(swath(turn=25))
    down, right = geo.north(150, 100) or (0, 0)
    straight = located(swath(turn=0)).north(150, 100) or (0, 0)
    turned = math.degrees(math.atan2(right, -down) - math.atan2(straight[1], -straight[0]))
    assert turned == pytest.approx(-25, abs=4)
    assert geo.metres_per_column(150, 100) == pytest.approx(60, rel=0.02)
    assert geo.pixel_area(150, 100) == pytest.approx(3600, rel=0.02)
    assert located(swath(), units="").metres_per_column(1, 1) is None


def test_of_a_large_scene_one_pixel_reads_a_block() -> None:
    source = Counted(swath(2000, 1000))
    geo = Geolocation(source)
    assert not geo.at_hand(1500, 500)
    geo.position(1500.5, 500.5)
    windows = source.windows  # type: ignore[attr-defined]
    assert sum((row1 - row0) * (col1 - col0) for (row0, row1, col0, col1), _ in windows) <= 4 * BLOCK * BLOCK
    assert geo.at_hand(1500, 500)
    count = len(windows)
    geo.position(1500.2, 500.9)
    assert len(windows) == count, "what was read is kept"
    for row, col in [(BLOCK, BLOCK), (BLOCK - 1, 3 * BLOCK), (0, 0), (1999, 999), (BLOCK, 0)]:
        fresh = Geolocation(source)
        fresh.position(row + 0.5, col + 0.5)
        assert fresh.at_hand(row, col), "at the edges of blocks too"


def test_a_pixel_without_coordinates_is_not_at_hand_for_its_neighbours_are_asked() -> None:
    values = swath(20, 30)
    values[5, 6] = np.nan
    geo = located(values)
    geo.position(5.5, 6.5)
    assert not geo.at_hand(5, 6)
    assert geo.at_hand(15, 16)


def test_what_is_kept_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hadviewer.core.geolocation.KEPT_BYTES", 3 * BLOCK * BLOCK * 16)
    geo = located(swath(2000, 300))
    rng = np.random.default_rng(1)
    geo.positions(rng.uniform(0, 2000, 500), rng.uniform(0, 300, 500))
    assert len(geo._blocks._known) <= 3


def test_a_part_of_the_scene_lies_where_it_was_cut() -> None:
    geo = located(swath())
    part = geo.shifted(100, 40)
    assert part.shape == (ROWS - 100, COLS - 40)
    assert part.position(3.25, 4.5) == pytest.approx(geo.position(103.25, 44.5), abs=1e-12)


def test_another_scene_lies_where_its_coordinates_say_once_they_were_compared() -> None:
    geo = located(swath())
    same, part = located(swath()), geo.shifted(30, 12)
    coarse = located(swath(turn=25)[1::3, 1::3])
    assert geo.placed(geo) == SAME
    assert geo.placed(part) is None, "nothing is read where the window asks"
    for other in (same, part, coarse):
        geo.compare(other)
    assert geo.placed(same) == SAME
    assert geo.placed(part) == (30, 12, 1)
    assert geo.placed(coarse) == pytest.approx((0, 0, 3), abs=0.05)


def test_scenes_that_run_otherwise_do_not_lie_on_each_other() -> None:
    geo = located(swath())
    for other in (located(swath(turn=40)), located(swath() + 40), located(swath(), crs="EPSG:4269")):
        geo.compare(other)
        assert geo.placed(other) is None
    assert geo.placed(Georeference((0, 1, 0, 0, 0, -1), "EPSG:4326", units="deg")) is None
    assert Georeference((0, 1, 0, 0, 0, -1), "EPSG:4326", units="deg").placed(geo) is None


def test_it_goes_to_another_process_without_what_was_read() -> None:
    geo = located(swath(20, 30))
    geo.prepare()
    place = geo.position(4.5, 5.5)
    again = pickle.loads(pickle.dumps(geo))
    assert not again.at_hand(4, 5)
    assert again.position(4.5, 5.5) == place
