"""Spectra and profiles in the window: docks, tools on the image, commands, built after the first paint."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hadviewer.gui.views.mapping import Pixel
    from hadviewer.gui.views.tools import Tool
    from hadviewer.gui.workbench import Workbench

    SpectrumTools = dict[str, Tool]


def assemble_spectra(bench: "Workbench") -> None:
    """Build controllers, the profile dock and the tools; the browsing one is taken in hand."""
    from hadviewer.gui.controllers.profile import ProfileController
    from hadviewer.gui.controllers.spectrum import SpectrumController
    from hadviewer.gui.views.profile_view import ProfileView
    from hadviewer.gui.views.spectrum_tools import BrowseTool, HandTool, LineOverlay, LineTool, WindowsOverlay

    session, jobs, image, view = bench.session, bench.jobs, bench.image, bench.spectrum_view
    spectrum = bench.spectrum = SpectrumController(session, jobs, view, bench.messages)
    profile_view = ProfileView()
    bench.window.fill_dock("profile", profile_view)
    profile = bench.profile = ProfileController(session, jobs, profile_view, LineOverlay(image), bench.messages)
    # A dock behind another tab counts as visible for its widget; only the dock itself knows better.
    dock = bench.window.docks["profile"]
    dock.visibilityChanged.connect(profile.be_seen)
    profile.be_seen(not dock.visibleRegion().isEmpty())
    browse, hand, line = BrowseTool(), HandTool(), LineTool()
    bench.spectrum_tools = {"browse": browse, "hand": hand, "profile": line}
    for tool in (browse, hand):
        tool.collected.connect(lambda pixels: spectrum.collect(pixels, merge="path"))
        tool.path_ended.connect(session.seal_step)
    line.drawn.connect(profile.draw)
    line.finished.connect(profile.finish)
    session.profile_changed.connect(lambda: line.hold(session.state.profile))
    image.crosshair_moved.connect(spectrum.look_at)
    windows = WindowsOverlay(image)
    for signal in (session.pins_changed, session.spectra_changed, image.crosshair_moved):
        signal.connect(lambda *told: windows.show(_windows(bench)))
    view.pin_located.connect(lambda pin: _locate(bench, pin))
    image.tool_changed.connect(lambda: _mark(bench))
    image.set_tool(browse)


def spectra_handlers(bench: "Workbench") -> dict[str, Callable[[], object]]:
    """What their commands do."""

    def collect() -> None:
        if bench.image.crosshair is not None:
            bench.spectrum.collect([bench.image.crosshair])

    def draw_line() -> None:
        bench.window.raise_dock("profile")
        _take(bench, "profile")

    return {
        "tool_browse": lambda: _take(bench, "browse"),
        "tool_hand": lambda: _take(bench, "hand"),
        "tool_profile": draw_line,
        "collect_spectrum": collect,
        "clear_pins": bench.session.pins.clear,
        "export_spectra": lambda: bench.spectrum_view.ask_export(()),
        "save_plot": bench.spectrum_view.ask_picture,
    }


def _windows(bench: "Workbench") -> "Iterator[tuple[Pixel, tuple[int, int], str]]":
    """The windows around the crosshair and around the collected pixels in sight."""
    state = bench.session.state
    if bench.image.crosshair is not None:
        yield bench.image.crosshair, state.spectra.window, "#ffffff"
    for pin in state.pins:
        if pin.visible and pin.kind == "pixel":
            yield (pin.row, pin.col), pin.window, pin.colour


def _take(bench: "Workbench", name: str) -> None:
    """Take a tool in hand, and lay down the drawing one of regions."""
    bench.regions.use_tool(None)
    bench.image.set_tool(bench.spectrum_tools[name])


def _mark(bench: "Workbench") -> None:
    """Show in menu and tool bar which tool is in hand."""
    for name, tool in bench.spectrum_tools.items():
        bench.commands.actions.by_id[f"tool_{name}"].setChecked(bench.image.tool is tool)


def _locate(bench: "Workbench", pin_id: int) -> None:
    """Bring the pixel of a collected spectrum to the middle."""
    pin = next((pin for pin in bench.session.state.pins if pin.id == pin_id), None)
    if pin is not None and pin.kind == "pixel":
        bench.image.centre_on(pin.row, pin.col)
        bench.image.set_crosshair((pin.row, pin.col))
