"""The BigGAN and BigGAN-deep generators (Brock et al. 2019), with their spectral norms folded into the weights."""

from __future__ import annotations

import math
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

Z_BOUND = 2.0  # z is drawn from a normal distribution within these bounds


@dataclass(frozen=True)
class BlockConfig:
    """A residual block."""

    in_channels: int
    out_channels: int
    hidden: int  # channels between its convolutions
    up: bool  # whether the features become twice as large
    attention: bool = False  # after it


@dataclass(frozen=True)
class BigGanConfig:
    """A BigGAN generator.

    Each entry of ws is a part of z (with `chunks`) or all of it, then the embedding of the class.
    """

    z_dim: int
    c_dim: int
    embed_width: int
    size: int  # edge of the first features, pixels
    blocks: tuple[BlockConfig, ...]
    deep: bool  # blocks with bottlenecks, whose shortcuts leave channels out
    chunks: bool  # the input and each block get a part of z of their own
    input_width: int  # how many numbers of its entry of ws the input reads
    statistics: int = 1  # how many are stored, for psi from 0 to 1; 1: one for all
    eps: float = 1e-5
    image_channels: int = 3

    @property
    def num_ws(self) -> int:
        return len(self.blocks) + 1

    @property
    def z_width(self) -> int:
        """How many numbers of an entry of ws are z."""
        return self.z_dim // self.num_ws if self.chunks else self.z_dim

    @property
    def w_dim(self) -> int:
        return self.z_width + self.embed_width

    def layers(self, block: BlockConfig) -> tuple[tuple[int, int, int], ...]:
        """Of each convolution of a block the channels that come in, those it gives, and its kernel."""
        kernels = (1, 3, 3, 1) if self.deep else (3, 3)
        widths = (block.in_channels, *(block.hidden,) * (len(kernels) - 1), block.out_channels)
        return tuple(zip(widths[:-1], widths[1:], kernels, strict=True))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Edges of the features after each block."""
        return tuple(self.size << sum(block.up for block in self.blocks[: i + 1]) for i in range(len(self.blocks)))


class Norm(nn.Module):
    """Batch normalisation by stored statistics, then gain and offset, then the rectifier."""

    mean: Tensor
    var: Tensor

    def __init__(self, channels: int, config: BigGanConfig) -> None:
        super().__init__()
        self.eps = config.eps
        self.register_buffer("mean", torch.empty(config.statistics, channels))
        self.register_buffer("var", torch.empty(config.statistics, channels))

    def rectified(self, x: Tensor, gain: Tensor, offset: Tensor, psi: float) -> Tensor:
        """x: [N, C, H, W], gain and offset: [C] or [N, C], psi: which of the statistics -> as x"""
        last = len(self.mean) - 1
        row = round(min(abs(psi), 1.0) * last)
        scale = gain * (self.var[row] + self.eps).rsqrt()
        shift = offset - self.mean[row] * scale
        scale, shift = (t.to(x.dtype)[..., None, None] for t in (scale, shift))
        return torch.addcmul(shift, x, scale).relu_()


class ConditionalNorm(Norm):
    """Its gain and offset are linear in an entry of ws."""

    def __init__(self, channels: int, config: BigGanConfig) -> None:
        super().__init__(channels, config)
        self.gain = empty(channels, config.w_dim)
        self.offset = empty(channels, config.w_dim)

    def styles(self, w: Tensor) -> Tensor:
        """w: [N, w_dim] -> the gains, [N, C]"""
        return 1 + w @ self.gain.t()

    def forward(self, x: Tensor, w: Tensor, styles: Tensor, psi: float) -> Tensor:
        return self.rectified(x, styles, w @ self.offset.t(), psi)


class OutputNorm(Norm):
    """Its gain and offset are learned numbers."""

    def __init__(self, channels: int, config: BigGanConfig) -> None:
        super().__init__(channels, config)
        self.gain = empty(channels)
        self.offset = empty(channels)

    def forward(self, x: Tensor, psi: float) -> Tensor:
        return self.rectified(x, self.gain, self.offset, psi)


class BigGanConvolution(nn.Module):
    """A convolution that keeps the size."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = empty(out_channels, in_channels, kernel, kernel)
        self.bias = empty(out_channels) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias.to(x.dtype)
        return F.conv2d(x, self.weight.to(x.dtype), bias, padding=self.weight.shape[-1] // 2)


class Attention(nn.Module):
    """Each position adds what it takes of all others, at half their resolution (Zhang et al. 2019)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.theta = BigGanConvolution(channels, channels // 8, 1, bias=False)
        self.phi = BigGanConvolution(channels, channels // 8, 1, bias=False)
        self.g = BigGanConvolution(channels, channels // 2, 1, bias=False)
        self.o = BigGanConvolution(channels // 2, channels, 1, bias=False)
        self.gamma = empty()

    def forward(self, x: Tensor) -> Tensor:
        queries = self.theta(x)
        keys, values = F.max_pool2d(self.phi(x), 2), F.max_pool2d(self.g(x), 2)
        q, k, v = (t.flatten(2).transpose(1, 2)[:, None] for t in (queries, keys, values))  # [N, 1, positions, C]
        taken = F.scaled_dot_product_attention(q, k, v, scale=1.0)[:, 0].transpose(1, 2)
        back: Tensor = self.o(taken.reshape(len(x), -1, *x.shape[2:]))
        return x + self.gamma.to(x.dtype) * back


class Block(nn.Module):
    """Norms and convolutions around which a shortcut leads."""

    def __init__(self, own: BlockConfig, config: BigGanConfig) -> None:
        super().__init__()
        layers = config.layers(own)
        self.norms = nn.ModuleList(ConditionalNorm(channels, config) for channels, _, _ in layers)
        self.convs = nn.ModuleList(BigGanConvolution(*layer) for layer in layers)
        self.shortcut = None if config.deep else BigGanConvolution(own.in_channels, own.out_channels, 1)
        self.up = own.up
        self.up_at = 1 if config.deep else 0  # before which convolution

    def styles(self, w: Tensor) -> Tensor:
        """w: [N, w_dim] -> the gains of the channels that come in, [N, C]"""
        first = self.norms[0]
        assert isinstance(first, ConditionalNorm)
        return first.styles(w)

    def shapes(self, edge: int) -> tuple[ConvolutionShape, ...]:
        """Of its convolutions. edge: of what it gives, pixels"""
        before = edge // 2 if self.up else edge
        edges = (before if i < self.up_at else edge for i in range(len(self.convs)))
        found = [shape for conv, e in zip(self.convs, edges, strict=True) for shape in same_size(conv, (e, e))]
        return *found, *(() if self.shortcut is None else same_size(self.shortcut, (before, before)))

    def forward(self, x: Tensor, w: Tensor, styles: Tensor, psi: float) -> Tensor:
        """x: [N, I, H, W], w: [N, w_dim], styles: [N, I] -> [N, O, h, w]"""
        y = x
        for i, (norm, conv) in enumerate(zip(self.norms, self.convs, strict=True)):
            y = norm(y, w, styles if i == 0 else norm.styles(w), psi)  # type: ignore[operator]
            y = conv(twice(y) if self.up and i == self.up_at else y)
        near = x[:, : y.shape[1]] if self.shortcut is None else self.shortcut(x)
        return y + (twice(near) if self.up else near)


def twice(x: Tensor) -> Tensor:
    """Each pixel becomes four."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class Synthesis(nn.Module):
    """The layers. Its methods are the steps; a state is the features alone."""

    def __init__(self, config: BigGanConfig) -> None:
        super().__init__()
        channels, last = config.blocks[0].in_channels, config.blocks[-1].out_channels
        self.shape = (channels, config.size, config.size)
        self.input = nn.Module()
        self.input.weight = empty(math.prod(self.shape), config.input_width)
        self.input.bias = empty(math.prod(self.shape))
        self.blocks = nn.ModuleList(Block(block, config) for block in config.blocks)
        self.attentions = nn.ModuleDict(
            {str(i): Attention(block.out_channels) for i, block in enumerate(config.blocks) if block.attention}
        )
        self.norm = OutputNorm(last, config)
        self.torgb = BigGanConvolution(last, config.image_channels, 3)
        self.reads_psi = config.statistics > 1

    def run_input(self, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        weight, bias = self.get_parameter("input.weight"), self.get_parameter("input.bias")
        x = F.linear(inputs.ws[:, 0, : weight.shape[1]], weight, bias).view(-1, *self.shape)
        x = x.to(working_dtype(False, inputs, ()), memory_format=torch.channels_last)
        return (tap("input", x),)

    def run_block(self, block: Block, name: str, entry: int, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        w = inputs.ws[:, entry]
        styles = inputs.styled(name, block.styles(w))
        return (tap(name, block(_features(state, inputs), w, styles, inputs.psi(entry))),)

    def run_attention(self, attention: nn.Module, name: str, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        return (tap(name, attention(_features(state, inputs))),)

    def run_output(self, entry: int, state: State, inputs: SynthesisInputs, tap: Tap) -> State:
        y = tap("torgb", self.torgb(self.norm(_features(state, inputs), inputs.psi(entry))))
        return (tap("output", y.to(torch.float32, memory_format=torch.contiguous_format).tanh()),)


def _features(state: State, inputs: SynthesisInputs) -> Tensor:
    (x,) = state
    assert x is not None  # every state has features
    return x.to(working_dtype(False, inputs, ()))


class BigGan(Passed):
    """A BigGAN generator; a `Generator`."""

    def __init__(self, config: BigGanConfig) -> None:
        super().__init__(config)
        self.mapping = Embedding(config.c_dim, config.embed_width, entries=config.num_ws, parts=config.chunks)
        self.synthesis = Synthesis(config)
        self.offer(describe(config, count_parameters(self.parameters())), tuple(self._make_steps()))

    def _make_steps(self) -> Iterator[Step]:
        own, config = self.synthesis, self.config
        yield Step("input", own.run_input, (0,), tensors=("synthesis.input.",), shape=own.shape)
        for i, (block, size) in enumerate(zip(config.blocks, config.sizes, strict=True)):
            module = own.blocks[i]
            assert isinstance(module, Block)
            entry, name, shape = i + 1, f"block{i}", (block.out_channels, size, size)
            yield Step(
                name, partial(own.run_block, module, name, entry), (entry,), row=entry, affine=module.styles,
                psi=entry if own.reads_psi else None, tensors=(f"synthesis.blocks.{i}.",), shape=shape,
                convolutions=module.shapes(size),
            )  # fmt: skip
            if block.attention:
                name, place = f"attention{i}", f"synthesis.attentions.{i}."
                attention = own.attentions[str(i)]
                run, convolutions = partial(own.run_attention, attention, name), same_size(attention, (size, size))
                yield Step(name, run, row=entry, tensors=(place,), shape=shape, convolutions=convolutions)
        last, tensors = len(config.blocks), ("synthesis.norm.", "synthesis.torgb.")
        size = (config.sizes[-1], config.sizes[-1])
        yield Step(
            "torgb", partial(own.run_output, last), row=last, psi=last if own.reads_psi else None, tensors=tensors,
            shape=(config.image_channels, *size), convolutions=same_size(own.torgb, size),
        )  # fmt: skip


def describe(config: BigGanConfig, num_parameters: int) -> ModelInfo:
    edge = config.sizes[-1]
    names = (f"{size_label(size, size)} block{i}" for i, size in enumerate(config.sizes))
    return ModelInfo(
        family="BigGAN",
        architecture="deep" if config.deep else "z in parts" if config.chunks else "plain",
        width=edge,
        height=edge,
        channels=config.image_channels,
        z_dim=config.z_dim,
        w_dim=config.w_dim,
        c_dim=config.c_dim,
        num_ws=config.num_ws,
        ws_names=(f"{size_label(config.size, config.size)} input", *names),
        has_w=False,
        truncates=Truncates.STATISTICS if config.statistics > 1 else Truncates.Z,
        z_width=config.z_width,
        z_bound=Z_BOUND,
        runs_in_float64=True,
        num_parameters=num_parameters,
    )
