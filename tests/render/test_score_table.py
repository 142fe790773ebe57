"""The picture of a benchmark shows every cell, the better the brighter."""

import numpy as np

from hadviewer.render.colormaps import colour_table
from hadviewer.render.score_table import EMPTY, _shades, score_table


def test_every_cell_and_label_has_its_place():
    areas = np.array([[0.9, 0.999], [np.nan, 0.5]])
    texts = [["0.9000", "0.9990 ± 0.0001"], ["failed", "0.5000"]]
    picture = score_table(areas, texts, ["north", "south"], ["grx", "lrx"], "Areas")
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    wider = score_table(areas, texts, ["a scene with a long name", "south"], ["grx", "lrx"], "Areas")
    assert wider.shape[1] > picture.shape[1]
    assert wider.shape[0] == picture.shape[0]


def test_colours_follow_the_number_of_nines():
    table = colour_table("viridis")
    [shades] = _shades(np.array([[0.0, 0.5, 0.9, 0.99, 0.999, 1.0, np.nan]]), "viridis")
    assert shades[0] == shades[1] == tuple(table[0, :3])
    assert shades[4] == shades[5] == tuple(table[-1, :3])
    brightness = [sum(shade) for shade in shades[1:5]]
    assert brightness == sorted(brightness)
    assert len(set(brightness)) == 4
    assert shades[6] == EMPTY
