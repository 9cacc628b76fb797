"""The maps of the noise inputs: from seeds, between seeds, shifted."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from core.base.errors import UsageError
from core.request import Noise, NoiseMode, RenderRequest
from core.synthesis.generator import Generator


def draw_noise(generator: Generator, batch: int, seed: int, device: torch.device) -> tuple[Tensor, ...]:
    """The random noise maps of a (seed, batch).

    All are drawn on the CPU in layer order and then moved, so that devices and resumed runs agree.
    """
    random = torch.Generator().manual_seed(seed & 0xFFFFFFFFFFFFFFFF)
    return tuple(torch.randn(batch, 1, h, w, generator=random).to(device) for h, w in generator.noise_shapes)


def noise_maps(generator: Generator, noise: Noise, device: torch.device) -> tuple[Tensor, ...]:
    """The maps of one picture, [1, 1, h, w] each; empty where the network's own are used as they are, or none."""
    if not all(map(math.isfinite, (noise.seed, noise.strength, *noise.shift))):
        raise UsageError("The noise has a number that is not finite; reset its seed, strength and shift.")
    if noise.mode is NoiseMode.NONE or (noise.mode is NoiseMode.CONST and noise.shift == (0, 0)):
        return ()
    if noise.mode is NoiseMode.CONST:
        maps = tuple(stored[None, None] for stored in generator.stored_noise)
    else:
        seed = math.floor(noise.seed)
        maps = draw_noise(generator, 1, seed, device)
        if noise.seed != seed:
            others = draw_noise(generator, 1, seed + 1, device)
            maps = tuple(slerp(a, b, noise.seed - seed) for a, b in zip(maps, others, strict=True))
    return tuple(shifted(x, *noise.shift) for x in maps)


def noise_gains(generator: Generator, request: RenderRequest) -> tuple[float, ...]:
    """What the learned strength of each noise input is multiplied by; empty: 1 everywhere."""
    count = max((step.noise for step in generator.steps if step.noise is not None), default=-1) + 1
    gains = [request.noise.strength] * count
    for step in generator.steps:
        if step.noise is not None and step.row < len(request.layers) and not request.layers[step.row].muted:
            gains[step.noise] *= request.layers[step.row].noise
    return () if all(gain == 1 for gain in gains) else tuple(gains)


def slerp(a: Tensor, b: Tensor, t: float) -> Tensor:
    """Spherical interpolation, which keeps the variance of noise; linear where the two are almost parallel."""
    cosine = float((a * b).sum() / (a.norm() * b.norm()).clamp(min=1e-12))
    if abs(cosine) > 0.9995:
        return torch.lerp(a, b, t)
    angle = math.acos(cosine)
    return (a * math.sin((1 - t) * angle) + b * math.sin(t * angle)) / math.sin(angle)


def shifted(x: Tensor, right: float, down: float) -> Tensor:
    """A map moved around its edges by parts of its size, with the variance of white noise kept between pixels."""
    for dim, part in ((-1, right), (-2, down)):
        pixels = part * x.shape[dim]
        whole = math.floor(pixels)
        rest = pixels - whole
        near = torch.roll(x, whole, dim) if whole else x
        if rest:
            near = (near * (1 - rest) + torch.roll(x, whole + 1, dim) * rest) / math.hypot(1 - rest, rest)
        x = near
    return x
