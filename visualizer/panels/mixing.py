"""Style mixing: which layers take their style from another seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from imgui_bundle import imgui

from core.request import Mixing, ModelInfo
from resources import icons
from visualizer.context import Context
from visualizer.paint import Rect
from visualizer.style import Font

GROUPS = {"Coarse": (0, 4), "Middle": (4, 8), "Fine": (8, 64)}  # entries of ws; at 1024²: 4²-8², 16²-32², 64² and up
DEFAULT_LAYERS = 18  # shown before a network is open
CELL_HEIGHT = 22


class MixingPanel:
    title = "Style mixing"
    icon = icons.BLEND

    def __init__(self) -> None:
        self._painting: bool | None = None  # what a drag over the cells sets them to

    def summary(self, context: Context) -> str:
        layers = context.session.request.mixing.layers
        return f"{len(layers)} layers from {context.session.request.mixing.seed}" if layers else "off"

    def changed(self, context: Context) -> bool:
        return context.session.request.mixing != Mixing() or context.session.animation.mixing

    def reset(self, context: Context) -> None:
        context.session.animation.mixing = False
        context.session.edit(mixing=Mixing())

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        mixing, animation, px = session.request.mixing, session.animation, context.ui.px
        ui.gap(10)
        row = ui.row("Mix seed", changed=mixing.seed != 1000)
        room = row.area.w - px(28)
        tip = "The seed that the chosen layers take their style from"
        seed = ui.number("Mix seed", mixing.seed, row=row, at=row.left(room), reset=1000, stepper=True, tip=tip)
        if seed != mixing.seed:
            session.edit(mixing=replace(session.request.mixing, seed=int(seed)))
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Random mix seed", icons.DICES, at=at):
            session.edit(mixing=replace(session.request.mixing, seed=context.actions.random_seed()))

        row = ui.row("Animate", changed=animation.mixing)
        tip = "Run through the mix seeds"
        animation.mixing = ui.toggle("Animate", animation.mixing, at=row.left(px(36)), tip=tip) and not row.reset
        animation.mixing_speed = ui.slider(
            "Speed", animation.mixing_speed, 0.5, 60, row=row, at=row.after(px(36)), reset=4.0, text="%.1f", unit="/s",
            power=2, tip="Seeds per second",
        )  # fmt: skip

        info = session.info
        layers = info.num_ws if info else DEFAULT_LAYERS
        ui.gap(4)
        self._cells(context, info, layers)
        ui.gap(6)
        self._presets(context, layers)
        ui.gap(10)

    def _cells(self, context: Context, info: ModelInfo | None, layers: int) -> None:
        """One cell a layer; a drag paints the state that its first cell got."""
        ui, session, px = context.ui, context.session, context.ui.px
        chosen = session.request.mixing.layers
        area = ui.take(CELL_HEIGHT)
        edges = [round(area.x + area.w * index / layers) for index in range(layers + 1)]
        mouse = imgui.get_io().mouse_pos
        every = 1 if ui.paint.text_width(str(layers), Font.MEDIUM, 12) <= area.w / layers - px(2) else 2  # number shown
        if not imgui.is_mouse_down(0):
            self._painting = None
        for index in range(layers):
            cell = Rect(edges[index], area.y, edges[index + 1] - edges[index] - px(2), area.h)
            name = info.ws_names[index] if info else ""
            it = ui.item(f"Layer {index}", cell, tip=f"Layer {index} · {name}", more="Drag paints several layers")
            if it.started:
                self._painting = index not in chosen
            under = self._painting is not None and cell.x <= mouse.x < edges[index + 1] and imgui.is_window_hovered(
                imgui.HoveredFlags_.allow_when_blocked_by_active_item
            )  # fmt: skip
            if under and (index in chosen) != self._painting:
                session.edit(mixing=replace(session.request.mixing, layers=chosen ^ {index}))
            on = index in session.request.mixing.layers
            ui.paint.box(cell, "p1" if on else "control_hover" if it.hovered else "control", px(2), 0.9 if on else 1)
            colour = ("101114" if ui.style.theme.name == "dark" else "FFFFFF") if on else "text_faint"
            if index % every == 0:
                number = Rect(cell.x - px(3), cell.y, cell.w + px(6), cell.h) if every > 1 else cell
                ui.paint.text(number, str(index), colour, font=Font.MEDIUM if on else Font.REGULAR, size=12, align=0.5)
        self._brackets(context, edges, layers)

    def _brackets(self, context: Context, edges: Sequence[float], layers: int) -> None:
        ui, px = context.ui, context.ui.px
        r = ui.take(18)
        for name, (first, last) in GROUPS.items():
            last = min(last, layers)
            if first >= last:
                continue
            x, w = edges[first], edges[last] - edges[first] - px(2)
            ui.paint.hline(x, r.y + px(8), w, "border")
            word = Rect(x, r.y + px(1), w, px(16))
            width = ui.paint.text_width(name.lower(), size=13) + px(8)
            if width <= w:
                ui.paint.box(Rect(x + (w - width) / 2, r.y + px(4), width, px(9)), "panel")
                ui.paint.text(word, name.lower(), "text_dim", size=13, align=0.5)

    def _presets(self, context: Context, layers: int) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        choices = {"All": (0, layers), "None": (0, 0), **GROUPS}
        area = ui.take(24)
        step = (area.w + px(4)) / len(choices)
        for index, (name, (first, last)) in enumerate(choices.items()):
            x = round(area.x + index * step)
            at = Rect(x, area.y, round(area.x + (index + 1) * step) - x - px(4), area.h)
            group = frozenset(range(first, min(last, layers)))
            off = "" if group or name == "None" else "This network has no layers so fine."
            tips = {"All": "Mix all layers", "None": "Mix no layer"}
            tip = tips.get(name, f"Layers {first} to {min(last, layers) - 1}; Shift adds them to the chosen ones")
            if ui.button(name, at=at, tip=tip, off=off):
                kept = session.request.mixing.layers if imgui.get_io().key_shift and name != "None" else frozenset()
                session.edit(mixing=replace(session.request.mixing, layers=kept | group))
