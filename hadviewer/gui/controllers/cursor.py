"""What is under the cursor: mouse and arrow keys on one side, the session's cursor, marks and the read-out."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import Location
from hadviewer.engine.components import ComponentSource
from hadviewer.engine.display import resolve
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.pins import place_title
from hadviewer.engine.places import Notation, describe_place
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.tiles import TileLoader
from hadviewer.gui.views.data import Marker

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MarkedViewLike, ReadoutLike

Pixel = tuple[int, int]
UNREADABLE = "Map coordinates cannot be read"


class CursorController:
    """Follows the mouse over the image and says what is there; marks the pixels whose spectra are kept.

    Values come from tiles in memory; where a scene is shown at a smaller size, so that these lack most pixels, they are
    read in the background.
    """

    def __init__(
        self, session: Session, jobs: JobRunner, view: "MarkedViewLike", readout: "ReadoutLike", tiles: TileLoader
    ) -> None:
        self._session, self._jobs, self._view, self._readout, self._tiles = session, jobs, view, readout, tiles
        self._notation: Notation = "decimal degrees"
        self._located: Location | None = None
        self._told: tuple[Location, Pixel, Notation, str] | None = None
        view.pixel_hovered.connect(session.set_cursor)
        view.pixel_clicked.connect(lambda row, col: session.set_cursor((row, col)))
        session.cursor_changed.connect(self._show)
        session.selected_changed.connect(self.refresh)
        session.segmentation_changed.connect(self.refresh)
        session.display_changed.connect(self.refresh)
        session.first_pixel_changed.connect(self.refresh)
        session.scene_changed.connect(self._show_scene)
        session.pins_changed.connect(self._show_pins)
        self._show_scene()

    def write_places(self, notation: Notation) -> None:
        """Write latitudes and longitudes this way from now on."""
        self._notation = notation
        self.refresh()

    def _show_scene(self) -> None:
        self.refresh()
        self._show_pins()

    def _show_pins(self) -> None:
        pins = self._session.state.pins
        shown = [pin for pin in pins if pin.visible and pin.kind == "pixel"]
        self._view.set_markers([Marker(pin.row, pin.col, pin.colour) for pin in shown])

    def refresh(self) -> None:
        """Say what is under the cursor now."""
        self._show(self._session.cursor)

    def _show(self, pixel: Pixel | None) -> None:
        cube = self._session.cube
        if cube is None or pixel is None or not _inside(pixel, cube.shape):
            self._readout.set_text("")
            return
        plan = resolve(self._session.state.display, cube)
        planes = self._tiles.planes_of(plan.components)
        shown = cube if planes is None or plan.components is None else planes.cube
        bands = plan.cube_bands if planes is None else plan.bands
        at_hand = [None if planes is None else planes.at_hand(band, *pixel) for band in bands]
        known = [value for value in at_hand if value is not None]
        if len(known) == len(bands):
            self._say(shown, pixel, bands, np.array(known, dtype=np.float32) if known else None)
        else:
            self._say(shown, pixel, bands, None)
            self._read(cube, shown, pixel, bands)

    def _read(self, cube: Cube, shown: Cube, pixel: Pixel, bands: tuple[int, ...]) -> None:
        """Have the values of one pixel read; a pixel that cannot be read stays without them.

        ``shown`` is the open cube itself, or that of its components.
        """
        row, col = pixel
        window = Window(row, row + 1, col, col + 1)

        def show(values: NDArray[np.float32]) -> None:
            if cube is self._session.cube and pixel == self._session.cursor:
                self._say(shown, pixel, bands, values[0, 0])

        self._jobs.quick(shown.values, np.array(bands), window, key="readout", done=show)

    def _say(self, cube: Cube, pixel: Pixel, bands: tuple[int, ...], values: NDArray[np.float32] | None) -> None:
        parts = [place_title(*pixel, first=self._session.first_pixel)]
        if values is not None:
            parts.append(", ".join(_value_text(cube, *item) for item in zip(bands, values.tolist(), strict=True)))
        parts += self._findings(pixel)
        geo = None if self._session.cube is None else self._session.cube.geo
        place = self._place(geo, pixel)
        if geo is not None and place is None and isinstance(geo, Georeference):
            parts.append(describe_place(geo, *pixel, "map only"))
        parts += [place] if place else []
        self._readout.set_text(" · ".join(parts))
        if geo is not None and place is None:
            self._locate(geo, pixel)

    def _place(self, geo: Location | None, pixel: Pixel) -> str | None:
        """Where a pixel lies, '' without a map, None where that has to be found in the background."""
        if geo is None:
            return ""
        if self._told is not None and self._told[:3] == (geo, pixel, self._notation):
            return self._told[3]
        known = geo is self._located and (isinstance(geo, Georeference) or geo.at_hand(*pixel))
        return describe_place(geo, *pixel, self._notation) if known else None

    def _locate(self, geo: Location, pixel: Pixel) -> None:
        """Find a place in the background: at first systems of coordinates are looked up, later coordinates are read."""

        notation = self._notation

        def tell(text: str) -> None:
            self._located, self._told = geo, (geo, pixel, notation, text)
            if self._session.cursor == pixel:
                self.refresh()

        def fail(_: Job) -> None:
            tell(UNREADABLE)

        self._jobs.quick(describe_place, geo, *pixel, notation, key="place", done=tell, failed=fail)

    def _findings(self, pixel: Pixel) -> list[str]:
        """Score, truth and superpixel of a pixel, where there are any."""
        session = self._session
        found: list[str] = []
        entry, truth, segments = session.selected, session.truth, session.state.segmentation
        if entry is not None and _inside(pixel, entry.result.scores.shape):
            found.append(f"Score {_number(float(entry.result.scores[pixel]))} ({entry.title})")
        if truth is not None and _inside(pixel, truth.mask.shape):
            found.append(f"Truth: {'anomaly' if truth.mask[pixel] else 'background'}")
        if segments is not None and _inside(pixel, segments.labels.shape) and segments.labels[pixel] >= 0:
            found.append(f"Superpixel {int(segments.labels[pixel]) + 1}")
        return found


def _inside(pixel: Pixel, shape: tuple[int, ...]) -> bool:
    return 0 <= pixel[0] < shape[0] and 0 <= pixel[1] < shape[1]


def _value_text(cube: Cube, band: int, value: float) -> str:
    centres, names = cube.bands.centres, cube.bands.names
    name = f"Band {band + 1}" if centres is None else f"{centres[band]:.1f} nm"
    if isinstance(cube.source, ComponentSource) and names is not None:
        name = names[band].partition(" (")[0]
    return f"{name}: {_number(value)}"


def _number(value: float) -> str:
    return "no data" if np.isnan(value) else f"{value:.5g}"
