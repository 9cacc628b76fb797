"""The synthesis as the trainer runs it: on batches, in bfloat16, on the weights of an ordinary network.

The program's own synthesis scales the weights by the styles, which is best for one picture. For a batch it is many
times faster to scale the activations instead, before and after a convolution that all pictures share; the result is the
same (Karras et al. 2020, section 2.2). A test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from core.networks.stylegan2 import Block, StyleGan2, SynthesisLayer, ToRgb
from ops.base.constants import EPSILON
from ops.bias_act import bias_act
from ops.modulated_conv import conv2d_resample
from ops.upfirdn2d import upsample2d

NOISY = (64, 128)  # the resolutions that the pictures have texture at


def blocks_of(network: StyleGan2) -> list[Block]:
    return [block for block in network.synthesis.children() if isinstance(block, Block)]


def stylegan2(
    network: StyleGan2, ws: Tensor, noise: Sequence[Tensor], count: int, dtype: torch.dtype = torch.bfloat16
) -> Tensor:
    """The image after the first `count` blocks. ws: [N, num_ws, w_dim], noise: [N, 1, h, w] of each layer in turn of
    the resolutions of NOISY -> float32 [N, 3, H, W]"""
    maps = iter(noise)
    image: Tensor | None = None
    x = torch.empty(0)
    for block in blocks_of(network)[:count]:
        entry = block.first_ws
        if block.const is not None:
            x = block.const.to(dtype).expand(len(ws), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        for layer in (block.conv0, block.conv1):
            if layer is not None:
                noisy = block.name in (f"b{r}" for r in NOISY)
                x = convolve(layer, x, ws[:, entry], next(maps) if noisy else None)
                entry += 1
        assert block.torgb is not None  # of the skip architecture
        y = to_rgb(block.torgb, x, ws[:, entry])
        image = y if image is None else upsample2d(image, block.resample_filter) + y
    assert image is not None
    return image


def convolve(layer: SynthesisLayer, x: Tensor, w: Tensor, noise: Tensor | None) -> Tensor:
    """As SynthesisLayer.forward does it, up to rounding."""
    styles = layer.affine(w)  # [N, I]
    weight = layer.weight
    demodulation = (styles.square() @ weight.square().sum((2, 3)).t() + EPSILON).rsqrt()  # [N, O]
    x = x * styles[:, :, None, None].to(x.dtype)
    f = layer.resample_filter if layer.up > 1 else None
    x = conv2d_resample(x, weight.to(x.dtype), f=f, up=layer.up, padding=1, flip_weight=layer.up == 1)
    x = x * demodulation[:, :, None, None].to(x.dtype)
    if noise is not None:
        x = x + (noise * layer.noise_strength).to(x.dtype)
    return bias_act(x, layer.bias, act=layer.activation)


def to_rgb(layer: ToRgb, x: Tensor, w: Tensor) -> Tensor:
    """As ToRgb.forward does it, up to rounding; float32."""
    styles = layer.affine(w) / math.sqrt(layer.weight.shape[1])
    x = F.conv2d(x * styles[:, :, None, None].to(x.dtype), layer.weight.to(x.dtype))
    return x.float() + layer.bias[:, None, None]
