"""The StyleGAN2 generator of the package stylegan2-pytorch, whose arithmetic is another than the paper's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.parts.layers import StyledLayer, count_parameters, empty, size_label, working_dtype
from core.networks.parts.modules import GeneratorModule, same_size
from core.request import ModelInfo, NoiseMode
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from ops.base.constants import LRELU_SLOPE
from ops.bias_act import bias_act
from ops.styled_conv import styled_conv2d

FIRST = 4  # edge of the first features
LR = 0.1  # of the mapping; files do not tell
W_AVG_SAMPLES = 2000


@dataclass(frozen=True)
class LucidrainsStyleGan2Config:
    """A generator of stylegan2-pytorch."""

    z_dim: int
    widths: tuple[int, ...]  # of the mapping's layers; the last is the width of w
    first: int  # channels of the learned constant
    channels: tuple[int, ...]  # of the blocks at 4, 8, 16, ... pixels
    image_channels: int = 3
    lr: float = LR

    @property
    def w_dim(self) -> int:
        return self.widths[-1]

    def size(self, block: int) -> int:
        return FIRST << block


class Mapping(nn.Module):
    """z of unit length, through fully connected layers, to w."""

    w_avg: Tensor

    def __init__(self, config: LucidrainsStyleGan2Config) -> None:
        super().__init__()
        widths = (config.z_dim, *config.widths)
        self.lr = config.lr
        self.weights = nn.ParameterList(empty(o, i) for i, o in pairwise(widths))
        self.biases = nn.ParameterList(empty(o) for o in config.widths)
        self.register_buffer("w_avg", torch.empty(config.w_dim))

    def forward(self, z: Tensor) -> Tensor:
        """z: [N, z_dim] -> w: [N, w_dim]"""
        x = F.normalize(z)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            x = F.leaky_relu(F.linear(x, weight * self.lr, bias * self.lr), LRELU_SLOPE)
        return x

    @torch.no_grad()
    def estimate_w_avg(self) -> None:
        """Set w_avg to the mean w of random z."""
        z = torch.randn(W_AVG_SAMPLES, self.weights[0].shape[1], generator=torch.Generator().manual_seed(0))
        self.w_avg.copy_(self(z).mean(dim=0))


class Styled(StyledLayer):
    """What the convolutions share: scales of the channels that come in, linear in w."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, w_dim: int) -> None:
        super().__init__()
        self.weight = empty(out_channels, in_channels, kernel, kernel)
        self.style = empty(in_channels, w_dim)
        self.style_bias = empty(in_channels)

    def reset(self, random: torch.Generator) -> None:
        self.weight.normal_(generator=random)
        self.style.normal_(generator=random).div_(math.sqrt(self.style.shape[1]))
        self.style_bias.zero_()

    def styles(self, w: Tensor) -> Tensor:
        """w: [N, w_dim] -> [N, I]"""
        return torch.addmm(1 + self.style_bias, w, self.style.t())


class NoisyConvolution(Styled):
    """3x3, then noise with a strength and an offset of its own in each channel, then the activation."""

    def __init__(self, in_channels: int, out_channels: int, w_dim: int) -> None:
        super().__init__(in_channels, out_channels, 3, w_dim)
        self.strength = empty(out_channels)
        self.bias = empty(out_channels)

    def reset(self, random: torch.Generator) -> None:
        super().reset(random)
        self.strength.zero_()
        self.bias.zero_()

    def forward(self, x: Tensor, styles: Tensor, noise: Tensor) -> Tensor:
        """x: [N, I, H, W], styles: [N, I], noise: [1 or N, 1, H, W] -> [N, O, H, W]"""
        y = styled_conv2d(x, self.styled_weights(), styles, padding=1)
        y = y.addcmul(noise.to(y.dtype), self.strength.to(y.dtype)[:, None, None])
        return bias_act(y, self.bias, act="lrelu", gain=1.0, inplace=True)


class ToRgb(Styled):
    """1x1 without demodulation, to the channels of the image."""

    def forward(self, x: Tensor, styles: Tensor) -> Tensor:
        """x: [N, I, H, W], styles: [N, I] -> float32 [N, image channels, H, W]"""
        y = styled_conv2d(x, self.styled_weights(), styles, demodulate=False)
        return y.to(torch.float32, memory_format=torch.contiguous_format)


class Block(nn.Module):
    """The layers of a resolution."""

    filter: Tensor

    def __init__(self, config: LucidrainsStyleGan2Config, index: int) -> None:
        super().__init__()
        before = config.channels[index - 1] if index else config.first
        channels, width = config.channels[index], config.w_dim
        self.conv1 = NoisyConvolution(before, channels, width)
        self.conv2 = NoisyConvolution(channels, channels, width)
        self.torgb = ToRgb(channels, config.image_channels, 1, width)
        self.is_last = index == len(config.channels) - 1
        if not self.is_last:
            self.register_buffer("filter", torch.empty(3))

    def enlarged(self, image: Tensor) -> Tensor:
        """The image for the next block: twice as large, and smoothed, with its edges mirrored."""
        channels = image.shape[1]
        kernel = torch.outer(self.filter, self.filter) / self.filter.sum().square()
        image = F.pad(twice(image), (1, 1, 1, 1), mode="reflect")
        return F.conv2d(image, kernel.expand(channels, 1, 3, 3), groups=channels)


def twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class Synthesis(nn.Module):
    """The layers. Its methods are the steps; a state is (features, image so far)."""

    noise: Tensor

    def __init__(self, config: LucidrainsStyleGan2Config) -> None:
        super().__init__()
        edge = config.size(len(config.channels) - 1)
        self.const = empty(config.first, FIRST, FIRST)
        self.weight = empty(config.first, config.first, 3, 3)
        self.bias = empty(config.first)
        self.blocks = nn.ModuleList(Block(config, index) for index in range(len(config.channels)))
        self.register_buffer("noise", torch.empty(edge, edge))  # normally distributed

    def run_input(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        dtype = working_dtype(False, inputs, ())
        x = self.const.expand(len(inputs.ws), -1, -1, -1).to(dtype, memory_format=torch.channels_last)
        return tap("input", F.conv2d(x, self.weight.to(dtype), self.bias.to(dtype), padding=1)), None

    def run_conv(
        self, conv: NoisyConvolution, name: str, entry: int, noise: int, up: bool, state: State,
        inputs: SynthesisInputs, tap: Tap,
    ) -> State:  # fmt: skip
        x, image = state
        assert x is not None  # every state has features
        x = x.to(working_dtype(False, inputs, ()))
        x = twice(x) if up else x
        styles = inputs.styled(name, conv.styles(inputs.ws[:, entry]))
        return tap(name, conv(x, styles, self._noise(inputs, noise, x.shape[-1]))), image

    def run_torgb(
        self, block: Block, name: str, entry: int, state: State, inputs: SynthesisInputs, tap: Tap
    ) -> State:
        x, image = state
        assert x is not None  # every state has features
        x = x.to(working_dtype(False, inputs, ()))
        styles = inputs.styled(f"{name}.torgb", block.torgb.styles(inputs.ws[:, entry]))
        y = tap(f"{name}.torgb", block.torgb(x, styles))
        y = tap(f"{name}:img", y if image is None else image + y)
        if block.is_last:
            return x, tap("output", y * 2 - 1)  # its colours are from 0 to 1
        return x, block.enlarged(y)

    def _noise(self, inputs: SynthesisInputs, index: int, size: int) -> Tensor:
        """Uniformly distributed noise, [1 or N, 1, size, size]: a corner of one picture for all, columns for rows.

        Without noise, and where it has no strength, its mean is left.
        """
        gain = 0.0 if inputs.noise_mode is NoiseMode.NONE else inputs.noise_gain(index)
        drawn = inputs.noise_maps[0] if inputs.noise_maps else self.noise[None, None]
        uniform: Tensor = torch.special.ndtr(drawn[:, :, :size, :size].transpose(2, 3))
        return 0.5 + gain * (uniform - 0.5) if gain != 1 else uniform


class LucidrainsStyleGan2(GeneratorModule):
    """A generator of stylegan2-pytorch; a `Generator`."""

    config: LucidrainsStyleGan2Config

    def __init__(self, config: LucidrainsStyleGan2Config) -> None:
        super().__init__(config)
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)
        self.offer(describe(config, count_parameters(self.parameters())), tuple(self._make_steps()))

    def _make_steps(self) -> Iterator[Step]:
        own, config = self.synthesis, self.config
        tensors = ("synthesis.const", "synthesis.weight", "synthesis.bias")
        yield Step(
            "input", own.run_input, tensors=tensors, shape=(config.first, FIRST, FIRST),
            convolutions=(ConvolutionShape.same(own.weight.shape, (FIRST, FIRST)),),
        )  # fmt: skip
        for i, block in enumerate(own.blocks):
            assert isinstance(block, Block)
            size, name = config.size(i), f"b{config.size(i)}"
            place, shape = f"synthesis.blocks.{i}.", (config.channels[i], size, size)
            for number, conv in enumerate((block.conv1, block.conv2)):
                layer, noise = f"conv{number + 1}", 2 * i + number
                run = partial(own.run_conv, conv, f"{name}.{layer}", i, noise, number == 0 and i > 0)
                yield Step(
                    f"{name}.{layer}", run, (i,), noise, row=i, affine=conv.styles, tensors=(f"{place}{layer}.",),
                    shape=shape, convolutions=same_size(conv, (size, size)),
                )  # fmt: skip
            yield Step(
                f"{name}.torgb", partial(own.run_torgb, block, name, i), (i,), row=i, affine=block.torgb.styles,
                tensors=(f"{place}torgb.", f"{place}filter"), shape=(config.image_channels, size, size),
                convolutions=same_size(block.torgb, (size, size)),
            )  # fmt: skip

    @property
    def noise_shapes(self) -> tuple[tuple[int, int], ...]:
        edge = self.config.size(len(self.config.channels) - 1)
        return ((edge, edge),)

    @property
    def stored_noise(self) -> tuple[Tensor, ...]:
        return (self.synthesis.noise,)

    @property
    def w_avg(self) -> Tensor:
        return self.mapping.w_avg

    def centre(self, c: Tensor | None) -> Tensor:
        return self.mapping.w_avg[None]

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        w: Tensor = self.mapping(z)
        return w[:, None].expand(-1, len(self.config.channels), -1)


def describe(config: LucidrainsStyleGan2Config, num_parameters: int) -> ModelInfo:
    count = len(config.channels)
    edge = config.size(count - 1)
    return ModelInfo(
        family="StyleGAN2",
        architecture="stylegan2-pytorch",
        width=edge,
        height=edge,
        channels=config.image_channels,
        z_dim=config.z_dim,
        w_dim=config.w_dim,
        c_dim=0,
        num_ws=count,
        ws_names=tuple(f"{size_label(config.size(i), config.size(i))} block" for i in range(count)),
        has_noise=True,
        noise_ws=tuple(range(count)),
        num_parameters=num_parameters,
    )
