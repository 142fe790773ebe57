"""Spectra: the cursor and the pins on one side, reading pixels in the background, the spectrum dock on the other."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.engine.display import resolve
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.gui.views.data import PinnedSpectrum, Spectrum

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike, SpectrumViewLike

Pixel = tuple[int, int]
Named = tuple[str, Spectrum]


class SpectrumController:
    """Shows the spectrum under the cursor and those of the pins.

    One pixel is read at a time: while that goes on the cursor may run ahead, and then only where it is last is read.
    """

    def __init__(self, session: Session, jobs: JobRunner, view: "SpectrumViewLike", messages: "MessagesLike") -> None:
        self._session, self._jobs, self._view, self._messages = session, jobs, view, messages
        self._cube: Cube | None = None
        self._read: dict[Pixel, Spectrum] = {}
        self._live: Named | None = None
        self._segment: Named | None = None
        self._reading = False
        self._wanted: Pixel | None = None
        self._refused = False
        session.scene_changed.connect(self._show_scene)
        session.display_changed.connect(self._show_bands)
        session.pins_changed.connect(self._show_pins)
        session.cursor_changed.connect(self._follow)
        session.segmentation_changed.connect(self._show_segment)
        view.pin_removed.connect(lambda pin: session.pins.remove([pin]))
        view.pin_shown.connect(lambda pin, visible: session.pins.update([pin], visible=visible))
        view.pins_cleared.connect(lambda: session.pins.clear())
        view.copy_requested.connect(self.copy)
        view.export_requested.connect(self.export)
        self._show_scene()

    def pin(self, row: int, col: int) -> None:
        """Keep the spectrum of a pixel; one that is kept already is shown, never doubled."""
        if self._cube is None or not _inside((row, col), self._cube):
            return
        kept = next((pin for pin in self._session.state.pins if (pin.row, pin.col) == (row, col)), None)
        if kept is None:
            self._session.pins.add(row, col)
        elif not kept.visible:
            self._session.pins.update([kept.id], visible=True)

    def spectra(self) -> list[Named]:
        """What is shown now, with its names."""
        pins = [(pin_title(pin.row, pin.col), (pin.row, pin.col)) for pin in self._session.state.pins if pin.visible]
        kept = [(title, self._read[pixel]) for title, pixel in pins if pixel in self._read]
        return [named for named in (self._live, self._segment) if named is not None] + kept

    def copy(self) -> None:
        """Put what is shown on the clipboard, as a table that a spreadsheet takes."""
        if self._cube is not None:
            header, rows = spectra_table(self._cube.bands, self.spectra())
            self._view.copy_text("\n".join("\t".join(map(str, row)) for row in (header, *rows)) + "\n")

    def export(self, path: Path) -> None:
        """Write what is shown into a CSV file."""
        cube, spectra = self._cube, self.spectra()
        if cube is None or not spectra:
            self._messages.warn("There is no spectrum to export. Click on the image to keep one.")
        else:
            header, rows = spectra_table(cube.bands, spectra)
            comment = f"Spectra of {cube.name}: {_quantity(cube)}"
            self._jobs.quick(
                _write, path, header, list(rows), comment, title=f"Export {path.name}", done=self._written,
                failed=lambda job: self._messages.error(job.error, job.details),
            )  # fmt: skip

    def _written(self, path: Path) -> None:
        self._messages.info(f"The spectra are in {path}.")

    def _show_scene(self) -> None:
        cube = self._session.cube
        if cube is self._cube and cube is not None:
            return
        self._cube, self._read, self._wanted, self._refused = cube, {}, None, False
        self._live = self._segment = None
        if cube is None:
            self._view.set_bands(None)
        else:
            self._view.set_bands(cube.bands.mask, cube.bands.centres, _quantity(cube))
        self._show_bands()
        self._show_pins()

    def _show_bands(self) -> None:
        cube = self._cube
        self._view.show_bands(() if cube is None else resolve(self._session.state.display, cube).bands)

    def _follow(self, pixel: Pixel | None) -> None:
        """Read the spectrum under the cursor; off the image the last one stays."""
        if pixel is None or self._cube is None or not _inside(pixel, self._cube):
            return
        self._wanted = pixel
        self._show_segment()
        if not self._reading:
            self._read_wanted()

    def _read_wanted(self) -> None:
        cube, pixel = self._cube, self._wanted
        if cube is None or pixel is None:
            return
        self._wanted, self._reading = None, True

        def show(values: Spectrum) -> None:
            self._reading = False
            if cube is self._cube:
                self._live = (f"Cursor: line {pixel[0]}, sample {pixel[1]}", values)
                self._view.set_live(values, self._live[0])
            self._read_wanted()

        def give_up(job: Job) -> None:
            self._reading = False
            self._complain(job)
            self._read_wanted()

        self._jobs.quick(cube.pixel, *pixel, key="cursor-spectrum", done=show, failed=give_up)

    def _complain(self, job: Job) -> None:
        """One message per scene: the cursor would bring hundreds."""
        if not self._refused:
            self._refused = True
            self._messages.error(job.error, job.details)

    def _show_pins(self) -> None:
        """Show the pins whose spectra are there, and have the others read."""
        cube, pins = self._cube, self._session.state.pins
        places = {(pin.row, pin.col) for pin in pins}
        self._read = {pixel: values for pixel, values in self._read.items() if pixel in places}
        self._view.set_pins([
            PinnedSpectrum(pin.id, pin_title(pin.row, pin.col), pin.colour, pin.visible, self._read[pin.row, pin.col])
            for pin in pins
            if (pin.row, pin.col) in self._read
        ])  # fmt: skip
        missing = sorted(places - set(self._read))
        if cube is None or not missing:
            return

        def keep(spectra: list[Spectrum]) -> None:
            if cube is self._cube:
                self._read.update(zip(missing, spectra, strict=True))
                self._show_pins()

        self._jobs.quick(_read_pixels, cube, missing, key="pinned-spectra", done=keep, failed=self._complain)

    def _show_segment(self) -> None:
        """The mean spectrum of the superpixel under the cursor."""
        found, pixel = self._session.state.segmentation, self._session.cursor
        if found is None or self._cube is None:
            self._segment = None
            self._view.set_segment(None)
            return
        if pixel is None or not _inside(pixel, self._cube) or found.labels.shape != self._cube.shape[:2]:
            return
        label = int(found.labels[pixel])
        title = f"Superpixel {label + 1}: mean"
        if label < 0:
            self._segment = None
            self._view.set_segment(None)
        elif self._segment is None or self._segment[0] != title or self._segment[1].base is not found.means:
            self._segment = (title, found.means[label])
            self._view.set_segment(self._segment[1], title)


def pin_title(row: int, col: int) -> str:
    """What a pixel is called: 'Line 12, sample 30', both counted from 0."""
    return f"Line {row}, sample {col}"


def spectra_table(bands: BandSet, spectra: Sequence[Named]) -> tuple[list[str], Iterator[list[Any]]]:
    """Header and rows of a table of spectra: a row per band, wavelength where known, bad bands told, gaps empty."""
    header = ["band", *(["wavelength_nm"] if bands.centres is not None else []), "usable"]
    header += [title for title, _ in spectra]

    def row(band: int) -> list[Any]:
        start: list[Any] = [band + 1]
        if bands.centres is not None:
            start.append(f"{bands.centres[band]:.10g}")
        values = [values[band] for _, values in spectra]
        return [*start, int(bands.mask[band]), *(f"{value:.9g}" if np.isfinite(value) else "" for value in values)]

    return header, map(row, range(bands.count))


def _quantity(cube: Cube) -> str:
    return f"{cube.quantity} ({cube.unit})" if cube.unit else cube.quantity


def _inside(pixel: Pixel, cube: Cube) -> bool:
    return 0 <= pixel[0] < cube.shape[0] and 0 <= pixel[1] < cube.shape[1]


def _read_pixels(cube: Cube, pixels: list[Pixel]) -> list[Spectrum]:
    return [cube.pixel(*pixel) for pixel in pixels]


def _write(path: Path, header: list[str], rows: list[list[Any]], comment: str) -> Path:
    from hadviewer.io.writers.table import write_csv

    return write_csv(path, header, rows, comment)
