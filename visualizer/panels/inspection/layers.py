"""Layers: all layers of the network in execution order; choose one to see it in place of the picture."""

from __future__ import annotations

from imgui_bundle import imgui

from core.display.frame import LayerInfo
from core.parameters.table import VIEW_LAYER
from core.request.grids import picture_size
from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect

PICTURE = "Picture"  # the row after the last layer
ROW_HEIGHT = 22
SIZE, CHANNELS, TYPE = 150, 194, 216  # right edges of columns
BAR, BAR_WIDTH = 224, 28
TIME_WIDTH = 46  # less than that beside the bar, and there is no bar
TYPES = {"float64": "64", "float32": "32", "float16": "16", "bfloat16": "b16"}


class LayersPanel:
    title = "Layers"
    icon = icons.LAYERS
    parameters = ("view.layer",)

    def __init__(self) -> None:
        self._search = ""
        self._network = ""
        self._times: dict[str, float] = {}  # the latest in which a layer ran, ms

    def summary(self, context: Context) -> str:
        return context.session.request.view.layer or "picture"

    def changed(self, context: Context) -> bool:
        return context.session.request.view.layer != ""

    def reset(self, context: Context) -> None:
        self._choose(context, "")

    def draw(self, context: Context) -> None:
        ui, px, frame = context.ui, context.ui.px, context.session.frame
        layers = frame.layers if frame else ()
        self._note_times(context, layers)
        ui.gap(8)
        at = ui.take(26)
        search = ui.text_field("Search layers", self._search, at=at, hint="Search layers", live=True)
        self._search = self._search if search is None else search
        found = [layer for layer in layers if self._search.strip().lower() in layer.name.lower()]
        count = str(len(layers)) if len(found) == len(layers) else f"{len(found)} of {len(layers)}"
        if not self._search:
            ui.paint.text(Rect(at.x, at.y, at.w - px(8), at.h), count, "text_faint", size=14, align=1)
        ui.gap(4)
        head = ui.take(22)
        self._cells(context, head, ("Name", "Size", "Ch", "", "ms"), "text_dim")
        ui.paint.hline(head.x, head.bottom - 1, head.w)
        names = [layer.name for layer in found]
        if layers and not self._search:
            names.append("")
        if not names and layers:
            ui.paint.text(ui.take(ROW_HEIGHT), f"No layer is called so; {len(layers)} others are.", "text_dim", size=14)
        longest = max(self._times.values(), default=0.0)
        for layer in found:
            self._row(context, layer, longest)
        if "" in names:
            self._last_row(context)
        self._keys(context, names)
        ui.gap(8)

    def _note_times(self, context: Context, layers: tuple[LayerInfo, ...]) -> None:
        network = context.session.request.network
        if network != self._network:
            self._network, self._times = network, {}
        self._times.update({layer.name: layer.ms for layer in layers if layer.ms > 0})

    def _row(self, context: Context, layer: LayerInfo, longest: float) -> None:
        ui, px = context.ui, context.ui.px
        r = self._line(context, layer.name)
        height, width = layer.shape[-2:]
        size = f"{width}²" if width == height else f"{width}×{height}"
        ms = self._times.get(layer.name, 0.0)
        kind = TYPES.get(layer.dtype, layer.dtype)
        self._cells(context, r, (layer.name, size, str(layer.shape[1]), kind, f"{ms:.2f}"), "text")
        if r.w < px(BAR + BAR_WIDTH + TIME_WIDTH):
            return
        bar = Rect(r.x + px(BAR), r.y + px(9), px(BAR_WIDTH), px(5))
        ui.paint.box(bar, "control", px(2.5))
        ui.paint.box(Rect(bar.x, bar.y, max(px(2), bar.w * ms / max(longest, 1e-9)), bar.h), "p0", px(2.5), 0.75)

    def _last_row(self, context: Context) -> None:
        info, frame = context.session.info, context.session.frame
        r = self._line(context, "")
        size = ""
        if info is not None:
            width, height = picture_size(frame.request, info) if frame is not None else (info.width, info.height)
            size = f"{width}²" if width == height else f"{width}×{height}"
        self._cells(context, r, (PICTURE, size, "" if info is None else str(info.channels), "", ""), "text")

    def _line(self, context: Context, name: str) -> Rect:
        """A line of the list: its background, and what a click on it does."""
        ui, px = context.ui, context.ui.px
        r = ui.take(ROW_HEIGHT)
        band = Rect(r.x - px(8), r.y, r.w + px(16), r.h)
        chosen = context.session.request.view.layer == name
        it = ui.item(name or PICTURE, band, path=VIEW_LAYER.path if chosen else "")
        ui.draw_focus(name or PICTURE, band)
        if chosen:
            ui.paint.box(band, "select", px(3))
            ui.paint.box(Rect(band.x, band.y, px(2), band.h), "accent")
        elif it.hovered:
            ui.paint.box(band, "control_hover", px(3), 0.35)
        if it.started:
            self._choose(context, name)
        return r

    def _cells(self, context: Context, r: Rect, cells: tuple[str, str, str, str, str], colour: str) -> None:
        paint, px = context.ui.paint, context.ui.px
        name, size, channels, kind, ms = cells
        wide = max(px(44), paint.text_width(size, size=14))
        paint.text(Rect(r.x, r.y, px(SIZE - 4) - wide, r.h), name, colour, size=14)
        for text, right, width in ((size, SIZE, wide), (channels, CHANNELS, px(44))):
            paint.text(Rect(r.x + px(right) - width, r.y, width, r.h), text, "text_dim", size=14, align=1)
        shade = "text_faint" if kind == "32" else "p2"
        paint.text(Rect(r.x + px(TYPE - 24), r.y, px(24), r.h), kind, shade, size=12, align=1)
        paint.text(Rect(r.right - px(TIME_WIDTH), r.y, px(TIME_WIDTH), r.h), ms, colour, size=14, align=1)

    def _keys(self, context: Context, names: list[str]) -> None:
        """Up and Down go through the list after a click into it."""
        ui, layer = context.ui, context.session.request.view.layer
        if not ui.focus.startswith(f"{self.title}/") or ui.focus_ring or ui.typing or not names:
            return
        step = imgui.is_key_pressed(imgui.Key.down_arrow) - imgui.is_key_pressed(imgui.Key.up_arrow)
        if step:
            at = names.index(layer) if layer in names else -step if step > 0 else 0
            self._choose(context, names[min(max(at + step, 0), len(names) - 1)])

    def _choose(self, context: Context, layer: str) -> None:
        context.session.show_layer(layer)
