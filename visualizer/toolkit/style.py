"""Colours, fonts and sizes of the window, at any scale and in both themes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache

from imgui_bundle import imgui, implot

import resources


@dataclass(frozen=True)
class Theme:
    """Named colours, RRGGBB."""

    name: str
    window: str
    canvas: str
    bar: str
    panel: str
    header: str
    control: str
    control_hover: str
    control_active: str
    control_off: str
    track: str
    border: str
    line: str
    popup: str
    text: str
    text_dim: str
    text_faint: str
    accent: str
    accent_hover: str
    accent_fill: str
    primary: str
    select: str
    warning: str
    error: str
    ok: str
    plot: str
    grid: str
    p0: str
    p1: str
    p2: str
    p3: str
    p4: str
    p5: str
    p6: str
    shadow: str
    chosen: str  # the chosen segment
    on_primary: str = "FFFFFF"
    overlay: str = "141518"  # chips over a picture are dark in both themes
    overlay_text: str = "F0F1F3"
    overlay_dim: str = "A0A4AE"


DARK = Theme(
    name="dark", window="0F1012", canvas="151618", bar="191A1D", panel="1D1E21", header="232529",
    control="2B2D32", control_hover="363940", control_active="42464F", control_off="222427", track="212327",
    border="3A3D44", line="2C2E33", popup="26282C", text="E7E8EB", text_dim="A0A4AE", text_faint="83878F",
    accent="5B93FF", accent_hover="7AA8FF", accent_fill="2E4E8C", primary="346BD8", select="26385C",
    warning="E9B44C", error="F26B66", ok="5CC48D", plot="17181B", grid="2A2C31",
    p0="5B93FF", p1="F2A45C", p2="5CC8A1", p3="C694F0", p4="F47F90", p5="63CCE0", p6="D3CE58",
    shadow="000000", chosen="42464F",
)  # fmt: skip
LIGHT = Theme(
    name="light", window="BFC2C7", canvas="C9CBCF", bar="EEF0F2", panel="F6F7F8", header="ECEEF1",
    control="E3E6EA", control_hover="D7DBE1", control_active="C8CDD6", control_off="EDEFF1", track="F1F3F5",
    border="C3C8CF", line="DCDFE4", popup="FFFFFF", text="1B1D21", text_dim="575C66", text_faint="696F7A",
    accent="2563DE", accent_hover="1C51BE", accent_fill="B5CCFA", primary="2563DE", select="D3E1FC",
    warning="8F5E00", error="C42B2B", ok="1C7A4C", plot="FFFFFF", grid="E3E6EA",
    p0="2563DE", p1="C26A10", p2="17855B", p3="8445C4", p4="C23352", p5="0F7F99", p6="6F6B00",
    shadow="30343C", chosen="FFFFFF",
)  # fmt: skip
THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

# ImGui's own widgets (menus, text fields, popups) take the same colours.
IMGUI_COLOURS = {
    "window_bg": "panel", "child_bg": "panel", "popup_bg": "popup", "border": "border", "text": "text",
    "text_disabled": "text_faint", "frame_bg": "control", "frame_bg_hovered": "control_hover",
    "frame_bg_active": "control_active", "title_bg": "bar", "title_bg_active": "bar", "title_bg_collapsed": "bar",
    "menu_bar_bg": "bar", "scrollbar_bg": "panel", "scrollbar_grab": "control_active",
    "scrollbar_grab_hovered": "border", "scrollbar_grab_active": "text_faint", "check_mark": "accent",
    "slider_grab": "accent", "slider_grab_active": "accent_hover", "button": "control",
    "button_hovered": "control_hover", "button_active": "control_active", "header": "select",
    "header_hovered": "control_hover", "header_active": "control_active", "separator": "line",
    "separator_hovered": "accent", "separator_active": "accent", "docking_empty_bg": "canvas", "nav_cursor": "accent",
    "text_selected_bg": "accent_fill", "plot_lines": "p0", "plot_histogram": "p0",
}  # fmt: skip
IMPLOT_COLOURS = {
    "frame_bg": "panel", "plot_bg": "plot", "plot_border": "line", "axis_grid": "grid", "axis_text": "text_dim",
    "axis_tick": "line", "legend_bg": "panel", "legend_border": "line", "legend_text": "text_dim",
    "inlay_text": "text_dim", "crosshairs": "text_faint",
}  # fmt: skip


class Font(StrEnum):
    """The fonts of the window by role."""

    REGULAR = "Inter-Regular.ttf"
    MEDIUM = "Inter-Medium.ttf"
    BOLD = "Inter-SemiBold.ttf"
    MONO = "JetBrainsMono.ttf"
    ICON = "lucide.ttf"


NO_HINTING = 1  # FreeType-free loader flag: advances of Inter are not rounded, words keep together at scale 1
BASE_SIZE = 16


@dataclass
class Style:
    """The look in force: theme, scale, fonts. Sizes of the design are pixels at scale 1 and go through `px`."""

    theme: Theme = DARK
    scale: float = 1.0
    fonts: dict[Font, imgui.ImFont] = field(default_factory=dict)

    def px(self, size: float) -> float:
        """Device pixels of a size of the design, rounded so that edges and text stay sharp."""
        return float(round(size * self.scale))

    def colour(self, name: str, alpha: float = 1.0) -> int:
        """A theme colour by name, or RRGGBB, as ImGui's packed colour."""
        return _packed(getattr(self.theme, name, name), alpha)

    def vec4(self, name: str, alpha: float = 1.0) -> imgui.ImVec4:
        red, green, blue = _rgb(getattr(self.theme, name, name))
        return imgui.ImVec4(red / 255, green / 255, blue / 255, alpha)

    def grey(self, name: str) -> int:
        """A colour without its hue, 0 to 255."""
        return round(sum(_rgb(getattr(self.theme, name, name))) / 3)

    def load_fonts(self) -> None:
        """Once per ImGui context; ImGui rasterises them at any size when it needs them."""
        for font in Font:
            config = imgui.ImFontConfig()
            config.font_loader_flags = NO_HINTING if font in (Font.REGULAR, Font.MEDIUM, Font.BOLD) else 0
            path = resources.path(f"fonts/{font.value}")
            self.fonts[font] = imgui.get_io().fonts.add_font_from_file_ttf(str(path), BASE_SIZE, config)

    def apply(self) -> None:
        """Hand colours and sizes to ImGui and ImPlot. Call after a change of theme or scale."""
        style, px = imgui.get_style(), self.px
        for key, name in IMGUI_COLOURS.items():
            style.set_color_(getattr(imgui.Col_, key), self.vec4(name))
        style.set_color_(imgui.Col_.modal_window_dim_bg, imgui.ImVec4(0, 0, 0, 0.45))
        style.font_size_base = px(BASE_SIZE)  # of menus; everything else says its size
        style.window_padding = imgui.ImVec2(0, 0)
        style.window_rounding = style.window_border_size = 0
        style.frame_rounding, style.popup_rounding, style.popup_border_size = px(4), px(6), 1
        style.scrollbar_size, style.scrollbar_rounding, style.grab_rounding = px(8), px(4), px(4)
        style.item_spacing, style.item_inner_spacing = imgui.ImVec2(px(6), px(4)), imgui.ImVec2(px(6), px(4))
        style.frame_padding = imgui.ImVec2(px(8), px(4))
        style.window_min_size = imgui.ImVec2(1, 1)
        plot = implot.get_style()
        for key, name in IMPLOT_COLOURS.items():
            plot.set_color_(getattr(implot.Col_, key), self.vec4(name))
        plot.plot_border_size, plot.minor_alpha = 1, 0
        plot.plot_padding, plot.label_padding = imgui.ImVec2(px(2), px(4)), imgui.ImVec2(px(4), px(3))
        plot.major_tick_len = plot.minor_tick_len = imgui.ImVec2(0, 0)


@lru_cache(4096)
def _packed(hexadecimal: str, alpha: float) -> int:
    red, green, blue = _rgb(hexadecimal)
    return (round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red


def _rgb(hexadecimal: str) -> tuple[int, int, int]:
    return int(hexadecimal[0:2], 16), int(hexadecimal[2:4], 16), int(hexadecimal[4:6], 16)


assert all(name in {f.name for f in fields(Theme)} for name in (*IMGUI_COLOURS.values(), *IMPLOT_COLOURS.values()))
