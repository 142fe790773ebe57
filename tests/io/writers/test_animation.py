"""Pictures and sequences of pictures as PNG."""

import numpy as np
import pytest
from PIL import Image

from hadviewer.core.errors import WriteError
from hadviewer.io.writers.animation import LAST_MS, write_animation, write_picture


def pictures(count):
    return [np.full((6, 8, 3), 20 * number, dtype=np.uint8) for number in range(count)]


def test_a_sequence_plays_every_picture_in_turn(tmp_path):
    with Image.open(write_animation(tmp_path / "film.png", pictures(5), "Five greys")) as film:
        assert film.n_frames == 5
        assert film.text["Title"] == "Five greys"
        for number in range(5):
            film.seek(number)
            assert np.asarray(film.convert("RGB"))[0, 0].tolist() == [20 * number] * 3
        assert film.info["duration"] == LAST_MS


def test_a_sequence_of_one_is_a_picture(tmp_path):
    with Image.open(write_animation(tmp_path / "film.png", pictures(1))) as film:
        assert getattr(film, "n_frames", 1) == 1


def test_a_picture_keeps_its_values_and_its_holes(tmp_path):
    rgba = np.random.default_rng(0).integers(0, 256, (5, 7, 4), dtype=np.uint8)
    with Image.open(write_picture(tmp_path / "picture.png", rgba)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), rgba)


def test_a_failure_leaves_no_file(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError):
        write_picture(tmp_path / "file" / "picture.png", pictures(1)[0])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
