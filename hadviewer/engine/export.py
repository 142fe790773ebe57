"""Results into files: score map, mask, objects, picture, ROC curve, and always the recipe."""

import json
import math
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.objects import UNCLEANED, Cleaning
from hadviewer.analysis.thresholds import apply
from hadviewer.core.cube import Cube, Truth
from hadviewer.core.errors import ParamError
from hadviewer.core.features import FeatureTable
from hadviewer.core.geolocation import Geolocation
from hadviewer.core.results import DetectionResult
from hadviewer.core.specs import MapProduct, WriterSpec
from hadviewer.engine import catalog
from hadviewer.engine.features import feature_table
from hadviewer.engine.recipe import RECIPE_NAME, make_recipe
from hadviewer.io.atomic import replacing
from hadviewer.io.coordinates import can_be_placed
from hadviewer.io.staging import sources_of, staged


def export_result(
    result: DetectionResult,
    folder: Path,
    formats: Sequence[str] = ("envi",),
    *,
    cube: Cube | None = None,
    stem: str | None = None,
    threshold: float | None = None,
    cleaning: Cleaning = UNCLEANED,
    truth: Truth | None = None,
    with_mask: bool = True,
    colormap: str = "inferno",
    limits: tuple[float, float] | None = None,
    scale: Literal["linear", "log", "rank"] = "linear",
    inverse: bool = False,
) -> list[Path]:
    """Write the score map in each format, its mask and objects where a threshold is given, its ROC where truth is.

    The recipe comes last. The mask is cleaned first; above an infinite threshold there is no mask and no object. Colour
    map, limits, scale and direction are for pictures. ``cube`` lends the headers its georeference. All files appear
    together, or none where one of them cannot be written. Returns what was written.
    """
    writers = check_formats(formats, cube, threshold is not None)
    name = stem or default_stem(result, cube)
    check_stem(name)
    recipe = make_recipe(result) | {"stem": name}
    mask = features = None
    if threshold is not None:
        mask = mask_of(result, threshold, cleaning) if with_mask and math.isfinite(threshold) else None
        if any("objects" in spec.products for spec in writers):
            features = feature_table(result, threshold, cleaning, cube)
        recipe |= {
            "threshold": threshold if math.isfinite(threshold) else None,
            "smallest_object": cleaning.minimum,
            "connectivity": cleaning.connectivity,
            "closed_gaps": cleaning.gap,
        }
    look = {"colormap": colormap, "limits": limits, "scale": scale, "inverse": inverse}
    written: list[Path] = []
    with staged(folder, *sources_of(cube)) as stage:
        for spec in writers:
            for suffix, product in _products(spec, result, cube, mask, threshold, features, recipe, look):
                written += spec.function(stage, name + suffix, product, spec.params())
        if truth is not None:
            written.append(_write_roc(stage / f"{name}_roc.csv", result, truth))
        written.append(_write_recipe(stage / RECIPE_NAME, recipe, folder))
    return [folder / path.name for path in written]


def planned_files(
    folder: Path,
    formats: Sequence[str],
    stem: str,
    *,
    mask: bool,
    truth: bool,
    objects: bool = False,
    cube: Cube | None = None,
) -> list[Path]:
    """The files that ``export_result`` will write, for the user to see before. Raises ParamError for a bad name."""
    check_stem(stem)
    planned: list[Path] = []
    geo = None if cube is None else cube.geo
    placed, located = can_be_placed(geo), isinstance(geo, Geolocation)
    for name in dict.fromkeys(formats):
        spec = catalog.writers().get(name)
        suffixes = ["_mask"] if mask and "mask" in spec.products else []
        suffixes += ["_objects"] if objects and "objects" in spec.products else []
        suffixes += [""] if {"scores", "picture", "overlay"} & set(spec.products) else []
        for suffix in sorted(suffixes):
            endings = [spec.extension, *spec.companions]
            # Pictures are placed by a transform, which scenes with coordinates of each pixel have not.
            endings += spec.placed if placed and not (located and "overlay" in spec.products) else ()
            planned += [folder / f"{stem}{suffix}{ending}" for ending in endings]
        planned += [folder / f"{stem}{ending}" for ending in spec.located if located]
    roc = [folder / f"{stem}_roc.csv"] if truth else []
    return [*planned, *roc, folder / RECIPE_NAME]


def check_formats(formats: Sequence[str], cube: Cube | None, threshold: bool) -> list[WriterSpec]:
    """The writers of these names. Raises ParamError for one that has nothing to write here, or no place for it."""
    writers = [catalog.writers().get(name) for name in dict.fromkeys(formats)]
    for spec in writers:
        if reason := obstacle(spec, cube, threshold):
            raise ParamError(reason, field="format")
    return writers


def obstacle(spec: WriterSpec, cube: Cube | None, threshold: bool) -> str:
    """Why a format cannot be written of a scene, '' where it can."""
    if spec.products == ("objects",) and not threshold:
        return f"{spec.title} is for objects, and there is no threshold to find them."
    if spec.needs_crs and not can_be_placed(None if cube is None else cube.geo):
        return (
            f"{spec.title} needs longitudes and latitudes, and the scene has no known coordinate system. "
            "GeoPackage and GeoJSON in pixels do without."
        )
    return ""


def check_stem(stem: str) -> None:
    """Raise ParamError unless ``stem`` can be the beginning of a file's name."""
    if stem != Path(stem).name or not stem.strip(". "):
        raise ParamError(f"{stem!r} is not a file name.", field="stem")


def default_stem(result: DetectionResult, cube: Cube | None = None) -> str:
    """``<cube>_<detector>``, safe in every file system."""
    source = result.provenance.get("source", {})
    name = cube.name if cube is not None else str(source.get("name", "scores"))
    return re.sub(r"[^\w.-]+", "-", f"{name}_{result.request.detector}").strip("-.") or "scores"


def mask_of(result: DetectionResult, threshold: float, cleaning: Cleaning = UNCLEANED) -> NDArray[np.uint8]:
    """0 no data, 1 background, 2 anomaly (score >= threshold, after the cleaning), (rows, cols)."""
    found = cleaning.clean(apply(result.scores, threshold), result.valid)
    mask = np.where(found, 2, 1).astype(np.uint8)
    mask[~result.valid] = 0
    return mask


def _products(
    spec: WriterSpec,
    result: DetectionResult,
    cube: Cube | None,
    mask: NDArray[np.uint8] | None,
    threshold: float | None,
    features: FeatureTable | None,
    recipe: dict[str, Any],
    look: dict[str, Any],
) -> list[tuple[str, MapProduct]]:
    """What a writer is to write of this result, with the suffix of each file's name."""
    # A session may hold what a plug-in computed that is not there any more.
    detector = catalog.detectors().specs.get(result.request.detector)
    named = result.request.detector if detector is None else detector.title
    source = result.provenance.get("source", {}).get("name", "")
    about = f"hadviewer {named} ({result.request.detector}), source {source}"
    products: list[tuple[str, MapProduct]] = []
    if "scores" in spec.products:
        title = f"{named} score"
        products.append(("", MapProduct("scores", result.scores, title, about, cube, recipe=recipe)))
    if "mask" in spec.products and mask is not None:
        title = f"{named} mask"
        product = MapProduct("mask", mask, title, about, cube, threshold, recipe=recipe)
        products.append(("_mask", product))
    if "objects" in spec.products and features is not None:
        title = f"{named} score"
        product = MapProduct("objects", result.scores, title, about, cube, threshold, recipe=recipe, features=features)
        products.append(("_objects", product))
    if "overlay" in spec.products:
        overlay = _overlay(result.scores, **look)
        products.append(("", MapProduct("overlay", overlay, named, about, cube, recipe=recipe)))
    if "picture" in spec.products:
        from hadviewer.render.figure import score_figure

        picture = score_figure(result.scores, title=f"{source}: {named}", **look)
        products.append(("", MapProduct("picture", picture, named, about, cube, recipe=recipe)))
    return products


def _overlay(
    scores: NDArray[np.float32],
    colormap: str,
    limits: tuple[float, float] | None,
    scale: Literal["linear", "log", "rank"],
    inverse: bool,
) -> NDArray[np.uint8]:
    """The scores in colours, uint8 (rows, cols, 4), transparent where there are none."""
    from hadviewer.render.colormaps import map_colours
    from hadviewer.render.overlay import score_curve, score_picture

    return score_picture(scores, map_colours(colormap, inverse), score_curve(scores, scale, limits))


def _write_roc(path: Path, result: DetectionResult, truth: Truth) -> Path:
    from hadviewer.engine.verbs import evaluate
    from hadviewer.io.writers.table import write_csv

    evaluation = evaluate(result.scores, truth)
    curve = evaluation.roc
    rows = zip(curve.thresholds.tolist(), curve.false_alarm.tolist(), curve.detection.tolist(), strict=True)
    comment = f"ROC of {result.request.detector}; truth {truth.name}; AUC {evaluation.auc_pd_pf:.6f}"
    return write_csv(path, ("threshold", "false_alarm", "detection"), rows, comment)


def _write_recipe(path: Path, recipe: dict[str, Any], folder: Path) -> Path:
    """Write recipe.json on its way into ``folder``; one there of another export is kept under that export's name."""
    former = _stem_of(folder / RECIPE_NAME)
    if former and former != recipe["stem"]:
        shutil.copyfile(folder / RECIPE_NAME, path.with_name(f"{former}_{RECIPE_NAME}"))
    with replacing(path) as (part,):
        part.write_text(json.dumps(recipe, indent=2, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    return path


def _stem_of(path: Path) -> str:
    try:
        stem = json.loads(path.read_text(encoding="utf-8")).get("stem", "")
    except (OSError, ValueError, AttributeError):
        return ""
    return stem if isinstance(stem, str) and stem == Path(stem).name else ""
