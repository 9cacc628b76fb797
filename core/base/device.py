"""Which device runs the networks, and how long things take on it."""

from __future__ import annotations

import time

import torch

from core.base.errors import DeviceError
from core.base.text import plural, shown


def available_devices() -> tuple[str, ...]:
    """Names that `open_device` takes here, the best first."""
    names = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    if torch.backends.mps.is_available():
        names.append("mps")
    return (*names, "cpu")


def open_device(name: str) -> torch.device:
    """The device of this name ("auto": the best one), after a tiny computation on it has worked.

    On a GPU torch then convolves float32 as float32; by itself it takes TensorFloat-32, with 10 bits of 23.
    Raises DeviceError with the reason if it is absent or has no kernels for its GPU.
    """
    if name == "auto":
        name = available_devices()[0]
    try:
        device = torch.device(name)
    except RuntimeError as error:
        names = ", ".join(available_devices())
        raise DeviceError(f"'{shown(name, 40)}' is not a device; use one of auto, {names}.") from error
    try:
        (torch.ones(2, device=device) * 2).sum().item()
    except torch.OutOfMemoryError as error:
        raise DeviceError(f"{name} has no free memory; close other programs that use it.") from error
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        if "no kernel image" in str(error):
            raise DeviceError(
                f"This build of torch has no kernels for {_gpu_name(device)}; "
                "install a torch build that has, or use the CPU."
            ) from error
        raise DeviceError(f"{name} cannot be used here; use one of {', '.join(available_devices())}.") from error
    torch.backends.cudnn.allow_tf32 = False
    return device


def fast_dtype(device: torch.device) -> torch.dtype | None:
    """The type of less precision that the device computes faster in than in float32; None if it has none."""
    match device.type:
        case "cuda":
            return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
        case "cpu" if torch._C._has_mkldnn and torch.ops.mkldnn._is_mkldnn_bf16_supported():
            return torch.bfloat16
    return None


def is_out_of_memory(error: Exception) -> bool:
    """Whether torch failed for want of memory; on the CPU only its words tell."""
    return isinstance(error, (torch.OutOfMemoryError, MemoryError)) or "can't allocate memory" in str(error)


def device_label(device: torch.device) -> str:
    """What the status bar shows, e.g. "CUDA · NVIDIA H200" or "CPU · 8 threads"."""
    match device.type:
        case "cuda":
            return f"CUDA · {_gpu_name(device)}"
        case "cpu":
            threads = torch.get_num_threads()
            return f"CPU · {plural(threads, 'thread')}"
        case other:
            return other.upper()


def _gpu_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device)


class Stopwatch:
    """Marks moments of work on a device; the times between them are read once the work is done."""

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._device = device
        self._marks: list[torch.cuda.Event | float] = []

    def mark(self) -> int:
        """Note this moment of the device's work; returns its number."""
        if self._cuda:
            event = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
            event.record(torch.cuda.current_stream(self._device))
            self._marks.append(event)
        else:
            self._marks.append(time.perf_counter())
        return len(self._marks) - 1

    def ms(self, first: int, last: int) -> float:
        """Milliseconds between two marks; on a GPU only after the work has been waited for."""
        start, end = self._marks[first], self._marks[last]
        if isinstance(start, torch.cuda.Event) and isinstance(end, torch.cuda.Event):
            return float(start.elapsed_time(end))
        assert isinstance(start, float)
        assert isinstance(end, float)
        return (end - start) * 1000
