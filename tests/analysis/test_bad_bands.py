"""Suggested bad bands: each kind of fault is found by name, a clean scene has none, strips do not matter."""

import numpy as np
import pytest
from numpy.typing import NDArray

from hadviewer.analysis.bad_bands import BandReport, BandScan, Limits
from hadviewer.analysis.band_lists import LISTS, BandList, lists_for
from hadviewer.core.bands import BandSet, select_bands

Array = NDArray[np.float64]


def scan(cube: Array, height: int = 7, centres: Array | None = None, limits: Limits | None = None) -> BandReport:
    rows, cols, bands = cube.shape
    found = BandScan(bands, cols)
    for start in range(0, rows, height):
        found.add(cube[start : start + height])
    return found.report(centres, limits)


@pytest.fixture
def clean() -> Array:
    """Mixtures of three smooth spectra with a little noise, (60, 50, 40)."""
    random = np.random.default_rng(3)
    x = np.linspace(0, 1, 40)
    materials = np.stack([1 + x, 2 - x, 1.2 + np.sin(3 * x)]) * 1000
    shares = random.dirichlet([1, 1, 1], (60, 50))
    return shares @ materials + random.normal(0, 5, (60, 50, 40))


def test_a_clean_scene_has_no_suspects(clean: Array) -> None:
    report = scan(clean)
    assert not report.suspected.any(), report.reasons
    # The neighbours bring noise of their own: half their sum adds half its variance.
    np.testing.assert_allclose(report.noise[2:-2], 5 * np.sqrt(1.5), rtol=0.15)
    np.testing.assert_allclose(report.mean, clean.mean(axis=(0, 1)))


def test_the_noise_is_the_residual_of_a_regression_on_the_neighbours(clean: Array) -> None:
    report = scan(clean)
    flat = clean.reshape(-1, 40)
    for band, others in ((0, (1, 2)), (17, (16, 18)), (39, (38, 37))):
        design = np.column_stack([np.ones(len(flat)), *(flat[:, other] for other in others)])
        residual = flat[:, band] - design @ np.linalg.lstsq(design, flat[:, band], rcond=None)[0]
        assert report.noise[band] == pytest.approx(residual.std(), rel=1e-6)


def test_correlation_is_that_with_the_better_neighbour(clean: Array) -> None:
    matrix = np.corrcoef(clean.reshape(-1, 40).T)
    expected = [
        max(abs(matrix[band, other]) for other in (band - 1, band + 1) if 0 <= other < 40) for band in range(40)
    ]
    np.testing.assert_allclose(scan(clean).correlation, expected, rtol=1e-9)


def test_every_fault_is_told_by_name(clean: Array) -> None:
    random = np.random.default_rng(4)
    clean[..., 3] = 0
    clean[..., 6] = 77
    clean[..., 9] = clean[..., 8]
    clean[..., 12] = np.nan
    clean[..., 15] = random.normal(10, 50, (60, 50))
    clean[..., 20] = np.minimum(clean[..., 20], np.quantile(clean[..., 20], 0.99))
    clean[..., 25] += np.where(np.arange(50) % 2, 800, -800)
    clean[:40, :, 30] = np.nan
    reasons = scan(clean).reasons
    for band, words in (
        (3, "all pixels 0"),
        (6, "all pixels equal"),
        (9, "copy of the band before"),
        (12, "no values"),
        (15, "signal to noise"),
        (15, "correlation"),
        (20, "lowest or highest"),
        (25, "stripes"),
        (30, "67% of the pixels have no value"),
    ):
        assert any(words in reason for reason in reasons[band]), (band, reasons[band])
    assert not any("copy" in reason for reason in reasons[13]), "beside a band without values"
    untouched = [band for band in (0, 1, 18, 34, 38) if reasons[band]]
    assert not untouched


def test_strips_do_not_matter_even_far_from_zero(clean: Array) -> None:
    clean += 1e7
    whole, strips = scan(clean, 60), scan(clean, 1)
    for part in ("mean", "noise", "snr", "correlation", "saturated", "striped", "missing"):
        np.testing.assert_allclose(getattr(whole, part), getattr(strips, part), rtol=1e-5, atol=1e-12)
    assert whole.reasons == strips.reasons


def test_pixels_without_any_value_do_not_count_as_missing(clean: Array) -> None:
    clean[:50] = np.nan
    assert not scan(clean).missing.any()


def test_the_air_is_known_where_wavelengths_are(clean: Array) -> None:
    centres = np.linspace(350, 2500, 40)
    suspected = scan(clean, centres=centres).suspected
    expected = (
        (centres <= 400)
        | ((centres >= 1340) & (centres <= 1450))
        | ((centres >= 1790) & (centres <= 1970))
        | (centres >= 2450)
    )
    np.testing.assert_array_equal(suspected, expected)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 2, 2), (5, 4, 3), (1, 50, 4)])
def test_small_scenes(shape: tuple[int, int, int]) -> None:
    report = scan(np.random.default_rng(0).normal(100, 1, shape))
    assert len(report.reasons) == shape[2]


def test_nothing_read_is_nothing_known() -> None:
    assert BandScan(3, 4).report().reasons == (("no values",),) * 3


def test_the_windows_of_aviris_ng_are_found(samples) -> None:  # type: ignore[no-untyped-def]
    from hadviewer.core.bands import write_bands
    from hadviewer.engine import verbs

    folder = samples / "envi" / "isofit_avirisng_chunk"
    cube = verbs.open_scene(folder / "ang20170323t202244_rdn_7000-7010.hdr").cube
    report = scan(cube.values().astype(np.float64), centres=cube.bands.centres)
    assert write_bands(np.flatnonzero(report.suspected)) == "1-5,194-215,284-319,415-425"


@pytest.mark.parametrize("item", LISTS, ids=lambda item: item.title)
def test_customary_lists_leave_as_many_bands_as_is_customary(item: BandList) -> None:
    kept = {"San Diego": 189, "Cuprite": 188, "Salinas": 204, "Indian Pines": 200, "Urban": 162}
    left = item.count - len(select_bands(item.bad, BandSet(item.count)))
    assert left == next((count for name, count in kept.items() if name in item.title), 181)
    assert item in lists_for(item.count)


def test_a_scene_cleaned_by_its_provider_keeps_nearly_all_its_bands(scenes) -> None:  # type: ignore[no-untyped-def]
    from hadviewer.engine import verbs

    cube = verbs.open_scene(scenes / "abu-airport-1.mat").cube
    assert scan(cube.values().astype(np.float64)).suspected.sum() <= 5
