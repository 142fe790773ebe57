"""What the writers of products share."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.specs import MapProduct
from hadviewer.io.staging import refuse_source

ANOMALY = 2


def anomalies(product: MapProduct) -> NDArray[np.uint8]:
    """1 on anomalies, 0 elsewhere, as truth masks are commonly stored; (rows, cols)."""
    return np.asarray(product.array == ANOMALY, dtype=np.uint8)


def run_of(product: MapProduct) -> tuple[str, str]:
    """The detector that made a product and its parameters as JSON, as its recipe tells."""
    request = product.recipe.get("request", product.recipe)
    return str(request.get("detector", product.title)), json.dumps(request.get("params", {}))


def target_path(folder: Path, stem: str, extension: str, product: MapProduct) -> Path:
    """Where a product goes. Raises WriteError rather than replace the file it was made from, or its header."""
    target = folder / f"{stem}{extension}"
    source = product.cube.path if product.cube is not None else None
    for written in (target, target.with_suffix(".dat")) if extension == ".hdr" else (target,):
        refuse_source(written, source)
    return target
