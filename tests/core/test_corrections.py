"""What a user says of a cube takes the place of what its file says, and of what was guessed."""

from dataclasses import replace

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.corrections import Corrections, corrected
from hadviewer.core.cube import Cube, Guess, Scale
from hadviewer.core.errors import ParamError
from hadviewer.core.params import parse
from hadviewer.io.sources import ArraySource

ASSUMED = "The unit of the wavelengths is not given; micrometres assumed."


@pytest.fixture
def cube():
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    bands = BandSet(
        4, np.array([400.0, 500, 600, 700]), np.full(4, 10.0), assumed=ASSUMED, unit="um", usable=[1, 1, 0, 1]
    )
    return Cube(
        ArraySource(values), bands, notes=(ASSUMED, "Another remark."), guessed=(Guess("order", "bip", "w", ()),)
    )


def test_nothing_said_changes_nothing(cube):
    assert corrected(cube, None) is cube
    assert corrected(cube, Corrections()) is cube


def test_wavelengths_are_taken_in_their_unit_and_the_guess_is_settled(cube):
    said = Corrections(wavelengths=(0.4, 0.5, 0.6, 0.8), wavelength_unit="um")
    found = corrected(cube, said)
    np.testing.assert_allclose(found.bands.centres, [400, 500, 600, 800])
    assert found.notes == ("Another remark.",)
    assert [guess.field for guess in found.guesses] == ["order"]


def test_a_unit_alone_says_what_the_numbers_of_the_file_are(cube):
    found = corrected(cube, Corrections(wavelength_unit="nm"))
    np.testing.assert_allclose(found.bands.centres, [0.4, 0.5, 0.6, 0.7])
    np.testing.assert_allclose(found.bands.fwhm, 0.01)


def test_widths_stay_when_only_centres_are_given(cube):
    found = corrected(cube, Corrections(wavelengths=(0.4, 0.5, 0.6, 0.8), wavelength_unit="um"))
    np.testing.assert_allclose(found.bands.fwhm, 10)


def test_no_wavelengths_can_be_said(cube):
    assert corrected(cube, Corrections(wavelengths=())).bands.centres is None


@pytest.mark.parametrize(("said", "what"), [({"fwhm": (5.0,) * 4}, "widths"), ({"wavelength_unit": "um"}, "unit")])
def test_without_wavelengths_there_are_neither_widths_nor_a_unit(cube, said, what):
    with pytest.raises(ParamError, match=f"no wavelengths that the {what}"):
        corrected(replace(cube, bands=BandSet(4)), Corrections(**said))


def test_marks_of_bad_bands_stay(cube):
    assert corrected(cube, Corrections(wavelength_unit="nm")).bands.mask.tolist() == [True, True, False, True]


def test_scale_offset_and_no_data_are_honoured_by_the_values(cube):
    found = corrected(cube, Corrections(scale=0.5, offset=1, nodata=23))
    assert found.values()[0, 0, 2] == 2
    assert np.isnan(found.values()[1, 2, 3])


def test_no_data_and_scale_of_the_file_can_be_switched_off(cube):
    filed = replace(cube, nodata=0.0, scale=Scale(np.full(4, 0.1), np.zeros(4)))
    found = corrected(filed, Corrections(scale=1, nodata="none"))
    assert found.scale is None
    assert found.nodata is None
    assert not found.same_pixels(filed)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"wavelengths": (1.0, 2.0)}, "wavelengths"),
        ({"fwhm": (1.0, 2.0)}, "fwhm"),
        ({"wavelengths": (1.0, 2.0, 3.0, 1e305), "wavelength_unit": "m"}, "wavelengths"),
        ({"wavelengths": (1e-320, 2.0, 3.0, 4.0), "wavelength_unit": "cm-1"}, "wavelengths"),
        ({"fwhm": (1.0, 2.0, 3.0, 1e308)}, "fwhm"),
        ({"nodata": 0.5}, "nodata"),
        ({"nodata": 70000}, "nodata"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(cube, said, field):
    with pytest.raises(ParamError) as caught:
        corrected(cube, Corrections(**said))
    assert caught.value.field == field


@pytest.mark.parametrize(
    "said",
    [{"name": "../etc/x"}, {"name": ".hidden"}, {"name": "two\nlines"}, {"wavelengths": [0.0, -1]}, {"scale": 0},
     {"unit": "x" * 300}, {"scale": float("nan")}, {"surprise": 1}],
)  # fmt: skip
def test_what_a_stranger_could_write_is_refused(said):
    with pytest.raises(ParamError):
        parse(Corrections, said)


def test_corrected_bands_are_told_from_marked_ones(cube):
    marked = replace(cube, bands=cube.bands.with_usable(np.array([True, False, True, True])))
    assert cube.same_but_marks(marked)
    assert not cube.same_but_marks(corrected(cube, Corrections(wavelength_unit="nm")))
    assert cube.same_pixels(corrected(cube, Corrections(wavelength_unit="nm")))
