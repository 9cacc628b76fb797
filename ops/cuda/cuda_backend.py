"""The backend of CUDA kernels, which are imported on first use."""

from __future__ import annotations

from torch import Tensor

from ..base.calls import BiasAct, FilteredLrelu, FirBiasAct, Modulate, Upfirdn2d

NOT_CUDA = "it runs on a GPU with CUDA, and the tensors are elsewhere"


def why_not_upfirdn2d(call: Upfirdn2d) -> str:
    if not call.x.is_cuda:
        return NOT_CUDA
    from .upfirdn2d import why_not

    return why_not(call)


def upfirdn2d(call: Upfirdn2d) -> Tensor:
    from .upfirdn2d import run

    return run(call)


def why_not_filtered_lrelu(call: FilteredLrelu) -> str:
    if not call.x.is_cuda:
        return NOT_CUDA
    from .filtered_lrelu import why_not

    return why_not(call)


def filtered_lrelu(call: FilteredLrelu) -> Tensor:
    from .filtered_lrelu import run

    return run(call)


def why_not_bias_act(call: BiasAct) -> str:
    if not call.x.is_cuda:
        return NOT_CUDA
    from .bias_act import why_not

    return why_not(call)


def bias_act(call: BiasAct) -> Tensor:
    from .bias_act import run

    return run(call)


def why_not_fir_bias_act(call: FirBiasAct) -> str:
    if not call.x.is_cuda:
        return NOT_CUDA
    from .sg2_tail import why_not

    return why_not(call)


def fir_bias_act(call: FirBiasAct) -> Tensor:
    from .sg2_tail import run

    return run(call)


def why_not_modulate(call: Modulate) -> str:
    if not call.weight.is_cuda:
        return NOT_CUDA
    from .modulate import why_not

    return why_not(call)


def modulate(call: Modulate) -> Tensor:
    from .modulate import run

    return run(call)
