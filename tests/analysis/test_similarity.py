"""Libraries as a sensor sees them, and how alike spectra are: against independent computations."""

import numpy as np
import pytest

from hadviewer.analysis.similarity import MEASURES, angles, distances, divergences, resample

RANDOM = np.random.default_rng(5)
WAVES = np.arange(350.0, 2501.0)


def test_a_straight_spectrum_stays_straight_whatever_the_bands() -> None:
    centres = np.linspace(420, 2400, 60)
    for fwhm in (None, np.full(60, 10.0), np.full(60, 0.3)):
        found = resample((2 * WAVES + 5)[np.newaxis], WAVES, centres, fwhm)
        np.testing.assert_allclose(found[0], 2 * centres + 5, rtol=1e-4)


def test_a_gaussian_line_is_broadened_as_the_theory_says() -> None:
    """A line of width s seen by a band of width b is as high as s / sqrt(s² + b²) in its middle."""
    s, b = 20.0, 30.0
    line = np.exp(-0.5 * ((WAVES - 1000) / s) ** 2)
    fwhm = np.array([b * 2.3548200450309493])
    found = resample(line[np.newaxis], WAVES, np.array([1000.0]), fwhm)
    assert found[0, 0] == pytest.approx(s / np.hypot(s, b), rel=1e-3)


def test_the_width_of_the_library_is_not_added_twice() -> None:
    s, own, b = 20.0, 18.0, 30.0
    line = s / np.hypot(s, own) * np.exp(-0.5 * ((WAVES - 1000) ** 2 / (s**2 + own**2)))
    to_fwhm = 2.3548200450309493
    widths = np.full(len(WAVES), own * to_fwhm)
    found = resample(line[np.newaxis], WAVES, np.array([1000.0]), np.array([b * to_fwhm]), widths)
    assert found[0, 0] == pytest.approx(s / np.hypot(s, b), rel=1e-3)


def test_gaussian_bands_agree_with_spectral() -> None:
    spectral = pytest.importorskip("spectral")
    waves = np.linspace(400, 2500, 420)
    spectra = 5 + np.sin(waves / np.array([[40.0], [90.0], [300.0]]))
    centres, fwhm = np.linspace(450, 2400, 100), np.full(100, 25.0)
    resampler = spectral.BandResampler(waves, centres, np.full(420, 5.0), fwhm)
    expected = np.array([resampler(spectrum) for spectrum in spectra])
    # It cuts its gaussians off, which this program does not.
    np.testing.assert_allclose(resample(spectra, waves, centres, fwhm), expected, rtol=1e-2)


def test_linear_where_no_width_is_known() -> None:
    waves = np.linspace(400, 2500, 50) + RANDOM.uniform(-15, 15, 50)
    spectra = RANDOM.uniform(size=(4, 50))
    centres = np.linspace(waves[0], waves[-1], 33)
    expected = [np.interp(centres, waves, spectrum) for spectrum in spectra]
    np.testing.assert_allclose(resample(spectra, waves, centres), expected, rtol=1e-5)
    backwards = resample(spectra[:, ::-1], waves[::-1], centres)
    np.testing.assert_allclose(backwards, expected, rtol=1e-5)


def test_what_lies_outside_or_in_a_gap_is_missing() -> None:
    spectrum = np.ones((1, 6))
    spectrum[0, 3] = np.nan
    waves = np.array([400.0, 500, 600, 700, 800, 900])
    found = resample(spectrum, waves, np.array([300.0, 400, 550, 650, 700, 900, 950]))[0]
    np.testing.assert_array_equal(found, [np.nan, 1, 1, np.nan, np.nan, 1, np.nan])


def test_a_library_freed_of_water_bands_knows_nothing_of_them() -> None:
    waves = np.concatenate([np.arange(400.0, 1330, 5), np.arange(1460.0, 2400, 5)])
    centres = np.array([1000.0, 1328, 1340, 1400, 1450, 1460, 2000])
    for fwhm in (None, np.full(7, 12.0)):
        found = resample(np.ones((1, len(waves))), waves, centres, fwhm)[0]
        np.testing.assert_array_equal(np.isnan(found), [False, True, True, True, True, False, False])


def test_a_narrow_band_between_wavelengths_far_apart_is_on_the_line() -> None:
    waves = np.array([400.0, 401, 402, 403, 439, 440, 441])
    found = resample(waves[np.newaxis], waves, np.array([402.0, 425.0]), np.array([2.5, 2.5]))
    assert found[0, 1] == pytest.approx(425)
    assert found[0, 0] == pytest.approx(402, abs=0.5), "a wavelength beside a gap weighs no more than the others"


def test_more_spectra_than_fit_at_once() -> None:
    spectra = RANDOM.uniform(size=(5000, 10)).astype(np.float32)
    waves = np.arange(400.0, 500, 10)
    np.testing.assert_allclose(resample(spectra, waves, waves), spectra, rtol=1e-6)


def test_angles_agree_with_spectral() -> None:
    spectral = pytest.importorskip("spectral")
    library, pixel = RANDOM.uniform(0.1, 1, (40, 60)), RANDOM.uniform(0.1, 1, 60)
    expected = spectral.spectral_angles(pixel[np.newaxis, np.newaxis], library)[0, 0]
    np.testing.assert_allclose(angles(pixel, library), expected, atol=1e-12)


def test_every_measure_by_its_definition_over_the_bands_in_common() -> None:
    library, pixel = RANDOM.uniform(0.1, 1, (30, 20)), RANDOM.uniform(0.1, 1, 20)
    library[RANDOM.uniform(size=library.shape) < 0.2] = np.nan
    pixel[3] = np.nan
    for row, y in enumerate(library):
        both = np.isfinite(y) & np.isfinite(pixel)
        a, b = pixel[both], y[both]
        p, q = a / a.sum(), b / b.sum()
        assert angles(pixel, library)[row] == pytest.approx(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b)))
        assert divergences(pixel, library)[row] == pytest.approx(np.sum(p * np.log(p / q)) + np.sum(q * np.log(q / p)))
        assert distances(pixel, library)[row] == pytest.approx(np.sqrt(np.mean((a - b) ** 2)))


def test_brightness_does_not_count_for_angle_and_divergence() -> None:
    pixel = RANDOM.uniform(0.1, 1, 30)
    library = np.stack([pixel * 7, pixel[::-1]])
    assert angles(pixel, library)[0] == pytest.approx(0, abs=1e-7)
    assert divergences(pixel, library)[0] == pytest.approx(0, abs=1e-12)
    assert distances(pixel, library)[0] > 0


@pytest.mark.parametrize("id_", list(MEASURES))
def test_nothing_in_common_has_no_likeness(id_: str) -> None:
    compare = MEASURES[id_].function
    pixel = np.array([1.0, 2, np.nan, 4, 5])
    library = np.array([[np.nan, np.nan, 1, 2, 3], [0.0] * 5, [1, 2, 3, 4, 5]])
    found = compare(pixel, library)
    assert np.isnan(found[0])
    assert found[2] == pytest.approx(0, abs=1e-6) or id_ == "euclidean"
    assert np.all(np.isnan(compare(np.full(5, np.nan), library)))


def test_a_mineral_is_found_again_after_resampling(samples) -> None:  # type: ignore[no-untyped-def]
    from hadviewer.engine.libraries import open_library

    library = open_library(samples / "speclib" / "wiser" / "USGS_Mineral_Spectral_Library.hdr")
    centres = np.linspace(400, 2500, 224)
    assert library.wavelengths is not None
    seen = resample(library.spectra, library.wavelengths, centres, np.full(224, 10.0))
    for row in (0, 100, 300):
        noisy = seen[row] * 3000 * (1 + 0.002 * RANDOM.normal(size=224))
        assert int(np.nanargmin(angles(noisy, seen))) == row
