"""Named items of the window: hit areas, tooltips, keyboard focus, typed values, context menus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from imgui_bundle import imgui

from core.base.text import encodable, shown
from resources import icons
from visualizer.toolkit.numbers import parse_number
from visualizer.toolkit.paint import Paint, Rect
from visualizer.toolkit.remarks import Remarks
from visualizer.toolkit.style import BASE_SIZE, Font, Style
from visualizer.toolkit.tooltips import Tip, Tooltips

BUTTONS = imgui.ButtonFlags_.mouse_button_left | imgui.ButtonFlags_.mouse_button_right
PATH_FRAMES = 5  # in which a panel that was opened draws its items
MAX_ECHO = 24  # characters of what was typed


@dataclass(frozen=True)
class Interaction:
    """What the mouse does with an item in this frame."""

    hovered: bool = False
    active: bool = False  # held
    started: bool = False  # pressed in this frame
    clicked: bool = False  # released over it
    reset: bool = False
    typed: str | None = None  # a value was typed or pasted
    steps: int = 0  # arrow keys or Ctrl+wheel
    drag_x: float = 0.0  # pixels moved while held
    drag_y: float = 0.0


UNTOUCHED = Interaction()


@dataclass
class Typing:
    """The text field that lies over a value while it is being typed."""

    item: str
    text: str
    fresh: bool = True


class Interact:
    """The state of interaction, drawn anew each frame. Items have stable names: "Panel/Label"."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.px = style.px
        self.paint = Paint(style)
        self.items: dict[str, Rect] = {}  # of the frame in progress, for tests and keyboard focus
        self.values: dict[str, str] = {}  # what Ctrl+C copies
        self.reasons: dict[str, str] = {}  # why an item is disabled
        self.paths: dict[str, str] = {}  # of the value that a control sets, where it has one
        self.hovered_path = ""  # of the control under the pointer, in the last frame
        self.path_menu: Callable[[str], None] = lambda path: None  # draws lines for a path into the menu of a control
        self.scope = ""
        self.focus = ""  # the item used last; its value is what Ctrl+C copies
        self.focus_ring = False  # the focus came from the keyboard: it shows and takes the arrow keys
        self.next_frame_in: float | None = None  # seconds until something moves by itself
        self.remarks = Remarks()
        self._typing: Typing | None = None
        self._commands: dict[str, str | None] = {}  # item -> typed text, None: reset
        self._menu_item = ""
        self._tooltips = Tooltips(style, self.paint)
        self._path_wanted, self._path_frames = "", 0  # of an item that is to get the keyboard; for so many frames
        self._path_under = ""  # of the control under the pointer, in the frame in progress
        self._to_show = ""  # the item that the keyboard went to, until it is scrolled into view

    def begin_frame(self) -> None:
        self.items, self.values, self.reasons, self.paths, self.next_frame_in = {}, {}, {}, {}, None
        self.hovered_path, self._path_under = self._path_under, ""
        self.paint.shortened = []
        self._path_frames -= 1
        self._path_wanted = self._path_wanted if self._path_frames > 0 else ""

    def name(self, label: str) -> str:
        return encodable(f"{self.scope}/{label}" if self.scope else label)

    @property
    def typing(self) -> bool:
        """Whether a text field has the keyboard."""
        return self._typing is not None or imgui.get_io().want_text_input

    def redraw_in(self, seconds: float) -> None:
        """Ask for a frame after this time at the latest."""
        self.next_frame_in = seconds if self.next_frame_in is None else min(self.next_frame_in, seconds)

    # -- Items ----------------------------------------------------------------

    def item(
        self, label: str, r: Rect, *, tip: str = "", more: str = "", off: str = "", value: str | None = None,
        reset_text: str = "", path: str = "",
    ) -> Interaction:  # fmt: skip
        """Put an item on the screen and see what the mouse does with it.

        tip: what it does; more: a second, dim line; off: why it cannot be used; value: its text if it has one;
        reset_text: its default as text if it can be reset; path: of what it sets.
        """
        name = self.name(label)
        self.items[name] = r
        self._bring_into_view(name, r)
        if value is not None:
            self.values[name] = value
        self.set_path(label, path)
        if self._typing is not None and self._typing.item == name:
            return UNTOUCHED  # the text field lies over it
        imgui.set_cursor_screen_pos((r.x, r.y))
        imgui.invisible_button(f"##{name}", (max(1, r.w), max(1, r.h)), BUTTONS)
        hovered = imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled)
        self._tooltip(name, hovered, Tip(tip, more, off, reset_text, path))
        if off:
            self.reasons[name] = off
            return UNTOUCHED
        held = imgui.is_item_active()
        if not (hovered or held or name in self._commands or name in (self.focus, self._menu_item)):
            return UNTOUCHED  # as most items are

        left = held and imgui.is_mouse_down(0)
        started = imgui.is_item_activated() and imgui.is_mouse_clicked(0)
        right = hovered and imgui.is_mouse_clicked(1)
        shift, ctrl = imgui.get_io().key_shift, imgui.get_io().key_ctrl
        if started:
            self.focus, self.focus_ring = name, False
        command = self._commands.pop(name, "")
        reset = command is None and reset_text != ""
        if right and (value is not None or path) and shift:
            self._menu_item = name
            imgui.open_popup("##value-menu")
        elif right and reset_text:
            self.focus, self.focus_ring = name, False
            reset = True
        pressed = self._type_or_press(name, value, hovered and (imgui.is_mouse_double_clicked(0) or (started and ctrl)))
        self._draw_menu(name, value, reset_text, path)

        moving = left and not started  # the frame of the press counts the way to it as a jump
        delta = imgui.get_io().mouse_delta
        return Interaction(
            hovered=hovered,
            active=left,
            started=started,
            clicked=pressed or (imgui.is_item_deactivated() and hovered and imgui.is_mouse_released(0)),
            reset=reset,
            typed=command or None,
            steps=self.steps_of(name, hovered),
            drag_x=delta.x if moving else 0.0,
            drag_y=delta.y if moving else 0.0,
        )

    def _type_or_press(self, name: str, value: str | None, asked: bool) -> bool:
        """Begin to type a value that is asked for, by Enter too. Returns whether Enter presses what types nothing."""
        enter = self.focus_ring and self.focus == name and imgui.is_key_pressed(imgui.Key.enter, False)
        if value is not None and (asked or enter) and not self.typing:
            self._typing = Typing(name, value)
        return enter and value is None and not self.typing

    def set_path(self, label: str, path: str) -> None:
        """What an item of this frame sets; "": nothing that has a path."""
        if path:
            self.paths[self.name(label)] = path
            if path == self._path_wanted:
                self._path_wanted = ""
                self.go_to(self.name(label))

    def readout(self, label: str, r: Rect, value: str, *, tip: str = "", off: str = "") -> Interaction:
        """An item that tells a value, which cannot be changed."""
        self.values[self.name(label)] = value
        return self.item(label, r, tip=tip, off=off)

    def steps_of(self, name: str, hovered: bool) -> int:
        """What arrow keys and Ctrl+wheel step the item by in this frame."""
        steps = 0
        if self.focus_ring and self.focus == name and not self.typing:
            steps += imgui.is_key_pressed(imgui.Key.right_arrow) - imgui.is_key_pressed(imgui.Key.left_arrow)
        if hovered and imgui.get_io().key_ctrl:
            imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
            steps += round(imgui.get_io().mouse_wheel)
        return steps

    def _bring_into_view(self, name: str, r: Rect) -> None:
        """Scroll to the item that the keyboard went to."""
        if self._to_show == name:
            self._to_show = ""
            imgui.internal.scroll_to_rect(imgui.internal.get_current_window(), imgui.internal.ImRect(*r.corners))

    def draw_focus(self, label: str, r: Rect) -> None:
        """The ring around the item that has the keyboard."""
        self._bring_into_view(self.name(label), r)
        if self.focus_ring and self.focus == self.name(label):
            self.paint.frame(r.inset(-self.px(1)), "accent", self.px(5), max(1.5, 1.5 * self.style.scale))

    def move_focus(self, by: int) -> None:
        """Give the keyboard to the next or previous item that has a value."""
        names = [name for name in self.values if name not in self.reasons]
        if not names:
            return
        at = names.index(self.focus) + by if self.focus in names and self.focus_ring else 0
        self.go_to(names[at % len(names)])

    def go_to(self, name: str) -> None:
        """Give the keyboard to an item, and scroll to it as soon as it is drawn."""
        self.focus, self.focus_ring, self._to_show = name, True, name

    @property
    def path_wanted(self) -> str:
        """That of the control which is looked for; "": none is."""
        return self._path_wanted

    def go_to_path(self, path: str) -> None:
        """Give the keyboard to the item that sets what has this path, if it is drawn in one of the next frames."""
        self._path_wanted, self._path_frames = path, PATH_FRAMES

    def leave_focus(self) -> bool:
        """Escape: end typing or give the keyboard back. Returns whether there was something to leave."""
        had = self._typing is not None or self.focus_ring
        self._typing, self.focus, self.focus_ring = None, "", False
        return had

    # -- Typed values ---------------------------------------------------------

    def is_typing(self, label: str) -> bool:
        return self._typing is not None and self._typing.item == self.name(label)

    def draw_typing(self, label: str, r: Rect) -> None:
        """The text field over a value; what Enter commits arrives as `typed` in the next frame."""
        typing = self._typing
        if typing is None or typing.item != self.name(label):
            return
        imgui.set_cursor_screen_pos((r.x, r.y))
        imgui.set_next_item_width(r.w)
        imgui.push_font(self.style.fonts[Font.REGULAR], self.px(15))
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (self.px(6), (r.h - self.px(15)) / 2))
        if typing.fresh:
            imgui.set_keyboard_focus_here()
        flags = imgui.InputTextFlags_.enter_returns_true | imgui.InputTextFlags_.auto_select_all
        entered, text = imgui.input_text(f"##typing {typing.item}", typing.text, flags)
        ended = imgui.is_item_deactivated()
        imgui.pop_style_var()
        imgui.pop_font()
        self.paint.frame(r, "accent", self.px(4), max(1.5, 1.5 * self.style.scale))
        typing.text = text
        if entered and self.typed_number(label, text) is None:
            typing.fresh = True  # to be put right
        elif entered or (ended and not imgui.is_key_pressed(imgui.Key.escape)):
            self._commands[typing.item] = text
        if (entered or ended) and not typing.fresh:
            self._typing = None
        typing.fresh = entered and typing.fresh
        self.redraw_in(0.4)  # the caret blinks

    def typed_number(self, label: str, text: str) -> float | None:
        """The number that was typed into an item; None if it is none, which is said beside it."""
        number = parse_number(text)
        if number is None:
            what = f"“{shown(text, MAX_ECHO)}” is no number" if text.strip() else "A number is needed"
            self.remarks.say(self.name(label), f"{what}; write one such as 0.5, or 0.7*2", refused=True)
        else:
            self.remarks.forget()
        return number

    def say_limited(self, label: str, limited: str, low: str, high: str) -> None:
        """Say beside an item that what was typed lies outside of its range, and what it has become."""
        self.remarks.say(self.name(label), f"Limited to {limited}: it goes from {low} to {high}", refused=False)

    def draw_remark(self) -> None:
        """Once a frame, over everything else."""
        left = self.remarks.draw(self.paint, self.items)
        if left is not None:
            self.redraw_in(left + 0.01)

    def copy(self, text: str) -> None:
        """Into the clipboard."""
        imgui.set_clipboard_text(encodable(text))

    # -- Menus and tooltips ---------------------------------------------------

    def push_menu_style(self) -> None:
        """Two style variables that give the lines of a menu air; the caller pops them."""
        imgui.push_style_var(imgui.StyleVar_.window_padding, (self.px(10), self.px(8)))
        imgui.push_style_var(imgui.StyleVar_.item_spacing, (self.px(16), self.px(8)))

    @contextmanager
    def dialog_style(self, radius: float) -> Iterator[None]:
        """Round corners and a border for dialogs and tooltips begun meanwhile."""
        imgui.push_style_var(imgui.StyleVar_.window_rounding, self.px(radius))
        imgui.push_style_var(imgui.StyleVar_.window_border_size, 1.0)
        yield
        imgui.pop_style_var(2)

    def menu_item(self, label: str, keys: str = "", *, on: bool = False, off: bool = False) -> bool:
        """A line of an open menu: keys at the right, ticked if `on`, gray if `off`. Returns whether it was chosen."""
        label = encodable(label)
        chosen = bool(imgui.menu_item(label, keys, on, not off)[0])
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        self.items[f"Menu/{label.partition('##')[0]}"] = Rect(low.x, low.y, high.x - low.x, high.y - low.y)
        return chosen

    def begin_submenu(self, label: str) -> bool:
        """A line of an open menu that opens a menu of its own. If it returns True, end it with imgui.end_menu."""
        parent, x = imgui.get_window_draw_list(), imgui.get_cursor_screen_pos().x
        imgui.push_style_var(imgui.StyleVar_.item_inner_spacing, (0, 0))  # by which the menus would overlap
        imgui.push_style_color(imgui.Col_.text, (0, 0, 0, 0))  # its triangle is no icon of ours
        is_open = imgui.begin_menu(label)
        imgui.pop_style_color()
        imgui.pop_style_var()
        low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
        self.items[f"Menu/{label}"] = r = Rect(low.x, low.y, high.x - low.x, high.y - low.y)
        self.paint.use(parent)
        self.paint.text(Rect(x, r.y, r.right - x, r.h), label, size=BASE_SIZE)
        self.paint.icon(Rect(r.right - self.px(20), r.y, self.px(16), r.h), icons.CHEVRON_RIGHT, size=14)
        self.paint.use(None)
        return is_open

    def _draw_menu(self, name: str, value: str | None, reset_text: str, path: str) -> None:
        if name != self._menu_item or (value is None and not path):
            return
        self.push_menu_style()
        if imgui.begin_popup("##value-menu"):
            if self.menu_item(f"Reset to {reset_text}", "Right click", off=not reset_text):
                self._commands[name] = None
            if value is not None and self.menu_item("Copy value", "Ctrl+C"):
                self.copy(value)
            if path and self.menu_item("Copy path"):
                self.copy(path)
            if value is not None and self.menu_item("Paste value"):
                self._commands[name] = imgui.get_clipboard_text()
            if value is not None and self.menu_item("Type a value", "Double click"):
                self._typing = Typing(name, value)
            if path:
                self.path_menu(path)
            imgui.end_popup()
        elif not imgui.is_popup_open("##value-menu"):
            self._menu_item = ""
        imgui.pop_style_var(2)

    def _tooltip(self, name: str, hovered: bool, tip: Tip) -> None:
        if hovered and tip.path:
            self._path_under = tip.path
        remarked = self.remarks.now is not None and self.remarks.now.item == name
        wait = self._tooltips.show(name, tip, hovered=hovered, typing=self._typing is not None or remarked)
        if wait is not None:
            self.redraw_in(wait)

    def draw_tooltip(self, first: str, second: str = "", *, lock: bool = False) -> None:
        """A small box at the pointer: one line of text, one of dim text."""
        self._tooltips.draw(first, second, lock=lock)
