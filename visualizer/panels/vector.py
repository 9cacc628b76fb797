"""Style vector: w of the chosen layer as bars that drag, offsets, and keeping it while the latent moves."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from core.base.control import Control, Kind, number_text, one_of
from core.parameters import layer_hidden
from core.parameters.reasons import psi_off
from core.parameters.table import JITTER, JITTER_SEED
from core.request import LayerEdit, ModelInfo
from core.request.edits import edit_at, with_edits
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.capability_text import NO_AVERAGE, letter_of_space, numbers_of
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.parameter_rows import parameter_control
from visualizer.session.seeds import random_seed
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect

PLOT_HEIGHT = 112
FEWEST = 8  # numbers that the plot shows at least
STEPS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)  # half heights of the plot
INDEX = Control(label="Index", default=0, kind=Kind.WHOLE, format="%d", tip="Which number")
OFFSET = Control(label="Offset", default=0.0, format="%+.2f", step=0.02, tip="What is added to this number")
NO_PICTURE = "There is no picture yet."
A_GRID = "A grid of codes has no single w; paint it under Codes."

Floats = npt.NDArray[np.float32]


class VectorPanel:
    title = "Style vector"
    icon = icons.AUDIO_LINES
    parameters = (JITTER.path, JITTER_SEED.path)

    def __init__(self) -> None:
        self._first, self._count = 0, 0  # the numbers that the plot shows; a count of 0: all
        self._chosen = 0
        self._from_average = True
        self._half = 1.0  # half the height of the plot, in units of w; while a bar is dragged it stays
        self._last: tuple[int, float] | None = None  # where a drag was in the frame before

    def useful(self, context: Context) -> bool:
        return context.session.info is None or context.session.info.codes is None

    def summary(self, context: Context) -> str:
        return f"layer {context.selection.layer}"

    def changed(self, context: Context) -> bool:
        own = edit_at(context.session.request.layers, context.selection.layer)
        return own.w is not None or bool(own.offset) or own.jitter != 0

    def reset(self, context: Context) -> None:
        put(context, w=None, offset=(), jitter=0.0, jitter_seed=0)

    def draw(self, context: Context) -> None:
        ui, session, info = context.ui, context.session, context.session.info
        ui.gap(8)
        frame = session.frame
        if info is not None and info.codes is not None:
            ui.paint.text(ui.take(24), A_GRID, "text_dim", size=14)
            ui.gap(8)
            return
        if info is None or frame is None or frame.ws is None or frame.ws.shape != (info.num_ws, info.w_dim):
            ui.paint.text(ui.take(24), NO_PICTURE, "text_dim", size=14)
            ui.gap(8)
            return
        context.selection.layer = min(context.selection.layer, info.num_ws - 1)
        self._layer(context, info)
        draw_hint(context, layer_hidden(session.request, context.selection.layer))
        w = frame.ws[context.selection.layer]
        from_average = self._from_average and info.has_w
        base = frame.w_avg if from_average and frame.w_avg is not None else np.zeros_like(w)
        self._plot(context, info, w - base)
        ui.gap(8)
        space, off = letter_of_space(info), "" if info.has_w else NO_AVERAGE
        names = ("From average", space)
        control = one_of("Show", names, ("w minus the average w", f"{space} itself"))
        shown = ui.segments(control, names[not from_average], row=ui.row("Show", off=off), off=off)
        self._from_average = self._from_average if off else shown == names[0]
        self._number(context, w)
        self._jitter(context)
        self._buttons(context, info, frame.ws)
        ui.gap(10)

    def _layer(self, context: Context, info: ModelInfo) -> None:
        ui = context.ui
        row = ui.row("Layer")

        def menu() -> None:
            for entry, name in enumerate(info.ws_names):
                if ui.menu_item(f"{entry} · {name}", on=entry == context.selection.layer):
                    context.selection.layer = entry

        at = row.left(row.area.w - ui.px(28))
        shown = f"{context.selection.layer} · {info.ws_names[context.selection.layer]}"
        ui.combo("Layer", shown, at=at, menu=menu, tip="Whose numbers are shown; the layer strip chooses it too")
        own = edit_at(context.session.request.layers, context.selection.layer)
        frame = context.session.frame
        at = Rect(row.area.right - ui.px(24), row.area.y, ui.px(24), row.area.h)
        kept = f"It keeps this {letter_of_space(info)} while the latent moves"
        tip = kept if own.w is None else "Let it follow the latent again"
        pinned = own.w is not None
        if ui.icon_button("Pin", icons.PIN, at=at, on=pinned, tip=tip) and frame is not None and frame.ws is not None:
            if pinned:
                put(context, w=None)
            else:
                put(context, w=as_tuple(frame.ws[context.selection.layer]), offset=(), jitter=0.0)
        ui.gap(4)

    # -- The bars -------------------------------------------------------------

    def _plot(self, context: Context, info: ModelInfo, w: Floats) -> None:
        """w: what the bars show, [w_dim]"""
        ui, px = context.ui, context.ui.px
        r = ui.take(PLOT_HEIGHT)
        dim = len(w)
        ui.paint.box(r, "plot", px(3))
        more = "Drag paints · right click resets · wheel zooms, Shift+wheel moves"
        space = letter_of_space(info)
        tip = f"{space} of layer {context.selection.layer}, {numbers_of(info)}"
        it = ui.item("Bars", r, tip=tip, more=more, reset_text="none")
        if self._last is None:
            self._half = next((step for step in STEPS if step >= np.abs(w).max()), float(np.abs(w).max()))
        count = self._zoom(it, r, dim)
        self._drag(context, it, r, w, count)
        edited = self._edited(context, dim)
        ui.paint.list.push_clip_rect((r.x, r.y), (r.right, r.bottom), True)
        middle, half = r.y + r.h / 2, r.h / 2 - px(4)
        width = r.w / count
        for i in range(count):
            value = float(w[self._first + i])
            x, end = r.x + i * width, r.x + (i + 1) * width
            y = middle - min(max(value / self._half, -1.0), 1.0) * half
            top, bottom = sorted((middle, y))
            colour = "p1" if edited[self._first + i] else "p0"
            thick = max(1.0, end - x - (px(1) if width > px(3) else 0))
            ui.paint.box(Rect(x, top, thick, max(1.0, bottom - top)), colour)
        ui.paint.hline(r.x, round(middle), r.w, "grid")
        if self._first <= self._chosen < self._first + count:
            x = r.x + (self._chosen - self._first + 0.5) * width
            ui.paint.line((x, r.y), (x, r.bottom), "text_faint", 1, 0.6)
        scale = number_text(self._half, "%g")
        ui.paint.text(Rect(r.x + px(4), r.y + px(2), px(60), px(14)), f"+{scale}", "text_dim", size=13)
        ui.paint.text(Rect(r.x + px(4), r.bottom - px(16), px(60), px(14)), f"−{scale}", "text_dim", size=13)
        of = "Δw" if self._from_average and info.has_w else space
        words = f"{of}[{self._chosen}] {number_text(float(w[min(self._chosen, dim - 1)]), '%+.2f')}"
        ui.paint.text(Rect(r.right - px(124), r.y + px(2), px(120), px(14)), words, "text", size=13, align=1)
        ui.paint.list.pop_clip_rect()
        ui.paint.frame(r, "line", px(3))
        if count < dim:  # where in the vector the plot is
            ui.paint.box(Rect(r.x, r.bottom + px(2), r.w, px(3)), "track", px(1))
            place = Rect(r.x + r.w * self._first / dim, r.bottom + px(2), max(px(8), r.w * count / dim), px(3))
            ui.paint.box(place, "control_active", px(1))

    def _edited(self, context: Context, dim: int) -> npt.NDArray[np.bool_]:
        own = edit_at(context.session.request.layers, context.selection.layer)
        if own.w is not None or own.jitter:
            return np.ones(dim, bool)
        return np.asarray(own.offset) != 0 if len(own.offset) == dim else np.zeros(dim, bool)

    def _zoom(self, it: Interaction, r: Rect, dim: int) -> int:
        """Let the wheel choose what part of the vector is shown. Returns of how many numbers."""
        io = imgui.get_io()
        count = min(self._count or dim, dim)
        if it.hovered:
            imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)
            if io.mouse_wheel and io.key_shift:
                self._first -= round(io.mouse_wheel * max(1, count // 8))
            elif io.mouse_wheel and not io.key_ctrl:
                part = (io.mouse_pos.x - r.x) / r.w
                at = self._first + part * count
                new = round(count * 0.8**io.mouse_wheel)
                if new == count:
                    new -= int(math.copysign(1, io.mouse_wheel))
                count = min(max(new, FEWEST), dim)
                self._count = 0 if count == dim else count
                self._first = round(at - part * count)
        self._first = min(max(self._first, 0), dim - count)
        return count

    def _drag(self, context: Context, it: Interaction, r: Rect, w: Floats, count: int) -> None:
        """Set the bars that the pointer comes over to where it is."""
        px, mouse = context.ui.px, imgui.get_io().mouse_pos
        at = min(max(int((mouse.x - r.x) / r.w * count), 0), count - 1) + self._first
        if it.reset:
            put(context, offset=without(offset_of(context, len(w)), at))
            return
        if not it.active:
            self._last = None
            if it.hovered:
                self._chosen = at
            return
        height = r.h / 2 - px(4)
        value = min(max((r.y + r.h / 2 - mouse.y) / height, -1.0), 1.0) * self._half
        start, before = self._last if self._last is not None else (at, value)
        self._chosen, self._last = at, (at, value)
        if not (it.started or it.drag_x or it.drag_y):
            return
        offset = list(offset_of(context, len(w)))
        frame = context.session.frame
        own_then = edit_at(frame.request.layers, context.selection.layer) if frame else LayerEdit()
        shown = own_then.offset if len(own_then.offset) == len(w) else (0.0,) * len(w)
        for index in range(min(start, at), max(start, at) + 1):
            part = (index - start) / (at - start) if at != start else 1.0
            goal = before + part * (value - before)
            offset[index] = round(goal - (float(w[index]) - shown[index]), 5)
        put(context, offset=tuple(offset))

    # -- Rows -----------------------------------------------------------------

    def _number(self, context: Context, w: Floats) -> None:
        ui, px, dim = context.ui, context.ui.px, len(w)
        self._chosen = min(self._chosen, dim - 1)
        offset = offset_of(context, dim)[self._chosen]
        row = ui.row("Number", changed=offset != 0)
        half = (row.area.w - px(4)) // 2
        right = row.after(half + px(4))
        index = replace(INDEX, range=(0, dim - 1))
        self._chosen = int(ui.number(index, self._chosen, at=row.left(half), stepper=True))
        at = Rect(right.x, right.y, half, right.h)
        new = ui.number(OFFSET, offset, row=row, at=at, prefix="add")
        if new != offset:
            changed = list(offset_of(context, dim))
            changed[self._chosen] = new
            put(context, offset=tuple(changed) if any(changed) else ())

    def _jitter(self, context: Context) -> None:
        ui, px = context.ui, context.ui.px
        own, where = edit_at(context.session.request.layers, context.selection.layer), (context.selection.layer,)
        row = ui.row("Gaussian", changed=own.jitter != 0 or own.jitter_seed != 0)
        parameter_control(context, JITTER, where, row=row, area=row.left(row.area.w - px(96)))
        right = row.after(row.area.w - px(92))
        at = Rect(right.x, right.y, right.w - px(28), right.h)
        parameter_control(context, JITTER_SEED, where, row=row, area=at, boxed=True)
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Another", icons.DICES, at=at, tip="Another random offset"):
            put(context, jitter_seed=random_seed() % 1000)

    def _buttons(self, context: Context, info: ModelInfo, ws: Floats) -> None:
        ui, px = context.ui, context.ui.px
        ui.gap(2)
        r = ui.take(24)
        width = (r.w - px(8)) / 3
        boxes = [Rect(round(r.x + i * (width + px(4))), r.y, round(width), r.h) for i in range(3)]
        w = ws[context.selection.layer]
        space = letter_of_space(info)
        zero = f"This layer gets {space} = 0" if info.has_w or not info.c_dim else "This layer gets z = 0 and no class"
        if ui.button("Zero", at=boxes[0], tip=zero):
            put(context, w=(0.0,) * len(w), offset=(), jitter=0.0)
        tip = "This layer gets psi 0: " + ("the centre of the truncation" if info.has_w else "z = 0")
        off = psi_off(info, context.session.request)
        if ui.button("To average", at=boxes[1], tip=tip, off=off):
            put(context, psi=0.0, w=None, offset=(), jitter=0.0)

        def menu() -> None:
            if ui.menu_item("All layers"):
                copy_to(context, w, range(info.num_ws))
            for entry, name in enumerate(info.ws_names):
                if ui.menu_item(f"{entry} · {name}", off=entry == context.selection.layer):
                    copy_to(context, w, [entry])

        ui.combo("Copy to", "Copy to", at=boxes[2], menu=menu, tip=f"Other layers get this {space} and keep it")


def put(context: Context, **changes: Any) -> None:
    """Edit the chosen layer."""
    session = context.session
    session.edit(layers=with_edits(session.request.layers, {context.selection.layer: changes}))


def copy_to(context: Context, w: Floats, entries: Any) -> None:
    changes = {entry: {"w": as_tuple(w), "offset": (), "jitter": 0.0} for entry in entries}
    context.session.edit(layers=with_edits(context.session.request.layers, changes))


def offset_of(context: Context, dim: int) -> tuple[float, ...]:
    offset = edit_at(context.session.request.layers, context.selection.layer).offset
    return offset if len(offset) == dim else (0.0,) * dim


def without(offset: tuple[float, ...], index: int) -> tuple[float, ...]:
    """The offset without that of one number; empty if nothing is left."""
    rest = (*offset[:index], 0.0, *offset[index + 1 :])
    return rest if any(rest) else ()


def as_tuple(row: Floats) -> tuple[float, ...]:
    return tuple(row.tolist())
