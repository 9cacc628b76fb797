"""The R3GAN generator: residual blocks with grouped convolutions, without norms and without a W (Huang et al. 2024)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.parts.layers import count_parameters, empty, size_label, working_dtype
from core.networks.parts.modules import same_size
from core.networks.parts.unmapped import Embedding, Passed
from core.request import ModelInfo, Truncates
from core.synthesis.convolution import ConvolutionShape
from core.synthesis.generator import State, Step, SynthesisInputs, Tap
from ops.bias_act import bias_act
from ops.upfirdn2d import upsample2d


@dataclass(frozen=True)
class StageConfig:
    """The blocks of one resolution, each twice as large as the one before it."""

    channels: int
    blocks: int
    hidden: int  # channels between the convolutions of a block
    groups: int  # of the convolution in its middle


@dataclass(frozen=True)
class R3GanConfig:
    """An R3GAN generator."""

    z_dim: int
    c_dim: int  # 0: unconditional
    embed_width: int  # of the class; 0 if c_dim is 0
    size: tuple[int, int]  # height and width of the first features
    stages: tuple[StageConfig, ...]
    image_channels: int = 3
    taps: int = 4  # edge of the resampling filters

    @property
    def w_dim(self) -> int:
        return self.z_dim + self.embed_width

    def stage_size(self, index: int) -> tuple[int, int]:
        """Height and width of a stage."""
        return self.size[0] << index, self.size[1] << index


class Basis(nn.Module):
    """z and the class as weights of learned pictures."""

    def __init__(self, config: R3GanConfig) -> None:
        super().__init__()
        channels = config.stages[0].channels
        self.basis = empty(channels, *config.size)
        self.weight = empty(channels, config.w_dim)

    def forward(self, w: Tensor) -> Tensor:
        """w: [N, w_dim] -> [N, C, h, w]"""
        return (w @ self.weight.t())[:, :, None, None] * self.basis


class Up(nn.Module):
    """Other channels, where their number changes, and twice the size."""

    filter: Tensor

    def __init__(self, in_channels: int, out_channels: int, taps: int) -> None:
        super().__init__()
        self.weight = empty(out_channels, in_channels, 1, 1) if in_channels != out_channels else None
        self.register_buffer("filter", torch.empty(taps, taps))

    def convolutions(self, size: tuple[int, int]) -> tuple[ConvolutionShape, ...]:
        """size: height and width of what it gives"""
        return same_size(self, (size[0] // 2, size[1] // 2))

    def forward(self, x: Tensor) -> Tensor:
        """x: [N, I, H, W] -> [N, O, 2 H, 2 W]"""
        x = x if self.weight is None else F.conv2d(x, self.weight.to(x.dtype))
        return upsample2d(x, self.filter)


class Block(nn.Module):
    """Widens, mixes neighbours in groups of channels, narrows; added to what came in."""

    def __init__(self, own: StageConfig) -> None:
        super().__init__()
        self.groups = own.groups
        self.widen = empty(own.hidden, own.channels, 1, 1)
        self.bias1 = empty(own.hidden)
        self.blend = empty(own.hidden, own.hidden // own.groups, 3, 3)
        self.bias2 = empty(own.hidden)
        self.narrow = empty(own.channels, own.hidden, 1, 1)

    def convolutions(self, size: tuple[int, int]) -> tuple[ConvolutionShape, ...]:
        weights = ((self.widen, 1), (self.blend, self.groups), (self.narrow, 1))
        return tuple(ConvolutionShape.same(weight.shape, size, groups=groups) for weight, groups in weights)

    def forward(self, x: Tensor) -> Tensor:
        y = bias_act(F.conv2d(x, self.widen.to(x.dtype)), self.bias1, act="lrelu", gain=1.0, inplace=True)
        y = F.conv2d(y, self.blend.to(x.dtype), padding=1, groups=self.groups)
        y = bias_act(y, self.bias2, act="lrelu", gain=1.0, inplace=True)
        return x + F.conv2d(y, self.narrow.to(x.dtype))


class Stage(nn.Module):
    """All layers of a resolution but the basis."""

    def __init__(self, config: R3GanConfig, index: int) -> None:
        super().__init__()
        own, before = config.stages[index], config.stages[index - 1]
        self.up = Up(before.channels, own.channels, config.taps) if index else None
        self.blocks = nn.ModuleList(Block(own) for _ in range(own.blocks))


class Synthesis(nn.Module):
    """The layers. Its methods are the steps; a state is the features alone."""

    def __init__(self, config: R3GanConfig) -> None:
        super().__init__()
        self.input = Basis(config)
        self.stages = nn.ModuleList(Stage(config, index) for index in range(len(config.stages)))
        self.torgb = empty(config.image_channels, config.stages[-1].channels, 1, 1)

    def run_input(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        x = self.input(inputs.ws[:, 0])
        return (tap("input", x.to(working_dtype(False, inputs, ()), memory_format=torch.channels_last)),)

    def run_layer(self, layer: nn.Module, name: str, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        return (tap(name, layer(_features(state, inputs))),)

    def run_output(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        x = _features(state, inputs)
        y = tap("torgb", F.conv2d(x, self.torgb.to(x.dtype)))
        return (tap("output", y.to(torch.float32, memory_format=torch.contiguous_format)),)


def _features(state: State, inputs: SynthesisInputs) -> Tensor:
    (x,) = state
    assert x is not None  # every state has features
    return x.to(working_dtype(False, inputs, ()))


class R3Gan(Passed):
    """An R3GAN generator; a `Generator`. Its only entry of ws is z and the class."""

    def __init__(self, config: R3GanConfig) -> None:
        super().__init__(config)
        self.mapping = Embedding(config.c_dim, config.embed_width)
        self.synthesis = Synthesis(config)
        self.offer(describe(config, count_parameters(self.parameters())), tuple(self._make_steps()))

    def _make_steps(self) -> Iterator[Step]:
        own, config = self.synthesis, self.config
        size = config.size
        shape = (config.stages[0].channels, *size)
        yield Step("input", own.run_input, (0,), tensors=("synthesis.input.",), shape=shape)
        for i, stage in enumerate(own.stages):
            assert isinstance(stage, Stage)
            size = config.stage_size(i)
            place = f"synthesis.stages.{i}"
            layers: list[tuple[str, str, Up | Block]] = []
            if stage.up is not None:
                layers.append(("up", f"{place}.up.", stage.up))
            for j, block in enumerate(stage.blocks):
                assert isinstance(block, Block)
                layers.append((f"block{j}", f"{place}.blocks.{j}.", block))
            for name, tensors, layer in layers:
                name = f"b{size[0]}.{name}"
                yield Step(
                    name, partial(own.run_layer, layer, name), tensors=(tensors,),
                    shape=(config.stages[i].channels, *size), convolutions=layer.convolutions(size),
                )  # fmt: skip
        yield Step(
            "torgb", own.run_output, tensors=("synthesis.torgb",), shape=(config.image_channels, *size),
            convolutions=(ConvolutionShape.same(own.torgb.shape, size),),
        )  # fmt: skip


def describe(config: R3GanConfig, num_parameters: int) -> ModelInfo:
    height, width = config.stage_size(len(config.stages) - 1)
    return ModelInfo(
        family="R3GAN",
        architecture="conditional" if config.c_dim else "unconditional",
        width=width,
        height=height,
        channels=config.image_channels,
        z_dim=config.z_dim,
        w_dim=config.w_dim,
        c_dim=config.c_dim,
        num_ws=1,
        ws_names=(f"{size_label(*config.size[::-1])} input",),
        has_w=False,
        truncates=Truncates.Z,
        z_width=config.z_dim,
        num_parameters=num_parameters,
    )
