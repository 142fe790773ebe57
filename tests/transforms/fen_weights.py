"""Weights of FEN made up for tests: as state dicts, and as the programs (TorchScript) that compute the same."""

import warnings
from pathlib import Path

import torch
from torch import nn

from hadviewer.transforms._fen_network import file_shapes


def random_state(bands, width=4, seed=0):
    """Weights of every name a network needs, norms included, of sizes that keep values near 1."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in {**{k: v for part in file_shapes(bands, width).values() for k, v in part.items()}}.items():
        fan = shape[1] * shape[2] * shape[3] if len(shape) == 4 else 1
        state[name] = torch.randn(shape, generator=generator) * (2 / fan) ** 0.5
        if name.endswith("running_var"):
            state[name] = 0.5 + torch.rand(shape, generator=generator)
        elif len(shape) == 1:
            state[name] = 0.3 * state[name] + (1.0 if name.endswith("weight") else 0.0)
    return state


def write_states(folder: Path, bands, width=4, seed=0):
    """The three files of weights; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    state = random_state(bands, width, seed)
    for file, shapes in file_shapes(bands, width).items():
        torch.save({"state_dict": {name: state[name] for name in shapes}}, folder / f"{file}.pt")
    return folder


class Cwl(nn.Module):
    def __init__(self, state):
        super().__init__()
        self.weight = nn.Parameter(state["convh.weight"])

    def forward(self, x):
        return torch.conv2d(torch.nn.functional.pad(x, (4, 4, 4, 4), mode="reflect"), self.weight)


class Block(nn.Module):
    def __init__(self, inputs, width, outputs, first):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.downsample = shortcut if first else nn.Identity()

    def forward(self, x):
        inner = torch.relu(self.bn1(self.conv1(x)))
        inner = torch.relu(self.bn2(self.conv2(inner)))
        return torch.relu(self.bn3(self.conv3(inner)) + self.downsample(x))


class Rnl(nn.Module):
    def __init__(self, state):
        super().__init__()
        width = state["convh.weight"].shape[0]
        blocks = [Block(width if n == 0 else 4 * width, 2 * width, 4 * width, n == 0) for n in range(3)]
        self.layer1 = nn.Sequential(*blocks)
        self.load_state_dict({k: v for k, v in state.items() if k.startswith("layer1")}, strict=False)

    def forward(self, x):
        return self.layer1(x)[:, :, 4:-4, 4:-4]


class Pfl(nn.Module):
    def __init__(self, state, scene_wide):
        super().__init__()
        self.w1, self.b1 = nn.Parameter(state["conv1.weight"]), nn.Parameter(state["conv1.bias"])
        self.w2, self.b2 = nn.Parameter(state["conv2.weight"]), nn.Parameter(state["conv2.bias"])
        self.scene_wide: bool = scene_wide

    def forward(self, x, original):
        hidden = torch.relu(torch.conv2d(x, self.w1, self.b1))
        found = torch.relu(torch.conv2d(hidden, self.w2, self.b2)) + original
        if self.scene_wide:
            found = found / torch.linalg.vector_norm(found)
        return found, hidden


def write_programs(folder: Path, bands, width=4, seed=0, scene_wide=False):
    """The three programs, written with torch's modules; ``scene_wide`` divides the result by the norm of all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    state = random_state(bands, width, seed)
    parts = {"cwl": Cwl(state), "rnl": Rnl(state), "fpl": Pfl(state, scene_wide)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, part in parts.items():
            torch.jit.script(part.eval()).save(folder / f"{name}_script.pt")
    return folder
