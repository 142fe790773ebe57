"""Rank fusion of results and of score maps in files."""

import hashlib
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hadviewer import __version__
from hadviewer.analysis.ranks import RULES, fuse_ranks, rank_sum
from hadviewer.core.cube import Cube
from hadviewer.core.errors import HadviewerError, ParamError
from hadviewer.core.params import parse
from hadviewer.core.results import DetectionRequest, DetectionResult
from hadviewer.detectors.fusion import OWN_ID, split_parts
from hadviewer.engine import catalog, verbs
from hadviewer.engine.recipe import recipe_beside

COMMON = ("transforms", "bands", "region", "inside", "exclude", "background", "seed")
"""What one run gives all its detectors alike."""


def fuse_results(results: Sequence[DetectionResult]) -> DetectionResult:
    """The sum of the ranks of several results of one scene, as if the detector 'fusion' had run them.

    Where they were made alike but for the detector, the request is that of such a run and gives the same scores. Else
    it only names the parts, and the provenance says that it cannot be repeated; their requests are under 'parts'.
    """
    _check(results)
    first = results[0]
    names = _unique([_named(result) for result in results])
    scores = rank_sum([result.scores for result in results])
    repeatable = _repeatable(results, names)
    notes = [f"Sum of the ranks of {', '.join(names)}."]
    if not repeatable:
        notes.append("Its parts were made with different steps, so no single recipe repeats it.")
    request = DetectionRequest(
        detector=OWN_ID,
        params={"detectors": ",".join(names)},
        device="cpu",
        **({name: getattr(first.request, name) for name in COMMON} if repeatable else {}),
    )
    provenance: dict[str, Any] = {
        **{name: value for name, value in first.provenance.items() if name != "beside"},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "repeatable": repeatable,
        "parts": [result.request.model_dump(mode="json") for result in results],
    }
    return DetectionResult(
        request=request,
        scores=scores,
        valid=np.isfinite(scores),
        seconds=sum(result.seconds for result in results),
        notes=tuple(notes),
        extras={name: result.scores for name, result in zip(names, results, strict=True)},
        provenance=provenance,
    )


def fuse_files(references: Sequence[str], rule: str = "sum") -> DetectionResult:
    """Score maps in FILE or FILE:ENTRY made one by a rule of ``analysis.ranks.RULES``.

    No recipe repeats it: the provenance names the files with the SHA-256 of their scores instead, and keeps the recipe
    beside each, where one tells of that file. Raises ParamError where the maps do not fit together.
    """
    if rule not in RULES:
        raise ParamError(f"There is no rule {rule!r}. Known: {', '.join(RULES)}.", field="rule")
    if len(references) < 2:
        raise ParamError("A fusion needs two or more score maps.", field="maps")
    started = time.perf_counter()
    maps = {reference: verbs.open_map(reference) for reference in references}
    if len(maps) < len(references):
        raise ParamError("A score map is named twice.", field="maps")
    first, *others = maps
    for other in others:
        if maps[other].shape != maps[first].shape:
            sizes = [" × ".join(map(str, maps[name].shape)) for name in (first, other)]
            raise ParamError(
                f"{first} is {sizes[0]} and {other} is {sizes[1]}: maps of one scene have one size.", field="maps"
            )
    scores = fuse_ranks(list(maps.values()), rule)
    valid = np.isfinite(scores)
    notes = [f"Relative ranks of {len(maps)} score maps in files, joined by their {rule}."]
    missing = [name for name, given in maps.items() if np.isfinite(given).sum() > valid.sum()]
    if missing:
        notes.append("A pixel that one of the maps does not score has no score.")
    return DetectionResult(
        request=DetectionRequest(detector=OWN_ID, params={"rule": rule}, device="cpu"),
        scores=scores,
        valid=valid,
        seconds=time.perf_counter() - started,
        notes=tuple(notes),
        extras=dict(maps),
        provenance={
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "hadviewer": __version__,
            "source": {"name": " + ".join(verbs.split_reference(name)[0].stem for name in maps)},
            "repeatable": False,
            "maps": [_described(name, given) for name, given in maps.items()],
        },
    )


def placed_cube(references: Sequence[str]) -> Cube | None:
    """The first of these score maps that has map coordinates, for what is fused of them to lie there too."""
    for reference in references:
        path, entry = verbs.split_reference(reference)
        with suppress(HadviewerError):  # some formats hold maps that are no cubes, and those have no coordinates
            cube = verbs.open_scene(path, entry).cube
            if cube.geo is not None:
                return cube
    return None


def _described(reference: str, scores: NDArray[np.float32]) -> dict[str, Any]:
    """What a fusion remembers of a score map in a file."""
    path, entry = verbs.split_reference(reference)
    return {
        "path": str(path.resolve()),
        "entry": entry,
        "sha256": hashlib.sha256(np.ascontiguousarray(scores, dtype="<f4").tobytes()).hexdigest(),
        "recipe": recipe_beside(path),
    }


def _check(results: Sequence[DetectionResult]) -> None:
    if len(results) < 2:
        raise ParamError("A fusion needs two or more results.", field="results")
    if any(result.request.detector == OWN_ID for result in results):
        raise ParamError("A fusion cannot hold a fusion.", field="results", hint="Choose the results it was made of.")
    sources = [result.provenance.get("source") for result in results]
    if any(source != sources[0] for source in sources) or len({result.scores.shape for result in results}) > 1:
        raise ParamError("These results are of different scenes.", field="results", hint="Choose results of one scene.")


def _written(request: DetectionRequest) -> str:
    """The detector as the parameter of a fusion has it: its id, then every parameter that is not at its default."""
    defaults = catalog.detectors().get(request.detector).params().model_dump(mode="json")
    changed = [f"{name}={value}" for name, value in request.params.items() if defaults.get(name) != value]
    return ":".join([request.detector, *changed])


def _named(result: DetectionResult) -> str:
    """The detector of a result, and the map where it is one that a run left beside its scores."""
    written, beside = _written(result.request), result.provenance.get("beside")
    return f"{written} · {beside}" if beside else written


def _unique(names: list[str]) -> list[str]:
    """The names with a number behind those that come more than once."""
    total, seen = Counter(names), Counter[str]()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(f"{name} ({seen[name]})" if total[name] > 1 else name)
    return unique


def _repeatable(results: Sequence[DetectionResult], names: list[str]) -> bool:
    """Whether one run of the detector 'fusion' gives the same: all else alike, and the names read back as they were."""
    if any(result.provenance.get("repeatable") is False for result in results):
        return False
    requests = [result.request for result in results]
    if any(result.provenance.get("inputs") != results[0].provenance.get("inputs") for result in results):
        return False
    if any(getattr(request, name) != getattr(requests[0], name) for request in requests for name in COMMON):
        return False
    try:
        parts = split_parts(",".join(names))
        params = [parse(catalog.detectors().get(part.id).params, part.params) for part in parts]
    except (ValueError, ParamError):
        return False
    read = [(part.id, values.model_dump(mode="json")) for part, values in zip(parts, params, strict=True)]
    return read == [(request.detector, request.params) for request in requests]
