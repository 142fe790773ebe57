"""Regular grids of pixels that stand for a whole scene."""

import math


def grid_step(rows: int, cols: int, sample: int) -> int:
    """Step of the regular grid that keeps at most about `sample` of rows x cols pixels."""
    return max(1, math.ceil(math.sqrt(rows * cols / max(sample, 1))))
