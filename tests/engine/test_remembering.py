"""What the user says of a file is honoured by every later opening, whoever opens it, and can be told from the file."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from hadviewer.core.corrections import Corrections, corrected
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.core.params import Params, field
from hadviewer.engine import catalog, metadata, remembering, verbs
from hadviewer.engine.recipe import read_recipe
from hadviewer.engine.session import Session
from hadviewer.engine.session_file import has_work
from hadviewer.engine.tasks import CubeReference
from hadviewer.io.sidecar import Remembered, place_of
from tests.engine.session_samples import round_trip


@pytest.fixture
def path(tmp_path):
    values = np.random.default_rng(3).integers(1, 4000, (30, 12, 14)).astype(np.int16)
    scipy.io.savemat(tmp_path / "field.mat", {"data": values})
    return tmp_path / "field.mat"


def say(path, said):
    return remembering.keep(verbs.open_scene(path).cube.origin, said)


def test_options_corrections_and_bad_bands_are_recalled(path):
    corrections = Corrections(nodata=7, scale=0.001, wavelengths=tuple(np.linspace(400, 900, 30)))
    say(path, Remembered({"order": "bsq"}, corrections, (0, 4)))
    cube = verbs.open_scene(path).cube
    assert cube.shape == (12, 14, 30)
    assert cube.nodata == 7
    assert cube.bands.centres[-1] == 900
    assert np.flatnonzero(~cube.bands.mask).tolist() == [0, 4]
    assert any("axis" in note or "order" in note for note in cube.notes)
    assert remembering.said_of(cube) == Remembered({"order": "bsq"}, corrections, (0, 4))


def test_options_given_now_come_first(path):
    say(path, Remembered({"order": "bsq"}))
    assert verbs.open_scene(path, options={"order": "bip"}).cube.shape == (30, 12, 14)


def test_what_a_recipe_says_takes_the_place_of_what_was_said(path):
    say(path, Remembered({"order": "bsq"}, Corrections(scale=2)))
    cube = verbs.open_scene(path, corrections=Corrections()).cube
    assert cube.shape == (30, 12, 14)
    assert cube.scale is None


def test_corrections_given_now_that_do_not_fit_are_refused(path):
    with pytest.raises(ParamError):
        verbs.open_scene(path, corrections=Corrections(wavelengths=(1.0, 2.0)))


def test_a_recipe_repeats_what_was_said_then(path, tmp_path):
    said = Corrections(scale=0.5, nodata=3)
    say(path, Remembered({"order": "bsq"}, said))
    result = verbs.detect(verbs.open_scene(path).cube, "grx")
    place_of(path).unlink()
    verbs.export(result, tmp_path / "out", "npy")
    recipe = read_recipe(next((tmp_path / "out").glob("*recipe.json")))
    assert recipe.origin.corrections == said
    again = verbs.open_scene(recipe.origin.path, options=recipe.origin.options, corrections=recipe.origin.corrections)
    np.testing.assert_array_equal(verbs.detect(again.cube, recipe.request).scores, result.scores)


def test_options_that_the_file_does_not_stand_are_told_and_ignored(path, monkeypatch):
    say(path, Remembered({"order": "bsq"}, Corrections(scale=2)))
    reader = catalog.readers().get("mat")

    def open_only_plain(place, entry, params):
        if params.order != "auto":
            raise ReadError("It has no such order.")
        return reader.open(place, entry, params)

    monkeypatch.setattr(
        verbs, "recognise", lambda place: (replace(reader, open=open_only_plain), reader.contents(place))
    )
    cube = verbs.open_scene(path).cube
    assert cube.scale is None
    assert any("no such order" in note for note in cube.notes)


def test_a_sidecar_leads_to_no_other_file(path):
    class Elsewhere(Params):
        table: Path = field(Path("x"), "Table")

    place_of(path).write_text(
        '{"format": "hadviewer metadata", "version": 1, "cubes": {"data": {"options": {"table": "/etc/passwd"}}}}'
    )
    reader = replace(catalog.readers().get("mat"), params=Elsewhere)
    said, remarks = remembering.recall(reader, path, "data")
    assert not said
    assert "other files" in remarks[0]


def test_the_worker_and_a_session_see_the_same_values(path, tmp_path):
    say(path, Remembered({"order": "bsq"}, Corrections(scale=0.5, nodata=3), (2,)))
    scene = verbs.open_scene(path)
    place_of(path).unlink()
    again = CubeReference.of(scene.cube).open()
    np.testing.assert_array_equal(again.values(), scene.cube.values())
    session = Session()
    session.open(scene)
    loaded = round_trip(session.state, tmp_path)
    np.testing.assert_array_equal(loaded.scene.cube.values(), scene.cube.values())
    assert remembering.said_of(loaded.scene.cube) == remembering.said_of(scene.cube)


@pytest.mark.parametrize(
    "said",
    [
        {"wavelengths": [1.0, 2.0]},
        {"bad_bands": [999]},
        {"bad_bands": [0]},
        {"options": {"order": "sideways"}},
        {"options": {"truncated": True}},
        {"name": "../out"},
    ],
)
def test_what_does_not_fit_is_told_and_the_file_opens(path, said):
    place = place_of(path)
    place.write_text(json.dumps({"format": "hadviewer metadata", "version": 1, "cubes": {"data": said}}))
    cube = verbs.open_scene(path).cube
    assert cube.shape == (30, 12, 14)
    assert cube.name == "field"
    assert any("ignored" in note for note in cube.notes)


def test_header_and_data_of_a_pair_share_what_is_said(tmp_path):
    np.zeros((2, 3, 4), dtype="<i2").tofile(tmp_path / "scene.img")
    (tmp_path / "scene.hdr").write_text(
        "ENVI\nsamples = 4\nlines = 3\nbands = 2\ndata type = 2\ninterleave = bsq\nwavelength = {0.5, 0.6}\n"
    )
    header = verbs.open_scene(tmp_path / "scene.hdr").cube
    assert {guess.field for guess in header.guesses} == {"byte_order", "wavelength_unit"}
    remembering.keep(header.origin, Remembered({"byte_order": "big"}, Corrections(wavelength_unit="um")))
    for name in ("scene.hdr", "scene.img"):
        cube = verbs.open_scene(tmp_path / name).cube
        assert cube.guesses == ()
        assert cube.bands.centres.tolist() == [500, 600]


def test_where_each_value_comes_from_is_told(path):
    cube = verbs.open_scene(path).cube
    told = remembering.told_by(cube)
    assert told["order"].kind == "guess"
    assert told["wavelengths"].kind == "unknown"
    assert told["nodata"].kind == "unknown"
    said = Corrections(wavelengths=tuple(np.linspace(0.4, 0.9, 14)), wavelength_unit="um", offset=1)
    origin = replace(cube.origin, options={"order": "bip"}, corrections=said)
    told = remembering.told_by(replace(corrected(cube, said), origin=origin))
    assert {name for name, one in told.items() if one.kind == "yours"} >= {"order", "wavelengths", "scale"}


def test_what_is_said_and_written_nowhere_is_work(path):
    session = Session()
    session.open(verbs.open_scene(path))
    assert not has_work(session.state)
    said = Corrections(scale=2)
    metadata.correct(session, session.cube, said)
    assert has_work(session.state)
    remembering.keep(session.cube.origin, remembering.said_of(session.cube))
    assert not has_work(session.state)


def test_a_damaged_sidecar_keeps_nobody_from_opening(path):
    place_of(path).write_text("no json")
    assert any("damaged" in note for note in verbs.open_scene(path).cube.notes)
    with pytest.raises(ReadError):
        say(path, Remembered({"order": "bsq"}))
