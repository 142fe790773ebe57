"""What a run shows is kept by step, within a memory cap."""

import numpy as np
import pytest

from hadviewer.engine.film import (
    MOST_FRAMES,
    SCORES,
    Film,
    Frame,
    Recording,
    Recordings,
    area_of,
    compact,
)

SHAPE = (20, 30)


def frame(step: int, size: int = 100) -> Frame:
    return Frame(step, np.full((size, 1), step, dtype=np.float32), "matrix")


def steps(film: Film) -> list[int]:
    return [item.step for item in film.frames]


class TestCompact:
    def test_a_map_of_the_scene_is_kept_as_it_is_in_memory_of_its_own(self):
        scores = np.random.default_rng(0).random(SHAPE).astype(np.float32)
        kept = compact(3, scores, SHAPE)
        assert (kept.step, kept.kind) == (3, "map")
        np.testing.assert_array_equal(kept.array, scores)
        assert not np.shares_memory(kept.array, scores)

    def test_colours_become_bytes(self):
        colours = np.stack([np.full(SHAPE, value) for value in (0.0, 0.5, 2.0)], axis=2).astype(np.float32)
        colours[0, 0] = np.nan
        kept = compact(1, colours, SHAPE)
        assert kept.kind == "colours"
        assert kept.array.dtype == np.uint8
        assert kept.array[5, 5].tolist() == [0, 128, 255]
        assert kept.array[0, 0].tolist() == [0, 0, 0]

    def test_any_other_plane_is_a_matrix(self):
        assert compact(1, np.eye(7), SHAPE).kind == "matrix"

    def test_a_large_map_gets_smaller_and_keeps_its_hottest_pixel(self):
        scores = np.zeros((400, 300), dtype=np.float32)
        scores[201, 77] = 9
        kept = compact(1, scores, (400, 300), most=10_000)
        assert kept.kind == "map"
        assert kept.array.size <= 10_000
        assert kept.array.max() == 9

    @pytest.mark.parametrize("shape", [(5,), (0, 4), (3, 4, 5), (2, 2, 2, 3)])
    def test_what_is_no_picture_is_left_out(self, shape):
        assert compact(1, np.zeros(shape), SHAPE) is None


class TestFilm:
    def test_a_picture_is_found_by_the_last_step_up_to_the_one_asked_for(self):
        film = Film()
        for step in (0, 10, 20):
            film.add(frame(step))
        assert [film.at(step).step for step in (-1, 0, 9, 10, 99)] == [0, 0, 0, 10, 20]
        assert Film().at(3) is None

    def test_a_second_picture_of_a_step_takes_the_place_of_the_first(self):
        film = Film()
        film.add(frame(5))
        film.add(Frame(5, np.ones((2, 2), dtype=np.float32), "matrix"))
        assert steps(film) == [5]
        assert film.nbytes == 16

    def test_thinning_drops_every_second_and_keeps_the_last(self):
        film = Film()
        for step in range(10):
            film.add(frame(step))
        assert film.thin()
        assert steps(film) == [0, 2, 4, 6, 8, 9]
        assert film.nbytes == 6 * 400

    def test_later_pictures_are_as_far_apart_as_those_that_were_thinned(self):
        film = Film()
        for step in range(10):
            film.add(frame(step))
        film.thin()
        for step in range(10, 16):
            film.add(frame(step))
        assert steps(film) == [0, 2, 4, 6, 8, 10, 12, 14, 15]

    def test_a_film_never_has_more_frames_than_a_slider_needs(self):
        film = Film()
        for step in range(5 * MOST_FRAMES):
            film.add(frame(step, 1))
            assert len(film.frames) <= MOST_FRAMES
        assert steps(film)[0] == 0
        assert steps(film)[-1] == 5 * MOST_FRAMES - 1

    def test_first_and_last_cannot_be_thinned(self):
        film = Film()
        film.add(frame(0))
        film.add(frame(1))
        assert not film.thin()


class TestRecording:
    def test_curves_keep_every_point(self):
        recording = Recording(1, "A", SHAPE)
        for step in range(1, 4):
            recording.point("loss", step, 1 / step)
        x, y = recording.curves["loss"].points()
        assert x.tolist() == [1, 2, 3]
        assert y.tolist() == [1, 0.5, 1 / 3]

    def test_a_second_training_goes_on_counting(self):
        recording = Recording(1, "A", SHAPE)
        for _ in range(2):
            for step in range(1, 4):
                recording.point("loss", step, 1.0)
                recording.point("energy", step, 1.0)
        assert recording.curves["loss"].points()[0].tolist() == [1, 2, 3, 4, 5, 6]
        assert recording.place(2) == 5

    def test_unfinished_maps_come_at_the_step_of_the_last_point(self):
        recording = Recording(1, "A", SHAPE)
        recording.point("loss", 7, 1.0)
        assert recording.place(None) == 7

    def test_unfinished_maps_of_a_run_without_curves_are_numbered(self):
        recording = Recording(1, "A", SHAPE)
        assert [recording.place(None) for _ in range(3)] == [1, 2, 3]

    def test_the_anomaly_map_comes_first(self):
        recordings, recording = Recordings(10**6), Recording(1, "A", SHAPE)
        recordings.enter(recording)
        for name in ("Input", SCORES, "Error"):
            recordings.keep(recording, name, frame(1))
        assert list(recording.at(1)) == [SCORES, "Input", "Error"]

    def test_a_copy_stays_as_it_is_while_the_run_goes_on(self):
        recordings, recording = Recordings(10**6), Recording(1, "A", SHAPE)
        recordings.enter(recording)
        recordings.keep(recording, "Error", frame(1))
        recording.point("loss", 1, 2.0)
        copy = recording.copy()
        recordings.keep(recording, "Error", frame(2))
        recording.point("loss", 2, 1.0)
        recording.areas[2] = 0.5
        assert copy.steps == [1]
        assert len(copy.curves["loss"].x) == 1
        assert copy.areas == {}
        assert copy.films["Error"].frames[0].array is recording.films["Error"].frames[0].array


class TestMemory:
    def test_pictures_never_take_more_than_the_limit(self):
        limit = 50 * 400
        recordings, recording = Recordings(limit), Recording(1, "A", SHAPE)
        recordings.enter(recording)
        for step in range(500):
            for name in ("Error", "Reconstruction", "Attention"):
                recordings.keep(recording, name, frame(step))
                assert recordings.nbytes <= limit
        for film in recording.films.values():
            assert steps(film)[0] == 0
            assert steps(film)[-1] == 499
            gaps = np.diff(steps(film)[:-1])
            assert gaps.max() == gaps.min()

    def test_the_run_that_takes_most_room_is_thinned_first(self):
        recordings = Recordings(60 * 400)
        small, large = Recording(1, "small", SHAPE), Recording(2, "large", SHAPE)
        for recording, count in ((small, 10), (large, 80)):
            recordings.enter(recording)
            for step in range(count):
                recordings.keep(recording, "Error", frame(step))
        assert steps(small.films["Error"]) == list(range(10))
        assert len(large.films["Error"].frames) <= 50

    def test_where_nothing_can_be_thinned_the_oldest_run_loses_its_pictures(self):
        recordings = Recordings(5 * 400)
        old, new = Recording(1, "old", SHAPE), Recording(2, "new", SHAPE)
        for recording in (old, new):
            recordings.enter(recording)
            for name in ("Error", "Input"):
                recordings.keep(recording, name, frame(0))
                recordings.keep(recording, name, frame(1))
        assert old.films == {}
        assert recordings.nbytes <= 5 * 400
        assert set(new.films) == {"Error", "Input"}

    def test_a_picture_larger_than_the_limit_is_not_kept(self):
        recordings, recording = Recordings(100), Recording(1, "A", SHAPE)
        recordings.enter(recording)
        recordings.keep(recording, "Error", frame(0))
        assert recordings.nbytes == 0

    def test_a_forgotten_recording_is_off_the_list(self):
        recordings, recording = Recordings(10**6), Recording(1, "A", SHAPE)
        recordings.enter(recording)
        recordings.enter(recording)
        assert len(recordings) == 1
        recordings.forget(1)
        assert recordings.find(1) is None
        assert list(recordings) == []


class TestArea:
    def test_it_is_that_of_the_evaluation(self):
        import hadviewer as hv

        rng = np.random.default_rng(1)
        scores, truth = rng.random(SHAPE), rng.random(SHAPE) > 0.9
        assert area_of(scores, truth) == hv.evaluate(scores, truth).auc_pd_pf

    def test_there_is_none_without_a_truth_of_the_size(self):
        assert np.isnan(area_of(np.zeros(SHAPE), None))
        assert np.isnan(area_of(np.zeros(SHAPE), np.zeros((3, 3), dtype=bool)))
