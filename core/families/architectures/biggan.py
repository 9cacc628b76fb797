"""BigGAN: the family, whose files this program writes, and what the layouts of other programs share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from core.base.errors import CheckpointError
from core.base.text import shown
from core.families.common.converted import ConvertedFamily, largest_channels
from core.families.common.records import (
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_LATENT,
    MAX_RESOLUTION,
    Settings,
    agree,
    unreasonable,
)
from core.families.common.tensor_renaming import Array
from core.networks.biggan import BigGan, BigGanConfig, BlockConfig

MAX_BLOCKS = 32
MAX_STATISTICS = 1001
MAX_INPUT = 64  # edge of the first features
TINY = 1e-12  # what a norm is at least


class BigGanFamily(ConvertedFamily):
    key = "biggan"
    network = BigGan

    def config_of(self, values: Settings) -> BigGanConfig:
        blocks = values.sequence("blocks")
        if not 1 <= len(blocks) <= MAX_BLOCKS:
            raise unreasonable("the number of blocks", len(blocks), f"1 to {MAX_BLOCKS}")
        return checked(
            BigGanConfig(
                z_dim=values.integer("z_dim", 1, MAX_LATENT),
                c_dim=values.integer("c_dim", 1, MAX_CLASSES),
                embed_width=values.integer("embed_width", 1, MAX_LATENT),
                size=values.integer("size", 1, MAX_INPUT),
                blocks=tuple(_block(Settings({"block": block}, "config").child("block")) for block in blocks),
                deep=values.flag("deep"),
                chunks=values.flag("chunks"),
                input_width=values.integer("input_width", 1, 2 * MAX_LATENT),
                statistics=values.integer("statistics", 1, MAX_STATISTICS),
                eps=values.number("eps", 0, 1),
                image_channels=values.integer("image_channels", 1, 4),
            )
        )


def _block(values: Settings) -> BlockConfig:
    return BlockConfig(
        in_channels=values.integer("in_channels", 1, MAX_CHANNELS),
        out_channels=values.integer("out_channels", 1, MAX_CHANNELS),
        hidden=values.integer("hidden", 1, MAX_CHANNELS),
        up=values.flag("up"),
        attention=values.flag("attention"),
    )


def checked(config: BigGanConfig) -> BigGanConfig:
    """The blocks must fit together. Raises CheckpointError if they do not, RefusedFile if a number is unreasonable."""
    if not 1 <= len(config.blocks) <= MAX_BLOCKS:
        raise unreasonable("the number of blocks", len(config.blocks), f"1 to {MAX_BLOCKS}")
    if config.size > MAX_INPUT or config.sizes[-1] > MAX_RESOLUTION:
        raise unreasonable("the size of its pictures", config.sizes[-1], f"at most {MAX_RESOLUTION}")
    if config.chunks and config.z_dim % config.num_ws:
        raise CheckpointError(f"The {config.z_dim} numbers of z are not {config.num_ws} equal parts, one a layer.")
    if config.input_width > config.w_dim:
        raise CheckpointError(f"The input reads {config.input_width} numbers; there are {config.w_dim}.")
    channels = config.blocks[0].in_channels
    for i, (block, size) in enumerate(zip(config.blocks, config.sizes, strict=True)):
        largest_channels(block.in_channels, block.out_channels, block.hidden)
        agree(f"the channels before block {i}", block.in_channels, channels)
        channels = block.out_channels
        if config.deep and block.out_channels > block.in_channels:
            raise CheckpointError(f"Block {i} has more channels at its end than its shortcut can give.")
        if block.attention and (block.out_channels < 8 or size < 2):
            raise CheckpointError(f"The attention after block {i} has too little to attend to; the file is damaged.")
    return config


# ----------------------------------------------------------------------------
# For the layouts.


def first_size(rows: int, blocks: Sequence[BlockConfig]) -> int:
    """The edge of the first features. rows: how many numbers they have. Raises CheckpointError where it is none."""
    size = math.isqrt(rows // blocks[0].in_channels)
    agree("the size of its first features", size * size * blocks[0].in_channels, rows)
    return size


def attention_shapes(channels: int) -> dict[str, tuple[int, int, int, int]]:
    """Of the weights of an attention, by the names of its layers."""
    c, half, eighth = channels, channels // 2, channels // 8
    return {"theta": (eighth, c, 1, 1), "phi": (eighth, c, 1, 1), "g": (half, c, 1, 1), "o": (c, half, 1, 1)}


def unit(vector: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = vector / max(float(np.linalg.norm(vector)), TINY)
    return scaled


def divided(weight: Array, norm: float, prefix: str) -> Array:
    """A weight without its spectral norm. Raises CheckpointError if that is no norm. prefix: what has it"""
    if not math.isfinite(norm) or norm == 0:
        raise CheckpointError(f"The spectral norm of `{shown(prefix)}` is {norm:g}; the file is damaged.")
    return (weight / norm).astype(np.float32)
