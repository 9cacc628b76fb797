"""The workspaces: the panels of each dock, in order. A new panel is a file in visualizer/panels and a line here."""

from __future__ import annotations

from dataclasses import dataclass

from resources import icons
from visualizer.panels.capture import CapturePanel
from visualizer.panels.codes.panel import CodesPanel
from visualizer.panels.common.panel import Panel
from visualizer.panels.equivariance.panel import EquivariancePanel
from visualizer.panels.inspection.channels import ChannelsPanel
from visualizer.panels.inspection.histogram import HistogramPanel
from visualizer.panels.inspection.layers import LayersPanel
from visualizer.panels.inspection.magnitude import MagnitudePanel
from visualizer.panels.inspection.spectrum import SpectrumPanel
from visualizer.panels.inspection.statistics import StatisticsPanel
from visualizer.panels.latent import LatentPanel
from visualizer.panels.layer_strip.strip import StripPanel
from visualizer.panels.light import LightPanel
from visualizer.panels.mixing import MixingPanel
from visualizer.panels.network import NetworkPanel
from visualizer.panels.performance import PerformancePanel
from visualizer.panels.style_space import StyleSpacePanel
from visualizer.panels.table import TablePanel
from visualizer.panels.truncation import TruncationPanel
from visualizer.panels.vector import VectorPanel


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
        (NetworkPanel, LatentPanel, MixingPanel, TruncationPanel, LightPanel, CapturePanel, PerformancePanel),
        (StripPanel, VectorPanel, StyleSpacePanel, CodesPanel),
    ),
    Workspace(
        "Inspect",
        icons.SCAN_SEARCH,
        (LayersPanel, MagnitudePanel, StatisticsPanel, PerformancePanel),
        (ChannelsPanel, LightPanel, HistogramPanel, SpectrumPanel, EquivariancePanel),
        inspects=True,
    ),
    Workspace("Tables", icons.LAYOUT_GRID, (NetworkPanel, TablePanel, LatentPanel, PerformancePanel), tables=True),
)
PANELS: tuple[type[Panel], ...] = tuple(
    dict.fromkeys(panel for workspace in WORKSPACES for panel in workspace.left + workspace.right)
)
