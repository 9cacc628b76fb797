"""Kernels to machine code with NVRTC, the compiler in NVIDIA's driver libraries; it needs no GPU."""

from __future__ import annotations

import hashlib
from typing import Any

from . import cache
from .kernel import Kernel, Unavailable, headers, source

OPTIONS = ("--std=c++17",)


def compiled(kernel: Kernel, arch: int) -> bytes:
    """A cubin for compute capability `arch` (89 for 8.9), or PTX where NVRTC is older than the GPU; from the cache,
    if it was compiled before. Raises Unavailable."""
    nvrtc = imported()
    version = succeeded(nvrtc, nvrtc.nvrtcVersion())
    options = (*OPTIONS, f"--gpu-architecture={target(nvrtc, arch)}", *kernel.options)
    key = digest(source(kernel.name), *headers().items(), options, version)
    code = cache.read(key)
    if code is None:
        code = compile_source(nvrtc, kernel, options)
        cache.write(key, code)
    return code


def imported() -> Any:
    """The bindings of NVRTC, with the library loaded. Raises Unavailable."""
    try:
        from cuda.bindings import nvrtc
    except ImportError:
        raise Unavailable("the package cuda-bindings is not installed") from None
    try:
        nvrtc.nvrtcVersion()
    except RuntimeError:  # how the bindings say that they find no library
        raise Unavailable("the library NVRTC of the CUDA version of cuda-bindings is not installed") from None
    return nvrtc


def target(nvrtc: Any, arch: int) -> str:
    supported = succeeded(nvrtc, nvrtc.nvrtcGetSupportedArchs())
    if arch in supported:
        return f"sm_{arch}"
    older = [other for other in supported if other < arch]
    if not older:
        raise Unavailable(f"NVRTC no longer supports GPUs of compute capability {arch / 10}")
    return f"compute_{max(older)}"


def compile_source(nvrtc: Any, kernel: Kernel, options: tuple[str, ...]) -> bytes:
    names, texts = zip(*headers().items(), strict=True)
    program = succeeded(
        nvrtc,
        nvrtc.nvrtcCreateProgram(
            source(kernel.name).encode(),
            f"{kernel.name}.cu".encode(),
            len(names),
            [text.encode() for text in texts],
            [name.encode() for name in names],
        ),
    )
    try:
        (result,) = nvrtc.nvrtcCompileProgram(program, len(options), [option.encode() for option in options])
        if result != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            log = bytes(succeeded(nvrtc, nvrtc.nvrtcGetProgramLogSize(program)))
            succeeded(nvrtc, nvrtc.nvrtcGetProgramLog(program, log))
            first = log.rstrip(b"\0").decode(errors="replace").strip().partition("\n")[0]
            raise Unavailable(f"NVRTC does not compile {kernel.name}.cu: {first or result.name}")
        if any("=sm_" in option for option in options):
            size, read = nvrtc.nvrtcGetCUBINSize, nvrtc.nvrtcGetCUBIN
        else:
            size, read = nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX
        code = bytes(succeeded(nvrtc, size(program)))
        succeeded(nvrtc, read(program, code))
        return code
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def succeeded(nvrtc: Any, answer: tuple[Any, ...]) -> Any:
    """What a call answered besides its result. Raises Unavailable if it failed."""
    result, *values = answer
    if result != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise Unavailable(f"NVRTC fails with {result.name}")
    return values[0] if len(values) == 1 else tuple(values)


def digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()
