"""How much memory a piece of work takes at most: of the process, or of a GPU."""

from __future__ import annotations

import re
from pathlib import Path

import torch

from core.base.process import release_freed_memory

STATUS = Path("/proc/self/status")
CLEAR_REFS = Path("/proc/self/clear_refs")
RESET_PEAK = "5"  # what proc(5) calls resetting the resident set's high-water mark


class PeakMemory:
    """The most memory in use since this was made, beyond what was in use then."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._before: int | None = None  # bytes; None: this system does not tell
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
            self._before = torch.cuda.memory_allocated(device)
        elif device.type == "cpu":
            release_freed_memory()  # kept for the next tensors, it would hide what they take
            self._before = _reset_resident_peak()

    def growth(self) -> int | None:
        """Bytes; None where the system does not tell."""
        if self._before is None:
            return None
        on_gpu = self._device.type == "cuda"
        peak = torch.cuda.max_memory_allocated(self._device) if on_gpu else resident_peak()
        return None if peak is None else max(0, peak - self._before)


def resident_peak() -> int | None:
    """The high-water mark of this process's resident set, bytes; None where there is no /proc."""
    return _status("VmHWM")


def _reset_resident_peak() -> int | None:
    """Start the high-water mark anew. Returns the bytes that are resident now, None if that is not possible here."""
    try:
        CLEAR_REFS.write_text(RESET_PEAK)
    except OSError:  # another system, or a container that does not allow it
        return None
    return _status("VmRSS")


def _status(name: str) -> int | None:
    try:
        found = re.search(rf"^{name}:\s*(\d+) kB$", STATUS.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found[1]) * 1024 if found else None
