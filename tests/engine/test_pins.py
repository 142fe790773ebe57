"""Collecting spectra is undoable, names and colours belong to the spectrum, gestures are one step."""

from collections import Counter

import numpy as np

from hadviewer.engine.pins import PIN_COLOURS, SpectraIntent
from hadviewer.engine.session import Session


def test_a_spectrum_is_called_by_its_place_until_it_is_renamed():
    session = Session()
    pin = session.pins.add(12, 30)
    assert pin.title() == "Line 12, sample 30"
    session.pins.intend(window=(3, 5))
    assert session.pins.add(12, 30).title() == "Line 12, sample 30 (3×5)"
    session.pins.update([pin.id], name="Roof")
    assert session.state.pins[0].title() == "Roof"
    session.undo()
    assert session.state.pins[0].title() == "Line 12, sample 30"


def test_a_place_is_the_same_only_with_the_same_window():
    session = Session()
    pin = session.pins.add(1, 2)
    assert session.pins.at((1, 2)) is pin
    session.pins.intend(window=(3, 3))
    assert session.pins.at((1, 2)) is None


def test_colours_are_used_evenly():
    session = Session()
    session.pins.collect([(row, 0) for row in range(3 * len(PIN_COLOURS))])
    assert set(Counter(pin.colour for pin in session.state.pins).values()) == {3}
    assert len({pin.id for pin in session.state.pins}) == 3 * len(PIN_COLOURS)


def test_a_path_is_one_step_to_undo():
    session = Session()
    for col in range(5):
        session.pins.collect([(0, col)], merge="path")
    assert len(session.state.pins) == 5
    session.undo()
    assert session.state.pins == ()


def test_spectra_without_a_pixel_keep_their_values_and_may_have_a_colour():
    session = Session()
    values = np.arange(5, dtype=np.float32)
    (kept,) = session.pins.keep([("Quartz", values)], "library", "#123456")
    assert (kept.title(), kept.colour, kept.kind) == ("Quartz", "#123456", "library")
    assert kept.values is values
    session.pins.update([kept.id], visible=False)
    assert session.state.pins[0].values is values
    assert session.pins.at((-1, -1)) is None


def test_nothing_changes_where_nothing_is_asked():
    session = Session()
    pin = session.pins.add(1, 1)
    told = []
    session.pins_changed.connect(lambda: told.append("pins"))
    session.spectra_changed.connect(lambda: told.append("spectra"))
    session.pins.update([pin.id], visible=True)
    session.pins.remove([99])
    session.pins.intend(window=(1, 1))
    session.pins.collect([])
    assert told == []


def test_how_spectra_are_drawn_outlives_the_scene():
    from hadviewer.core.bands import BandSet
    from hadviewer.core.cube import Cube, Scene
    from hadviewer.io.sources import ArraySource

    session = Session()
    session.pins.intend(treatment="continuum", spread="sigma")
    session.open(Scene(Cube(ArraySource(np.zeros((2, 2, 3), np.float32)), BandSet(3))))
    assert session.state.spectra == SpectraIntent(treatment="continuum", spread="sigma")
