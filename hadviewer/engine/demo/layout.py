"""The map of the demo scene: farmland with a road, a wood, a pond, a farm, and the objects hidden in it.

The map is painted on a grid finer than the pixels, so that pixels on edges are mixtures as in a real scene.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.demo.spectra import INDEX, MATERIALS

ROWS = COLS = 200
FINE = 3
"""Painted cells along the side of one pixel."""
TILT = np.deg2rad(14.0)
"""Turn of the parcels against the pixel grid."""
STRIPS = np.array([-18.0, 22.0, 58.0, 97.0, 132.0, 168.0])
"""Borders between the strips of parcels, in pixels across the turned grid."""

Plane = NDArray[np.float64]
Mask = NDArray[np.bool_]

MIXTURES: dict[str, tuple[str, str, float]] = {
    "meadow": ("meadow", "dry grass", 0.22),
    "pasture": ("meadow", "dry grass", 0.45),
    "crop": ("crop", "brown soil", 0.10),
    "young crop": ("young crop", "brown soil", 0.35),
    "fallow": ("brown soil", "dry grass", 0.25),
    "ploughed": ("red soil", "brown soil", 0.35),
    "harrowed": ("pale soil", "red soil", 0.30),
    "stubble": ("stubble", "pale soil", 0.25),
    "wood": ("trees", "meadow", 0.12),
    "asphalt": ("asphalt", "pale soil", 0.06),
    "track": ("pale soil", "dry grass", 0.25),
    "yard": ("concrete", "pale soil", 0.20),
    "water": ("water", "brown soil", 0.03),
    "reed": ("dry grass", "trees", 0.45),
    "tile": ("roof tile", "asphalt", 0.08),
    "metal": ("metal roof", "asphalt", 0.06),
    "film": ("plastic film", "young crop", 0.30),
}
"""What covers each kind of ground: a main material, a second one, and the mean share of the second."""

KINDS = {name: number for number, name in enumerate(MIXTURES)}
FIELDS = ("crop", "stubble", "meadow", "young crop", "ploughed", "pasture", "harrowed", "crop", "fallow", "young crop")

BUILDINGS: tuple[tuple[float, float, float, float, str], ...] = (
    (57.0, 139.0, 16.0, 7.0, "tile"),
    (69.0, 150.0, 7.0, 15.0, "metal"),
    (52.0, 158.0, 9.0, 6.5, "tile"),
    (74.0, 136.0, 5.0, 5.0, "metal"),
    (33.0, 166.0, 22.0, 3.6, "film"),
    (38.5, 164.5, 22.0, 3.6, "film"),
)
"""Row and column of the centre, length and width in pixels, and roof of each farm building and plastic tunnel."""

EXTENDED: tuple[tuple[int, int, int, int, str], ...] = (
    (29, 62, 2, 3, "white paint"),
    (121, 98, 3, 4, "green paint"),
    (151, 168, 3, 4, "metal roof"),
    (169, 78, 2, 3, "concrete"),
    (176, 121, 4, 3, "blue tarpaulin"),
)
"""First row and column, height and width in pixels, and material of the extended anomalies."""

SINGLE: tuple[tuple[int, int, float, str], ...] = (
    (14, 24, 0.35, "orange panel"),
    (18, 148, 0.50, "green paint"),
    (44, 12, 0.30, "blue tarpaulin"),
    (58, 88, 0.30, "green paint"),
    (83, 178, 0.25, "white paint"),
    (109, 139, 0.40, "green paint"),
    (117, 62, 0.20, "orange panel"),
    (134, 189, 0.55, "metal roof"),
    (142, 124, 0.25, "green paint"),
    (160, 92, 0.50, "asphalt"),
    (187, 160, 0.25, "blue tarpaulin"),
    (190, 105, 0.40, "green paint"),
)
"""Row, column, share of the pixel and material of the sub-pixel anomalies."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Share of each material (rows, cols, materials), light and cast shadow (rows, cols), and the anomalies."""

    abundance: NDArray[np.float64]
    light: Plane
    shadow: Plane
    truth: Mask


def make_layout(rng: np.random.Generator) -> Layout:
    """Paint the ground, mix the materials, light the relief, and hide the objects."""
    ground, shadow = paint_ground(rng)
    cover = np.stack([coarse(ground == kind) for kind in KINDS.values()], axis=2)
    abundance = mix(rng, cover)
    light = relief_light(rng) * texture(rng, cover)
    truth = hide_objects(rng, abundance)
    return Layout(abundance, light, shadow, truth)


def smooth_field(rng: np.random.Generator, scale: float, shape: tuple[int, int] = (ROWS, COLS)) -> Plane:
    """A random plane of mean 0 and deviation 1 that varies over about `scale` cells."""
    from scipy.ndimage import gaussian_filter

    plane = gaussian_filter(rng.standard_normal(shape), scale, mode="wrap")
    return np.asarray((plane - plane.mean()) / plane.std())


def coarse(plane: NDArray[np.generic]) -> Plane:
    """Means over pixels of a plane given on the fine grid."""
    return np.asarray(plane.reshape(ROWS, FINE, COLS, FINE).mean(axis=(1, 3), dtype=np.float64))


def paint_ground(rng: np.random.Generator) -> tuple[NDArray[np.uint8], Plane]:
    """Kind of ground of every fine cell, and the share of each pixel that lies in cast shadow."""
    place = Place.of(rng)
    ground = parcels(rng, place)
    ground[woods(place) | hedges(place) | lone_trees(rng, place)] = KINDS["wood"]
    lay_pond(ground, place)
    lay_roads(ground, place)
    roofs = lay_buildings(ground, place)
    trees = ground == KINDS["wood"]
    shadow = (cast(roofs, 5) | cast(trees, 2)) & ~roofs & ~trees
    return ground, coarse(shadow)


@dataclass(frozen=True, eq=False)
class Place:
    """Position of every fine cell in pixels, straight and along the turned parcels, and what bends straight lines.

    `fine`, `mid` and `wide` are random planes of deviation 1 that vary over 2, 3 and 9 pixels.
    """

    row: Plane
    col: Plane
    along: Plane
    across: Plane
    fine: Plane
    mid: Plane
    wide: Plane

    @classmethod
    def of(cls, rng: np.random.Generator) -> "Place":
        shape = (ROWS * FINE, COLS * FINE)
        row, col = (np.indices(shape) + 0.5) / FINE
        along, across = row * np.cos(TILT) - col * np.sin(TILT), col * np.cos(TILT) + row * np.sin(TILT)
        mid, wide, fine = (smooth_field(rng, scale * FINE, shape) for scale in (3.0, 9.0, 2.0))
        return cls(row, col, along, across, fine, mid, wide)

    def oval(self, row: float, col: float, height: float, width: float) -> Plane:
        """Distance from a centre, 1 on an oval of the given half axes."""
        return np.asarray(np.hypot((self.row - row) / height, (self.col - col) / width))


def woods(at: Place) -> Mask:
    """Woods in three corners, with a ragged edge."""
    edge = 8 * at.wide + 2 * at.mid
    south_west = at.row - 162 - 0.8 * at.col + edge > 0
    north_west = at.row - 54 + 0.8 * at.col + edge < 0
    return south_west | north_west | (at.oval(172, 186, 11, 22) + 0.22 * at.wide + 0.06 * at.mid < 1)


def hedges(at: Place) -> Mask:
    """Hedges with gaps along some parcel borders."""
    rows = [
        (np.abs(at.along - line) < 1.3 + 0.3 * at.fine) & (at.wide > gaps)
        for line, gaps in ((22.0, -0.2), (132.0, 0.1), (168.0, 0.5))
    ]
    return np.asarray(np.logical_or.reduce(rows))


def lay_pond(ground: NDArray[np.uint8], at: Place) -> None:
    """Put a pond with a reedy shore on the ground."""
    bay = 0.22 * np.sin((at.row - at.col) / 9) + 0.10 * at.wide + 0.03 * at.mid
    shore = at.oval(143, 60, 14, 21) + bay
    ground[shore < 1.16] = KINDS["reed"]
    ground[shore < 1.0] = KINDS["water"]


def lay_roads(ground: NDArray[np.uint8], at: Place) -> None:
    """Put the road with its verges, a track to the south, the drive to the farm and its yard on the ground."""
    bend = at.row - 86 - 0.10 * at.col - 7 * np.sin(at.col / 43)
    ground[np.abs(bend) < 3.1 + 0.25 * at.fine] = KINDS["track"]
    ground[np.abs(bend) < 2.1] = KINDS["asphalt"]
    drive = np.abs(at.col - 146 - 3 * np.sin(at.row / 14))
    ground[(drive < 1.3 + 0.2 * at.fine) & (bend < 0) & (at.row > 60)] = KINDS["track"]
    path = np.abs(at.across - 141 - 5 * np.sin(at.row / 24))
    ground[(path < 1.1 + 0.25 * at.fine) & (bend > 0)] = KINDS["track"]
    yard = at.oval(63, 147, 14, 18) + 0.10 * at.wide + 0.03 * at.mid
    ground[(yard < 1) & (drive > 1.3)] = KINDS["yard"]


def cast(tall: Mask, length: int) -> Mask:
    """Shadow of tall things, `length` pixels long, away from a sun in the south-east."""
    shadow = np.zeros_like(tall)
    for step in range(1, length * FINE):
        aside = int(0.6 * step)
        shadow[:-step, : tall.shape[1] - aside] |= tall[step:, aside:]
    return shadow


def parcels(rng: np.random.Generator, at: Place) -> NDArray[np.uint8]:
    """Fields in strips across a turned grid, with grass verges between them."""
    strips = np.searchsorted(STRIPS, at.along)
    verge = np.abs(at.along[..., None] - STRIPS).min(axis=2) < 0.8
    ground = np.empty(at.row.shape, dtype=np.uint8)
    for strip in range(len(STRIPS) + 1):
        inside = strips == strip
        cuts = np.cumsum(rng.uniform(34, 74, 7)) - 20
        order = [FIELDS[(3 * strip + number) % len(FIELDS)] for number in range(len(cuts) + 1)]
        kinds = np.array([KINDS[name] for name in order], dtype=np.uint8)
        ground[inside] = kinds[np.searchsorted(cuts, at.across[inside])]
        verge[inside] |= np.abs(at.across[inside][:, None] - cuts).min(axis=1) < 0.7
    ground[verge] = KINDS["pasture"]
    return ground


def lone_trees(rng: np.random.Generator, at: Place) -> Mask:
    """Round crowns scattered over the open land and around the farm."""
    crowns = np.zeros(at.row.shape, dtype=bool)
    places = np.concatenate([rng.uniform(5, 195, (22, 2)), rng.normal((62, 146), 17, (14, 2))])
    for (row, col), radius in zip(places, rng.uniform(1.0, 2.4, len(places)), strict=True):
        crowns |= at.oval(row, col, radius, radius) < 1
    return crowns


def lay_buildings(ground: NDArray[np.uint8], at: Place) -> Mask:
    """Put the farm buildings on the ground and say where their roofs are."""
    roofs = np.zeros(at.row.shape, dtype=bool)
    for row, col, length, width, roof in BUILDINGS:
        along = row * np.cos(TILT) - col * np.sin(TILT)
        across = col * np.cos(TILT) + row * np.sin(TILT)
        inside = (np.abs(at.along - along) < width / 2) & (np.abs(at.across - across) < length / 2)
        ground[inside] = KINDS[roof]
        roofs |= inside
    return roofs


def mix(rng: np.random.Generator, cover: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares of the materials (rows, cols, materials) from the shares of the kinds of ground (rows, cols, kinds)."""
    abundance = np.zeros((ROWS, COLS, len(MATERIALS)))
    patches, grain = smooth_field(rng, 7.0), smooth_field(rng, 0.8)
    for number, (main, second, mean) in enumerate(MIXTURES.values()):
        own = smooth_field(rng, 4.0)
        share = np.clip(mean * (1 + 0.35 * patches + 0.3 * own + 0.12 * grain), 0, 0.9)
        abundance[..., INDEX[main]] += cover[..., number] * (1 - share)
        abundance[..., INDEX[second]] += cover[..., number] * share
    return abundance


def relief_light(rng: np.random.Generator) -> Plane:
    """Light on gently rolling ground under a sun in the south-east, brighter towards one side of the flight line."""
    height = 5.0 * smooth_field(rng, 22.0) + 0.5 * smooth_field(rng, 6.0)
    slope_row, slope_col = np.gradient(height)
    normal = np.sqrt(1 + slope_row**2 + slope_col**2)
    facing = (0.45 * -slope_row + 0.35 * -slope_col + 0.82) / (0.82 * normal)
    return np.asarray(facing * np.linspace(0.95, 1.05, COLS))


def texture(rng: np.random.Generator, cover: NDArray[np.float64]) -> Plane:
    """Brightness of tree crowns and of the rows that machines leave in fields."""
    row, col = np.indices((ROWS, COLS))
    along = row * np.cos(TILT) - col * np.sin(TILT)
    crowns = np.exp(0.26 * smooth_field(rng, 0.9))
    lanes = 1 + 0.035 * np.sin(2 * np.pi * along / 5.3)
    worked = sum(cover[..., KINDS[kind]] for kind in ("crop", "young crop", "stubble", "harrowed", "ploughed"))
    wood = cover[..., KINDS["wood"]]
    return np.asarray((1 + wood * (crowns - 1)) * (1 + worked * (lanes - 1)) * (1 + 0.02 * smooth_field(rng, 0.7)))


def hide_objects(rng: np.random.Generator, abundance: NDArray[np.float64]) -> Mask:
    """Replace part of the ground by the objects, in place, and mark their pixels."""
    truth = np.zeros((ROWS, COLS), dtype=bool)
    for row, col, height, width, material in EXTENDED:
        share = rng.uniform(0.7, 0.95, (height, width))
        put(abundance[row : row + height, col : col + width], share, material)
        truth[row : row + height, col : col + width] = True
    for row, col, part, material in SINGLE:
        put(abundance[row : row + 1, col : col + 1], np.array([[part]]), material)
        truth[row, col] = True
    return truth


def put(ground: NDArray[np.float64], share: Plane, material: str) -> None:
    """Cover a share (rows, cols) of a piece of ground (rows, cols, materials) with a material, in place."""
    ground *= 1 - share[..., None]
    ground[..., INDEX[material]] += share
