"""Reviewed objects into files: all that is told of detected objects, and what was decided of each."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hadviewer.analysis.objects import Cleaning
from hadviewer.core.cube import Cube
from hadviewer.core.errors import WriteError
from hadviewer.core.features import Attribute, FeatureTable
from hadviewer.core.specs import MapProduct, WriterSpec
from hadviewer.engine import catalog
from hadviewer.engine.features import feature_table
from hadviewer.engine.recipe import make_recipe
from hadviewer.engine.review import STATES, Mark, Matched, match
from hadviewer.io.coordinates import can_be_placed
from hadviewer.io.staging import sources_of, staged

if TYPE_CHECKING:
    from hadviewer.core.results import DetectionResult

ATTRIBUTES = (
    Attribute("state", "text", "what a person decided: pending, good or bad"),
    Attribute("note", "text", "what a person wrote down"),
)


def object_writers(cube: Cube | None) -> list[WriterSpec]:
    """The formats that can hold the objects of this scene."""
    placed = can_be_placed(None if cube is None else cube.geo)
    return [spec for spec in catalog.writers() if spec.products == ("objects",) and (placed or not spec.needs_crs)]


def with_states(table: FeatureTable, matched: Matched) -> FeatureTable:
    """The objects with state and note."""
    decided = ((STATES[state], note) for state, note in zip(matched.states, matched.notes, strict=True))
    rows = tuple((*row, *more) for row, more in zip(table.rows, decided, strict=True))
    return replace(table, attributes=(*table.attributes, *ATTRIBUTES), rows=rows)


def export_review(
    path: Path,
    result: "DetectionResult",
    threshold: float,
    cleaning: Cleaning,
    cube: Cube | None,
    marks: Sequence[Mark],
) -> list[Path]:
    """Write the objects with their states as the ending of ``path`` says; returns what was written.

    Raises WriteError where no format that suits the scene has this ending.
    """
    writers = object_writers(cube)
    spec = next((spec for spec in writers if spec.extension.endswith(path.suffix.lower() or "?")), None)
    if spec is None:
        endings = ", ".join(dict.fromkeys(spec.extension for spec in writers))
        raise WriteError(f"Objects are not written as {path.name}.", hint=f"Choose one of {endings}.")
    table = feature_table(result, threshold, cleaning, cube)
    table = with_states(table, match(table.labels, len(table.rows), marks))
    recipe = make_recipe(result) | {"threshold": threshold}
    about = f"hadviewer {result.request.detector}, objects reviewed"
    product = MapProduct("objects", result.scores, "Reviewed objects", about, cube, threshold, None, recipe, table)
    with staged(path.parent, *sources_of(cube)) as stage:
        stem = path.name.removesuffix(spec.extension) if path.name.endswith(spec.extension) else path.stem
        written = spec.function(stage, stem, product, spec.params())
    return [path.parent / part.name for part in written]
