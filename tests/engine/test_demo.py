"""The demo scene is plausible, has anomalies of every difficulty, is the same each time, and opens as a file."""

import numpy as np
import pytest

from hadviewer.analysis.roc import auc
from hadviewer.core.errors import WriteError
from hadviewer.engine.demo import demo_path, make_demo, truth_path, write_demo
from hadviewer.engine.demo.layout import EXTENDED, MIXTURES, SINGLE, make_layout
from hadviewer.engine.demo.spectra import INDEX, MATERIALS, library


@pytest.fixture(scope="module")
def demo():
    return make_demo()


@pytest.fixture(scope="module")
def reflectance(demo):
    return demo.cube[..., demo.usable] / demo.scale


@pytest.fixture(scope="module")
def squared_distance(reflectance):
    """Global RX, written out: squared Mahalanobis distance of each pixel to the scene."""
    pixels = reflectance.reshape(-1, reflectance.shape[2])
    centred = pixels - pixels.mean(axis=0)
    return ((centred @ np.linalg.inv(np.cov(centred.T))) * centred).sum(axis=1).reshape(reflectance.shape[:2])


def test_shape_and_types(demo):
    assert demo.cube.shape == (200, 200, 180)
    assert demo.cube.dtype == np.int16
    assert demo.truth.shape == (200, 200)
    assert set(np.unique(demo.truth)) == {0, 1}
    assert (demo.wavelengths[0], demo.wavelengths[-1]) == (400, 2500)
    assert (np.diff(demo.wavelengths) > 0).all()
    assert (demo.fwhm > 0).all()


def test_reflectance_is_physical_where_bands_are_usable(reflectance):
    assert ((reflectance > 0) & (reflectance < 1)).mean() > 0.9999
    assert 0.05 < reflectance.mean() < 0.5


def test_water_vapour_bands_and_the_ends_are_marked_bad(demo):
    centres = demo.wavelengths
    for low, high in ((1345, 1445), (1795, 1965), (2460, 2500)):
        assert not demo.usable[(centres >= low) & (centres <= high)].any()
    assert not demo.usable[0]
    assert demo.usable[(centres > 430) & (centres < 1330)].all()
    assert 140 <= demo.usable.sum() <= 160


def test_bad_bands_are_noisy(demo):
    cube = demo.cube.astype(np.float64)
    noise = np.median(np.abs(np.diff(cube, axis=1)), axis=(0, 1))
    assert np.median(noise[~demo.usable]) > 5 * np.median(noise[demo.usable])


def test_vegetation_shows_its_red_edge_and_water_is_dark(reflectance, demo):
    centres = demo.wavelengths[demo.usable]
    red, infrared = (reflectance[..., np.abs(centres - nm).argmin()] for nm in (670, 860))
    index = (infrared - red) / (infrared + red)
    assert 0.3 < (index > 0.5).mean() < 0.8
    assert 0.01 < (infrared < 0.04).mean() < 0.06


def test_every_material_is_a_plausible_surface():
    spectra = library(400, 2500, 400)
    assert ((spectra > 0) & (spectra < 0.9)).all()
    smooth = np.abs(np.diff(spectra, 2, axis=1)).max()
    assert smooth < 0.05
    angles = spectra / np.linalg.norm(spectra, axis=1, keepdims=True)
    likeness = angles @ angles.T
    np.fill_diagonal(likeness, 0)
    assert likeness.max() < 0.9999
    assert {name for main, second, _ in MIXTURES.values() for name in (main, second)} <= set(INDEX)


def test_shares_of_materials_are_a_mixture():
    layout = make_layout(np.random.default_rng(5))
    assert layout.abundance.min() >= 0
    np.testing.assert_allclose(layout.abundance.sum(axis=2), 1, atol=1e-12)
    assert layout.abundance.shape[2] == len(MATERIALS)
    assert (layout.abundance.max(axis=2) < 0.6).mean() > 0.02


def test_objects_are_where_the_truth_says(demo):
    expected = np.zeros((200, 200), int)
    for row, col, height, width, _ in EXTENDED:
        assert 2 <= height <= 4
        assert 3 <= width <= 4
        expected[row : row + height, col : col + width] += 1
    for row, col, share, _ in SINGLE:
        assert 0.2 <= share <= 0.6
        expected[row, col] += 1
    assert expected.max() == 1
    assert (demo.truth == expected).all()
    assert 3 <= len(EXTENDED) <= 5
    assert 8 <= len(SINGLE) <= 15


def test_global_rx_is_good_but_not_perfect(demo, squared_distance):
    assert 0.93 < auc(squared_distance, demo.truth) < 0.98
    threshold = np.percentile(squared_distance[demo.truth == 0], 99)
    found = squared_distance[demo.truth == 1] > threshold
    assert 0.5 < found.mean() < 0.9


def test_a_local_detector_sees_what_global_rx_misses(demo, reflectance, squared_distance):
    """The concrete slab in the field is common stuff for the scene, and strange in its surroundings."""
    row, col, height, width, _ = next(item for item in EXTENDED if item[4] == "concrete")
    slab = (slice(row, row + height), slice(col, col + width))
    assert (squared_distance < squared_distance[slab].max()).mean() < 0.97
    ring = reflectance[row - 7 : row + height + 7, col - 7 : col + width + 7]
    near = np.ones(ring.shape[:2], bool)
    near[6:-6, 6:-6] = False
    mean, spread = ring[near].mean(axis=0), ring[near].std(axis=0)
    strangeness = (((ring - mean) / spread) ** 2).mean(axis=2)
    inside = strangeness[7 : 7 + height, 7 : 7 + width]
    assert inside.min() > strangeness[near].max()


def test_same_seed_same_scene_other_seed_other_scene(demo):
    again = make_demo()
    assert (again.cube == demo.cube).all()
    assert (again.truth == demo.truth).all()
    other = make_demo(seed=demo.seed + 1)
    assert (other.cube != demo.cube).mean() > 0.5
    assert (other.truth == demo.truth).all()


def test_global_state_of_random_numbers_is_left_alone():
    np.random.seed(3)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(3)  # noqa: NPY002
    make_layout(np.random.default_rng(0))
    assert np.random.random() == expected  # noqa: NPY002


@pytest.fixture(scope="module")
def header(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo") / "new" / "folder")


def test_written_files_open_in_another_program(header, demo):
    import spectral.io.envi as envi

    image = envi.open(header, header.with_suffix(".dat"))
    assert image.shape == (200, 200, 180)
    assert (np.asarray(image.open_memmap(interleave="bip")) == demo.cube).all()
    np.testing.assert_allclose(image.bands.centers, demo.wavelengths, atol=0.005)
    assert [int(flag) for flag in image.metadata["bbl"]] == demo.usable.astype(int).tolist()
    assert float(image.metadata["reflectance scale factor"]) == demo.scale
    truth = envi.open(truth_path(header), truth_path(header).with_suffix(".dat"))
    assert (np.asarray(truth.open_memmap())[..., 0] == demo.truth).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_position_on_the_map_is_understood_by_gdal(header):
    rasterio = pytest.importorskip("rasterio")
    with rasterio.open(header.with_suffix(".dat")) as image:
        assert image.crs.to_epsg() == 32631
        assert image.transform.a == 2
        assert image.transform.e == -2
        assert image.transform.c == 448_200


def test_written_scene_opens_here_with_all_it_says(header, demo):
    import hadviewer

    scene = hadviewer.open(header, truth=truth_path(header))
    assert scene.cube.shape == demo.cube.shape
    assert (scene.cube.bands.mask == demo.usable).all()
    np.testing.assert_allclose(scene.cube.bands.centres, demo.wavelengths, atol=0.005)
    np.testing.assert_allclose(scene.cube.pixel(29, 62), demo.cube[29, 62] / demo.scale, rtol=1e-5)
    assert scene.cube.geo.position(0, 0) == (448_200, 5_031_600)
    assert (scene.truth.mask == (demo.truth > 0)).all()


def test_writing_leaves_nothing_but_the_four_files(header):
    names = sorted(path.name for path in header.parent.iterdir())
    stem = header.stem
    assert names == [f"{stem}-truth.dat", f"{stem}-truth.hdr", f"{stem}.dat", f"{stem}.hdr"]


def test_a_place_that_cannot_be_written_is_one_clear_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(WriteError, match="cannot be written"):
        write_demo(tmp_path / "taken")


def test_demo_is_made_once_and_then_found(tmp_path, monkeypatch):
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_cache_path", lambda *args, **kwargs: tmp_path)
    first = demo_path()
    written = first.stat().st_mtime_ns
    assert first.is_file()
    assert demo_path() == first
    assert first.stat().st_mtime_ns == written
    first.unlink()
    assert demo_path().is_file()
