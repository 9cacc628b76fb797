"""Which backend of each operation runs here, and why no faster one. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass

from .native.state import LIBRARY, Phase

OPS = ("upfirdn2d", "bias_act", "fir_bias_act", "filtered_lrelu", "modulate", "styled_conv2d")

PLAIN = "torch: plain torch operations"


@dataclass(frozen=True)
class BackendReport:
    """One operation, the backend that runs it on the CPU, and why a faster one does not, or what it runs with."""

    op: str
    backend: str
    reason: str


def backends() -> tuple[BackendReport, ...]:
    """The backend of each operation on this machine, as things are now: building is not started."""
    state = LIBRARY.state
    if state.phase is Phase.READY:
        return tuple(BackendReport(op, f"native: C++ kernels, {state.reason}", "self-test passed") for op in OPS)
    return tuple(BackendReport(op, PLAIN, state.reason) for op in OPS)


def cuda_state() -> str:
    """Whether the CUDA kernels run on the first GPU, or why not. Imports torch."""
    from .cuda.device import opened

    found = opened(0)
    return found if isinstance(found, str) else "ready; each kernel is compiled when it is first needed"
