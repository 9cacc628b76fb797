"""Tabs and tools over the picture: what is seen, comparing, zoom."""

from __future__ import annotations

from imgui_bundle import imgui

from core.request import Compare
from resources import icons
from visualizer.actions.commands import command_of, why_not_compare
from visualizer.actions.context import Context
from visualizer.panels.common.command_items import draw_command, draw_tool
from visualizer.session.comparison import GAINS
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.picture import ZOOMS, Picture

COMPARISONS = {
    Compare.OFF: "Only B",
    Compare.SIDE: "Side by side",
    Compare.WIPE: "Wipe",
    Compare.BLINK: "Blink",
    Compare.DIFFERENCE: "Difference",
}
ROOMY = 400  # of a bar with room for all tools


class PictureBar:
    """Of one picture."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._layer = ""  # that was looked at last

    def draw(self, context: Context, bar: Rect, *, with_layer: bool) -> None:
        """with_layer: beside the tab of the picture that of the layer that was looked at last."""
        self._tabs(context, bar, with_layer)
        ui, px = context.ui, context.ui.px
        x, y, side = bar.right - px(8), bar.y + px(5), px(26)
        roomy = bar.w >= px(ROOMY)  # else the menu of the zoom has to do
        tools = (("full-screen", "Full screen"), ("fit", "Fit"))
        for name, label in tools if roomy else tools[:1]:
            x -= px(30)
            draw_tool(context, name, label, Rect(x, y, px(28), side))
        if roomy:
            x -= px(38)
            one_to_one = command_of("one-to-one")
            tip = one_to_one.tip("A pixel of the picture is a pixel of the screen")
            if ui.button("1:1", at=Rect(x, y + px(1), px(34), px(24)), tip=tip):
                one_to_one.run(context)
        x -= px(90)
        ui.combo(
            "Zoom", f"{self._picture.zoom * 100:.0f} %", at=Rect(x, y + px(1), px(86), px(24)),
            menu=lambda: self._zoom_menu(context), tip="Zoom; the wheel zooms at the pointer",
        )  # fmt: skip
        x -= px(34)
        tip = "Smooth: blend pixels when enlarged, or show each one; remembered for this network"
        draw_tool(context, "smooth", "Smooth", Rect(x, y, px(28), side), tip=tip, on=self._picture.smooth)
        self._compare(context, Rect(x - px(34), y, px(28), side))

    def _compare(self, context: Context, at: Rect) -> None:
        """Keep a picture as A, and see the newest one beside it."""
        ui, comparison, off = context.ui, context.comparison, why_not_compare(context)
        on = comparison.mode is not Compare.OFF and comparison.kept is not None
        tip = "A and B: keep this picture and compare it with what comes"
        if ui.icon_button("Compare", icons.COLUMNS_2, at=at, on=on and not off, tip=tip, off=off):
            imgui.open_popup("##compare")
        ui.popup("##compare", lambda: self._compare_menu(context), Rect(at.x, at.bottom + ui.px(4), ui.px(200), 0))

    def _compare_menu(self, context: Context) -> None:
        ui, comparison = context.ui, context.comparison
        for name in ("keep-a", "swap-a-b", "forget-a", "compare"):
            draw_command(context, name)
        none = comparison.kept is None
        imgui.separator()
        for mode, name in COMPARISONS.items():
            if ui.menu_item(name, on=comparison.mode is mode, off=none):
                comparison.mode = mode
        imgui.separator()
        for gain in GAINS:
            label = f"Gain {gain:+.0f} dB"
            is_on = comparison.gain_db == gain
            if ui.menu_item(label, on=is_on, off=none or comparison.mode is not Compare.DIFFERENCE):
                comparison.gain_db = gain

    def _tabs(self, context: Context, bar: Rect, with_layer: bool) -> None:
        """The picture, and the layer that was looked at last."""
        ui, px, session = context.ui, context.ui.px, context.session
        chosen = session.shown_request.view.layer
        self._layer = chosen or self._layer
        known = {layer.name for layer in session.frame.layers} if session.frame else set()
        layer = self._layer if with_layer and self._layer in {*known, chosen} else ""
        x = bar.x + px(4)
        for name in (layer, "") if layer else ("",):
            on = name == chosen
            title, font = name or "Picture", Font.MEDIUM if on else Font.REGULAR
            tab = Rect(x, bar.y, round(ui.paint.text_width(title, Font.MEDIUM) + px(24)), bar.h)
            it = ui.item(f"Tab {title}", tab, tip="")
            if on:
                ui.paint.box(tab, "canvas")
                ui.paint.box(Rect(tab.x, tab.y, tab.w, px(2)), "accent")
            ui.paint.text(tab, title, "text" if on or it.hovered else "text_dim", font=font, align=0.5)
            if it.clicked and not (on and name):  # the picture is whole again then
                session.show_layer(name)
            x = tab.right

    def _zoom_menu(self, context: Context) -> None:
        zoom_now = self._picture.view.zoom
        if context.ui.menu_item("Fit", command_of("fit").keys_text, on=zoom_now is None):
            self._picture.fit()
        for zoom in ZOOMS:
            keys = command_of("one-to-one").keys_text if zoom == 1 else ""
            if context.ui.menu_item(f"{zoom * 100:.0f} %", keys, on=zoom_now == zoom):
                self._picture.set_zoom(zoom)
