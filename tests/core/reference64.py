"""The generators once more, in float64 and straight from the formulas: slow, and sharing no code with the program."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.parts.config import LayerConfig, StyleGan2Config, StyleGan3Config
from core.networks.parts.layers import random_weights

Tensors = dict[str, Tensor]


def scrambled(network: nn.Module, seed: int = 0) -> nn.Module:
    """Random weights, with random numbers also where a new network has zeros and ones, so that no term can hide."""
    random_weights(network, seed)
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            noise = torch.randn(tensor.shape, generator=random)
            if name.endswith("magnitude_ema"):
                tensor.copy_(noise.abs() + 0.5)
            elif name.endswith(("bias", "noise_strength", "w_avg", "input.affine.weight")):
                tensor.add_(noise * (30 if ".fc" in name else 0.3))
    return network


def tensors_of(network: nn.Module) -> Tensors:
    return {name: tensor.double() for name, tensor in network.state_dict().items()}


# ----------------------------------------------------------------------------
# Parts.


def resample(x: Tensor, f: Tensor | None, up: int, down: int, pads: tuple[int, int, int, int], gain: float) -> Tensor:
    n, c, h, w = x.shape
    sparse = torch.zeros(n, c, h, up, w, up, dtype=torch.float64)
    sparse[:, :, :, 0, :, 0] = x
    y = F.pad(sparse.reshape(n, c, h * up, w * up), pads).flatten(0, 1)[:, None] * gain
    if f is not None and f.ndim == 1:  # along each axis by itself
        y = F.conv2d(y, f.flip(0)[None, None, None], stride=(1, down))
        y = F.conv2d(y, f.flip(0)[None, None, :, None], stride=(down, 1))
    else:
        f = torch.ones(1, 1).double() if f is None else f
        y = F.conv2d(y, torch.flip(f, (0, 1))[None, None], stride=down)
    return y.reshape(n, c, *y.shape[2:])


def dense(t: Tensors, name: str, x: Tensor, lr: float = 1.0) -> Tensor:
    w = t[f"{name}.weight"]
    return x @ w.T * (lr / math.sqrt(w.shape[1])) + t[f"{name}.bias"] * lr


def lrelu(x: Tensor, slope: float = 0.2, gain: float = math.sqrt(2)) -> Tensor:
    return torch.where(x < 0, x * slope, x) * gain


def clamped(x: Tensor, limit: float | None) -> Tensor:
    return x if limit is None else torch.minimum(torch.maximum(x, torch.tensor(-limit)), torch.tensor(limit)).double()


def unit(x: Tensor) -> Tensor:
    return x / torch.sqrt((x**2).mean(1, keepdim=True) + 1e-8)


def mapping(t: Tensors, z: Tensor, c: Tensor | None, layers: int) -> Tensor:
    x = unit(z)
    if c is not None:
        x = torch.cat([x, unit(dense(t, "mapping.embed", c))], 1)
    for i in range(layers):
        x = lrelu(dense(t, f"mapping.fc{i}", x, 0.01))
    return x


def demodulated(w: Tensor) -> Tensor:
    return w / torch.sqrt((w**2).sum((1, 2, 3), keepdim=True) + 1e-8)


# ----------------------------------------------------------------------------
# StyleGAN2.


def stylegan2(config: StyleGan2Config, t: Tensors, ws: Tensor, noise: list[Tensor] | None = None) -> Tensor:
    """noise: None: the stored maps; else one [N, 1, h, w] a layer."""
    images = []
    for n in range(len(ws)):
        maps = None if noise is None else [m[n : n + 1].double() for m in noise]
        images.append(_stylegan2(config, t, ws[n : n + 1].double(), maps))
    return torch.cat(images)


def _stylegan2(config: StyleGan2Config, t: Tensors, w: Tensor, noise: list[Tensor] | None) -> Tensor:
    x, image = t["synthesis.b4.const"][None], None
    index = 0
    for r in config.resolutions:
        block = f"synthesis.b{r}"
        f = t[f"{block}.resample_filter"]
        residual = config.architecture == "resnet" and r > 4
        shortcut = x
        for conv in ("conv0", "conv1")[r == 4 :]:
            name = f"{block}.{conv}"
            kernel = demodulated(t[f"{name}.weight"] * dense(t, f"{name}.affine", w[:, index]).reshape(1, -1, 1, 1))
            if conv == "conv0":
                x = F.conv2d(resample(x, f, 2, 1, (3, 2, 3, 2), 4), kernel.flip((2, 3)))
            else:
                x = F.conv2d(x, kernel, padding=1)
            if config.use_noise:
                map_ = t[f"{name}.noise_const"] if noise is None else noise[index]
                x = x + map_ * t[f"{name}.noise_strength"]
            x = lrelu(x + t[f"{name}.bias"].reshape(1, -1, 1, 1))
            gain = math.sqrt(0.5) if residual and conv == "conv1" else 1.0
            x = clamped(x * gain, None if config.conv_clamp is None else config.conv_clamp * gain)
            index += 1
        if residual:
            kernel = t[f"{block}.skip.weight"]
            y = resample(F.conv2d(shortcut, kernel / math.sqrt(kernel.shape[1])), f, 2, 1, (2, 1, 2, 1), 4)
            x = x + y * math.sqrt(0.5)
        if f"{block}.torgb.weight" in t:
            kernel = t[f"{block}.torgb.weight"]
            styles = dense(t, f"{block}.torgb.affine", w[:, index]) / math.sqrt(kernel.shape[1])
            rgb = F.conv2d(x, kernel * styles.reshape(1, -1, 1, 1)) + t[f"{block}.torgb.bias"].reshape(1, -1, 1, 1)
            rgb = clamped(rgb, config.conv_clamp)
            image = rgb if image is None else resample(image, f, 2, 1, (2, 1, 2, 1), 4) + rgb
    assert image is not None
    return image


# ----------------------------------------------------------------------------
# StyleGAN3.


def stylegan3(config: StyleGan3Config, t: Tensors, ws: Tensor, transform: Tensor) -> Tensor:
    ws = ws.double()
    x = torch.cat([source(config, t, w, transform.double()) for w in ws[:, 0]])
    for i, layer in enumerate(config.layers):
        x = alias_free_layer(layer, t, x, ws[:, i + 1])
    return x * config.output_scale


def source(config: StyleGan3Config, t: Tensors, w: Tensor, transform: Tensor) -> Tensor:
    p = dense(t, "synthesis.input.affine", w[None])[0]
    c, s, x, y = (p / torch.sqrt(p[0] ** 2 + p[1] ** 2)).tolist()
    turn = torch.tensor([[c, -s, 0], [s, c, 0], [0, 0, 1]]).double()
    move = torch.tensor([[1, 0, -x], [0, 1, -y], [0, 0, 1]]).double()
    m = torch.tensor([[float(v) for v in row] for row in turn @ move @ transform]).double()
    freqs = t["synthesis.input.freqs"] @ m[:2, :2]
    phases = t["synthesis.input.phases"] + t["synthesis.input.freqs"] @ m[:2, 2]
    width, height = config.input_size
    rate, band = config.input_rate, config.bandwidth
    u = (torch.arange(width).double() + 0.5 - width / 2) / rate
    v = (torch.arange(height).double() + 0.5 - height / 2) / rate
    waves = []
    for (fx, fy), phase in zip(freqs.tolist(), phases.tolist(), strict=True):
        amplitude = min(max(1 - (math.hypot(fx, fy) - band) / (rate / 2 - band), 0.0), 1.0)
        waves.append(amplitude * torch.sin(2 * math.pi * (u[None, :] * fx + v[:, None] * fy + phase)))
    mix = t["synthesis.input.weight"] / math.sqrt(len(waves))
    return torch.einsum("oc,chw->ohw", mix, torch.stack(waves))[None]


def alias_free_layer(layer: LayerConfig, t: Tensors, x: Tensor, w: Tensor) -> Tensor:
    name = f"synthesis.{layer.name}"
    kernel = t[f"{name}.weight"]
    styles = dense(t, f"{name}.affine", w)
    if layer.is_torgb:
        styles = styles / math.sqrt(kernel.shape[1])
    else:
        kernel = kernel / torch.sqrt((kernel**2).mean((1, 2, 3), keepdim=True))
        styles = styles / torch.sqrt((styles**2).mean())
    outputs = []
    for sample, style in zip(x, styles, strict=True):
        k = kernel * style.reshape(1, -1, 1, 1)
        k = k if layer.is_torgb else demodulated(k)
        k = k / torch.sqrt(t[f"{name}.magnitude_ema"])
        outputs.append(F.conv2d(sample[None], k, padding=layer.kernel - 1))
    y = torch.cat(outputs) + t[f"{name}.bias"].reshape(1, -1, 1, 1)
    y = resample(y, t.get(f"{name}.up_filter"), layer.up, 1, layer.padding, layer.up**2)
    y = lrelu(y, 1.0, 1.0) if layer.is_torgb else lrelu(y)
    return resample(clamped(y, layer.clamp), t.get(f"{name}.down_filter"), 1, layer.down, (0, 0, 0, 0), 1)
