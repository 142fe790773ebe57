"""Bad bands of the session: one step to undo, honoured by display, detectors and recipes, told to the worker."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from hadviewer.core.bands import BandSet, select_bands, write_bands
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Origin, Scene, Truth
from hadviewer.core.results import DetectionRequest
from hadviewer.engine import bad_bands, detection, verbs
from hadviewer.engine.display import DisplayIntent, resolve
from hadviewer.engine.session import Session
from hadviewer.engine.tasks import CubeReference
from hadviewer.io.sources import ArraySource
from hadviewer.io.writers.envi import write_envi_cube


@pytest.fixture
def cube() -> Cube:
    values = np.random.default_rng(1).normal(100, 5, (12, 10, 30)).astype(np.float32)
    usable = np.ones(30, dtype=bool)
    usable[4] = False
    return Cube(ArraySource(values), BandSet(30, np.linspace(400, 980, 30), usable=usable))


@pytest.fixture
def session(cube: Cube) -> Session:
    session = Session()
    session.open(Scene(cube, Truth(np.zeros((12, 10), bool))))
    return session


def bad(session: Session) -> list[int]:
    assert session.cube is not None
    return np.flatnonzero(~session.cube.bands.mask).tolist()


def test_marking_is_one_step_to_undo(session: Session) -> None:
    assert bad_bands.mark(session, range(10, 13), usable=False)
    assert bad(session) == [4, 10, 11, 12]
    assert session.undo_label == "Mark 3 bands as bad"
    assert bad_bands.mark(session, [4], usable=True)
    assert session.undo_label == "Mark band 5 as good"
    session.undo()
    session.undo()
    assert bad(session) == [4]
    session.redo()
    assert bad(session) == [4, 10, 11, 12]


def test_other_bands_are_no_other_scene(session: Session) -> None:
    heard: list[str] = []
    session.scene_changed.connect(lambda: heard.append("scene"))
    session.bands_changed.connect(lambda: heard.append("bands"))
    before = session.cube
    bad_bands.mark(session, range(3), usable=False)
    session.undo()
    assert heard == ["bands", "bands"]
    assert before is not None
    assert before.same_pixels(session.cube)


def test_what_the_file_says_is_kept_beside(session: Session) -> None:
    bad_bands.mark(session, range(3), usable=False)
    assert session.cube is not None
    assert session.cube.bands.given is not None
    assert np.flatnonzero(~session.cube.bands.given).tolist() == [4]
    bad_bands.set_usable(session, session.cube.bands.given)
    assert session.cube.bands.given is None


def test_at_least_one_band_stays(session: Session) -> None:
    assert not bad_bands.mark(session, range(30), usable=False)
    assert bad(session) == [4]
    assert not bad_bands.mark(Session(), range(2), usable=False)


def test_the_composite_takes_other_bands(session: Session) -> None:
    assert session.cube is not None
    red = resolve(DisplayIntent("true"), session.cube).bands[0]
    bad_bands.mark(session, [red], usable=False)
    assert red not in resolve(DisplayIntent("true"), session.cube).bands


def test_a_detector_leaves_marked_bands_out_and_its_recipe_says_which(session: Session) -> None:
    bad_bands.mark(session, range(10), usable=False)
    assert session.cube is not None
    request = bad_bands.spelled_out(DetectionRequest(detector="grx"), session.cube)
    assert request.bands == "11-30"
    result = detection.run(request, session.cube, Context())
    assert result.provenance["bands_used"] == 20
    fresh = Cube(session.cube.source, BandSet(30))
    np.testing.assert_array_equal(detection.run(request, fresh).scores, result.scores)


def test_without_marks_a_request_stays_as_it_is(session: Session) -> None:
    request = DetectionRequest(detector="grx")
    assert session.cube is not None
    assert bad_bands.spelled_out(request, session.cube) is request


@pytest.mark.parametrize("choice", [[0], [0, 1, 2], [0, 2, 4], [3, 4, 5, 9, 11, 12], list(range(30))])
def test_a_choice_of_bands_survives_being_written(choice: list[int]) -> None:
    assert select_bands(write_bands(np.array(choice)), BandSet(30)).tolist() == choice


def test_the_worker_opens_the_file_with_the_same_bands(tmp_path: Path, cube: Cube) -> None:
    header = tmp_path / "scene.hdr"
    write_envi_cube(header, cube.values(), cube.bands)
    opened = verbs.open_scene(header).cube
    session = Session()
    session.open(Scene(opened))
    bad_bands.mark(session, range(7, 9), usable=False)
    assert session.cube is not None
    assert isinstance(session.cube.origin, Origin)
    reference = pickle.loads(pickle.dumps(CubeReference.of(session.cube)))
    assert np.flatnonzero(~reference.open().bands.mask).tolist() == [4, 7, 8]


def test_a_file_written_of_it_keeps_the_list(tmp_path: Path, session: Session) -> None:
    bad_bands.mark(session, range(7, 9), usable=False)
    assert session.cube is not None
    write_envi_cube(tmp_path / "out.hdr", session.cube.values(), session.cube.bands)
    again = verbs.open_scene(tmp_path / "out.hdr").cube
    assert np.flatnonzero(~again.bands.mask).tolist() == [4, 7, 8]


def test_a_suggestion_of_a_large_scene_looks_at_strips_all_over_it(cube: Cube, monkeypatch: pytest.MonkeyPatch) -> None:
    values = cube.values()
    values[..., 20] = 0
    whole = bad_bands.suggest(CubeReference.of(Cube(ArraySource(values), BandSet(30))), Context())
    assert "all pixels 0" in whole.reasons[20]
    assert whole.mean[3] == pytest.approx(values[..., 3].mean(), rel=1e-6)
    monkeypatch.setattr(bad_bands, "STRIP_BYTES", 10 * 30 * 8)
    monkeypatch.setattr(bad_bands, "MOST_BYTES", 6 * 10 * 30 * 8)
    part = bad_bands.suggest(CubeReference.of(Cube(ArraySource(values), BandSet(30))), Context())
    assert "all pixels 0" in part.reasons[20]
    chosen = np.linspace(0, 11, 6).astype(int)
    assert part.mean[3] == pytest.approx(values[chosen, :, 3].mean(), rel=1e-6)
