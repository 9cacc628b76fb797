"""The panels of each workspace, in the order of its docks. A new panel is one file here and one line in WORKSPACES."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.capture import CapturePanel
from visualizer.panels.codes.panel import CodesPanel
from visualizer.panels.equivariance.panel import EquivariancePanel
from visualizer.panels.inspection.channels import ChannelsPanel
from visualizer.panels.inspection.histogram import HistogramPanel
from visualizer.panels.inspection.layers import LayersPanel
from visualizer.panels.inspection.magnitude import MagnitudePanel
from visualizer.panels.inspection.spectrum import SpectrumPanel
from visualizer.panels.inspection.statistics import StatisticsPanel
from visualizer.panels.latent import LatentPanel
from visualizer.panels.layer_strip.strip import StripPanel
from visualizer.panels.mixing import MixingPanel
from visualizer.panels.network import NetworkPanel
from visualizer.panels.performance import PerformancePanel
from visualizer.panels.style_space import StyleSpacePanel
from visualizer.panels.table import TablePanel
from visualizer.panels.truncation import TruncationPanel
from visualizer.panels.vector import VectorPanel


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


@runtime_checkable
class HasMenu(Protocol):
    """A panel with lines of its own in the menu of its header."""

    def menu(self, context: Context) -> None: ...


@runtime_checkable
class HasUse(Protocol):
    """A panel that is folded, until the user opens it, where it is of no use."""

    def useful(self, context: Context) -> bool: ...


@runtime_checkable
class HasTextures(Protocol):
    """A panel that owns textures."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class Workspace:
    """What the docks hold, and whether the centre shows the request's view."""

    name: str
    icon: str
    left: tuple[type[Panel], ...]
    right: tuple[type[Panel], ...] = ()
    inspects: bool = False
    tables: bool = False  # whether the centre shows the table of pictures


WORKSPACES: tuple[Workspace, ...] = (
    Workspace(
        "Edit",
        icons.SLIDERS_HORIZONTAL,
        (NetworkPanel, LatentPanel, MixingPanel, TruncationPanel, CapturePanel, PerformancePanel),
        (StripPanel, VectorPanel, StyleSpacePanel, CodesPanel),
    ),
    Workspace(
        "Inspect",
        icons.SCAN_SEARCH,
        (LayersPanel, MagnitudePanel, StatisticsPanel, PerformancePanel),
        (ChannelsPanel, HistogramPanel, SpectrumPanel, EquivariancePanel),
        inspects=True,
    ),
    Workspace("Tables", icons.LAYOUT_GRID, (NetworkPanel, TablePanel, LatentPanel, PerformancePanel), tables=True),
)
PANELS: tuple[type[Panel], ...] = tuple(
    dict.fromkeys(panel for workspace in WORKSPACES for panel in workspace.left + workspace.right)
)
