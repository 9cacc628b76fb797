"""Boxes over the window: plain ones, raised cards, dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from imgui_bundle import imgui

from visualizer.toolkit.paint import Rect
from visualizer.toolkit.ui import Ui

FLAGS = (
    imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.no_docking | imgui.WindowFlags_.no_nav | imgui.WindowFlags_.no_focus_on_appearing
    | imgui.WindowFlags_.no_background
)  # fmt: skip
DIALOG_FLAGS = imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
DIALOG_MARGIN = 32  # pixels at scale 1 that stay free around a dialog, at two sides together


@contextmanager
def overlay(name: str, r: Rect) -> Iterator[None]:
    """A box of its own over the window, without a background."""
    imgui.set_next_window_pos((r.x, r.y))
    imgui.set_next_window_size((r.w, r.h))
    imgui.begin(f"##{name}", None, FLAGS)
    try:
        yield
    finally:
        imgui.end()


@contextmanager
def card(ui: Ui, name: str, r: Rect) -> Iterator[None]:
    """A raised box with a soft shadow."""
    with overlay(name, r):
        ui.paint.list.push_clip_rect_full_screen()
        ui.paint.shadow(r)
        ui.paint.list.pop_clip_rect()
        ui.paint.box(r, "popup", ui.px(6))
        ui.paint.frame(r, "border", ui.px(6))
        yield


def begin_list(name: str, r: Rect) -> None:
    """Begin a part of a dialog that scrolls; the caller ends the child."""
    imgui.set_cursor_screen_pos((r.x, r.y))
    imgui.push_style_color(imgui.Col_.child_bg, (0, 0, 0, 0))
    imgui.begin_child(name, (r.w, r.h))
    imgui.pop_style_color()


def dialog(
    ui: Ui, name: str, width: float, height: float, *, top: float | None = None, escape: bool = True
) -> tuple[Rect, bool]:  # fmt: skip
    """Begin a modal dialog; the caller ends the popup if it is shown. Escape closes it, unless something in it is left.

    width, height: of the design, as far as there is room; top: where it begins, None: in the middle.
    """
    px = ui.px
    size = imgui.get_main_viewport().size
    w, h = min(px(width), size.x - px(DIALOG_MARGIN)), min(px(height), size.y - px(DIALOG_MARGIN))
    y = (size.y - h) / 2 if top is None else min(px(top), size.y - h - px(DIALOG_MARGIN) / 2)
    r = Rect(round((size.x - w) / 2), round(y), round(w), round(h))
    if not imgui.is_popup_open(name):
        return r, False
    imgui.set_next_window_pos((r.x, r.y))
    imgui.set_next_window_size((r.w, r.h))
    with ui.dialog_style(8):
        shown = imgui.begin_popup_modal(name, None, DIALOG_FLAGS)[0]
    if not shown:
        return r, False
    if escape and imgui.is_key_pressed(imgui.Key.escape) and not imgui.is_window_appearing():
        imgui.close_current_popup()
    return r, True
