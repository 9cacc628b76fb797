"""Request -> frame, in stages that run again only when their own part of the request has changed."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional as F

from core.base.device import Stopwatch, device_label, fast_dtype, is_out_of_memory, open_device
from core.base.errors import BadOutput, DeviceError, OutOfMemory
from core.base.process import release_freed_memory
from core.display.compare import Pair, compared
from core.display.frame import NOTHING, Analysis, Frame, LayerInfo, Metric, Timing
from core.display.images import inspect, look, toned
from core.render.untransformed import Untransformed
from core.request import Box, Compare, ModelInfo, Precision, RenderRequest, View, lit
from core.request.grids import picture_size
from core.request.placement import Move
from core.synthesis.generator import Generator, SynthesisInputs, Tap, no_tap
from core.synthesis.inputs import Inputs
from core.synthesis.style_space import influence
from core.synthesis.synthesis import Synthesis

THUMBNAIL_EDGE = 64  # pixels


class Opened(Protocol):
    """The parts of `core.opening.network.Network` that rendering needs."""

    @property
    def generator(self) -> Generator: ...
    @property
    def info(self) -> ModelInfo: ...


class Renderer:
    """Renders requests with one network on one device. Use from one thread; dropping it frees everything.

    device: "auto", "cpu", "cuda", "cuda:1", "mps". With `fallback`, a device that cannot be used or whose memory is
    too small gives way to the CPU, and frames carry a note that says so; without, DeviceError and OutOfMemory rise.
    """

    def __init__(self, network: Opened, *, device: str = "cpu", fallback: bool = False) -> None:
        self.info = network.info
        self._generator = network.generator
        self._device_name = device
        self._fallback = fallback
        self._device: torch.device | None = None
        self._device_note = ""
        self._made = Inputs(network.generator, network.info, torch.device("cpu"))
        self._synthesis = Synthesis(network.generator)
        self._upright = Untransformed(network.generator)

    @property
    def device(self) -> torch.device:
        """Opened and filled with the weights on first use."""
        if self._device is None:
            try:
                self._place(open_device(self._device_name))
            except (DeviceError, torch.OutOfMemoryError) as error:
                if not self._fallback:
                    raise
                too_small = "The network does not fit its memory."
                self._fall_back(str(error) if isinstance(error, DeviceError) else too_small)
        assert self._device is not None
        return self._device

    @torch.inference_mode()
    def render(self, request: RenderRequest, tap: Tap = no_tap, wanted: Analysis = NOTHING) -> Frame:
        """The frame of a request. `tap` is called after each layer that runs; it may raise to stop.

        wanted: what to find out about the picture besides, in `Frame.inspected`.

        Raises UsageError if a part of the request does not fit the network, OutOfMemory, BadOutput, DeviceError.
        """
        try:
            return self._render(request, tap, wanted)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
        return self._render_with_less_memory(request, tap, wanted)

    def _render(
        self, request: RenderRequest, tap: Tap, wanted: Analysis, dtype: torch.dtype | None = None
    ) -> Frame:
        """dtype: in which the layers compute; None: as the request says."""
        watch = Stopwatch(self.device)
        start = watch.mark()
        asked, fast = request, wanted.fast and dtype is None and self._has_fast_precision(request)
        if fast:
            request = replace(request, precision=Precision.FAST)
        inputs = self._inputs(request)
        if dtype is not None:
            inputs = replace(inputs, fast=dtype, force_fp32=False)
        mapped = watch.mark()
        view = request.view
        key = replace(request, view=View())
        image, layers = self._synthesis.run(inputs, key, tap, watch, layer=view.layer, measure=wanted.magnitudes)
        if view.layer and view.layer not in {layer.name for layer in layers}:
            view = replace(lit(view), untransform=view.untransform, compare=view.compare)
        notes = self._notes(request, view)
        compares = self.info.has_transform and (view.untransform or view.compare is not Compare.OFF)
        pair = Pair(image[0], None, None)
        if compares:
            pair, more = self._upright.pair(image[0], key, inputs, view, tap)
            notes = (*notes, *more)
        synthesized = watch.mark()
        upright = None
        if compares:
            pixels, upright, shown = compared(pair, view)
        elif view == lit(view):
            pixels, shown = to_pixels(toned(image[0], view)), image[0]
        else:
            pixels, shown = look(image[0], view)
        thumbnail = to_pixels(_reduce(image)) if view == lit(view) else pixels[:0, :0]
        inspected = None
        if replace(wanted, styles="", fast=False) != NOTHING:
            inspected = inspect(pair.shown, shown, wanted, self._synthesis.magnitudes())
        ended = watch.mark()

        if not view.layer and not bool(torch.isfinite(image).all()):
            return self._render_more_exactly(asked, tap, wanted, dtype)
        timing = Timing(watch.ms(start, mapped), watch.ms(mapped, synthesized), watch.ms(synthesized, ended))
        layer_infos = tuple(LayerInfo(r.name, r.shape, r.dtype, r.ms(watch)) for r in layers)
        device = device_label(self.device)
        return Frame(
            asked,
            pixels,
            thumbnail,
            image[0],
            timing,
            layer_infos,
            device,
            notes,
            inspected,
            ws=inputs.ws[0].cpu().numpy(),
            w_avg=self._generator.w_avg.cpu().numpy(),
            styles=self._made.style_space.styles(wanted.styles, inputs) if wanted.styles else None,
            codes=self._made.codes(request),
            upright=upright,
            fast=fast,
        )

    def _has_fast_precision(self, request: RenderRequest) -> bool:
        """Whether less precision is left open, and faster. On a GPU the network itself says where."""
        cpu = self.device.type == "cpu"
        return cpu and request.precision is Precision.AUTO and fast_dtype(self.device) is not None

    def _notes(self, request: RenderRequest, view: View) -> tuple[str, ...]:
        notes = (self._device_note,) if self._device_note else ()
        if request.label is not None and not self.info.c_dim:
            notes = (*notes, "This network has no classes; the class was ignored.")
        if request.lod is not None and request.lod > self.info.max_lod:
            most = f"its coarsest level of detail is {self.info.max_lod}" if self.info.max_lod else "it has only one"
            notes = (*notes, f"This network has no level of detail {request.lod:g}; {most}.")
        if request.precision is Precision.FAST and fast_dtype(self.device) is None:
            notes = (*notes, "This device computes in nothing faster than float32; the picture is exact.")
        if view.layer != request.view.layer:
            notes = (*notes, f"This network has no layer {request.view.layer}; the picture is shown.")
        return notes

    @torch.inference_mode()
    def score(self, request: RenderRequest, metric: Metric, tap: Tap = no_tap, move: Move | None = None) -> float:
        """How well the picture of a request follows a move (default: that of its transform), as a PSNR in dB.

        Only for networks with a transform. NaN if nothing of the picture stays in sight.
        """
        move = move or Move.of(request.transform, self.info.height)
        return self._upright.score(request, self._inputs(request), metric, move, tap)

    def influence(self, request: RenderRequest, layer: str, box: Box, tap: Tap = no_tap) -> npt.NDArray[np.float32]:
        """How much the mean colour of a part of the picture changes with a standard deviation of each style, [C].

        layer: the name of a step that has styles.
        """
        with torch.inference_mode():
            inputs = self._inputs(request)
        step = next(step for step in self._generator.steps if step.name == layer)
        slopes = influence(self._generator, inputs, step, box, tap)
        spread = self._made.style_space.spread(step, inputs.cache_key.get(layer))
        found: npt.NDArray[np.float32] = (slopes * spread.std.cpu()).numpy()
        return found

    def _inputs(self, request: RenderRequest) -> SynthesisInputs:
        _ = self.device  # opened before anything is mapped on it
        return self._made.of(request)

    # -- What is done when something is in the way ---------------------------

    def _render_more_exactly(
        self, request: RenderRequest, tap: Tap, wanted: Analysis, dtype: torch.dtype | None
    ) -> Frame:
        self._synthesis.clear()
        if self.device.type == "cuda" and self.info.fp16_layers and request.precision is not Precision.EXACT:
            frame = self._render(replace(request, precision=Precision.EXACT), tap, wanted)
            note = "float16 gave NaN or infinity; this picture was made in float32."
            return replace(frame, request=request, notes=(*frame.notes, note))
        if self.info.runs_in_float64 and dtype is None and self.device.type != "mps":
            frame = self._render(request, tap, wanted, torch.float64)
            note = "Numbers left the range of float32; this picture was made in float64."
            return replace(frame, notes=(*frame.notes, note))
        bad: list[str] = []

        def note_bad(name: str, x: Tensor) -> Tensor:
            if not bad and not bool(torch.isfinite(x).all()):
                bad.append(name)
            return tap(name, x)

        self._synthesis.run(self._inputs(request), None, note_bad, Stopwatch(self.device))
        self._synthesis.clear()
        where = f"layer {bad[0]}" if bad else "the output"
        raise BadOutput(
            f"The network gave NaN or infinity, first in {where}; "
            "its weights may be damaged, or the latent lies far off: reset psi and the latent."
        )

    def _render_with_less_memory(self, request: RenderRequest, tap: Tap, wanted: Analysis) -> Frame:
        self._free()
        self._synthesis = Synthesis(self._generator, max_bytes=0)  # from now on, each frame is made from the start
        try:
            return self._render(request, tap, wanted)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not is_out_of_memory(error):
                raise
            traceback.clear_frames(error.__traceback__)  # its frames hold the tensors of the failed run
            self._free()
            if self._device is None or self._device.type == "cpu" or not self._fallback:
                name = device_label(self._device) if self._device else self._device_name
                width, height = picture_size(request, self.info)
                raise OutOfMemory(
                    f"{name} has too little memory for this network at "
                    f"{width} x {height}; close other programs, or use another device."
                ) from error
        self._fall_back("Its memory is too small for this network.")
        return self._render(request, tap, wanted)

    def _place(self, device: torch.device) -> None:
        release_freed_memory()  # an earlier network may just have been dropped
        self._generator.to(device)
        self._device = device
        self._made = Inputs(self._generator, self.info, device)

    def _fall_back(self, reason: str) -> None:
        self._device_note = f"Running on the CPU instead of {self._device_name}. {reason}"
        self._free()
        self._synthesis = Synthesis(self._generator)
        self._place(torch.device("cpu"))

    def _free(self) -> None:
        self._synthesis.clear()
        self._upright.clear()
        self._made.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def to_pixels(image: Tensor) -> npt.NDArray[np.uint8]:
    """[C, H, W], about -1..1 -> uint8 [H, W, C]: x 127.5 + 128, clipped and truncated."""
    scaled = (image.float() * 127.5 + 128).clamp_(0, 255).to(torch.uint8)
    pixels: npt.NDArray[np.uint8] = scaled.permute(1, 2, 0).contiguous().cpu().numpy()
    return pixels


def _reduce(image: Tensor) -> Tensor:
    height, width = image.shape[-2:]
    scale = THUMBNAIL_EDGE / max(height, width)
    if scale >= 1:
        return image[0]
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return F.interpolate(image.float(), size=size, mode="area")[0]
