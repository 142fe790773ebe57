"""Principal component analysis as a transform."""

import numpy as np
from numpy.typing import NDArray

from hadviewer.analysis.components import fit_components
from hadviewer.core.context import Context
from hadviewer.core.params import Params, field
from hadviewer.core.specs import transform

NULL_SPREAD = 1e-6
"""Directions whose deviation is below this share of the largest are rounding errors."""


class PCAParams(Params):
    """How many components are kept, and at which scale."""

    components: int = field(10, "Components", ge=1, le=1000, help="Number kept; never more than there are bands.")
    whiten: bool = field(
        False, "Whiten", help="Give every component variance 1. Noise then weighs as much as the strongest materials."
    )


@transform(id="pca", title="Principal components", params=PCAParams)
def pca(cube: NDArray[np.float32], p: PCAParams, ctx: Context) -> NDArray[np.float32]:
    """Replace the bands by the few directions along which the scene varies most.

    Float32 (rows, cols, bands) to (rows, cols, min(components, bands)), strongest first, centred on the scene's mean.
    A pixel with NaN in any band takes no part and stays NaN. A direction without variance is 0 when whitened.
    """
    ctx.step(0, 2)
    components = fit_components(cube, p.components)
    ctx.step(1, 2)
    scores = components.scores(cube)
    if p.whiten:
        spread = np.sqrt(components.variance)
        kept = spread > spread.max(initial=0.0) * NULL_SPREAD
        scores = scores * np.where(kept, 1 / np.where(kept, spread, 1.0), 0.0).astype(np.float32)
    kept_share = components.variance.sum() / components.total if components.total > 0 else 1.0
    ctx.note(f"{scores.shape[2]} principal components hold {100 * kept_share:.2f} % of the variance.")
    ctx.step(2, 2)
    return scores
