"""A recorded training as files."""

import csv

import numpy as np
import pytest
from PIL import Image

from hadviewer.core.errors import WriteError
from hadviewer.engine.film import SCORES, Recording, Recordings, compact
from hadviewer.engine.film_export import MOST_STEPS, curve_table, export_curves, export_film, export_pictures, spread

SHAPE = (20, 30)


@pytest.fixture
def recording():
    """Ten steps with a loss, an energy at every second, maps, colours and a matrix."""
    rng = np.random.default_rng(0)
    recordings, recording = Recordings(10**8), Recording(1, "SUPERAD 2", SHAPE)
    recordings.enter(recording)
    recordings.keep(recording, "Input", compact(0, rng.random((*SHAPE, 3)), SHAPE))
    for step in range(1, 11):
        recording.point("loss", step, 1 / step)
        if step % 2:
            recording.point("energy", step, float(step))
        recording.areas[step] = 0.9 + step / 1000
        recordings.keep(recording, SCORES, compact(step, rng.random(SHAPE), SHAPE))
        recordings.keep(recording, "Attention", compact(step, rng.random((8, 8)), SHAPE))
    return recording


def test_curves_are_a_table_with_a_row_per_step(recording, tmp_path):
    path = export_curves(tmp_path / "curves.csv", recording)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# SUPERAD 2"
    rows = list(csv.DictReader(lines[1:]))
    assert list(rows[0]) == ["step", "loss", "energy", "AUC"]
    assert [row["step"] for row in rows] == [str(step) for step in range(1, 11)]
    assert [float(row["loss"]) for row in rows] == [1 / step for step in range(1, 11)]
    assert rows[1]["energy"] == ""
    assert float(rows[9]["AUC"]) == 0.91


def test_a_run_without_truth_has_no_column_for_it(recording):
    recording.areas = {}
    assert curve_table(recording)[0] == ("step", "loss", "energy")


def test_pictures_of_a_step_have_their_own_size(recording, tmp_path):
    written = export_pictures(tmp_path, recording, 4)
    names = {"superad-2-anomaly-map-4.png", "superad-2-input-0.png", "superad-2-attention-4.png"}
    assert {path.name for path in written} == names
    with Image.open(tmp_path / "superad-2-anomaly-map-4.png") as picture:
        assert picture.size == (30, 20)
        assert picture.text["Title"].startswith("SUPERAD 2: Anomaly map, step 4, ")


def test_all_steps_are_an_animation_of_sheets(recording, tmp_path):
    path = export_film(tmp_path / "film.png", recording)
    with Image.open(path) as film:
        assert film.format == "PNG"
        assert film.n_frames == 11
        assert film.info["loop"] == 0
        first = np.asarray(film.convert("RGB"))
        film.seek(10)
        assert (np.asarray(film.convert("RGB")) != first).any()


def test_of_many_steps_an_even_choice_is_written():
    assert spread([1, 2, 3], 5) == [1, 2, 3]
    picked = spread(list(range(1000)), MOST_STEPS)
    assert len(picked) == MOST_STEPS
    assert (picked[0], picked[-1]) == (0, 999)


def test_a_folder_that_is_a_file_is_a_sentence(recording, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="cannot be written"):
        export_film(tmp_path / "file" / "film.png", recording)
