"""The panels, in the order of the dock. A new panel is one file here and one line in PANELS."""

from __future__ import annotations

from typing import Protocol

from visualizer.context import Context
from visualizer.panels.capture import CapturePanel
from visualizer.panels.latent import LatentPanel
from visualizer.panels.mixing import MixingPanel
from visualizer.panels.network import NetworkPanel
from visualizer.panels.performance import PerformancePanel
from visualizer.panels.truncation import TruncationPanel


class Panel(Protocol):
    """A section of the dock. `title` is also its name in settings and the scope of its items."""

    title: str
    icon: str

    def summary(self, context: Context) -> str:
        """What a folded panel shows at its right."""
        ...

    def changed(self, context: Context) -> bool:
        """Whether anything in it differs from the defaults."""
        ...

    def reset(self, context: Context) -> None:
        """Back to the defaults."""
        ...

    def draw(self, context: Context) -> None:
        """Draw the rows below the header, from context.ui's cursor down."""
        ...


PANELS: tuple[type[Panel], ...] = (
    NetworkPanel,
    LatentPanel,
    MixingPanel,
    TruncationPanel,
    CapturePanel,
    PerformancePanel,
)
