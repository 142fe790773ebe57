"""NumPy files: lazy, the axis order guessed openly, wavelengths from beside, nothing that can run programs."""

import json
import pickle
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
from hadviewer.io.readers._arrays import guess_order
from hadviewer.io.readers.numpy_ import NumpyParams, contents, open_array, open_cube, sniff
from hadviewer.io.sources import FileSource

CUBE = np.random.default_rng(0).normal(size=(20, 24, 50))
WAVELENGTHS = np.linspace(400, 2500, 50)


def raw(cube: Cube) -> NDArray[Any]:
    return cube.source.read(cube.window, slice(None))


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "|u1", "<i8", "<f2", "<c8", "|b1"])
@pytest.mark.parametrize("fortran", [False, True])
def test_every_type_and_memory_order_is_read_from_the_file(tmp_path: Path, dtype: str, fortran: bool) -> None:
    array = (CUBE * 10).astype(dtype)
    np.save(tmp_path / "a.npy", np.asfortranarray(array) if fortran else array)
    cube = open_cube(tmp_path / "a.npy")
    assert isinstance(cube.source, FileSource)
    np.testing.assert_array_equal(raw(cube), array)
    window, bands = Window(3, 17, 2, 23), np.array([40, 2, 3])
    np.testing.assert_array_equal(cube.source.read(window, bands, 2), array[3:17, 2:23][::2, ::2][:, :, bands])


@pytest.mark.parametrize(
    ("shape", "order"),
    [
        ((100, 100, 205), "bip"), ((205, 100, 100), "bsq"), ((100, 80, 162), "bip"), ((30, 120, 80), "bsq"),
        ((120, 80, 30), "bip"), ((512, 614, 224), "bip"), ((3, 100, 100), "bip"), ((100, 100, 100), "bip"),
    ],
)  # fmt: skip
def test_the_axis_order_is_guessed_from_the_sizes(shape: tuple[int, int, int], order: str) -> None:
    assert guess_order(shape)[0] == order


def test_a_guess_is_told_and_can_be_overruled(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", CUBE)
    assert "option order" in " ".join(open_cube(tmp_path / "a.npy").notes)
    np.save(tmp_path / "b.npy", CUBE.transpose(0, 2, 1))
    cube = open_cube(tmp_path / "b.npy", None, NumpyParams(order="bil"))
    np.testing.assert_array_equal(raw(cube), CUBE)
    assert not cube.notes


@pytest.mark.parametrize("kind", ["json", "json list", "npy", "txt", "csv", "hdr"])
def test_wavelengths_beside_the_array_also_settle_the_axes(tmp_path: Path, kind: str) -> None:
    np.save(tmp_path / "a.npy", CUBE.transpose(2, 0, 1))
    values = WAVELENGTHS.tolist()
    if kind == "json":
        (tmp_path / "a.json").write_text(json.dumps({"Wavelength": values, "units": "nm", "FWHM": [10] * 50}))
    elif kind == "json list":
        (tmp_path / "a.json").write_text(json.dumps(values))
    elif kind == "npy":
        np.save(tmp_path / "a_wavelengths.npy", WAVELENGTHS / 1000)
    elif kind == "txt":
        (tmp_path / "a_wavelengths.txt").write_text("# made here\n" + " ".join(map(str, values)))
    elif kind == "csv":
        rows = "".join(f"{value},10\n" for value in values)
        (tmp_path / "a_wavelengths.csv").write_text("wavelength_nm,fwhm\n" + rows)
    else:
        (tmp_path / "a.hdr").write_text("ENVI\nbands = 50\nwavelength = {" + ", ".join(map(str, values)) + "}\n")
    cube = open_cube(tmp_path / "a.npy")
    assert cube.bands.centres is not None
    np.testing.assert_allclose(cube.bands.centres, WAVELENGTHS)
    np.testing.assert_array_equal(raw(cube), CUBE)
    assert contents(tmp_path / "a.npy")[0].shape == CUBE.shape


@pytest.mark.parametrize(
    "content", ["[1, 2, 3]", "{", '{"wavelengths": "no"}', '{"wavelengths": [null]}', "[" * 10000, '"x"']
)
def test_a_file_beside_that_does_not_fit_is_told_or_ignored(tmp_path: Path, content: str) -> None:
    np.save(tmp_path / "a.npy", CUBE)
    (tmp_path / "a.json").write_text(content)
    cube = open_cube(tmp_path / "a.npy")
    assert cube.bands.centres is None
    np.testing.assert_array_equal(raw(cube), CUBE)


def test_an_archive_lists_cube_mask_and_wavelengths(tmp_path: Path) -> None:
    mask = CUBE[:, :, 0] > 1.5
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", wl=WAVELENGTHS, gt=mask, hsi=CUBE, table=np.ones((3, 4)))
        found = {entry.name: entry.role for entry in contents(tmp_path / "a.npz")}
        assert found == {"hsi": "cube", "gt": "mask", "table": "other", "wl": "other"}
        cube = open_cube(tmp_path / "a.npz")
        np.testing.assert_array_equal(raw(cube), CUBE)
        assert cube.bands.centres is not None
        np.testing.assert_array_equal(open_array(tmp_path / "a.npz", "gt"), mask)


def test_maps_and_masks_come_back_as_they_were(tmp_path: Path) -> None:
    scores = CUBE[:, :, 0].astype(np.float32)
    scores[0, 0] = np.nan
    np.save(tmp_path / "s.npy", scores)
    np.save(tmp_path / "f.npy", np.asfortranarray(scores))
    np.save(tmp_path / "m.npy", scores > 1)
    np.testing.assert_array_equal(open_array(tmp_path / "s.npy"), scores)
    np.testing.assert_array_equal(open_array(tmp_path / "f.npy"), scores)
    assert contents(tmp_path / "s.npy")[0].role == "other"
    assert contents(tmp_path / "m.npy")[0].role == "mask"
    with pytest.raises(ReadError, match="holds no cube"):
        open_cube(tmp_path / "s.npy")
    assert open_cube(tmp_path / "s.npy", "s").shape == (20, 24, 1)


class Bomb:
    """Would leave a trace if it were ever unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_pickles_are_refused_and_never_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    objects = np.array([Bomb(trace)], dtype=object)
    np.save(tmp_path / "o.npy", objects, allow_pickle=True)
    np.savez(tmp_path / "o.npz", x=objects)
    (tmp_path / "p.npy").write_bytes(pickle.dumps(Bomb(trace)))
    trace.unlink(missing_ok=True)
    for name in ("o.npy", "o.npz", "p.npy"):
        for ask in (contents, open_cube, open_array):
            with pytest.raises(ReadError, match=name.replace(".", r"\.")):
                ask(tmp_path / name)
        with pytest.raises(ReadError, match="can run programs"):
            contents(tmp_path / name)
    assert not trace.exists()


def test_four_axes_records_and_vectors_are_no_cube(tmp_path: Path) -> None:
    for array in (
        np.ones((2, 3, 4, 5, 6)),
        np.asfortranarray(np.ones((2, 3, 4, 5))),
        np.ones(7),
        np.ones(()),
        np.zeros((0, 3, 4)),
        np.zeros(3, dtype="i4,f8"),
    ):
        np.save(tmp_path / "a.npy", array)
        with pytest.raises(ReadError, match=r"a\.npy") as caught:
            open_cube(tmp_path / "a.npy")
        assert "\n" not in str(caught.value)


def test_of_four_axes_each_date_is_a_cube(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(3, 20, 21, 6)).astype(">f4")
    np.save(tmp_path / "a.npy", array)
    assert [entry.name for entry in contents(tmp_path / "a.npy")] == ["a[1]", "a[2]", "a[3]"]
    for number in range(3):
        cube = open_cube(tmp_path / "a.npy", f"a[{number + 1}]")
        np.testing.assert_array_equal(cube.source.read(cube.window, slice(None)), array[number])


def header(shape: tuple[int, ...], descr: str = "<f8") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x93NUMPY", b"PK\x03\x04", header((10**6, 10**6, 10**6)), header((-1, 5, 5)),
     header((5, 5, 5)) + b"12", header((9**20, 9**20, 9**20)), header((3, 3, 3), "|O8"), b"<html>",
     header((5, 5, 5), "nonsense")],
)  # fmt: skip
@pytest.mark.parametrize("extension", ["npy", "npz"])
def test_what_is_no_array_or_lies_about_its_size_is_refused(tmp_path: Path, content: bytes, extension: str) -> None:
    path = tmp_path / f"broken.{extension}"
    path.write_bytes(content)
    assert sniff(path, content[:1024]) > Match.NO
    with pytest.raises(ReadError, match="broken"):
        raw(open_cube(path))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=5),
    cut=st.integers(0, 2500),
    packed=st.booleans(),
)
@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_give_a_cube_or_a_read_error(
    tmp_path: Path, changes: list[tuple[int, int]], cut: int, packed: bool
) -> None:
    path = tmp_path / ("damaged.npz" if packed else "damaged.npy")
    array = np.arange(210, dtype="<f8").reshape(5, 6, 7)
    if packed:
        np.savez_compressed(path, cube=array, gt=np.eye(5, 6))
    else:
        np.save(path, array)
    content = bytearray(path.read_bytes())
    for place, value in changes:
        content[place % len(content)] = value
    path.write_bytes(content[: max(1, cut)])
    sentence = ""
    try:
        contents(path)
        raw(open_cube(path))
    except ReadError as error:
        sentence = error.message
    assert not sentence or "damaged" in sentence


def test_real_archives_without_a_cube(samples: Path) -> None:
    for name in ("had_fusion_results.npz", "spectral_bands_HYPSO-1_v1.npz"):
        with pytest.raises(ReadError, match="holds no cube"):
            open_cube(samples / "npy" / name)
