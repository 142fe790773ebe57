"""A cube seen through its principal or minimum-noise components: found from a sample, computed where one looks."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context
from hadviewer.core.cube import BandIndex, Cube, Window
from hadviewer.render.cache import ArrayCache
from hadviewer.render.planes import DEAR_TILE, ScenePlanes

if TYPE_CHECKING:
    from hadviewer.analysis.components import Components
    from hadviewer.engine.tasks import CubeReference

ComponentKind = Literal["pca", "mnf"]

KEPT = 20
"""Components that can be looked at."""
SAMPLE_VALUES: dict[ComponentKind, int] = {"pca": 40_000_000, "mnf": 8_000_000}
"""Values that decide the components, so that finding them takes about 200 MB; at most ``SAMPLE_PIXELS`` spectra."""
SAMPLE_PIXELS = 100_000
WHOLE_VALUES = 60_000_000
"""Of cubes of at most so many values components are computed at full size, of larger ones what is needed."""
STRIP_VALUES = 8_000_000
"""Values of the cube read at a time."""


def component_count(cube: Cube) -> int:
    """How many components of a cube can be looked at."""
    return min(KEPT, int(np.count_nonzero(cube.bands.mask)))


def find_components(
    reference: "CubeReference", kind: ComponentKind, bands: NDArray[np.intp], ctx: Context
) -> "Components":
    """Mean and directions of a cube in some of its bands, from a sample of its pixels; a task for the worker."""
    from hadviewer.analysis.components import fit_components
    from hadviewer.transforms.mnf import fit_mnf

    cube = reference.open()
    ctx.frame(0.0, 0.7)
    ctx.step(0, 1, "Sample")
    most = min(SAMPLE_PIXELS, SAMPLE_VALUES[kind] // max(1, len(bands)))
    sample = _grid(cube, bands, most) if kind == "pca" else _line_pairs(cube, bands, most, ctx)
    ctx.frame(0.7, 1.0)
    ctx.step(0, 1, "Components")
    found = fit_components(sample, KEPT) if kind == "pca" else fit_mnf(sample, KEPT)[0]
    ctx.step(1, 1)
    return found


def component_cube(cube: Cube, kind: ComponentKind, bands: NDArray[np.intp], components: "Components") -> Cube:
    """The cube whose bands are the components of another; values are computed when they are read."""
    word = "PC" if kind == "pca" else "MNF"
    names = [f"{word} {number + 1}{_share(kind, components, number)}" for number in range(components.axes.shape[1])]
    return replace(
        cube,
        source=ComponentSource(cube, bands, components),
        bands=BandSet(len(names), names=tuple(names)),
        scale=None,
        nodata=None,
        origin=None,
        quantity="Component",
        unit="",
        default_bands=(),
    )


@dataclass(frozen=True, eq=False)
class ComponentSource:
    """Components (rows, cols, k) of a cube, from values of ``bands`` read strip by strip. Thread-safe as the cube."""

    cube: Cube
    bands: NDArray[np.intp]
    components: "Components"
    dtype = np.dtype(np.float32)
    order = "bip"

    @property
    def shape(self) -> tuple[int, int, int]:
        rows, cols, _ = self.cube.shape
        return rows, cols, int(self.components.axes.shape[1])

    def read(self, window: Window, bands: BandIndex, step: int = 1) -> NDArray[Any]:
        """Components of a window; only those asked for are computed, in single precision after centring."""
        axes = np.ascontiguousarray(self.components.axes[:, bands], dtype=np.float32)
        mean = self.components.mean.astype(np.float32)
        rows, cols = (-(-size // step) for size in window.shape)
        found = np.empty((rows, cols, axes.shape[1]), dtype=np.float32)
        height = max(1, STRIP_VALUES // max(1, cols * len(self.bands)))
        for start in range(0, rows, height):
            top = window.row0 + start * step
            strip = Window(top, min(top + height * step, window.row1), window.col0, window.col1)
            values = self.cube.values(self.bands, strip, step=step)
            values -= mean
            np.matmul(values, axes, out=found[start : start + height])
        return found


class ComponentPlanes(ScenePlanes):
    """Planes of a cube of components. Each value costs a whole spectrum: coarse tiles thin out instead of averaging."""

    def __init__(self, cube: Cube, cache: ArrayCache) -> None:
        rows, cols, count = cube.shape
        source = cube.source
        bands = len(source.bands) if isinstance(source, ComponentSource) else count
        small = rows * cols * bands <= WHOLE_VALUES
        super().__init__(cube, cache, None if small else DEAR_TILE)
        self.whole = self.whole and small

    def samples(self, step: int) -> int:
        """One pixel stands for all."""
        return 1


def _share(kind: ComponentKind, components: "Components", number: int) -> str:
    """Of principal components, how much of the variance one holds."""
    if kind == "mnf" or components.total <= 0:
        return ""
    return f" ({100 * components.variance[number] / components.total:.3g} %)"


def _grid(cube: Cube, bands: NDArray[np.intp], most: int) -> NDArray[np.float32]:
    from hadviewer.analysis.sampling import grid_step

    rows, cols, _ = cube.shape
    return cube.values(bands, step=grid_step(rows, cols, most))


def _line_pairs(cube: Cube, bands: NDArray[np.intp], most: int, ctx: Context) -> NDArray[np.float32]:
    """Pairs of neighbouring lines from all over the scene, each followed by a line without values."""
    rows, cols, _ = cube.shape
    if rows * cols <= most or rows < 3:
        return cube.values(bands)
    width = min(cols, max(2, most // 16))
    pairs = max(1, min(most // (2 * width), rows // 2))
    sample = np.full((3 * pairs, width, len(bands)), np.nan, dtype=np.float32)
    starts = np.linspace(0, rows - 2, pairs).astype(int).tolist()
    lefts = np.linspace(0, cols - width, pairs).astype(int).tolist()
    for number in ctx.track(range(pairs), message="Sample"):
        row, left = starts[number], lefts[number]
        window = Window(row, row + 2, left, left + width)
        sample[3 * number : 3 * number + 2] = cube.values(bands, window)
    return sample
