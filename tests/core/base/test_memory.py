"""The most memory that a piece of work takes."""

from __future__ import annotations

import sys

import pytest
import torch

from core.base.memory import PeakMemory, resident_peak

CPU = torch.device("cpu")
SIZE = 256 << 20  # bytes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells, in /proc")


def test_what_was_freed_again_counts_and_what_was_there_before_does_not():
    before = torch.ones(SIZE // 4)
    memory = PeakMemory(CPU)
    assert (memory.growth() or 0) < SIZE / 8
    torch.ones(SIZE // 4)
    assert SIZE * 0.9 < (memory.growth() or 0) < SIZE * 1.2
    assert (PeakMemory(CPU).growth() or 0) < SIZE / 8
    assert (resident_peak() or 0) > before.nbytes
