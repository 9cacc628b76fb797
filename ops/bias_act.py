"""Bias, activation, gain and clamp in one step, as StyleGAN's layers end (Karras et al. 2020, appendix B)."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import MappingProxyType

import torch
import torch.nn.functional as F
from torch import Tensor

LRELU_SLOPE = 0.2


def needs_grad(x: Tensor) -> bool:
    """Whether autograd follows x, so that it must not be changed in place."""
    return torch.is_grad_enabled() and x.requires_grad


_FUNCTIONS: MappingProxyType[str, Callable[[Tensor], Tensor]] = MappingProxyType(
    {
        "linear": lambda x: x,
        "relu": torch.relu,
        "tanh": torch.tanh,
        "sigmoid": torch.sigmoid,
        "elu": F.elu,
        "selu": F.selu,
        "softplus": F.softplus,
        "swish": F.silu,
    }
)

ACTIVATIONS = ("linear", "relu", "lrelu", "tanh", "sigmoid", "elu", "selu", "softplus", "swish")


def default_gain(act: str) -> float:
    """The gain that keeps the magnitude of normally distributed values."""
    return math.sqrt(2) if act in ("relu", "lrelu", "swish") else 1.0


def bias_act(
    x: Tensor,
    b: Tensor | None = None,
    *,
    dim: int = 1,
    act: str = "linear",
    alpha: float = LRELU_SLOPE,
    gain: float | None = None,
    clamp: float | None = None,
    inplace: bool = False,
) -> Tensor:
    """x + b, then the activation, times `gain` (None: that of the activation), limited to -clamp..clamp.

    x: any shape, b: [x.shape[dim]] or None -> as x. `alpha` is the slope of lrelu. `inplace` lets x be overwritten,
    which is done where autograd does not follow it. Raises ValueError for an unknown activation.
    """
    if act not in ACTIVATIONS:
        raise ValueError(f"there is no activation {act!r}; there are {', '.join(ACTIVATIONS)}")
    if gain is None:
        gain = default_gain(act)
    if b is not None:
        b = b.to(x.dtype).reshape([-1 if i == dim else 1 for i in range(x.ndim)])
    if inplace and not (needs_grad(x) or (b is not None and needs_grad(b))):
        return _in_place(x, b, act, alpha, gain, clamp)
    if b is not None:
        x = x + b
    x = F.leaky_relu(x, alpha) if act == "lrelu" else _FUNCTIONS[act](x)
    if gain != 1:
        x = x * gain
    if clamp is not None:
        x = x.clamp(-clamp, clamp)
    return x


def _in_place(x: Tensor, b: Tensor | None, act: str, alpha: float, gain: float, clamp: float | None) -> Tensor:
    if b is not None:
        x.add_(b)
    x = F.leaky_relu_(x, alpha) if act == "lrelu" else _FUNCTIONS[act](x)
    if gain != 1:
        x.mul_(gain)
    if clamp is not None:
        x.clamp_(-clamp, clamp)
    return x
