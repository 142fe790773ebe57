"""The palette finds what is meant, says what cannot be done, and reads bands and places from numbers."""

from collections.abc import Callable
from typing import Any

import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.engine.session import Session
from hadviewer.gui.controllers._fuzzy import Sought
from hadviewer.gui.controllers.palette import Offer, PaletteController
from hadviewer.gui.controllers.palette_jumps import PaletteJumps
from hadviewer.gui.views.comfort_protocols import PaletteLike
from hadviewer.gui.views.palette_data import PaletteRow

NAMES = (
    "Open…",
    "Open demo scene",
    "Run Global RX",
    "Run RXD-UTD",
    "Review objects",
    "Overview",
    "Undo",
    "Auto stretch",
)


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def palette(double: Callable[[type], Any], done: list[str]) -> tuple[PaletteController, Any]:
    view = double(PaletteLike)
    offers = [
        Offer(PaletteRow(name, "File", reason="" if name != "Undo" else "Nothing"), lambda name=name: done.append(name))
        for name in NAMES
    ]
    controller = PaletteController(view, lambda: offers, lambda text: [])
    controller.present()
    return controller, view


def texts(view: Any) -> list[str]:
    return [row.text for row in view.show_rows.call_args.args[0]]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("open", "Open…"),
        ("demo", "Open demo scene"),
        ("ods", "Open demo scene"),
        ("rx run", "Run Global RX"),
        ("rvw", "Review objects"),
        ("REV", "Review objects"),
        ("strtch", "Auto stretch"),
        ("verv", "Overview"),
    ],
)
def test_parts_of_words_and_initials_find_what_is_meant(
    palette: tuple[PaletteController, Any], typed: str, first: str
) -> None:
    _, view = palette
    view.typed.emit(typed)
    assert texts(view)[0] == first


def test_nothing_fits_nonsense(palette: tuple[PaletteController, Any]) -> None:
    _, view = palette
    view.typed.emit("qqxz")
    assert texts(view) == []


def test_what_cannot_be_done_comes_last_and_what_was_done_first(
    palette: tuple[PaletteController, Any], done: list[str]
) -> None:
    controller, view = palette
    view.typed.emit("")
    assert texts(view) == [*(name for name in NAMES if name != "Undo"), "Undo"]
    view.typed.emit("review")
    view.chosen.emit(0)
    assert done == ["Review objects"]
    controller.present()
    view.typed.emit("")
    assert texts(view)[0] == "Review objects"


def test_every_name_is_found_by_itself() -> None:
    for name in NAMES:
        words = name.lower().replace("…", "").split()
        costs = {other: Sought.of(other).cost(words) for other in NAMES}
        assert min((cost, other) for other, cost in costs.items() if cost is not None)[1] == name


class Gone(list[tuple[str, str]]):
    """Where the jumps went."""

    def __call__(self, kind: str, text: str) -> None:
        self.append((kind, text))


@pytest.fixture
def gone() -> Gone:
    return Gone()


def read(session: Session, gone: Gone, text: str) -> list[Offer]:
    return PaletteJumps(session, gone).read(text)


@pytest.mark.parametrize("text", ["band 3", "3", "#3", "Band 3", "b3", "607 nm", "0.607 um"])
def test_bands_by_number_and_wavelength_are_shown_in_grey(session: Session, cube: Cube, gone: Gone, text: str) -> None:
    session.open(Scene(cube))
    (offer,) = read(session, gone, text)
    assert "607" in offer.row.text
    offer.act()
    assert (session.state.display.mode, session.state.display.bands) == ("grey", (2,))
    session.undo()
    assert session.state.display.mode != "grey"


@pytest.mark.parametrize(("text", "reason"), [("band 99", "bands 1 to 8"), ("2500 nm", "away"), ("0", "bands 1 to 8")])
def test_bands_that_are_not_there_are_refused_with_the_reason(
    session: Session, cube: Cube, gone: Gone, text: str, reason: str
) -> None:
    assert read(session, gone, text)[0].row.reason == "Open a cube first"
    session.open(Scene(cube))
    assert reason in read(session, gone, text)[0].row.reason


def test_places_are_gone_to(session: Session, cube: Cube, gone: Gone) -> None:
    session.open(Scene(cube))
    (offer,) = read(session, gone, "5, 9")
    offer.act()
    assert gone == [("pixel", "5, 9")]
    assert "Outside the scene" in read(session, gone, "500 9")[0].row.reason
    (degrees,) = read(session, gone, "45.5 N, 122.7 W")
    assert degrees.row.reason == "The scene has no map"


@pytest.mark.parametrize("text", ["open", "run 3 rx", "3d roc 2", "1 view"])
def test_words_are_no_places(session: Session, cube: Cube, gone: Gone, text: str) -> None:
    session.open(Scene(cube))
    assert read(session, gone, text) == []
