"""A few small calls of each native operation, compared with the reference: a miscompiled library is not used."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from ..base.calls import BiasAct, Call, FilteredLrelu, FirBiasAct, Modulate, StyledConv2d, Upfirdn2d
from ..base.reference import (
    TOLERANCES,
    bias_act_ref,
    filtered_lrelu_ref,
    fir_bias_act_ref,
    in_float64,
    modulate_ref,
    styled_conv2d_ref,
    upfirdn2d_ref,
)
from ..base.styled_weights import StyledWeights
from . import native_backend, winograd

Compared = tuple[str, Tensor, Tensor]  # the name of an operation, its result, and the reference's in float64
TYPES = (torch.float32, torch.bfloat16)


def find_fault() -> str:
    """The first operation that gives something else than the reference, in words; "" if there is none."""
    with torch.no_grad():
        for name, found, expected in _results():
            scale = max(1.0, float(expected.abs().max()))
            if found.shape != expected.shape or not bool(
                ((found.double() - expected).abs().max() <= TOLERANCES[name][found.dtype] * scale).item()
            ):
                return f"{name} gives wrong values for {found.dtype} of the shape {tuple(found.shape)}"
    return ""


def _results() -> Iterator[Compared]:
    random = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random)

    filters = drawn(4, 4), drawn(12), drawn(5, 5)
    for c in (3, 17, 35):
        for dtype in TYPES:
            for layout in (torch.contiguous_format, torch.channels_last):
                x, b, noise = drawn(2, c, 9, 7).to(dtype, memory_format=layout), drawn(c), drawn(10, 8)
                yield from _of_pictures(x, b, noise, filters)
        yield from _of_layers(drawn(2, c, 21, 18), drawn(19, c, 3, 3), drawn(19), drawn(2, c), drawn(21, 18))
        yield from _of_weights(drawn(19, c, 3, 3), drawn(c), drawn(c))


def _compared(name: str, run: Callable[[Call], Tensor], reference: Callable[[Call], Tensor], call: Call) -> Compared:
    expected = reference(in_float64(call))  # first: `run` may overwrite x
    return name, run(call), expected


def _of_pictures(x: Tensor, b: Tensor, noise: Tensor, filters: tuple[Tensor, Tensor, Tensor]) -> Iterator[Compared]:
    """x: [N, C, H, W], b: [C], noise: [H + 1, W + 1], filters: [4, 4], [12], [5, 5]"""
    short, long, round_ = filters
    for up, f in ((1, short), (2, short), (2, long), (4, long)):
        enlarged = Upfirdn2d(x, f, up=(up, up), down=(1, 2), padding=(6, 5, 4, 7), gain=1.5)
        yield _compared("upfirdn2d", native_backend.upfirdn2d, upfirdn2d_ref, enlarged)
    tail = FirBiasAct(
        x, short, b, noise, torch.tensor(0.3), padding=(2, 2, 2, 2), filter_gain=4.0, act="lrelu", gain=math.sqrt(2),
        clamp=3.0,
    )  # fmt: skip
    yield _compared("fir_bias_act", native_backend.fir_bias_act, fir_bias_act_ref, tail)
    acted = BiasAct(x.clone(), b, act="lrelu", gain=1.5, clamp=0.9, inplace=True)
    yield _compared("bias_act", native_backend.bias_act, bias_act_ref, acted)
    for fd in (long, round_):
        filtered = FilteredLrelu(
            x, long, fd, b, up=(2, 2), down=(2, 2), padding=(9, 8, 7, 10), gain=math.sqrt(2), clamp=4.0
        )
        yield _compared("filtered_lrelu", native_backend.filtered_lrelu, filtered_lrelu_ref, filtered)


def _of_layers(x: Tensor, weight: Tensor, b: Tensor, styles: Tensor, noise: Tensor) -> Iterator[Compared]:
    """x: [N, I, H, W], weight: [O, I, 3, 3], b: [O], styles: [N, I], noise: [H, W]"""
    for dtype in TYPES:
        layer = StyledConv2d(
            x.to(dtype), StyledWeights(weight), styles, padding=1, noise=noise, strength=torch.tensor(0.3), b=b,
            act="lrelu", gain=math.sqrt(2), clamp=3.0,
        )  # fmt: skip
        yield _compared("styled_conv2d", winograd.run, styled_conv2d_ref, layer)


def _of_weights(weight: Tensor, styles: Tensor, gain: Tensor) -> Iterator[Compared]:
    """weight: [O, I, 3, 3], styles, gain: [I]"""
    exchanged = weight.transpose(0, 1).contiguous(memory_format=torch.channels_last).transpose(0, 1)
    for w in (weight, weight.contiguous(memory_format=torch.channels_last), exchanged):
        for dtype in TYPES:
            call = Modulate(w, styles, gain, True, True, dtype, torch.preserve_format)
            yield _compared("modulate", native_backend.modulate, modulate_ref, call)
