"""PTA, LSDM-MoG and PAB-DC: seconds on one scene of the usual benchmark size, beside Global RX in the same process."""

import numpy as np
import pytest

import hadviewer as hv

SHAPE = (100, 100, 200)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("detector", ["pta", "lsdm-mog", "pab-dc"])
def test_seconds_beside_global_rx(detector: str) -> None:
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.full(6, 0.3), SHAPE[:2])
    cube = (shares @ rng.random((6, SHAPE[2])).cumsum(1) + rng.normal(0, 0.05, SHAPE)).astype(np.float32)
    yardstick = min(hv.detect(cube, "grx").seconds for _ in range(3))
    result = hv.detect(cube, detector)
    print(
        f"\n{detector} {SHAPE[0]}×{SHAPE[1]}×{SHAPE[2]}: {result.seconds:.1f} s · {result.seconds / yardstick:.0f} GRX"
    )
    print(f"  {result.seconds / yardstick:.0f} times Global RX; {' '.join(result.notes)}")
