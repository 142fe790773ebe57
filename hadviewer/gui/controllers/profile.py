"""Spatial profiles: the crosshair or a drawn line on one side, values read along it, the profile dock on the other."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.cube import Cube
from hadviewer.engine.display import resolve
from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.pins import place_title
from hadviewer.engine.profiles import Along, ProfileLine, across, read_profile
from hadviewer.engine.session import Session
from hadviewer.gui.views.spectrum_data import ProfileCurve

if TYPE_CHECKING:
    from hadviewer.gui.views.protocols import MessagesLike
    from hadviewer.gui.views.spectrum_protocols import LineOverlayLike, ProfileViewLike

Pixel = tuple[int, int]
COLOURS = {1: ("#80868b",), 3: ("#d93025", "#1e8e3e", "#1a73e8")}
"""Of one grey band, or of red, green and blue; components are not read along lines."""
SCORE_COLOUR = "#e8710a"
_NO_CUBE = "Open a cube to see profiles."
_NO_PIXEL = "Move over the image to see the profile through a pixel."
_NO_LINE = "Draw a line on the image: choose the profile line (8) and drag."
AXES = {"row": "Sample", "column": "Line", "line": "Distance (pixels)"}


class ProfileController:
    """Plots the bands on the screen, and the score of the selected result, along a row, a column or a line.

    Nothing is read while the dock is out of sight.
    """

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        view: "ProfileViewLike",
        overlay: "LineOverlayLike",
        messages: "MessagesLike",
    ) -> None:
        self._session, self._jobs, self._view, self._overlay = session, jobs, view, overlay
        self._messages = messages
        self._along: Along = "row"
        self._line: ProfileLine | None = None
        self._curves: list[ProfileCurve] = []
        self._pixel: Pixel | None = None
        self._seen = self._reading = self._stale = False
        view.along_chosen.connect(self.choose)
        view.line_cleared.connect(lambda: self.draw(None))
        view.place_pointed.connect(self._point)
        view.copy_requested.connect(self.copy)
        view.export_requested.connect(self.export)
        session.scene_changed.connect(self._show_scene)
        session.cursor_changed.connect(self._move)
        session.profile_changed.connect(self._show_line)
        for signal in (session.display_changed, session.selected_changed, session.first_pixel_changed):
            signal.connect(self._refresh)
        self._show_scene()

    def choose(self, along: Along) -> None:
        """Follow the row or column through the pointer, or the drawn line."""
        self._along = along
        self._view.show_along(along)
        self._refresh()

    def draw(self, line: ProfileLine | None) -> None:
        """The line is drawn, or taken away; what goes on until ``finish`` is one step to undo."""
        self._session.set_profile(line, merge="profile")
        if line is None:
            self.finish()
        elif self._along != "line":
            self.choose("line")

    def finish(self) -> None:
        """The line is drawn to its end."""
        self._session.seal_step()

    def be_seen(self, seen: bool) -> None:
        """The dock is in sight now, or is not."""
        self._seen = seen
        if seen:
            self._refresh()

    def copy(self) -> None:
        """Put the profile on the clipboard, as a table."""
        if self._line is not None and self._curves:
            header, rows = profile_table(self._line, self._curves)
            self._view.copy_text("\n".join("\t".join(row) for row in (header, *rows)) + "\n")

    def export(self, path: Path) -> None:
        """Write the profile as a table."""
        cube, line = self._session.cube, self._line
        if cube is None or line is None or not self._curves:
            self._messages.warn("There is no profile to export.")
            return
        header, rows = profile_table(line, self._curves)
        self._jobs.quick(
            _write,
            path,
            header,
            rows,
            f"Profile through {cube.name}: {self._title(line)}",
            title=f"Export {path.name}",
            done=lambda written: self._messages.info(f"The profile is in {written}."),
            failed=lambda job: self._messages.error(job.error, job.details),
        )

    def _show_scene(self) -> None:
        self._pixel = None
        self._show_line()

    def _show_line(self) -> None:
        line = self._session.state.profile
        self._overlay.show_line(line)
        self._refresh()

    def _move(self, pixel: Pixel | None) -> None:
        if pixel is not None:
            self._pixel = pixel
            if self._along != "line":
                self._refresh()

    def _refresh(self) -> None:
        """Read the profile again where it is seen; one at a time, the pointer may run ahead meanwhile."""
        cube = self._session.cube
        line = None if cube is None else self._wanted(cube)
        if line is None or cube is None:
            self._line, self._curves = None, []
            hint = _NO_CUBE if cube is None else _NO_LINE if self._along == "line" else _NO_PIXEL
            self._view.set_profile("", "", np.empty(0), [])
            self._view.set_hint(hint)
            return
        self._stale = True
        if self._seen and not self._reading:
            self._read(cube, line)

    def _wanted(self, cube: Cube) -> ProfileLine | None:
        if self._along == "line":
            return self._session.state.profile
        pixel = self._pixel
        if pixel is None or not (pixel[0] < cube.shape[0] and pixel[1] < cube.shape[1]):
            return None
        return across(cube.shape[:2], pixel, self._along)

    def _read(self, cube: Cube, line: ProfileLine) -> None:
        self._reading, self._stale = True, False
        bands = resolve(self._session.state.display, cube).cube_bands

        def show(values: NDArray[np.float32]) -> None:
            self._reading = False
            if cube is self._session.cube:
                self._show(cube, line, bands, values)
            if self._stale:
                self._refresh()

        def complain(job: Job) -> None:
            self._reading = False
            self._messages.error(job.error, job.details)

        self._jobs.quick(read_profile, cube, line, bands, done=show, failed=complain)

    def _show(self, cube: Cube, line: ProfileLine, bands: tuple[int, ...], values: NDArray[np.float32]) -> None:
        colours = COLOURS.get(len(bands), ())
        self._line = line
        self._curves = [
            ProfileCurve(cube.bands.label(band), values[:, number], colours[number])
            for number, band in enumerate(bands)
        ]
        entry = self._session.selected
        if entry is not None and entry.result.scores.shape == cube.shape[:2]:
            score = entry.result.scores[line.pixels()]
            self._curves.append(ProfileCurve(f"Score: {entry.title}", score, SCORE_COLOUR, score=True))
        self._view.set_hint("")
        self._view.set_profile(self._title(line), AXES[self._along], self._places(line), self._curves)

    def _places(self, line: ProfileLine) -> NDArray[np.float64]:
        rows, cols = line.pixels()
        if self._along == "line":
            return line.distances()
        return (cols if self._along == "row" else rows).astype(np.float64) + self._session.first_pixel

    def _title(self, line: ProfileLine) -> str:
        first = self._session.first_pixel
        if self._along == "row":
            return f"Line {line.start[0] + first}"
        if self._along == "column":
            return f"Sample {line.start[1] + first}"
        return f"{place_title(*line.start, first=first)} → {place_title(*line.end, first=first).lower()}"

    def _point(self, number: int | None) -> None:
        """The profile is pointed at: show where that is on the image."""
        if self._line is None or number is None:
            self._overlay.show_place(None)
            return
        rows, cols = self._line.pixels()
        if number < len(rows):
            self._overlay.show_place((int(rows[number]), int(cols[number])))


def profile_table(line: ProfileLine, curves: list[ProfileCurve]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: line and sample of each pixel, its distance from the start, the values; gaps are empty."""
    rows, cols = line.pixels()
    places = zip(rows.tolist(), cols.tolist(), line.distances().tolist(), strict=True)
    columns = [curve.values.tolist() for curve in curves]
    table = [
        [str(row), str(col), f"{distance:.6g}", *(f"{value:.9g}" if np.isfinite(value) else "" for value in values)]
        for (row, col, distance), values in zip(places, zip(*columns, strict=True), strict=True)
    ]
    return ["line", "sample", "distance", *(curve.title for curve in curves)], table


def _write(path: Path, header: list[str], rows: list[list[str]], comment: str) -> Path:
    from hadviewer.io.writers.table import write_csv

    return write_csv(path, header, rows, comment)
