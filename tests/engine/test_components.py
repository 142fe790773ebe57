"""Components of a cube are those of the transforms, wherever one looks and however they are read."""

import numpy as np
import pytest

from hadviewer.core.bands import BandSet
from hadviewer.core.context import Context
from hadviewer.core.cube import Cube, Window
from hadviewer.engine import components as engine_components
from hadviewer.engine.components import ComponentKind, ComponentPlanes, component_count, component_cube, find_components
from hadviewer.engine.tasks import CubeReference
from hadviewer.io.sources import ArraySource
from hadviewer.render.cache import ArrayCache
from hadviewer.render.tiling import Address
from hadviewer.transforms.mnf import MNFParams, mnf
from hadviewer.transforms.pca import PCAParams, pca


def scene(rows: int = 40, cols: int = 50, bands: int = 12) -> np.ndarray:
    rng = np.random.default_rng(1)
    down, across = np.mgrid[0:rows, 0:cols] / 10
    maps = np.dstack([np.sin(down), np.cos(across), np.sin(down + across)])
    return (maps @ rng.normal(0, 9, (3, bands)) + rng.normal(0, 1, (rows, cols, bands)) + 100).astype(np.float32)


def cube_of(array: np.ndarray) -> Cube:
    return Cube(ArraySource(array), BandSet(array.shape[2]))


def components_of(cube: Cube, kind: ComponentKind) -> Cube:
    bands = cube.bands.usable_index()
    return component_cube(cube, kind, bands, find_components(CubeReference.of(cube), kind, bands, Context()))


@pytest.mark.parametrize("kind", ["pca", "mnf"])
def test_they_are_those_of_the_transform(kind: ComponentKind) -> None:
    array = scene()
    found = components_of(cube_of(array), kind).values()
    context = Context()
    expected = (
        pca(array, PCAParams(components=20), context)
        if kind == "pca"
        else mnf(array, MNFParams(components=20), context)
    )
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("kind", ["pca", "mnf"])
@pytest.mark.parametrize("step", [1, 3])
def test_a_window_holds_what_the_whole_holds_there(
    kind: ComponentKind, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_components, "STRIP_VALUES", 1000)
    found = components_of(cube_of(scene()), kind)
    window = Window(3, 31, 7, 46)
    part = found.values(np.array([2, 0]), window, step=step)
    np.testing.assert_allclose(part, found.values()[3:31:step, 7:46:step][:, :, [2, 0]], rtol=1e-5, atol=1e-5)


def test_a_sample_gives_about_the_same_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    cube = cube_of(scene(80, 90))
    for kind in ("pca", "mnf"):
        exact = components_of(cube, kind).values()[:, :, 0]
        monkeypatch.setattr(engine_components, "SAMPLE_PIXELS", 1500)
        sampled = components_of(cube, kind).values()[:, :, 0]
        monkeypatch.undo()
        assert abs(np.corrcoef(exact.ravel(), sampled.ravel())[0, 1]) > 0.99


def test_pixels_without_values_have_no_components() -> None:
    array = scene()
    array[5:9, 3:20] = np.nan
    for kind in ("pca", "mnf"):
        found = components_of(cube_of(array), kind).values()
        assert np.isnan(found[5:9, 3:20]).all()
        assert np.isfinite(found[20:]).all()


def test_bad_bands_take_no_part() -> None:
    array = scene()
    usable = np.ones(12, dtype=bool)
    usable[4] = False
    noisy = array.copy()
    noisy[:, :, 4] = np.random.default_rng(0).normal(0, 1e6, noisy.shape[:2])
    cube = Cube(ArraySource(noisy), BandSet(12, usable=usable))
    assert component_count(cube) == 11
    found = components_of(cube, "pca")
    assert found.shape == (40, 50, 11)
    assert np.abs(found.values()).max() < 1e3


def test_names_tell_the_share_of_the_variance() -> None:
    names = components_of(cube_of(scene()), "pca").bands.names
    assert names is not None
    assert names[0].startswith("PC 1 (")
    shares = [float(name.partition("(")[2].removesuffix(" %)")) for name in names]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(100, abs=0.5)


def test_a_constant_scene_has_components_without_complaint() -> None:
    for kind in ("pca", "mnf"):
        values = components_of(cube_of(np.full((9, 8, 5), 3.0, dtype=np.float32)), kind).values()
        assert np.abs(values).max() < 1e-3


def test_coarse_tiles_of_a_large_scene_compute_few_spectra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_components, "WHOLE_VALUES", 1000)
    found = components_of(cube_of(scene(64, 64)), "pca")
    planes = ComponentPlanes(found, ArrayCache(2**24))
    assert not planes.whole
    (tile,) = planes.tiles((1,), Address(4, 0, 0))
    np.testing.assert_allclose(tile, found.plane(1, step=4), rtol=1e-5, atol=1e-5)


def test_components_of_a_small_scene_are_averaged_like_bands() -> None:
    found = components_of(cube_of(scene(64, 64)), "pca")
    (tile,) = ComponentPlanes(found, ArrayCache(2**24)).tiles((0,), Address(2, 0, 0))
    expected = found.plane(0).reshape(32, 2, 32, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(tile, expected, rtol=1e-4, atol=1e-3)
