"""Every operation on every backend, in every type, odd size and layout, against the reference in float64."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

import ops.bias_act
import ops.filtered_lrelu
import ops.modulate
import ops.upfirdn2d
from ops.base import reference
from ops.base.calls import BiasAct, FilteredLrelu, FirBiasAct, Modulate, Upfirdn2d
from ops.base.dispatch import Backend, run_first
from ops.fir import design_lowpass, setup_filter

SIZES = (1, 2, 3, 7, 16, 17, 33)
DTYPES = (torch.float32, torch.bfloat16)
BACKENDS: dict[str, tuple[Backend[Any, Tensor], ...]] = {
    "upfirdn2d": ops.upfirdn2d.BACKENDS,
    "bias_act": ops.bias_act.BACKENDS,
    "fir_bias_act": ops.bias_act.FIR_BACKENDS,
    "filtered_lrelu": ops.filtered_lrelu.BACKENDS,
    "modulate": ops.modulate.BACKENDS,
}
REFERENCES: dict[str, Callable[..., Tensor]] = {
    "upfirdn2d": reference.upfirdn2d_ref,
    "bias_act": reference.bias_act_ref,
    "fir_bias_act": reference.fir_bias_act_ref,
    "filtered_lrelu": reference.filtered_lrelu_ref,
    "modulate": reference.modulate_ref,
}


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def contiguous(x: Tensor) -> Tensor:
    return x.contiguous()


def channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def inside_of_contiguous(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return x.new_zeros(n, c + 2, h + 3, 2 * w + 1)[:, 1:-1, 2:-1, 1::2].copy_(x)


def inside_of_channels_last(x: Tensor) -> Tensor:
    n, c, h, w = x.shape
    return channels_last(x.new_zeros(n, c + 3, h + 2, w + 1))[:, 2:-1, 1:-1, 1:].copy_(x)


LAYOUTS = (contiguous, channels_last, inside_of_contiguous, inside_of_channels_last)
DENSE = (contiguous, channels_last)
SIZES_INSIDE = (3, 17)  # in pictures that are parts of others
PICTURES = [(layout, size) for layout in LAYOUTS for size in (SIZES if layout in DENSE else SIZES_INSIDE)]


def calls(op: str, size: int, dtype: torch.dtype, layout: Callable[[Tensor], Tensor]) -> Iterator[Any]:
    """Of pictures of `size` channels and rows, and of another number of columns."""
    width = size + 4 if size < 16 else size - 5
    x = layout(drawn(2, size, size, width, seed=1).to(dtype))
    b = drawn(size, seed=2)
    acts: dict[str, Any] = {"act": "lrelu", "alpha": 0.2, "gain": 1.5, "clamp": 1.2}
    match op:
        case "upfirdn2d":
            for f in (None, setup_filter([1, 3, 3, 1]), drawn(3, 4, seed=3), drawn(13, seed=4)):
                for up, down in (((1, 1), (1, 1)), ((2, 2), (1, 1)), ((4, 1), (1, 2)), ((3, 2), (2, 3))):
                    call = Upfirdn2d(x, f, up=up, down=down, padding=(12, 9, 13, 14), gain=1.7)
                    yield call
                yield replace(call, padding=(14, 12, 15, -1), flip_filter=True)
            enlarged = layout(drawn(2, size, 2 * size, 2 * width, seed=5).to(dtype))
            yield Upfirdn2d(x, setup_filter([1, 3, 3, 1]), up=(2, 2), padding=(2, 1, 2, 1), gain=4.0, add=enlarged)
        case "bias_act":
            yield BiasAct(x, b, **acts)
            yield BiasAct(x, None, **acts | {"act": "linear", "clamp": None})
            yield BiasAct(x.clone(), b, **acts, inplace=True)
            yield BiasAct(x[:, :, 0, 0], b, **acts)
            yield BiasAct(x[:, :, 0], b, **acts | {"act": "swish"})
        case "fir_bias_act":
            yield FirBiasAct(x, None, b, **acts)
            yield FirBiasAct(x, None, b, drawn(size, width), torch.tensor(0.6), **acts)
            yield FirBiasAct(x.clone(), None, b, drawn(2, 1, size, width), **acts, inplace=True)
            padded: dict[str, Any] = {"padding": (2, 1, 3, 2), "filter_gain": 4.0, **acts}
            for f, (height, columns) in ((setup_filter([1, 3, 3, 1]), (2, 0)), (drawn(3, seed=6) / 3, (3, 1))):
                noise = drawn(2, 1, size + height, width + columns)
                yield FirBiasAct(x, f, None, noise, torch.tensor(0.6), **padded)
                yield FirBiasAct(x, f, b, **padded | {"act": "linear", "clamp": None})
        case "filtered_lrelu":
            short, long = design_lowpass(12, 8, 4, 64), design_lowpass(24, 8, 4, 128)
            round_ = design_lowpass(7, 8, 4, 64, radial=True)
            acted: dict[str, Any] = {"gain": 1.4, "slope": 0.2, "clamp": 0.8}
            for fu, fd, up, down in (
                (None, None, (1, 1), (1, 1)),
                (short, short, (2, 2), (2, 2)),
                (long, short, (4, 4), (2, 2)),
                (short, round_, (2, 2), (2, 2)),
                (short, long, (2, 1), (1, 4)),
                (round_, None, (2, 2), (1, 1)),
            ):
                yield FilteredLrelu(x, fu, fd, b, up, down, padding=(18, 17, 19, 21), **acted)
            yield FilteredLrelu(x, short, short, None, up, down, padding=(16, 17, 24, -1), **acted, flip_filter=True)
        case "modulate":
            kept = (dtype, torch.preserve_format)
            for taps in (1, 3):
                weight = layout(drawn(size, width, taps, taps, seed=7))
                exchanged = layout(drawn(width, size, taps, taps, seed=8)).transpose(0, 1)
                s, one, each = drawn(width, seed=9), torch.tensor(0.4), drawn(width, seed=10)
                yield Modulate(weight, s, None, True, False, *kept)
                yield Modulate(weight, s, each, True, True, *kept)
                yield Modulate(exchanged, s, one, True, True, *kept)
                yield Modulate(exchanged, s, each, False, False, *kept)
                for wanted in (torch.contiguous_format, torch.channels_last):
                    yield Modulate(weight, s, None, True, False, dtype, wanted)


@pytest.mark.parametrize(("layout", "size"), PICTURES, ids=lambda value: getattr(value, "__name__", str(value)))
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("op", BACKENDS)
def test_a_backend_gives_what_the_reference_gives(
    backend: str, op: str, dtype: torch.dtype, size: int, layout: Callable[[Tensor], Tensor]
) -> None:
    (chosen,) = (known for known in BACKENDS[op] if known.name == backend)
    ran = 0
    for call in calls(op, size, dtype, layout):
        if chosen.why_not(call):
            continue
        expected = REFERENCES[op](reference.in_float64(call))
        found = chosen.run(call)
        ran += 1
        assert found.shape == expected.shape
        assert found.dtype == dtype
        scale = max(1.0, float(expected.abs().max()))
        assert (found - expected).abs().max() <= reference.TOLERANCES[op][dtype] * scale, call
    assert ran or (backend, op) == ("native", "modulate")  # which wants weights that are dense


@pytest.mark.parametrize("op", ["upfirdn2d", "bias_act", "fir_bias_act", "filtered_lrelu"])
def test_a_picture_keeps_its_layout(backend: str, op: str) -> None:
    for layout, memory_format in ((contiguous, torch.contiguous_format), (channels_last, torch.channels_last)):
        for call in calls(op, 17, torch.float32, layout):
            (chosen,) = (known for known in BACKENDS[op] if known.name == backend)
            if call.x.ndim == 4 and not chosen.why_not(call):
                assert chosen.run(call).is_contiguous(memory_format=memory_format)


def test_modulated_weights_keep_their_layout_or_get_the_wanted_one(backend: str) -> None:
    w, s = drawn(5, 6, 3, 3), drawn(6)
    exchanged = channels_last(drawn(6, 5, 3, 3)).transpose(0, 1)
    for weight in (w, channels_last(w), exchanged):
        assert ops.modulate.modulate(weight, s).stride() == weight.stride()
    last = ops.modulate.modulate(w, s, dtype=torch.bfloat16, memory_format=torch.channels_last)
    assert last.is_contiguous(memory_format=torch.channels_last)
    assert last.dtype == torch.bfloat16


def test_what_is_not_finite_stays_so_and_stays_where_it_is(backend: str) -> None:
    x = drawn(1, 17, 9, 9)
    x[0, 3, 4, 4] = torch.nan
    y = ops.bias_act.fir_bias_act(x, setup_filter([1, 2, 1]), drawn(17), padding=1, act="lrelu", clamp=1.0)
    assert y.isnan().sum() == 9
    assert y[0, 3, 3:6, 3:6].isnan().all()


def test_the_native_backend_says_why_it_can_not(native: object) -> None:
    (chosen,) = (known for known in ops.upfirdn2d.BACKENDS if known.name == "native")
    x, f = drawn(1, 1, 4, 4), drawn(2, 2)
    assert chosen.why_not(Upfirdn2d(x, f)) == ""
    assert chosen.why_not(Upfirdn2d(x.double(), f)) == "it has float32 and bfloat16, not torch.float64"
    assert chosen.why_not(Upfirdn2d(x, f.clone().requires_grad_())) == "it has no gradient of a filter"
    assert "up to 256 taps, not 300" in chosen.why_not(Upfirdn2d(x, torch.ones(300)))
    assert "not all tensors are there" in chosen.why_not(Upfirdn2d(x.to("meta"), f))


def test_a_call_that_no_backend_can_run_gets_every_reason() -> None:
    tired: Backend[int, int] = Backend("tired", lambda x: f"{x} is too much", lambda x: x)
    broken: Backend[int, int] = Backend("broken", lambda x: "it is broken", lambda x: x)
    with pytest.raises(NotImplementedError, match="tired: 3 is too much; broken: it is broken"):
        run_first((tired, broken), 3)
