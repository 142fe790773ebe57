"""Reviewing detected objects in the window: dock, overlay and commands; built after the first paint."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.gui import choosers
from hadviewer.gui.agreement_parts import agreement_handlers, assemble_agreement

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_review(bench: "Workbench") -> None:
    """Build the dock and its controller."""
    from hadviewer.gui.controllers.report import ReportController
    from hadviewer.gui.controllers.review import ReviewController
    from hadviewer.gui.views.review_overlay import ReviewOverlay
    from hadviewer.gui.views.review_view import ReviewView

    bench.review_view = ReviewView()
    bench.report = ReportController(bench.session, bench.jobs, bench.messages)
    bench.window.fill_dock("review", bench.review_view)
    overlay = ReviewOverlay(bench.image)
    bench.review = ReviewController(bench.session, bench.jobs, bench.review_view, overlay, bench.messages)
    dock = bench.window.docks["review"]
    dock.visibilityChanged.connect(bench.review_view.come_to_front)
    bench.review_view.come_to_front(not dock.visibleRegion().isEmpty())
    bench.review_view.export_requested.connect(lambda: export_objects(bench))
    bench.image.pixel_clicked.connect(bench.review.pick_at)
    assemble_agreement(bench)


def export_objects(bench: "Workbench") -> None:
    """Ask where to write the objects with their states, and write them."""
    from hadviewer.engine.review_export import object_writers

    entry, cube = bench.session.selected, bench.session.cube
    if entry is None or cube is None or bench.session.mask_layer(entry.id) is None:
        bench.messages.warn("There are no objects to export. Choose a threshold first.")
        return
    bench.window.raise_dock("review")
    filters = {f"{spec.title} (*{spec.extension})": Path(f"x{spec.extension}").suffix for spec in object_writers(cube)}
    name = re.sub(r"[^\w.-]+", "-", f"{cube.name}_{entry.title.lower()}_reviewed").strip("-.")
    ending = next(iter(filters.values()))
    path = choosers.choose_target(
        bench.window, "Export reviewed objects", str(bench.store.last_folder / f"{name}{ending}"), filters
    )
    if path is not None:
        bench.review.export(path)


def write_report(bench: "Workbench") -> None:
    """Ask where the report goes, and write it."""
    cube = bench.session.cube
    if cube is None:
        bench.messages.warn("Open a cube first: a report is about a scene and its results.")
        return
    name = re.sub(r"[^\w.-]+", "-", f"{cube.name}_report").strip("-.")
    filters = {"Web page (*.html)": ".html"}
    path = choosers.choose_target(bench.window, "Write report", str(bench.store.last_folder / f"{name}.html"), filters)
    if path is not None:
        bench.report.write(path)


def review_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands of the review do; where the dock is hidden, it comes to the front first and nothing else."""

    def in_front(act: Callable[[], object]) -> Callable[[], object]:
        def do() -> None:
            if bench.review_view.in_front:
                act()
            else:
                bench.window.raise_dock("review")
                bench.review_view.table.setFocus()

        return do

    return {
        **agreement_handlers(bench),
        "review": in_front(lambda: bench.review_view.step(0)),
        "review_good": in_front(lambda: bench.review_view.judge("good")),
        "review_bad": in_front(lambda: bench.review_view.judge("bad")),
        "review_pending": in_front(lambda: bench.review_view.judge("pending")),
        "review_next": in_front(lambda: bench.review_view.step(1)),
        "report": lambda: write_report(bench),
        "export_review": lambda: export_objects(bench),
        "review_previous": in_front(lambda: bench.review_view.step(-1)),
    }
