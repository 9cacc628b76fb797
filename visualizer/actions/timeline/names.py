"""Tracks in words, and which track belongs to a control."""

from __future__ import annotations

import re

from core.base.errors import UsageError
from core.request import SEEDS_PER_ROW, ModelInfo, RenderRequest, SeedPoint
from core.timeline import KeyValue
from core.timeline.targets import Target, TargetKind, target_of

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


def value_words(target: Target, request: RenderRequest, info: ModelInfo | None) -> str:
    """The value that a request has there; "" where it has none, or none that fits a line."""
    if target.missing(request, info):
        return ""
    return words_of(target, target.get(request), request, info)


def words_of(target: Target, value: KeyValue, request: RenderRequest, info: ModelInfo | None) -> str:
    """A value of a track in a few words. request: for what a value of None comes to there."""
    if target.kind in (TargetKind.REQUEST, TargetKind.TRANSFORM):
        return ""
    if target.kind is TargetKind.LATENT:
        return latent_words(value) if not isinstance(value, bool | int | float | str | RenderRequest) else ""
    parameter = target.parameter
    if parameter is None or not (value is None or isinstance(value, bool | int | float | str | tuple)):
        return ""
    if value is None and not parameter.optional:
        return ""
    return parameter.fitted(info, request).text_of(value)


def latent_words(latent: object) -> str:
    """A latent in a few words."""
    if isinstance(latent, SeedPoint):
        x, y = round(latent.x), round(latent.y)
        whole = (latent.x, latent.y) == (x, y)
        return f"Seed {x + SEEDS_PER_ROW * y}" if whole else f"{latent.x:.2f}, {latent.y:.2f}".replace("-", "−")
    return "" if latent is None else "Between" if type(latent).__name__ == "Mixture" else "Its own"


