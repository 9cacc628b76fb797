"""The workspaces: the panels of each dock, in order. A new panel is a file in visualizer/panels and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from visualizer.panels.animate.track import TrackPanel
from visualizer.panels.breeding import BreedingPanel
from visualizer.panels.capture import CapturePanel
from visualizer.panels.codes.panel import CodesPanel
from visualizer.panels.common.panel import Panel
from visualizer.panels.equivariance.panel import EquivariancePanel
from visualizer.panels.export import ExportPanel
from visualizer.panels.history import HistoryPanel
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
from visualizer.panels.presets.panel import PresetsPanel
from visualizer.panels.style_space import StyleSpacePanel
from visualizer.panels.table import TablePanel
from visualizer.panels.transform import TransformPanel
from visualizer.panels.truncation import TruncationPanel
from visualizer.panels.vector import VectorPanel
from visualizer.views.animate.view import AnimateView
from visualizer.views.inspect_view import InspectView
from visualizer.views.picture import Picture
from visualizer.views.picture_view import PictureView
from visualizer.views.table_view import TableView
from visualizer.views.view import View


@dataclass(frozen=True)
class Workspace:
    """What the docks and the centre hold."""

    name: str  # one of actions.commands.WORKSPACES
    centre: Callable[[Picture], View]  # made once, of the picture that all views share
    left: tuple[type[Panel], ...]
    right: tuple[type[Panel], ...] = ()


WORKSPACES: tuple[Workspace, ...] = (
    Workspace(
        "Edit",
        PictureView,
        (NetworkPanel, LatentPanel, MixingPanel, TruncationPanel, TransformPanel, LightPanel, PresetsPanel,
         HistoryPanel, CapturePanel, PerformancePanel),
        (StripPanel, VectorPanel, StyleSpacePanel, CodesPanel),
    ),
    Workspace(
        "Inspect",
        InspectView,
        (LayersPanel, MagnitudePanel, StatisticsPanel, PerformancePanel),
        (ChannelsPanel, LightPanel, HistogramPanel, SpectrumPanel, EquivariancePanel),
    ),
    Workspace(
        "Tables",
        lambda _: TableView(),
        (NetworkPanel, TablePanel, BreedingPanel, LatentPanel, HistoryPanel, PerformancePanel),
    ),
    Workspace(
        "Animate",
        AnimateView,
        (TrackPanel, LatentPanel, MixingPanel, TruncationPanel, TransformPanel, LightPanel, ExportPanel, HistoryPanel,
         PerformancePanel),
        (StripPanel, VectorPanel, StyleSpacePanel),
    ),
)
PANELS: tuple[type[Panel], ...] = tuple(
    dict.fromkeys(panel for workspace in WORKSPACES for panel in workspace.left + workspace.right)
)
