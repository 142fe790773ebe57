"""Spectra: pointer, crosshair and collected pixels on one side, reading in the background, the dock on the other."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hadviewer.core.cube import Cube
from hadviewer.engine.display import resolve
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.pins import place_title
from hadviewer.engine.session import Session
from hadviewer.engine.spectra import SpectrumReader
from hadviewer.gui.controllers._spectra import (
    Collection,
    Painting,
    Place,
    Samples,
    Shown,
    axis_title,
    library_of,
    quantity_of,
    read_collection,
    read_live,
    summary_title,
    table_text,
    write_picture,
    write_spectra,
)
from hadviewer.gui.views.spectral_axis import SpectralAxis
from hadviewer.gui.views.spectrum_data import LIVE, SEGMENT, SUMMARY, Curve, Values

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.spectrum_protocols import SpectrumViewLike

Pixel = tuple[int, int]
MANY = 200
"""So many spectra are collected without asking; more take long to draw and cannot be told apart."""


class SpectrumController:
    """Shows the spectrum under the cursor and the collected ones.

    One pixel is read at a time: while that goes on the cursor may run ahead, and then only where it is last is read.
    """

    def __init__(self, session: Session, jobs: JobRunner, view: "SpectrumViewLike", messages: "MessagesLike") -> None:
        self._session, self._jobs, self._view, self._messages = session, jobs, view, messages
        self._cube: Cube | None = None
        self._reader: SpectrumReader | None = None
        self._painting: Painting | None = None
        self._read: dict[Place, Samples] = {}
        self._shown: dict[int, Shown] = {}
        self._summary: tuple[str, Shown] | None = None
        self._live: tuple[str, Shown] | None = None
        self._segment: tuple[str, Shown] | None = None
        self._anchor: Pixel | None = None
        self._last: Pixel | None = None
        self._wanted: Pixel | None = None
        self._reading = self._refused = False
        session.scene_changed.connect(self._show_scene)
        session.bands_changed.connect(self._change_bands)
        session.display_changed.connect(self._show_bands)
        session.pins_changed.connect(self._show_pins)
        session.spectra_changed.connect(self._repaint)
        session.first_pixel_changed.connect(self._repaint)
        session.cursor_changed.connect(self._move)
        session.segmentation_changed.connect(self._show_segment)
        self._listen()
        self._show_scene()

    def _listen(self) -> None:
        """Do what the dock asks for."""
        view, pins = self._view, self._session.pins
        view.intent_edited.connect(lambda changes: pins.intend(**changes))
        view.intent_settled.connect(self._session.seal_step)
        view.pins_removed.connect(pins.remove)
        view.pins_shown.connect(lambda ids, visible: pins.update(ids, visible=visible))
        view.pin_renamed.connect(lambda pin, name: pins.update([pin], name=name))
        view.pins_coloured.connect(lambda ids, colour: pins.update(ids, colour=colour))
        view.pins_cleared.connect(pins.clear)
        view.kept.connect(self.keep)
        view.copy_requested.connect(self.copy)
        view.export_requested.connect(self.export)
        view.picture_requested.connect(self.save_picture)

    # What users do on the image

    def look_at(self, pixel: Pixel | None) -> None:
        """The crosshair is there now: its spectrum stays when the pointer leaves the image."""
        self._anchor = pixel
        self._want(pixel)

    def collect(self, pixels: Sequence[Pixel], merge: str = "", ask: bool = True) -> None:
        """Collect the spectra of pixels, those of a gesture (``merge``) in one step to undo; none is doubled.

        Where it would become more than can be told apart, the user is asked first.
        """
        cube, pins = self._cube, self._session.pins
        if cube is None:
            return
        inside = [pixel for pixel in dict.fromkeys(pixels) if _inside(pixel, cube)]
        present = {pixel: pins.at(pixel) for pixel in inside}
        again = [pin.id for pin in present.values() if pin is not None and not pin.visible]
        fresh = [pixel for pixel, pin in present.items() if pin is None]
        room = MANY - len(self._session.state.pins) if ask else len(fresh)
        if again:
            pins.update(again, visible=True)
        if fresh[: max(room, 0)]:
            pins.collect(fresh[: max(room, 0)], merge=merge)
        held = fresh[max(room, 0) :]
        if held:
            self._messages.info(
                f"{MANY} spectra are collected. More take long to draw and can hardly be told apart.",
                (f"Collect {len(held)} more", lambda: self.collect(held, ask=False)),
            )

    def keep(self, keys: Sequence[int]) -> None:
        """Collect curves that come by themselves: that of the cursor by its pixel, means by their values."""
        means = {SEGMENT: self._segment, SUMMARY: self._summary}
        named = [found for key, found in means.items() if key in keys and found is not None]
        if named:
            self._session.pins.keep([(title, shown.raw.astype(np.float32)) for title, shown in named], "mean")
        if LIVE in keys and self._last is not None:
            self.collect([self._last])

    # What leaves the program

    def spectra(self, keys: Sequence[int] = ()) -> list[tuple[str, Values]]:
        """These spectra as they are drawn, with their names; without ``keys`` all that are in sight."""
        followers = {LIVE: self._live, SEGMENT: self._segment, SUMMARY: self._summary}
        found = [(key, named[0], named[1]) for key, named in followers.items() if named is not None]
        found += [
            (pin.id, pin.title(self._session.first_pixel), self._shown[pin.id])
            for pin in self._session.state.pins
            if pin.id in self._shown and (pin.visible or pin.id in keys)
        ]
        return [
            line for key, title, shown in found if not keys or key in keys for line in self._lines(key, title, shown)
        ]

    def copy(self, keys: Sequence[int] = ()) -> None:
        """Put spectra on the clipboard, as a table that a spreadsheet takes."""
        cube, spectra = self._cube, self.spectra(keys)
        if cube is not None and spectra:
            library = library_of(cube, spectra, quantity_of(cube, self._session.state.spectra.treatment))
            self._view.copy_text(table_text(library, cube.bands))

    def export(self, path: Path, keys: Sequence[int] = ()) -> None:
        """Write spectra into a table, an ENVI library or a text, as the ending says."""
        cube, spectra = self._cube, self.spectra(keys)
        if cube is None or not spectra:
            self._messages.warn("There is no spectrum to export. Shift+click on the image collects one.")
            return
        library = library_of(cube, spectra, quantity_of(cube, self._session.state.spectra.treatment))
        self._write(path, f"{len(spectra)} spectra are", write_spectra, library, cube)

    def save_picture(self, path: Path) -> None:
        """Write the plot as a picture."""
        self._write(path, "The plot is", write_picture, self._view.picture(path.suffix.lower() == ".svg"))

    def _write(self, path: Path, what: str, write: Callable[..., Path], *values: object) -> None:
        self._jobs.quick(
            write,
            path,
            *values,
            title=f"Export {path.name}",
            done=lambda written: self._messages.info(f"{what} in {written}."),
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def _lines(self, key: int, title: str, shown: Shown) -> list[tuple[str, Values]]:
        """A spectrum as it is exported; the band around a mean goes along."""
        lines = [(title, shown.values)]
        if shown.ribbon is not None:
            edges = ("− σ", "+ σ") if self._session.state.spectra.spread == "sigma" else ("minimum", "maximum")
            name = title.removesuffix(" ± σ").removesuffix(", min – max")
            lines += [(f"{name}, {edges[0]}", shown.ribbon.low), (f"{name}, {edges[1]}", shown.ribbon.high)]
        return lines

    # What changes

    def _show_scene(self) -> None:
        cube = self._session.cube
        if cube is self._cube and cube is not None:
            return
        self._cube, self._read, self._shown, self._refused = cube, {}, {}, False
        self._wanted = self._anchor = self._last = None
        self._reader = None if cube is None else SpectrumReader(cube)
        self._live = self._segment = None
        for key in (LIVE, SEGMENT):
            self._view.follow(key, None)
        self._repaint()
        self._show_bands()

    def _change_bands(self) -> None:
        """Other bands are bad: what was read stays, what is drawn does not."""
        self._cube, self._shown, self._summary = self._session.cube, {}, None
        self._repaint()
        self._show_bands()

    def _repaint(self) -> None:
        """Another axis, treatment or band around means: everything is drawn anew."""
        intent, cube = self._session.state.spectra, self._cube
        before = self._painting
        if cube is None:
            self._painting = None
            self._view.set_axis(None)
        else:
            axis = SpectralAxis(cube.bands.mask, cube.bands.centres, intent.in_nm)
            self._painting = Painting(axis, intent.treatment, intent.spread)
            if before is None or _plain(before) != _plain(self._painting) or before.axis.usable is not axis.usable:
                self._shown, self._summary = {}, None
                self._view.set_axis(axis, axis_title(cube, intent.treatment))
        self._view.show_intent(intent)
        self._show_pins()
        self._show_segment()
        if self._live is not None and self._wanted is None:
            self._want(self._at())

    def _show_bands(self) -> None:
        cube = self._cube
        self._view.show_bands(() if cube is None else resolve(self._session.state.display, cube).cube_bands)

    # The live spectrum

    def _move(self, pixel: Pixel | None) -> None:
        """The pointer is elsewhere; beside the image the crosshair's spectrum comes back, else the last one stays."""
        follow = self._session.state.spectra.follow
        if pixel is not None and self._cube is not None and _inside(pixel, self._cube):
            self._show_segment()
        self._want(pixel if follow and pixel is not None else self._anchor)

    def _at(self) -> Pixel | None:
        """Whose spectrum is the live one."""
        pointed = self._session.cursor if self._session.state.spectra.follow else None
        return pointed or self._anchor or self._last

    def _want(self, pixel: Pixel | None) -> None:
        if pixel is None or self._cube is None or not _inside(pixel, self._cube):
            return
        self._wanted = pixel
        self._read_next()

    def _read_next(self) -> None:
        cube, reader, painting, pixel = self._cube, self._reader, self._painting, self._wanted
        if cube is None or reader is None or painting is None or pixel is None or self._reading:
            return
        self._reading, self._wanted = True, None
        window, first = self._session.state.spectra.window, self._session.first_pixel

        def show(read: tuple[Samples, Shown]) -> None:
            self._reading = False
            if cube is self._cube:
                self._refused, self._last = False, pixel
                # Its window stands beside the plot anyway; a file has to say it.
                self._live = (f"Cursor: {place_title(*pixel, window, first).lower()}", read[1])
                title = f"Cursor: {place_title(*pixel, first=first).lower()}"
                self._view.follow(LIVE, Curve(LIVE, title, read[1].values, ribbon=read[1].ribbon))
            self._read_next()

        def complain(job: Job) -> None:
            self._reading = False
            if cube is self._cube:
                self._complain(job)
            self._read_next()

        self._jobs.quick(read_live, reader, (*pixel, *window), painting, done=show, failed=complain)

    def _complain(self, job: Job) -> None:
        """A file that has become unreadable is said once, not at each movement of the mouse."""
        if not self._refused:
            self._refused = True
            self._messages.error(job.error, job.details)

    # The collected spectra

    def _show_pins(self) -> None:
        """Show what there is at once, then read and draw what is missing."""
        cube, reader, painting = self._cube, self._reader, self._painting
        pins = self._session.state.pins
        places = {pin.place for pin in pins}
        self._read = {place: samples for place, samples in self._read.items() if place in places}
        self._shown = {pin.id: self._shown[pin.id] for pin in pins if pin.id in self._shown}
        self._tell_pins()
        if cube is None or reader is None or painting is None:
            return
        wanted = [
            # Libraries and means have no part in the mean of what was found in the scene.
            (
                pin.id,
                pin.place if pin.values is None else pin.values[np.newaxis],
                pin.visible and pin.kind in ("pixel", "region"),
            )
            for pin in pins
            if pin.values is None or len(pin.values) == cube.shape[2]
        ]

        def keep(done: Collection) -> None:
            if painting is self._painting and pins is self._session.state.pins:
                self._read |= done.read
                self._shown = done.shown
                named = None if done.summary is None else (summary_title(painting.spread, done.counted), done.summary)
                self._summary = named
                self._tell_pins()

        if all(key in self._shown for key, _, _ in wanted) and painting.spread == "none":
            self._summary = None
            self._tell_pins()
            return
        self._jobs.quick(
            read_collection, reader, wanted, dict(self._read), dict(self._shown), painting,
            key="collected-spectra", done=keep, failed=self._complain,
        )  # fmt: skip

    def _tell_pins(self) -> None:
        first = self._session.first_pixel
        self._view.set_pins([
            Curve(pin.id, pin.title(first), shown.values, pin.colour, pin.visible, shown.ribbon, pin.about(first))
            for pin in self._session.state.pins
            if (shown := self._shown.get(pin.id)) is not None
        ])  # fmt: skip
        named = self._summary
        curve = None if named is None else Curve(SUMMARY, named[0], named[1].values, ribbon=named[1].ribbon)
        self._view.follow(SUMMARY, curve)

    def _show_segment(self) -> None:
        """The mean spectrum of the superpixel under the cursor."""
        found, pixel = self._session.state.segmentation, self._session.cursor
        cube, painting = self._cube, self._painting
        if found is None or cube is None or painting is None:
            self._segment = None
            self._view.follow(SEGMENT, None)
            return
        if pixel is None or not _inside(pixel, cube) or found.labels.shape != cube.shape[:2]:
            return
        label = int(found.labels[pixel])
        if label < 0 or found.means.shape[1] != cube.shape[2]:
            self._segment = None
            self._view.follow(SEGMENT, None)
            return
        shown = painting.show(found.means[label : label + 1])
        self._segment = (f"Superpixel {label + 1}: mean", shown)
        self._view.follow(SEGMENT, Curve(SEGMENT, self._segment[0], shown.values))


def _plain(painting: Painting) -> tuple[object, ...]:
    return painting.treatment, painting.spread, painting.axis.in_nm


def _inside(pixel: Pixel, cube: Cube) -> bool:
    return 0 <= pixel[0] < cube.shape[0] and 0 <= pixel[1] < cube.shape[1]
