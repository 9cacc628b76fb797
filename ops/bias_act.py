"""Bias, activation, gain and clamp in one step, as StyleGAN's layers end (Karras et al. 2020, appendix B)."""

from __future__ import annotations

import math

from torch import Tensor

from . import torch_backend
from .base.calls import BiasAct, FirBiasAct
from .base.constants import ACTIVATIONS, LRELU_SLOPE
from .base.dispatch import Backend, always, run_first
from .base.geometry import Padding, check_covered, parse_padding
from .cuda import cuda_backend
from .native import native_backend

BACKENDS = (
    Backend("cuda", cuda_backend.why_not_bias_act, cuda_backend.bias_act),
    Backend("native", native_backend.why_not_bias_act, native_backend.bias_act),
    Backend("torch", always, torch_backend.bias_act),
)
FIR_BACKENDS = (
    Backend("cuda", cuda_backend.why_not_fir_bias_act, cuda_backend.fir_bias_act),
    Backend("native", native_backend.why_not_fir_bias_act, native_backend.fir_bias_act),
    Backend("torch", always, torch_backend.fir_bias_act),
)


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
    gain = _gain(act, gain)
    call = BiasAct(x, b, dim=dim, act=act, alpha=alpha, gain=gain, clamp=clamp, inplace=inplace)
    return run_first(BACKENDS, call)


def fir_bias_act(
    x: Tensor,
    f: Tensor | None = None,
    b: Tensor | None = None,
    *,
    padding: Padding = 0,
    flip_filter: bool = False,
    filter_gain: float = 1.0,
    noise: Tensor | None = None,
    strength: Tensor | None = None,
    act: str = "linear",
    alpha: float = LRELU_SLOPE,
    gain: float | None = None,
    clamp: float | None = None,
    inplace: bool = False,
) -> Tensor:
    """The tail of a StyleGAN2 layer: pad or crop, filter, add noise and bias, activate, in one pass over memory.

    x: [N, C, H, W], f and padding: as `upfirdn2d` takes them, b: [C], noise: [H', W'] or [N, 1, H', W'], times
    strength: [] -> [N, C, H', W'] in the layout of x, best channels_last. The rest is as in `bias_act`; `inplace`
    lets x be overwritten. Raises ValueError as `upfirdn2d` and `bias_act` do.
    """
    sides = parse_padding(padding)
    check_covered(x, f, (1, 1), sides)
    return run_first(
        FIR_BACKENDS,
        FirBiasAct(
            x, f, b, noise, strength, padding=sides, flip_filter=flip_filter, filter_gain=filter_gain,
            act=act, alpha=alpha, gain=_gain(act, gain), clamp=clamp, inplace=inplace,
        ),
    )  # fmt: skip


def _gain(act: str, gain: float | None) -> float:
    if act not in ACTIVATIONS:
        raise ValueError(f"there is no activation {act!r}; there are {', '.join(ACTIVATIONS)}")
    return default_gain(act) if gain is None else gain
