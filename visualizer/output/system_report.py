"""What a bug report needs: versions, GL renderer, devices, op backends with reasons, folders."""

from __future__ import annotations

import os
import platform
import sys
from typing import TypeAlias

import ops
from core.base.library_log import logged
from ops.base.cache_folder import cache_folder
from ops.native import build
from ops.report import cuda_state
from visualizer.settings import APPLICATION, settings_folder

PACKAGES = (
    "torch", "numpy", "imgui-bundle", "glfw", "PyOpenGL", "Pillow", "av", "platformdirs", "ninja",
    "cuda-bindings", "pyopengltk",
)  # fmt: skip


Facts: TypeAlias = tuple[tuple[str, str], ...]  # names and values


def table(facts: Facts) -> str:
    """Lines of "name  value"; a value of several lines stays in its column."""
    width = max(len(name) for name, _ in facts) + 2
    return "\n".join(f"{name:<{width}}" + value.replace("\n", "\n" + " " * width) for name, value in facts)


def system_facts(*, gl_renderer: str = "", import_torch: bool = False) -> Facts:
    """Versions first. Devices are listed if torch is loaded, or if it may be imported now."""
    lines = [
        ("program", f"{APPLICATION} {_version(APPLICATION) or 'from its folder'}"),
        ("python", f"{platform.python_version()} ({sys.executable})"),
        ("system", f"{platform.platform()}, {os.cpu_count()} cores"),
        ("opengl", gl_renderer or "not opened"),
        *((name, _version(name) or "not installed") for name in PACKAGES),
    ]
    if import_torch:
        build.run(make=False)
    if import_torch or "torch" in sys.modules:
        lines += [("device", text) for text in _devices()]
    if "torch" in sys.modules:
        lines += [("op kernels, CUDA", cuda_state())]
    lines += [(f"op {record.op}", f"{record.backend} ({record.reason})") for record in ops.backends()]
    lines += [
        ("settings", str(settings_folder())),
        ("cache", str(cache_folder().parent)),
    ]
    return (*lines, *(("warning", line) for line in logged()))


def _version(package: str) -> str:
    from importlib import metadata  # takes 40 ms, which the window has no use for when it starts

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _devices() -> list[str]:
    from core.base.device import available_devices, device_label, open_device
    from core.base.errors import DeviceError

    found = []
    for name in available_devices():
        try:
            found.append(f"{name}: {device_label(open_device(name))}")
        except DeviceError as error:
            found.append(f"{name}: {error}")
    return found
