"""The keyboard shortcuts: one table that runs them, and that F1 and the README show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imgui_bundle import imgui

from visualizer.actions.actions import Actions
from visualizer.actions.context import Context

Run = Callable[[Context, Actions], None]


@dataclass(frozen=True)
class Shortcut:
    """A key with its modifiers, what it does in words, and what it runs."""

    keys: str  # as shown, e.g. "Ctrl+Shift+Z"
    key: imgui.Key | None  # None: handled where it is used
    what: str
    run: Run | None = None
    repeats: bool = False

    @property
    def ctrl(self) -> bool:
        return "Ctrl+" in self.keys

    @property
    def shift(self) -> bool:
        return "Shift+" in self.keys


Key = imgui.Key

SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("Ctrl+O", Key.o, "Open a network, a saved picture or a session", lambda c, a: a.browse()),
    Shortcut("Ctrl+S", Key.s, "Save the picture", lambda c, a: a.save_picture()),
    Shortcut("Ctrl+Shift+S", Key.s, "Save the session", lambda c, a: a.save_session()),
    Shortcut("Ctrl+R", Key.r, "Start or stop recording", lambda c, a: a.toggle_recording()),
    Shortcut("Ctrl+C", Key.c, "Copy the focused value, else the picture's command line", lambda c, a: a.copy()),
    Shortcut("Ctrl+Z", Key.z, "Undo", lambda c, a: a.undo(), repeats=True),
    Shortcut("Ctrl+Shift+Z", Key.z, "Redo", lambda c, a: a.redo(), repeats=True),
    Shortcut("R", Key.r, "Random seed", lambda c, a: c.session.random_seed()),
    Shortcut("Left", Key.left_arrow, "Previous seed", lambda c, a: c.session.move_seed(-1), repeats=True),
    Shortcut("Right", Key.right_arrow, "Next seed", lambda c, a: c.session.move_seed(1), repeats=True),
    Shortcut("Space", None, "Animate; held with a drag: pan the picture"),
    Shortcut("F", Key.f, "Fit the picture", lambda c, a: a.fit()),
    Shortcut("1", Key._1, "One to one", lambda c, a: a.one_to_one()),
    Shortcut("F11", Key.f11, "Full screen", lambda c, a: a.full_screen()),
    Shortcut("Ctrl++", Key.equal, "Larger controls", lambda c, a: a.scale_ui(1)),
    Shortcut("Ctrl+-", Key.minus, "Smaller controls", lambda c, a: a.scale_ui(-1)),
    Shortcut("Ctrl+0", Key._0, "Controls at their own size", lambda c, a: a.scale_ui(0)),
    Shortcut("Tab", Key.tab, "Hide or show the panels", lambda c, a: a.toggle_docks()),
    Shortcut("F6", Key.f6, "Keyboard to the panels: Up and Down choose, Left and Right step, Enter types",
             lambda c, a: c.ui.move_focus(0)),
    Shortcut("Escape", Key.escape, "Leave what is open; then ask to quit", lambda c, a: a.escape()),
    Shortcut("F1", Key.f1, "This table", lambda c, a: a.show_keys()),
    Shortcut("Ctrl+Q", Key.q, "Quit", lambda c, a: a.quit()),
)  # fmt: skip

ALIASES = {Key.keypad_add: Key.equal, Key.keypad_subtract: Key.minus, Key.keypad1: Key._1, Key.keypad0: Key._0}


class Keyboard:
    """Runs the shortcuts. None fires while a text field has the keyboard, or a menu or a dialog is open."""

    def __init__(self) -> None:
        self._space_held = False
        self._space_used = False
        self._popup_before = False  # in the last frame
        self._held_before = (False, False)  # Ctrl and Shift in the last frame

    def handle(self, context: Context, actions: Actions, *, panned: bool) -> bool:
        """Run what was pressed in this frame. panned: a drag happened. Returns whether Space is held."""
        io = imgui.get_io()
        held = (io.key_ctrl or io.key_super, io.key_shift)
        # A modifier may be let go in the very frame of the key.
        ctrl, shift = held[0] or self._held_before[0], held[1] or self._held_before[1]
        self._held_before = held
        popup = imgui.is_popup_open("", imgui.PopupFlags_.any_popup)
        popup, self._popup_before = popup or self._popup_before, popup
        if popup and not context.ui.typing:
            self._space_held = False
            if imgui.is_key_pressed(Key.escape, False):
                imgui.internal.close_popups_except_modals()  # dialogs close by themselves
            return False
        if context.ui.typing:
            self._space_held = False
            if imgui.is_key_pressed(Key.escape, False):
                context.ui.leave_focus()
            return False
        self._space(actions, panned)
        for key in (*{s.key for s in SHORTCUTS if s.key is not None}, *ALIASES):
            pressed = imgui.is_key_pressed(key, True)
            if pressed:
                self._run(ALIASES.get(key, key), ctrl, shift, context, actions)
        if context.ui.focus_ring:
            step = imgui.is_key_pressed(Key.down_arrow) - imgui.is_key_pressed(Key.up_arrow)
            if step:
                context.ui.move_focus(step)
        return self._space_held

    def _run(self, key: imgui.Key, ctrl: bool, shift: bool, context: Context, actions: Actions) -> None:
        if context.ui.focus_ring and key in (Key.left_arrow, Key.right_arrow):
            return  # they step the focused control
        for shortcut in SHORTCUTS:
            shift_fits = shortcut.shift == shift or shortcut.key is Key.equal  # "+" needs Shift on many keyboards
            if shortcut.key is not key or shortcut.ctrl != ctrl or not shift_fits or shortcut.run is None:
                continue
            if shortcut.repeats or imgui.is_key_pressed(key, False) or key in ALIASES.values():
                shortcut.run(context, actions)
            return

    def _space(self, actions: Actions, panned: bool) -> None:
        down = imgui.is_key_down(Key.space)
        if down and not self._space_held:
            self._space_used = False
        self._space_used = self._space_used or panned or (down and imgui.is_mouse_down(0))
        if self._space_held and not down and not self._space_used:
            actions.toggle_animation()
        self._space_held = down
