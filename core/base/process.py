"""How this process uses memory and threads; for programs, which call it before torch is imported."""

from __future__ import annotations

import ctypes
import os
import re
import sys
from pathlib import Path

from ops.native.cpu_allocator import KEEP_VARIABLE, release_blocks

# OpenMP's idle threads sleep instead of spinning, or they would take the cores from the window and from each other:
# a StyleGAN2 at 1024 under a window that draws all the time took 2.5 s a frame on two cores instead of 4 s. On an idle
# machine it costs a tenth. Lowering the render thread's priority gained nothing and made frames twice as slow.
QUIET_WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "KMP_BLOCKTIME": "0"}
# What torch logs by itself, past the loggers and the warnings of Python, is only told from errors on.
QUIET_LOGS = {"TORCH_LOGS": "-all", "TORCH_CPP_LOG_LEVEL": "ERROR"}

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_MAX = -1, -2, -4  # of mallopt(3)
KEEP_UP_TO = 2**31 - 1
GROW_BY = 2**28

MEMORY_FACTS = Path("/proc/meminfo")
ASSUMED_MEMORY = 4 * 2**30  # bytes, of a system that does not tell


def prepare_process() -> None:
    """Let threads wait and torch work quietly, and keep freed memory for the next tensors. Before torch is imported.

    By default glibc gives every large tensor fresh pages from the system and gives them back: a StyleGAN2 at 1024 then
    spends half of its time in page faults (1.4 s against 0.7 s on two cores). The native library, once it is there,
    has blocks for them instead, which leave no holes.
    """
    for name, value in (QUIET_WAITING | QUIET_LOGS).items():
        os.environ.setdefault(name, value)
    keep = os.environ.setdefault(KEEP_VARIABLE, "1") != "0"
    libc = _libc() if keep else None
    if libc is not None and hasattr(libc, "mallopt"):
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, KEEP_UP_TO)
        libc.mallopt(M_TOP_PAD, GROW_BY)


def release_freed_memory() -> None:
    """Give what is kept but unused back to the system, as after closing a network."""
    release_blocks()
    libc = _libc()
    if libc is not None and hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)


def available_memory() -> int:
    """Bytes that may still be used without others having to give way; a guess where the system does not tell."""
    try:
        found = re.search(r"^MemAvailable:\s*(\d+) kB$", MEMORY_FACTS.read_text(), re.MULTILINE)
    except OSError:
        found = None
    if found is not None:
        return int(found[1]) * 1024
    try:
        return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) // 2
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return ASSUMED_MEMORY


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None
