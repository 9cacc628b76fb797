"""The StyleGAN2 generator: skip, residual and plain synthesis (Karras et al. 2020)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn

from core.networks.parts.config import StyleGan2Config
from core.networks.parts.layers import (
    HALF_DEVICES,
    FullyConnected,
    Layer,
    Mapping,
    StyledLayer,
    count_parameters,
    empty,
    size_label,
    working_dtype,
)
from core.networks.parts.modules import Mapped, same_size
from core.request import ModelInfo, NoiseMode
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from ops.bias_act import bias_act, default_gain
from ops.fir import setup_filter
from ops.modulated_conv import conv2d_resample
from ops.styled_conv import styled_conv2d
from ops.upfirdn2d import upsample2d

BINOMIAL = (1, 3, 3, 1)  # the resampling filter of all published networks


class SynthesisLayer(StyledLayer):
    """A 3x3 modulated convolution with noise, bias and activation."""

    noise_const: Tensor
    resample_filter: Tensor

    def __init__(
        self, in_channels: int, out_channels: int, size: tuple[int, int], config: StyleGan2Config, *, up: int = 1
    ) -> None:
        super().__init__()
        self.affine = FullyConnected(config.mapping.w_dim, in_channels, bias_init=1)
        self.weight = empty(out_channels, in_channels, 3, 3)
        self.bias = empty(out_channels)
        self.register_buffer("resample_filter", torch.empty(config.filter_shape))
        self.use_noise = config.use_noise
        if config.use_noise:
            self.noise_strength = empty()
            self.register_buffer("noise_const", torch.empty(size))
        self.up = up
        self.activation = config.activation
        self.clamp = config.conv_clamp

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random)
        self.bias.zero_()
        self.resample_filter.copy_(setup_filter(BINOMIAL))
        if self.use_noise:
            self.noise_const.normal_(generator=random)
            self.noise_strength.zero_()

    def forward(self, x: Tensor, styles: Tensor, noise: Tensor | None, *, gain: float = 1.0) -> Tensor:
        """x: [N, I, H, W], styles: [N, I], noise of unit strength: [h, w] or [N, 1, h, w] -> [N, O, h, w]"""
        return styled_conv2d(
            x,
            self.styled_weights(),
            styles,
            up=self.up,
            padding=1,
            f=self.resample_filter if self.up > 1 else None,
            noise=noise,
            strength=None if noise is None else self.noise_strength,
            b=self.bias,
            act=self.activation,
            gain=gain * default_gain(self.activation),
            clamp=None if self.clamp is None else self.clamp * gain,
        )


class ToRgb(StyledLayer):
    """A 1x1 modulated convolution without demodulation, to the channels of the image."""

    def __init__(self, in_channels: int, config: StyleGan2Config) -> None:
        super().__init__()
        self.affine = FullyConnected(config.mapping.w_dim, in_channels, bias_init=1)
        self.weight = empty(config.image_channels, in_channels, 1, 1)
        self.bias = empty(config.image_channels)
        self.clamp = config.conv_clamp

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random)
        self.bias.zero_()

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        """x: [N, I, H, W], styles: [N, I] -> float32 [N, image channels, H, W], contiguous: a picture"""
        styles = styles / math.sqrt(self.weight.shape[1])
        y = styled_conv2d(x, self.styled_weights(), styles, demodulate=False)
        y = y.to(torch.float32, memory_format=torch.contiguous_format)
        return bias_act(y, self.bias, clamp=self.clamp, inplace=True)


class Shortcut(Layer):
    """The 1x1 convolution around a residual block, with up-sampling."""

    resample_filter: Tensor

    def __init__(self, in_channels: int, out_channels: int, config: StyleGan2Config) -> None:
        super().__init__()
        self.weight = empty(out_channels, in_channels, 1, 1)
        self.register_buffer("resample_filter", torch.empty(config.filter_shape))

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random)
        self.resample_filter.copy_(setup_filter(BINOMIAL))

    def forward(self, x: Tensor) -> Tensor:
        w = self.weight * (math.sqrt(0.5) / math.sqrt(self.weight.shape[1]))
        return conv2d_resample(x, w.to(x.dtype), f=self.resample_filter, up=2)


class Block(Layer):
    """The layers of one resolution. The first block starts from a learned constant.

    Its methods are the steps of the synthesis. They take and give a state: (features, image so far), and
    (features, shortcut, image) between the two convolutions of a residual block.
    """

    resample_filter: Tensor

    def __init__(self, config: StyleGan2Config, index: int) -> None:
        super().__init__()
        channels, before, size = config.channels[index], config.channels[index - 1], config.block_size(index)
        last = index == len(config.channels) - 1
        self.name, self.size = f"b{config.resolutions[index]}", size
        self.first_ws = max(2 * index - 1, 0)  # also the index of its first noise map
        self.is_half = config.is_half(index)
        self.use_noise = config.use_noise
        self.register_buffer("resample_filter", torch.empty(config.filter_shape))
        self.const = empty(channels, *size) if index == 0 else None
        self.conv0 = None if index == 0 else SynthesisLayer(before, channels, size, config, up=2)
        self.conv1 = SynthesisLayer(channels, channels, size, config)
        self.torgb = ToRgb(channels, config) if last or config.architecture == "skip" else None
        residual = config.architecture == "resnet" and index > 0
        self.skip = Shortcut(before, channels, config) if residual else None
        self.is_last = last

    def reset(self, random: torch.Generator) -> None:
        self.resample_filter.copy_(setup_filter(BINOMIAL))
        if self.const is not None:
            self.const.normal_(generator=random)

    def steps(self, half_devices: Sequence[str]) -> list[Step]:
        """One step a layer."""
        entry, steps, place = self.first_ws, [], f"synthesis.{self.name}"
        reads = {"conv0": (f"{place}.skip.",), "conv1": (f"{place}.const",)}
        for name, layer in (("conv0", self.conv0), ("conv1", self.conv1)):
            if layer is not None:
                run = partial(self._run_conv, layer, f"{self.name}.{name}", entry, half_devices)
                noise = entry if self.use_noise else None
                tensors = (f"{place}.{name}.", *reads[name])
                step = Step(
                    f"{self.name}.{name}", run, (entry,), noise, row=entry, affine=layer.affine,
                    tensors=tensors, shape=(len(layer.bias), *self.size), convolutions=self._convolutions(layer),
                )  # fmt: skip
                steps.append(step)
                entry += 1
        if self.torgb is not None:
            run = partial(self._run_torgb, self.torgb, entry, half_devices)
            row = entry if self.is_last else entry - 1
            tensors = (f"{place}.torgb.", f"{place}.resample_filter")
            step = Step(
                f"{self.name}.torgb", run, (entry,), row=row, affine=self.torgb.affine,
                tensors=tensors, shape=(len(self.torgb.bias), *self.size),
                convolutions=same_size(self.torgb, self.size),
            )  # fmt: skip
            steps.append(step)
        return steps

    def _convolutions(self, layer: SynthesisLayer) -> tuple[ConvolutionShape, ...]:
        """That of a layer, after that of the shortcut which its step computes too."""
        if layer.up == 1:
            return same_size(layer, self.size)
        smaller = (self.size[0] // layer.up, self.size[1] // layer.up)
        shortcut = () if self.skip is None else same_size(self.skip, smaller)
        o, i, kernel, _ = layer.weight.shape
        return *shortcut, ConvolutionShape(i, o, smaller, kernel, stride=layer.up, transposed=True)

    def _run_conv(
        self,
        layer: SynthesisLayer,
        name: str,
        entry: int,
        half_devices: Sequence[str],
        state: State,
        inputs: SynthesisInputs,
        tap: Tap,
    ) -> State:
        styles = inputs.styled(name, layer.affine(inputs.ws[:, entry]))
        dtype = working_dtype(self.is_half, inputs, half_devices)
        image = state[-1] if state else None
        x = self.const.expand(len(styles), -1, -1, -1) if self.const is not None else state[0]
        assert x is not None  # every state has features
        x = x.to(dtype, memory_format=torch.channels_last)
        shortcut = tap(f"{self.name}.skip", self.skip(x)) if self.skip is not None and layer is self.conv0 else None
        in_residual = self.skip is not None and layer is self.conv1
        x = tap(name, layer(x, styles, self._noise(layer, entry, inputs), gain=math.sqrt(0.5) if in_residual else 1.0))
        if shortcut is not None:
            return x, shortcut, image
        if in_residual:
            assert state[1] is not None  # left by conv0
            x = state[1] + x
        if layer is self.conv1 and self.torgb is None:
            x = tap(f"{self.name}:x", x)
        return x, image

    def _run_torgb(
        self, torgb: ToRgb, entry: int, half_devices: Sequence[str], state: State, inputs: SynthesisInputs, tap: Tap
    ) -> State:
        x, image = state
        assert x is not None  # every state has features
        dtype = working_dtype(self.is_half, inputs, half_devices)
        name = f"{self.name}.torgb"
        styles = inputs.styled(name, torgb.affine(inputs.ws[:, entry]))
        y = tap(name, torgb(x.to(dtype), styles))
        if image is not None:
            y = upsample2d(image, self.resample_filter, add=y)
        x = tap(f"{self.name}:x", x)
        y = tap(f"{self.name}:img", y)
        return x, tap("output", y) if self.is_last else y

    def _noise(self, layer: SynthesisLayer, index: int, inputs: SynthesisInputs) -> Tensor | None:
        gain = inputs.noise_gain(index)
        if not self.use_noise or inputs.noise_mode is NoiseMode.NONE or gain == 0:
            return None
        noise = inputs.noise_maps[index] if inputs.noise_maps else layer.noise_const
        return noise if gain == 1 else noise * gain


class StyleGan2(Mapped):
    """A StyleGAN2 generator; a `Generator`."""

    config: StyleGan2Config

    def __init__(self, config: StyleGan2Config) -> None:
        super().__init__(config)
        self.mapping = Mapping(config.mapping)
        self.synthesis = nn.Module()
        self._blocks = tuple(Block(config, i) for i in range(len(config.channels)))
        for block in self._blocks:
            self.synthesis.add_module(block.name, block)
        self.offer(describe(config, count_parameters(self.parameters())), self.make_steps())

    def make_steps(self, half_devices: Sequence[str] = HALF_DEVICES) -> tuple[Step, ...]:
        """The synthesis in execution order. `half_devices`: where the blocks trained in float16 run in it."""
        return tuple(step for block in self._blocks for step in block.steps(half_devices))

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        if not self.config.use_noise:
            return ()
        return tuple(self.config.block_size((i + 1) // 2) for i in range(self.config.num_ws - 1))

    @property
    def stored_noise(self) -> tuple[Tensor, ...]:
        if not self.config.use_noise:
            return ()
        layers = (layer for block in self._blocks for layer in (block.conv0, block.conv1) if layer is not None)
        return tuple(layer.noise_const for layer in layers)


def describe(config: StyleGan2Config, num_parameters: int) -> ModelInfo:
    blocks = range(len(config.channels))
    height, width = config.block_size(len(config.channels) - 1)
    ws_names, half = [], []
    for i in blocks:
        h, w = config.block_size(i)
        convs = ("conv1",) if i == 0 else ("conv0", "conv1")
        ws_names += [f"{size_label(w, h)} {conv}" for conv in convs]
        torgb = config.architecture == "skip" or i == blocks[-1]
        if config.is_half(i):
            half += [f"b{config.resolutions[i]}.{layer}" for layer in (*convs, *(("torgb",) if torgb else ()))]
    return ModelInfo(
        family="StyleGAN2",
        architecture=config.architecture,
        width=width,
        height=height,
        channels=config.image_channels,
        z_dim=config.mapping.z_dim,
        w_dim=config.mapping.w_dim,
        c_dim=config.mapping.c_dim,
        num_ws=config.num_ws,
        ws_names=(*ws_names, f"{size_label(width, height)} rgb"),
        has_noise=config.use_noise,
        noise_ws=tuple(range(config.num_ws - 1)) if config.use_noise else (),
        fp16_layers=tuple(half),
        no_z=config.mapping.no_z,
        class_centres=config.mapping.class_centres,
        num_parameters=num_parameters,
    )
