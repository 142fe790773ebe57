"""SuperAD: seconds per step against the released form and the floor of its products; AUC on five scenes.

The table of AUCs takes an hour on one core: ``pytest tests/bench/bench_superad.py -s -k speed`` leaves it out.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import loadmat

from hadviewer.analysis.roc import auc
from hadviewer.analysis.superpixels import Labels, principal_components, segment
from hadviewer.core.context import Context
from hadviewer.detectors._superad_network import Network, initial_weights, neighbourhood
from hadviewer.detectors._superad_training import prepared, teach
from hadviewer.detectors.superad import SuperADParams, superad
from hadviewer.engine import catalog
from hadviewer.engine.benchmark import preset
from tests.detectors.reference_superad import ReleasedNetwork, released_step

SHAPE = (100, 100, 204)
FORWARD = 2.220e9
"""Multiplications and additions of one forward pass on such a scene; the backward pass has twice as many."""

REFERENCE = {
    "abu-urban-1": 0.9914,
    "abu-urban-2": 0.9992,
    "hydice-17": 0.9886,
    "sandiego-58": 0.9735,
    "sandiego-134": 0.9847,
}
SETTINGS = ("As released", "Recommended")
"""Presets."""
SEEDS = (42,)


def best(step: Callable[[], object], repeats: int = 7) -> tuple[float, float]:
    """Least wall and CPU seconds of a step, after two to warm up."""
    wall, cpu = [], []
    for _ in range(repeats + 2):
        clock, spent = time.perf_counter(), time.process_time()
        step()
        wall.append(time.perf_counter() - clock)
        cpu.append(time.process_time() - spent)
    return min(wall[2:]), min(cpu[2:])


def ours(cube: np.ndarray, labels: Labels, layers: str) -> Callable[[], object]:
    p = SuperADParams(adaptive_layers=layers)
    mask = np.ones(SHAPE[:2], dtype=bool)
    ready = prepared(cube, mask, labels, "cpu")
    start = initial_weights(SHAPE[2], p.kernel, torch.Generator().manual_seed(0))
    weights = {name: weight.requires_grad_() for name, weight in start.items()}
    optimizer = torch.optim.AdamW(weights.values(), lr=1e-3, betas=(0.5, 0.8), weight_decay=1e-4, fused=True)
    network = Network(p.kernel, p.adaptive_layers, neighbourhood(mask, p.window, "cpu"), ready.pooling)
    error = torch.rand(mask.size, generator=torch.Generator().manual_seed(0))

    def step() -> None:
        nonlocal error
        result, _ = network.reconstruct(weights, ready.mirrored, True, network.picks(error))
        optimizer.zero_grad()
        error = teach(result, ready, p).error
        optimizer.step()

    return step


def released(cube: np.ndarray, labels: Labels, layers: str) -> Callable[[], object]:
    network = ReleasedNetwork(SHAPE[2], all_layers=layers == "all")
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.5, 0.8), weight_decay=1e-4)
    scene = torch.from_numpy(cube).permute(2, 0, 1)[None].contiguous()
    index = torch.from_numpy(labels).long()
    error = torch.rand(1, 1, *SHAPE[:2], generator=torch.Generator().manual_seed(0))

    def step() -> None:
        nonlocal error
        error = released_step(network, optimizer, scene, index, error)[2]

    return step


@pytest.mark.timeout(900)
@pytest.mark.parametrize("threads", [1, 2])
def test_speed_against_the_released_form_and_the_floor(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    rng = np.random.default_rng(0)
    smooth = np.cumsum(np.cumsum(rng.normal(size=SHAPE), axis=0), axis=1)
    cube = ((smooth - smooth.min()) / np.ptp(smooth)).astype(np.float32)
    square = torch.rand(2048, 2048)
    rate = 2048**3 / best(lambda: square @ square)[0]
    floor = 3 * FORWARD / rate
    print(f"\nSuperAD on {SHAPE}, {threads} threads; floor {floor:.3f} s: 3 × 2.220 GMAC at {rate / 1e9:.0f} GMAC/s")
    print("layers segments | released wall   CPU | hadviewer wall   CPU | ratio wall   CPU | floor / hadviewer")
    for layers in ("first", "all"):
        for count in (20, 400):
            labels = segment(principal_components(cube), count)
            slow, fast = best(released(cube, labels, layers)), best(ours(cube, labels, layers))
            print(
                f"{layers:6s} {labels.max() + 1:8d} | {slow[0]:13.3f} {slow[1]:5.3f} | {fast[0]:14.3f} {fast[1]:5.3f}"
                f" | {slow[0] / fast[0]:10.1f} {slow[1] / fast[1]:5.1f} | {100 * floor / fast[0]:.0f} %"
            )
    torch.set_num_threads(before)


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("setting", SETTINGS)
def test_auc_on_five_scenes(setting: str, scenes: Path) -> None:
    params = SuperADParams(**preset(catalog.detectors().get("superad"), setting))
    print(f"\n{setting}: seeds {SEEDS}; the reference program's last step at the released setting")
    means = []
    for name, reference in REFERENCE.items():
        file = loadmat(scenes / f"{name}.mat")
        cube, truth = file["data"].astype(np.float32), file["map"].astype(bool)
        clock, figures = time.perf_counter(), []
        for seed in SEEDS:
            scores = superad(cube, params, Context(seed=seed))
            figures.append(auc(scores, truth))
        means.append(np.mean(figures))
        took = (time.perf_counter() - clock) / len(SEEDS)
        print(f"{name:14s} {reference:.4f} | {' '.join(f'{figure:.5f}' for figure in figures)} | {took:.0f} s")
    print(f"mean {np.mean(means):.5f}")
