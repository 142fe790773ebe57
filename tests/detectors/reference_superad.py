"""SuperAD as its authors released it, written out slowly: windows unfolded, a mask for every superpixel.

It takes the weights of hadviewer's network by name, so that one step of both can be compared.
"""

import torch
from torch import nn
from torch.nn import functional as F

WIDTH, LAYERS, SLOPE = 32, 7, 0.1
FAR = 999.0


def adaptive_convolution(feature, weight, bias, error, window):
    """Every window of every channel unfolded, the k² positions of lowest error gathered, one product."""
    _, channels, rows, cols = feature.shape
    kernel = weight.shape[-1]
    if error is None:
        taps = F.unfold(feature, kernel, padding=kernel // 2)
    else:
        margin = window // 2
        around = F.unfold(F.pad(error, (margin,) * 4, value=FAR), window)
        chosen = around.topk(kernel * kernel, dim=1, largest=False).indices
        windows = F.pad(feature, (margin,) * 4, mode="reflect").unfold(2, window, 1).unfold(3, window, 1)
        windows = windows.reshape(1, channels, rows * cols, window * window).permute(0, 1, 3, 2)
        taps = windows.gather(2, chosen.unsqueeze(1).repeat(1, channels, 1, 1)).reshape(1, -1, rows * cols)
    product = taps.transpose(1, 2) @ weight.reshape(len(weight), -1).T
    return product.transpose(1, 2).reshape(1, -1, rows, cols) + bias.view(1, -1, 1, 1)


class Block(nn.Module):
    """A pre-norm transformer block with one head, layer norm on queries and keys, and an MLP twice as wide."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.query_norm, self.key_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.mix = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)

    def forward(self, tokens):
        query, key, value = self.qkv(self.norm1(tokens)).split(WIDTH, dim=-1)
        likeness = self.query_norm(query) @ self.key_norm(key).transpose(-2, -1) * WIDTH**-0.5
        tokens = tokens + self.mix(torch.softmax(likeness, dim=-1) @ value)
        return tokens + self.narrow(F.gelu(self.widen(self.norm2(tokens))))


class ReleasedNetwork(nn.Module):
    """The released network: of each seven adaptive layers only the first hears of the error."""

    def __init__(self, bands, kernel=3, window=5, all_layers=False):
        super().__init__()
        self.window, self.all_layers = window, all_layers
        mirrored = {"padding": 1, "padding_mode": "reflect"}
        self.embed1 = nn.Conv2d(bands, WIDTH, 3, **mirrored)
        self.embed2 = nn.Conv2d(WIDTH, WIDTH, 3, **mirrored)
        self.block1, self.block2 = Block(), Block()
        self.middle_norm, self.last_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.link = nn.Linear(WIDTH, WIDTH)
        self.feature = nn.Conv2d(WIDTH, WIDTH, 3, **mirrored)
        for group in ("inner", "outer"):
            for layer in range(1, LAYERS + 1):
                self.add_module(f"{group}{layer}", nn.Conv2d(WIDTH, WIDTH, kernel))
        self.out1 = nn.Conv2d(WIDTH, WIDTH, 3, **mirrored)
        self.out2 = nn.Conv2d(WIDTH, bands, 1)

    def seven(self, group, feature, error):
        for layer in range(1, LAYERS + 1):
            here = getattr(self, f"{group}{layer}")
            steer = error if layer == 1 or self.all_layers else None
            feature = adaptive_convolution(feature, here.weight, here.bias, steer, self.window)
            if layer < LAYERS:
                feature = F.leaky_relu(feature, SLOPE)
        return feature

    def forward(self, scene, labels, error):
        """Reconstruction of (1, bands, rows, cols) with labels (rows, cols) and the last error (1, 1, rows, cols)."""
        embedded = self.embed2(F.leaky_relu(self.embed1(scene), SLOPE))
        flat, pixels = labels.reshape(-1), embedded[0].reshape(WIDTH, -1)
        index = flat.expand(WIDTH, -1)
        tokens = pixels.new_zeros(WIDTH, int(flat.max()) + 1).scatter_reduce(
            1, index, pixels, "mean", include_self=False
        )
        tokens = self.link(self.middle_norm(self.block1(tokens.T)))
        tokens = self.last_norm(self.block2(tokens))
        background = tokens[flat].T.reshape(embedded.shape)
        feature = self.feature(embedded)
        if error is not None:
            feature = self.seven("inner", feature, error)
        feature = self.seven("outer", feature * background, error)
        return self.out2(F.leaky_relu(self.out1(feature), SLOPE))


def released_loss(error, labels, alpha=1.0, beta=1.0, th=0.25):
    """Loss and its map (rows, cols) by a mask of segments × pixels; ``error`` is (1, rows, cols).

    Each segment's own losses are ranked in a row of all pixels, in which the others take the segment's least.
    """
    _, rows, cols = error.shape
    losses = torch.exp(beta * error) / beta + alpha * error
    count = int(labels.max()) + 1
    members = labels.expand(1, count, rows, cols) == torch.arange(count).view(1, -1, 1, 1)
    own = (losses.unsqueeze(1) * members.float()).reshape(1, count, -1)
    least = torch.where(members.reshape(1, count, -1), own, torch.inf).min(-1).values
    ranked = own.sort(dim=-1).values
    others = ranked == 0
    ranked.masked_scatter_(others, least.unsqueeze(-1).expand_as(ranked)[others])
    jumps = torch.diff(ranked, dim=-1, prepend=ranked[..., :1])
    smooth = F.conv1d(jumps.view(-1, 1, rows * cols), torch.ones(1, 1, 7) / 7, padding=3).view(jumps.shape)
    cut = smooth.argmax(dim=-1)
    limit = ranked.gather(-1, cut.unsqueeze(-1))
    limit[(rows * cols - cut) >= members.sum((-1, -2)) * (1 - th)] = 1e4
    kept = torch.where(own <= limit, own, torch.zeros(()))
    plane = kept.sum(dim=1).reshape(rows, cols)
    return plane.mean(), plane


def released_step(network, optimizer, scene, labels, error):
    """One step of training: loss, reconstruction and the error (1, 1, rows, cols) that steers the next step."""
    result = network(scene, labels, error)
    deviation = F.l1_loss(result, scene, reduction="none").mean(dim=1)
    loss, _ = released_loss(deviation, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), result.detach(), deviation.detach().unsqueeze(1)
