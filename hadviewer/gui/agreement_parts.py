"""Comparing results with each other in the window: dock and commands; built after the first paint."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hadviewer.gui.workbench import Workbench


def assemble_agreement(bench: "Workbench") -> None:
    """Build the dock and its controller."""
    from hadviewer.gui.controllers.agreement import AgreementController
    from hadviewer.gui.views.agreement_view import AgreementView

    view = bench.agreement_view = AgreementView()
    bench.window.fill_dock("agreement", view)
    panel = bench.results_panel
    bench.agreement = AgreementController(bench.session, bench.jobs, view, bench.messages, lambda: panel.chosen)
    panel.table.itemSelectionChanged.connect(bench.agreement.follow)
    dock = bench.window.docks["agreement"]
    dock.visibilityChanged.connect(view.come_to_front)
    view.come_to_front(not dock.visibleRegion().isEmpty())


def agreement_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What the commands of the menu Detection > Agreement do."""

    def show_maps() -> None:
        bench.agreement.show_maps()

    def add_map() -> None:
        bench.agreement.add_map()

    return {
        "agreement": lambda: bench.window.enter_dock("agreement"),
        "side_by_side": show_maps,
        "agreement_map": add_map,
    }
