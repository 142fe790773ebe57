"""MATLAB files: the cube and the mask are found, v7.3 equals v5, structures are refused politely."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hadviewer.core.cube import Cube, Window
from hadviewer.core.errors import ReadError
from hadviewer.core.specs import Match
from hadviewer.io.readers import _mat5
from hadviewer.io.readers.mat import MatParams, contents, open_array, open_cube, sniff

SCENES = {
    "abu-airport-1": (100, 100, 205, 144), "abu-airport-2": (100, 100, 205, 87), "abu-airport-4": (100, 100, 191, 60),
    "abu-beach-1": (150, 150, 188, 19), "abu-urban-1": (100, 100, 204, 67), "abu-urban-2": (100, 100, 207, 155),
    "abu-urban-3": (100, 100, 191, 52), "sandiego-58": (100, 100, 189, 58), "sandiego-134": (100, 100, 189, 134),
    "hydice-17": (80, 100, 162, 17), "hydice-19": (100, 80, 162, 19), "pavia-crop": (100, 100, 102, 68),
}  # fmt: skip


def raw(cube: Cube) -> NDArray[Any]:
    return cube.source.read(cube.window, slice(None))


def roles(path: Path) -> dict[str, str]:
    return {entry.name: entry.role for entry in contents(path)}


def save(path: Path, version: str, arrays: Mapping[str, Any]) -> Path:
    """A file as MATLAB would write it: v5 by scipy, v7.3 as HDF5 with reversed axes after a user block."""
    if version == "v5":
        from scipy.io import savemat

        savemat(path, dict(arrays), do_compression=True)
        return path
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in arrays.items():
            array = np.asarray(value)
            array = array.reshape(1, -1) if array.ndim < 2 else array
            dataset = file.create_dataset(name, data=array.T, chunks=True, compression="gzip")
            dataset.attrs["MATLAB_class"] = np.bytes_("double")
    with path.open("r+b") as raw_file:
        raw_file.write(b"MATLAB 7.3 MAT-file, written for a test".ljust(124) + b"\x00\x02IM")
    return path


@pytest.fixture(params=["v5", "v7.3"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("name", SCENES)
def test_every_benchmark_scene_gives_its_cube_and_truth(scenes: Path, name: str) -> None:
    path = scenes / f"{name}.mat"
    *shape, targets = SCENES[name]
    found = contents(path)
    assert [(entry.name, entry.role, entry.shape) for entry in found] == [
        ("data", "cube", tuple(shape)), ("map", "mask", tuple(shape[:2]))
    ]  # fmt: skip
    cube = open_cube(path)
    assert cube.shape == tuple(shape)
    assert np.count_nonzero(open_array(path, "map")) == targets
    from scipy.io import loadmat

    data = loadmat(path)["data"]
    np.testing.assert_array_equal(raw(cube), data)
    np.testing.assert_allclose(cube.pixel(3, 5), data[3, 5].astype(np.float32))


def test_v73_copies_equal_the_v5_scenes(samples: Path, scenes: Path) -> None:
    for name in ("abu-airport-2", "abu-urban-1"):
        new, old = samples / f"mat/2SGLRT/{name}.mat", scenes / f"{name}.mat"
        np.testing.assert_array_equal(raw(open_cube(new)), raw(open_cube(old)))
        np.testing.assert_array_equal(open_array(new, "hsi_gt"), open_array(old, "map"))
        assert roles(new) == {"hsi": "cube", "hsi_gt": "mask"}


@pytest.mark.parametrize(
    ("name", "cube", "mask", "bands"),
    [
        ("AutoAD/HYDICE1", "image", "mask", 162),
        ("MUUFL_GatorSense/an_hsi_img_for_tgt_det_demo", "hsi_sub", "gtImg_sub", 72),
        ("MUUFL_GatorSense/a_hsi_img_for_VI_demo", "hsi_img", None, 224),
        ("MUUFL_GatorSense/an_hsi_img_for_class_demo", "hsi_sub", None, 72),
        ("PTA/Sandiego_new", "hsi", None, 189),
        ("RCR/dataPavia", "PaviaCenter", None, 102),
    ],
)
def test_real_files_with_other_names(samples: Path, name: str, cube: str, mask: str | None, bands: int) -> None:
    path = samples / "mat" / f"{name}.mat"
    found = roles(path)
    assert next(iter(found)) == cube
    assert [key for key, role in found.items() if role == "mask"] == ([mask] if mask else [])
    assert open_cube(path).shape[2] == bands


def test_wavelengths_of_real_files_even_misspelt(samples: Path) -> None:
    folder = samples / "mat" / "MUUFL_GatorSense"
    for name, first in (("a_hsi_img_for_VI_demo", 365.91), ("an_hsi_img_for_class_demo", 367.7)):
        centres = open_cube(folder / f"{name}.mat").bands.centres
        assert centres is not None
        assert centres[0] == pytest.approx(first, abs=0.01)


@pytest.mark.parametrize("name", ["PTA/Sandiego_gt", "RCR/maskHYDICE", "RCR/maskPavia"])
def test_a_second_file_with_the_mask_alone(samples: Path, name: str) -> None:
    path = samples / "mat" / f"{name}.mat"
    assert set(roles(path).values()) == {"mask"}
    assert open_array(path).ndim == 2
    with pytest.raises(ReadError, match="holds no cube"):
        open_cube(path)


def test_structures_are_refused_with_advice(samples: Path) -> None:
    for name in ("MUUFL_GatorSense/tgt_img_spectra", "v73_generic/testfile2", "v73_generic/testfile5"):
        with pytest.raises(ReadError, match=r"only .*struct") as caught:
            contents(samples / "mat" / f"{name}.mat")
        assert "3-D array" in caught.value.hint


def test_both_versions_read_windows_bands_and_steps(tmp_path: Path, version: str) -> None:
    array = np.random.default_rng(0).normal(size=(20, 30, 40))
    cube = open_cube(save(tmp_path / "a.mat", version, {"X": array}))
    np.testing.assert_array_equal(raw(cube), array)
    for bands in (np.array([7, 3, 3]), slice(4, 30, 5), np.array([1])):
        part = cube.source.read(Window(2, 19, 5, 28), bands, 3)
        np.testing.assert_array_equal(part, array[2:19, 5:28][::3, ::3][:, :, bands])


def test_decoys_do_not_hide_the_cube(tmp_path: Path, version: str) -> None:
    arrays = {
        "rgb": np.zeros((200, 300, 3), dtype=np.uint8),
        "covs": np.zeros((2, 246, 246)),
        "Y": np.random.default_rng(0).normal(size=(20, 25, 30)),
        "small": np.ones((9, 9, 5)),
        "spectra": np.ones((30, 4)),
    }
    path = save(tmp_path / "a.mat", version, arrays)
    found = contents(path)
    assert (found[0].name, found[0].shape) == ("Y", (20, 25, 30))
    assert {entry.name for entry in found if entry.role == "cube"} == {"Y", "small"}
    assert open_cube(path, "small").shape == (9, 9, 5)
    assert open_cube(path, "rgb").shape == (200, 300, 3)


def test_masks_are_recognised_by_shape_name_and_values(tmp_path: Path, version: str) -> None:
    rng = np.random.default_rng(0)
    arrays = {
        "scores": rng.normal(size=(20, 25)),
        "classes": rng.integers(0, 9, (20, 25)).astype(float),
        "turned_gt": (rng.random((25, 20)) > 0.9).astype(float),
        "groundtruth": (rng.random((20, 25)) > 0.9).astype(float),
        "other_gt": np.zeros((7, 7)),
        "cube": rng.normal(size=(20, 25, 30)),
    }
    found = roles(save(tmp_path / "a.mat", version, arrays))
    assert [name for name, role in found.items() if role == "mask"] == ["groundtruth", "classes", "turned_gt"]
    assert found["scores"] == found["other_gt"] == "other"


def test_pixels_in_one_axis_are_unfolded_down_the_columns(tmp_path: Path, version: str) -> None:
    cube = np.random.default_rng(0).normal(size=(9, 11, 20))
    folded = cube.reshape(99, 20, order="F")
    sizes = {"nRow": 9.0, "nCol": 11.0}
    for name, array in (("bands_first", folded.T), ("pixels_first", folded)):
        path = save(tmp_path / f"{name}.mat", version, {"Y": array, **sizes})
        assert contents(path)[0].shape == (9, 11, 20)
        opened = open_cube(path)
        np.testing.assert_array_equal(raw(opened), cube)
        assert "column by column" in " ".join(opened.notes)
    path = save(tmp_path / "mask.mat", version, {"data": folded, "map": np.eye(9, 11)})
    np.testing.assert_array_equal(raw(open_cube(path)), cube)


def test_wavelengths_prove_the_axis_order_and_an_option_decides_it(tmp_path: Path, version: str) -> None:
    cube = np.random.default_rng(0).normal(size=(20, 25, 30))
    arrays = {"data": cube.transpose(2, 0, 1), "wl": np.linspace(0.4, 2.5, 30), "bbl": np.r_[0, np.ones(29)]}
    path = save(tmp_path / "a.mat", version, arrays)
    opened = open_cube(path)
    np.testing.assert_array_equal(raw(opened), cube)
    assert opened.bands.centres is not None
    np.testing.assert_allclose(opened.bands.centres[[0, -1]], [400, 2500])
    assert not opened.bands.mask[0]
    assert contents(path)[0].shape == (20, 25, 30)
    turned = open_cube(path, None, MatParams(order="bip"))
    assert turned.shape == (30, 20, 25)


def test_complex_and_whole_numbers_keep_their_type(tmp_path: Path) -> None:
    for array in (np.ones((8, 9, 5), "i2"), np.ones((8, 9, 5), "c16") * 3j, np.ones((8, 9, 5), bool)):
        cube = open_cube(save(tmp_path / "a.mat", "v5", {"x": array}))
        assert cube.values().max() == float(abs(array).max())


@pytest.mark.parametrize("compressed", [False, True])
def test_variables_are_listed_as_by_scipy(tmp_path: Path, compressed: bool) -> None:
    from scipy.io import savemat, whosmat
    from scipy.sparse import eye

    values: dict[str, Any] = {name: np.ones((3, 4, 5), name) for name in ("f4", "f8", "i1", "u2", "i8", "c8")}
    values |= {"text": "some words", "cell": np.array([1, "a"], dtype=object), "sparse": eye(3, format="csc")}
    values |= {
        "struct": {"a": 1},
        "yes": np.array([[True, False]]),
        "x" * 31: np.zeros((2, 2)),
        "none": np.zeros((0, 3)),
    }
    savemat(tmp_path / "a.mat", values, do_compression=compressed)
    told = whosmat(tmp_path / "a.mat")  # of texts, scipy leaves the last axis out
    listed = [
        (name, shape[: 1 if kind == "char" else None], kind) for name, shape, kind in _mat5.listed(tmp_path / "a.mat")
    ]
    assert listed == told


def test_a_table_of_matlab_hides_no_cube(tmp_path: Path) -> None:
    """Tables, strings and dates are 'opaque': a matrix without dimensions."""
    from scipy.io import savemat

    savemat(tmp_path / "a.mat", {"cube": np.zeros((9, 8, 7))})
    opaque = struct.pack("<4I", 6, 8, 17, 0) + struct.pack("<2I8s", 1, 5, b"table")
    element = struct.pack("<2I", 14, len(opaque)) + opaque
    raw = (tmp_path / "a.mat").read_bytes()
    (tmp_path / "a.mat").write_bytes(raw[:128] + element + raw[128:])
    assert open_cube(tmp_path / "a.mat").shape == (9, 8, 7)


def test_a_large_map_of_measurements_is_told_from_a_mask_by_its_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scipy.io import savemat

    shape = (400, 300)
    arrays = {"cube": np.zeros((*shape, 4), "u1"), "height": np.random.default_rng(0).normal(size=shape)}
    arrays["gt"] = np.zeros(shape)
    arrays["gt"][399, 299] = 1
    savemat(tmp_path / "a.mat", arrays, do_compression=True)
    whole: list[str] = []
    load = _mat5.load
    monkeypatch.setattr(_mat5, "load", lambda path, name, largest: (whole.append(name), load(path, name, largest))[1])
    assert roles(tmp_path / "a.mat") == {"cube": "cube", "gt": "mask", "height": "other"}
    assert whole == ["gt"]


def test_sniffing_goes_by_content(tmp_path: Path) -> None:
    path = save(tmp_path / "a.bin", "v5", {"x": np.ones((2, 2))})
    assert sniff(path, path.read_bytes()[:1024]) == Match.YES
    assert sniff(tmp_path / "a.txt", b"hello") == Match.NO
    assert sniff(tmp_path / "a.mat", b"hello") == Match.MAYBE
    assert sniff(tmp_path, b"") == Match.NO


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"version https://git-lfs", b"<html>", b"MATLAB 5.0 MAT-file", b"MATLAB 7.3 MAT-file".ljust(600)],
)
def test_what_is_no_matlab_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mat"
    path.write_bytes(content)
    for ask in (contents, open_cube, open_array):
        with pytest.raises(ReadError, match=r"broken\.mat") as caught:
            ask(path)
        assert "\n" not in str(caught.value)


def test_a_file_cut_short_is_refused(tmp_path: Path, version: str) -> None:
    path = save(tmp_path / "cut.mat", version, {"data": np.random.default_rng(0).normal(size=(20, 20, 20))})
    whole = path.read_bytes()
    for part in (0.95, 0.5, 0.1):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(ReadError, match=r"cut\.mat"):
            raw(open_cube(path))


def test_an_entry_that_is_not_there_or_no_cube_is_refused(tmp_path: Path, version: str) -> None:
    path = save(tmp_path / "a.mat", version, {"data": np.ones((9, 9, 9)), "v": np.arange(5.0)})
    with pytest.raises(ReadError, match="no entry 'nothing'"):
        open_cube(path, "nothing")
    with pytest.raises(ReadError, match="a mask or score map has lines and samples"):
        open_array(path, "data")
    assert open_cube(path, "v").shape[2] == 1


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255)), max_size=6),
    version=st.sampled_from(["v5", "v7.3"]),
)
@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_give_a_cube_or_a_read_error(
    tmp_path: Path, changes: list[tuple[int, int]], version: str
) -> None:
    source = tmp_path / f"good-{version}.mat"
    if not source.exists():
        save(source, version, {"data": np.arange(1000.0).reshape(10, 10, 10), "map": np.eye(10)})
    content = bytearray(source.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path = tmp_path / "damaged.mat"
    path.write_bytes(content)
    sentence = ""
    try:
        contents(path)
        raw(open_cube(path))
        open_array(path, "map")
    except ReadError as error:
        sentence = error.message
    assert not sentence or "damaged.mat" in sentence
