"""Files read from several threads at once give what one thread reads: the libraries below are not thread-safe."""

import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest

from hadviewer.core.cube import Cube, Window
from hadviewer.engine import verbs

THREADS = 4
READS = 60
SHAPE = (64, 48, 12)


def write_tiff(path: Path, array: np.ndarray) -> None:
    import rasterio

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        profile = {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}
        with rasterio.open(path, "w", "GTiff", 48, 64, 12, dtype="int16", **profile) as file:
            file.write(array.transpose(2, 0, 1))


def write_hdf5(path: Path, array: np.ndarray) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("cube", data=array, chunks=(16, 16, 4), compression="gzip")
        file.create_dataset("wavelength", data=np.linspace(400, 900, 12))


@pytest.mark.parametrize(("name", "write"), [("a.tif", write_tiff), ("a.h5", write_hdf5), ("a.nc", write_hdf5)])
def test_several_threads_read_what_one_reads(
    tmp_path: Path, name: str, write: Callable[[Path, np.ndarray], None]
) -> None:
    array = np.random.default_rng(0).integers(0, 9999, SHAPE).astype(np.int16)
    paths = [tmp_path / f"{number}{name}" for number in range(2)]
    for path in paths:
        write(path, array)
    cubes = [verbs.open_scene(path).cube for path in paths]

    def read(seed: int) -> bool:
        rng = np.random.default_rng(seed)
        cube: Cube = cubes[seed % 2] if seed % 5 else verbs.open_scene(paths[seed % 2]).cube
        row0, row1 = sorted(rng.integers(0, SHAPE[0] + 1, 2).tolist())
        col0, col1 = sorted(rng.integers(0, SHAPE[1] + 1, 2).tolist())
        bands = rng.integers(0, SHAPE[2], 3)
        found = cube.source.read(Window(row0, row1, col0, col1), bands)
        return np.array_equal(found, array[row0:row1, col0:col1][:, :, bands])

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(read, range(READS)))
