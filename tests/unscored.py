"""What renderers of networks without a transform have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.frame import Metric
from core.placement import Move
from core.request import RenderRequest

if TYPE_CHECKING:
    from core.generator import Tap


class Unscored:
    """A renderer that nobody asks for a score."""

    def score(self, request: RenderRequest, metric: Metric, tap: Tap, move: Move | None = None) -> float:
        raise NotImplementedError
