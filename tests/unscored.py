"""What renderers of networks without a transform have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.display.frame import Metric
from core.request import Box, RenderRequest
from core.request.placement import Move

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from core.synthesis.generator import Tap


class Unscored:
    """A renderer that nobody asks for a score."""

    def score(self, request: RenderRequest, metric: Metric, tap: Tap, move: Move | None = None) -> float:
        raise NotImplementedError

    def influence(self, request: RenderRequest, layer: str, box: Box, tap: Tap) -> npt.NDArray[np.float32]:
        raise NotImplementedError
