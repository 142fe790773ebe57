"""What is done in the worker process is what would have been done here."""

import dataclasses

import numpy as np
import pytest

import hadviewer
from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Scale
from hadviewer.core.results import DetectionRequest
from hadviewer.engine import tasks
from hadviewer.engine.tasks import CubeReference
from hadviewer.engine.transport import pack, unpack
from hadviewer.engine.worker import Worker
from hadviewer.io.sources import ArraySource


def cube_without_a_file():
    raw = np.random.default_rng(0).integers(1, 1000, (30, 40, 6)).astype(np.int16)
    raw[3, 4] = -9999
    bands = BandSet(6, np.linspace(400, 900, 6), usable=np.array([1, 1, 0, 1, 1, 1], bool))
    return Cube(ArraySource(raw), bands, name="array", scale=Scale(1e-3), nodata=-9999.0)


@pytest.fixture
def cube_in_a_file(tmp_path):
    np.save(tmp_path / "scene.npy", np.random.default_rng(1).random((30, 40, 6), dtype=np.float32))
    return hadviewer.open(tmp_path / "scene.npy").cube


@pytest.fixture
def run():
    """A function that runs a task in a worker process."""
    import threading

    worker = Worker(1)
    yield lambda task, *arguments: worker.run(task, arguments, lambda kind, content: None, threading.Event())
    worker.close()


def test_a_cube_from_a_file_travels_by_its_path(cube_in_a_file):
    reference = CubeReference.of(cube_in_a_file)
    assert reference.cube is None
    opened = reference.open()
    assert opened is not cube_in_a_file
    np.testing.assert_array_equal(opened.values(), cube_in_a_file.values())


def test_a_cube_without_a_file_travels_with_all_that_is_known_about_it(run):
    cube = cube_without_a_file()
    here = hadviewer.detect(cube, "grx")
    there = run(tasks.detect, DetectionRequest(detector="grx"), CubeReference.of(cube), {})
    np.testing.assert_array_equal(there.scores, here.scores)
    assert there.invalid_pixels == 1
    assert there.provenance["bands_used"] == 5
    assert there.provenance["source"] == here.provenance["source"]


def test_a_cube_without_a_file_is_read_by_the_thread_that_sends_it():
    class Counting(ArraySource):
        reads = 0

        def read(self, *arguments):
            Counting.reads += 1
            return super().read(*arguments)

    cube = cube_without_a_file()
    reference = CubeReference.of(dataclasses.replace(cube, source=Counting(cube.source.read(cube.window, slice(None)))))
    assert Counting.reads == 0
    arrived = unpack(pack(reference)).open()
    assert Counting.reads == 1
    np.testing.assert_array_equal(arrived.values(), cube.values())


def test_a_detection_gives_the_same_scores_in_the_worker(run, cube_in_a_file):
    request = DetectionRequest(detector="grx", bands="2-6")
    there = run(tasks.detect, request, CubeReference.of(cube_in_a_file), {})
    here = hadviewer.detect(cube_in_a_file, request)
    np.testing.assert_array_equal(there.scores, here.scores)
    assert there.request == here.request
    assert there.scores.flags.writeable


def test_the_devices_of_the_machine_begin_with_the_cpu():
    assert tasks.list_devices(Context())[0].id == "cpu"
