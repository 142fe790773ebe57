"""A chain can drop bands by their numbers."""

import numpy as np
import pytest

import hadviewer
from hadviewer.cli.typed import step
from hadviewer.core.context import Context
from hadviewer.core.errors import DetectorError, ParamError
from hadviewer.core.params import parse
from hadviewer.transforms.bands import BandsParams, bands

CUBE = np.random.default_rng(0).random((6, 9, 10)).astype(np.float32)


def run(keep, cube=CUBE):
    return bands(cube, parse(BandsParams, {"keep": keep}), Context())


@pytest.mark.parametrize(
    ("keep", "index"), [("all", range(10)), ("2-4", [1, 2, 3]), ("10,1-2", [0, 1, 9]), (" 3 ", [2]), ("1,1", [0])]
)
def test_keeps_what_is_written(keep, index):
    np.testing.assert_array_equal(run(keep), CUBE[..., list(index)])


def test_a_pixel_without_values_stays_so_even_when_its_bad_band_goes():
    holed = CUBE.copy()
    holed[2, 3, 9] = np.nan
    result = run("1-3", holed)
    assert np.isnan(result[2, 3]).all()
    assert np.isfinite(result).sum() == result.size - 3


@pytest.mark.parametrize("keep", ["0-3", "9-11", "2-", "four", "4-2"])
def test_a_choice_that_does_not_fit_is_refused(keep):
    with pytest.raises(DetectorError):
        run(keep)


def test_wavelengths_are_refused_before_anything_runs_and_the_user_learns_where_they_go():
    with pytest.raises(ParamError, match="wavelengths are chosen with the bands of the run") as refusal:
        run("450-900nm")
    assert refusal.value.field == "keep"


def test_counts_components_after_a_step_that_makes_them():
    without = hadviewer.detect(CUBE, "grx", transforms=[("pca", {"components": 10}), ("bands", {"keep": "2-10"})])
    subspace = hadviewer.detect(CUBE, "ssrx", dropped=1)
    np.testing.assert_allclose(without.scores, subspace.scores, rtol=1e-3)


def test_a_list_of_bands_can_be_typed_on_the_command_line():
    assert step("bands:keep=1-3,5, 8") == ("bands", {"keep": "1-3,5, 8"})
    assert step("pca:components=20,whiten=yes") == ("pca", {"components": "20", "whiten": "yes"})
