"""What the writers of products share."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hadviewer.core.errors import WriteError
from hadviewer.core.specs import MapProduct

ANOMALY = 2


def anomalies(product: MapProduct) -> NDArray[np.uint8]:
    """1 on anomalies, 0 elsewhere, as truth masks are commonly stored; (rows, cols)."""
    return np.asarray(product.array == ANOMALY, dtype=np.uint8)


def target_path(folder: Path, stem: str, extension: str, product: MapProduct) -> Path:
    """Where a product goes. Raises WriteError rather than replace the file it was made from, or its header."""
    target = folder / f"{stem}{extension}"
    source = product.cube.path if product.cube is not None else None
    if source is not None and folder.resolve() == source.parent.resolve():
        pair = {source.name.lower(), source.with_suffix(".hdr").name.lower(), f"{source.name}.hdr".lower()}
        if target.name.lower() in pair or (extension == ".hdr" and f"{stem}.dat".lower() == source.name.lower()):
            raise WriteError(
                f"{target.name} would replace the file it was made from.", hint="Choose another folder or name."
            )
    return target
