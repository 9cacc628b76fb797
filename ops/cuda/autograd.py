"""Gradients of fused operations, by computing them once more in steps that have gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def recomputed_gradients(
    steps: Callable[..., Tensor], inputs: Sequence[Tensor | None], needed: Sequence[bool], grad: Tensor
) -> list[Tensor | None]:
    """The gradients of steps(*inputs) for those inputs that are needed; None for the others.

    Raises RuntimeError if these gradients are to have gradients themselves.
    """
    if torch.is_grad_enabled():
        raise RuntimeError("the fused CUDA operations have first-order gradients only")
    apart = [None if x is None else x.detach().requires_grad_(need) for x, need in zip(inputs, needed, strict=True)]
    with torch.enable_grad():
        y = steps(*apart)
    wanted = [x for x in apart if x is not None and x.requires_grad]
    found = iter(torch.autograd.grad(y, wanted, grad))
    return [next(found) if x is not None and x.requires_grad else None for x in apart]
