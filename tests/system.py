"""What the tests need from the machine: a software OpenGL, and an X server of their own."""

from __future__ import annotations

import ctypes
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest

# Shared libraries of the window, and the Debian packages that hold them.
GL_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libGLX_mesa.so.0": "libglx-mesa0",
    "libEGL.so.1": "libegl1",
    "libEGL_mesa.so.0": "libegl-mesa0",
}
X_LIBRARIES = {
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXcursor.so.1": "libxcursor1",
    "libXrandr.so.2": "libxrandr2",
    "libXinerama.so.1": "libxinerama1",
    "libXi.so.6": "libxi6",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X_PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool"}

SCREEN = "1600x1000x24"
XVFB_START_S = 20.0


def missing_for_gl() -> list[str]:
    """The Debian packages that a hidden window (null platform and EGL) lacks here."""
    return _missing_libraries(GL_LIBRARIES)


def missing_for_x() -> list[str]:
    """The Debian packages that a window on an X server of our own lacks here."""
    programs = [package for program, package in X_PROGRAMS.items() if shutil.which(program) is None]
    return missing_for_gl() + _missing_libraries(X_LIBRARIES) + programs


def _missing_libraries(libraries: dict[str, str]) -> list[str]:
    return [package for library, package in libraries.items() if not _loads(library)]


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def require(packages: list[str], purpose: str) -> None:
    """Leave the test unless nothing is missing: skip it, or fail it where CI=true."""
    if sys.platform != "linux":
        leave(f"{purpose}: runs on Linux only")
    if packages:
        leave(f"{purpose}: missing here; on Debian: apt-get install {' '.join(packages)} libgl1-mesa-dri")


def leave(reason: str) -> NoReturn:
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@contextmanager
def virtual_display(screen: str = SCREEN) -> Iterator[str]:
    """An X server on a free number, ended with the block. Yields its name, e.g. ":99"."""
    read_end, write_end = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_end), "-screen", "0", screen, "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=(write_end,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as xvfb:
        os.close(write_end)
        try:
            with os.fdopen(read_end) as numbers:
                ready, _, _ = select.select([numbers], [], [], XVFB_START_S)
                number = numbers.readline().strip() if ready else ""
            if not number:
                raise RuntimeError(f"{' '.join(command)} named no display within {XVFB_START_S:.0f} s")
            yield f":{number}"
        finally:
            xvfb.terminate()


def x_environment(display: str) -> dict[str, str]:
    """The environment of a program that is to open its window on that X server."""
    hidden = {"PYOPENGL_PLATFORM", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"}
    return {name: value for name, value in os.environ.items() if name not in hidden} | {"DISPLAY": display}
