"""The keyboard: which command a key runs, and when none does."""

from __future__ import annotations

from imgui_bundle import imgui

from visualizer.actions.commands import COMMANDS, Command, run_command
from visualizer.actions.context import Context

Key = imgui.Key

NAMED: dict[str, imgui.Key] = {
    "+": Key.equal, "-": Key.minus, ".": Key.period, "Left": Key.left_arrow, "Right": Key.right_arrow,
    "Up": Key.up_arrow, "Down": Key.down_arrow,
    **{str(digit): getattr(Key, f"_{digit}") for digit in range(10)},
}  # fmt: skip
ALIASES = {Key.keypad_add: Key.equal, Key.keypad_subtract: Key.minus, Key.keypad_decimal: Key.period,
           **{getattr(Key, f"keypad{digit}"): getattr(Key, f"_{digit}") for digit in range(10)}}  # fmt: skip
ARROWS = (Key.left_arrow, Key.right_arrow, Key.up_arrow, Key.down_arrow)


def key_of(keys: str) -> tuple[imgui.Key, bool, bool]:
    """A key as shown, "Ctrl+Shift+Z": the key, whether Ctrl is held, whether Shift is."""
    word = keys[-1] if keys.endswith("+") else keys.rpartition("+")[2]
    key = NAMED[word] if word in NAMED else getattr(Key, word.lower())
    return key, "Ctrl+" in keys, "Shift+" in keys


# Those whose keys do not always count come first.
SHORTCUTS: tuple[tuple[imgui.Key, bool, bool, Command], ...] = tuple(
    (*key_of(keys), command)
    for command in sorted(COMMANDS, key=lambda command: command.keys_count is None)
    for keys in command.keys
)


class Keyboard:
    """Runs the commands. None runs while a text field has the keyboard, or a menu or a dialog is open."""

    def __init__(self) -> None:
        self._space_held = False
        self._space_used = False
        self._popup_before = False  # in the last frame
        self._held_before = (False, False)  # Ctrl and Shift in the last frame

    def handle(self, context: Context, *, panned: bool) -> bool:
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
        self._space(context, panned)
        for key in (*{key for key, *_ in SHORTCUTS if key is not Key.space}, *ALIASES):
            if imgui.is_key_pressed(key, True):
                self._press(key, ctrl, shift, context)
        if context.ui.focus_ring:
            step = imgui.is_key_pressed(Key.down_arrow) - imgui.is_key_pressed(Key.up_arrow)
            if step:
                context.ui.move_focus(step)
        return self._space_held

    def _press(self, pressed: imgui.Key, ctrl: bool, shift: bool, context: Context) -> None:
        if context.ui.focus_ring and pressed in ARROWS:
            return  # they step the focused control, or go to another one
        for key, with_ctrl, with_shift, command in SHORTCUTS:
            shift_fits = with_shift == shift or key is Key.equal  # "+" needs Shift on many keyboards
            if key is not ALIASES.get(pressed, pressed) or with_ctrl != ctrl or not shift_fits:
                continue
            if command.keys_count is not None and not command.keys_count(context):
                continue
            if command.repeats or imgui.is_key_pressed(pressed, False):
                run_command(command, context)
            return

    def _space(self, context: Context, panned: bool) -> None:
        """Space plays or animates when it is let go, unless it was held for a drag."""
        down = imgui.is_key_down(Key.space)
        if down and not self._space_held:
            self._space_used = False
        self._space_used = self._space_used or panned or (down and imgui.is_mouse_down(0))
        if self._space_held and not down and not self._space_used:
            spaces = (command for key, *_, command in SHORTCUTS if key is Key.space)
            run_command(next(c for c in spaces if c.keys_count is None or c.keys_count(context)), context)
        self._space_held = down
