"""Kernels on a GPU: loaded once a process, launched on torch's current stream without waiting for it."""

from __future__ import annotations

import ctypes
import functools
import threading
from collections.abc import Iterable
from typing import Any

import torch

from . import nvrtc
from .kernel import THREADS, Kernel, Launch, Unavailable

DEFAULT_SHARED_BYTES = 48 * 2**10  # more has to be asked for


class Device:
    """One GPU in its primary context, which torch uses too. Safe to use from several threads."""

    def __init__(self, index: int) -> None:
        """Raises Unavailable."""
        nvrtc.imported()
        self._driver = driver = imported()
        handle = self._succeeded(driver.cuDeviceGet(index))
        names = driver.CUdevice_attribute
        major = self._succeeded(driver.cuDeviceGetAttribute(names.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, handle))
        minor = self._succeeded(driver.cuDeviceGetAttribute(names.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, handle))
        self.arch = major * 10 + minor
        self._context = self._succeeded(driver.cuDevicePrimaryCtxRetain(handle))
        self._functions: dict[Kernel, Any | str] = {}
        self._loading = threading.Lock()

    def why_not(self, kernel: Kernel) -> str:
        """Why this kernel cannot run here, "" if it can. The first time it is compiled or read from the cache."""
        function = self._functions.get(kernel)
        if function is None:
            with self._loading:
                function = self._functions.get(kernel) or self._load(kernel)
                self._functions[kernel] = function
        return function if isinstance(function, str) else ""

    def launch(self, launch: Launch, stream: int) -> None:
        """Queue a kernel. Raises Unavailable if it cannot be loaded or launched."""
        if reason := self.why_not(launch.kernel):
            raise Unavailable(reason)
        pointer = ctypes.c_void_p(ctypes.addressof(launch.parameters))  # the driver copies what it points to
        # A thread that torch has not used yet has no context.
        self._succeeded(self._driver.cuCtxPushCurrent(self._context))
        try:
            self._succeeded(
                self._driver.cuLaunchKernel(
                    self._functions[launch.kernel],
                    *(launch.blocks, 1, 1),
                    *(THREADS, 1, 1),
                    launch.kernel.shared_bytes,
                    stream,
                    ctypes.addressof(pointer),
                    0,
                )
            )
        finally:
            self._succeeded(self._driver.cuCtxPopCurrent())

    def _load(self, kernel: Kernel) -> Any | str:
        try:
            code = nvrtc.compiled(kernel, self.arch)
            self._succeeded(self._driver.cuCtxPushCurrent(self._context))
            try:
                return self._function(kernel, code)
            finally:
                self._succeeded(self._driver.cuCtxPopCurrent())
        except Unavailable as error:
            return str(error)

    def _function(self, kernel: Kernel, code: bytes) -> Any:
        driver = self._driver
        module = self._succeeded(driver.cuModuleLoadData(code))
        function = self._succeeded(driver.cuModuleGetFunction(module, kernel.name.encode()))
        if kernel.shared_bytes > DEFAULT_SHARED_BYTES:
            attribute = driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
            self._succeeded(driver.cuFuncSetAttribute(function, attribute, kernel.shared_bytes))
        return function

    def _succeeded(self, answer: tuple[Any, ...]) -> Any:
        result, *values = answer
        if result != self._driver.CUresult.CUDA_SUCCESS:
            raise Unavailable(f"the CUDA driver fails with {result.name}")
        return values[0] if values else None


def imported() -> Any:
    """The bindings of the CUDA driver, with the library loaded. Raises Unavailable."""
    try:
        from cuda.bindings import driver
    except ImportError:
        raise Unavailable("the package cuda-bindings is not installed") from None
    try:
        driver.cuInit(0)
    except RuntimeError:  # how the bindings say that they find no library
        raise Unavailable("there is no CUDA driver") from None
    return driver


@functools.cache
def opened(index: int) -> Device | str:
    """The GPU that torch calls cuda:index, or why kernels cannot run on it."""
    if torch.version.cuda is None:
        return "this torch is built without CUDA"
    try:
        return Device(index)
    except Unavailable as error:
        return str(error)


def why_not(device: torch.device, kernels: Iterable[Kernel]) -> str:
    """Why these kernels cannot run on this device, "" if they can."""
    if device.type != "cuda":
        return f"the tensor is on the device {device.type}, not on a GPU with CUDA"
    gpu = opened(torch.cuda.current_device() if device.index is None else device.index)
    if isinstance(gpu, str):
        return gpu
    return next((reason for kernel in kernels if (reason := gpu.why_not(kernel))), "")


def run(launches: Iterable[Launch], device: torch.device) -> None:
    """Queue launches, one after the other, on torch's current stream. Raises Unavailable where `why_not` says so."""
    gpu = opened(device.index)
    if isinstance(gpu, str):
        raise Unavailable(gpu)
    stream = torch.cuda.current_stream(device).cuda_stream
    for launch in launches:
        gpu.launch(launch, stream)
