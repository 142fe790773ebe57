"""The library dock: opened files, ranking of a pixel, ticks that become collected spectra."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube, Scene
from hadviewer.core.library import SpectralLibrary
from hadviewer.engine import bad_bands
from hadviewer.engine.session import Session
from hadviewer.gui.controllers import libraries as module
from hadviewer.gui.controllers.libraries import LibraryController
from hadviewer.gui.views.library_protocols import LibraryPanelLike
from hadviewer.io.sources import ArraySource

WAVES = np.linspace(450, 1000, 8)


@pytest.fixture
def panel(double: Callable[[type], Any]) -> Any:
    return double(LibraryPanelLike)


@pytest.fixture
def controller(session: Session, jobs: Any, panel: Any, messages: Any) -> LibraryController:
    return LibraryController(session, jobs, panel, messages)


def library(name: str = "shapes", waves: np.ndarray | None = WAVES, source: str = "") -> SpectralLibrary:
    x = np.linspace(0, 1, 8)
    spectra = np.stack([1 + x, 2 - x, 1 + np.sin(3 * x)]).astype(np.float32)
    return SpectralLibrary(name, ("up", "down", "bow"), spectra, waves, source=Path(source or name))


def shapes(bands: int = 8) -> Scene:
    """Lines that look like the library's spectra, a hundred times as bright."""
    values = np.repeat(library().spectra[:, np.newaxis] * 100, 5, axis=1)
    return Scene(Cube(ArraySource(values), BandSet(bands, WAVES)))


def scores(panel: Any) -> np.ndarray:
    found = panel.set_scores.call_args.args[0]
    assert found is not None
    return np.asarray(found)


def test_the_pixel_under_the_crosshair_is_ranked(controller: LibraryController, session: Session, panel: Any) -> None:
    session.open(shapes())
    session.shelf.add([library()])
    assert panel.set_scores.call_args.args[0] is None
    assert "Click on the image" in panel.set_hint.call_args.args[0]
    controller.look_at((1, 2))
    assert int(np.argmin(scores(panel))) == 1
    assert scores(panel)[1] == pytest.approx(0, abs=0.05)
    degrees = scores(panel)[0]
    panel.measure_chosen.emit("radians")
    assert scores(panel)[0] == pytest.approx(np.deg2rad(degrees))
    controller.look_at((2, 0))
    assert int(np.argmin(scores(panel))) == 2


def test_several_libraries_are_ranked_together_and_closed(
    controller: LibraryController, session: Session, panel: Any
) -> None:
    session.open(shapes())
    session.shelf.add([library("a"), library("b", np.linspace(400, 1100, 8))])
    controller.look_at((0, 0))
    assert len(scores(panel)) == 6
    panel.close_requested.emit(session.state.libraries[0].id)
    assert len(scores(panel)) == 3


def test_bad_bands_do_not_count(controller: LibraryController, session: Session, panel: Any) -> None:
    scene = shapes()
    scene.cube.source.read(scene.cube.window, slice(None))
    spoilt = scene.cube.values()
    spoilt[..., 3] = 1e5
    session.open(Scene(Cube(ArraySource(spoilt), BandSet(8, WAVES))))
    session.shelf.add([library()])
    controller.look_at((1, 0))
    assert scores(panel)[1] > 30
    bad_bands.mark(session, [3], usable=False)
    assert scores(panel)[1] == pytest.approx(0, abs=0.05)


def test_a_ticked_spectrum_is_collected_and_undone(controller: LibraryController, session: Session, panel: Any) -> None:
    session.open(shapes())
    session.shelf.add([library()])
    place = (session.state.libraries[0].id, 1)
    panel.ticked.emit([place], True)
    [pin] = session.state.pins
    assert (pin.kind, pin.name) == ("library", "down")
    np.testing.assert_allclose(pin.values, library().spectra[1], rtol=1e-6)
    assert panel.set_ticked.call_args.args[0] == {place: pin.colour}
    panel.ticked.emit([place], True)
    assert len(session.state.pins) == 1, "never doubled"
    panel.ticked.emit([place], False)
    assert panel.set_ticked.call_args.args[0] == {}
    session.undo()
    assert panel.set_ticked.call_args.args[0] == {place: pin.colour}


def test_a_spectrum_is_brought_to_the_level_of_the_pixel(
    controller: LibraryController, session: Session, panel: Any
) -> None:
    session.open(shapes())
    session.shelf.add([library()])
    controller.look_at((0, 0))
    panel.levelled = True
    panel.ticked.emit([(1, 0)], True)
    [pin] = session.state.pins
    np.testing.assert_allclose(pin.values, library().spectra[0] * 100, rtol=1e-5)
    assert pin.name == "up × 100"


def test_collected_spectra_can_be_compared_with(controller: LibraryController, session: Session, panel: Any) -> None:
    session.open(shapes())
    session.shelf.add([library()])
    [mean] = session.pins.keep([("Roofs: mean", library().spectra[2] * 7)], "region")
    [pixel] = session.pins.collect([(1, 1)])
    choices = panel.set_targets.call_args.args[0]
    assert [choice.title for choice in choices[1:]] == ["Roofs: mean", "Line 1, sample 1"]
    panel.target_chosen.emit(str(mean.id))
    assert int(np.argmin(scores(panel))) == 2
    panel.target_chosen.emit(str(pixel.id))
    assert int(np.argmin(scores(panel))) == 1
    session.pins.remove([pixel.id])
    assert panel.set_targets.call_args.args[1] == "crosshair"


def test_a_tick_before_the_library_is_resampled_is_not_lost(
    session: Session, held_jobs: Any, panel: Any, messages: Any
) -> None:
    controller = LibraryController(session, held_jobs, panel, messages)
    session.open(shapes())
    session.shelf.add([library()])
    controller.draw([(1, 2)], shown=True)
    assert not session.state.pins
    while held_jobs.held:
        held_jobs.perform()
    assert [pin.name for pin in session.state.pins] == ["bow"]


def test_many_are_drawn_only_when_the_user_says_so(
    controller: LibraryController, session: Session, panel: Any, messages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MANY", 2)
    session.open(shapes())
    session.shelf.add([library()])
    panel.ticked.emit([(1, 0), (1, 1), (1, 2)], True)
    assert len(session.state.pins) == 2
    text, (label, act) = messages.info.call_args.args
    assert text.startswith("2 library spectra are drawn")
    assert label == "Draw 1 more"
    act()
    assert len(session.state.pins) == 3


def test_a_library_without_wavelengths_goes_by_band(
    controller: LibraryController, session: Session, panel: Any
) -> None:
    session.open(shapes())
    session.shelf.add([library(waves=None)])
    controller.look_at((2, 0))
    assert int(np.argmin(scores(panel))) == 2


def test_nothing_in_common_is_said(controller: LibraryController, session: Session, panel: Any, messages: Any) -> None:
    session.open(shapes())
    session.shelf.add([library(waves=np.linspace(2000, 2500, 8))])
    controller.look_at((2, 0))
    assert "too few wavelengths" in panel.set_hint.call_args.args[0]
    panel.ticked.emit([(1, 0)], True)
    assert not session.state.pins
    assert messages.warn.call_args.args[0].startswith("One of these spectra cannot be drawn.")


def test_another_scene_keeps_the_libraries(controller: LibraryController, session: Session, panel: Any) -> None:
    session.open(shapes())
    session.shelf.add([library()])
    controller.look_at((0, 0))
    session.open(shapes())
    assert panel.set_scores.call_args.args[0] is None
    controller.look_at((1, 0))
    assert int(np.argmin(scores(panel))) == 1


def test_files_are_opened_and_what_fails_is_told(
    controller: LibraryController, session: Session, messages: Any, tmp_path: Path
) -> None:
    good, bad = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("wavelength,a,b\n400,1,2\n500,2,3\n")
    bad.write_text("nothing here\n")
    controller.open([good, bad])
    assert [item.library.name for item in session.state.libraries] == ["a"]
    assert "b.csv" in messages.error.call_args.args[0]


def test_dropped_files_are_told_apart(controller: LibraryController, session: Session, tmp_path: Path) -> None:
    table, cube = tmp_path / "a.csv", tmp_path / "cube.npy"
    table.write_text("wavelength,a,b\n400,1,2\n500,2,3\n")
    np.save(cube, np.zeros((3, 4, 5)))
    rest: list[Path] = []
    controller.open_dropped([cube, table], rest.extend)
    assert rest == [cube]
    assert len(session.state.libraries) == 1
