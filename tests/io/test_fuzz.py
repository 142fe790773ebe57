"""Damaged files of every format are opened or refused in a sentence: no other error, no memory beyond their size."""

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.io import fuzzing

SECONDS = 2.0
MOST_MEMORY = 2**28


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[fuzzing.Specimen], Path]:
    folder = tmp_path_factory.mktemp("fuzz")
    specimens = fuzzing.specimens(None, folder / "made")
    for specimen in specimens:
        content = specimen.path.read_bytes()
        fuzzing.attempt(fuzzing.place(specimen, content, folder / "case"))  # imports do not count
    return specimens, folder / "case"


def test_undamaged_specimens_open(made: tuple[list[fuzzing.Specimen], Path]) -> None:
    specimens, folder = made
    for specimen in specimens:
        if specimen.path.name != "v4.mat":  # one flat array, no cube
            path = fuzzing.place(specimen, specimen.path.read_bytes(), folder)
            assert fuzzing.attempt(path) == "opened", path


@pytest.mark.qt_no_exception_capture
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # GDAL's warnings are not always UTF-8
@given(st.integers(0, 10**6), st.integers(0, 2**32 - 1))
@settings(
    max_examples=600, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_damaged_files_are_read_or_refused(made: tuple[list[fuzzing.Specimen], Path], number: int, seed: int) -> None:
    specimens, folder = made
    specimen = specimens[number % len(specimens)]
    path = fuzzing.place(specimen, fuzzing.damaged(specimen.path.read_bytes(), np.random.default_rng(seed)), folder)
    tracemalloc.start()
    started = time.process_time()
    try:
        fuzzing.attempt(path)
        seconds, memory = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seconds < SECONDS
    assert memory < MOST_MEMORY
