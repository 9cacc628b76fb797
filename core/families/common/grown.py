"""Families of progressively grown generators, as this program writes them; what else there is are layouts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.base.errors import CheckpointError, UnsupportedFile
from core.families.common.records import MAX_CHANNELS, MAX_RESOLUTION, Settings, unreasonable
from core.families.common.tensor_renaming import Array
from core.networks.parts.progressive_config import Progression

MAX_BLOCKS = int(math.log2(MAX_RESOLUTION)) - 1
UNTRAINED_SPREAD = 5.0  # standard errors by which the deviation of new weights may differ from 1


def progression_of_json(values: Settings) -> Progression:
    """Raises CheckpointError if a member is missing or unreasonable."""
    height, width = values.integers("first_size", 1, MAX_RESOLUTION, (2,))
    return checked(
        Progression(
            channels=values.integers("channels", 1, MAX_CHANNELS, range(1, MAX_BLOCKS + 1)),
            image_channels=values.integer("image_channels", 1, MAX_CHANNELS),
            first_size=(height, width),
            rgb_layers=values.integer("rgb_layers", 1, MAX_BLOCKS),
            lod=values.number("lod", 0, MAX_BLOCKS),
        )
    )


def checked(blocks: Progression) -> Progression:
    """Raises CheckpointError if the blocks are unreasonable or contradict each other."""
    if not 1 <= len(blocks.channels) <= MAX_BLOCKS:
        raise unreasonable("the number of blocks", len(blocks.channels), f"1 to {MAX_BLOCKS}")
    if max(blocks.picture) > MAX_RESOLUTION:
        raise unreasonable("resolution", max(blocks.picture), f"at most {MAX_RESOLUTION}")
    if max(blocks.channels) > MAX_CHANNELS:
        raise unreasonable("channels", max(blocks.channels), f"at most {MAX_CHANNELS}")
    if blocks.image_channels > 4:
        raise UnsupportedFile(
            f"The network draws {blocks.image_channels} channels; this program shows pictures of 1 to 4 channels."
        )
    if not 1 <= blocks.rgb_layers <= len(blocks.channels):
        raise CheckpointError(
            f"The network has {blocks.rgb_layers} layers to RGB for {len(blocks.channels)} resolutions; "
            "it has at most one for each."
        )
    if not 0 <= blocks.lod <= blocks.max_lod:
        raise CheckpointError(
            f"The network's training ended at the level of detail {blocks.lod:g}, for which it has no layer to RGB; "
            f"it has them up to {blocks.max_lod}."
        )
    return blocks


# ----------------------------------------------------------------------------
# How far the training came.


def untrained(convolutions: Sequence[tuple[Array, Array]]) -> int:
    """How many of the last blocks have never been trained: their biases are 0, their weights as drawn at first.

    convolutions: weight and bias of one a block, with a deviation of 1 at first.
    """
    lod = 0
    while lod < len(convolutions) - 1 and _is_new(*convolutions[-1 - lod]):
        lod += 1
    return 0 if lod == len(convolutions) - 1 else lod  # or nothing is trained, and there is nothing to choose


def _is_new(weight: Array, bias: Array) -> bool:
    error = 1 / math.sqrt(2 * weight.size)
    return not bias.any() and abs(float(weight.std()) - 1) < UNTRAINED_SPREAD * error


def guessed_level(blocks: Progression) -> str:
    """The note about a level of detail that only the weights tell."""
    height, width = blocks.size(len(blocks.channels) - 1 - int(blocks.lod))
    return (
        f"The file does not say up to which resolution it was trained; by its weights up to {width} x {height}, the "
        f"level of detail {blocks.lod:g}. If the picture looks untrained, choose another level."
    )
