"""The training network of FEN written out with torch's modules, as the paper and torchvision describe it."""

import torch
from torch import nn
from torch.nn import functional as F


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1, each with a norm; ``change`` halves or doubles the size."""

    def __init__(self, inputs, width, outputs, change, first):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.bn2, self.bn3 = nn.BatchNorm2d(width), nn.BatchNorm2d(outputs)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        shortcut = nn.Conv2d(inputs, outputs, 1, stride=2 if change == "half" else 1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, stride=2 if change == "half" else 1, padding=1, bias=False)
        if change == "double":
            self.conv2 = nn.ConvTranspose2d(width, width, 2, stride=2, bias=False)
            shortcut = nn.ConvTranspose2d(inputs, outputs, 2, stride=2, bias=False)
        self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs)) if first else None

    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        return F.relu(self.bn3(self.conv3(out)) + identity)


def layer(blocks, inputs, width, outputs, change="same"):
    first = Bottleneck(inputs, width, outputs, change, True)
    return nn.Sequential(first, *(Bottleneck(outputs, width, outputs, "same", False) for _ in range(blocks - 1)))


class Teacher(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.layer1 = layer(3, w, 2 * w, 4 * w)
        self.layer2 = layer(4, 4 * w, 4 * w, 8 * w, "half")
        self.layer3 = layer(23, 8 * w, 8 * w, 16 * w, "half")

    def forward(self, x):
        a = self.layer1(x)
        b = self.layer2(a)
        return a, b, self.layer3(b)


class Join(nn.Module):
    def __init__(self, w):
        super().__init__()
        self.a1, self.a1_norm = nn.Conv2d(4 * w, 8 * w, 3, 2, 1, bias=False), nn.BatchNorm2d(8 * w)
        self.a2, self.a2_norm = nn.Conv2d(8 * w, 16 * w, 3, 2, 1, bias=False), nn.BatchNorm2d(16 * w)
        self.b1, self.b1_norm = nn.Conv2d(8 * w, 16 * w, 3, 2, 1, bias=False), nn.BatchNorm2d(16 * w)
        self.layer = layer(3, 48 * w, 16 * w, 32 * w, "half")

    def forward(self, a, b, c):
        a = F.relu(self.a1_norm(self.a1(a)))
        a = F.relu(self.a2_norm(self.a2(a)))
        b = F.relu(self.b1_norm(self.b1(b)))
        return self.layer(torch.cat([a, b, c], dim=1))


class Student(nn.Module):
    def __init__(self, bands, w):
        super().__init__()
        self.layer1 = layer(3, 32 * w, 8 * w, 16 * w, "double")
        self.layer2 = layer(4, 16 * w, 4 * w, 8 * w, "double")
        self.layer3 = layer(6, 8 * w, 2 * w, 4 * w, "double")
        self.output = nn.Conv2d(4 * w, bands, 1)

    def forward(self, x):
        c = self.layer1(x)
        b = self.layer2(c)
        a = self.layer3(b)
        return a, b, c, self.output(a)


class Trained(nn.Module):
    def __init__(self, bands, w):
        super().__init__()
        hidden = (4 if bands > 128 else 2) * w
        self.convh = nn.Conv2d(bands, w, 1, bias=False)
        self.bottleneck, self.student = Join(w), Student(bands, w)
        self.conv1, self.conv2 = nn.Conv2d(4 * w, hidden, 1), nn.Conv2d(hidden, bands, 1)
        self.conv3 = nn.Conv2d(bands, 1, 1)

    def head(self, x):
        return F.relu(self.conv2(F.relu(self.conv1(x))))


def losses(trained, teacher, x):
    """The three parts of the loss for a batch."""
    seen = teacher(trained.convh(x))
    *given, output = trained.student(trained.bottleneck(*seen))
    cosines = [
        (1 - (s.flatten(1) * g.flatten(1)).sum(1) / (s.flatten(1).norm(dim=1) * g.flatten(1).norm(dim=1))).mean()
        for s, g in zip(seen, given, strict=True)
    ]
    probability = torch.sigmoid(trained.conv3((trained.head(seen[0]) - trained.head(given[0])).abs()))
    return sum(cosines), ((output - x) ** 2).mean(), -torch.log(1 - probability).mean()
