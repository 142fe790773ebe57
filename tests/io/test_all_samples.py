"""Every real file at hand: opened with the values another program reads, or refused in a sentence with a remedy.

``python -m tests.io.test_all_samples SAMPLES`` writes the table into docs/measured/samples.md.
"""

import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import loadmat

from hadviewer.core.cube import Cube
from hadviewer.core.errors import ReadError
from hadviewer.engine import libraries, verbs

rasterio = pytest.importorskip("rasterio")
spectral = pytest.importorskip("spectral")

NO_IMAGE = {".csv", ".gpkg", ".json", ".prj", ".sta"}
# Why a file that may hold an image is not opened: words of the sentence that says so.
REFUSED = {
    "envi/day10/": "is missing",
    "envi/gdal/testenviclasses": "holds no cube",
    "envi/git_lfs_pointer_data/": "Git LFS pointer",
    "envi/headers_only/hylite_hypercloud.hdr": "Hypercloud",
    "envi/headers_only/": "is missing",
    "envi/plantcv_dark/arcgis.hdr": "ESRI header",
    "envi/plantcv_dark/leading_commas_header_only.hdr": "is missing",
    "geotiff/gdal_envi_sidecar/byte_envi.hdr": "TIFF",
    "geotiff/node_gdal/huge-sparse.tiff": "blocks of 4096",
    "geotiff/node_gdal/truncated.tiff": "damaged",
    "hdf5/gdal/groups.h5": "holds no cube",
    "hdf5/gdal/recursive_groups.h5": "holds no array",
    "hdf5/gdal/u8be.h5": "holds no cube",
    "hdf5/rasterio/": "holds no cube",
    "mat/MUUFL_GatorSense/MUUFL_TruthForSubImage.mat": "struct",
    "mat/MUUFL_GatorSense/tgt_": "struct",
    "mat/PTA/Sandiego_gt.mat": "holds no cube",
    "mat/RCR/mask": "holds no cube",
    "mat/v73_generic/testfile1.mat": "holds no cube",
    "mat/v73_generic/": "struct",
    "netcdf/emit/fake_EMIT_L2B_MIN.nc": "holds no cube",
    "npy/": "holds no cube",
    "product_stubs/enmap/": "is empty",
}
SECONDS = 2.0
PAGE = Path(__file__).resolve().parents[2] / "docs" / "measured" / "samples.md"
PAGE_HEAD = """\
# Real files of many programs

<!-- Written by `python -m tests.io.test_all_samples SAMPLES`: change the program, not this page. -->

Small real files of many public projects, each opened whole and compared value by value with another program that reads
it. *Warned* is what the program had to assume or ignore, and tells so; what is refused holds no image, or is damaged.
The tests repeat all of it where the files are at hand.
"""
TABLE_HEAD = ["| File | Outcome | Values compared with | What the program says |", "| --- | --- | --- | --- |"]


@dataclass(frozen=True)
class Row:
    """What became of one file. ``surprise`` is an error that is no ReadError."""

    path: Path
    name: str
    outcome: str
    said: str = ""
    oracle: str = ""
    equal: bool = True
    seconds: float = 0.0
    surprise: str = ""


@pytest.fixture(scope="module")
def table(samples: Path) -> list[Row]:
    return examined(samples)


def examined(folder: Path) -> list[Row]:
    """What becomes of each file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    verbs.open_scene(folder / "hdf5" / "gdal" / "fwhm.h5")  # so that no import counts as a file's own time
    verbs.open_scene(folder / "other" / "erdas_lan" / "fakelan.lan")
    return [examine(path, path.relative_to(folder).as_posix()) for path in files]


def as_page(rows: list[Row]) -> str:
    """The table, and how many files ended how."""
    kinds = [row.outcome for row in rows]
    counts = "; ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    return "\n".join([PAGE_HEAD, f"{len(rows)} files: {counts}.", "", *TABLE_HEAD, *map(as_line, rows), ""])


def as_line(row: Row) -> str:
    """A file in the table."""
    compared = f"{row.oracle}: {'equal' if row.equal else 'DIFFERENT'}" if row.oracle else ""
    return f"| {row.name} | {row.outcome} | {compared} | {row.said.replace('|', '/')} |"


def examine(path: Path, name: str) -> Row:
    started = time.process_time()
    try:
        cube = verbs.open_scene(path).cube
        values = cube.source.read(cube.window, slice(None))
    except ReadError as error:
        seconds = time.process_time() - started
        return _library(path, name, seconds) or Row(
            path, name, "not an image" if path.suffix in NO_IMAGE else "refused", str(error), seconds=seconds
        )
    except Exception as error:  # noqa: BLE001 - what the test looks for
        return Row(path, name, "failed", surprise=f"{type(error).__name__}: {error}")
    seconds = time.process_time() - started
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle, wanted = peer(path, cube)
    equal = any(_same(values, one) for one in wanted)
    outcome = "opened, warned" if cube.notes else "opened"
    return Row(path, name, outcome, " ".join(cube.notes), oracle, equal, seconds)


def _library(path: Path, name: str, seconds: float) -> Row | None:
    try:
        library = libraries.open_library(path)
    except ReadError:
        return None
    oracle, equal = "", True
    if path.suffix in (".sli", ".hdr", ""):
        header = path if path.suffix == ".hdr" else path.with_suffix(".hdr")
        data = next(item for item in (path.with_suffix(".sli"), path.with_suffix("")) if item.is_file())
        oracle, wanted = "spectral", spectral.io.envi.open(str(header), str(data)).spectra.astype(np.float32)
        given = np.isfinite(library.spectra)  # bad bands are gaps
        equal = library.spectra.shape == wanted.shape and np.array_equal(library.spectra[given], wanted[given])
    return Row(path, name, "spectral library", _counted(len(library.spectra)), oracle, equal, seconds)


def _counted(spectra: int) -> str:
    return "1 spectrum" if spectra == 1 else f"{spectra} spectra"


def peer(path: Path, cube: Cube) -> tuple[str, list[np.ndarray]]:
    """The program a file is compared with, and the values it reads in the axis orders the file may have."""
    assert cube.origin is not None
    reader = cube.origin.reader
    if reader == "hdf5":
        with h5py.File(path) as file:
            return "h5py", _orders(file[cube.meta["dataset"]][()])
    if reader == "mat" and cube.meta["format"] == "MATLAB v7.3":
        with h5py.File(path) as file:
            return "h5py", _orders(file[cube.meta["variable"]][()].T)
    if reader == "mat":
        return "scipy", _orders(loadmat(path)[cube.meta["variable"]])
    data = path
    if path.suffix in (".hdr", ".img", ".cub") and reader in ("envi", "gdal"):
        data = _data_of(path) if reader == "envi" or path.suffix == ".hdr" else _label_of(path)
    with rasterio.open(data) as dataset:
        return "rasterio", [dataset.read().transpose(1, 2, 0)]


def _orders(array: np.ndarray) -> list[np.ndarray]:
    return [array.transpose(axes) for axes in ((0, 1, 2), (1, 2, 0), (0, 2, 1))]


def _data_of(header: Path) -> Path:
    if header.suffix != ".hdr":
        return header
    names = [header.with_suffix(f".{suffix}") for suffix in ("img", "dat", "raw", "bsq", "bil")]
    return next(item for item in (*names, header.with_suffix("")) if item.is_file())


def _label_of(path: Path) -> Path:
    label = path.with_suffix(".lbl")
    return label if label.is_file() else path


def _same(values: np.ndarray, wanted: Any) -> bool:
    return values.shape == wanted.shape and np.array_equal(values, wanted, equal_nan=values.dtype.kind in "fc")


def test_nothing_but_sentences(table: list[Row]) -> None:
    assert {row.name: row.surprise for row in table if row.surprise} == {}


def test_what_is_opened_equals_what_another_program_reads(table: list[Row]) -> None:
    opened = [row for row in table if row.outcome.startswith("opened")]
    assert len(opened) >= 105
    assert [row.name for row in opened if not row.equal or not row.oracle] == []
    assert [row.name for row in table if row.outcome == "spectral library" and not row.equal] == []


def test_what_is_refused_names_the_file_and_a_remedy(table: list[Row]) -> None:
    for row in table:
        if row.outcome not in ("refused", "not an image"):
            continue
        assert row.path.stem in row.said or "SPECTRAL_IMAGE" in row.said or row.path.suffix == ".sta", row
        assert row.said.count("\n") == 0
        assert row.said.count(". ") >= 1, f"no remedy: {row}"


def test_only_what_is_known_to_be_no_cube_is_refused(table: list[Row]) -> None:
    for row in table:
        if row.outcome == "refused":
            words = next((words for start, words in REFUSED.items() if row.name.startswith(start)), None)
            assert words is not None, row
            assert words in row.said


def test_the_page_says_what_becomes_of_each_file(table: list[Row]) -> None:
    """Files that came later are not on it."""
    if not PAGE.is_file():
        pytest.skip("only the sources have docs/measured")
    page = PAGE.read_text(encoding="utf-8").splitlines()
    for row in table:
        if any(line.startswith(f"| {row.name} | ") for line in page):
            assert as_line(row) in page, "out of date: python -m tests.io.test_all_samples SAMPLES"


def test_no_file_keeps_the_machine_busy(table: list[Row]) -> None:
    """Time of the processor, which does not depend on what else the machine does."""
    assert [row.name for row in table if row.seconds > SECONDS] == []


if __name__ == "__main__":
    PAGE.write_text(as_page(examined(Path(sys.argv[1]))), encoding="utf-8")
