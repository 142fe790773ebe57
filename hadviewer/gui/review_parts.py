"""Reviewing detected objects in the window: dock, overlay and commands; built after the first paint."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_review(bench: "Workbench") -> None:
    """Build the dock and its controller."""
    from hadviewer.gui.controllers.review import ReviewController
    from hadviewer.gui.views.review_overlay import ReviewOverlay
    from hadviewer.gui.views.review_view import ReviewView

    bench.review_view = ReviewView()
    bench.window.fill_dock("review", bench.review_view)
    overlay = ReviewOverlay(bench.image)
    bench.review = ReviewController(bench.session, bench.jobs, bench.review_view, overlay, bench.messages)
    dock = bench.window.docks["review"]
    dock.visibilityChanged.connect(bench.review_view.come_to_front)
    bench.review_view.come_to_front(not dock.visibleRegion().isEmpty())
    bench.image.pixel_clicked.connect(bench.review.pick_at)


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
        "review": in_front(lambda: bench.review_view.step(0)),
        "review_good": in_front(lambda: bench.review_view.judge("good")),
        "review_bad": in_front(lambda: bench.review_view.judge("bad")),
        "review_pending": in_front(lambda: bench.review_view.judge("pending")),
        "review_next": in_front(lambda: bench.review_view.step(1)),
        "review_previous": in_front(lambda: bench.review_view.step(-1)),
    }
