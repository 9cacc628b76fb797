"""Gradients: of the reference against finite differences, and of the native operations against the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ops.base import reference
from ops.bias_act import bias_act, fir_bias_act
from ops.filtered_lrelu import filtered_lrelu
from ops.fir import design_lowpass, setup_filter
from ops.modulate import modulate
from ops.upfirdn2d import upfirdn2d, upsample2d
from tests.ops.test_contract import REFERENCES, calls, contiguous, drawn

SHORT = setup_filter([1, 2, 4, 3])
LONG = design_lowpass(12, 8, 4, 64)

# What is differentiated, and the shapes of its inputs.
FUNCTIONS: dict[str, tuple[Callable[..., Tensor], tuple[tuple[int, ...], ...]]] = {
    "upfirdn2d up": (lambda x: upfirdn2d(x, SHORT.to(x.dtype), up=2, padding=(3, 2, 1, 4)), ((2, 3, 5, 4),)),
    "upfirdn2d down": (lambda x: upfirdn2d(x, SHORT.to(x.dtype), down=(3, 2), padding=2, gain=2), ((2, 3, 7, 8),)),
    "upfirdn2d crop": (lambda x: upfirdn2d(x, SHORT.to(x.dtype), up=2, padding=(-2, 3, 4, -1)), ((2, 3, 5, 4),)),
    "upfirdn2d flipped": (lambda x: upfirdn2d(x, SHORT.to(x.dtype), flip_filter=True, padding=3), ((1, 2, 4, 5),)),
    "upsample2d add": (lambda x, y: upsample2d(x, SHORT.to(x.dtype), add=y), ((1, 3, 4, 5), (1, 3, 8, 10))),
    "bias_act": (lambda x, b: bias_act(x, b, act="lrelu", clamp=1.0), ((2, 3, 4, 5), (3,))),
    "bias_act of vectors": (lambda x, b: bias_act(x, b, act="lrelu"), ((4, 3), (3,))),
    "fir_bias_act": (
        lambda x, b, n, s: fir_bias_act(
            x, SHORT.to(x.dtype), b, padding=1, noise=n, strength=s, act="lrelu", clamp=1.0
        ),
        ((2, 3, 6, 5), (3,), (2, 1, 5, 4), ()),
    ),
    "filtered_lrelu": (
        lambda x, b: filtered_lrelu(x, fu=LONG, fd=LONG, b=b, up=2, down=2, padding=10, clamp=1.0),
        ((2, 3, 4, 5), (3,)),
    ),
    "modulate": (lambda w, s, g: modulate(w, s, input_gain=g, normalize=True), ((4, 3, 3, 3), (3,), (3,))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_gradient_agrees_with_finite_differences_and_native_with_torch(native: object, name: str) -> None:
    function, shapes = FUNCTIONS[name]
    inputs = [drawn(*shape, seed=i) for i, shape in enumerate(shapes)]
    exact = [x.double().requires_grad_() for x in inputs]
    assert torch.autograd.gradcheck(function, exact, fast_mode=True)

    inputs = [x.requires_grad_() for x in inputs]
    found, expected = function(*inputs), function(*exact)
    assert "stylegan_ops" in type(found.grad_fn).__name__.lower()
    weights = drawn(*expected.shape, seed=9)
    gradients = zip(
        torch.autograd.grad(found, inputs, weights), torch.autograd.grad(expected, exact, weights.double()), strict=True
    )
    for mine, theirs in gradients:
        assert (mine - theirs).abs().max() <= 1e-5 * max(1.0, float(theirs.abs().max()))


def test_the_gradient_of_a_filter_can_be_differentiated_again(native: object) -> None:
    x = drawn(1, 2, 5, 5).requires_grad_()
    (gradient,) = torch.autograd.grad(upfirdn2d(x, SHORT, padding=2).square().sum(), x, create_graph=True)
    gradient.square().sum().backward()
    assert x.grad is not None
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("op", ["upfirdn2d", "fir_bias_act", "filtered_lrelu", "modulate"])
def test_a_reference_has_a_gradient(op: str) -> None:
    first = reference.in_float64(next(calls(op, 3, torch.float32, contiguous)))
    name = "weight" if op == "modulate" else "x"
    x = getattr(first, name).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: REFERENCES[op](replace(first, **{name: x})), (x,), fast_mode=True)


SIDES = [2, 1, 2, 1]
REGISTERED: dict[str, tuple[Any, ...]] = {
    "upfirdn2d": (drawn(1, 3, 5, 6), SHORT, [2, 2], [1, 1], SIDES, False, 1.0, drawn(1, 3, 10, 12)),
    "fir_bias_act": (
        drawn(1, 3, 5, 6),
        SHORT,
        drawn(3),
        drawn(5, 6),
        torch.tensor(0.5),
        *(SIDES, False, 4.0, 0.2, 1.4, 1.0),
    ),
    "filtered_lrelu": (drawn(1, 3, 5, 6), LONG, LONG, drawn(3), [2, 2], [2, 2], [9] * 4, 1.4, 0.2, 1.0, False),
    "modulate": (drawn(4, 3, 3, 3), drawn(3), drawn(3), True, True, torch.float32, torch.preserve_format),
}
NO_GRADIENT: tuple[tuple[str, tuple[Any, ...]], ...] = (  # these run only where none is asked for
    ("bias_act_", (drawn(1, 3, 5, 6), drawn(3), drawn(5, 6), torch.tensor(0.5), 0.2, 1.4, 1.0)),
    ("winograd_weights", (drawn(20, 3, 3, 3), drawn(20), torch.float32)),
    ("winograd_weights", (drawn(20, 3, 3, 3), None, torch.bfloat16)),
    ("winograd", (drawn(1, 3, 5, 6), drawn(36, 1, 3, 32), 20, 2, drawn(1, 3), *(None,) * 4, 0.2, 1.4, 1.0)),
)


@pytest.mark.parametrize("followed", [False, True], ids=["no gradient", "gradient"])
@pytest.mark.parametrize("name", REGISTERED)
def test_torch_finds_nothing_wrong_with_how_an_operation_is_registered(
    native: object, name: str, followed: bool
) -> None:
    x, *others = REGISTERED[name]
    arguments = (x.clone().requires_grad_(followed), *others)
    torch.library.opcheck(getattr(torch.ops.stylegan_ops, name).default, arguments)


@pytest.mark.parametrize(("name", "arguments"), NO_GRADIENT)
def test_torch_finds_nothing_wrong_with_an_operation_without_gradient(
    native: object, name: str, arguments: tuple[Any, ...]
) -> None:
    torch.library.opcheck(getattr(torch.ops.stylegan_ops, name).default, arguments)
