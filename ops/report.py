"""Which implementation of each operation runs here, and why no other. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass

OPS = ("upfirdn2d", "bias_act", "filtered_lrelu", "modulated_conv2d")

REFERENCE = "torch: the reference, plain torch operations"
NO_NATIVE = "native kernels are not part of this version"


@dataclass(frozen=True)
class BackendReport:
    """One operation, the implementation that runs it, and why a faster one does not."""

    op: str
    backend: str
    reason: str


def backends() -> tuple[BackendReport, ...]:
    """The implementation of each operation on this machine."""
    return tuple(BackendReport(op, REFERENCE, NO_NATIVE) for op in OPS)
