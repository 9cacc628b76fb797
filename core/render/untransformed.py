"""The picture without its transform, and how that with it follows: pairs to look at, and live scores."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from core.base.device import Stopwatch
from core.base.memo import Memo
from core.display.compare import Pair, paired
from core.display.frame import Metric
from core.measure.equivariance import psnr_of
from core.request import IDENTITY, Compare, Matrix, RenderRequest, View
from core.request.placement import Move
from core.synthesis.generator import Generator, SynthesisInputs, Tap, synthesize
from core.synthesis.synthesis import Synthesis

SINGULAR = "This transform has no inverse, so there is nothing to compare with."


class Untransformed:
    """Of one network with a transform. The latest picture and scores are kept, and no layers between."""

    def __init__(self, generator: Generator) -> None:
        self._generator = generator
        self._synthesis = Synthesis(generator, max_bytes=0)
        self._pair: Memo[Pair] = Memo()
        self._scores: dict[Metric, Memo[float]] = {}

    def clear(self) -> None:
        self._synthesis.clear()
        self._pair = Memo()
        self._scores.clear()

    def pair(
        self, made: Tensor, key: RenderRequest, inputs: SynthesisInputs, view: View, tap: Tap
    ) -> tuple[Pair, tuple[str, ...]]:
        """What was made, [C, H, W], and the same made upright, laid over each other; and what a user should know.

        key: the request without a view, that decides what was made.
        """
        wanted = view.compare is not Compare.OFF
        memo = (key, view.layer, view.untransform, wanted)
        if self._pair.key != memo or self._pair.value is None:
            upright = self._made(key, inputs, tap, view.layer)[0] if wanted else None
            span = self._generator.span(view.layer)
            try:
                pair = paired(made, upright, inputs.transform, untransform=view.untransform, span=span)
            except ValueError:
                return Pair(made, None, None), (SINGULAR,)
            self._pair = Memo(memo, pair)
            return pair, ()
        return self._pair.value, ()

    def score(self, request: RenderRequest, inputs: SynthesisInputs, metric: Metric, move: Move, tap: Tap) -> float:
        """The PSNR in dB of the picture of a request under a move; NaN if nothing of it stays in sight."""
        request = replace(request, view=View(), transform=IDENTITY)
        part = {Metric.EQT: move.whole, Metric.EQT_FRAC: move.shift, Metric.EQR: move.angle}[metric]
        memo = (request, part)
        known = self._scores.get(metric)
        if known is None or known.key != memo or known.value is None:
            upright = self._made(request, inputs, tap)

            def remake(matrix: Matrix) -> Tensor:
                return synthesize(self._generator, replace(inputs, transform=matrix), on_layer=tap)

            self._scores[metric] = known = Memo(memo, psnr_of(metric, upright, move, remake))
        assert known.value is not None
        return known.value

    def _made(self, request: RenderRequest, inputs: SynthesisInputs, tap: Tap, layer: str = "") -> Tensor:
        """The picture or layer without the transform. [1, C, H, W]"""
        key, inputs = replace(request, transform=IDENTITY), replace(inputs, transform=IDENTITY)
        x, _ = self._synthesis.run(inputs, key, tap, Stopwatch(inputs.ws.device), layer=layer)
        return x
