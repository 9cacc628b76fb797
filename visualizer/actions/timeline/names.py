"""Tracks in words, and which track belongs to a control."""

from __future__ import annotations

import re

from core.base.errors import UsageError
from core.request import ModelInfo
from core.timeline.targets import Target, target_of

ON_MAP = re.compile(r"(.*latent|truncation\.centre)\.(x|y|count)")
LAYER = re.compile(r"Layer ([0-9]+)")


def track_path(path: str) -> str:
    """The path of the track that moves what a control sets: places on the seed map move with their latent."""
    match = ON_MAP.fullmatch(path)
    return match[1] if match else path


def target_or_none(path: str) -> Target | None:
    """What a path moves; None: nothing that can be moved."""
    try:
        return target_of(path)
    except UsageError:
        return None


def group_words(group: str, info: ModelInfo | None) -> str:
    """The name of a group of tracks; of a layer, what it is besides its number."""
    match = LAYER.fullmatch(group)
    number = int(match[1]) if match else -1
    if info is None or not 0 <= number < len(info.ws_names):
        return group
    return f"{group} · {info.ws_names[number]}"
