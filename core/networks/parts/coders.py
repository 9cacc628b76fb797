"""The encoder and the decoder of VQGAN: residual blocks, attention, resampling by 2 (Esser et al. 2021, appendix).

No layer changes a tensor that it was given.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ops.base.styled_weights import StyledWeights
from ops.conv import conv2d

GROUPS, EPSILON = 32, 1e-6  # of all group norms
MAX_SCORES = 1 << 26  # products of queries and keys that attention holds at once


@dataclass(frozen=True)
class Level:
    """The blocks of one resolution."""

    width: int  # channels
    blocks: int
    attention: bool  # after each block
    learned: bool  # whether a convolution takes part in the resampling to the next level


@dataclass(frozen=True)
class CoderConfig:
    """An encoder or a decoder. Level 0 is that of the picture."""

    channels: int  # of the picture
    width: int  # what `conv_in` gives
    levels: tuple[Level, ...]
    attention: bool  # in the middle
    late_shortcuts: bool = False  # those that change the channels read what the convolutions gave, not what they read


@dataclass(frozen=True)
class Part:
    """One layer: its name, which is also what the names of its tensors begin with, and what it does."""

    name: str
    run: Callable[[Tensor], Tensor]
    channels: int  # that it gives
    level: int  # where its output lies; the top level is that of the codes
    tensors: tuple[str, ...]


class Conv(nn.Conv2d):
    """A convolution that runs in the type of its input. kept: its weights are kept in a fast form, too."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 3, *, stride: int = 1, kept: bool = False) -> None:
        super().__init__(inputs, outputs, kernel, stride, padding=kernel // 2 if stride == 1 else 0)
        self._kept = kept
        self._prepared: tuple[object, StyledWeights] | None = None

    def forward(self, x: Tensor) -> Tensor:
        assert self.bias is not None  # all have one
        if self._kept:
            return conv2d(x, self._weights(), self.bias)
        y: Tensor = self._conv_forward(x, self.weight.to(x.dtype), self.bias.to(x.dtype))
        return y

    def _weights(self) -> StyledWeights:
        """Prepared anew when the weights have been changed or moved."""
        key = (self.weight.data_ptr(), self.weight._version)
        if self._prepared is None or self._prepared[0] != key:
            self._prepared = (key, StyledWeights(self.weight))
        return self._prepared[1]


class Norm(nn.GroupNorm):
    """Group norm, then swish: x sigmoid(x)."""

    def __init__(self, channels: int, *, swish: bool = True) -> None:
        super().__init__(GROUPS, channels, EPSILON)
        self._swish = swish

    def forward(self, x: Tensor) -> Tensor:
        y = F.group_norm(x, GROUPS, self.weight.to(x.dtype), self.bias.to(x.dtype), EPSILON)
        return F.silu(y, inplace=True) if self._swish else y


class ResnetBlock(nn.Module):
    """x + two convolutions. [N, I, H, W] -> [N, O, H, W]

    late: where the channels change, what the convolutions gave is also what the shortcut reads (Chang et al. 2022).
    """

    def __init__(self, inputs: int, outputs: int, *, kept: bool, late: bool) -> None:
        super().__init__()
        self.norm1, self.conv1 = Norm(inputs), Conv(inputs, outputs, kept=kept)
        self.norm2, self.conv2 = Norm(outputs), Conv(outputs, outputs, kept=kept)
        self.nin_shortcut = Conv(outputs if late else inputs, outputs, 1) if inputs != outputs else None
        self._late = late

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv2(self.norm2(self.conv1(self.norm1(x))))
        result: Tensor = y.add_(x if self.nin_shortcut is None else self.nin_shortcut(y if self._late else x))
        return result


class Attention(nn.Module):
    """x + what each position takes of all others, with a single head. [N, C, H, W] -> the same"""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = Norm(channels, swish=False)
        self.q, self.k, self.v, self.proj_out = (Conv(channels, channels, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norm(x)
        q, k, v = (conv(y).flatten(2).transpose(1, 2) for conv in (self.q, self.k, self.v))  # [N, H W, C]
        y = attend(q, k, v).transpose(1, 2).reshape(x.shape)
        result: Tensor = x + self.proj_out(y)
        return result


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """softmax(q k^T / sqrt(C)) v, a part of the queries after another, with which nothing changes. [N, P, C]"""
    at_once = max(1, MAX_SCORES // (len(q) * k.shape[1]))
    k = k.transpose(1, 2) / math.sqrt(q.shape[2])
    return torch.cat([torch.softmax(part @ k, dim=2) @ v for part in torch.split(q, at_once, dim=1)], dim=1)


class Middle(nn.Module):
    """Between the levels and the codes."""

    def __init__(self, width: int, attention: bool, *, kept: bool) -> None:
        super().__init__()
        self.block_1 = ResnetBlock(width, width, kept=kept, late=False)
        self.attn_1 = Attention(width) if attention else None
        self.block_2 = ResnetBlock(width, width, kept=kept, late=False)

    def parts(self, width: int, level: int) -> list[Part]:
        layers = (("block_1", self.block_1), ("attn_1", self.attn_1), ("block_2", self.block_2))
        return [part(f"mid.{name}", layer, width, level) for name, layer in layers if layer is not None]


class Blocks(nn.Module):
    """The blocks of a level and their attention; its resampling is added by who knows the direction."""

    def __init__(self, inputs: int, level: Level, *, kept: bool, late: bool) -> None:
        super().__init__()
        widths = (inputs, *(level.width,) * level.blocks)
        self.block = nn.ModuleList(ResnetBlock(a, level.width, kept=kept, late=late) for a in widths[:-1])
        self.attn = nn.ModuleList(Attention(level.width) for _ in self.block) if level.attention else nn.ModuleList()

    def parts(self, name: str, width: int, level: int) -> list[Part]:
        found = []
        for j, block in enumerate(self.block):
            found.append(part(f"{name}.block.{j}", block, width, level))
            if len(self.attn):
                found.append(part(f"{name}.attn.{j}", self.attn[j], width, level))
        return found


class Upsample(nn.Module):
    """Each pixel four times, then a convolution."""

    def __init__(self, width: int, learned: bool) -> None:
        super().__init__()
        self.conv = Conv(width, width, kept=True) if learned else None

    def forward(self, x: Tensor) -> Tensor:
        y = F.interpolate(x, scale_factor=2, mode="nearest")
        return y if self.conv is None else self.conv(y)


class Downsample(nn.Module):
    """A convolution at every other pixel, which reads one pixel beyond the right and the bottom border."""

    def __init__(self, width: int, learned: bool) -> None:
        super().__init__()
        self.conv = Conv(width, width, stride=2) if learned else None

    def forward(self, x: Tensor) -> Tensor:
        return F.avg_pool2d(x, 2) if self.conv is None else self.conv(F.pad(x, (0, 1, 0, 1)))


class Decoder(nn.Module):
    """[N, z_channels, h, w] -> the picture, [N, channels, h f, w f]"""

    def __init__(self, config: CoderConfig, z_channels: int) -> None:
        super().__init__()
        top = len(config.levels) - 1
        self.conv_in = Conv(z_channels, config.width, kept=True)
        self.mid = Middle(config.width, config.attention, kept=True)
        inputs = [*(level.width for level in config.levels[1:]), config.width]
        late = config.late_shortcuts
        self.up = nn.ModuleList(Blocks(a, b, kept=True, late=late) for a, b in zip(inputs, config.levels, strict=True))
        for i, level in enumerate(config.levels):
            if i > 0:
                self.up[i].upsample = Upsample(level.width, level.learned)
        self.norm_out = Norm(config.levels[0].width)
        self.conv_out = Conv(config.levels[0].width, config.channels)
        self.parts = self._parts(config, top)

    def _parts(self, config: CoderConfig, top: int) -> tuple[Part, ...]:
        found = [part("conv_in", self.conv_in, config.width, top), *self.mid.parts(config.width, top)]
        for i, level in reversed(list(enumerate(config.levels))):
            blocks = self.up[i]
            assert isinstance(blocks, Blocks)
            found += blocks.parts(f"up.{i}", level.width, i)
            if i > 0:
                found.append(part(f"up.{i}.upsample", blocks.upsample, level.width, i - 1))
        found.append(Part("conv_out", self._finish, config.channels, 0, ("norm_out.", "conv_out.")))
        return tuple(found)

    def _finish(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv_out(self.norm_out(x))
        return result


class Encoder(nn.Module):
    """The picture, [N, channels, H, W] -> [N, z_channels, H // f, W // f]"""

    def __init__(self, config: CoderConfig, z_channels: int) -> None:
        super().__init__()
        top = len(config.levels) - 1
        self.conv_in = Conv(config.channels, config.width)
        inputs = [config.width, *(level.width for level in config.levels[:-1])]
        late, levels = config.late_shortcuts, zip(inputs, config.levels, strict=True)
        self.down = nn.ModuleList(Blocks(a, b, kept=False, late=late) for a, b in levels)
        for i, level in enumerate(config.levels):
            if i < top:
                self.down[i].downsample = Downsample(level.width, level.learned)
        self.mid = Middle(config.levels[-1].width, config.attention, kept=False)
        self.norm_out = Norm(config.levels[-1].width)
        self.conv_out = Conv(config.levels[-1].width, z_channels)
        self.parts = self._parts(config, z_channels, top)

    def _parts(self, config: CoderConfig, z_channels: int, top: int) -> tuple[Part, ...]:
        found = [part("conv_in", self.conv_in, config.width, 0)]
        for i, level in enumerate(config.levels):
            blocks = self.down[i]
            assert isinstance(blocks, Blocks)
            found += blocks.parts(f"down.{i}", level.width, i)
            if i < top:
                found.append(part(f"down.{i}.downsample", blocks.downsample, level.width, i + 1))
        found += self.mid.parts(config.levels[-1].width, top)
        found.append(Part("conv_out", self._finish, z_channels, top, ("norm_out.", "conv_out.")))
        return tuple(found)

    def _finish(self, x: Tensor) -> Tensor:
        result: Tensor = self.conv_out(self.norm_out(x))
        return result


def part(name: str, layer: object, channels: int, level: int) -> Part:
    assert isinstance(layer, nn.Module)
    return Part(name, layer, channels, level, (f"{name}.",))
