"""A convolution without styles, whose weights stay."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.constants import LRELU_SLOPE
from .base.dispatch import Backend, always, run_first
from .base.styled_weights import StyledWeights
from .native import winograd

# What a styled convolution does besides, switched off.
NOTHING_ELSE: dict[str, Any] = {
    "up": 1, "padding": 1, "f": None, "demodulate": False, "input_gain": None, "noise": None, "strength": None,
    "act": "linear", "alpha": LRELU_SLOPE, "gain": 1.0, "clamp": None,
}  # fmt: skip


def conv2d(x: Tensor, weights: StyledWeights, b: Tensor) -> Tensor:
    """Correlate with a kernel of odd size, with zeros beyond the border.

    x: [N, I, H, W], b: [O] -> [N, O, H, W], in the type of x and channels_last where x is.
    """
    return run_first(BACKENDS, x, weights, b)


def _why_not_native(x: Tensor, weights: StyledWeights, b: Tensor) -> str:
    return winograd.why_not(x, weights, _no_styles(x), b=b, **NOTHING_ELSE)


def _native(x: Tensor, weights: StyledWeights, b: Tensor) -> Tensor:
    return winograd.run(x, weights, _no_styles(x), b=b, **NOTHING_ELSE)


def _direct(x: Tensor, weights: StyledWeights, b: Tensor) -> Tensor:
    w = weights.final.to(x.dtype)
    return F.conv2d(x, w, b.to(x.dtype), padding=(w.shape[2] // 2, w.shape[3] // 2))


def _no_styles(x: Tensor) -> Tensor:
    return x.new_ones(x.shape[:2], dtype=torch.float32)


BACKENDS = (
    Backend("native", _why_not_native, _native),
    Backend("direct", always, _direct),
)
