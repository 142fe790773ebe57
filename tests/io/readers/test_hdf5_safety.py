"""HDF5 files whose damage the library would not notice: refused in a sentence before it is asked."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from hadviewer.core.errors import ReadError
from hadviewer.engine import verbs
from hadviewer.io.readers import _hdf5_safety


def write(path: Path, spelling: str = "earliest") -> Path:
    """A cube and texts of variable length, in the oldest or the newest spelling of the format."""
    with h5py.File(path, "w", libver=spelling) as file:
        file["cube"] = np.zeros((9, 8, 7), np.int16)
        file["few"], file["many"] = np.zeros(3), np.zeros(3)  # in one header, and in several parts
        for number in range(40):
            file["few" if number < 4 else "many"].attrs[f"note {number}"] = "x" * 30
    return path


@pytest.mark.parametrize("spelling", ["earliest", "latest"])
def test_sound_texts_are_read(tmp_path: Path, spelling: str) -> None:
    path = write(tmp_path / "a.h5", spelling)
    with h5py.File(path) as file:
        _hdf5_safety.check_attributes(path, file, [file, *file.values()])
    assert verbs.open_scene(path).cube.shape == (9, 8, 7)


@pytest.mark.parametrize("number", [0, 5, 39])
def test_a_text_that_claims_gigabytes_is_refused(tmp_path: Path, number: int) -> None:
    path = write(tmp_path / "a.h5")
    raw = bytearray(path.read_bytes())
    place = raw.index((30).to_bytes(4, "little"), raw.index(f"note {number}\0".encode()))
    raw[place : place + 4] = (2**31).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(ReadError, match=r"a\.h5 is damaged"):
        verbs.open_scene(path)


def test_a_heap_without_end_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5")
    raw = bytearray(path.read_bytes())
    first = raw.index(b"GCOL") + 16
    raw[first : first + 16] = bytes(16)
    path.write_bytes(raw)
    with pytest.raises(ReadError, match=r"a\.h5 is damaged"):
        verbs.open_scene(path)


def test_heaps_that_lie_in_each_other_are_not_walked_again_and_again(tmp_path: Path) -> None:
    """Each would be walked to the end of the file: seconds for a hundred thousand bytes, hours for millions."""
    path = tmp_path / "a.h5"
    heap = b"GCOL\1\0\0\0" + (2**16).to_bytes(8, "little")
    an_object_around_a_heap = b"\1" + bytes(7) + (16).to_bytes(8, "little") + heap
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(8) + heap + 4096 * an_object_around_a_heap)
    with pytest.raises(ValueError, match="lie in each other"):
        _hdf5_safety.check_heaps(path)


@pytest.mark.parametrize("link", ["external", "soft"])
def test_links_of_a_matlab_file_and_of_a_product_are_not_followed(tmp_path: Path, link: str) -> None:
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["HDFEOS/SWATHS/PRS_L2D_HCO/x"] = np.zeros((9, 8, 7))
        file["data"] = np.zeros((9, 8, 7))
    for name in ("a.mat", "a.he5"):
        with h5py.File(tmp_path / name, "w") as file:
            file["there"] = h5py.ExternalLink("secret.h5", "/")
            file["data"] = h5py.SoftLink("/there/data") if link == "soft" else h5py.ExternalLink("secret.h5", "/data")
            file["HDFEOS"] = h5py.ExternalLink("secret.h5", "/HDFEOS")
    for name in ("a.mat", "a.he5"):
        with pytest.raises(ReadError):
            verbs.open_scene(tmp_path / name)
    (tmp_path / "secret.h5").rename(tmp_path / "gone.h5")
    with pytest.raises(ReadError, match="no array of numbers"):
        verbs.open_scene(tmp_path / "a.mat")
