"""Detected objects with outlines and attributes. The attributes are described here, once, for all formats."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

import numpy as np

from hadviewer.analysis.objects import UNCLEANED, Cleaning, DetectedObject, describe_objects
from hadviewer.analysis.thresholds import apply
from hadviewer.core.cube import Cube
from hadviewer.core.features import Attribute, FeatureTable, Value
from hadviewer.core.geolocation import Location
from hadviewer.core.results import DetectionResult
from hadviewer.io.coordinates import WGS84, can_be_placed, transformed
from hadviewer.io.regions.outlines import outlines_of


@dataclass(frozen=True)
class _Run:
    """What all objects of a result have in common."""

    threshold: float
    detector: str
    source: str
    time: str | None
    geo: Location | None


@dataclass(frozen=True)
class _Found:
    """One object: its measures, and the place of its peak on the map and on the Earth where they are known."""

    measures: DetectedObject
    x: float | None
    y: float | None
    lon: float | None
    lat: float | None


def _area(one: _Found, run: _Run) -> float | None:
    pixel = None if run.geo is None else run.geo.pixel_area(one.measures.row + 0.5, one.measures.col + 0.5)
    return None if pixel is None else one.measures.area * pixel


_COLUMNS: tuple[tuple[Attribute, Callable[[_Found, _Run], Value]], ...] = (
    (Attribute("id", "int", "number of the object, from 1"), lambda one, run: one.measures.label),
    (Attribute("n_pixels", "int", "number of pixels", "n_pix"), lambda one, run: one.measures.area),
    (Attribute("area_m2", "real", "square metres on the ground"), _area),
    (Attribute("score_max", "real", "highest score", "s_max"), lambda one, run: _finite(one.measures.peak)),
    (Attribute("score_mean", "real", "mean score", "s_mean"), lambda one, run: _finite(one.measures.mean)),
    (
        Attribute("row", "int", "line of the highest score, from 0", "peak_row"),
        lambda one, run: one.measures.peak_row,
    ),
    (
        Attribute("col", "int", "sample of the highest score, from 0", "peak_col"),
        lambda one, run: one.measures.peak_col,
    ),
    (Attribute("x", "real", "map x of the centre of that pixel"), lambda one, run: one.x),
    (Attribute("y", "real", "map y of the centre of that pixel"), lambda one, run: one.y),
    (Attribute("lon", "real", "longitude of that centre, WGS 84"), lambda one, run: one.lon),
    (Attribute("lat", "real", "latitude of that centre, WGS 84"), lambda one, run: one.lat),
    (Attribute("threshold", "real", "lowest score of a detection"), lambda one, run: _finite(run.threshold)),
    (Attribute("detector", "text", "detector"), lambda one, run: run.detector),
    (Attribute("source", "text", "file of the scene"), lambda one, run: run.source),
    (Attribute("time", "time", "when the detection was made, UTC"), lambda one, run: run.time),
)
ATTRIBUTES = tuple(attribute for attribute, _ in _COLUMNS)


def feature_table(
    result: DetectionResult, threshold: float, cleaning: Cleaning = UNCLEANED, cube: Cube | None = None
) -> FeatureTable:
    """The objects above a threshold, after the cleaning; ``cube`` lends the map coordinates.

    Attributes that no object of this scene can have, such as a longitude, are left out.
    """
    labels = cleaning.labels(apply(result.scores, threshold), result.valid)
    geo = None if cube is None else cube.geo
    source = result.provenance.get("source", {})
    name = PurePath(str(source.get("path") or source.get("name", ""))).name
    run = _Run(threshold, result.request.detector, name, _utc(result.provenance.get("started")), geo)
    objects = describe_objects(labels, result.scores, geo)
    found = [_Found(item, *map(_finite, place)) for item, place in zip(objects, _peaks(objects, geo), strict=True)]
    rows = [tuple(value(one, run) for _, value in _COLUMNS) for one in found]
    kept = [place for place in range(len(_COLUMNS)) if not rows or any(row[place] is not None for row in rows)]
    return FeatureTable(
        tuple(ATTRIBUTES[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in rows),
        tuple(outlines_of(labels)),
        labels,
        _about(run, cleaning),
    )


def _about(run: _Run, cleaning: Cleaning) -> str:
    closed = f", gaps of {cleaning.gap} pixels closed" if cleaning.gap else ""
    least = f"Objects of at least {cleaning.minimum} pixels" if cleaning.minimum > 1 else "Objects"
    return f"{least} with score >= {run.threshold:.9g} ({run.detector}, {run.source}){closed}"


def _peaks(objects: list[DetectedObject], geo: Location | None) -> list[list[float]]:
    """x, y, longitude and latitude of the middle of each peak, NaN where they are not known."""
    places = np.full((len(objects), 4), np.nan)
    if geo is not None and objects:
        peaks = np.array([(item.peak_row, item.peak_col) for item in objects]) + 0.5
        places[:, :2] = geo.positions(*peaks.T)
        if can_be_placed(geo):
            places[:, 2:] = transformed(places[:, :2], geo.crs, WGS84)
    found: list[list[float]] = places.tolist()
    return found


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _utc(started: object) -> str | None:
    """'2026-11-21T09:30:00Z' of a time with its zone."""
    try:
        moment = datetime.fromisoformat(str(started))
    except ValueError:
        return None
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
