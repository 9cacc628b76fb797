"""The weights of a modulated convolution for one sample (Karras et al. 2020, equations 1 and 3)."""

from __future__ import annotations

import torch
from torch import Tensor

from . import torch_backend
from .base.calls import Modulate
from .base.dispatch import Backend, always, run_first
from .cuda import cuda_backend
from .native import native_backend

BACKENDS = (
    Backend("cuda", cuda_backend.why_not_modulate, cuda_backend.modulate),
    Backend("native", native_backend.why_not_modulate, native_backend.modulate),
    Backend("torch", always, torch_backend.modulate),
)


def modulate(
    weight: Tensor,
    styles: Tensor,
    *,
    input_gain: Tensor | None = None,
    demodulate: bool = True,
    normalize: bool = False,
    dtype: torch.dtype | None = None,
    memory_format: torch.memory_format = torch.preserve_format,
) -> Tensor:
    """Weights times styles, each output then brought to unit magnitude if `demodulate`, times `input_gain`.

    weight: float32 [O, I, kh, kw], styles: float32 [I], input_gain: [] or [I], not counted in the magnitude
    -> [O, I, kh, kw] in `dtype` (None: that of the weights) and `memory_format`. `normalize` first brings the
    unmodulated weights of each output to unit mean square (Karras et al. 2021, appendix C.1).

    A layout is best chosen once, for `weight`, and preserved: channels_last, or, for `conv_transpose2d`, that of
    `w.transpose(0, 1)` in channels_last, so that its transposed result needs no copy.
    """
    dtype = weight.dtype if dtype is None else dtype
    return run_first(BACKENDS, Modulate(weight, styles, input_gain, demodulate, normalize, dtype, memory_format))
