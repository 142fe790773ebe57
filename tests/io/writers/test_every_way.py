"""Whatever is written: all of it appears, or one sentence says why not and the folder is as it was."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hadviewer.analysis.objects import UNCLEANED
from hadviewer.core.bands import BandSet
from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.geo import Georeference
from hadviewer.core.geolocation import ArrayCoordinates, Geolocation, Location
from hadviewer.core.library import SpectralLibrary
from hadviewer.core.region import Patch, Region
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.core.specs import MapProduct
from hadviewer.engine import catalog
from hadviewer.engine.cube_export import CubeExportParams, export_cube
from hadviewer.engine.export import export_result
from hadviewer.engine.features import feature_table
from hadviewer.engine.recipe import RECIPE_NAME
from hadviewer.engine.review_export import export_review
from hadviewer.io.regions import envi_text
from hadviewer.io.regions.files import write_regions
from hadviewer.io.sources import ArraySource
from hadviewer.io.writers.animation import write_animation, write_picture
from hadviewer.io.writers.speclib import write_library
from hadviewer.io.writers.table import write_csv

SHAPE = ROWS, COLS = 60, 70
RNG = np.random.default_rng(0)
SCORES = RNG.normal(size=SHAPE).astype(np.float32)
GEO = Georeference((5e5, 2.0, 0.3, 4.1e6, 0.3, -2.0), "EPSG:32611", "UTM 11 N", "m")
ARRAYS = Geolocation(ArrayCoordinates(GEO.positions(*(np.indices(SHAPE) + 0.5))), "EPSG:32611", units="m")
REGIONS = [Region(1, "Fläche", "#ff0000", parts=(Patch(np.array([[row, 0, 40] for row in range(40)], np.int32)),))]
PICTURE = RNG.integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
Write = Callable[[Path, str], list[Path]]


def cube(geo: Location = GEO) -> Cube:
    values = RNG.integers(0, 9999, (*SHAPE, 5)).astype(np.int16)
    return Cube(ArraySource(values), BandSet(5, np.linspace(400, 900, 5)), name="scene", geo=geo)


def result() -> DetectionResult:
    return DetectionResult(DetectionRequest(detector="grx"), SCORES, np.ones(SHAPE, bool), 0.0)


def product(kind: Any, geo: Location = GEO) -> MapProduct:
    arrays = {
        "mask": (SCORES > 1) + np.uint8(1),
        "labels": (SCORES > 1).astype(np.int32),
        "picture": PICTURE,
        "overlay": PICTURE,
    }
    features = None
    if kind == "objects":
        features = feature_table(result(), 1.5, UNCLEANED, cube(geo))
    return MapProduct(
        kind, arrays.get(kind, SCORES), "RX", "made of it", cube(geo), 1.0, None, {"detector": "grx"}, features
    )


def library() -> SpectralLibrary:
    names = tuple(f"Spectrum {number}" for number in range(40))
    return SpectralLibrary("Bücherei", names, np.ones((40, 5), np.float32), np.linspace(400, 900, 5))


def by_spec(spec: Any, kind: str, geo: Location = GEO) -> Write:
    return lambda folder, stem: spec.function(folder, stem, product(kind, geo), spec.params())


WAYS: dict[str, Write] = {
    **{f"{spec.id} {kind}": by_spec(spec, kind) for spec in catalog.writers() for kind in spec.products},
    "envi with geometry": by_spec(catalog.writers().get("envi"), "scores", ARRAYS),
    "geotiff with points": by_spec(catalog.writers().get("geotiff"), "scores", ARRAYS),
    "cube envi": lambda folder, stem: export_cube(cube(), folder / f"{stem}.hdr", CubeExportParams(bands="all")),
    "cube envi with geometry": lambda folder, stem: export_cube(cube(ARRAYS), folder / f"{stem}.hdr"),
    "cube geotiff": lambda folder, stem: export_cube(cube(), folder / f"{stem}.tif", CubeExportParams(bands="all")),
    "whole export": lambda folder, stem: export_result(
        result(), folder, ["envi", "gpkg", "png_map", "mat"], cube=cube(), stem=stem, threshold=1.5
    ),
    "review": lambda folder, stem: export_review(folder / f"{stem}.gpkg", result(), 1.5, UNCLEANED, cube(), ()),
    "picture": lambda folder, stem: [write_picture(folder / f"{stem}.png", PICTURE)],
    "animation": lambda folder, stem: [write_animation(folder / f"{stem}.png", [PICTURE, PICTURE[::-1]])],
    "table": lambda folder, stem: [write_csv(folder / f"{stem}.csv", ["a"], [[n] for n in range(999)])],
    "regions geojson": lambda folder, stem: [write_regions(folder / f"{stem}.geojson", REGIONS, SHAPE, GEO)],
    "regions xml": lambda folder, stem: [write_regions(folder / f"{stem}.xml", REGIONS, SHAPE, GEO)],
    "regions text": lambda folder, stem: [envi_text.write(folder / f"{stem}.txt", REGIONS, SHAPE, GEO)],
    **{
        f"library {ending}": lambda folder, stem, ending=ending: write_library(folder / f"{stem}.{ending}", library())
        for ending in ("sli", "txt", "csv")
    },
}  # fmt: skip
every_way = pytest.mark.parametrize("write", WAYS.values(), ids=WAYS.keys())


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """No file can grow beyond so many bytes: what a full disk does, at a place of our choosing."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@every_way
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_a_disk_that_fills_up_is_one_sentence_and_nothing_changes(tmp_path: Path, write: Write, share: float) -> None:
    sizes = [path.stat().st_size for path in write(tmp_path / "whole", "scene")]
    for path in (tmp_path / "whole").iterdir():
        (tmp_path / path.name).write_bytes(b"former")
    shutil.rmtree(tmp_path / "whole")
    before = contents(tmp_path)
    with pytest.raises(WriteError) as caught, files_limited_to(int(share * max(sizes))):
        write(tmp_path, "scene")
    assert caught.value.message.count("\n") == 0
    assert contents(tmp_path) == before


@pytest.fixture
def locked() -> Iterator[Path]:
    """A folder in which nothing can be made, by a user to whom that applies."""
    if not hasattr(os, "geteuid"):
        pytest.skip("rights of folders work otherwise here")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield folder
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)
        shutil.rmtree(folder)


@every_way
def test_a_folder_that_is_locked_is_one_sentence(tmp_path_factory: Any, write: Write, locked: Path) -> None:
    with pytest.raises(WriteError, match="cannot be written into") as caught:
        write(locked, "scene")
    assert "Permission denied" in caught.value.message
    assert caught.value.hint
    assert not list(locked.iterdir())


@every_way
def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path, write: Write) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="cannot be written into"):
        write(tmp_path / "file", "scene")
    assert contents(tmp_path) == {"file": b"in the way"}


@every_way
def test_files_that_are_there_are_replaced_and_nothing_else_is_left(tmp_path: Path, write: Write) -> None:
    first = write(tmp_path / "fresh", "scene")
    (tmp_path / "used").mkdir()
    for path in first:
        (tmp_path / "used" / path.name).write_bytes(b"former" * 100_000)
    again = write(tmp_path / "used", "scene")
    assert [path.name for path in again] == [path.name for path in first]
    assert sorted(path.name for path in (tmp_path / "used").iterdir()) == sorted(path.name for path in first)
    assert all(path.read_bytes()[:6] != b"former" for path in again)


@every_way
@pytest.mark.parametrize("stem", ["Bahía 2 (α)", "100 % #1 & [x] {y}, z'", "a.b.c", "-dash", "日本"])
def test_names_with_odd_letters_are_names(tmp_path: Path, write: Write, stem: str) -> None:
    folder = tmp_path / f"in {stem}"
    files = write(folder, stem)
    assert {path.name for path in files} == {path.name for path in folder.iterdir()}
    assert all(path.name.startswith(stem) or path.name == RECIPE_NAME for path in files)
    assert all(path.stat().st_size for path in files)
    for path in files:
        read_by_others(path)


def read_by_others(path: Path) -> None:
    if path.suffix in (".gpkg", ".shp", ".geojson", ".kml") and "_pixels" not in path.name:
        pyogrio = pytest.importorskip("pyogrio")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            assert pyogrio.read_info(path)["features"] > 0
    if path.suffix in (".tif", ".png", ".dat"):
        rasterio = pytest.importorskip("rasterio")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                dataset.read(1)
