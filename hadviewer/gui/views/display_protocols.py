"""What the controllers of the display ask of their views. Read by the type checker and mocked by tests."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hadviewer.gui.views.data import ColourScale
from hadviewer.gui.views.protocols import SignalLike
from hadviewer.gui.views.tools import Overlay


class PlaceViewLike(Protocol):
    """An image that can be moved to a pixel (row, col)."""

    def centre_on(self, row: int, col: int) -> None: ...
    def set_crosshair(self, pixel: tuple[int, int] | None) -> None: ...


class GotoDialogLike(Protocol):
    """Where a place is typed."""

    @property
    def asked(self) -> SignalLike: ...
    def offer(self, *, mapped: bool, origin: int) -> None: ...
    def present(self) -> None: ...
    def show_error(self, text: str) -> None: ...


class BandPlayerLike(Protocol):
    """Where the bands are played."""

    @property
    def advanced(self) -> SignalLike: ...
    @property
    def stopped(self) -> SignalLike: ...
    @property
    def backwards(self) -> bool: ...
    @property
    def looped(self) -> bool: ...
    def pause(self) -> None: ...


class OverlayViewLike(Protocol):
    """An image that something can be painted over."""

    def add_overlay(self, overlay: Overlay) -> None: ...
    def update(self) -> None: ...


class PhotographerLike(Protocol):
    """Who takes pictures of the active view."""

    @property
    def colour_scale(self) -> ColourScale | None: ...
    def take(self, *, scale_bar: bool, north_arrow: bool, crosshair: bool) -> NDArray[np.uint8] | None: ...


class ViewPictureDialogLike(Protocol):
    """Where the user says what belongs into a picture of the view."""

    @property
    def ordered(self) -> SignalLike: ...
    def present(self, title: str) -> None: ...
    def order(self) -> dict[str, object]: ...
    def close(self) -> object: ...
