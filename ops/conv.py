"""A convolution without styles, whose weights stay."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from .base.calls import Conv2d, StyledConv2d
from .base.dispatch import Backend, always, run_first
from .base.styled_weights import StyledWeights
from .native import winograd


def conv2d(x: Tensor, weights: StyledWeights, b: Tensor) -> Tensor:
    """Correlate with a kernel of odd size, with zeros beyond the border.

    x: [N, I, H, W], b: [O] -> [N, O, H, W], in the type of x and channels_last where x is.
    """
    return run_first(BACKENDS, Conv2d(x, weights, b))


def _why_not_native(call: Conv2d) -> str:
    return winograd.why_not(_styled(call))


def _native(call: Conv2d) -> Tensor:
    return winograd.run(_styled(call))


def _styled(call: Conv2d) -> StyledConv2d:
    """With styles that change nothing."""
    styles = call.x.new_ones(call.x.shape[:2], dtype=torch.float32)
    return StyledConv2d(call.x, call.weights, styles, padding=1, demodulate=False, b=call.b)


def _direct(call: Conv2d) -> Tensor:
    x, w = call.x, call.weights.final.to(call.x.dtype)
    return F.conv2d(x, w, call.b.to(x.dtype), padding=(w.shape[2] // 2, w.shape[3] // 2))


BACKENDS = (
    Backend("native", _why_not_native, _native),
    Backend("direct", always, _direct),
)
