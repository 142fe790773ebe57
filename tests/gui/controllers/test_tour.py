"""The tour comes by itself once only, goes forth and back, and ends."""

from collections.abc import Callable
from typing import Any

import pytest

from hadviewer.gui.controllers.tour import Step, TourController
from hadviewer.gui.views.comfort_protocols import TourLike


@pytest.fixture
def view(double: Callable[[type], Any]) -> Any:
    return double(TourLike)


@pytest.fixture
def kept() -> list[str]:
    return []


@pytest.fixture
def make(view: Any, kept: list[str]) -> Callable[[bool], TourController]:
    steps = [Step(title, lambda: "text", lambda: None, lambda: None) for title in ("one", "two", "three")]
    return lambda seen: TourController(view, steps, seen, lambda: kept.append("seen"))


def titles(view: Any) -> list[str]:
    return [call.args[2] for call in view.show_step.call_args_list]


def test_it_comes_by_itself_once_only(make: Callable[[bool], TourController], view: Any, kept: list[str]) -> None:
    tour = make(False)
    tour.offer()
    tour.offer()
    assert titles(view) == ["one"]
    assert kept == ["seen"]
    make(True).offer()
    assert titles(view) == ["one"]


def test_it_goes_forth_and_back_and_ends(make: Callable[[bool], TourController], view: Any) -> None:
    tour = make(True)
    tour.begin()
    view.next_requested.emit()
    view.back_requested.emit()
    view.next_requested.emit()
    view.next_requested.emit()
    assert titles(view) == ["one", "two", "one", "two", "three"]
    view.next_requested.emit()
    view.withdraw.assert_called_once_with()


def test_it_may_be_left_at_any_step(make: Callable[[bool], TourController], view: Any) -> None:
    make(True).begin()
    view.ended.emit()
    view.withdraw.assert_called_once_with()
