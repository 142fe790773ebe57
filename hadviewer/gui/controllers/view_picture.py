"""A picture of the view for a report: taken, completed with what explains it, written in the background."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hadviewer.engine.jobs import Job, JobRunner
from hadviewer.engine.session import Session
from hadviewer.io.atomic import replacing
from hadviewer.render.figure import BarFigure, LegendEntry, view_figure

if TYPE_CHECKING:
    from hadviewer.gui.views.display_protocols import PhotographerLike, ViewPictureDialogLike
    from hadviewer.gui.views.protocols import MessagesLike

LINED_KINDS = ("truth", "mask", "segments")
"""Layers of one colour, which a legend explains."""


class ViewPictureController:
    """Asks what belongs into the picture and where it goes: ``choose_target(name)`` gives a path, or None."""

    def __init__(
        self,
        session: Session,
        jobs: JobRunner,
        photographer: "PhotographerLike",
        dialog: "ViewPictureDialogLike",
        messages: "MessagesLike",
        choose_target: Callable[[str], Path | None],
    ) -> None:
        self._session, self._jobs, self._photographer = session, jobs, photographer
        self._dialog, self._messages, self._choose_target = dialog, messages, choose_target
        dialog.ordered.connect(self._save)

    def ask(self) -> None:
        """Let the user say what the picture is to show."""
        cube = self._session.cube
        if cube is not None:
            self._dialog.present(cube.name)

    def _save(self) -> None:
        cube = self._session.cube
        path = None if cube is None else self._choose_target(f"{cube.name}_view")
        if path is None:
            return
        order = self._dialog.order()
        picture = self._photographer.take(
            scale_bar=bool(order["scale_bar"]),
            north_arrow=bool(order["north_arrow"]),
            crosshair=bool(order["crosshair"]),
        )
        if picture is None:
            return
        scale = self._photographer.colour_scale if order["colour_bar"] else None
        bar = None if scale is None else BarFigure(scale.title, scale.table, scale.ticks)
        legend = self.legend() if order["legend"] else []
        title = str(order["title"])

        def write() -> None:
            write_picture(path, view_figure(picture, title=title, bar=bar, legend=legend))

        def fail(job: Job) -> None:
            self._messages.error(f"{path.name} was not written: {job.error}", job.details)

        self._dialog.close()
        self._jobs.quick(write, done=lambda _: self._messages.info(f"The view was saved as {path.name}."), failed=fail)

    def legend(self) -> list[LegendEntry]:
        """What the colours in sight stand for: outlines and masks, regions, markers."""
        state = self._session.state
        lines = [item for item in state.layers if item.visible and item.kind in LINED_KINDS]
        entries = [LegendEntry(item.title, item.colour) for item in reversed(lines)]
        entries += [LegendEntry(region.name, region.colour) for region in state.regions if region.visible]
        pins = [pin for pin in state.pins if pin.visible and pin.kind == "pixel"]
        return [*entries, *(LegendEntry(pin.title(self._session.first_pixel), pin.colour) for pin in pins)]


def write_picture(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write a picture (rows, cols, 3) as PNG; a file that was there is replaced only when it is complete."""
    from PIL import Image

    with replacing(path) as (part,), part.open("wb") as file:
        Image.fromarray(picture).save(file, "PNG")
