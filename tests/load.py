"""How busy the machine is, for limits of time that hold on a busy one, too."""

from __future__ import annotations

from time import perf_counter, thread_time

SAMPLE_S = 0.1


def slowdown() -> float:
    """How many times as long as alone a thread takes for its work just now; 1 on a machine that does nothing else."""
    began, worked = perf_counter(), thread_time()
    while thread_time() - worked < SAMPLE_S:
        pass
    return max(1.0, (perf_counter() - began) / SAMPLE_S)
