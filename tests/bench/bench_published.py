"""Every published figure that a detector of ours can repeat on the scenes at hand, with the parameters of its source.

``pytest tests/bench/bench_published.py -s -k lsmad`` repeats those of one detector. A figure is met within 0.002; what
is not met says why, as far as it was measured. Networks trained on the scene have benches of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hadviewer as hv
from hadviewer.analysis.roc import auc
from hadviewer.core.cube import Scene
from hadviewer.core.errors import DetectorError
from hadviewer.engine.published import Published, published

BAR = 0.002
FERD = "FERD paper (first 200 bands)"
SCALED = "Reference programs, run 2026-11, bands scaled to 0–1"
FIRST = "1-200"


@dataclass(frozen=True)
class Protocol:
    """How figures of one label were taken: what to run, on which bands, and what was set for each scene."""

    detector: str
    params: Mapping[str, Any] = field(default_factory=dict)
    transforms: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    bands: str = "all"
    scenes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seeds: int = 1
    why: str = ""


def windows(**chosen: tuple[int, int]) -> dict[str, dict[str, Any]]:
    """Outer and inner widths by scene."""
    return {name.replace("_", "-"): {"inner": inner, "outer": outer} for name, (outer, inner) in chosen.items()}


def fen(weights: str) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return (("fen", {"weights": weights}),)


def pca(components: int) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return (("pca", {"components": components}),)


BANDWISE: tuple[tuple[str, Mapping[str, Any]], ...] = (("bandwise", {}),)
CLIPPED = "At the border that program clips the inner window where ours shifts it; away from the border the maps agree."
TUNED = (
    "Windows chosen by the truth with another program; beside λ = 1e-6 its settings are unknown. λ = 1e-2, weights "
    "that sum to one and shifted windows meet these figures no better."
)
SINGULAR = (
    "Some rings have no variance in some direction; spectral inverts their covariance all the same, ours refuses."
)
RANDOM_DIRECTIONS = (
    "Those came from random directions in place of the exact projection, which alone move them, over 8 seeds with one "
    "power iteration: airport-1 0.8195 to 0.8315, airport-2 0.8994 to 0.9216, airport-4 0.8736 to 0.8828, "
    "pavia 0.9857 to 0.9886."
)
SMALL_CLUSTERS = (
    "In clusters of no more pixels than bands all pixels are equally far by the Mahalanobis distance, so that rounding "
    "chose the atoms there; ours takes those nearest to the mean. Drawn by lot, they give pavia 0.749 to 0.812 and "
    "airport-2 0.8756 to 0.8793, urban-1 0.942 to 0.960; by a pseudo-inverse, hydice-17 0.9681, airport-1 0.7161."
)
OPEN_DIRECTIONS = (
    "The truncated norm leaves open which directions are free while V4 has fewer than r. Ours frees none more; others "
    "give San Diego 0.772 to 0.818, airport-1 0.848 to 0.852, airport-2 0.784 to 0.795."
)
FOUR_AREAS = "aed:areas=16,36,64,100"

PROTOCOLS: dict[str, Protocol] = {
    "GRX": Protocol("grx"),
    "GRX, first 200 bands": Protocol("grx", bands=FIRST),
    f"{FERD}: GRX": Protocol("grx", bands=FIRST),
    f"{FERD}: SLRX": Protocol("slrx", bands=FIRST),
    f"{FERD}: FEN + GRX": Protocol(
        "grx", transforms=fen("200bands-aviris"), why="The authors' own program gives 0.9489 and 0.9871."
    ),
    f"{FERD}: FEN + SLRX": Protocol("slrx", transforms=fen("200bands-aviris")),
    "FEN + GRX (200-band weights)": Protocol("grx", transforms=fen("200bands-aviris")),
    "FEN + SLRX 8×8": Protocol("slrx", transforms=fen("200bands-aviris")),
    "FEN (HAD100, 200 bands) + GRX": Protocol("grx", transforms=fen("200bands")),
    "FEN (HAD100, 100 bands) + GRX": Protocol("grx", transforms=fen("100bands")),
    **{
        f"{SCALED}: {label}": Protocol(detector, params, BANDWISE + steps)
        for label, detector, params, steps in (
            ("GRX", "grx", {}, ()),
            ("SLRX 8×8", "slrx", {}, ()),
            ("SLRX 10×10", "slrx", {"block": 10}, ()),
            ("FEN (HAD100, 100 bands) + GRX", "grx", {}, fen("100bands")),
        )
    },
    "SLRX 8×8": Protocol("slrx"),
    "SLRX 8×8, first 200 bands": Protocol("slrx", bands=FIRST),
    "SLRX 10×10": Protocol("slrx", {"block": 10}),
    "LRX 5/15, load 1e-4": Protocol("lrx", {"inner": 5, "outer": 15}, why=CLIPPED),
    "LRX 7/17, load 1e-4": Protocol("lrx", {"inner": 7, "outer": 17}, why=CLIPPED),
    "spectral.rx 5/15": Protocol("lrx", {"inner": 5, "outer": 15, "loading": 0}, why=SINGULAR),
    "spectral.rx 7/17": Protocol("lrx", {"inner": 7, "outer": 17, "loading": 0}, why=SINGULAR),
    # The source leaves open how bands were scaled before the components: as they are, it is 0.9770.
    "LRX 7/15 on 20 components": Protocol("lrx", {"inner": 7, "outer": 15, "loading": 1e-6}, BANDWISE + pca(20)),
    "GRX on 30 components": Protocol("grx", transforms=pca(30)),
    "WRX": Protocol("wrx"),
    "CBAD pooled, 8 clusters": Protocol("cbad"),
    "KRX, ridge form": Protocol("krx", {"draws": 1}),
    "AED, area 64": Protocol("aed", {"areas": "64"}),
    "AED, area 5": Protocol("aed", {"areas": "5"}),
    "Attribute difference, area 64": Protocol("aed", {"areas": "64", "small_only": False, "smooth": False}),
    "Rank sum of AED, attributes and CBAD": Protocol(
        "fusion", {"detectors": f"{FOUR_AREAS},{FOUR_AREAS}:small_only=no:smooth=no,cbad"}
    ),
    "RPCA-RX": Protocol("rpca-rx"),
    "RPCA": Protocol("rpca-rx"),
    "RPCA, length of the sparse part": Protocol("rpca-rx", {"score": "l2"}),
    "LSMAD, rank 8, 3 % sparse": Protocol("lsmad", why=RANDOM_DIRECTIONS),
    "LRASR, one seed": Protocol("lrasr", {"starts": 1}, why=SMALL_CLUSTERS),
    "LRASR": Protocol("lrasr", seeds=3, why="How its clusters were found is unknown."),
    "PTA, weights of its demonstration": Protocol("pta"),
    "PTA": Protocol("pta"),
    "PTA, α = β = τ = 1, r = 10": Protocol("pta", {"alpha": 1, "beta": 1, "tau": 1, "rank": 10}, why=OPEN_DIRECTIONS),
    "PTA (tuned)": Protocol(
        "pta",
        {"alpha": 1, "beta": 1, "tau": 1},
        scenes={
            "abu-airport-1": {"rank": 10, "penalty": 1e-2},
            "abu-airport-2": {"rank": 10, "penalty": 1e-2},
            "abu-airport-4": {"rank": 10, "penalty": 1e-2},
            "abu-urban-1": {"rank": 0, "penalty": 1e-1},
            "abu-beach-1": {"rank": 15, "penalty": 1e-3},
        },
    ),
    "CRD 7/11, λ 1e-2": Protocol("crd", {"border": "mirror"}),
    "CRD (tuned)": Protocol(
        "crd",
        {"border": "mirror", "penalty": 1e-6},
        scenes=windows(
            abu_airport_1=(15, 7),
            abu_airport_2=(17, 15),
            abu_airport_4=(19, 15),
            abu_urban_1=(9, 7),
            abu_beach_1=(25, 15),
        ),
        why=TUNED,
    ),
    "2S-GLRT (tuned)": Protocol(
        "2s-glrt",
        {"border": "mirror"},
        scenes=windows(
            abu_airport_1=(9, 7),
            abu_airport_2=(19, 15),
            abu_airport_4=(13, 11),
            abu_urban_1=(9, 5),
            abu_beach_1=(25, 3),
        ),
    ),
}


@cache
def opened(path: Path) -> Scene:
    return hv.open(path)


@cache
def areas(path: Path, label: str) -> tuple[float, ...]:
    """Our areas for the scene in this file, one for each seed."""
    protocol, scene = PROTOCOLS[label], opened(path)
    assert scene.truth is not None
    weights = path.parent.parent / "weights" / "ferd"
    steps = [
        (name, {key: str(weights / value) if key == "weights" else value for key, value in params.items()})
        for name, params in protocol.transforms
    ]
    chosen = {**protocol.params, **protocol.scenes.get(path.stem, {})}
    return tuple(
        auc(
            hv.detect(
                scene.cube, protocol.detector, params=chosen, transforms=steps, bands=protocol.bands, seed=seed
            ).scores,
            scene.truth.mask,
        )
        for seed in range(protocol.seeds)
    )


def label_of(figure: Published) -> str | None:
    """The protocol of a figure; None where it is not known, or the detector is not ours or benched elsewhere."""
    for label in (f"{figure.source}: {figure.label}", figure.label):
        if label in PROTOCOLS:
            return label
    return None


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("label", PROTOCOLS, ids=[f"{p.detector} {label}" for label, p in PROTOCOLS.items()])
def test_figures(scenes: Path, label: str) -> None:
    protocol, missed = PROTOCOLS[label], 0
    print(f"\n### {label}\n")
    for figure in (figure for figure in published() if label_of(figure) == label):
        path = scenes / f"{figure.scene}.mat"
        if not path.exists() or (protocol.scenes and figure.scene not in protocol.scenes):
            continue
        try:
            ours = areas(path, label)
        except DetectorError as error:
            print(f"| {figure.scene} | {figure.source} | {figure.area:.4f} | - | - | {error.message} |", flush=True)
            missed += 1
            continue
        difference = float(np.mean(ours)) - figure.area
        met = abs(difference) <= BAR
        missed += not met
        spread = f" ({min(ours):.4f} to {max(ours):.4f})" if len(ours) > 1 else ""
        print(
            f"| {figure.scene} | {figure.source} | {figure.area:.4f} | {np.mean(ours):.4f}{spread} "
            f"| {difference:+.4f} | {'met' if met else 'not met'} |",
            flush=True,
        )
    if missed:
        print(f"\n{missed} not met. {protocol.why}")
