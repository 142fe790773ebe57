"""What belongs to the look of the image, built after the first paint: playing bands, map marks, going to a place."""

from pathlib import Path

from PyQt6.QtCore import QTimer

from hadviewer.gui.choosers import choose_picture
from hadviewer.gui.controllers.band_player import BandPlayerController
from hadviewer.gui.controllers.components import ComponentsController
from hadviewer.gui.controllers.goto import GotoController
from hadviewer.gui.controllers.map_marks import MapMarksController
from hadviewer.gui.controllers.view_picture import ViewPictureController
from hadviewer.gui.views.goto_dialog import GotoDialog
from hadviewer.gui.views.photographer import Photographer
from hadviewer.gui.views.view_picture_dialog import ViewPictureDialog
from hadviewer.gui.workbench import Workbench

SETTLED_MS = 200
"""So long after the last movement a stretch by what is in sight is found anew."""


def assemble_display(bench: Workbench) -> None:
    """Build it, and tie it to image and display."""
    session = bench.session
    bench.band_player = BandPlayerController(session, bench.display, bench.display_panel.player)
    bench.components = ComponentsController(
        session, bench.jobs, bench.tiles, bench.display, bench.display_panel, bench.messages
    )
    bench.map_marks = MapMarksController(session, bench.jobs, bench.image)
    bench.goto = GotoController(session, bench.jobs, lambda: bench.image, GotoDialog(bench.window))
    session.count_from(bench.store.settings.first_pixel)
    bench.cursor.write_places(bench.store.settings.coordinates)
    bench.display.picture_changed.connect(lambda _: bench.cursor.refresh())

    def choose_target(name: str) -> Path | None:
        return choose_picture(bench.window, str(bench.store.last_folder / f"{name}.png"))

    bench.view_picture = ViewPictureController(
        session,
        bench.jobs,
        Photographer(lambda: bench.image.active, bench.map_marks.scale_bar, bench.map_marks.north_arrow),
        ViewPictureDialog(bench.window),
        bench.messages,
        choose_target,
    )
    settled = QTimer(bench.window)  # so that it ends with the views it is about
    settled.setSingleShot(True)
    settled.setInterval(SETTLED_MS)
    settled.timeout.connect(bench.display.follow_views)
    bench.image.view_changed.connect(settled.start)
