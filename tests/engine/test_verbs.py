"""Opening: the best reader, the right entry, the truth that belongs to it; and what is said when that fails."""

import numpy as np
import pytest
from scipy.io import savemat

import hadviewer
from hadviewer.core.errors import ParamError, ReadError
from hadviewer.engine import verbs


@pytest.fixture
def scene(tmp_path):
    rng = np.random.default_rng(0)
    mask = np.zeros((20, 30), np.uint8)
    mask[2, 3] = 1
    path = tmp_path / "scene.mat"
    savemat(path, {"data": rng.random((20, 30, 12)), "map": mask, "second": rng.random((25, 18, 16))})
    return path


def test_a_cube_opens_with_the_truth_in_the_same_file(scene):
    opened = hadviewer.open(scene)
    assert opened.cube.shape == (20, 30, 12)
    assert opened.truth.count == 1
    assert opened.cube.origin.entry == "data"
    assert opened.cube.origin.path == scene.resolve()


def test_an_entry_chosen_gets_no_truth_that_does_not_fit(scene):
    opened = hadviewer.open(scene, "second")
    assert opened.cube.shape == (25, 18, 16)
    assert opened.truth is None


def test_the_same_cube_opens_again_from_its_origin(scene):
    cube = hadviewer.open(scene, "second").cube
    np.testing.assert_array_equal(verbs.open_origin(cube.origin).values(), cube.values())


def test_a_truth_from_another_file_or_entry(scene, tmp_path):
    mask = np.zeros((20, 30), bool)
    mask[:2] = True
    np.save(tmp_path / "truth.npy", mask)
    assert hadviewer.open(scene, truth=tmp_path / "truth.npy").truth.count == 60
    assert hadviewer.open(scene, truth=f"{scene}:map").truth.name == "map"


def test_a_transposed_truth_is_turned_and_that_is_said(scene, tmp_path):
    mask = np.zeros((30, 20), np.uint8)
    mask[7, 5] = 1
    np.save(tmp_path / "truth.npy", mask)
    truth = hadviewer.open(scene, truth=tmp_path / "truth.npy").truth
    assert truth.mask[5, 7]
    assert truth.count == 1
    assert "was transposed" in truth.notes[0]


@pytest.mark.parametrize(
    ("values", "count"),
    [
        (np.array([[0, 1], [2, 255]], np.uint8), 3),
        (np.array([[0, np.nan], [-1, 1]], np.float32), 1),
        (np.array([[False, True], [True, True]]), 3),
    ],
    ids=["classes", "floats with gaps", "flags"],
)
def test_whatever_is_above_zero_is_an_anomaly(tmp_path, values, count):
    np.save(tmp_path / "truth.npy", values)
    assert verbs.open_truth(tmp_path / "truth.npy", (2, 2)).count == count


def test_of_several_masks_the_one_taken_is_named_with_the_others(scene, tmp_path):
    masks = {
        "small": np.eye(20, 30, dtype=bool),
        "large": np.eye(20, 30, 1, dtype=bool),
        "other": np.zeros((3, 4), bool),
    }
    np.savez(tmp_path / "masks.npz", **masks)
    truth = hadviewer.open(scene, truth=tmp_path / "masks.npz").truth
    others = {"small", "large"} - {truth.name}
    assert truth.notes == (f"masks.npz holds other masks of this size: {', '.join(others)}; {truth.name} was taken.",)
    assert hadviewer.open(scene, truth=f"{tmp_path / 'masks.npz'}:small").truth.notes == ()
    cube = np.random.default_rng(0).normal(size=(20, 30, 9)).astype(np.float32)
    np.savez(tmp_path / "scene.npz", cube=cube, first=np.eye(20, 30, dtype=bool), second=np.eye(20, 30, dtype=bool))
    truth = hadviewer.open(tmp_path / "scene.npz").truth
    assert "scene.npz holds other masks of this size: second; first was taken." in truth.notes


def test_a_map_of_classes_taken_for_a_mask_is_remarked(scene, tmp_path):
    np.save(tmp_path / "classes.npy", np.arange(600).reshape(20, 30) % 4)
    assert hadviewer.open(scene, truth=tmp_path / "classes.npy").truth.notes == (
        "The mask classes has 4 different values: all above 0 count as targets.",
    )


def test_a_truth_that_does_not_fit_is_refused_with_what_there_is(scene, tmp_path):
    np.save(tmp_path / "truth.npy", np.zeros((4, 5), bool))
    with pytest.raises(ReadError, match=r"no mask of 20 lines × 30 samples\. It holds truth 4 × 5"):
        hadviewer.open(scene, truth=tmp_path / "truth.npy")
    with pytest.raises(ReadError, match="the cube is 20 × 30"):
        hadviewer.open(scene, truth=f"{tmp_path / 'truth.npy'}:truth")


def test_contents_lists_cubes_and_masks_first(scene):
    entries = verbs.contents(scene)
    assert [(entry.name, entry.role) for entry in entries] == [("data", "cube"), ("second", "cube"), ("map", "mask")]


def test_what_is_not_there_or_not_readable_is_said(scene, tmp_path):
    with pytest.raises(ReadError, match="does not exist"):
        hadviewer.open(tmp_path / "none.mat")
    with pytest.raises(ReadError, match=r"has no entry 'none'\. It holds"):
        hadviewer.open(scene, "none")
    (tmp_path / "text.txt").write_text("words")
    with pytest.raises(
        ReadError, match=r"in no format this program knows\. It reads AVIRIS, .*ENVI, .*MATLAB, NumPy"
    ) as caught:
        hadviewer.open(tmp_path / "text.txt")
    assert len(caught.value.details.splitlines()) >= 3
    with pytest.raises(ReadError, match="is a folder"):
        hadviewer.open(tmp_path)
    np.save(tmp_path / "flat.npy", np.zeros((6, 7)))
    with pytest.raises(ReadError, match="holds no cube"):
        hadviewer.open(tmp_path / "flat.npy")


def test_files_of_cameras_with_programs_of_their_own_say_what_to_do(tmp_path):
    (tmp_path / "a.cu3s").write_bytes(b"\x01\x02\x03" * 50)
    with pytest.raises(ReadError, match=r"a\.cu3s can only be read by the program of its camera"):
        verbs.open_scene(tmp_path / "a.cu3s")


def test_reader_options_are_checked_and_remembered(tmp_path):
    np.save(tmp_path / "cube.npy", np.zeros((5, 20, 30), np.float32))
    cube = hadviewer.open(tmp_path / "cube.npy", options={"order": "bsq"}).cube
    assert cube.shape == (20, 30, 5)
    assert verbs.open_origin(cube.origin).shape == (20, 30, 5)
    with pytest.raises(ParamError, match="There is no parameter 'ordre'"):
        hadviewer.open(tmp_path / "cube.npy", options={"ordre": "bsq"})


@pytest.mark.parametrize(
    ("reference", "expected"),
    [("scene.mat:map", ("scene.mat", "map")), ("scene.mat", ("scene.mat", None)), ("scene.mat:", ("scene.mat", None))],
)
def test_a_reference_is_taken_apart(reference, expected):
    place, entry = verbs.split_reference(reference)
    assert (str(place), entry) == expected


def test_a_file_whose_name_has_a_colon_wins(tmp_path):
    (tmp_path / "a:b").touch()
    assert verbs.split_reference(tmp_path / "a:b") == (tmp_path / "a:b", None)


def test_detecting_in_an_array_and_with_keywords():
    array = np.random.default_rng(0).random((6, 7, 4))
    result = hadviewer.detect(array, "grx", loading=0.2)
    assert result.request.params == {"loading": 0.2}
    assert result.scores.shape == (6, 7)
    with pytest.raises(ParamError, match="rows, columns and bands; this is 6 × 7"):
        hadviewer.detect(array[..., 0])
    with pytest.raises(ParamError, match="0 × 7 × 4"):
        hadviewer.detect(array[:0])


def test_a_single_transform_or_format_needs_no_list(tmp_path):
    cube = np.random.default_rng(0).normal(size=(8, 9, 6)).astype(np.float32)
    result = hadviewer.detect(cube, "grx", transforms="l2")
    assert [step.id for step in result.request.transforms] == ["l2"]
    assert [path.name for path in hadviewer.export(result, tmp_path, "npy")] == ["array_grx.npy", "recipe.json"]


def test_a_scene_or_a_result_in_the_place_of_an_array_is_said(scene):
    opened = hadviewer.open(scene)
    with pytest.raises(ParamError, match="A cube has rows, columns and bands; this is no array"):
        hadviewer.detect(opened, "grx")
    with pytest.raises(ParamError, match="The scores are no array and the truth is 20 × 30"):
        hadviewer.evaluate(hadviewer.detect(opened.cube, "grx"), opened.truth)


def test_evaluating_needs_equal_sizes():
    with pytest.raises(ParamError, match="The scores are 3 × 4 and the truth is 4 × 3"):
        hadviewer.evaluate(np.zeros((3, 4)), np.zeros((4, 3)))


def test_a_truth_array_means_what_it_means_in_a_file():
    scores = np.array([[3.0, 1.0, 2.0, 0.0]])
    assert hadviewer.evaluate(scores, np.array([[1, np.nan, -1, 0]])).targets == 1
    assert hadviewer.evaluate(scores, np.array([[255, 0, 2, 0]])).auc_pd_pf == 1


def test_what_is_no_array_of_numbers_is_no_cube():
    with pytest.raises(ParamError, match=r"holds values of type <U1"):
        hadviewer.detect(np.array([[["a", "b"]]]))


def test_pixels_to_ignore_must_have_the_size_of_the_truth():
    with pytest.raises(ParamError, match=r"ignored area 4 × 3"):
        hadviewer.evaluate(np.zeros((3, 4)), np.ones((3, 4)), np.zeros((4, 3), bool))


def test_a_perfect_score_map_is_perfect():
    truth = np.zeros((5, 6), bool)
    truth[1, 2] = True
    assert hadviewer.evaluate(truth.astype(float), truth).auc_pd_pf == 1
