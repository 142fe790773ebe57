"""The picture of curves: every curve in its colour, higher values higher, odd values left out."""

import numpy as np
import pytest

from hadviewer.render.curves import COLOURS, HEIGHT, TOP, WIDTH, _ticks, curve_figure


def figure(curves, **options):
    return curve_figure(curves, title="Title", x_label="Epoch", y_label="Loss", **options)


def heights(picture, number):
    """Rows where a colour stands inside the axes."""
    return np.nonzero((picture[TOP + 1 :] == COLOURS[number]).all(axis=2))[0]


def test_is_a_picture_with_each_curve_in_its_colour():
    picture = figure({"loss": [3, 2, 1], "other": [1, 1, 1]})
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8
    assert heights(picture, 0).size
    assert heights(picture, 1).min() > heights(picture, 0).min()


@pytest.mark.parametrize("logarithmic", [True, False])
@pytest.mark.parametrize(
    "curve", [[], [1.0], [2.0, 2.0], [1, np.nan, 3], [np.inf, 1, 2], [0.0, -1.0, 5.0], [1e-9, 1e9], [1e-300, 1e-299]]
)
def test_odd_values_are_no_trouble(curve, logarithmic):
    assert figure({"loss": curve}, logarithmic=logarithmic).shape == (HEIGHT, WIDTH, 3)


def test_a_logarithmic_axis_gives_equal_ratios_equal_heights():
    spread = [
        np.ptp(heights(figure({"a": curve, "b": [1, 100]}, logarithmic=True), 0)) for curve in ([1, 10], [10, 100])
    ]
    assert abs(spread[0] - spread[1]) <= 2


def test_labels_are_round_numbers():
    assert [text for _, text in _ticks(-1.2, 2.3, True)] == ["0.1", "1", "10", "100"]
    assert [text for _, text in _ticks(np.log10(0.4), np.log10(2.2), True)] == ["0.5", "1", "2"]
    assert [text for _, text in _ticks(np.log10(1.1), np.log10(1.8), True)] == ["1.2", "1.4", "1.6", "1.8"]
    assert [text for _, text in _ticks(0, 1, False)] == ["0", "0.2", "0.4", "0.6", "0.8", "1"]
