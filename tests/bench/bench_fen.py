"""FEN with the published weights: areas under the curve against the reference program's, and seconds."""

import time
from pathlib import Path

import numpy as np
import pytest

import hadviewer as hv
from hadviewer.analysis.roc import auc
from hadviewer.core.context import Context
from hadviewer.transforms.fen import FENParams, fen

# Reference program, first 200 bands, 8×8 blocks: FEN+GRX, SLRX, FEN+SLRX.
REFERENCE = {
    "abu-airport-1": (0.9489, 0.9471, 0.9653),
    "abu-airport-2": (0.9871, 0.9527, 0.9870),
    "abu-urban-1": (0.9964, 0.9924, 0.9963),
    "abu-urban-2": (0.9906, 0.9865, 0.9899),
}
# FEN+GRX with the weights 200bands and 100bands.
TWO_HUNDRED = {"abu-airport-1": 0.9420, "abu-airport-2": 0.9823, "abu-urban-1": 0.9966, "abu-urban-2": 0.9935}
HUNDRED = {
    "abu-airport-1": 0.9372,
    "abu-airport-2": 0.9770,
    "abu-airport-4": 0.9752,
    "abu-beach-1": 0.9941,
    "abu-urban-1": 0.9954,
    "abu-urban-2": 0.9931,
    "abu-urban-3": 0.9737,
    "sandiego-58": 0.9621,
    "sandiego-134": 0.9798,
    "hydice-17": 0.9798,
    "hydice-19": 0.9786,
    "pavia-crop": 0.9978,
}


@pytest.fixture
def ferd(data_dir: Path) -> Path:
    folder = data_dir / "weights" / "ferd"
    if not folder.is_dir():
        pytest.skip("the published weights of FEN are not here")
    return folder


def area(scene, detector: str, **how) -> float:  # type: ignore[no-untyped-def]
    result = hv.detect(scene.cube, detector, **how)
    return auc(result.scores, scene.truth.mask)


def test_areas_of_the_aviris_weights(scenes: Path, ferd: Path) -> None:
    steps = [("fen", {"weights": str(ferd / "200bands-aviris")})]
    print("\nscene            FEN+GRX (reference)    SLRX (reference)       FEN+SLRX (reference)")
    for name, expected in REFERENCE.items():
        scene = hv.open(scenes / f"{name}.mat")
        ours = (
            area(scene, "grx", transforms=steps),
            area(scene, "slrx", bands="1-200"),
            area(scene, "slrx", transforms=steps),
        )
        print(f"{name:16s}", *(f"{a:.5f} ({b:.4f} {a - b:+.5f})" for a, b in zip(ours, expected, strict=True)))


@pytest.mark.parametrize(("weights", "expected"), [("200bands", TWO_HUNDRED), ("100bands", HUNDRED)])
def test_areas_of_other_weights(scenes: Path, ferd: Path, weights: str, expected: dict[str, float]) -> None:
    print(f"\nscene            FEN+GRX, {weights} (reference)")
    for name, known in expected.items():
        ours = area(hv.open(scenes / f"{name}.mat"), "grx", transforms=[("fen", {"weights": str(ferd / weights)})])
        print(f"{name:16s} {ours:.5f} ({known:.4f} {ours - known:+.5f})")


def test_seconds(scenes: Path, ferd: Path) -> None:
    cube = hv.open(scenes / "abu-urban-1.mat").cube.values()
    params = FENParams(weights=ferd / "200bands-aviris")
    times = []
    for _ in range(5):
        clock = time.perf_counter()
        fen(cube, params, Context())
        times.append(time.perf_counter() - clock)
    print(f"\nFEN on 100 × 100 × 204: {min(times):.3f} s best of 5, median {np.median(times):.3f} s, loading included")
