"""Style mixing: sources of styles, and which layers take how much of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from imgui_bundle import imgui

from core.base.control import Control, Kind
from core.parameters import source_hidden, source_name
from core.parameters.table import FRACTION, LAYERS, PART, SOURCE_LABEL, SOURCE_ON, SOURCE_X
from core.request import ROOM_FOR_SOURCES, ModelInfo, SeedPoint, StyleSource
from core.request.edits import give, part_at, shares
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.classes.rows import ClassRows
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import keyed_row, parameter_control
from visualizer.panels.common.sources import colour_of, name_of, ranges, seed_at
from visualizer.panels.layer_strip.columns import GROUPS
from visualizer.panels.pictures.source_pictures import SourcePictures
from visualizer.panels.shelf.drop import dropped
from visualizer.session.animation import MIX, WALK_SPEED
from visualizer.session.seeds import random_seed
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

MIX_SEED = Control(label="Mix seed", default=1000, kind=Kind.WHOLE, format="%d")
CELL_HEIGHT = 22
SOURCE_HEIGHT, THUMBNAIL = 36, 28
EXPLICIT = "This source is no seed; add another one for a seed."


class MixingPanel(ParameterPanel):
    title = "Style mixing"
    icon = icons.BLEND
    parameters = ("sources",)

    def __init__(self) -> None:
        self._classes = ClassRows()
        self._pictures = SourcePictures()
        self._painting: float | None = None  # what a drag over the cells sets them to

    def close(self) -> None:
        self._pictures.close()

    def summary(self, context: Context) -> str:
        used = [source for source in context.session.request.sources if source.parts]
        return ", ".join(name_of(source, context.session.info) for source in used) if used else "off"

    def changed(self, context: Context) -> bool:
        return super().changed(context) or context.session.animation.mixing

    def reset(self, context: Context) -> None:
        context.session.animation.mixing, context.selection.source = False, 0
        super().reset(context)

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        info = session.info
        layers = info.num_ws if info else LAYERS
        ui.gap(6)
        for index in range(len(session.request.sources)):
            self._source(context, index, layers)
        self._add(context)
        chosen = chosen_source(context)
        if chosen is not None:
            self._chosen(context, chosen)
        ui.gap(4)
        self._cells(context, info, layers)
        ui.gap(6)
        self._presets(context, layers)
        ui.gap(10)

    # -- The sources ----------------------------------------------------------

    def _source(self, context: Context, index: int, layers: int) -> None:
        """A line of the list; what it does is done after it is drawn, for it may remove the line."""
        ui, session, px = context.ui, context.session, context.ui.px
        source, called = session.request.sources[index], source_name(index)
        r = ui.take(SOURCE_HEIGHT)
        ui.gap(2)
        slider = Rect(r.right - px(44 + 78), r.y + px(6), px(78), px(24))
        line = Rect(r.x - px(6), r.y, slider.x - r.x, r.h)
        it = ui.item(f"Source {called}", line, tip=f"{name_of(source, session.info)}: the cells below paint with it")
        for kept in dropped(context, Rect(line.x, r.y, r.w + px(12), r.h))[:1]:
            context.actions.shelf.as_source(kept, index)
            source = session.request.sources[index]
        chosen = index == session.selection.source
        if chosen or it.hovered:
            ui.paint.box(Rect(line.x, r.y, r.w + px(12), r.h), "select" if chosen else "control_hover", px(4))
        if it.clicked:
            session.selection.source = index
        ui.paint.box(Rect(r.x, r.y + px(4), px(3), px(THUMBNAIL)), colour_of(index), px(1))
        self._thumbnail(context, source, Rect(r.x + px(8), r.y + px(4), px(THUMBNAIL), px(THUMBNAIL)), index)
        x = r.x + px(8 + THUMBNAIL + 8)
        words = Rect(x, r.y + px(3), slider.x - x - px(4), px(16))
        ui.paint.text(words, name_of(source, session.info), "text" if source.on else "text_faint")
        taken = [entry for entry in range(layers) if part_at(source, entry)]
        second = Rect(words.x, words.bottom, words.w, px(14))
        ui.paint.text(second, f"layers {ranges(taken)}" if taken else "no layers", "text_dim", size=13)
        off = FRACTION.off(session.info, session.request, (index,))
        name = f"Fraction {called}"
        parameter_control(context, FRACTION, (index,), row=ui.bare_row(slider), name=name, off=off)
        eye = icons.EYE if source.on else icons.EYE_OFF
        at = Rect(r.right - px(42), r.y + px(7), px(22), px(22))
        tip = "Leave it out" if source.on else "Use it again"
        if ui.icon_button(f"Use {called}", eye, at=at, tip=tip, path=SOURCE_ON.path_at((index,))):
            change(context, index, on=not source.on)
        at = Rect(r.right - px(20), r.y + px(7), px(22), px(22))
        if ui.icon_button(f"Remove {called}", icons.X, at=at, tip=f"Remove {name_of(source, session.info)}"):
            sources = session.request.sources
            session.edit(sources=sources[:index] + sources[index + 1 :])
            session.selection.source = max(0, min(session.selection.source, len(sources) - 2))

    def _thumbnail(self, context: Context, source: StyleSource, r: Rect, index: int) -> None:
        """Its picture, with its name in a corner."""
        ui, px = context.ui, context.ui.px
        if not self._pictures.draw(context, index, source, r, alpha=1.0 if source.on else 0.4):
            ui.paint.box(r, "control_active", px(4))
            ui.paint.text(r, source_name(index), "text_dim", font=Font.MEDIUM, align=0.5)
            return
        plate = Rect(r.right - px(17), r.bottom - px(13), px(17), px(13))
        ui.paint.box(plate, "overlay", px(3), 0.86)
        ui.paint.text(plate, source_name(index), "overlay_text", font=Font.MEDIUM, size=12, align=0.5)

    def _add(self, context: Context) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        request = session.request
        r = ui.take(24)
        ui.gap(8)
        count = len(request.sources)
        full = f"There are {count} sources; remove one first." if count >= ROOM_FOR_SOURCES else ""

        def menu() -> None:
            new: StyleSource | None = None
            if ui.menu_item("A seed"):
                new = StyleSource(SeedPoint(float(random_seed())))
            if ui.menu_item("The latent that is shown"):
                new = StyleSource(request.latent, request.label)
            if ui.menu_item("A file…"):
                context.actions.latents.choose_sources()
            if new is not None:
                session.edit(sources=(*session.request.sources, new))
                session.selection.source = len(session.request.sources) - 1

        at = Rect(r.x, r.y, r.w - px(20), r.h)
        for kept in dropped(context, at):
            context.actions.shelf.as_source(kept, len(session.request.sources))
        ui.combo("Add source", "Add a source", at=at, menu=menu, tip="Another style that layers can take", off=full)

    def _chosen(self, context: Context, source: StyleSource) -> None:
        """The rows of the chosen source."""
        ui, session, px = context.ui, context.session, context.ui.px
        animation, index = session.animation, session.selection.source
        point = source.latent if isinstance(source.latent, SeedPoint) else SeedPoint()
        off = "" if isinstance(source.latent, SeedPoint) else EXPLICIT
        seed = seed_at(point)
        path = SOURCE_X.path_at((index,))
        row = keyed_row(context, "Mix seed", path, changed=point != SeedPoint(1000), off=off)
        tip = "The seed of the chosen source"
        room = row.left(row.area.w - px(28))
        new = ui.number(MIX_SEED, seed, row=row, at=room, stepper=True, tip=tip, off=off, path=path)
        if new != seed or row.reset:
            change(context, index, latent=SeedPoint(float(new), 0.0))
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Random mix seed", icons.DICES, at=at, off=off):
            change(context, index, latent=SeedPoint(float(random_seed())))
        if session.info is not None and session.info.c_dim:
            tip = "The class of this source"
            path = SOURCE_LABEL.path_at((index,))
            label = self._classes.draw(context, source.label, none="As the latent's", tip=tip, path=path)
            if label != source.label:
                change(context, index, label=label)

        draw_hint(context, source_hidden(session.request, session.info, index) if session.info else "")
        row = ui.row("Animate", changed=animation.mixing or animation.mixing_speed != WALK_SPEED.default, off=off)
        animation.mixing = ui.toggle(MIX, animation.mixing, at=row.left(px(36)), off=off) and not row.reset
        animation.mixing_speed = ui.slider(WALK_SPEED, animation.mixing_speed, row=row, at=row.after(px(36)), off=off)

    # -- The layers -----------------------------------------------------------

    def _cells(self, context: Context, info: ModelInfo | None, layers: int) -> None:
        """One cell a layer, filled with what it takes; a drag paints what its first cell got."""
        ui, session, px = context.ui, context.session, context.ui.px
        area = ui.take(CELL_HEIGHT)
        edges = [round(area.x + area.w * index / layers) for index in range(layers + 1)]
        mouse = imgui.get_io().mouse_pos
        every = 1 if ui.paint.text_width(str(layers), Font.MEDIUM, 12) <= area.w / layers - px(2) else 2  # number shown
        if not imgui.is_mouse_down(0):
            self._painting = None
        off = "" if session.request.sources else "There is no source; add one above."
        for index in range(layers):
            source = chosen_source(context)
            part = part_at(source, index) if source else 0.0
            cell = Rect(edges[index], area.y, edges[index + 1] - edges[index] - px(2), area.h)
            name = info.ws_names[index] if info else ""
            tip, more = f"Layer {index} · {name}", "Drag paints several layers with the chosen source"
            path = PART.path_at((session.selection.source, index)) if source else ""
            reach = Rect(cell.x, cell.y, edges[index + 1] - cell.x, cell.h)  # a drag may begin between two cells
            it = ui.item(f"Layer {index}", reach, tip=tip, more=more, off=off, path=path)
            ui.set_path(f"Layer {index}", path)
            if it.started:
                self._painting = 0.0 if part else 1.0
            under = self._painting is not None and cell.x <= mouse.x < edges[index + 1] and imgui.is_window_hovered(
                imgui.HoveredFlags_.allow_when_blocked_by_active_item
            )  # fmt: skip
            if under and self._painting is not None and bool(part) != bool(self._painting):
                chosen = session.selection.source
                session.edit(sources=give(session.request.sources, chosen, {index: self._painting}))
            ui.paint.box(cell, "control_hover" if it.hovered else "control", px(2))
            on = self._fill(context, cell, index)
            colour = ("101114" if ui.style.theme.name == "dark" else "FFFFFF") if on else "text_faint"
            if index % every == 0:
                number = Rect(cell.x - px(3), cell.y, cell.w + px(6), cell.h) if every > 1 else cell
                ui.paint.text(number, str(index), colour, font=Font.MEDIUM if on else Font.REGULAR, size=12, align=0.5)
        self._brackets(context, edges, layers)

    def _fill(self, context: Context, cell: Rect, index: int) -> bool:
        """What a layer takes of the sources, one above the other. Returns whether it is more than half of it."""
        ui, request = context.ui, context.session.request
        bottom, total = cell.bottom, 0.0
        for number, row in enumerate(shares(request, index + 1)):
            if row[index]:
                top = bottom - cell.h * row[index]
                filled = Rect(cell.x, round(top), cell.w, round(bottom) - round(top))
                ui.paint.box(filled, colour_of(number), ui.px(2), 0.9)
                bottom, total = top, total + row[index]
        return total > 0.5

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
        for number, (name, (first, last)) in enumerate(choices.items()):
            x = round(area.x + number * step)
            at = Rect(x, area.y, round(area.x + (number + 1) * step) - x - px(4), area.h)
            group = range(first, min(last, layers))
            off = "" if group or name == "None" else "This network has no layers so fine."
            off = off if session.request.sources else "There is no source; add one above."
            tips = {"All": "All layers take the chosen source", "None": "No layer takes the chosen source"}
            tip = tips.get(name, f"Layers {first} to {min(last, layers) - 1}; Shift adds them to the others")
            if ui.button(name, at=at, tip=tip, off=off):
                kept = imgui.get_io().key_shift and name != "None"
                wanted = {entry: 0.0 for entry in range(layers) if not kept} | dict.fromkeys(group, 1.0)
                session.edit(sources=give(session.request.sources, session.selection.source, wanted))


def chosen_source(context: Context) -> StyleSource | None:
    """The source that is being edited, if there is any."""
    sources, selection = context.session.request.sources, context.selection
    selection.source = max(0, min(selection.source, len(sources) - 1))  # undo may have taken it away
    return sources[selection.source] if sources else None


def change(context: Context, index: int, **fields: Any) -> None:
    """Replace fields of a source."""
    sources = list(context.session.request.sources)
    sources[index] = replace(sources[index], **fields)
    context.session.edit(sources=tuple(sources))
