"""The picture of a network or the output of one of its layers, made with as little work as possible."""

from __future__ import annotations

import math
from dataclasses import replace

from torch import Tensor

from core.base.device import Stopwatch
from core.base.memo import Memo
from core.display.images import magnitude
from core.synthesis.activations import MAX_KEPT_BYTES, Activations, LayerRun
from core.synthesis.generator import Generator, SynthesisInputs, Tap


class Synthesis:
    """Runs one network's synthesis: what is kept of the run before is not made again."""

    def __init__(self, generator: Generator, max_bytes: int | None = None) -> None:
        self._generator = generator
        self.max_bytes = max_bytes  # of the activations that the next run keeps; None: as many as usual
        self._activations = Activations()
        self._layers: tuple[LayerRun, ...] = ()  # of a complete run
        self._level = (0, True)  # of detail, to which these layers belong
        self._shown: Memo[Tensor] = Memo()  # the layer that was made last
        self._magnitudes: dict[str, Tensor] | None = None  # by layer; None: they are not wanted
        self._reached = 0  # how many layers the latest run went through

    def clear(self) -> None:
        self._activations.clear()
        self._shown, self._magnitudes = Memo(), None

    def run(
        self,
        inputs: SynthesisInputs,
        key: object,
        tap: Tap,
        watch: Stopwatch,
        *,
        layer: str = "",
        measure: bool = False,
    ) -> tuple[Tensor, tuple[LayerRun, ...]]:
        """The image or the output of a layer, [N, C, H, W], and all layers; those that did not run have no marks.

        key: equal for equal inputs. layer: "", or one that does not exist, for the image. measure: also measure the
        magnitudes of the layers.
        """
        if measure and self._magnitudes is None:
            self.clear()  # so that all layers run
            self._magnitudes = {}
        elif not measure:
            self._magnitudes = None
        level = (math.floor(inputs.lod), float(inputs.lod).is_integer())
        if level != self._level:  # other layers run
            self._level, self._layers = level, ()
        if not self._has(layer):
            self._shown = Memo()
            whole = self._run(inputs, tap, watch)
            if not self._has(layer):
                return whole
        if self._shown.key == (key, layer) and self._shown.value is not None:
            return self._shown.value, self._layers
        x, layers = self._run(inputs, tap, watch, until=layer)
        self._shown = Memo((key, layer), x) if self._activations.resumable else Memo()
        return x, (*layers, *self._layers[len(layers) :])

    def _has(self, layer: str) -> bool:
        return layer in {known.name for known in self._layers}

    def magnitudes(self) -> tuple[tuple[str, float], ...]:
        """The root mean square of each layer up to the one that is shown, if they are measured."""
        if self._magnitudes is None:
            return ()
        return tuple((layer.name, float(self._magnitudes[layer.name])) for layer in self._layers[: self._reached])

    def _run(
        self, inputs: SynthesisInputs, tap: Tap, watch: Stopwatch, *, until: str = ""
    ) -> tuple[Tensor, tuple[LayerRun, ...]]:
        measured = self._magnitudes

        def measuring(name: str, x: Tensor) -> Tensor:
            if measured is not None:
                measured[name] = magnitude(x)
            return tap(name, x)

        self._activations.max_bytes = MAX_KEPT_BYTES if self.max_bytes is None else self.max_bytes
        x, layers = self._activations.run(self._generator, inputs, measuring, watch, until=until)
        self._reached = len(layers)
        if not until:
            self._layers = tuple(replace(layer, marks=None) for layer in layers)
        return x, layers
