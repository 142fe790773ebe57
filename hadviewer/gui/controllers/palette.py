"""The command palette: what is offered, what fits what is typed, and doing what is chosen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hadviewer.gui.controllers._fuzzy import Sought
from hadviewer.gui.views.palette_data import PaletteRow

if TYPE_CHECKING:
    from hadviewer.gui.views.comfort_protocols import PaletteLike

REMEMBERED = 5
"""So many of those chosen last come first while nothing is typed."""
_GREYED = 0.5
"""Cost of a row that cannot be done now: among those that fit alike it comes last."""


@dataclass(frozen=True)
class Offer:
    """A row with what it does; ``beside`` are other words by which it may be found."""

    row: PaletteRow
    act: Callable[[], object]
    beside: str = ""


class PaletteController:
    """Offers what ``offers`` lists whenever the palette comes up, and what ``jumps`` reads from the text typed."""

    def __init__(
        self, view: "PaletteLike", offers: Callable[[], Sequence[Offer]], jumps: Callable[[str], Sequence[Offer]]
    ) -> None:
        self._view, self._offers, self._jumps = view, offers, jumps
        self._known: list[tuple[Offer, Sought]] = []
        self._found: list[Offer] = []
        self._used: list[str] = []
        view.typed.connect(self.search)
        view.chosen.connect(self.do)

    def present(self) -> None:
        """Bring it up, with what can be done now."""
        self._known = [(offer, _sought(offer)) for offer in self._offers()]
        self._view.present()

    def search(self, text: str) -> None:
        """Offer what fits, the best first."""
        words = text.lower().replace("…", "").replace(">", " ").split()
        self._found = [*self._jumps(text), *self._fitting(words)] if words else self._first()
        self._view.show_rows([offer.row for offer in self._found])

    def do(self, number: int) -> None:
        """Do what a row offers."""
        offer = self._found[number]
        name = _name(offer)
        self._used = [name, *(other for other in self._used if other != name)][:REMEMBERED]
        offer.act()

    def _fitting(self, words: Sequence[str]) -> list[Offer]:
        costs = [(sought.cost(words), offer) for offer, sought in self._known]
        fitting = [(cost + _GREYED * bool(offer.row.reason), offer) for cost, offer in costs if cost is not None]
        return [offer for _, offer in sorted(fitting, key=lambda pair: pair[0])]

    def _first(self) -> list[Offer]:
        """Those chosen last, then all in their order, those that cannot be done now at the end."""

        def place(offer: Offer) -> tuple[bool, int]:
            name = _name(offer)
            return bool(offer.row.reason), self._used.index(name) if name in self._used else REMEMBERED

        return sorted((offer for offer, _ in self._known), key=place)


def _name(offer: Offer) -> str:
    return f"{offer.row.place}/{offer.row.text}"


def _sought(offer: Offer) -> Sought:
    return Sought.of(offer.row.text, f"{offer.row.place} {offer.row.tip} {offer.beside}")
