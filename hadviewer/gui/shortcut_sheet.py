"""The sheet of keys: what the table of commands and the mouse offer, as HTML."""

from collections.abc import Callable
from html import escape

from hadviewer.gui.action_tables import ACTIONS, MENUS
from hadviewer.gui.keys import shown

_ON_THE_IMAGE = (
    ("Wheel", "Zoom at the cursor"),
    ("Drag", "What the tool does: browse spectra, move the image, draw"),
    ("Middle button, Ctrl+drag, Space", "Move the image, whatever the tool"),
    ("Click", "Put the crosshair: its spectrum stays in the plot"),
    ("Shift+click, Shift+drag", "Collect the spectrum of the pixel, of all pixels on the way"),
    ("Right click, Menu key", "What can be done with the pixel, the view or the region there"),
    ("Shift+arrow", "Move the crosshair; with Ctrl by ten pixels"),
    ("Esc", "Take the crosshair away"),
    ("Home", "Show the whole scene"),
)
_ON_THE_PLOT = (
    ("Shift+drag", "Mark a range of bands as bad or good"),
    ("Right click", "Mark one band as bad or good"),
)


def shortcut_sheet(keys_of: Callable[[str], str]) -> str:
    """Every command with its keys, by menu, as an HTML table; what the mouse does on the image comes first.

    ``keys_of`` tells the keys of a command as they are now, which need not be those of the table.
    """
    groups: dict[str, tuple[tuple[str, str], ...]] = {"Image": _ON_THE_IMAGE, "Spectrum plot": _ON_THE_PLOT}
    for menu in MENUS:
        of_menu = [spec for spec in ACTIONS if spec.menu.partition("/")[0] == menu and keys_of(spec.id)]
        groups[menu] = tuple((shown(keys_of(spec.id)), spec.tip or spec.text) for spec in of_menu)
    rows: list[str] = []
    for title, lines in groups.items():
        if lines:
            rows.append(f"<tr><td colspan='2'><br><b>{title}</b></td></tr>")
        rows += [f"<tr><td><code>{escape(keys)}</code></td><td>{escape(tip)}</td></tr>" for keys, tip in lines]
    return f"<table width='100%' cellpadding='3'>{''.join(rows)}</table>"
