"""A few small calls of each native operation, compared with the reference: a miscompiled library is not used."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from ..base.reference import (
    TOLERANCES,
    bias_act_ref,
    filtered_lrelu_ref,
    fir_bias_act_ref,
    modulate_ref,
    styled_conv2d_ref,
    upfirdn2d_ref,
)
from ..base.styled_weights import StyledWeights
from . import native_backend, winograd


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


def double(value: Any) -> Any:
    return value.double() if isinstance(value, Tensor) else value


def _results() -> Iterator[tuple[str, Tensor, Tensor]]:
    """The name of an operation, its result, and the reference's in float64."""
    random = torch.Generator().manual_seed(0)

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=random)

    short, long, round_ = drawn(4, 4), drawn(12), drawn(5, 5)
    for c in (3, 17, 35):
        for dtype in (torch.float32, torch.bfloat16):
            for layout in (torch.contiguous_format, torch.channels_last):
                x, b, noise = drawn(2, c, 9, 7).to(dtype, memory_format=layout), drawn(c), drawn(10, 8)
                exact, strength = x.double(), torch.tensor(0.3)
                for up, f in ((1, short), (2, short), (2, long), (4, long)):
                    geometry: dict[str, Any] = {"up": (up, up), "down": (1, 2), "padding": (6, 5, 4, 7)}
                    options: dict[str, Any] = {"flip_filter": False, "gain": 1.5}
                    found = native_backend.upfirdn2d(x, f, **geometry, **options)
                    yield "upfirdn2d", found, upfirdn2d_ref(exact, f, **geometry, **options)
                tail: dict[str, Any] = {
                    "padding": (2, 2, 2, 2),
                    "flip_filter": False,
                    "filter_gain": 4.0,
                    "noise": noise,
                    "strength": strength,
                    "act": "lrelu",
                    "alpha": 0.2,
                    "gain": math.sqrt(2),
                    "clamp": 3.0,
                }
                found = native_backend.fir_bias_act(x, short, b, **tail, inplace=False)
                yield "fir_bias_act", found, fir_bias_act_ref(exact, short, b, **tail)
                act: dict[str, Any] = {"dim": 1, "act": "lrelu", "alpha": 0.2, "gain": 1.5, "clamp": 0.9}
                found = native_backend.bias_act(x.clone(), b, **act, inplace=True)
                yield "bias_act", found, bias_act_ref(exact, b, **act)
                for fd in (long, round_):
                    options = {
                        "up": (2, 2),
                        "down": (2, 2),
                        "padding": (9, 8, 7, 10),
                        "gain": math.sqrt(2),
                        "slope": 0.2,
                        "clamp": 4.0,
                        "flip_filter": False,
                    }
                    found = native_backend.filtered_lrelu(x, long, fd, b, **options)
                    yield "filtered_lrelu", found, filtered_lrelu_ref(exact, long, fd, b, **options)
        x, wide, b, styles = drawn(2, c, 21, 18), drawn(19, c, 3, 3), drawn(19), drawn(2, c)
        whole: dict[str, Any] = {
            "up": 1,
            "padding": 1,
            "f": None,
            "demodulate": True,
            "input_gain": None,
            "noise": drawn(21, 18),
            "strength": torch.tensor(0.3),
            "b": b,
            "act": "lrelu",
            "alpha": 0.2,
            "gain": math.sqrt(2),
            "clamp": 3.0,
        }
        for dtype in (torch.float32, torch.bfloat16):
            typed = x.to(dtype)
            found = winograd.run(typed, StyledWeights(wide), styles, **whole)
            doubled = {name: double(value) for name, value in whole.items()}
            expected = styled_conv2d_ref(typed.double(), wide.double(), styles.double(), normalize=False, **doubled)
            yield "styled_conv2d", found, expected
        weight, styles, gain = drawn(19, c, 3, 3), drawn(c), drawn(c)
        exchanged = weight.transpose(0, 1).contiguous(memory_format=torch.channels_last).transpose(0, 1)
        for w in (weight, weight.contiguous(memory_format=torch.channels_last), exchanged):
            for dtype in (torch.float32, torch.bfloat16):
                options = {
                    "demodulate": True,
                    "normalize": True,
                    "dtype": dtype,
                    "memory_format": torch.preserve_format,
                }
                found = native_backend.modulate(w, styles, input_gain=gain, **options)
                options["dtype"] = torch.float64
                exact, style, gains = w.double(), styles.double(), gain.double()
                yield "modulate", found, modulate_ref(exact, style, input_gain=gains, **options)
