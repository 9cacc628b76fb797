"""What an operation asks of tensors: whether autograd follows them, and how they lie in memory."""

from __future__ import annotations

import torch
from torch import Tensor


def needs_grad(*tensors: Tensor | None) -> bool:
    """Whether autograd follows one of these, so that what depends on it must not be changed in place."""
    return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)


def layout_of(x: Tensor) -> torch.memory_format:
    """Contiguous, which a picture of one channel or one pixel always is, or channels_last."""
    last = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if last else torch.contiguous_format
