"""Drives the real window in a test: mouse and keys at named items, frame by frame."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui
from torch.overrides import TorchFunctionMode

from core.base.progress import Progress
from core.display.frame import Frame
from core.project import Project
from core.render.open_networks import Open, OpenNetworks, Owned, open_location
from core.request import RenderRequest
from visualizer.app import App
from visualizer.session.animation import Animation
from visualizer.session.messages import Messages
from visualizer.session.selection import Selection
from visualizer.settings import Settings
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.window import Window
from visualizer.views.picture import Framing

LEFT, RIGHT, MIDDLE = 0, 1, 2
PATIENCE_S = 60.0  # for what takes a fraction of a second on an idle machine
MODIFIERS = {
    "Ctrl": (imgui.Key.mod_ctrl, imgui.Key.left_ctrl),
    "Shift": (imgui.Key.mod_shift, imgui.Key.left_shift),
    "Alt": (imgui.Key.mod_alt, imgui.Key.left_alt),
}
NAMED_KEYS = {
    "+": imgui.Key.equal, "-": imgui.Key.minus, "Left": imgui.Key.left_arrow, "Right": imgui.Key.right_arrow,
    ".": imgui.Key.period,
    "Up": imgui.Key.up_arrow, "Down": imgui.Key.down_arrow, **{str(n): getattr(imgui.Key, f"_{n}") for n in range(10)},
}  # fmt: skip
TOP, STATUS = 44, 28  # pixels at scale 1 above and below the dock


class Library:
    """Opens each network once for all tests; networks made by a test are put on its shelf."""

    def __init__(self) -> None:
        self.shelf: dict[str, Owned] = {}
        self.endless: set[str] = set()  # locations that are being opened until they are given up

    def __call__(self, location: str, progress: Progress) -> Owned:
        while location in self.endless:
            progress("Reading", 1, 3, "B")
        if location not in self.shelf:
            self.shelf[location] = open_location(location, progress)
        return self.shelf[location]


class NoTorch(TorchFunctionMode):
    """Fails where this thread has torch compute: networks are their owner's. What a tensor is may be asked."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(func, "__qualname__", str(func))
        assert getattr(func, "__name__", "") == "__get__", f"the window's thread has torch compute: {name}"
        return func(*args, **(kwargs or {}))


class Pilot:
    """The program and the hands of its user. Use as a context manager."""

    def __init__(
        self, open_: Open, *, size: tuple[int, int] = (960, 600), settings: Settings | None = None,
        autosaves: Path | None = None,
    ) -> None:  # fmt: skip
        self.window = Window("test", size)
        self._settings = settings or Settings()
        self.app = App(self.window, self._settings, networks=OpenNetworks(open_), device="cpu", autosaves=autosaves)
        self.session, self.context = self.app.session, self.app.context
        self.ui, self.actions = self.context.ui, self.context.actions
        # Without it the backend asks GLFW for the pointer's place each frame.
        handle = self.window._window
        assert handle is not None
        imgui.backends.glfw_cursor_enter_callback(ctypes.cast(handle, ctypes.c_void_p).value or 0, 1)
        self.io = imgui.get_io()
        self.io.mouse_double_click_time = 0.0  # two clicks are two clicks however fast they come
        self.io.mouse_single_click_delay = 2 * PATIENCE_S  # has to be the longer one
        self.ended: bool | None = None
        self.may_fail: set[str] = set()  # panels, and whatever else, that a test lets fail
        self.step(2)

    def __enter__(self) -> Pilot:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> bool:
        """Close as the program does. Returns whether all its threads have ended."""
        if self.ended is None:
            self.ended = self.app.close()
            self.window.close()
        return self.ended

    # -- Frames ---------------------------------------------------------------

    def step(self, frames: int = 1) -> None:
        """Draw frames, in none of which a panel may fail, ImGui complain, or the window compute with torch itself."""
        for _ in range(frames):
            with NoTorch() if self.session.loaded is not None else nullcontext():
                self.app.step()
            failed = [how for title, how in self.app.shell.broken.items() if title not in self.may_fail]
            assert not failed, "\n".join(failed)
            assert self.may_fail or not self.session.messages.unforeseen, self.session.messages.unforeseen[-1]
            assert self.may_fail or not imgui.get_current_context().error_count_current_frame

    def wait_until(self, what: Callable[[], object], timeout_s: float = PATIENCE_S) -> None:
        """Draw frames until it is so; between them sleep until a thread has something to say."""
        deadline = time.monotonic() + timeout_s
        self.step()
        while not what():
            if time.monotonic() > deadline:
                raise AssertionError(f"not so after {timeout_s:.0f} s; problem: {self.session.problem}")
            self.window.wait(0.02)
            self.step()

    def wait_for_picture(self) -> Frame:
        """Until the newest request is on the screen."""
        self.wait_until(lambda: self.session.load_job is None and self.session.frame is not None
                        and self.session.frame.request == self.session.shown_request)  # fmt: skip
        self.step()
        assert self.session.frame is not None
        return self.session.frame

    def open(self, source: str) -> Frame:
        self.actions.opening.open(source)
        return self.wait_for_picture()

    def start_anew(self, request: RenderRequest) -> None:
        """As if the program had just shown this request for the first time."""
        self.session.document.begin(Project(request))
        self.session.animation, self.session.selection = Animation(), Selection()
        vars(self.session.messages).update(vars(Messages()))
        self.context.preferences.now, self.app.shell.picture.view = self._settings, Framing()
        self.app.shell.docks_hidden = False
        self.ui.leave_focus()
        imgui.internal.clear_active_id()
        self.leave()
        self.wait_for_picture()

    @property
    def request(self) -> RenderRequest:
        return self.session.request

    # -- Items ----------------------------------------------------------------

    def item(self, name: str) -> Rect:
        """Where a named item was in the last frame."""
        items = self.ui.items
        assert name in items, f"no item '{name}'; there are {', '.join(sorted(items))}"
        return items[name]

    def has(self, name: str) -> bool:
        return name in self.ui.items

    def open_panel(self, title: str) -> None:
        self.context.prefer(panels={**self.context.settings.panels, title: True})
        self.step(2)

    def show(self, name: str) -> Rect:
        """Scroll the dock until an item of it is in view."""
        r, px = self.item(name), self.ui.px
        scope = name.partition("/")[0]
        docks = self.app.shell.docks
        dock = next((dock for dock in docks if scope in {panel.title for panel in dock.panels}), None)
        if dock is None:
            return r
        x = px(6) if dock is docks[0] else self.item("Right dock edge").right + px(6)
        low, high = px(TOP), self.item("Dock edge").bottom
        for _ in range(60):
            if r.y >= low and r.bottom <= high:
                return r
            self.io.add_mouse_pos_event(x, (low + high) / 2)
            self.io.add_mouse_wheel_event(0, -1 if r.bottom > high else 1)
            self.step(2)
            r = self.item(name)
        raise AssertionError(f"'{name}' cannot be scrolled into view; it is at {r}")

    def choose_workspace(self, name: str) -> None:
        self.click(f"Top/Workspace {name}")
        self.wait_for_picture()

    def value(self, name: str) -> str:
        """The text of a control's value."""
        return self.ui.values[name]

    # -- Mouse ----------------------------------------------------------------

    def move_to(self, name: str, at: tuple[float, float] = (0.5, 0.5)) -> tuple[float, float]:
        """Put the pointer over an item; at: where in it, as fractions of its width and height."""
        r = self.show(name)
        place = float(round(r.x + r.w * at[0])), float(round(r.y + r.h * at[1]))
        self.move(*place)
        return place

    def move(self, x: float, y: float) -> None:
        self.io.add_mouse_pos_event(x, y)
        self.step()

    def leave(self) -> None:
        """Take the pointer away from everything."""
        self.move(-1000.0, -1000.0)

    def down(self, button: int = LEFT) -> None:
        self.io.add_mouse_button_event(button, True)
        self.step()

    def up(self, button: int = LEFT) -> None:
        self.io.add_mouse_button_event(button, False)
        self.step()

    def click(self, name: str, button: int = LEFT, *, held: str = "", at: tuple[float, float] = (0.5, 0.5)) -> None:
        self.move_to(name, at)
        with self.holding(held):
            self.down(button)
            self.up(button)
        self.step()

    def right_click(self, name: str, *, held: str = "") -> None:
        self.click(name, RIGHT, held=held)

    def double_click(self, name: str, at: tuple[float, float] = (0.5, 0.5)) -> None:
        self.click(name, at=at)
        self.io.mouse_double_click_time = PATIENCE_S
        self.down()
        self.up()
        self.io.mouse_double_click_time = 0.0
        self.step()

    def drag(
        self, name: str, dx: float, dy: float = 0.0, *, steps: int = 4, button: int = LEFT, held: str = "",
        at: tuple[float, float] = (0.5, 0.5),
    ) -> None:  # fmt: skip
        """Press on an item, move by so many pixels in so many frames, release."""
        x, y = self.move_to(name, at)
        with self.holding(held):
            self.down(button)
            for i in range(1, steps + 1):
                self.move(x + dx * i / steps, y + dy * i / steps)
            self.up(button)
        self.step()

    def wheel(self, name: str, notches: float, *, held: str = "", at: tuple[float, float] = (0.5, 0.5)) -> None:
        self.move_to(name, at)
        with self.holding(held):
            self.io.add_mouse_wheel_event(0, notches)
            self.step()
        self.step()

    # -- Keys -----------------------------------------------------------------

    @contextmanager
    def holding(self, keys: str) -> Iterator[None]:
        """Keys held down meanwhile, e.g. "Ctrl+Shift"."""
        words = [keys] if keys == "+" else keys.split("+")
        pressed = [key for word in words if word for key in keys_of(word)]
        for key in pressed:
            self.io.add_key_event(key, True)
        if pressed:
            self.step()
        yield
        for key in pressed:
            self.io.add_key_event(key, False)
        if pressed:
            self.step()

    def press(self, keys: str) -> None:
        """A key with its modifiers, as the table of keys writes it: "Ctrl+Shift+Z", "F1", "Ctrl++"."""
        held, _, key = keys.rpartition("+") if not keys.endswith("+") else (keys[:-2], "", "+")
        with self.holding(held), self.holding(key):
            pass
        self.step()

    def close_popups(self) -> None:
        """Leave whatever a test opened."""
        for _ in range(4):
            if self.popup_open:
                self.press("Escape")

    def type_text(self, text: str) -> None:
        self.io.add_input_characters_utf8(text)
        self.step(2)

    def enter(self, name: str, text: str, *, end: str = "Enter") -> None:
        """Double click a value and type another one."""
        self.double_click(name)
        self.step()
        self.type_text(text)
        self.press(end)
        self.step()

    @property
    def popup_open(self) -> bool:
        """Whether a menu or a dialog is open."""
        return imgui.is_popup_open("", imgui.PopupFlags_.any_popup)

    @property
    def clipboard(self) -> str:
        return imgui.get_clipboard_text()

    # -- Pixels ---------------------------------------------------------------

    def pixels(self) -> npt.NDArray[np.uint8]:
        """The window as it was drawn last, uint8 [H, W, 3]."""
        return self.window.read_pixels()

    def picture_pixels(self) -> npt.NDArray[np.uint8]:
        """The part of the window where the picture is."""
        r = self.app.shell.picture.rect
        return self.pixels()[int(r.y) : int(r.bottom), int(r.x) : int(r.right)]


def keys_of(word: str) -> tuple[imgui.Key, ...]:
    """ImGui's keys for a word of the table of keys."""
    if word in MODIFIERS:
        return MODIFIERS[word]
    return (NAMED_KEYS[word] if word in NAMED_KEYS else getattr(imgui.Key, word.lower()),)
