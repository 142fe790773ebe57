"""Superpixels in the window: where they are made, their table, what is shown of them; built after the first paint."""

import re
from typing import TYPE_CHECKING

from hadviewer.gui import choosers

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_superpixels(bench: "Workbench") -> None:
    """Build the two docks and their controllers."""
    from hadviewer.engine.superpixel_tasks import SuperpixelParams
    from hadviewer.gui.controllers.segmentation import SegmentationController
    from hadviewer.gui.controllers.segments import SegmentsController
    from hadviewer.gui.views.segment_overlay import SegmentOverlay
    from hadviewer.gui.views.segments_view import SegmentsView
    from hadviewer.gui.views.superpixel_panel import SuperpixelPanel

    window, session, jobs, messages = bench.window, bench.session, bench.jobs, bench.messages
    bench.superpixel_panel, bench.segments_view = SuperpixelPanel(SuperpixelParams), SegmentsView()
    window.fill_dock("superpixels", bench.superpixel_panel, scroll=True)
    window.fill_dock("segments", bench.segments_view)
    overlay = SegmentOverlay(bench.image)
    bench.segmentation = SegmentationController(session, jobs, bench.superpixel_panel, overlay, messages)
    bench.segments = SegmentsController(session, jobs, bench.segments_view, overlay, messages)

    def pick(row: int, col: int) -> None:
        if bench.segments_view.isVisible():
            bench.segments.pick_at(row, col)

    bench.image.pixel_clicked.connect(pick)
    bench.segments_view.export_requested.connect(lambda: export_superpixels(bench))


def export_superpixels(bench: "Workbench") -> None:
    """Ask where to write the superpixels, and write them."""
    from hadviewer.engine.segment_export import TABLE, label_writers

    cube = bench.session.cube
    if cube is None or bench.session.state.segmentation is None:
        bench.messages.warn("There are no superpixels to export. Compute them first.")
        return
    filters = {f"Table, CSV (*{TABLE})": TABLE}
    filters |= {f"Map of numbers, {spec.title} (*{spec.extension})": spec.extension for spec in label_writers()}
    name = re.sub(r"[^\w.-]+", "-", f"{cube.name}_superpixels").strip("-.")
    path = choosers.choose_target(
        bench.window, "Export superpixels", str(bench.store.last_folder / f"{name}{TABLE}"), filters
    )
    if path is not None:
        bench.segments.export(path)
