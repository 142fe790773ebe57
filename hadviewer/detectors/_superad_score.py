"""What is left of a pixel after the network's reconstruction, as one number."""

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from torch import Tensor

ScoreName = Literal["squared", "relative"]

LEAST_UNIT = 0.25
"""Share of the typical band's unit that every band has at least: one that is constant but for a few pixels has none."""


def pixel_scores(deviation: "Tensor", name: ScoreName, valid: "Tensor | None") -> "Tensor":
    """The mean square over the bands of deviations (pixels, bands), which are used up.

    'relative': in units of each band. ``valid`` is the flat index of the pixels that say what these are, None for all.
    """
    if name == "relative":
        deviation /= band_units(deviation if valid is None else deviation[valid])
    return deviation.square_().mean(dim=1)


def band_units(deviation: "Tensor") -> "Tensor":
    """The median size of the deviations (pixels, bands) in each band, (bands,)."""
    import torch

    units = deviation.abs().T.contiguous().median(dim=1).values
    return units.clamp_min(LEAST_UNIT * float(units.median())).clamp_min(torch.finfo(units.dtype).tiny)
