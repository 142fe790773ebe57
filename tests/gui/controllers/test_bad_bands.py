"""Marks from the plot and from the window reach the session, and the suggestion comes and goes with its scene."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hadviewer.core.cube import Cube, Scene
from hadviewer.engine import bad_bands
from hadviewer.engine.session import Session
from hadviewer.gui.controllers.bad_bands import BadBandsController
from hadviewer.gui.controllers.region_spectra import RegionSpectraController
from hadviewer.gui.views.library_protocols import BadBandsDialogLike, BandMarkerLike
from hadviewer.gui.views.region_protocols import RegionsPanelLike, RegionStatisticsLike


@pytest.fixture
def dialog(double: Callable[[type], Any]) -> Any:
    return double(BadBandsDialogLike)


@pytest.fixture
def marker(double: Callable[[type], Any]) -> Any:
    return double(BandMarkerLike)


@pytest.fixture
def controller(session: Session, jobs: Any, dialog: Any, marker: Any, messages: Any) -> BadBandsController:
    return BadBandsController(session, jobs, dialog, marker, messages)


def bad(session: Session) -> list[int]:
    assert session.cube is not None
    return np.flatnonzero(~session.cube.bands.mask).tolist()


def test_marks_reach_the_session_and_come_back(
    controller: BadBandsController, session: Session, dialog: Any, marker: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(bad=(7,))))
    marker.marked.emit([2, 3], False)
    assert bad(session) == [2, 3, 7]
    rows, summary = dialog.set_rows.call_args.args
    assert [row.usable for row in rows] == [True, True, False, False, True, True, True, False]
    assert summary.startswith("3 of 8 bands are bad: 3-4, 8.")
    assert dialog.set_rows.call_args.kwargs == {"edited": True}
    dialog.marked.emit([7], True)
    assert bad(session) == [2, 3]
    dialog.restore_requested.emit()
    assert bad(session) == [7]
    dialog.all_good_requested.emit()
    assert bad(session) == []


def test_bands_are_selected_by_number_or_wavelength_also_bad_ones(
    controller: BadBandsController, session: Session, dialog: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(bad=(1,))))
    dialog.typed.emit("1-3, 900-1000nm")
    dialog.select.assert_called_once_with([0, 1, 2, 6, 7])
    dialog.typed.emit("5-99")
    assert "outside bands 1-8" in dialog.show_error.call_args.args[0]


def test_a_customary_list_is_used(
    controller: BadBandsController, session: Session, dialog: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube(bands=8)))
    assert dialog.set_lists.call_args.args[0] == []
    session.open(Scene(make_cube(2, 2, 220)))
    assert dialog.set_lists.call_args.args[0] == ["AVIRIS Indian Pines"]
    dialog.list_chosen.emit("AVIRIS Indian Pines")
    assert session.cube is not None
    assert np.count_nonzero(session.cube.bands.mask) == 200


def test_one_band_stays(controller: BadBandsController, session: Session, messages: Any, cube: Cube) -> None:
    session.open(Scene(cube))
    controller.mark(range(8), usable=False)
    assert bad(session) == []
    messages.warn.assert_called_once()


def test_a_suggestion_is_shown_with_its_reasons_and_accepted(
    controller: BadBandsController, session: Session, dialog: Any, make_cube: Callable[..., Cube]
) -> None:
    session.open(Scene(make_cube()))
    dialog.suggestion_requested.emit()
    rows, summary = dialog.set_rows.call_args.args
    # The bands differ by a constant: nothing in them is noise, and none is a copy of another.
    assert all(row.snr is not None for row in rows)
    suggested = [number for number, row in enumerate(rows) if row.reasons]
    assert "more are suggested" in summary or "None of the others" in summary
    dialog.suggestion_accepted.emit()
    assert bad(session) == suggested or len(suggested) == 8
    assert dialog.set_progress.call_args.kwargs == {"running": False}


def test_a_suggestion_for_a_scene_that_is_gone_is_not_shown(
    session: Session, held_jobs: Any, dialog: Any, marker: Any, messages: Any, make_cube: Callable[..., Cube]
) -> None:
    controller = BadBandsController(session, held_jobs, dialog, marker, messages)
    session.open(Scene(make_cube()))
    controller.suggest()
    session.open(Scene(make_cube()))
    while held_jobs.held:
        held_jobs.perform()
    rows, _ = dialog.set_rows.call_args.args
    assert all(row.snr is None for row in rows)


def test_a_suggestion_survives_marking(
    session: Session, held_jobs: Any, dialog: Any, marker: Any, messages: Any, make_cube: Callable[..., Cube]
) -> None:
    controller = BadBandsController(session, held_jobs, dialog, marker, messages)
    session.open(Scene(make_cube()))
    controller.suggest()
    controller.mark([1], usable=False)
    held_jobs.perform()
    rows, _ = dialog.set_rows.call_args.args
    assert all(row.snr is not None for row in rows)
    assert bad(session) == [1]


def test_curves_of_regions_have_other_gaps(
    session: Session, jobs: Any, double: Callable[[type], Any], messages: Any, cube: Cube
) -> None:
    view = double(RegionStatisticsLike)
    RegionSpectraController(session, jobs, double(RegionsPanelLike), view, messages)
    session.open(Scene(cube))
    bad_bands.mark(session, [2], usable=False)
    assert np.flatnonzero(~view.set_axis.call_args.args[0]).tolist() == [2]
