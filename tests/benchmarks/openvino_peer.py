"""StyleGAN2 as a graph compiled by OpenVINO (https://docs.openvino.ai), the fastest that a user of a CPU could pick.

The weights have to be constants for it, so the styles scale what goes into a convolution and what comes out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.stylegan2 import StyleGan2
from core.synthesis.generator import Generator
from tests.benchmarks.plain import SLOPE, clamped, fully_connected


class ConstantWeights(nn.Module):
    """The synthesis of a StyleGAN2 (skip) with the stored noise. [1, num_ws, w_dim] -> [1, C, H, W]"""

    def __init__(self, network: StyleGan2) -> None:
        super().__init__()
        self.config = network.config
        self.t = network.tensors()

    def forward(self, ws: Tensor) -> Tensor:
        x, image = self.t["synthesis.b4.const"][None], None
        entry = 0
        for resolution in self.config.resolutions:
            block = f"synthesis.b{resolution}"
            f = self.t[f"{block}.resample_filter"]
            if resolution > 4:
                x = self._layer(f"{block}.conv0", x, ws[:, entry], f)
                entry += 1
            x = self._layer(f"{block}.conv1", x, ws[:, entry])
            entry += 1
            rgb = self._to_rgb(f"{block}.torgb", x, ws[:, entry])
            if image is not None:
                kernels = (f * 4).repeat(image.shape[1], 1, 1, 1)
                rgb = rgb + F.conv_transpose2d(image, kernels, stride=2, padding=1, groups=image.shape[1])
            image = rgb
        assert image is not None  # there is at least one block
        return image

    def _layer(self, name: str, x: Tensor, w: Tensor, f: Tensor | None = None) -> Tensor:
        """f: the filter of a layer that doubles the resolution."""
        weight, styles = self.t[f"{name}.weight"], fully_connected(self.t, f"{name}.affine", w)
        x = x * styles[:, :, None, None]
        if f is None:
            x = F.conv2d(x, weight, padding=1)
        else:
            x = F.conv_transpose2d(x, weight.transpose(0, 1).contiguous(), stride=2)
            kernels = (f.flip((0, 1)) * 4).repeat(weight.shape[0], 1, 1, 1)
            x = F.conv2d(x, kernels, padding=1, groups=weight.shape[0])
        demodulation = (styles.square() @ weight.square().sum((2, 3)).t() + 1e-8).rsqrt()
        x = x * demodulation[:, :, None, None]
        if self.config.use_noise:
            x = x + self.t[f"{name}.noise_const"] * self.t[f"{name}.noise_strength"]
        x = F.leaky_relu(x + self.t[f"{name}.bias"][None, :, None, None], SLOPE) * math.sqrt(2)
        return clamped(x, self.config.conv_clamp)

    def _to_rgb(self, name: str, x: Tensor, w: Tensor) -> Tensor:
        weight = self.t[f"{name}.weight"]
        styles = fully_connected(self.t, f"{name}.affine", w) / math.sqrt(weight.shape[1])
        x = F.conv2d(x * styles[:, :, None, None], weight, self.t[f"{name}.bias"])
        return clamped(x, self.config.conv_clamp)


def compiled(generator: Generator, *, threads: int, half: bool) -> Callable[[Tensor], Tensor]:
    """For the CPU. ws [1, num_ws, w_dim] -> the picture. half: in bfloat16.

    Raises TypeError for another kind of network.
    """
    import openvino

    if not isinstance(generator, StyleGan2):
        raise TypeError(f"OpenVINO is given StyleGAN2 only, not a {type(generator).__name__}")
    shape = (1, generator.info.num_ws, generator.info.w_dim)
    model = openvino.convert_model(ConstantWeights(generator).eval(), example_input=torch.zeros(shape), input=[shape])
    hints = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "bf16" if half else "f32"}
    run = openvino.Core().compile_model(model, "CPU", hints)
    return lambda ws: torch.from_numpy(run(ws.contiguous().numpy())[0].copy())
