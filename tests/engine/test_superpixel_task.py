"""Superpixels as the worker process computes them: in strips, with the result of the whole."""

import threading

import numpy as np
import pytest

from hadviewer.analysis.superpixels import principal_components, segment, segment_means
from hadviewer.core.context import Context
from hadviewer.core.errors import Cancelled
from hadviewer.engine import tasks
from hadviewer.engine.tasks import CubeReference, SuperpixelParams
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
    monkeypatch.setattr(tasks, "STRIP_BYTES", 8 * COLS * BANDS * 3)
    bands = np.arange(0, BANDS, 2)
    labels, means = tasks.segment(reference, bands, SuperpixelParams(number=30, components=3), Context())
    expected = segment(principal_components(values[:, :, bands], 3), 30, 5.0)
    np.testing.assert_array_equal(labels, expected)
    assert labels.dtype == np.int32
    assert labels[7, 9] == -1
    np.testing.assert_allclose(means, segment_means(values, labels), rtol=1e-6)
    assert means.dtype == np.float32


def test_the_parameters_decide(reference):
    few, _ = tasks.segment(reference, np.arange(BANDS), SuperpixelParams(number=4), Context())
    many, _ = tasks.segment(reference, np.arange(BANDS), SuperpixelParams(number=60), Context())
    assert few.max() < many.max()


def test_progress_never_runs_back_and_ends_whole(reference):
    told = []

    class Reporter:
        def progress(self, fraction, message, values):
            told.append(fraction)

    tasks.segment(reference, np.arange(BANDS), SuperpixelParams(number=10), Context(reporter=Reporter()))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_it_can_be_cancelled(reference):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        tasks.segment(reference, np.arange(BANDS), SuperpixelParams(), Context(cancelled=stop.is_set))
