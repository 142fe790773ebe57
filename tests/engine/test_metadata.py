"""Editing what is known of a scene: texts become corrections, the scene follows and can be taken back."""

from dataclasses import replace

import numpy as np
import pytest

from hadviewer.core.corrections import Corrections, corrected
from hadviewer.core.cube import Scale, Scene
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.engine import metadata, verbs
from hadviewer.engine.session import Session


@pytest.fixture
def path(tmp_path):
    values = np.random.default_rng(3).integers(1, 4000, (12, 14, 5)).astype(np.int16)
    np.save(tmp_path / "field.npy", values)
    (tmp_path / "field_wavelengths.txt").write_text("0.4\n0.5\n0.6\n0.7\n0.8\n")
    return tmp_path / "field.npy"


@pytest.fixture
def cube(path):
    return verbs.open_scene(path).cube


def edited(cube, **texts):
    filed = metadata.texts_of(cube)
    return metadata.corrections_from(filed, {**filed, **texts})


def test_texts_left_alone_say_nothing(cube):
    assert not edited(cube)


def test_wavelengths_stand_in_the_unit_of_the_file(cube):
    texts = metadata.texts_of(cube)
    assert texts["wavelength_unit"] == "um"
    assert texts["wavelengths"].splitlines() == ["0.4", "0.5", "0.6", "0.7", "0.8"]


def test_another_unit_alone_keeps_the_numbers_of_the_file(cube):
    said = edited(cube, wavelength_unit="nm")
    assert said.said() == {"wavelength_unit": "nm"}
    assert corrected(cube, said).bands.centres.tolist() == pytest.approx([0.4, 0.5, 0.6, 0.7, 0.8])


def test_a_guess_that_is_confirmed_is_one_no_more(cube):
    texts = metadata.texts_of(cube)
    said = metadata.corrections_from(texts, texts, {"wavelength_unit"})
    assert said.said() == {"wavelength_unit": "um"}
    found = corrected(cube, said)
    assert "wavelength_unit" not in {guess.field for guess in found.guesses}
    np.testing.assert_allclose(found.bands.centres, cube.bands.centres)


def test_pasted_wavelengths_with_widths_are_taken(cube):
    said = edited(cube, wavelengths="400\t10\n500\t10\n600\t12\n700\t12\n800\t12", wavelength_unit="nm")
    bands = corrected(cube, said).bands
    assert bands.centres.tolist() == [400, 500, 600, 700, 800]
    assert bands.fwhm.tolist() == [10, 10, 12, 12, 12]


@pytest.mark.parametrize(
    ("lines", "widths"),
    [
        ([f"Band {band}: {300 + 100 * band} nm" for band in range(1, 6)], None),
        ([f"{band}\t{400 + 100 * band}\t10" for band in range(5)], [10] * 5),
    ],
)
def test_numbers_of_bands_before_the_wavelengths_are_none_of_them(cube, lines, widths):
    bands = corrected(cube, edited(cube, wavelengths="\n".join(lines), wavelength_unit="nm")).bands
    assert bands.centres.tolist() == [400, 500, 600, 700, 800]
    assert (None if bands.fwhm is None else bands.fwhm.tolist()) == widths


def test_edited_texts_show_again_what_was_said(cube):
    said = edited(cube, wavelengths="400, 10\n500, 10\n600, 12\n700, 12\n800, 12", wavelength_unit="nm", scale="1/100")
    texts = metadata.texts_of(corrected(cube, said))
    assert texts["wavelengths"].splitlines()[2] == "600, 12"
    assert texts["scale"] == "0.01"
    assert metadata.corrections_from(metadata.texts_of(cube), texts) == said


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"nodata": "-9999"}, {"nodata": -9999}),
        ({"nodata": "0"}, {"nodata": 0}),
        ({"scale": "1/10000"}, {"scale": 1e-4}),
        ({"scale": "0,5", "offset": "-0.1"}, {"scale": 0.5, "offset": -0.1}),
        ({"scale": "0,125", "offset": "2,5"}, {"scale": 0.125, "offset": 2.5}),
        ({"quantity": "Radiance", "unit": "W/m²"}, {"quantity": "Radiance", "unit": "W/m²"}),
        ({"wavelengths": ""}, {"wavelengths": []}),
        ({"name": "meadow"}, {"name": "meadow"}),
    ],
)
def test_texts_become_corrections(cube, texts, said):
    assert edited(cube, **texts).said() == said


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"nodata": "many"}, "nodata"),
        ({"scale": "1/0"}, "scale"),
        ({"scale": "0"}, "scale"),
        ({"scale": "1/10,000"}, "scale"),
        ({"nodata": "-9,999"}, "nodata"),
        ({"name": "a/b"}, "name"),
        ({"wavelengths": "400\nand so on\n500"}, "wavelengths"),
        ({"wavelengths": "1 2 3\n4 5 6"}, "wavelengths"),
        ({"offset": "inf"}, "offset"),
    ],
)
def test_what_says_nothing_sensible_is_refused_at_its_field(cube, texts, field):
    with pytest.raises(ParamError) as caught:
        edited(cube, **texts)
    assert caught.value.field == field


def test_gains_of_single_bands_stay_until_one_number_takes_their_place(cube):
    per_band = replace(cube, scale=Scale(np.linspace(0.1, 0.5, 5), np.zeros(5)))
    assert metadata.texts_of(per_band)["scale"] == metadata.PER_BAND
    kept = corrected(per_band, edited(per_band, offset="1"))
    assert kept.scale.gain[4] == 0.5
    assert corrected(per_band, edited(per_band, scale="1")).scale is None


def test_wavelengths_are_read_from_many_files(tmp_path):
    (tmp_path / "a.csv").write_text("band,nm\n400,10\n500,10\n")
    (tmp_path / "b.json").write_text('{"wavelength": [0.4, 0.5], "units": "um"}')
    (tmp_path / "c.hdr").write_text("ENVI\nbands = 2\nwavelength units = nm\nwavelength = {400, 500}\n")
    np.save(tmp_path / "d.npy", [400.0, 500.0])
    for name in ("a.csv", "b.json", "c.hdr", "d.npy"):
        text, unit = metadata.read_wavelengths(tmp_path / name)
        numbers = [float(line.split(",")[0]) for line in text.splitlines()]
        assert numbers == ([0.4, 0.5] if unit == "um" else [400, 500])
    (tmp_path / "numbered.csv").write_text("band,nm\n1,400\n2,500\n")
    assert metadata.read_wavelengths(tmp_path / "numbered.csv") == ("400\n500", "nm")
    (tmp_path / "e.txt").write_text("nothing")
    with pytest.raises(ReadError):
        metadata.read_wavelengths(tmp_path / "e.txt")


def test_a_correction_is_undone_and_marks_of_bands_stay(path):
    session = Session()
    session.open(verbs.open_scene(path))
    told = []
    session.scene_changed.connect(lambda: told.append("scene"))
    usable = np.array([True, False, True, True, True])
    before = replace(session.cube, bands=session.cube.bands.with_usable(usable))
    session.change("Mark", scene=Scene(before))
    assert told == []
    base = metadata.filed(session.cube).cube
    metadata.correct(session, base, Corrections(scale=0.5))
    assert told == ["scene"]
    assert session.cube.bands.mask.tolist() == usable.tolist()
    assert session.cube.origin.corrections == Corrections(scale=0.5)
    assert session.undo_label == "Edit metadata"
    session.undo()
    assert session.cube is before


def test_the_file_can_be_told_from_what_was_said_of_it(path):
    session = Session()
    session.open(verbs.open_scene(path))
    metadata.correct(session, session.cube, Corrections(nodata=5))
    filed = metadata.filed(session.cube)
    assert filed.cube.nodata is None
    assert filed.cube.source is session.cube.source
    assert filed.suggested == 1e-4
    assert metadata.filed(session.cube, {"order": "bsq"}).cube.shape == (14, 5, 12)
