"""What torch has to know of the native operations besides their kernels: shapes, and gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ..base.calls import FilteredLrelu, FirBiasAct, Modulate, Upfirdn2d
from ..base.geometry import UNIT, Factors, Sides, filter_size
from ..base.reference import filtered_lrelu_ref, fir_bias_act_ref, modulate_ref
from ..base.tensors import layout_of
from . import native_backend

NAMESPACE = "stylegan_ops"
PANEL_SPEED = {64: 1.0, 32: 0.97, 16: 0.8}  # of the kernel for panels of so many outputs


def register() -> None:
    """Once, after the library is loaded."""
    fakes: dict[str, Callable[..., Any]] = {
        "upfirdn2d": _fake_upfirdn2d,
        "fir_bias_act": _fake_fir_bias_act,
        "bias_act_": _fake_in_place,
        "filtered_lrelu": _fake_filtered_lrelu,
        "modulate": _fake_modulate,
        "winograd_weights": _fake_winograd_weights,
        "winograd": _fake_winograd,
    }
    for name, fake in fakes.items():
        torch.library.register_fake(f"{NAMESPACE}::{name}", fake)
    gradients: dict[str, Callable[..., Any]] = {
        "upfirdn2d": _upfirdn2d_backward,
        "fir_bias_act": _recompute(_fir_bias_act_again),
        "filtered_lrelu": _recompute(_filtered_lrelu_again),
        "modulate": _recompute(_modulate_again),
    }
    for name, backward in gradients.items():
        torch.library.register_autograd(f"{NAMESPACE}::{name}", backward, setup_context=_keep_inputs)


# ----------------------------------------------------------------------------
# Shapes.


def _resampled(x: Tensor, filters: tuple[Tensor | None, ...], up: Factors, down: Factors, padding: Sides) -> Tensor:
    n, c, h, w = x.shape
    sizes = [filter_size(f) for f in filters]
    width = w * up[0] + padding[0] + padding[1] - sum(size[0] - 1 for size in sizes)
    height = h * up[1] + padding[2] + padding[3] - sum(size[1] - 1 for size in sizes)
    y = x.new_empty(n, c, (height + down[1] - 1) // down[1], (width + down[0] - 1) // down[0])
    return y.to(memory_format=layout_of(x))


def _fake_upfirdn2d(*inputs: Any) -> Tensor:
    call = Upfirdn2d(*inputs)
    return _resampled(call.x, (call.f,), call.up, call.down, call.padding)


def _fake_fir_bias_act(*inputs: Any) -> Tensor:
    call = _fir_bias_act_call(*inputs)
    if call.x.ndim == 4:
        return _resampled(call.x, (call.f,), UNIT, UNIT, call.padding)
    return torch.empty_like(call.x).contiguous()


def _fake_in_place(*_: Any) -> None:
    return None


def _fake_filtered_lrelu(*inputs: Any) -> Tensor:
    call = FilteredLrelu(*inputs)
    return _resampled(call.x, (call.fu, call.fd), call.up, call.down, call.padding)


def _fake_modulate(*inputs: Any) -> Tensor:
    call = Modulate(*inputs)
    return torch.empty_like(call.weight, dtype=call.dtype, memory_format=call.memory_format)


def _fake_winograd_weights(weight: Tensor, scale: Tensor | None, dtype: torch.dtype) -> Tensor:
    outputs, inputs = weight.shape[:2]
    panel = min((64, 32, 16), key=lambda size: -(-outputs // size) * size / PANEL_SPEED[size])
    last = (-(-inputs // 2), panel, 2) if dtype == torch.bfloat16 else (inputs, panel)
    return weight.new_empty((36, -(-outputs // panel), *last), dtype=dtype)


def _fake_winograd(x: Tensor, weights: Tensor, outputs: int, padding: int, *_: Any) -> Tensor:
    n, h, w = x.shape[0], *x.shape[2:]
    grown = 2 * padding - 2
    return x.new_empty(n, outputs, h + grown, w + grown).to(memory_format=torch.channels_last)


# ----------------------------------------------------------------------------
# Gradients of first order.


def _keep_inputs(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
    """Tensors are kept where autograd can free and check them, the rest as it is."""
    ctx.places = [i for i, value in enumerate(inputs) if isinstance(value, Tensor)]
    ctx.save_for_backward(*(inputs[i] for i in ctx.places))
    ctx.others = [None if isinstance(value, Tensor) else value for value in inputs]


def _kept_inputs(ctx: Any) -> list[Any]:
    inputs = list(ctx.others)
    for i, tensor in zip(ctx.places, ctx.saved_tensors, strict=True):
        inputs[i] = tensor
    return inputs


def _upfirdn2d_backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
    """The transposed operation: up and down change places, and the filter is flipped."""
    call = Upfirdn2d(*_kept_inputs(ctx))
    fw, fh = filter_size(call.f)
    height, width = call.x.shape[2:]
    (up_x, up_y), (down_x, down_y), (x0, _, y0, _) = call.up, call.down, call.padding
    left, top = fw - x0 - 1, fh - y0 - 1
    # As many samples as x has; those that the forward pass did not use get zero.
    right = (width - 1) * up_x + fw - left - grad.shape[3] * down_x
    bottom = (height - 1) * up_y + fh - top - grad.shape[2] * down_y
    grad_x = None
    if ctx.needs_input_grad[0]:
        grad_x = native_backend.upfirdn2d(
            Upfirdn2d(
                grad, call.f, up=call.down, down=call.up, padding=(left, right, top, bottom),
                flip_filter=not call.flip_filter, gain=call.gain,
            )
        )  # fmt: skip
    return grad_x, None, None, None, None, None, None, grad if ctx.needs_input_grad[7] else None


def _recompute(again: Callable[..., Tensor]) -> Callable[..., tuple[Tensor | None, ...]]:
    """The gradient by way of the reference: nothing but the inputs is kept, and the forward pass is done again."""

    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        inputs, wanted = _kept_inputs(ctx), ctx.needs_input_grad
        with torch.enable_grad():
            for i in ctx.places:
                inputs[i] = inputs[i].detach().requires_grad_(wanted[i])
            y = again(*inputs)
        places = [i for i in ctx.places if wanted[i]]
        found = dict(zip(places, torch.autograd.grad(y, [inputs[i] for i in places], grad), strict=True))
        return tuple(found.get(i) for i in range(len(inputs)))

    return backward


def _fir_bias_act_again(*inputs: Any) -> Tensor:
    shape = inputs[0].shape
    x = inputs[0].reshape(*shape, *(1,) * (4 - len(shape)))
    y = fir_bias_act_ref(_fir_bias_act_call(x, *inputs[1:]))
    return y if len(shape) == 4 else y.reshape(shape)


def _filtered_lrelu_again(*inputs: Any) -> Tensor:
    return filtered_lrelu_ref(FilteredLrelu(*inputs))


def _modulate_again(*inputs: Any) -> Tensor:
    return modulate_ref(Modulate(*inputs))


def _fir_bias_act_call(*inputs: Any) -> FirBiasAct:
    """Its only activation is a leaky ReLU, whose slope may be 1."""
    *filtered, slope, gain, clamp = inputs
    return FirBiasAct(*(*filtered, "lrelu", slope, gain, clamp))
