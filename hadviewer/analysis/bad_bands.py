"""Which bands are of no use: noise, saturation, stripes and the air's own absorption, judged from a scene in strips."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

ABSORPTION: Mapping[tuple[float, float], str] = {
    (0.0, 400.0): "below 400 nm sensors see little",
    (1340.0, 1450.0): "water vapour, 1340-1450 nm",
    (1790.0, 1970.0): "water vapour, 1790-1970 nm",
    (2450.0, 3000.0): "above 2450 nm the sun gives little",
}
"""Wavelengths in nm that airborne and satellite scenes of the ground are usually freed of."""


FEWEST_ALIKE = 5
"""So many pixels at one end of a band's values may be chance, in a small scene."""


@dataclass(frozen=True)
class Limits:
    """From where on a band counts as bad; shares are of the pixels, 0 to 1.

    ``snr`` and ``relative_snr`` (of the median band's) are the least signal to noise; ``correlation`` the least with
    the better neighbour; ``saturated`` the most pixels at the lowest or highest value; ``striped`` the most of the
    variance in stripes; ``missing`` the most pixels without a value.
    """

    snr: float = 10.0
    relative_snr: float = 0.1
    correlation: float = 0.9
    saturated: float = 0.001
    striped: float = 0.1
    missing: float = 0.5


@dataclass(frozen=True, eq=False)
class BandReport:
    """What is known of each band (bands,), and why it might be left out: ``reasons``, none where it is good."""

    mean: Values
    noise: Values
    snr: Values
    correlation: Values
    saturated: Values
    striped: Values
    missing: Values
    reasons: tuple[tuple[str, ...], ...]

    @property
    def suspected(self) -> NDArray[np.bool_]:
        """True for bands with a reason, (bands,)."""
        return np.array([bool(reasons) for reasons in self.reasons], dtype=bool)


@dataclass(eq=False)
class BandScan:
    """Sums over a scene, filled strip by strip with ``add``; ``report`` judges the bands by them.

    Values are shifted by the mean of the first strip, so that squares keep their digits far from zero.
    """

    bands: int
    cols: int
    _shift: Values | None = None
    _rows: int = 0
    _pixels: int = 0
    _count: Values = field(init=False)
    _sum: Values = field(init=False)
    _products: list[Values] = field(init=False)
    _pairs: list[Values] = field(init=False)
    _ends: tuple["_End", "_End"] = field(init=False)
    _equal: NDArray[np.bool_] = field(init=False)
    _columns: Values = field(init=False)
    _column_counts: Values = field(init=False)

    def __post_init__(self) -> None:
        bands = self.bands
        self._count, self._sum = np.zeros(bands), np.zeros(bands)
        # Squares, and products with the first and second band behind.
        self._products = [np.zeros(max(0, bands - lag)) for lag in range(3)]
        self._pairs = [np.zeros(max(0, bands - lag)) for lag in range(3)]
        self._ends = (_End(bands, np.min), _End(bands, np.max))
        self._equal = np.ones(max(0, bands - 1), dtype=bool)
        self._columns, self._column_counts = np.zeros((self.cols, bands)), np.zeros((self.cols, bands))

    def add(self, strip: NDArray[np.floating]) -> None:
        """Take a strip (rows, cols, bands) of whole lines in; NaN values are left out, empty pixels do not count."""
        values = np.asarray(strip, dtype=np.float64)
        known = np.isfinite(values)
        self._pixels += int(known.any(axis=2).sum())
        self._rows += len(values)
        if self._shift is None:
            counts = known.sum(axis=(0, 1))
            self._shift = np.where(known, values, 0.0).sum(axis=(0, 1)) / np.maximum(counts, 1)
        for end in self._ends:
            end.add(values, known)
        shifted = np.where(known, values - self._shift, 0.0)
        flat, there = shifted.reshape(-1, self.bands), known.reshape(-1, self.bands).astype(np.float64)
        self._count += there.sum(axis=0)
        self._sum += flat.sum(axis=0)
        for lag in range(min(3, self.bands)):
            stop = self.bands - lag
            self._products[lag] += np.einsum("pb,pb->b", flat[:, :stop], flat[:, lag:])
            self._pairs[lag] += np.einsum("pb,pb->b", there[:, :stop], there[:, lag:])
        same = (values[..., 1:] == values[..., :-1]) | ~(known[..., 1:] & known[..., :-1])
        self._equal &= same.all(axis=(0, 1))
        self._columns += shifted.sum(axis=0)
        self._column_counts += known.sum(axis=0)

    def report(self, centres: Values | None = None, limits: Limits | None = None) -> BandReport:
        """Judge every band; ``centres`` in nm bring in what is known of the air."""
        limits = limits or Limits()
        shift = np.zeros(self.bands) if self._shift is None else self._shift
        count = np.maximum(self._count, 1)
        mean = np.where(self._count > 0, shift + self._sum / count, np.nan)
        cov = self._covariances(self._sum / count)
        missing = 1 - self._count / max(self._pixels, 1)
        noise = _noise(cov)
        with np.errstate(divide="ignore", invalid="ignore"):
            snr = np.abs(mean) / noise
        report = BandReport(
            mean=mean,
            noise=noise,
            snr=snr,
            correlation=_correlation(cov),
            saturated=np.max([end.share(self._count) for end in self._ends], axis=0),
            striped=self._stripes(cov[0]),
            missing=missing,
            reasons=(),
        )
        doubled = np.concatenate([[False], self._equal & (self._pairs[1] > 0) & (cov[0][1:] > 0)])
        return BandReport(**{**report.__dict__, "reasons": _reasons(report, cov[0], doubled, centres, limits)})

    def _covariances(self, mean: Values) -> list[Values]:
        """Variances, and covariances with the first and second band behind."""
        found = []
        for lag, (products, pairs) in enumerate(zip(self._products, self._pairs, strict=True)):
            if lag and lag >= self.bands:
                found.append(np.zeros(0))
                continue
            stop = self.bands - lag
            found.append(products / np.maximum(pairs, 1) - mean[:stop] * mean[lag:])
        found[0] = np.maximum(found[0], 0.0)
        # What rounding leaves of a constant band is no variance.
        scale = 0.0 if self._shift is None else np.square(self._shift)
        found[0][found[0] <= 1e-14 * scale] = 0.0
        return found

    def _stripes(self, variance: Values) -> Values:
        """The share of a band's variance that goes up and down from one column to the next all the way down."""
        if self.cols < 8 or self._rows < 16:
            return np.zeros(self.bands)
        means = self._columns / np.maximum(self._column_counts, 1)
        bends = means[1:-1] - (means[:-2] + means[2:]) / 2
        # Of unrelated columns the bends have 1.5 times the variance.
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.square(bends).mean(axis=0) / 1.5 / variance
        return np.where(variance > 0, np.minimum(share, 1.0), 0.0)


class _End:
    """The lowest or highest value of each band, and how many pixels have it."""

    def __init__(self, bands: int, choose: Callable[..., Values]) -> None:
        self._choose, self._fill = choose, np.inf if choose is np.min else -np.inf
        self._value, self._count = np.full(bands, self._fill), np.zeros(bands)

    def add(self, values: Values, known: NDArray[np.bool_]) -> None:
        found = np.asarray(self._choose(np.where(known, values, self._fill), axis=(0, 1)))
        count = (values == found).sum(axis=(0, 1))
        value = self._choose(np.stack([self._value, found]), axis=0)
        self._count = np.where(self._value == value, self._count, 0) + np.where(found == value, count, 0)
        self._value = value

    def share(self, total: Values) -> Values:
        """Of ``total`` values; a few alike are no saturation."""
        return np.where(self._count >= FEWEST_ALIKE, self._count / np.maximum(total, 1), 0.0)


def _noise(cov: list[Values]) -> Values:
    """What the two nearest bands do not explain of each band: the standard deviation of the residuals.

    Roger & Arnold, Int. J. Remote Sens. 17, 1996, with two regressors; the outermost bands take the two beside them.
    """
    variance, first, second = cov
    bands = len(variance)
    if bands < 3:
        return np.full(bands, np.nan)
    middle = np.clip(np.arange(bands), 1, bands - 2)
    # Regressors (low, high) and their covariances with the band itself.
    low = np.where(np.arange(bands) == 0, 1, middle - 1)
    high = np.where(np.arange(bands) == bands - 1, bands - 2, middle + 1)
    low[-1] = bands - 3

    def between(a: NDArray[np.intp], b: NDArray[np.intp]) -> Values:
        start, lag = np.minimum(a, b), np.abs(a - b)
        return np.where(lag == 1, first[np.minimum(start, bands - 2)], second[np.minimum(start, bands - 3)])

    own = np.arange(bands)
    with_low, with_high, mutual = between(own, low), between(own, high), between(low, high)
    a, d = variance[low] * (1 + 1e-12) + 1e-300, variance[high] * (1 + 1e-12) + 1e-300
    determinant = np.maximum(a * d - mutual**2, 1e-12 * a * d)
    explained = (with_low**2 * d - 2 * with_low * with_high * mutual + with_high**2 * a) / np.maximum(
        determinant, 1e-300
    )
    return np.sqrt(np.maximum(variance - explained, 0.0))


def _correlation(cov: list[Values]) -> Values:
    """With the neighbour that is more alike; NaN for a band that does not vary."""
    variance, first, _ = cov
    bands = len(variance)
    if bands < 2:
        return np.full(bands, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        beside = first / np.sqrt(variance[1:] * variance[:-1])
    beside = np.where(np.isfinite(beside), np.abs(beside), -1.0)
    best = np.maximum(np.append(beside, -1.0), np.insert(beside, 0, -1.0))
    return np.where(variance > 0, np.maximum(best, 0.0), np.nan)


def _reasons(
    report: BandReport, variance: Values, doubled: NDArray[np.bool_], centres: Values | None, limits: Limits
) -> tuple[tuple[str, ...], ...]:
    varied = (variance > 0) & np.isfinite(report.snr)
    usual = float(np.median(report.snr[varied])) if varied.any() else 0.0
    return tuple(
        (
            *_absorbed(None if centres is None else float(centres[band])),
            *_about_values(report, band, varies=bool(variance[band] > 0), doubled=bool(doubled[band]), limits=limits),
            *(_about_noise(report, band, usual, limits) if variance[band] > 0 else ()),
        )
        for band in range(len(variance))
    )


def _absorbed(centre: float | None) -> tuple[str, ...]:
    if centre is None:
        return ()
    return tuple(reason for (low, high), reason in ABSORPTION.items() if low <= centre <= high)


def _about_values(report: BandReport, band: int, *, varies: bool, doubled: bool, limits: Limits) -> tuple[str, ...]:
    if not np.isfinite(report.mean[band]):
        return ("no values",)
    found = []
    if report.missing[band] > limits.missing:
        found.append(f"{report.missing[band]:.0%} of the pixels have no value")
    if not varies:
        return (*found, "all pixels 0" if report.mean[band] == 0 else "all pixels equal")
    if doubled:
        found.append("a copy of the band before")
    if report.saturated[band] > limits.saturated:
        found.append(f"{report.saturated[band]:.1%} of the pixels at the lowest or highest value")
    return tuple(found)


def _about_noise(report: BandReport, band: int, usual: float, limits: Limits) -> tuple[str, ...]:
    found = []
    snr, alike = float(report.snr[band]), float(report.correlation[band])
    if snr < limits.snr:
        found.append(f"signal to noise {snr:.1f}")
    elif snr < limits.relative_snr * usual:
        found.append(f"signal to noise {snr:.1f}, usual is {usual:.0f}")
    # A clear band may differ from its neighbours too, as on the red edge of vegetation.
    if alike < limits.correlation and snr < usual:
        found.append(f"correlation with its neighbours {alike:.2f}")
    if report.striped[band] > limits.striped:
        found.append(f"stripes make {report.striped[band]:.0%} of its variance")
    return tuple(found)
