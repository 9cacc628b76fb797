"""Generators of PyTorch programs in float64 from the tensors of their files: slow, and sharing no code with ours."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.core.reference64_grown import blurred, column, four_shifts, lrelu, normalized, twice, unit_pixels

# ----------------------------------------------------------------------------
# StyleGAN1.


def numbered_w(t: dict[str, Tensor], z: Tensor, label: int | None = None) -> Tensor:
    """StyleGAN.pytorch. z: [N, z_dim] -> [N, w_dim]"""
    if label is not None:
        z = torch.cat([z, t["class_embedding.weight"][label].expand(len(z), -1)], 1)
    x = unit_pixels(z)
    i = 0
    while f"g_mapping.map.dense{i}.bias" in t:
        w = t[f"g_mapping.map.dense{i}.weight"]
        x = lrelu((x @ w.T * math.sqrt(2 / x.shape[1]) + t[f"g_mapping.map.dense{i}.bias"]) * 0.01)
        i += 1
    return x


def numbered_stylegan1(t: dict[str, Tensor], ws: Tensor, noise: list[Tensor], *, fused_from: int = 128) -> Tensor:
    """ws: [N, num_ws, w_dim], noise: one [h, w] a layer."""
    index = 0

    def epilogue(x: Tensor, name: str, bias: str) -> Tensor:
        nonlocal index
        x = x + column(t[bias]) + noise[index] * column(t[f"{name}.top_epi.noise.weight"])
        s = t[f"{name}.style_mod.lin.weight"] / math.sqrt(ws.shape[2])
        s = ws[:, index] @ s.T + t[f"{name}.style_mod.lin.bias"]
        scale, shift = s.reshape(len(ws), 2, -1, 1, 1).unbind(1)
        index += 1
        return normalized(lrelu(x), 1e-5) * (1 + scale) + shift

    def kernel(name: str) -> Tensor:
        return t[name] * math.sqrt(2 / (9 * t[name].shape[1]))

    p, i = "g_synthesis.init_block", 0
    x = epilogue(t[f"{p}.const"].expand(len(ws), -1, -1, -1), f"{p}.epi1", f"{p}.bias")
    x = epilogue(F.conv2d(x, kernel(f"{p}.conv.weight"), padding=1), f"{p}.epi2", f"{p}.conv.bias")
    while f"g_synthesis.blocks.{i}.conv1.bias" in t:
        p = f"g_synthesis.blocks.{i}"
        w = kernel(f"{p}.conv0_up.weight")
        if 2 * x.shape[2] >= fused_from:
            x = F.conv_transpose2d(x, four_shifts(w.transpose(0, 1)), stride=2, padding=1)
        else:
            x = F.conv2d(twice(x), w, padding=1)
        x = epilogue(blurred(x), f"{p}.epi1", f"{p}.conv0_up.bias")
        x = epilogue(F.conv2d(x, kernel(f"{p}.conv1.weight"), padding=1), f"{p}.epi2", f"{p}.conv1.bias")
        i += 1
    w = t[f"g_synthesis.to_rgb.{i}.weight"]
    return F.conv2d(x, w / math.sqrt(w.shape[1])) + column(t[f"g_synthesis.to_rgb.{i}.bias"])


def zoo(t: dict[str, Tensor], x: Tensor, name: str, factor: float = 1.0) -> Tensor:
    """A layer of pytorch_GAN_zoo, whose constant multiplies the bias, too."""
    w, b = t[f"{name}.module.weight"], t[f"{name}.module.bias"]
    c = factor * math.sqrt(2 / w[0].numel())
    return (x @ w.T + b) * c if w.ndim == 2 else F.conv2d(x, w, b, padding=w.shape[2] // 2) * c


def zoo_w(t: dict[str, Tensor], z: Tensor) -> Tensor:
    x, i = unit_pixels(z), 0
    while f"mapping.FC.{i}.module.bias" in t:
        x, i = lrelu(zoo(t, x, f"mapping.FC.{i}", 0.01)), i + 1
    return x


def zoo_stylegan1(t: dict[str, Tensor], ws: Tensor, noise: list[Tensor]) -> Tensor:
    """ws: [N, num_ws, w_dim], noise: one [h, w] a layer."""
    index = 0

    def epilogue(x: Tensor, adain: str, strength: str) -> Tensor:
        nonlocal index
        x = normalized(lrelu(x + noise[index] * t[f"{strength}.module.weight"].reshape(())), 1e-8)
        scale, shift = zoo(t, ws[:, index], f"{adain}.styleModulator").reshape(len(ws), 2, -1, 1, 1).unbind(1)
        index += 1
        return x * scale + shift

    x = epilogue(t["baseScale0"].expand(len(ws), -1, -1, -1), "adain00", "noiseMod00")
    x = epilogue(zoo(t, x, "conv0"), "adain01", "noiseMod01")
    i = 0
    while f"scaleLayers.{i}.0.module.bias" in t:
        x = epilogue(zoo(t, twice(x), f"scaleLayers.{i}.0"), f"scaleLayers.{i}.1", f"noiseModulators.{i}.0")
        x = epilogue(zoo(t, x, f"scaleLayers.{i}.2"), f"scaleLayers.{i}.3", f"noiseModulators.{i}.1")
        i += 1
    return zoo(t, x, f"toRGBLayers.{i - 1}")


# ----------------------------------------------------------------------------
# ProGAN.


def pro_gan_pytorch(t: dict[str, Tensor], z: Tensor, *, scaled: bool = True) -> Tensor:
    """scaled: `use_eql` of its settings."""

    def kernel(name: str, inputs: int = 0) -> Tensor:
        w = t[f"{name}.weight"]
        return w * math.sqrt(2 / (inputs or w[0].numel())) if scaled else w

    x = unit_pixels(z)[:, :, None, None]
    x = lrelu(F.conv_transpose2d(x, kernel("layers.0.conv_1", x.shape[1]), t["layers.0.conv_1.bias"]))
    i = 0
    while f"layers.{i}.conv_2.bias" in t:
        if i:
            x = F.conv2d(twice(x), kernel(f"layers.{i}.conv_1"), t[f"layers.{i}.conv_1.bias"], padding=1)
            x = unit_pixels(lrelu(x))
        x = F.conv2d(x, kernel(f"layers.{i}.conv_2"), t[f"layers.{i}.conv_2.bias"], padding=1)
        x, i = unit_pixels(lrelu(x)), i + 1
    return F.conv2d(x, kernel(f"rgb_converters.{i - 1}"), t[f"rgb_converters.{i - 1}.bias"])


# ----------------------------------------------------------------------------
# DCGAN and BigGAN.


def zoo_dcgan(t: dict[str, Tensor], z: Tensor) -> Tensor:
    x, i = F.conv_transpose2d(z[:, :, None, None], t["formatLayer.weight"]), 0
    while f"main.batchNorm{i}.weight" in t:
        if i:
            x = F.conv_transpose2d(x, t[f"main.convTranspose{i}.weight"], stride=2, padding=1)
        x, i = batch_normed(t, x, f"main.batchNorm{i}", 1e-5).clamp(min=0), i + 1
    return F.conv_transpose2d(x, t["main.outlayer.weight"], stride=2, padding=1).tanh()


def batch_normed(t: dict[str, Tensor], x: Tensor, name: str, eps: float) -> Tensor:
    x = (x - column(t[f"{name}.running_mean"])) / torch.sqrt(column(t[f"{name}.running_var"]) + eps)
    return x * column(t[f"{name}.weight"]) + column(t[f"{name}.bias"]) if f"{name}.weight" in t else x


def studio_biggan(t: dict[str, Tensor], z: Tensor, label: int) -> Tensor:
    """StudioGAN, z in parts."""

    def weight(name: str) -> Tensor:
        w = t[f"{name}.weight_orig"]
        return w / (t[f"{name}.weight_u"] @ w.flatten(1) @ t[f"{name}.weight_v"])

    def conv(x: Tensor, name: str) -> Tensor:
        w = weight(name)
        return F.conv2d(x, w, t.get(f"{name}.bias"), padding=w.shape[2] // 2)

    def norm(x: Tensor, name: str, y: Tensor) -> Tensor:
        gain, bias = (y @ weight(f"{name}.{part}").T for part in ("gain", "bias"))
        x = batch_normed(t, x, f"{name}.bn", 1e-4)
        return (x * (1 + gain[:, :, None, None]) + bias[:, :, None, None]).clamp(min=0)

    def attended(x: Tensor, name: str) -> Tensor:
        theta, phi, g = (conv(x, f"{name}.conv1x1_{part}") for part in ("theta", "phi", "g"))
        phi, g = (F.max_pool2d(y, 2).flatten(2) for y in (phi, g))
        shares = torch.softmax(theta.flatten(2).transpose(1, 2) @ phi, dim=2)
        taken = (g @ shares.transpose(1, 2)).reshape(len(x), -1, *x.shape[2:])
        return x + t[f"{name}.sigma"] * conv(taken, f"{name}.conv1x1_attn")

    parts = z.split(t["linear0.weight_orig"].shape[1], dim=1)
    y = t["shared.weight"][label].expand(len(z), -1)
    x = (parts[0] @ weight("linear0").T + t["linear0.bias"]).reshape(len(z), -1, 4, 4)
    i, entries = 0, iter(parts[1:])
    while any(name.startswith(f"blocks.{i}.") for name in t):
        p, i = f"blocks.{i}.0", i + 1
        if f"{p}.sigma" in t:
            x = attended(x, p)
            continue
        own = torch.cat([y, next(entries)], 1)
        h = conv(twice(norm(x, f"{p}.bn1", own)), f"{p}.conv2d1")
        x = conv(norm(h, f"{p}.bn2", own), f"{p}.conv2d2") + conv(twice(x), f"{p}.conv2d0")
    return conv(batch_normed(t, x, "bn4", 1e-4).clamp(min=0), "conv2d5").tanh()
