"""Superpixels as the worker process computes them: in strips, with the result of the whole."""

import threading

import numpy as np
import pytest

from hadviewer.analysis.superpixels import band_features, principal_components, segment, segment_means
from hadviewer.core.context import Context
from hadviewer.core.cube import Window
from hadviewer.core.errors import Cancelled, DetectorError
from hadviewer.engine import superpixel_tasks
from hadviewer.engine.superpixel_tasks import SuperpixelParams
from hadviewer.engine.tasks import CubeReference
from hadviewer.engine.verbs import as_cube

ROWS, COLS, BANDS = 40, 50, 12


@pytest.fixture
def values():
    """Four fields with noise; one pixel has no value."""
    rng = np.random.default_rng(3)
    fields = np.kron(rng.uniform(0.1, 0.9, (2, 2, BANDS)), np.ones((ROWS // 2, COLS // 2, 1)))
    array = (fields + rng.normal(0, 0.01, fields.shape)).astype(np.float32)
    array[7, 9] = np.nan
    return array


@pytest.fixture
def reference(values):
    return CubeReference.of(as_cube(values))


def test_strips_give_what_the_whole_scene_gives(values, reference, monkeypatch):
    monkeypatch.setattr(superpixel_tasks, "STRIP_BYTES", 8 * COLS * BANDS * 3)
    bands = np.arange(0, BANDS, 2)
    labels, means, _ = superpixel_tasks.segment(
        reference, bands, SuperpixelParams(number=30, components=3), None, Context()
    )
    expected = segment(principal_components(values[:, :, bands], 3), 30, 5.0)
    np.testing.assert_array_equal(labels, expected)
    assert labels.dtype == np.int32
    assert labels[7, 9] == -1
    np.testing.assert_allclose(means, segment_means(values, labels), rtol=1e-6)
    assert means.dtype == np.float32


def test_the_parameters_decide(reference):
    few, _, _ = superpixel_tasks.segment(reference, np.arange(BANDS), SuperpixelParams(number=4), None, Context())
    many, _, _ = superpixel_tasks.segment(reference, np.arange(BANDS), SuperpixelParams(number=60), None, Context())
    assert few.max() < many.max()


def test_progress_never_runs_back_and_ends_whole(reference):
    told = []

    class Reporter:
        def progress(self, fraction, message, values):
            told.append(fraction)

    superpixel_tasks.segment(
        reference, np.arange(BANDS), SuperpixelParams(number=10), None, Context(reporter=Reporter())
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_it_can_be_cancelled(reference):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        superpixel_tasks.segment(reference, np.arange(BANDS), SuperpixelParams(), None, Context(cancelled=stop.is_set))


def test_likeness_in_the_composite_uses_its_bands_only(values, reference):
    params = SuperpixelParams(number=30, channels="composite", composite="2,5,9")
    labels, _, _ = superpixel_tasks.segment(reference, np.arange(BANDS), params, None, Context())
    np.testing.assert_array_equal(labels, segment(band_features(values[:, :, [1, 4, 8]]), 30))


def test_likeness_in_all_bands_uses_the_usable_ones(values, reference):
    bands = np.arange(3, BANDS)
    params = SuperpixelParams(number=30, channels="all")
    labels, _, _ = superpixel_tasks.segment(reference, bands, params, None, Context())
    np.testing.assert_array_equal(labels, segment(values[:, :, bands], 30))


def test_what_was_read_once_serves_again(reference):
    bands, params = np.arange(BANDS), SuperpixelParams(number=30)
    _, _, features = superpixel_tasks.segment(reference, bands, params, None, Context())
    changed = SuperpixelParams(number=30, compactness=9.0, smoothing=1.0)
    again, means, _ = superpixel_tasks.segment(reference, bands, changed, features, Context())
    anew, expected, _ = superpixel_tasks.segment(reference, bands, changed, None, Context())
    np.testing.assert_array_equal(again, anew)
    np.testing.assert_array_equal(means, expected)


def test_a_preview_cuts_the_part_in_sight_as_finely_as_the_whole(reference):
    bands, params = np.arange(BANDS), SuperpixelParams(number=60)
    labels = superpixel_tasks.preview(reference, bands, params, Window(10, 40, 0, 50), 1, Context())
    assert labels.shape == (30, 50)
    assert 25 <= labels.max() + 1 <= 60
    coarse = superpixel_tasks.preview(reference, bands, params, Window(10, 40, 0, 50), 2, Context())
    assert coarse.shape == (15, 25)
    assert 25 <= coarse.max() + 1 <= 60


def test_channels_that_memory_cannot_take_are_refused_with_a_hint(reference, monkeypatch):
    monkeypatch.setattr("hadviewer.engine.memory.free_bytes", lambda: 1000)
    with pytest.raises(DetectorError, match="memory"):
        superpixel_tasks.segment(reference, np.arange(BANDS), SuperpixelParams(channels="all"), None, Context())
