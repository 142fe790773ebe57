"""Every colour map offered can be had, and runs from dark to light or through the rainbow."""

import cmap
import numpy as np
import pytest

from hadviewer.render.colormaps import COLORMAPS, colour_table, parse_colour


@pytest.mark.parametrize("name", COLORMAPS)
def test_a_table_has_256_opaque_colours_like_those_of_the_map(name: str) -> None:
    table = colour_table(name)
    assert table.shape == (256, 4)
    assert table.dtype == np.uint8
    assert (table[:, 3] == 255).all()
    for place in (0.0, 0.5, 1.0):
        expected = np.array(cmap.Colormap(name)(place).rgba8[:3])
        assert np.abs(table[round(place * 255), :3].astype(int) - expected).max() <= 2


@pytest.mark.parametrize("name", [name for name in COLORMAPS if name != "turbo"])
def test_lightness_only_rises(name: str) -> None:
    luminance = colour_table(name)[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
    assert np.diff(luminance).min() > -1.0
    assert luminance[-1] - luminance[0] > 100


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="nonesuch"):
        colour_table("nonesuch")


def test_colours_are_read() -> None:
    assert parse_colour("#ff8001") == (255, 128, 1)
    with pytest.raises(ValueError, match="colour"):
        parse_colour("red")
