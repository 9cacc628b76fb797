"""A GLFW window with OpenGL 3.3 and Dear ImGui: opening, events, presenting, reading back."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from core.base.errors import WindowError
from core.base.text import encodable

DEBIAN_PACKAGES = (
    "libgl1 libglx-mesa0 libegl1 libegl-mesa0 libgl1-mesa-dri "
    "libx11-6 libxext6 libxcursor1 libxrandr2 libxinerama1 libxi6 libxkbcommon0"
)
NO_DISPLAY = (
    "No window can be opened: there is no display (DISPLAY and WAYLAND_DISPLAY are not set). "
    "Start it on a desktop or with xvfb-run, or use `python -m visualizer render`, which needs no display."
)
MIN_SIZE = (480, 320)
HEADLESS_VARIABLE = "VISUALIZER_HEADLESS"  # 1: draw without a screen (GLFW's null platform and EGL), for tests


def headless_wanted() -> bool:
    return os.environ.get(HEADLESS_VARIABLE) == "1"


def check_display() -> None:
    """Raises WindowError at once where no window can open; imports nothing."""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if sys.platform == "linux" and not headless_wanted() and not has_display:
        raise WindowError(NO_DISPLAY)


if headless_wanted():
    os.environ["PYOPENGL_PLATFORM"] = "egl"  # PyOpenGL reads it when it is imported

# imgui_bundle goes first: it brings the GLFW library that the glfw package then loads.
try:
    from imgui_bundle import imgui, implot  # isort: skip
    import glfw
    from OpenGL import GL as gl  # noqa: N811
except (ImportError, AttributeError, TypeError) as error:  # PyOpenGL fails in several ways without libGL
    raise WindowError(
        f"The OpenGL libraries are missing ({error}); on Debian or Ubuntu: apt install {DEBIAN_PACKAGES}"
    ) from error


@dataclass
class WindowEvents:
    """What happened since it was last taken."""

    dropped: tuple[Path, ...] = ()
    close: bool = False


class Window:
    """Owns the GLFW window, its GL context and the ImGui context. Use as a context manager, on the main thread."""

    def __init__(self, title: str, size: tuple[int, int], *, maximised: bool = False) -> None:
        self.headless = headless_wanted()
        self._window = _create(title, size, maximised, self.headless)
        self._events = WindowEvents()
        self._wake = threading.Event()
        self._vsync: bool | None = None
        self._windowed: tuple[int, int, int, int] | None = None  # position and size before full screen
        glfw.set_drop_callback(self._window, self._on_drop)
        glfw.set_window_close_callback(self._window, self._on_close)
        imgui.create_context()
        implot.create_context()
        io = imgui.get_io()
        io.set_ini_filename("")
        io.set_log_filename("")
        io.config_flags |= imgui.ConfigFlags_.docking_enable
        io.config_windows_move_from_title_bar_only = True
        imgui.backends.glfw_init_for_opengl(_address(self._window), True)
        imgui.backends.opengl3_init("#version 330")
        self.gl_renderer: str = gl.glGetString(gl.GL_RENDERER).decode(errors="replace")

    def __enter__(self) -> Window:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        if self._window is None:
            return
        imgui.backends.opengl3_shutdown()
        imgui.backends.glfw_shutdown()
        implot.destroy_context()
        imgui.destroy_context()
        glfw.destroy_window(self._window)
        glfw.terminate()
        self._window = None

    # -- Events ---------------------------------------------------------------

    def wait(self, timeout_s: float | None) -> None:
        """Take in events, sleeping until there is one; None: as long as it takes, 0: not at all."""
        if self.headless and timeout_s != 0:  # GLFW's null platform does not sleep
            self._wake.wait(timeout_s)
            self._wake.clear()
            glfw.poll_events()
        elif timeout_s is None:
            glfw.wait_events()
        elif timeout_s > 0:
            glfw.wait_events_timeout(timeout_s)
        else:
            glfw.poll_events()

    def take_events(self) -> WindowEvents:
        events, self._events = self._events, WindowEvents()
        return events

    def wake(self) -> None:
        """End `wait` from any thread."""
        self._wake.set()
        with contextlib.suppress(glfw.GLFWError):  # the window may just have been closed
            glfw.post_empty_event()

    def _on_drop(self, _window: object, paths: list[str]) -> None:
        self._events.dropped = tuple(Path(path) for path in paths)

    def _on_close(self, _window: object) -> None:
        glfw.set_window_should_close(self._window, False)
        self._events.close = True

    # -- Drawing --------------------------------------------------------------

    def new_frame(self) -> None:
        imgui.backends.opengl3_new_frame()
        imgui.backends.glfw_new_frame()
        imgui.new_frame()

    def draw(self, clear: imgui.ImVec4) -> None:
        """Draw the ImGui frame; `present` shows it."""
        imgui.render()
        width, height = self.framebuffer_size
        gl.glViewport(0, 0, width, height)
        gl.glClearColor(clear.x, clear.y, clear.z, 1)
        gl.glClear(gl.GL_COLOR_BUFFER_BIT)
        imgui.backends.opengl3_render_draw_data(imgui.get_draw_data())

    def present(self, *, vsync: bool) -> None:
        if vsync != self._vsync:
            glfw.swap_interval(1 if vsync else 0)
            self._vsync = vsync
        glfw.swap_buffers(self._window)

    def read_pixels(self) -> npt.NDArray[np.uint8]:
        """The drawn, not yet presented frame, uint8 [H, W, 3]."""
        width, height = self.framebuffer_size
        gl.glPixelStorei(gl.GL_PACK_ALIGNMENT, 1)
        data = gl.glReadPixels(0, 0, width, height, gl.GL_RGB, gl.GL_UNSIGNED_BYTE)
        return np.frombuffer(data, np.uint8).reshape(height, width, 3)[::-1].copy()

    # -- Size and place -------------------------------------------------------

    @property
    def framebuffer_size(self) -> tuple[int, int]:
        width, height = glfw.get_framebuffer_size(self._window)
        return width, height

    @property
    def content_scale(self) -> float:
        """How much larger than at 96 dpi things should be drawn; 1 on macOS, whose framebuffer scales by itself."""
        if sys.platform == "darwin" or self.headless:
            return 1.0
        return float(glfw.get_window_content_scale(self._window)[0]) or 1.0

    @property
    def size(self) -> tuple[int, int]:
        """In screen coordinates, as it is without full screen."""
        if self._windowed:
            return self._windowed[2], self._windowed[3]
        width, height = glfw.get_window_size(self._window)
        return width, height

    @property
    def maximised(self) -> bool:
        return bool(glfw.get_window_attrib(self._window, glfw.MAXIMIZED))

    @property
    def full_screen(self) -> bool:
        return self._windowed is not None

    def set_title(self, title: str) -> None:
        glfw.set_window_title(self._window, encodable(title))

    def toggle_full_screen(self) -> None:
        if self._windowed:
            glfw.set_window_monitor(self._window, None, *self._windowed, glfw.DONT_CARE)
            self._windowed = None
            return
        monitor = glfw.get_primary_monitor()
        if not monitor:
            return
        self._windowed = (*glfw.get_window_pos(self._window), *glfw.get_window_size(self._window))
        mode = glfw.get_video_mode(monitor)
        glfw.set_window_monitor(self._window, monitor, 0, 0, mode.size.width, mode.size.height, mode.refresh_rate)

    def on_resize(self, callback: Callable[[], None]) -> None:
        """Called while the window's edge is dragged, when the event loop does not return."""
        glfw.set_window_refresh_callback(self._window, lambda _window: callback())


def _create(title: str, size: tuple[int, int], maximised: bool, headless: bool) -> ctypes.c_void_p | None:
    glfw.ERROR_REPORTING = "ignore"  # failures are asked for where they are answered
    if headless:
        glfw.init_hint(glfw.PLATFORM, glfw.PLATFORM_NULL)
    if not glfw.init():
        if sys.platform == "linux":
            raise WindowError(f"No window can be opened: the display {os.environ.get('DISPLAY', '')} does not answer.")
        raise WindowError(f"No window can be opened: {_glfw_error()}.")
    glfw.default_window_hints()
    glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
    glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
    glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
    glfw.window_hint(glfw.OPENGL_FORWARD_COMPAT, True)
    glfw.window_hint(glfw.SCALE_TO_MONITOR, True)
    glfw.window_hint(glfw.MAXIMIZED, maximised)
    if headless:
        glfw.window_hint(glfw.CONTEXT_CREATION_API, glfw.EGL_CONTEXT_API)
    window = glfw.create_window(*_within_monitor(size, headless), title, None, None)
    if not window:
        reason = _glfw_error()
        glfw.terminate()
        raise WindowError(
            f"No OpenGL 3.3 window can be opened ({reason}); update the graphics driver. "
            f"On a bare Debian or Ubuntu: apt install {DEBIAN_PACKAGES}"
        )
    if not headless:  # the null platform clamps to the limits themselves
        glfw.set_window_size_limits(window, *MIN_SIZE, glfw.DONT_CARE, glfw.DONT_CARE)
    glfw.make_context_current(window)
    return window  # type: ignore[no-any-return]


def _address(window: object) -> int:
    return ctypes.cast(window, ctypes.c_void_p).value or 0  # type: ignore[arg-type]  # a ctypes pointer of glfw


def _within_monitor(size: tuple[int, int], headless: bool) -> tuple[int, int]:
    monitor = None if headless else glfw.get_primary_monitor()
    if not monitor:
        return size
    _, _, width, height = glfw.get_monitor_workarea(monitor)
    return max(MIN_SIZE[0], min(size[0], width)), max(MIN_SIZE[1], min(size[1], height))


def _glfw_error() -> str:
    code, message = glfw.get_error()
    return message.decode(errors="replace") if message else f"GLFW error {code}"
