"""Spectral libraries: opened from files, compared with a pixel, drawn beside its spectrum."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.core.library import SpectralLibrary
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.libraries import is_library, open_libraries
from hadviewer.engine.pins import Pin
from hadviewer.engine.session import Session
from hadviewer.gui.controllers._likeness import (
    LIKENESSES,
    Spectra,
    at_level,
    compare,
    fit_libraries,
    measure_choices,
)
from hadviewer.gui.views.library_data import Choice, LibraryPlace, LibraryRows

if TYPE_CHECKING:
    from hadviewer.gui.views.library_protocols import LibraryPanelLike
    from hadviewer.gui.views.protocols import MessagesLike

Pixel = tuple[int, int]
CROSSHAIR = "crosshair"
MANY = 100
"""So many library spectra are drawn without asking."""


class LibraryController:
    """Keeps the library dock as the session says.

    Spectra are resampled once for each scene and library, in the background. What is ticked becomes a collected
    spectrum of the kind 'library': the spectrum dock names, colours and exports it like any other.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        panel: "LibraryPanelLike",
        messages: "MessagesLike",
        show_spectra: Callable[[], None] = lambda: None,
    ) -> None:
        self._session, self._jobs, self._panel, self._messages = session, jobs, panel, messages
        self._show_spectra = show_spectra
        self._cube: Cube | None = None
        self._fitted: dict[int, Spectra] = {}
        self._drawn: dict[int, tuple[Spectra, LibraryPlace]] = {}
        self._waiting: list[LibraryPlace] = []
        self._pixel: Pixel | None = None
        self._target: Spectra | None = None
        self._chosen, self._likeness = CROSSHAIR, "degrees"
        panel.set_measures(measure_choices())
        panel.close_requested.connect(self.close)
        panel.ticked.connect(self.draw)
        panel.measure_chosen.connect(self.set_measure)
        panel.target_chosen.connect(self.set_target)
        session.libraries_changed.connect(self._show_libraries)
        session.pins_changed.connect(self._show_pins)
        session.first_pixel_changed.connect(self._show_pins)
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._show_bands)
        self._show_libraries()
        self._show_scene()

    # What users ask for

    def open(self, paths: Sequence[Path]) -> None:
        """Open libraries; files that cannot be read are told, the others open."""

        def keep(found: tuple[list[SpectralLibrary], list[ReadError]]) -> None:
            libraries, failed = found
            self._session.shelf.add(libraries)
            notes = list(dict.fromkeys(note for library in libraries for note in library.notes))
            if failed:
                details = "\n".join(filter(None, (f"{error}\n{error.details}".strip() for error in failed)))
                self._messages.error(str(failed[0]), details)
            elif notes:
                self._messages.info(" ".join(notes))

        name = paths[0].name if len(paths) == 1 else f"{len(paths)} files"
        self._jobs.quick(open_libraries, list(paths), title=f"Open {name}", done=keep, failed=self._fail)

    def close(self, library: int) -> None:
        """Close a library; what was drawn of it stays in the spectrum dock."""
        self._session.shelf.remove(library)

    def open_dropped(self, paths: Sequence[Path], others: Callable[[list[Path]], None]) -> None:
        """Open those of the dropped files that are libraries; the others are left to who knows them."""

        def sort_out(libraries: list[Path]) -> None:
            rest = [path for path in paths if path not in libraries]
            if libraries:
                self.open(libraries)
            if rest:
                others(rest)

        self._jobs.quick(_libraries_among, list(paths), done=sort_out, failed=self._fail)

    def look_at(self, pixel: Pixel | None) -> None:
        """The crosshair is on another pixel, or gone."""
        self._pixel = pixel
        if self._chosen == CROSSHAIR:
            self._read_target()

    def set_measure(self, likeness: str) -> None:
        """Compare in another way."""
        self._likeness = likeness
        self._compare()

    def set_target(self, chosen: str) -> None:
        """Compare with the pixel under the crosshair, or with a collected spectrum (its id)."""
        self._chosen = chosen
        self._target = None
        self._read_target()

    def draw(self, places: Sequence[LibraryPlace], shown: bool, ask: bool = True) -> None:
        """Draw library spectra in the spectrum dock, or no more; without places all of them."""
        present = {place: pin.id for pin in self._session.state.pins if (place := self._place_of(pin)) is not None}
        if not shown:
            self._session.pins.remove([id_ for place, id_ in present.items() if not places or place in places])
            self._tell_ticked()
            return
        if self._cube is not None and any(place[0] not in self._fitted for place in places):
            self._waiting = list(places)  # drawn as soon as they are resampled
            return
        fresh = [place for place in dict.fromkeys(places) if place not in present]
        room = max(0, MANY - len(present)) if ask else len(fresh)
        held = fresh[room:]
        if fresh[:room]:
            self._collect(fresh[:room])
        if held:
            self._messages.info(
                f"{MANY} library spectra are drawn. More take long to draw and can hardly be told apart.",
                (f"Draw {len(held)} more", lambda: self.draw(held, shown=True, ask=False)),
            )
        self._tell_ticked()

    # Inside

    def _collect(self, places: Sequence[LibraryPlace]) -> None:
        """Make collected spectra of library spectra, resampled to the scene."""
        if self._cube is None:
            self._messages.warn("Open a cube first: library spectra are drawn over its bands.")
            return
        spectra: list[tuple[str, Spectra]] = []
        origins: list[LibraryPlace] = []
        for place in places:
            library, fitted = self._session.shelf.find(place[0]), self._fitted.get(place[0])
            if library is None or fitted is None or not np.isfinite(fitted[place[1]]).any():
                continue
            values, name = fitted[place[1]].copy(), library.names[place[1]]
            if self._panel.levelled and self._target is not None:
                values, factor = at_level(values, self._target, self._cube.bands.mask)
                name = f"{name} × {factor:.4g}"
            spectra.append((name, values))
            origins.append(place)
        if len(spectra) < len(places):
            left = len(places) - len(spectra)
            which = "One of these spectra" if left == 1 else f"{left} of these spectra"
            self._messages.warn(f"{which} cannot be drawn. {_no_likeness(self._cube)}")
        for (_, values), place in zip(spectra, origins, strict=True):
            self._drawn[id(values)] = (values, place)
        if spectra:
            self._session.pins.keep(spectra, "library")
            self._show_spectra()

    def _place_of(self, pin: Pin) -> LibraryPlace | None:
        """Which spectrum of a library a collected one came from."""
        known = self._drawn.get(id(pin.values))
        return known[1] if known is not None and known[0] is pin.values else None

    def _show_libraries(self) -> None:
        shelved = self._session.state.libraries
        self._panel.set_libraries([
            LibraryRows(item.id, item.library.name, item.library.names, _about(item.library)) for item in shelved
        ])  # fmt: skip
        self._fitted = {item.id: self._fitted[item.id] for item in shelved if item.id in self._fitted}
        self._tell_ticked()
        self._fit()

    def _show_scene(self) -> None:
        cube = self._session.cube
        if self._cube is not None and self._cube.same_pixels(cube):
            return
        self._cube, self._fitted, self._target, self._pixel = cube, {}, None, None
        self._chosen, self._waiting = CROSSHAIR, []
        self._show_pins()
        self._fit()

    def _show_bands(self) -> None:
        """Other bands are bad: likeness is over the good ones."""
        self._cube = self._session.cube
        self._compare()

    def _show_pins(self) -> None:
        """Offer the collected spectra to compare with; mark which library spectra are drawn."""
        pins = [pin for pin in self._session.state.pins if pin.kind != "library"]
        if self._chosen != CROSSHAIR and self._chosen not in {str(pin.id) for pin in pins}:
            self._chosen, self._target = CROSSHAIR, None
            self._read_target()
        first = self._session.first_pixel
        named = [Choice(str(pin.id), pin.title(first)) for pin in pins]
        choices = [Choice(CROSSHAIR, "Pixel under the crosshair"), *named]
        self._panel.set_targets(choices, self._chosen)
        self._tell_ticked()

    def _tell_ticked(self) -> None:
        places = ((self._place_of(pin), pin.colour) for pin in self._session.state.pins)
        self._panel.set_ticked({place: colour for place, colour in places if place is not None})

    def _fit(self) -> None:
        """Resample what is not resampled yet."""
        cube = self._cube
        missing = [(item.id, item.library) for item in self._session.state.libraries if item.id not in self._fitted]
        if cube is None or not missing:
            self._compare()
            return

        def keep(fitted: dict[int, Spectra]) -> None:
            if cube.same_pixels(self._cube):
                self._fitted |= fitted
                self._compare()
                waiting, self._waiting = self._waiting, []
                if waiting:
                    self.draw(waiting, shown=True)

        self._jobs.quick(fit_libraries, missing, cube.bands, key="fit-libraries", done=keep, failed=self._fail)

    def _read_target(self) -> None:
        """Have the spectrum read that all others are compared with."""
        cube, pin = self._cube, self._pin()
        if pin is not None and pin.values is not None:
            self._target = pin.values
            self._compare()
            return
        pixel = self._pixel if pin is None else (pin.row, pin.col)
        if cube is None or pixel is None or not (0 <= pixel[0] < cube.shape[0] and 0 <= pixel[1] < cube.shape[1]):
            self._target = None
            self._compare()
            return
        chosen = self._chosen

        def keep(values: Spectra) -> None:
            if cube.same_pixels(self._cube) and chosen == self._chosen:
                self._target = values
                self._compare()

        window = (1, 1) if pin is None else pin.window
        self._jobs.quick(_read_mean, cube, pixel, window, key="library-target", done=keep, failed=self._fail)

    def _pin(self) -> Pin | None:
        """The collected spectrum to compare with, None for the crosshair."""
        return next((pin for pin in self._session.state.pins if str(pin.id) == self._chosen), None)

    def _compare(self) -> None:
        """Say how like the spectra of all libraries are to the target."""
        cube, target, likeness = self._cube, self._target, LIKENESSES[self._likeness]
        ids = [item.id for item in self._session.state.libraries]
        if cube is None or target is None or not ids or any(id_ not in self._fitted for id_ in ids):
            self._panel.set_scores(None, likeness.heading, likeness.digits)
            waiting = cube is not None and ids and target is None
            self._panel.set_hint("Click on the image: the spectra most like that pixel come first." if waiting else "")
            return
        fitted = [self._fitted[id_] for id_ in ids]

        def show(scores: np.ndarray) -> None:
            if target is self._target and ids == [item.id for item in self._session.state.libraries]:
                self._panel.set_scores(scores, likeness.heading, likeness.digits)
                self._panel.set_hint("" if np.isfinite(scores).any() else _no_likeness(cube))

        mask = cube.bands.mask
        self._jobs.quick(compare, target, fitted, mask, likeness, key="compare-library", done=show, failed=self._fail)

    def _fail(self, job: Job) -> None:
        self._messages.error(job.error, job.details)


def _about(library: SpectralLibrary) -> str:
    """Where a library comes from and what it holds, in a line."""
    parts = [f"{library.name}: {len(library)} spectra, {library.bands} bands"]
    if library.wavelengths is not None:
        parts.append(f"{library.wavelengths.min():.0f}-{library.wavelengths.max():.0f} nm")
    parts.append(library.quantity)
    return ", ".join(parts)


def _no_likeness(cube: Cube) -> str:
    if cube.bands.centres is None:
        return "The scene has no wavelengths, and the libraries another number of bands."
    return "There are too few wavelengths in common with the scene."


def _libraries_among(paths: list[Path]) -> list[Path]:
    return [path for path in paths if path.is_file() and is_library(path)]


def _read_mean(cube: Cube, pixel: Pixel, window: tuple[int, int]) -> Spectra:
    """The spectrum of a pixel, or the mean of the window around it."""
    from hadviewer.engine.spectra import SpectrumReader
    from hadviewer.gui.controllers._spectra import mean

    return np.asarray(mean(SpectrumReader(cube).around(*pixel, window)), dtype=np.float32)
