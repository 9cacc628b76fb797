"""Trains the StyleGAN3 demo network: `python -m resources.demo.train_r --minutes 60`.

All convolutions of configuration R are 1 x 1. Without its filters such a network computes every point of the plane on
its own, so it learns to imitate the painter at random points, which is a hundred times faster than drawing whole
pictures. The filters then change little, for their first cutoff is high; and what the network draws moves and turns
with the plane, because that is how it is built. As in train.py, the coarse, middle and fine layers take their
attributes from different latents.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

if __name__ == "__main__":  # before torch is imported
    os.environ.setdefault("OMP_WAIT_POLICY", "ACTIVE")
    from core.base.process import prepare_process

    prepare_process()

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.parts.config import StyleGan3Config
from core.networks.parts.layers import random_weights
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3, SynthesisInput, SynthesisLayer
from core.request import IDENTITY
from ops.base.constants import EPSILON

from .painter import ATTRIBUTES, paint
from .shapes import Points
from .train import W_DIM, Z_DIM, between_pairs, by_layer, draw_batch, trained, truncated_styles
from .trainer import Options, Trainer, add_options, parsed, wrapped

NAME, RESOLUTION = "portraits-r", 128
LAYERS, CHANNEL_BASE, CHANNEL_MAX = 9, 10240, 80
FIRST_CUTOFF = 40.0  # cycles per picture; high, so that the filters take little of what was learned
LOWEST, HIGHEST = 0.4, 10.0  # frequencies of the input
PICTURES, POINTS = 64, 512  # a batch
POINT_DETAIL = 1.5  # how much more eyes and mouth count; the more, the less is left for the shirts
PAIRS, PAIRS_FROM = 10.0, 0.5  # how much pairs count, after this part of the time; earlier they hide all the rest
REACH = 1.5  # the points lie in -REACH..REACH, so that there is something to see when the picture moves and turns
MAGNITUDE_RATE = 0.01
LEAST_NORM = 20.0  # of an attribute's first weights in the mapping; those of large ones are near 50


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_options(parser)
    EquivariantTrainer(parsed(parser.parse_args())).run()


def new_network(seed: int) -> StyleGan3:
    config = StyleGan3Config.official(
        RESOLUTION,
        kernel=1,
        radial=True,
        z_dim=Z_DIM,
        w_dim=W_DIM,
        num_layers=LAYERS,
        channel_base=CHANNEL_BASE,
        channel_max=CHANNEL_MAX,
        first_cutoff=FIRST_CUTOFF,
        first_stopband=FIRST_CUTOFF * math.sqrt(2),
        num_fp16_res=0,
        conv_clamp=None,
    )
    network = StyleGan3(replace(config, mapping=replace(config.mapping, lr=1.0)))
    random_weights(network, seed)
    source = source_of(network)
    random = torch.Generator().manual_seed(seed)
    radius, angle = torch.rand(2, len(source.freqs), generator=random)
    radius, angle = LOWEST * (HIGHEST / LOWEST) ** radius, 2 * math.pi * angle
    source.freqs.copy_(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1))
    with torch.no_grad():
        source.affine.bias.copy_(torch.tensor([1.0, 0, 0, 0]))  # upright at first
        source.affine.weight.mul_(0.1)
    return network


def start_from(network: StyleGan3, portraits: StyleGan2) -> None:
    """Take over the mapping, which tells the attributes apart already. w is made as wide as the layers expect it, their
    biases such that the mean w gives styles of about one, and attributes that hardly reach w are helped."""
    own, theirs = network.mapping, portraits.mapping
    own.load_state_dict(theirs.state_dict())
    z = torch.randn(1000, Z_DIM, generator=torch.Generator().manual_seed(0))
    width = (theirs(z, None) - theirs.w_avg).square().mean().sqrt()
    with torch.no_grad():
        for tensor in (own.get_parameter("fc1.weight"), own.get_parameter("fc1.bias"), own.w_avg):
            tensor.div_(width)
        for affine in (source_of(network).affine, *(layer.affine for layer in layers_of(network))):
            affine.bias.sub_(affine(own.w_avg[None])[0] - affine.bias)
        first = own.get_parameter("fc0.weight")[:, : len(ATTRIBUTES)]
        first.mul_((LEAST_NORM / first.norm(dim=0)).clamp(min=1))


def source_of(network: StyleGan3) -> SynthesisInput:
    source = network.synthesis.get_submodule("input")
    assert isinstance(source, SynthesisInput)
    return source


def layers_of(network: StyleGan3) -> list[SynthesisLayer]:
    return [layer for layer in network.synthesis.children() if isinstance(layer, SynthesisLayer)]


def at_points(
    network: StyleGan3, ws: Tensor, x: Tensor, y: Tensor, run: Callable[..., Any] | None = None, learning: bool = False
) -> Tensor:
    """The network without its filters. ws: [N, num_ws, w_dim], x, y: [N, P] from -1 to 1 -> [N, 3, P]

    run: `colours`, or what stands for it. learning: in bfloat16, and the layers' running magnitudes follow.
    """
    source, layers = source_of(network), layers_of(network)
    freqs, phases, amplitudes = source.waves(ws[:, 0], IDENTITY)
    first = source.weight / math.sqrt(source.weight.shape[1])
    weights = [layer.weight[:, :, 0, 0] for layer in layers]
    styles = [layer.affine(ws[:, i]) for i, layer in enumerate(layers, 1)]
    styles[-1] = styles[-1] / math.sqrt(weights[-1].shape[1])
    gains = torch.stack([layer.magnitude_ema for layer in layers]).rsqrt()
    waves = (freqs / 2, phases, amplitudes)
    biases = [layer.bias for layer in layers]
    dtype = torch.bfloat16 if learning else torch.float32
    rgb, magnitudes = (run or colours)(x, y, waves, first, styles, weights, biases, gains, dtype)
    if learning:
        with torch.no_grad():
            for layer, magnitude in zip(layers, magnitudes, strict=True):
                layer.magnitude_ema.lerp_(magnitude, MAGNITUDE_RATE)
    scaled: Tensor = rgb.transpose(1, 2) * network.config.output_scale
    return scaled


def colours(
    x: Tensor,
    y: Tensor,
    waves: tuple[Tensor, Tensor, Tensor],
    first: Tensor,
    styles: Sequence[Tensor],
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    gains: Tensor,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor]:
    """All layers at points, as a plain function that can be compiled: [N, P, 3] and the mean squares of their inputs.

    The activations are scaled by the styles instead of the weights, as in batched.py.
    """
    freqs, phases, amplitudes = waves
    angles = x[..., None] * freqs[:, None, :, 0] + y[..., None] * freqs[:, None, :, 1] + phases[:, None]
    h = ((angles * (2 * math.pi)).sin() * amplitudes[:, None]).to(dtype) @ first.t().to(dtype)  # [N, P, C]
    magnitudes = [h.detach().float().square().mean()]
    for style, weight, bias, gain in zip(styles[:-1], weights[:-1], biases[:-1], gains[:-1], strict=True):
        demodulation = (style.square() @ weight.square().t() + EPSILON).rsqrt() * gain
        h = (h * style[:, None].to(dtype)) @ weight.t().to(dtype)
        h = F.leaky_relu(h * demodulation[:, None].to(dtype) + bias.to(dtype), 0.2) * math.sqrt(2)
        magnitudes.append(h.detach().float().square().mean())
    rgb = (h * (styles[-1] * gains[-1])[:, None].to(dtype)) @ weights[-1].t().to(dtype)
    return rgb.float() + biases[-1], torch.stack(magnitudes)


def random_points(random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Half in the middle, where the face is; a third in the picture; the rest all over; pairs share them. [N, P]"""
    x, y = (torch.rand(2, PICTURES // 2, POINTS, generator=random, device=random.device) * 2 - 1) * REACH
    middle, inside = POINTS // 2, POINTS * 5 // 6
    x[:, :middle] *= 0.72 / REACH
    y[:, :middle] *= 0.85 / REACH
    for axis in (x, y):
        axis[:, middle:inside] /= REACH
    return x.repeat(2, 1), y.repeat(2, 1)


def painted(attributes: Tensor, x: Tensor, y: Tensor, pixel: float) -> tuple[Tensor, Tensor]:
    """What the painter draws at the points, -1..1, [N, 3, ...], and where there are details, 0..1, [N, 1, ...]."""
    drawing = paint(attributes, Points(x, y, pixel))
    return drawing.lit * 2 - 1, drawing.detail


class EquivariantTrainer(Trainer):
    other_rate = 0.02
    average_over = 100.0

    def __init__(self, options: Options) -> None:
        network = new_network(options.seed)
        start_from(network, trained(options.runs, "portraits"))
        self.generator = network
        super().__init__(NAME, network, [layer.weight for layer in layers_of(network)[:-1]], options)
        self.painted, self.colours = wrapped(painted, options), wrapped(colours, options)

    def phase(self) -> str:
        return "points"

    def cooling(self) -> float:
        return min(1.0, 2 * (1 - self.spent))

    def learn(self, random: torch.Generator) -> float:
        batch = draw_batch(PICTURES, 0, 1, random)
        x, y = random_points(random)
        with torch.no_grad():
            wanted, detail = self.painted(batch.attributes, x, y, 2 / RESOLUTION)
        ws = by_layer(truncated_styles(self.generator, batch, None), self.generator.config.num_ws)
        d = at_points(self.generator, ws, x, y, self.colours, learning=True) - wanted
        loss = (d.abs() * (1 + POINT_DETAIL * detail) + d.square()).mean()
        if self.spent > PAIRS_FROM:
            loss = loss + PAIRS * between_pairs(d)
        torch.autograd.backward(loss)
        return float(d.detach().abs().mean())


if __name__ == "__main__":
    main()
