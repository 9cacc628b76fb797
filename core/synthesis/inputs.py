"""What decides a synthesis, from a request: each part is made again only when what it depends on has changed."""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from core.base.device import fast_dtype
from core.base.errors import UsageError
from core.base.memo import Memo
from core.request import IDENTITY, Codes, LayerEdit, ModelInfo, Noise, Precision, RenderRequest, Truncates, View
from core.synthesis.blending import MAPPING, Blended
from core.synthesis.generator import Generator, SynthesisInputs
from core.synthesis.latents import psis_of
from core.synthesis.mapper import Mapper
from core.synthesis.noise import noise_gains, noise_maps
from core.synthesis.style_space import StyleSpace


class Inputs:
    """Those of one network on one device, and of the networks whose features are mixed in."""

    def __init__(self, generator: Generator, info: ModelInfo, device: torch.device) -> None:
        self._generator, self._info, self._device = generator, info, device
        self._mapper = Mapper(generator, info, device)
        self.style_space = StyleSpace(generator, device)
        self._mapping: object = None  # what the mapping was made of
        self._ws: Memo[Tensor] = Memo()
        self._noise: Memo[tuple[Tensor, ...]] = Memo()
        self._others: dict[int, Inputs] = {}  # by the place among the blends

    def clear(self) -> None:
        self._ws, self._noise = Memo(), Memo()
        self._others.clear()

    def codes(self, request: RenderRequest) -> Codes | None:
        """Those of the latent of a request, if the network has any."""
        return self._mapper.codes(request)

    def of(self, request: RenderRequest) -> SynthesisInputs:
        """Raises UsageError if a part of the request does not fit the network."""
        blended = self._generator if isinstance(self._generator, Blended) else None
        cache_key = dict(blended.blend(request)) if blended else {}
        if cache_key.get(MAPPING) != self._mapping:  # what was found out of its w is of another mapping
            self._mapping = cache_key.get(MAPPING)
            self._mapper = Mapper(self._generator, self._info, self._device)
            self.style_space = StyleSpace(self._generator, self._device)
        key = ws_key(request)
        if self._ws.key != key or self._ws.value is None:
            self._ws = Memo(key, self._mapper.ws_of(request))
        noise_key = replace(request.noise, strength=1.0)
        if self._noise.key != noise_key or self._noise.value is None:
            self._noise = Memo(noise_key, noise_maps(self._generator, request.noise, self._device))
        assert self._ws.value is not None
        assert self._noise.value is not None
        return SynthesisInputs(
            ws=self._ws.value,
            noise_mode=request.noise.mode,
            noise_maps=self._noise.value,
            noise_key=noise_key if self._noise.value else None,
            noise_gains=noise_gains(self._generator, request),
            psis=psis_of(request, self._info.num_ws) if self._info.truncates is Truncates.STATISTICS else (),
            cache_key=cache_key,
            styles=self.style_space.stylings(request, cache_key),
            transform=request.transform,
            lod=lod_of(request, self._info),
            force_fp32=request.precision is Precision.EXACT,
            fast=fast_dtype(self._device) if request.precision is Precision.FAST else None,
            others=self._of_others(blended, request) if blended else (),
        )

    def _of_others(self, blended: Blended, request: RenderRequest) -> tuple[SynthesisInputs, ...]:
        found = []
        for number in blended.companions:
            if number not in self._others:
                other = blended.others[number]
                self._others[number] = Inputs(other, other.info, self._device)
            try:
                heard = request_for_blend(request, self._info, blended.others[number].info)
                found.append(self._others[number].of(heard))
            except UsageError as error:
                name = request.blends[number].network
                raise UsageError(f"{name} cannot be mixed in with this picture. {error}") from error
        return tuple(found)


def ws_key(request: RenderRequest) -> RenderRequest:
    """What ws depends on: all of a request but the parts that are known to act later. Equal keys mean equal ws."""
    return replace(
        request, noise=Noise(), styles=(), transform=IDENTITY, lod=None, precision=Precision.AUTO, view=View()
    )  # fmt: skip


def lod_of(request: RenderRequest, info: ModelInfo) -> float:
    """The level of detail of a picture, within those that the network has."""
    lod = info.lod if request.lod is None else request.lod
    if not math.isfinite(lod):
        raise UsageError(f"The level of detail is {lod}; reset it.")
    return min(max(lod, 0.0), float(info.max_lod))


def request_for_blend(request: RenderRequest, own: ModelInfo, theirs: ModelInfo) -> RenderRequest:
    """A request without what means something in one network only: numbers of w, channels, other networks.

    Its level of detail is that of the same resolution in the other network, so that the same layers run.
    """
    layers = tuple(LayerEdit(psi=edit.psi, noise=edit.noise, muted=edit.muted) for edit in request.layers)
    lod = lod_of(request, own) + math.log2(theirs.height / own.height)
    return replace(request, layers=layers, styles=(), blends=(), lod=lod)
