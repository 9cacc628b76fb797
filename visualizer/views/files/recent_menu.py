"""What was open before, as a menu within the open one: sessions, what was never saved, networks."""

from __future__ import annotations

from pathlib import Path

from imgui_bundle import imgui

from core.base.text import moment, shown
from visualizer.actions.context import Context
from visualizer.actions.sessions.left import said
from visualizer.session.network_names import display_name

MOST = 8  # of each kind
MOST_OF_NAME = 50  # characters


def draw_recent_menu(context: Context) -> None:
    """Draw the line that opens the menu, and the menu while it is open."""
    if not context.ui.begin_submenu("Open recent"):
        return
    settings, actions = context.settings, context.actions
    sessions, networks = settings.recent_sessions[:MOST], settings.recent[:MOST]
    left = actions.left.found[:MOST]
    if not (sessions or networks or left):
        context.ui.menu_item("Nothing yet", off=True)
    _title(context, "Sessions", there=bool(sessions))
    for path in sessions:
        if context.ui.menu_item(f"{shown(Path(path).stem, MOST_OF_NAME)}##{path}", shown(Path(path).parent.name, 30)):
            actions.opening.open(path)
    _title(context, "Not saved", there=bool(left))
    for one in left:
        if context.ui.menu_item(f"{shown(said(one), MOST_OF_NAME)}##{one.path.name}", moment(one.about.when_s)):
            actions.left.open(one)
    _title(context, "Networks", there=bool(networks))
    for network in networks:
        if context.ui.menu_item(f"{shown(display_name(network), MOST_OF_NAME)}##{network}"):
            actions.opening.open(network)
    imgui.end_menu()


def _title(context: Context, text: str, *, there: bool) -> None:
    if there:
        imgui.push_style_color(imgui.Col_.text, context.ui.style.vec4("text_dim"))
        imgui.text(text)
        imgui.pop_style_color()
