"""The request at a time. Imports no torch."""

from __future__ import annotations

from collections.abc import Collection

from core.request import ModelInfo, RenderRequest
from core.timeline.timeline import Timeline


def request_at(
    timeline: Timeline, base: RenderRequest, time_s: float, info: ModelInfo | None = None, *,
    without: Collection[str] = (),
) -> RenderRequest:  # fmt: skip
    """The base with what the tracks say at a time. What a track names that the request or network lacks is left out.

    without: paths of tracks that do not count.
    """
    return base
