"""Plots of a report as SVG, drawn in the colours of the page around them."""

from collections.abc import Iterator, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.roc import RocCurve
from hadviewer.render.figure import curve_ticks, nice_ticks
from hadviewer.render.stretch import Curve

SIDE, EDGE, FOOT, TOP = 340, 52, 46, 12
"""Points of a plot: the square of its curves, and what is left, below and above it."""
STOPS = 17
DECADES = 5
"""The logarithmic plot begins at this many powers of ten below 1, or where the background has its last pixel."""
SPECTRUM = (240, 120)


def roc_plot(curves: Sequence[tuple[str, str, RocCurve]], background: int, *, log: bool) -> str:
    """ROC curves as (name, colour, curve), over the false-alarm rate or over its logarithm."""
    decades = min(DECADES, max(1, int(np.ceil(np.log10(max(background, 10)))))) if log else 0
    kind = "logarithmic" if log else "linear"
    parts = [_open(EDGE + SIDE + 20, TOP + SIDE + FOOT, f"ROC curves, {kind} false-alarm rate")]
    ticks = [10.0**-power for power in range(decades, -1, -1)] if log else [0, 0.25, 0.5, 0.75, 1]
    for at in ticks:
        x = EDGE + SIDE * _along(at, decades)
        text = f"10<tspan dy='-5' font-size='9'>−{round(-np.log10(at))}</tspan>" if log and at < 1 else f"{at:g}"
        parts.append(f'<path class="grid" d="M{x:.1f},{TOP}v{SIDE}"/>')
        parts.append(f'<text x="{x:.1f}" y="{TOP + SIDE + 18}" text-anchor="middle">{text}</text>')
    for at in (0, 0.25, 0.5, 0.75, 1):
        y = TOP + SIDE * (1 - at)
        parts.append(f'<path class="grid" d="M{EDGE},{y:.1f}h{SIDE}"/>')
        parts.append(f'<text x="{EDGE - 8}" y="{y + 4:.1f}" text-anchor="end">{at:g}</text>')
    for name, colour, curve in curves:
        points = " ".join(_places(curve, decades))
        line = f'points="{points}" fill="none" stroke="{escape(colour)}" stroke-width="2" stroke-linejoin="round"'
        parts.append(f"<polyline {line}><title>{escape(name)}</title></polyline>")
    middle = TOP + SIDE / 2
    parts.append(f'<text x="{EDGE + SIDE / 2}" y="{TOP + SIDE + 38}" text-anchor="middle">False-alarm rate</text>')
    parts.append(f'<text transform="translate(13,{middle}) rotate(-90)" text-anchor="middle">Detection rate</text>')
    return "".join([*parts, "</svg>"])


def colour_bar(name: str, table: NDArray[np.uint8], curve: Curve, height: int) -> str:
    """The colours of a score map (256, 4), with scores beside; ``name`` is no other bar's on the page."""
    places = np.linspace(0, 255, STOPS).astype(int)
    stops = "".join(
        f'<stop offset="{1 - place / 255:.4f}" stop-color="rgb({r},{g},{b})"/>'
        for place, (r, g, b) in zip(places[::-1], table[places[::-1], :3].tolist(), strict=True)
    )
    ends = [score for _, score in curve_ticks(curve)]
    texts = "".join(
        f'<path class="grid" d="M18,{y:.1f}h5"/><text x="28" y="{y + 4:.1f}">{score:.4g}</text>'
        for (share, score) in curve_ticks(curve)
        for y in [8 + height * (1 - share)]
    )
    about = f"Colours from {min(ends):.4g} to {max(ends):.4g}"
    ramp = f'<defs><linearGradient id="{name}" x2="0" y2="1">{stops}</linearGradient></defs>'
    bar = f'<rect x="2" y="8" width="16" height="{height}" fill="url(#{name})"/>'
    return f"{_open(84, height + 16, about)}{ramp}{bar}{texts}</svg>"


def spectra_plot(
    title: str,
    centres: NDArray[np.floating] | None,
    usable: NDArray[np.bool_],
    curves: Sequence[tuple[str, NDArray[np.floating]]],
) -> str:
    """Spectra (bands,) as (colour, values) in one small plot; bad bands are gaps."""
    width, height = SPECTRUM
    kept = [np.where(usable, values, np.nan) for _, values in curves]
    known = np.concatenate([values[np.isfinite(values)] for values in kept])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    high = high if high > low else low + 1
    along = np.arange(len(usable), dtype=np.float64) if centres is None else np.asarray(centres, np.float64)
    first, last = float(np.nanmin(along)), float(np.nanmax(along))
    x = EDGE + width * (along - first) / max(last - first, 1e-9)
    parts = [_open(EDGE + width + 10, TOP + height + 22, title)]
    for at in nice_ticks(low, high, 3):
        y = TOP + height * (1 - (at - low) / (high - low))
        parts.append(f'<path class="grid" d="M{EDGE},{y:.1f}h{width}"/>')
        parts.append(f'<text x="{EDGE - 6}" y="{y + 4:.1f}" text-anchor="end">{at:.4g}</text>')
    unit = " nm" if centres is not None else ""
    for at, anchor, text in ((first, "start", ""), (last, "end", unit)):
        number = f"{at:.0f}" if centres is not None else f"Band {at + 1:.0f}"
        place = EDGE if anchor == "start" else EDGE + width
        parts.append(f'<text x="{place}" y="{TOP + height + 16}" text-anchor="{anchor}">{number}{text}</text>')
    for (colour, _), values in zip(curves, kept, strict=True):
        down = TOP + height * (1 - (values - low) / (high - low))
        drawn = _path(x, down)
        parts.append(f'<path d="{drawn}" fill="none" stroke="{escape(colour)}" stroke-width="1.6"/>')
    return "".join([*parts, "</svg>"])


def _path(x: NDArray[np.floating], y: NDArray[np.floating]) -> str:
    """A line through all points that are known, broken where one is not."""
    known = np.isfinite(x) & np.isfinite(y)
    begins = known & ~np.concatenate([[False], known[:-1]])
    return "".join(
        f"{'M' if start else 'L'}{across:.1f},{down:.1f}"
        for across, down, start in zip(x[known], y[known], begins[known], strict=True)
    )


def _places(curve: RocCurve, decades: int) -> Iterator[str]:
    """The corners of a curve on the screen; what lies left of the axis is drawn at its edge."""
    corners = curve.corners()
    for x, y in zip(corners.false_alarm.tolist(), corners.detection.tolist(), strict=True):
        if x == x and y == y:
            yield f"{EDGE + SIDE * _along(x, decades):.1f},{TOP + SIDE * (1 - y):.1f}"


def _along(rate: float, decades: int) -> float:
    """The share of the width at which a rate lies; by its logarithm where there are decades."""
    if not decades:
        return rate
    return max(0.0, 1 + float(np.log10(rate)) / decades) if rate > 0 else 0.0


def _open(width: float, height: float, about: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(about)}" {size}>'
