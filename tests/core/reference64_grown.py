"""StyleGAN1 and ProGAN in float64 from the tensors of their files: slow, and sharing no code with the program."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Arrays = Mapping[str, np.ndarray]


def double_of(tensors: Arrays) -> dict[str, Tensor]:
    return {name: torch.from_numpy(np.array(array, np.float64)) for name, array in tensors.items()}


def lrelu(x: Tensor) -> Tensor:
    return torch.where(x < 0, x * 0.2, x)


def relu(x: Tensor) -> Tensor:
    return torch.where(x < 0, x * 0, x)


def unit_pixels(x: Tensor) -> Tensor:
    return x / torch.sqrt((x**2).mean(1, keepdim=True) + 1e-8)


def normalized(x: Tensor, epsilon: float) -> Tensor:
    x = x - x.mean((2, 3), keepdim=True)
    return x / torch.sqrt((x**2).mean((2, 3), keepdim=True) + epsilon)


def twice(x: Tensor) -> Tensor:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def four_shifts(w: Tensor) -> Tensor:
    """The 4x4 kernel of an up-sampling convolution in one: the sum of a 3x3 kernel at four places. [..., 3, 3]"""
    return F.pad(w, (1, 0, 1, 0)) + F.pad(w, (0, 1, 1, 0)) + F.pad(w, (1, 0, 0, 1)) + F.pad(w, (0, 1, 0, 1))


def fused(x: Tensor, w: Tensor) -> Tensor:
    """w: [in, out, 3, 3]"""
    return F.conv_transpose2d(x, four_shifts(w), stride=2, padding=1)


def blurred(x: Tensor, taps: tuple[float, ...] = (1, 2, 1)) -> Tensor:
    f = torch.tensor(taps).double()
    f = torch.outer(f, f) / f.sum() ** 2
    return F.conv2d(x, f.expand(x.shape[1], 1, -1, -1), padding=len(taps) // 2, groups=x.shape[1])


def column(x: Tensor) -> Tensor:
    return x.reshape(1, -1, 1, 1)


@dataclass
class Faded:
    """What the synthesis makes at a level of detail. `add` gets the RGB of each block, the coarsest first."""

    blocks: int
    lod: float
    rgbs: list[Tensor] = field(default_factory=list)

    def picture(self) -> Tensor:
        k = math.floor(self.lod)
        f = self.lod - k
        image = self.rgbs[self.blocks - 1 - k]
        if f:
            image = (1 - f) * image + f * twice(self.rgbs[self.blocks - 2 - k])
        for _ in range(k):
            image = twice(image)
        return image


# ----------------------------------------------------------------------------
# StyleGAN1.


@dataclass
class Options:
    """What the arguments of a TensorFlow network say."""

    fused_from: int = 128
    blur: tuple[float, ...] = (1, 2, 1)
    act: str = "lrelu"
    mapping_act: str = "lrelu"
    lrmul: float = 0.01
    normalize_latents: bool = True
    pixel_norm: bool = False
    instance_norm: bool = True


def tensorflow_w(t: dict[str, Tensor], z: Tensor, c: Tensor | None = None, options: Options | None = None) -> Tensor:
    """z: [N, z_dim] -> w: [N, w_dim]"""
    o = options or Options()
    x = z if c is None else torch.cat([z, c @ t["mapping/LabelConcat/weight"]], 1)
    x = unit_pixels(x) if o.normalize_latents else x
    i = 0
    while f"mapping/Dense{i}/weight" in t:
        w = t[f"mapping/Dense{i}/weight"]
        x = x @ (w * math.sqrt(2) / math.sqrt(len(w)) * o.lrmul) + t[f"mapping/Dense{i}/bias"] * o.lrmul
        x = relu(x) if o.mapping_act == "relu" else lrelu(x)
        i += 1
    return x


def tensorflow_stylegan1(
    t: dict[str, Tensor], ws: Tensor, *, lod: float = 0, options: Options | None = None, noise: bool = True
) -> Tensor:
    """ws: [N, num_ws, w_dim]"""
    o = options or Options()

    def epilogue(x: Tensor, name: str, index: int) -> Tensor:
        if noise and f"{name}/Noise/weight" in t:
            x = x + t[f"synthesis/noise{index}"] * column(t[f"{name}/Noise/weight"])
        x = x + column(t[f"{name}/bias"])
        x = relu(x) if o.act == "relu" else lrelu(x)
        x = unit_pixels(x) if o.pixel_norm else x
        x = normalized(x, 1e-8) if o.instance_norm else x
        if f"{name}/StyleMod/weight" in t:
            w = t[f"{name}/StyleMod/weight"]
            s = (ws[:, index] @ w / math.sqrt(len(w)) + t[f"{name}/StyleMod/bias"]).reshape(len(ws), 2, -1, 1, 1)
            x = x * (s[:, 0] + 1) + s[:, 1]
        return x

    def kernel(name: str) -> Tensor:
        w = t[f"{name}/weight"]
        return (w * math.sqrt(2) / math.sqrt(w.shape[0] * w.shape[1] * w.shape[2])).permute(3, 2, 0, 1)

    found = {name.split("/")[1] for name in t if name.startswith("synthesis/") and name[10].isdigit()}
    scopes = sorted(found, key=lambda scope: int(scope.split("x")[0]))
    faded = Faded(len(scopes), lod)
    for i, scope in enumerate(scopes):
        block = f"synthesis/{scope}"
        if i == 0 and f"{block}/Const/const" in t:
            x = t[f"{block}/Const/const"].expand(len(ws), -1, -1, -1)
            x = epilogue(x, f"{block}/Const", 0)
        elif i == 0:
            w = t[f"{block}/Dense/weight"]
            x = ws[:, 0] @ w * (math.sqrt(2) / 4 / math.sqrt(len(w)))
            x = epilogue(x.reshape(len(ws), -1, 4, 4), f"{block}/Dense", 0)
        else:
            w = kernel(f"{block}/Conv0_up")
            is_fused = 2 * x.shape[2] >= o.fused_from
            x = fused(x, w.transpose(0, 1)) if is_fused else F.conv2d(twice(x), w, padding=1)
            x = blurred(x, o.blur) if o.blur else x
            x = epilogue(x, f"{block}/Conv0_up", 2 * i)
        name = f"{block}/Conv1" if i else f"{block}/Conv"
        x = epilogue(F.conv2d(x, kernel(name), padding=1), name, 2 * i + 1)
        rgb = f"synthesis/ToRGB_lod{len(scopes) - 1 - i}"
        if f"{rgb}/weight" in t:
            w = t[f"{rgb}/weight"].permute(3, 2, 0, 1) / math.sqrt(x.shape[1])
            x_rgb = F.conv2d(x, w) + column(t[f"{rgb}/bias"])
        else:
            x_rgb = x[:, :0]
        faded.rgbs.append(x_rgb)
    return faded.picture()


def rosinality_w(t: dict[str, Tensor], z: Tensor) -> Tensor:
    x = unit_pixels(z)
    i = 1
    while f"style.{i}.linear.bias" in t:
        w = t[f"style.{i}.linear.weight_orig"] * math.sqrt(2 / x.shape[1])
        x = lrelu(x @ w.T + t[f"style.{i}.linear.bias"])
        i += 2
    return x


def rosinality_stylegan1(t: dict[str, Tensor], ws: Tensor, noise: list[Tensor], *, lod: float = 0) -> Tensor:
    """noise: one [N, 1, h, w] a block."""
    blocks = sum(name.endswith("conv2.conv.bias") for name in t)
    faded = Faded(blocks, lod)
    x = t["generator.progression.0.conv1.input"].expand(len(ws), -1, -1, -1)
    for i in range(blocks):
        p = f"generator.progression.{i}"
        if f"{p}.conv1.0.weight" in t:
            w = t[f"{p}.conv1.0.weight"]
            x = F.conv_transpose2d(
                x, four_shifts(w * math.sqrt(2 / (9 * w.shape[0]))) / 4, t[f"{p}.conv1.0.bias"], stride=2, padding=1
            )
            x = blurred(x)
        elif i:
            w = t[f"{p}.conv1.1.conv.weight_orig"]
            w = w * math.sqrt(2 / (9 * w.shape[1]))
            x = blurred(F.conv2d(twice(x), w, t[f"{p}.conv1.1.conv.bias"], padding=1))
        for layer in (1, 2):
            if layer == 2:
                w = t[f"{p}.conv2.conv.weight_orig"]
                w = w * math.sqrt(2 / (9 * w.shape[1]))
                x = F.conv2d(x, w, t[f"{p}.conv2.conv.bias"], padding=1)
            gain = t[f"{p}.noise{layer}.weight_orig"] * math.sqrt(2 / x.shape[1])
            x = normalized(lrelu(x + noise[i] * gain), 1e-5)
            w = t[f"{p}.adain{layer}.style.linear.weight_orig"] * math.sqrt(2 / ws.shape[2])
            s = ws[:, 2 * i + layer - 1] @ w.T + t[f"{p}.adain{layer}.style.linear.bias"]
            scale, shift = s[:, : x.shape[1]], s[:, x.shape[1] :]
            x = x * scale[:, :, None, None] + shift[:, :, None, None]
        w = t[f"generator.to_rgb.{i}.conv.weight_orig"] * math.sqrt(2 / x.shape[1])
        faded.rgbs.append(F.conv2d(x, w, t[f"generator.to_rgb.{i}.conv.bias"]))
    return faded.picture()


def lernapparat_w(t: dict[str, Tensor], z: Tensor) -> Tensor:
    x = unit_pixels(z)
    i = 0
    while f"g_mapping.dense{i}.bias" in t:
        w = t[f"g_mapping.dense{i}.weight"]
        x = lrelu(x @ w.T * (math.sqrt(2) / math.sqrt(x.shape[1]) * 0.01) + t[f"g_mapping.dense{i}.bias"] * 0.01)
        i += 1
    return x


def lernapparat_stylegan1(t: dict[str, Tensor], ws: Tensor, noise: list[Tensor]) -> Tensor:
    """noise: one [N, 1, h, w] a layer."""
    index = 0

    def epilogue(x: Tensor, name: str) -> Tensor:
        nonlocal index
        x = x + noise[index] * column(t[f"{name}.top_epi.noise.weight"])
        x = normalized(lrelu(x + bias), 1e-5)
        w = t[f"{name}.style_mod.lin.weight"]
        s = ws[:, index] @ w.T / math.sqrt(w.shape[1]) + t[f"{name}.style_mod.lin.bias"]
        s = s.reshape(len(ws), 2, -1, 1, 1)
        index += 1
        return x * (s[:, 0] + 1) + s[:, 1]

    def kernel(name: str) -> Tensor:
        w = t[name]
        return w * math.sqrt(2) / math.sqrt(9 * w.shape[1])

    edges = sorted({int(n.split(".")[2].split("x")[0]) for n in t if n.startswith("g_synthesis.blocks.")})
    for edge in edges:
        p = f"g_synthesis.blocks.{edge}x{edge}"
        if edge == 4:
            x, bias = t[f"{p}.const"].expand(len(ws), -1, -1, -1), column(t[f"{p}.bias"])
        else:
            w, bias = kernel(f"{p}.conv0_up.weight"), column(t[f"{p}.conv0_up.bias"])
            x = blurred(fused(x, w.transpose(0, 1)) if edge >= 128 else F.conv2d(twice(x), w, padding=1))
        x = epilogue(x, f"{p}.epi1")
        conv = f"{p}.conv" if edge == 4 else f"{p}.conv1"
        bias = column(t[f"{conv}.bias"])
        x = epilogue(F.conv2d(x, kernel(f"{conv}.weight"), padding=1), f"{p}.epi2")
    w = t["g_synthesis.torgb.weight"]
    return F.conv2d(x, w / math.sqrt(w.shape[1])) + column(t["g_synthesis.torgb.bias"])


# ----------------------------------------------------------------------------
# ProGAN.


def tensorflow_progan(t: dict[str, Tensor], latents: Tensor, *, lod: float = 0, normalize: bool = True) -> Tensor:
    """latents: [N, z_dim + c_dim]"""
    x = unit_pixels(latents) if normalize else latents
    edges = sorted({int(n.split("x")[0]) for n in t if n[0].isdigit()})
    faded = Faded(len(edges), lod)
    for i, edge in enumerate(edges):
        p = f"{edge}x{edge}"
        if i == 0:
            w = t[f"{p}/Dense/weight"]
            x = (x @ w * (math.sqrt(2) / 4 / math.sqrt(len(w)))).reshape(len(x), -1, 4, 4)
            x = unit_pixels(lrelu(x + column(t[f"{p}/Dense/bias"])))
        elif f"{p}/Conv0_up/weight" in t:  # [3, 3, out, in]
            w = t[f"{p}/Conv0_up/weight"]
            w = (w * math.sqrt(2) / math.sqrt(9 * w.shape[3])).permute(3, 2, 0, 1)
            x = unit_pixels(lrelu(fused(x, w) + column(t[f"{p}/Conv0_up/bias"])))
        else:
            w = t[f"{p}/Conv0/weight"]
            w = (w * math.sqrt(2) / math.sqrt(9 * w.shape[2])).permute(3, 2, 0, 1)
            x = unit_pixels(lrelu(F.conv2d(twice(x), w, padding=1) + column(t[f"{p}/Conv0/bias"])))
        name = f"{p}/Conv1" if i else f"{p}/Conv"
        w = t[f"{name}/weight"]
        w = (w * math.sqrt(2) / math.sqrt(9 * w.shape[2])).permute(3, 2, 0, 1)
        x = unit_pixels(lrelu(F.conv2d(x, w, padding=1) + column(t[f"{name}/bias"])))
        rgb = f"ToRGB_lod{len(edges) - 1 - i}"
        w = t[f"{rgb}/weight"].permute(3, 2, 0, 1)
        faded.rgbs.append(F.conv2d(x, w / math.sqrt(w.shape[1])) + column(t[f"{rgb}/bias"]))
    return faded.picture()
