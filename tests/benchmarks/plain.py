"""The plain way: StyleGAN2 (skip) and StyleGAN3 straight from the papers, an operation of torch for every step.

It is what the networks are measured against, so it stays as simple as it is: zero-insert, pad, filter and decimate for
every FIR, a grouped convolution for the samples of a batch, and noise, bias, activation, gain and clamp one by one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.parts.config import LayerConfig, StyleGan2Config, StyleGan3Config
from core.networks.stylegan2 import StyleGan2
from core.networks.stylegan3 import StyleGan3
from core.synthesis.generator import Generator

Tensors = Mapping[str, Tensor]
Sides = tuple[int, int, int, int]  # left, right, top, bottom; negative values crop

SLOPE = 0.2


@torch.inference_mode()
def plain_synthesis(generator: Generator, ws: Tensor) -> Tensor:
    """The pictures of ws with the stored noise and without a transform. [N, num_ws, w_dim] -> [N, C, H, W]

    Raises TypeError for another kind of network, ValueError for another architecture of StyleGAN2.
    """
    match generator:
        case StyleGan2(config=config):
            return stylegan2(config, generator.tensors(), ws)
        case StyleGan3(config=config):
            return stylegan3(config, generator.tensors(), ws)
    raise TypeError(f"there is no plain way for a {type(generator).__name__}")


# ----------------------------------------------------------------------------
# StyleGAN2 (Karras et al. 2020).


def stylegan2(config: StyleGan2Config, t: Tensors, ws: Tensor) -> Tensor:
    if config.architecture != "skip" or config.activation != "lrelu":
        raise ValueError(f"the plain way is that of skip and lrelu, not {config.architecture} and {config.activation}")
    x = t["synthesis.b4.const"].repeat(len(ws), 1, 1, 1)
    x = styled_layer(config, t, "synthesis.b4.conv1", x, ws[:, 0])
    image = to_rgb(config, t, "synthesis.b4.torgb", x, ws[:, 1])
    for index, resolution in enumerate(config.resolutions[1:]):
        block, entry = f"synthesis.b{resolution}", 2 * index + 1
        x = styled_layer(config, t, f"{block}.conv0", x, ws[:, entry], up=2)
        x = styled_layer(config, t, f"{block}.conv1", x, ws[:, entry + 1])
        image = upfirdn2d(image, t[f"{block}.resample_filter"], up=2, padding=(2, 1, 2, 1), gain=4)
        image = image + to_rgb(config, t, f"{block}.torgb", x, ws[:, entry + 2])
    return image


def styled_layer(config: StyleGan2Config, t: Tensors, name: str, x: Tensor, w: Tensor, up: int = 1) -> Tensor:
    styles = fully_connected(t, f"{name}.affine", w)
    kernels = demodulated(modulated(t[f"{name}.weight"], styles))
    if up == 1:
        x = convolved(x, kernels, padding=1)
    else:
        x = transposed(x, kernels, up)
        x = upfirdn2d(x, t[f"{name}.resample_filter"], padding=(1, 1, 1, 1), gain=up**2)
    if config.use_noise:
        x = x + t[f"{name}.noise_const"] * t[f"{name}.noise_strength"]
    x = x + t[f"{name}.bias"][None, :, None, None]
    x = F.leaky_relu(x, SLOPE)
    x = x * math.sqrt(2)
    return clamped(x, config.conv_clamp)


def to_rgb(config: StyleGan2Config, t: Tensors, name: str, x: Tensor, w: Tensor) -> Tensor:
    weight = t[f"{name}.weight"]
    styles = fully_connected(t, f"{name}.affine", w) / math.sqrt(weight.shape[1])
    x = convolved(x, modulated(weight, styles))
    x = x + t[f"{name}.bias"][None, :, None, None]
    return clamped(x, config.conv_clamp)


# ----------------------------------------------------------------------------
# StyleGAN3 (Karras et al. 2021).


def stylegan3(config: StyleGan3Config, t: Tensors, ws: Tensor) -> Tensor:
    x = fourier_features(config, t, ws[:, 0])
    for entry, layer in enumerate(config.layers, 1):
        x = alias_free_layer(layer, t, x, ws[:, entry])
    return x * config.output_scale


def fourier_features(config: StyleGan3Config, t: Tensors, w: Tensor) -> Tensor:
    p = fully_connected(t, "synthesis.input.affine", w)
    c, s, x, y = (p / p[:, :2].norm(dim=1, keepdim=True)).unbind(1)
    turn = torch.stack([c, -s, s, c], 1).reshape(-1, 2, 2)
    move = -(turn @ torch.stack([x, y], 1)[:, :, None])  # [N, 2, 1]
    freqs = t["synthesis.input.freqs"] @ turn  # [N, C, 2]
    phases = t["synthesis.input.phases"][:, None] + t["synthesis.input.freqs"] @ move  # [N, C, 1]
    excess = (freqs.norm(dim=2) - config.bandwidth) / (config.input_rate / 2 - config.bandwidth)
    amplitudes = (1 - excess).clamp(0, 1)

    columns, rows = ((torch.arange(n) + 0.5 - n / 2) / config.input_rate for n in config.input_size)
    angles = freqs[:, :, :1, None] * columns + freqs[:, :, 1:, None] * rows[:, None] + phases[:, :, :, None]
    waves = (2 * math.pi * angles).sin() * amplitudes[:, :, None, None]  # [N, C, H, W]
    weight = t["synthesis.input.weight"]
    return torch.einsum("oc,nchw->nohw", weight / math.sqrt(weight.shape[1]), waves)


def alias_free_layer(layer: LayerConfig, t: Tensors, x: Tensor, w: Tensor) -> Tensor:
    name = f"synthesis.{layer.name}"
    weight, styles = t[f"{name}.weight"], fully_connected(t, f"{name}.affine", w)
    if layer.is_torgb:
        kernels = modulated(weight, styles / math.sqrt(weight.shape[1]))
    else:
        weight = weight * weight.square().mean((1, 2, 3), keepdim=True).rsqrt()
        styles = styles * styles.square().mean().rsqrt()
        kernels = demodulated(modulated(weight, styles))
    kernels = kernels * t[f"{name}.magnitude_ema"].rsqrt()
    x = convolved(x, kernels, padding=layer.kernel - 1)
    x = x + t[f"{name}.bias"][None, :, None, None]
    x = upfirdn2d(x, t.get(f"{name}.up_filter"), up=layer.up, padding=layer.padding, gain=layer.up**2)
    if not layer.is_torgb:
        x = F.leaky_relu(x, SLOPE)
        x = x * math.sqrt(2)
    x = clamped(x, layer.clamp)
    return upfirdn2d(x, t.get(f"{name}.down_filter"), down=layer.down)


# ----------------------------------------------------------------------------
# Parts.


def fully_connected(t: Tensors, name: str, x: Tensor) -> Tensor:
    w = t[f"{name}.weight"]
    return F.linear(x, w / math.sqrt(w.shape[1]), t[f"{name}.bias"])


def modulated(weight: Tensor, styles: Tensor) -> Tensor:
    """[O, I, k, k], [N, I] -> [N, O, I, k, k]"""
    return weight[None] * styles[:, None, :, None, None]


def demodulated(kernels: Tensor) -> Tensor:
    return kernels * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8).rsqrt()


def convolved(x: Tensor, kernels: Tensor, padding: int = 0) -> Tensor:
    """Each sample with its own kernels, as groups of one. [N, I, H, W], [N, O, I, k, k] -> [N, O, H', W']"""
    n, o, i, k, _ = kernels.shape
    x = F.conv2d(x.reshape(1, n * i, *x.shape[2:]), kernels.reshape(n * o, i, k, k), padding=padding, groups=n)
    return x.reshape(n, o, *x.shape[2:])


def transposed(x: Tensor, kernels: Tensor, up: int) -> Tensor:
    """`convolved` in full on a grid `up` times as fine. -> [N, O, (H - 1) up + k, (W - 1) up + k]"""
    n, o, i, k, _ = kernels.shape
    kernels = kernels.transpose(1, 2).reshape(n * i, o, k, k)
    x = F.conv_transpose2d(x.reshape(1, n * i, *x.shape[2:]), kernels, stride=up, groups=n)
    return x.reshape(n, o, *x.shape[2:])


def clamped(x: Tensor, limit: float | None) -> Tensor:
    return x if limit is None else x.clamp(-limit, limit)


def upfirdn2d(
    x: Tensor, f: Tensor | None, *, up: int = 1, down: int = 1, padding: Sides = (0, 0, 0, 0), gain: float = 1.0
) -> Tensor:
    """f: [fh, fw], [taps] along both axes, or None for no filter."""
    n, c, h, w = x.shape
    f = x.new_ones(1, 1) if f is None else f
    x = F.pad(x.reshape(n, c, h, 1, w, 1), (0, up - 1, 0, 0, 0, up - 1)).reshape(n, c, h * up, w * up)
    x = F.pad(x, padding)
    f = f.flip(tuple(range(f.ndim))) * gain ** (f.ndim / 2)
    for kernel in [f] if f.ndim == 2 else [f[:, None], f[None, :]]:
        x = F.conv2d(x, kernel.repeat(c, 1, 1, 1), groups=c)
    return x[:, :, ::down, ::down]
