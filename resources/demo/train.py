"""Trains the StyleGAN2 demo networks to imitate the painter: `python -m resources.demo.train portraits --minutes 60`.

Supervised: a latent says what the portrait is, the painter draws it, and the network learns to draw the same. Half of
the latents are mixed: their coarse, middle and fine attributes come from different z, and so do the layers' styles. A
part is truncated, with attributes scaled by the same psi. The noise of the fine layers is given to the painter as
texture. Half of each batch differs from the other half in small attributes only, such as the smile, and the loss counts
this difference too: on its own, a smile is lost among the errors of everything else. Training starts at 32 x 32 and
grows. It can be interrupted and resumed at any time.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

if __name__ == "__main__":  # before torch is imported
    os.environ.setdefault("OMP_WAIT_POLICY", "ACTIVE")
    from core.base.process import prepare_process

    prepare_process()

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.parts.config import MappingConfig, StyleGan2Config
from core.networks.parts.layers import random_weights
from core.networks.stylegan2 import StyleGan2
from core.opening.network import open_network

from . import batched
from .looks import LOOKS, Grain
from .painter import ATTRIBUTES, COARSE, FINE, MIDDLE, normalized, paint, squash
from .shapes import grid
from .trainer import Network, Options, Trainer, add_options, parsed, wrapped

Z_DIM, W_DIM, MAPPING_LAYERS = 64, 128, 2
CHANNELS = (128, 128, 128, 128, 64, 32)  # of b4 to b128
MIDDLE_WS, FINE_WS = 4, 8  # from which entry of ws on the layers take the middle, the fine attributes
DETAIL, SQUARES = 5.0, 25.0  # how much more eyes and mouth count
SMALL = ("jaw", "brow_height", "brow_angle", "brow_width", "smile", "mouth_open", "mouth_width", "nose", "lips")
_SMALL = [ATTRIBUTES.index(name) for name in SMALL]
PAIRS = 100.0  # how much the difference of two portraits counts that differ in these
MIXED, TRUNCATED, WIDEST_PSI, LOWEST_PSI_OF_A_CLASS = 0.5, 0.3, 1.25, 0.7
COOL_DOWN = 0.6  # part of the time in which the learning rates fall to zero
FINE_TUNING = 0.5  # learning rates of a network that starts from another one, relative


@dataclass(frozen=True)
class Phase:
    blocks: int
    batch: int
    share: float  # of the time


@dataclass(frozen=True)
class Recipe:
    looks: tuple[str, ...]  # of the classes; a single one makes an unconditional network
    phases: tuple[Phase, ...]
    base: str | None = None  # the network whose weights it starts from
    pairs: float = PAIRS


RECIPES = {
    "portraits": Recipe(("photo",), (Phase(4, 32, 0.25), Phase(5, 32, 0.16), Phase(6, 16, 0.59))),
    "paintings": Recipe(("painting",), (Phase(6, 16, 1.0),), base="portraits"),
    # Its base knows expressions already; what is new, such as outlines, is the same in both of a pair.
    "styles": Recipe(("poster", "pencil", "oil", "chalk"), (Phase(6, 16, 1.0),), base="portraits", pairs=10.0),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", choices=RECIPES)
    add_options(parser)
    args = parser.parse_args()
    PortraitTrainer(args.name, parsed(args)).run()


# ----------------------------------------------------------------------------
# What a network should draw.


@dataclass(frozen=True)
class Batch:
    """Latents of the coarse, middle and fine layers, and what they should give."""

    z: Tensor  # [3, N, z_dim]
    psi: Tensor  # [N, 1]
    classes: Tensor  # [N]
    attributes: Tensor  # [N, A]
    noise: tuple[Tensor, ...]  # of the layers that have some


def draw_batch(count: int, resolution: int, classes: int, random: torch.Generator) -> Batch:
    """count: even; the second half is the first with other small attributes."""
    device, pairs = random.device, count // 2
    z = torch.randn(3, pairs, Z_DIM, generator=random, device=device)
    mixed = torch.rand(2, pairs, 1, generator=random, device=device) < MIXED
    z = torch.cat([z[:1], torch.where(mixed, z[1:], z[:1])])
    # Near w_avg, which all classes share, there is no class to be seen.
    lowest = -WIDEST_PSI if classes == 1 else LOWEST_PSI_OF_A_CLASS
    psi = torch.rand(pairs, 1, generator=random, device=device) * (WIDEST_PSI - lowest) + lowest
    psi = torch.where(torch.rand(pairs, 1, generator=random, device=device) < TRUNCATED, psi, torch.ones_like(psi))
    sizes = [r for r in batched.NOISY if r <= resolution for _ in range(2)]
    noise = [torch.randn(pairs, 1, r, r, generator=random, device=device) for r in sizes]
    labels = torch.randint(classes, (pairs,), generator=random, device=device)
    other = z.clone()
    other[..., _SMALL] = torch.randn(pairs, len(_SMALL), generator=random, device=device)
    z, psi = torch.cat([z, other], dim=1), psi.repeat(2, 1)
    return Batch(z, psi, labels.repeat(2), attributes_of(z, psi), tuple(x.repeat(2, 1, 1, 1) for x in noise))


def attributes_of(z: Tensor, psi: Tensor | float = 1.0) -> Tensor:
    """What mixed and truncated latents mean. z: [3, N, z_dim] of the coarse, middle and fine layers -> [N, A]"""
    scaled = psi * normalized(z)
    first, second, end = len(COARSE), len(COARSE + MIDDLE), len(COARSE + MIDDLE + FINE)
    return squash(torch.cat([scaled[0, :, :first], scaled[1, :, first:second], scaled[2, :, second:end]], dim=1))


def target(batch: Batch, looks: Sequence[str], resolution: int) -> tuple[Tensor, Tensor]:
    """The painter's pictures, -1..1, [N, 3, R, R], and where they have details, 0..1, [N, 1, R, R]."""
    drawing = paint(batch.attributes, grid(resolution, batch.attributes.device))
    grain = Grain(batch.noise, drawing.lit)
    pictures = LOOKS[looks[0]](drawing, grain)
    for i, look in enumerate(looks[1:], 1):
        pictures = torch.where(batch.classes[:, None, None, None] == i, LOOKS[look](drawing, grain), pictures)
    return pictures.clamp(0, 1) * 2 - 1, drawing.detail


def loss_of(images: Tensor, targets: Tensor, detail: Tensor, pairs: float = PAIRS) -> Tensor:
    """Absolute differences at three scales, more where the details are, and those of the slopes.

    Squares are added at the details: an attribute whose effect is still small against the rest, such as a smile, moves
    the mean that they lead to, but not the median that absolute differences lead to.
    """
    d, weight = images - targets, 1 + DETAIL * detail
    slopes = (d.diff(dim=2).abs() * weight[:, :, 1:]).mean() + (d.diff(dim=3).abs() * weight[..., 1:]).mean()
    loss = (d.abs() * weight).mean() + (d.square() * detail).mean() * SQUARES + 0.5 * slopes
    loss = loss + pairs * between_pairs(d)
    for size in (2, 4):
        loss = loss + 0.5 * (F.avg_pool2d(d, size).abs() * F.avg_pool2d(weight, size)).mean()
    return loss


def between_pairs(errors: Tensor) -> Tensor:
    """How wrong the differences are between the halves of a batch; what both get wrong alike does not count."""
    one, other = errors.chunk(2)
    return (one - other).square().mean()


# ----------------------------------------------------------------------------
# The network and its training.


def new_network(name: str, seed: int) -> StyleGan2:
    classes = len(RECIPES[name].looks)
    c_dim = classes if classes > 1 else 0
    mapping = MappingConfig(Z_DIM, c_dim, (W_DIM,) * MAPPING_LAYERS, Z_DIM if c_dim else 0, lr=1.0)
    network = StyleGan2(StyleGan2Config(mapping, CHANNELS))
    random_weights(network, seed)
    with torch.no_grad():
        for block in batched.blocks_of(network)[1:]:
            assert block.torgb is not None
            block.torgb.weight.zero_()  # a new resolution begins without disturbing those before it
    return network


def start_from(network: StyleGan2, base: StyleGan2) -> None:
    """Take over all weights; what the base lacks, the class, begins with little influence."""
    own, theirs = network.state_dict(), base.state_dict()
    for name, tensor in own.items():
        if name in theirs and theirs[name].shape == tensor.shape:
            tensor.copy_(theirs[name])
        elif name == "mapping.fc0.weight":
            z_dim = theirs[name].shape[1]
            tensor[:, :z_dim].copy_(theirs[name] * math.sqrt(tensor.shape[1] / z_dim))
            tensor[:, z_dim:].mul_(0.3)


class PortraitTrainer(Trainer):
    def __init__(self, name: str, options: Options) -> None:
        self.recipe = RECIPES[name]
        network = new_network(name, options.seed)
        if self.recipe.base is not None:
            start_from(network, trained(options.runs, self.recipe.base))
        self.generator = network
        blocks = batched.blocks_of(network)
        convolutions = [layer.weight for b in blocks for layer in (b.conv0, b.conv1) if layer is not None]
        super().__init__(name, network, convolutions, options)
        self.target, self.synthesize = wrapped(target, options), wrapped(batched.stylegan2, options)

    def _phase_index(self) -> int:
        end = 0.0
        for i, phase in enumerate(self.recipe.phases):
            end += phase.share
            if self.spent < end:
                return i
        return len(self.recipe.phases) - 1

    def phase(self) -> str:
        return f"{2 << self.recipe.phases[self._phase_index()].blocks}²"

    def cooling(self) -> float:
        return min(1.0, (1 - self.spent) / COOL_DOWN) * (1.0 if self.recipe.base is None else FINE_TUNING)

    def learn(self, random: torch.Generator) -> float:
        index = self._phase_index()
        phase = self.recipe.phases[index]
        begins = self.phase() not in self.state.steps_of_phase
        if begins and index > 0 and 2 * self.recipe.phases[index - 1].blocks <= FINE_WS < 2 * phase.blocks:
            self._hand_over_colour()
        resolution = 2 << phase.blocks
        batch = draw_batch(phase.batch, resolution, len(self.recipe.looks), random)
        with torch.no_grad():
            wanted, detail = self.target(batch, self.recipe.looks, resolution)
        images = self.synthesize(self.generator, self._styles(batch, phase.blocks), batch.noise, phase.blocks)
        torch.autograd.backward(loss_of(images, wanted, detail, self.recipe.pairs))
        return float((images.detach() - wanted).abs().mean())

    def _styles(self, batch: Batch, blocks: int) -> Tensor:
        """ws: [N, 2 * blocks, w_dim]; w_avg follows the mean w."""
        labels = F.one_hot(batch.classes, len(self.recipe.looks)).float().repeat(3, 1)
        w = truncated_styles(self.generator, batch, labels)
        fine = min(FINE_WS, 2 * blocks - 1)
        return by_layer(w, 2 * blocks, fine)

    @torch.no_grad()
    def _hand_over_colour(self) -> None:
        """The last layer of the small picture took the fine attributes; from now on later layers do."""
        for block in batched.blocks_of(self.generator):
            if block.torgb is not None and block.first_ws + 2 < FINE_WS:
                block.torgb.weight.zero_()
                block.torgb.bias.zero_()


def truncated_styles(network: Network, batch: Batch, labels: Tensor | None) -> Tensor:
    """w of the batch's latents, [3, N, w_dim]; w_avg follows their mean."""
    mapping = network.mapping
    w = mapping(batch.z.flatten(0, 1), labels if mapping.config.c_dim else None)
    with torch.no_grad():
        mapping.w_avg.lerp_(w.mean(0), 0.02)
    truncated: Tensor = mapping.w_avg + batch.psi * (w.unflatten(0, batch.z.shape[:2]) - mapping.w_avg)
    return truncated


def by_layer(w: Tensor, num_ws: int, fine: int = FINE_WS) -> Tensor:
    """The coarse, middle and fine latents to their layers. w: [3, N, w_dim] -> ws: [N, num_ws, w_dim]"""
    counts = (MIDDLE_WS, fine - MIDDLE_WS, num_ws - fine)
    return torch.cat([part[:, None].expand(-1, n, -1) for part, n in zip(w, counts, strict=True)], dim=1)


def trained(runs: Path, name: str) -> StyleGan2:
    """A network that is done: of these runs, or else the one that comes with the program."""
    file = runs / f"{name}.safetensors"
    generator = open_network(str(file) if file.exists() else f"demo:{name}").generator
    assert isinstance(generator, StyleGan2)
    return generator


if __name__ == "__main__":
    main()
