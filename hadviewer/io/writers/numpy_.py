"""NumPy: score maps, masks and labels as .npy."""

import io
from pathlib import Path

import numpy as np

from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._products import anomalies, target_path

_TYPES = {"scores": np.float32, "labels": np.int32}


@writer(id="npy", title="NumPy", extension=".npy", products=("scores", "mask", "labels"))
def write_npy(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Array for Python: scores float32 with NaN for no data, a mask uint8 with 1 on anomalies, labels int32."""
    target = target_path(folder, stem, ".npy", product)
    array = anomalies(product) if product.kind == "mask" else np.asarray(product.array, dtype=_TYPES[product.kind])
    content = io.BytesIO()
    np.save(content, np.ascontiguousarray(array), allow_pickle=False)
    with replacing(target) as (part,):
        part.write_bytes(content.getbuffer())
    return [target]
