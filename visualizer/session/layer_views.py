"""How layers are looked at: the channel settings of each, which begin with a range of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.request import Colours, Show, View

CHANNEL_FIELDS = ("show", "base", "normalize", "gain_db", "colours", "auto_range")
PICTURE_CHANNELS = (3, 4)  # of layers that are pictures


class LayerViews:
    """The settings of each layer as they were when it was left. UI thread only."""

    def __init__(self) -> None:
        self._left: dict[str, View] = {}

    def change(self, view: View, layer: str, channels: int) -> View:
        """The view with another layer, as that was looked at last; the picture is always seen whole."""
        self._left[view.layer] = view
        kept = self._left.get(layer) if layer else None
        return with_channels(view, kept or start_view(layer, channels), layer)


def start_view(layer: str, channels: int) -> View:
    """How a layer is looked at first: all that it holds within its own range, a single channel in signed colours."""
    if not layer:
        return View()
    show = Show.THREE if channels in PICTURE_CHANNELS else Show.ONE
    return View(layer, show=show, colours=Colours.AUTO, auto_range=True)


def with_channels(view: View, settings: View, layer: str) -> View:
    """The view of a layer with the channel settings of another view."""
    changes: dict[str, Any] = {name: getattr(settings, name) for name in CHANNEL_FIELDS}
    return replace(view, layer=layer, **changes)
