"""Request -> frame, in stages that run again only when their own part of the request has changed."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.base.device import Stopwatch, device_label, fast_dtype, is_out_of_memory
from core.base.errors import BadOutput, OutOfMemory
from core.display.analysis import NOTHING, Analysis, AnalysisResult, Pixels
from core.display.compare import Pair, compared
from core.display.frame import Frame, LayerInfo, Metric, Timing
from core.display.images import analyse, look, thumbnail, to_pixels, toned
from core.display.palette import ColourScale
from core.render.execution import EXACT, Execution
from core.render.untransformed import Untransformed
from core.render.weights import Placement, WeightPlacement
from core.request import Box, Compare, ModelInfo, Precision, RenderRequest, SeedPoint, View, ZVector, lit
from core.request.grids import picture_size
from core.request.mixtures import singles
from core.request.placement import Move
from core.synthesis.activations import LayerRun
from core.synthesis.generator import Generator, SynthesisInputs, Tap, no_tap
from core.synthesis.inputs import Inputs
from core.synthesis.style_space import influence
from core.synthesis.synthesis import Synthesis


class Opened(Protocol):
    """The parts of `core.opening.network.Network` that rendering needs."""

    @property
    def generator(self) -> Generator: ...
    @property
    def info(self) -> ModelInfo: ...


@dataclass(frozen=True)
class _Made:
    """What the synthesis gave for a frame."""

    image: Tensor  # [1, C, H, W], the picture or the layer
    layers: tuple[LayerRun, ...]
    view: View  # the one of the request, as far as the network has its layer
    pair: Pair  # with the picture without its transform, where that is looked at
    compares: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Seen:
    """What is shown of it."""

    pixels: Pixels
    thumbnail: Pixels
    upright: Pixels | None
    analysis: AnalysisResult | None
    scale: ColourScale | None  # of a layer


class Renderer:
    """Renders requests with one network on one device. Use from one thread; dropping it frees everything.

    device: "auto", "cpu", "cuda", "cuda:1", "mps". With `fallback`, a device that cannot be used or whose memory is
    too small gives way to the CPU, and frames carry a note that says so; without, DeviceError and OutOfMemory rise.
    placement: where the weights are, if others use them too; in place of `device` and `fallback`.
    """

    def __init__(
        self, network: Opened, *, device: str = "cpu", fallback: bool = False, placement: Placement | None = None
    ) -> None:
        self.info = network.info
        self._generator = network.generator
        self._placement = placement or WeightPlacement(device, fallback=fallback)
        self._moves = -1  # those of the placement that this renderer has followed
        self._inputs = Inputs(network.generator, network.info, torch.device("cpu"))
        self._synthesis = Synthesis(network.generator)
        self._untransformed = Untransformed(network.generator)
        self._short_of_memory = False

    @property
    def device(self) -> torch.device:
        """Opened and filled with the weights on first use."""
        device = self._placement.place(self._generator)
        if self._moves != self._placement.moves:
            self._moves = self._placement.moves
            self._synthesis.clear()
            self._untransformed.clear()
            self._inputs = Inputs(self._generator, self.info, device)
        return device

    @torch.inference_mode()
    def render(
        self, request: RenderRequest, tap: Tap = no_tap, analysis: Analysis = NOTHING, execution: Execution = EXACT
    ) -> Frame:
        """The frame of a request. `tap` is called after each layer that runs; it may raise to stop.

        analysis: what to find out about the picture besides, in `Frame.analysis`.

        Raises UsageError if a part of the request does not fit the network, OutOfMemory, BadOutput, DeviceError.
        """
        try:
            return self._render(request, tap, analysis, execution)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        return self._render_with_less_memory(request, tap, analysis, execution)

    def _render(
        self, asked: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution,
        dtype: torch.dtype | None = None,
    ) -> Frame:  # fmt: skip
        """dtype: in which the layers compute; None: as the request says."""
        watch = Stopwatch(self.device)
        start = watch.mark()
        fast = execution.draft and dtype is None and self._has_fast_precision(asked)
        request = replace(asked, precision=Precision.FAST) if fast else asked
        inputs = self._inputs.of(request)
        if dtype is not None:
            inputs = replace(inputs, fast=dtype, force_fp32=False)
        mapped = watch.mark()
        self._synthesis.max_bytes = 0 if self._short_of_memory else execution.kept_bytes
        made = self._make(request, inputs, tap, watch, analysis)
        synthesized = watch.mark()
        seen = self._look(made, analysis)
        ended = watch.mark()
        if not made.view.layer and not bool(torch.isfinite(made.image).all()):
            return self._render_more_exactly(asked, tap, analysis, execution, dtype)
        return Frame(
            asked,
            seen.pixels,
            seen.thumbnail,
            made.image[0],
            Timing(watch.ms(start, mapped), watch.ms(mapped, synthesized), watch.ms(synthesized, ended)),
            tuple(LayerInfo(r.name, r.shape, r.dtype, r.ms(watch)) for r in made.layers),
            device_label(self.device),
            made.notes,
            seen.analysis,
            ws=inputs.ws[0].cpu().numpy(),
            w_avg=self._generator.w_avg.cpu().numpy(),
            styles=self._inputs.style_space.styles(analysis.styles, inputs) if analysis.styles else None,
            codes=self._inputs.codes(request),
            upright=seen.upright,
            scale=seen.scale,
            fast=fast,
        )

    def _make(
        self, request: RenderRequest, inputs: SynthesisInputs, tap: Tap, watch: Stopwatch, analysis: Analysis
    ) -> _Made:
        """The picture or layer, and where it is compared, the same without the transform."""
        view = request.view
        key = replace(request, view=View())
        image, layers = self._synthesis.run(inputs, key, tap, watch, layer=view.layer, measure=analysis.magnitudes)
        if view.layer and view.layer not in {layer.name for layer in layers}:
            view = replace(lit(view), untransform=view.untransform, compare=view.compare)
        notes = self._notes(request, view)
        compares = self.info.has_transform and (view.untransform or view.compare is not Compare.OFF)
        pair = Pair(image[0], None, None)
        if compares:
            pair, more = self._untransformed.pair(image[0], key, inputs, view, tap)
            notes = (*notes, *more)
        return _Made(image, layers, view, pair, compares, notes)

    def _look(self, made: _Made, analysis: Analysis) -> _Seen:
        """The pixels of what was made, and what is found out about it."""
        image, view, upright, scale = made.image, made.view, None, None
        if made.compares:
            pixels, upright, (_, shown, scale) = compared(made.pair, view)
        elif view == lit(view):
            pixels, shown = to_pixels(toned(image[0], view)), image[0]
        else:
            pixels, shown, scale = look(image[0], view)
        small = thumbnail(image) if view == lit(view) else pixels[:0, :0]
        result = None
        if replace(analysis, styles="") != NOTHING:
            result = analyse(made.pair.shown, shown, analysis, self._synthesis.magnitudes())
        return _Seen(pixels, small, upright, result, scale if view.layer else None)

    def _has_fast_precision(self, request: RenderRequest) -> bool:
        """Whether less precision is left open, and faster. On a GPU the network itself says where."""
        cpu = self.device.type == "cpu"
        return cpu and request.precision is Precision.AUTO and fast_dtype(self.device) is not None

    def _notes(self, request: RenderRequest, view: View) -> tuple[str, ...]:
        notes = (self._placement.note,) if self._placement.note else ()
        if request.label is not None and not self.info.c_dim:
            notes = (*notes, "This network has no classes; the class was ignored.")
        if self.info.no_z and any(isinstance(single, SeedPoint | ZVector) for single in singles(request.latent)):
            notes = (*notes, "This is the average w: no seed and no z tells this network a w.")
        if request.lod is not None and request.lod > self.info.max_lod:
            most = f"its coarsest level of detail is {self.info.max_lod}" if self.info.max_lod else "it has only one"
            notes = (*notes, f"This network has no level of detail {request.lod:g}; {most}.")
        if request.precision is Precision.FAST and fast_dtype(self.device) is None:
            notes = (*notes, "This device computes in nothing faster than float32; the picture is exact.")
        if view.layer != request.view.layer:
            notes = (*notes, f"This network has no layer {request.view.layer}; the picture is shown.")
        return notes

    @torch.inference_mode()
    def latent(self, request: RenderRequest) -> npt.NDArray[np.float32] | npt.NDArray[np.int64]:
        """What the layers get, [num_ws, w_dim]; of a network with codes, the codes of the latent, [rows, columns]."""
        inputs = self._inputs_of(request)
        codes = self._inputs.codes(request)
        if codes is not None:
            return np.array(codes.indices, np.int64).reshape(codes.rows, codes.columns)
        ws: npt.NDArray[np.float32] = inputs.ws[0].cpu().numpy()
        return ws

    @torch.inference_mode()
    def score(self, request: RenderRequest, metric: Metric, tap: Tap = no_tap, move: Move | None = None) -> float:
        """How well the picture of a request follows a move (default: that of its transform), as a PSNR in dB.

        Only for networks with a transform. NaN if nothing of the picture stays in sight.
        """
        move = move or Move.of(request.transform, self.info.height)
        return self._untransformed.score(request, self._inputs_of(request), metric, move, tap)

    def influence(self, request: RenderRequest, layer: str, box: Box, tap: Tap = no_tap) -> npt.NDArray[np.float32]:
        """How much the mean colour of a part of the picture changes with a standard deviation of each style, [C].

        layer: the name of a step that has styles.
        """
        with torch.inference_mode():
            inputs = self._inputs_of(request)
        step = next(step for step in self._generator.steps if step.name == layer)
        slopes = influence(self._generator, inputs, step, box, tap)
        spread = self._inputs.style_space.spread(step, inputs.cache_key.get(layer))
        found: npt.NDArray[np.float32] = (slopes * spread.std.cpu()).numpy()
        return found

    def _inputs_of(self, request: RenderRequest) -> SynthesisInputs:
        _ = self.device  # opened before anything is mapped on it
        return self._inputs.of(request)

    # -- What is done when something is in the way ---------------------------

    def _render_more_exactly(
        self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution, dtype: torch.dtype | None
    ) -> Frame:
        self._synthesis.clear()
        if self.device.type == "cuda" and self.info.fp16_layers and request.precision is not Precision.EXACT:
            frame = self._render(replace(request, precision=Precision.EXACT), tap, analysis, execution)
            note = "float16 gave NaN or infinity; this picture was made in float32."
            return replace(frame, request=request, notes=(*frame.notes, note))
        if self.info.runs_in_float64 and dtype is None and self.device.type != "mps":
            frame = self._render(request, tap, analysis, execution, torch.float64)
            note = "Numbers left the range of float32; this picture was made in float64."
            return replace(frame, notes=(*frame.notes, note))
        bad: list[str] = []

        def note_bad(name: str, x: Tensor) -> Tensor:
            if not bad and not bool(torch.isfinite(x).all()):
                bad.append(name)
            return tap(name, x)

        self._synthesis.run(self._inputs_of(request), None, note_bad, Stopwatch(self.device))
        self._synthesis.clear()
        where = f"layer {bad[0]}" if bad else "the output"
        raise BadOutput(
            f"The network gave NaN or infinity, first in {where}; "
            "its weights may be damaged, or the latent lies far off: reset psi and the latent."
        )

    def _render_with_less_memory(
        self, request: RenderRequest, tap: Tap, analysis: Analysis, execution: Execution
    ) -> Frame:
        self._free()
        self._short_of_memory = True  # from now on, each frame is made from the start
        try:
            return self._render(request, tap, analysis, execution)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            traceback.clear_frames(error.__traceback__)  # its frames hold the tensors of the failed run
            self._free()
            if not self._placement.may_fall_back:
                device, followed = self._placement.device, self._moves == self._placement.moves
                name = device_label(device) if device is not None and followed else self._placement.name
                width, height = picture_size(request, self.info)
                raise OutOfMemory(
                    f"{name} has too little memory for this network at "
                    f"{width} x {height}; close other programs, or use another device."
                ) from error
        self._free()
        self._short_of_memory = False
        self._placement.fall_back("Its memory is too small for this network.")
        return self._render(request, tap, analysis, execution)

    def _free(self) -> None:
        self._synthesis.clear()
        self._untransformed.clear()
        self._inputs.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
