"""What a controller asks of the view about agreement. Read by the type checker and mocked by tests."""

from collections.abc import Sequence
from typing import Protocol

from hadviewer.gui.views.data import FigureRow
from hadviewer.gui.views.protocols import SignalLike


class AgreementViewLike(Protocol):
    """The dock that tells how far results agree."""

    @property
    def side_by_side_requested(self) -> SignalLike: ...
    @property
    def map_requested(self) -> SignalLike: ...
    @property
    def shown_changed(self) -> SignalLike: ...
    @property
    def in_front(self) -> bool: ...
    def show_pairs(self, rows: Sequence[FigureRow], found_by: str, hint: str) -> None: ...
    def offer(self, maps: int, masks: int) -> None: ...
