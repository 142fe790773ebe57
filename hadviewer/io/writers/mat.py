"""MATLAB v5: score maps and masks with what is known about them."""

from pathlib import Path
from typing import Any

import numpy as np

from hadviewer.core.params import Params
from hadviewer.core.specs import MapProduct, writer
from hadviewer.io.atomic import replacing
from hadviewer.io.writers._products import anomalies, run_of, target_path


@writer(id="mat", title="MATLAB", extension=".mat", products=("scores", "mask"))
def write_mat(folder: Path, stem: str, product: MapProduct, params: Params) -> list[Path]:
    """Variables for MATLAB: scores (double, NaN for no data) or mask (uint8, 1 on anomalies), detector, parameters."""
    from scipy.io import savemat

    detector, parameters = run_of(product)
    variables: dict[str, Any] = {
        "detector": detector,
        "parameters": parameters,
        "description": product.description,
        "source": product.cube.path.name if product.cube is not None and product.cube.path is not None else "",
    }
    if product.kind == "scores":
        variables["scores"] = np.asarray(product.array, dtype=np.float64)
    else:
        variables["mask"] = anomalies(product)
    if product.threshold is not None:
        variables["threshold"] = float(product.threshold)
    target = target_path(folder, stem, ".mat", product)
    with replacing(target) as (part,):
        savemat(str(part), variables, do_compression=True)
    return [target]
