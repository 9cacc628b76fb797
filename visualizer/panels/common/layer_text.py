"""What is seen of a layer, in words."""

from __future__ import annotations

from core.display.frame import Frame
from core.request import Show


def shown_channels(frame: Frame) -> str:
    """What the picture of a layer shows, in words."""
    view, count = frame.request.view, frame.image.shape[0]
    if view.show is Show.PCA:
        return "PCA"
    width = 3 if view.show is Show.THREE and count >= 3 else 1
    base = min(view.base, count - width)
    return f"Channel {base}" if width == 1 else f"{base} to {base + 2}"
