"""Network: what is open, opening another one, recent ones."""

from __future__ import annotations

from imgui_bundle import imgui

from core.demos import demo_of
from core.request import BUILT_IN, ModelInfo
from resources import icons
from visualizer.context import Context
from visualizer.paint import Rect
from visualizer.session import short_name
from visualizer.style import Font


class NetworkPanel:
    title = "Network"
    icon = icons.BRAIN

    def __init__(self) -> None:
        self._typed = ""

    def summary(self, context: Context) -> str:
        return display_name(context.session.loaded.source) if context.session.loaded else ""

    def changed(self, context: Context) -> bool:
        return False

    def reset(self, context: Context) -> None:
        """There is no default network to go back to."""

    def draw(self, context: Context) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        ui.gap(8)
        self._slot(context, ui.take(28))
        ui.gap(2)
        fact = facts_line(session.info) if session.info else "No network is open yet"
        area = ui.take(22)
        ui.item("Facts", area, tip=fact, more=self._more(context))
        ui.paint.text(area, fact, "text_dim", size=14)
        ui.gap(4)
        row = ui.take(24)
        button = px(28)
        field = Rect(row.x, row.y, row.w - 2 * button, row.h)
        committed = ui.text_field(
            "Path", self._typed, at=field, hint="Path, folder or URL",
            tip="A network file, a run folder (its newest snapshot) or an http(s) address; Enter opens it",
        )  # fmt: skip
        self._typed = "" if committed else self._typed
        if committed and committed.strip():
            context.actions.open(committed)
        at = Rect(row.right - 2 * button + px(4), row.y, px(24), row.h)
        if ui.icon_button("Browse", icons.FOLDER_OPEN, at=at, tip="Choose a file (Ctrl+O)"):
            context.actions.browse()
        at = Rect(row.right - px(24), row.y, px(24), row.h)
        off = "" if context.settings.recent else "Nothing has been opened yet."
        if ui.icon_button("Recent", icons.HISTORY, at=at, tip="Networks opened before", off=off):
            imgui.open_popup("##recent")
        ui.popup("##recent", lambda: self._recent(context), Rect(row.x, row.bottom + px(2), row.w, 0))
        ui.gap(10)
        context.demos.draw(context)

    def _slot(self, context: Context, r: Rect) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        ui.control_box(r, False, "")
        letter = Rect(r.x + px(5), r.y + px(5), px(18), px(18))
        ui.paint.box(letter, "p0", px(3), 0.22)
        ui.paint.text(letter, "A", "p0", font=Font.BOLD, size=14, align=0.5)
        loaded = session.loaded
        family = loaded.info.family if loaded else ""
        room = ui.paint.text_width(family, size=14) + px(20)
        name = display_name(loaded.source) if loaded else "none"
        ui.item("Name", r, tip=loaded.origin.path or name if loaded else "No network is open yet")
        ui.paint.text(Rect(r.x + px(32), r.y, r.w - px(36) - room, r.h), name)
        ui.paint.text(Rect(r.x, r.y, r.w - px(10), r.h), family, "text_dim", size=14, align=1)

    def _recent(self, context: Context) -> None:
        for index, source in enumerate(context.settings.recent):
            current = context.session.loaded is not None and source == context.session.loaded.source
            if context.ui.menu_item(f"{short_name(source)}##{index}", on=current):
                context.actions.open(source)
            if imgui.is_item_hovered():
                context.ui.draw_tooltip(source)
        imgui.separator()
        if context.ui.menu_item("Forget these"):
            context.prefer(recent=())

    def _more(self, context: Context) -> str:
        loaded = context.session.loaded
        if loaded is None:
            return ""
        info, size = loaded.info, loaded.origin.size
        parts = [info.architecture, f"z {info.z_dim}, w {info.w_dim}", f"{size / 1e6:,.1f} MB" if size else ""]
        if info.c_dim:
            parts.append(f"{info.c_dim} classes")
        return " · ".join(part for part in parts if part)


def display_name(source: str) -> str:
    """A network's name as the window shows it."""
    demo = demo_of(source)
    if demo is not None:
        return demo.caption
    return "Built-in random network" if source == BUILT_IN else short_name(source)


def facts_line(info: ModelInfo) -> str:
    """A network in one line: size, colours, layers, parameters."""
    colours = {1: "gray", 2: "gray + alpha", 3: "RGB", 4: "RGBA"}.get(info.channels, f"{info.channels} channels")
    millions = info.num_parameters / 1e6
    count = f"{millions:.1f} M" if millions >= 1 else f"{info.num_parameters / 1e3:.0f} k"
    return f"{info.width} × {info.height}  ·  {colours}  ·  {info.num_ws} layers  ·  {count}"
