"""What the palette reads from typed numbers: 'band 40', '850 nm', '120, 45', a place on the map."""

import re
from collections.abc import Callable
from dataclasses import replace

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ParamError
from hadviewer.core.geo import Georeference
from hadviewer.engine.places import PlaceKind, find_pixel
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.palette import Offer
from hadviewer.gui.views.palette_data import PaletteRow

_BAND = re.compile(r"(?:band|b|#)?\s*(\d{1,6})", re.IGNORECASE)
_WAVELENGTH = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*(nm|um|µm|μm)", re.IGNORECASE)
_DEGREES = re.compile(r"[NSEWnsew°'\"]")
_FAR_NM = 50.0
NO_SCENE = "Open a cube first"


class PaletteJumps:
    """Bands by number or wavelength, shown in grey, and places of the open scene; ``go(kind, text)`` goes to one."""

    def __init__(self, session: Session, go: Callable[[PlaceKind, str], object]) -> None:
        self._session, self._go = session, go

    def read(self, text: str) -> list[Offer]:
        """What somebody who types this may mean."""
        text = text.strip()
        if match := _WAVELENGTH.fullmatch(text):
            factor = 1.0 if match[2].lower() == "nm" else 1000.0
            return self._wavelength(float(match[1]) * factor)
        if match := _BAND.fullmatch(text):
            return self._band(int(match[1]))
        numbers = re.findall(r"[-+]?\d+(?:\.\d+)?", text)
        if len(numbers) < 2 or re.search(r"[^-+0-9.,;\s°'\"NSEWnsew]", text):
            return []
        return self._places(text)

    def _band(self, number: int) -> list[Offer]:
        cube = self._session.cube
        if cube is None:
            return [_refused(f"Show band {number}", NO_SCENE)]
        if not 1 <= number <= cube.bands.count:
            return [_refused(f"Show band {number}", f"The scene has bands 1 to {cube.bands.count}")]
        return [self._show(cube, number - 1)]

    def _wavelength(self, nanometres: float) -> list[Offer]:
        cube, name = self._session.cube, f"Show {nanometres:g} nm"
        if cube is None:
            return [_refused(name, NO_SCENE)]
        band = cube.bands.nearest(nanometres)
        if band is None or cube.bands.centres is None:
            return [_refused(name, "The scene has no wavelengths")]
        away = abs(float(cube.bands.centres[band]) - nanometres)
        if away > _FAR_NM:
            return [_refused(name, f"The nearest band is {away:.0f} nm away: {cube.bands.label(band)}")]
        return [self._show(cube, band)]

    def _show(self, cube: Cube, band: int) -> Offer:
        def act() -> None:
            intent = self._session.state.display
            stretch = intent.stretch if intent.mode == "grey" else intent.stretch.automatic
            self._session.set_display(replace(intent, mode="grey", bands=(band,), stretch=stretch))

        tip = "In grey" if cube.bands.mask[band] else "In grey; it is marked as bad"
        label = cube.bands.label(band)
        return Offer(PaletteRow(f"Show {label[:1].lower()}{label[1:]}", "Bands", tip=tip), act)

    def _places(self, text: str) -> list[Offer]:
        cube = self._session.cube
        if cube is None:
            return [_refused(f"Go to {text}", NO_SCENE)]
        if _DEGREES.search(text):
            return [self._place(cube, "latlon", text, "Latitude, longitude")]
        offers = [self._place(cube, "pixel", text, f"Line, sample (from {self._session.first_pixel})")]
        if cube.geo is not None:
            offers += [
                self._place(cube, "map", text, "Map x, y"),
                self._place(cube, "latlon", text, "Latitude, longitude"),
            ]
        return sorted(offers, key=lambda offer: bool(offer.row.reason))

    def _place(self, cube: Cube, kind: PlaceKind, text: str, title: str) -> Offer:
        reason = ""
        if cube.geo is None and kind != "pixel":
            reason = "The scene has no map"
        elif kind == "pixel" or (kind == "map" and isinstance(cube.geo, Georeference)):
            # Degrees take a moment the first time, coordinates of each pixel are read: these are looked at when chosen.
            try:
                find_pixel(cube, kind, text, self._session.first_pixel)
            except ParamError as error:
                reason = error.message
        return Offer(PaletteRow(f"Go to {text}", title, reason=reason), lambda: self._go(kind, text))


def _refused(text: str, reason: str) -> Offer:
    return Offer(PaletteRow(text, reason=reason), lambda: None)
