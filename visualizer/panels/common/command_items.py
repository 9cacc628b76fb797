"""Commands as lines of menus and as buttons."""

from __future__ import annotations

from imgui_bundle import imgui

from visualizer.actions.commands import command_of, run_command
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect


def draw_command(context: Context, name: str) -> None:
    """A line of the open menu that runs a command; one that cannot be run says why."""
    ui, command = context.ui, command_of(name)
    why_not, keys = command.why_not(context), command.keys[0] if command.keys else ""
    on = command.is_on is not None and command.is_on(context)
    if ui.menu_item(command.title_in(context), keys, on=on, off=why_not != ""):
        run_command(command, context)
    if why_not and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled):
        ui.draw_tooltip(why_not, lock=True)


def draw_tool(
    context: Context, name: str, label: str, at: Rect, *, icon: str = "", tip: str = "", on: bool = False
) -> None:
    """A button that is an icon; tip: in place of the command's title, before its keys."""
    command = command_of(name)
    text = command.tip(tip or command.title_in(context))
    off = command.why_not(context)
    if context.ui.icon_button(label, icon or command.icon, at=at, on=on, tip=text, off=off):
        run_command(command, context)
