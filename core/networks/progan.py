"""The ProGAN generator: no mapping network, no styles, each pixel normalised (Karras et al. 2018)."""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import Tensor, nn

from core.networks.parts.layers import Layer, count_parameters, empty, normalize_2nd_moment, working_dtype
from core.networks.parts.modules import Unmapped
from core.networks.parts.progressive import ConvolutionLayer, ToRgb, is_needed, pixel_norm, rgb_steps
from core.networks.parts.progressive_config import ProGanConfig
from core.networks.parts.unmapped import with_class
from core.request import ModelInfo, Truncates
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from ops.bias_act import bias_act


class FirstLayer(Layer):
    """z and the class, normalised, as features of the first resolution."""

    def __init__(self, config: ProGanConfig) -> None:
        super().__init__()
        channels, (height, width) = config.blocks.channels[0], config.blocks.first_size
        self.config = config
        self.weight = empty(channels * height * width, config.w_dim)
        self.bias = empty(channels * height * width)
        self.shape = (-1, channels, height, width)

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random).mul_(math.sqrt(2 / self.weight.shape[1]) / 4)
        self.bias.zero_()

    def forward(self, w: Tensor, dtype: torch.dtype) -> Tensor:
        """w: [N, w_dim] -> [N, C, h, w]"""
        w = normalize_2nd_moment(w) if self.config.normalize_latents else w
        x = torch.addmm(self.bias, w, self.weight.t()).reshape(self.shape)
        x = bias_act(x, act=self.config.activation, gain=1.0, inplace=True)
        x = pixel_norm(x) if self.config.first_norm else x
        return x.to(dtype, memory_format=torch.channels_last)


class SynthesisLayer(Layer):
    """A convolution with bias, activation and pixel norm."""

    def __init__(self, in_channels: int, out_channels: int, config: ProGanConfig, *, up: bool) -> None:
        super().__init__()
        self.conv = ConvolutionLayer(in_channels, out_channels, up=up)
        self.bias = empty(out_channels)
        self.activation = config.activation

    def reset(self, random: torch.Generator) -> None:
        self.bias.zero_()

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, h, w]"""
        return pixel_norm(self.conv.convolve(x, self.bias, act=self.activation))


class Block(nn.Module):
    """The layers of one resolution. Its methods are steps; states are (features of the block before, features)."""

    def __init__(self, config: ProGanConfig, index: int) -> None:
        super().__init__()
        blocks = config.blocks
        channels = blocks.channels[index]
        self.blocks, self.index = blocks, index
        self.name = f"b{blocks.resolutions[index]}"
        self.level = blocks.level(index)
        self.input = FirstLayer(config) if index == 0 else None
        self.conv0 = SynthesisLayer(blocks.channels[index - 1], channels, config, up=True) if index else None
        self.conv1 = SynthesisLayer(channels, channels, config, up=False)
        self.torgb = ToRgb(channels, blocks.image_channels) if self.level <= blocks.max_lod else None

    def steps(self) -> list[Step]:
        """One step a layer, without that to RGB."""
        size = self.blocks.size(self.index)
        steps = []
        for name, layer in (("input", self.input), ("conv0", self.conv0), ("conv1", self.conv1)):
            if layer is not None:
                full_name = f"{self.name}.{name}"
                step = Step(
                    full_name, partial(self._run, layer, full_name), ws=(0,) if layer is self.input else (),
                    lod=partial(is_needed, self.level), tensors=(f"synthesis.{full_name}.",),
                    shape=(self.blocks.channels[self.index], *size),
                    convolutions=layer.conv.shapes(size) if isinstance(layer, SynthesisLayer) else (),
                )  # fmt: skip
                steps.append(step)
        return steps

    def _run(
        self, layer: FirstLayer | SynthesisLayer, name: str, state: State, inputs: SynthesisInputs, tap: Tap
    ) -> State:
        if not is_needed(self.level, inputs.lod):
            return state
        dtype = working_dtype(False, inputs, ())
        if isinstance(layer, FirstLayer):
            return None, tap(name, layer(inputs.ws[:, 0], dtype))
        before, x = state
        assert x is not None  # left by the layer before
        y = tap(name, layer(x.to(dtype)))
        return (x if layer is self.conv0 else before), y


class ProGan(Unmapped):
    """A ProGAN generator; a `Generator`. Its only entry of ws is z, then the class."""

    config: ProGanConfig

    def __init__(self, config: ProGanConfig) -> None:
        super().__init__(config)
        self.synthesis = nn.Module()
        self._blocks = tuple(Block(config, i) for i in range(len(config.blocks.channels)))
        for block in self._blocks:
            self.synthesis.add_module(block.name, block)
        steps = [step for block in self._blocks for step in block.steps()]
        rgbs = [block.torgb for block in self._blocks if block.torgb is not None]
        steps += rgb_steps(config.blocks, rgbs, [0] * len(rgbs))
        self.offer(describe(config, count_parameters(self.parameters())), steps)

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        return with_class(z, c, self.config.c_dim)


def describe(config: ProGanConfig, num_parameters: int) -> ModelInfo:
    height, width = config.blocks.picture
    return ModelInfo(
        family="ProGAN",
        architecture="pixel norm",
        width=width,
        height=height,
        channels=config.blocks.image_channels,
        z_dim=config.z_dim,
        w_dim=config.w_dim,
        c_dim=config.c_dim,
        num_ws=1,
        ws_names=("input",),
        has_w=False,
        truncates=Truncates.NONE,
        z_width=config.z_dim,
        max_lod=config.blocks.max_lod,
        lod=config.blocks.lod,
        num_parameters=num_parameters,
    )
