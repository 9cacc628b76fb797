"""Values of tracks in a few words."""

from __future__ import annotations

from core.request import Latent, ModelInfo, RenderRequest
from core.timeline import KeyValue, Target, TargetKind
from visualizer.panels.common.capability_text import letter_of_space
from visualizer.panels.common.sources import latent_words


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
        return latent_words(value, letter_of_space(info)) if isinstance(value, Latent) else ""
    parameter = target.parameter
    if parameter is None or not (value is None or isinstance(value, bool | int | float | str | tuple)):
        return ""
    if value is None and not parameter.optional:
        return ""
    return parameter.fitted(info, request).text_of(value)
