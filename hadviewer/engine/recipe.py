"""Recipes: the record from which a result can be made again, as readable JSON."""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hadviewer.core.corrections import Corrections
from hadviewer.core.cube import Cube, Origin
from hadviewer.core.errors import ReadError
from hadviewer.core.results import DetectionRequest, DetectionResult

FORMAT = "hadviewer recipe"
VERSION = 1
RECIPE_NAME = "recipe.json"
MAX_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Recipe:
    """What to run (``request``) on what (``origin``, None when the cube had no file).

    ``inputs`` are the arrays handed in beside the cube, by name, with what makes them again (``engine/inputs.py``).
    ``shape`` and ``file_bytes`` are those of the cube and of its file when the recipe was written, None when unknown.
    """

    request: DetectionRequest
    origin: Origin | None
    shape: tuple[int, ...] | None = None
    file_bytes: int | None = None
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)


def make_recipe(result: DetectionResult) -> dict[str, Any]:
    """The record of a result, ready for JSON: request with every parameter, where it ran, source, versions."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "request": result.request.model_dump(mode="json"),
        "device": result.device,
        "seconds": round(result.seconds, 3),
        "shape": list(result.scores.shape),
        "invalid_pixels": result.invalid_pixels,
        "notes": list(result.notes),
        **result.provenance,
    }


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; raises ReadError saying what is wrong with it."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ReadError(f"{path.name} is too large to be a recipe.")
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReadError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise ReadError(f"{path.name} is not a recipe: it is not JSON.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ReadError(f"{path.name} is not a recipe of this program.", hint="Exports write one as recipe.json.")
    if data.get("version") != VERSION:
        raise ReadError(f"{path.name} was written by another version of this program (recipe {data.get('version')}).")
    if data.get("repeatable") is False:
        raise _unrepeatable(path, data)
    try:
        request = DetectionRequest.model_validate(data.get("request"))
        source = data.get("source")
        known = source if isinstance(source, dict) else {}
        shape = known.get("shape")
        size = known.get("bytes")
        return Recipe(
            request,
            _origin(source),
            tuple(int(length) for length in shape) if shape else None,
            None if size is None else int(size),
            {str(name): dict(options) for name, options in (data.get("inputs") or {}).items()},
        )
    except (ValidationError, TypeError, ValueError, AttributeError) as error:
        raise ReadError(f"{path.name} is damaged.", details=str(error)) from None


def recipe_beside(path: Path) -> dict[str, Any] | None:
    """The record that an export left beside a score map, None where there is none that tells of this file."""
    for place in (path.with_name(RECIPE_NAME), path.with_name(f"{path.stem}_{RECIPE_NAME}")):
        with suppress(OSError, ValueError, RecursionError):
            if place.stat().st_size <= MAX_BYTES:
                data = json.loads(place.read_text(encoding="utf-8"))
                if isinstance(data, dict) and data.get("format") == FORMAT and data.get("stem") == path.stem:
                    return data
    return None


def _unrepeatable(path: Path, data: dict[str, Any]) -> ReadError:
    """Why no single run gives the scores of this recipe, and what does."""
    if data.get("maps"):
        return ReadError(
            f"{path.name} is of a fusion of score maps in files, which no run of a detector repeats.",
            hint="It lists the files: hadviewer fuse joins them again.",
        )
    if beside := data.get("beside"):
        return ReadError(
            f"{path.name} is of the map {str(beside)[:80]!r} that a run left beside its scores; no run gives it alone.",
            hint="Run its request again and take the map from the result.",
        )
    return ReadError(
        f"{path.name} is of a fusion whose parts were made with different steps, which one run cannot repeat.",
        hint="It lists the requests of its parts: run each and fuse them.",
    )


def differences(recipe: Recipe, cube: Cube) -> list[str]:
    """What is not as it was when the recipe was written, one sentence or none: the scores will not be the same."""
    if recipe.shape is not None and recipe.shape != cube.shape:
        then, now = (" × ".join(map(str, shape)) for shape in (recipe.shape, cube.shape))
        return [f"The recipe was written for a cube of {then}, this one is {now}: the scores are other ones."]
    origin = cube.origin
    if origin is None or recipe.origin is None or origin.path != recipe.origin.path or recipe.file_bytes is None:
        return []
    size = file_size(origin.path)
    if size == recipe.file_bytes:
        return []
    return [f"{origin.path.name} has changed since the recipe was written: {recipe.file_bytes} bytes then, {size} now."]


def file_size(path: Path) -> int | None:
    """Bytes of a file, None when it is not there any more."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _origin(source: Any) -> Origin | None:
    if not isinstance(source, dict) or not isinstance(source.get("path"), str):
        return None
    said = source.get("corrections")
    corrections = None if said is None else Corrections.model_validate(said)
    options = dict(source.get("options") or {})
    return Origin(Path(source["path"]), source.get("entry"), source.get("reader"), options, corrections)
