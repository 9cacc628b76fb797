"""Layer strip: what is changed at each layer, as one table. Numbers drag sideways, and paint over the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from core.base.control import Choice, Control, Kind, number_text
from core.parameters import letter_of
from core.parameters.table import LAYER_NOISE, LAYER_PSI, MAPPING, MUTED, PART, WEIGHT
from core.request import UNEDITED, Blend, ModelInfo, RenderRequest
from core.request.edits import edit_at, with_edits
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.networks import network_colour
from visualizer.panels.common.parameter_rows import parameter_row
from visualizer.panels.layer_strip.cells import (
    EYE,
    INDEX,
    ROW_HEIGHT,
    CellPlaces,
    draw_blend,
    draw_bubble,
    draw_curve,
    draw_number,
    draw_style,
)
from visualizer.panels.layer_strip.columns import BlendColumn, Column, StyleColumn
from visualizer.panels.layer_strip.lines import Line, layers, resolutions, size_of
from visualizer.panels.layer_strip.mutes import Mutes
from visualizer.panels.layer_strip.shape import ShapeRows
from visualizer.session import messages
from visualizer.session.network_names import short_name
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.numbers import parse_number
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.values import FINE

TOOLS = {"Free": icons.PENCIL, "Line": icons.SPLINE, "Erase": icons.ERASER}
TIPS = {
    "Free": "Drag over the rows to paint what the number becomes",
    "Line": "Drag over the rows for a straight line",
    "Erase": "Drag over the rows to set them back",
}
NO_NETWORK = "No network is open."
BY_RESOLUTION = Control(
    label="Rows", kind=Kind.FLAG, default=False,
    choices=(Choice("false", "Layer", "A row for each entry of ws"),
             Choice("true", "Resolution", "A row for each resolution")),
)  # fmt: skip


@dataclass
class Stroke:
    """A drag over the cells of a column."""

    column: Column
    first: int  # row
    before: RenderRequest
    start: float
    value: float  # unrounded
    last: int
    fresh: bool = True  # pressed in this frame


class StripPanel:
    title = "Layer strip"
    icon = icons.LAYERS
    parameters = ("layers", "blends[].weights[]", "blends[].mapping")

    def __init__(self) -> None:
        self._by_resolution = False
        self._tool = "Free"
        self._shaping = False  # the rows of the curve are shown
        self._shape = ShapeRows()
        self._stroke: Stroke | None = None
        self._mutes = Mutes()

    def useful(self, context: Context) -> bool:
        return context.session.info is None or context.session.info.codes is None

    def summary(self, context: Context) -> str:
        info, layers = context.session.info, context.session.request.layers
        count = sum(edit != UNEDITED for edit in layers[: info.num_ws if info is not None else None])
        return f"{count} edited" if count else "as they are"

    def changed(self, context: Context) -> bool:
        return bool(context.session.request.layers)

    def reset(self, context: Context) -> None:
        context.session.edit(layers=())

    def draw(self, context: Context) -> None:
        ui, info = context.ui, context.session.info
        ui.gap(8)
        self._head(context)
        if info is None:
            ui.paint.text(ui.take(ROW_HEIGHT), NO_NETWORK, "text_dim", size=14)
            ui.gap(8)
            return
        columns = columns_of(context)
        if self._shaping:
            self._shape.draw(context, info, columns)
        lines = resolutions(info) if self._by_resolution else layers(info)
        places = CellPlaces(ui, [column.name for column in columns if isinstance(column, BlendColumn)])
        self._titles(context, columns, places, info)
        top = ui.y
        for number, line in enumerate(lines):
            self._line(context, info, columns, places, number, line, lines)
        self._follow(context, info, lines, top)
        for column in columns:
            if isinstance(column, BlendColumn):
                self._curve_of(context, column, places.of(column.name), lines, top)
        self._mappings(context)
        ui.gap(8)

    # -- Above the table ------------------------------------------------------

    def _head(self, context: Context) -> None:
        ui, px = context.ui, context.ui.px
        r = ui.take(24)
        at = Rect(r.x, r.y, px(160), r.h)
        self._by_resolution = bool(ui.segments(BY_RESOLUTION, self._by_resolution, row=ui.bare_row(at)))
        x = r.right - px(24) * len(TOOLS)
        for name, icon in TOOLS.items():
            at = Rect(x, r.y, px(24), r.h)
            if ui.icon_button(name, icon, at=at, on=name == self._tool, tip=TIPS[name]):
                self._tool = name
            x += px(24)
        room = Rect(r.x + px(168), r.y, r.right - px(24) * len(TOOLS) - px(8) - r.x - px(168), r.h)
        if ui.button("Shape", at=room, icon=icons.CHART_LINE, tip="A curve over the layers: groups, ramp, sigmoid"):
            self._shaping = not self._shaping
        ui.gap(8)

    # -- The table ------------------------------------------------------------

    def _titles(self, context: Context, columns: Sequence[Column], places: CellPlaces, info: ModelInfo) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        r = ui.take(22)
        ui.paint.text(Rect(places.name.x, r.y, places.name.w, r.h), "Layer", "text_dim", size=14)
        for column in columns:
            place = places.of(column.name)
            at = Rect(place.x, r.y, place.w, r.h)
            it = ui.item(column.name, at, tip=f"Copy, paste or reset the column {column.name}")
            colour = "text" if it.hovered else "text_dim"
            if isinstance(column, BlendColumn):
                ui.paint.text(at, "A", "p0", font=Font.BOLD, size=14)
                ui.paint.text(at, column.name, network_colour(column.number or 0), font=Font.BOLD, size=14, align=1)
            elif places.words or column.name != "Style":
                ui.paint.text(at, column.name, colour, size=14, align=0 if column.name == "Style" else 0.5)
            popup = f"##column {column.name}"
            if it.clicked:
                imgui.open_popup(popup)
            ui.popup(popup, self._column_menu(context, column, info), Rect(at.x, at.bottom, px(120), 0))
        ui.paint.hline(r.x, r.bottom - 1, r.w)
        if session.request.layers and ui.icon_button(
            "Unmute all", icons.EYE, at=Rect(r.x, r.y, px(EYE), r.h), tip="All layers count again"
        ):
            unmuted = {i: {"muted": False} for i in range(len(session.request.layers))}
            session.edit(layers=with_edits(session.request.layers, unmuted))

    def _column_menu(self, context: Context, column: Column, info: ModelInfo) -> Callable[[], None]:
        ui, session = context.ui, context.session
        request = session.request
        entries = [entry for entry in range(info.num_ws) if not column.off(info, request, entry)]

        def menu() -> None:
            if ui.menu_item("Copy column", off=not entries):
                imgui.set_clipboard_text("\n".join(f"{column.get(session.request, entry):g}" for entry in entries))
            if ui.menu_item("Paste column", off=not entries):
                numbers = [parse_number(word) for word in imgui.get_clipboard_text().split()]
                pairs = zip(entries, numbers, strict=False)
                session.edit(column.put(session.request, {e: _limited(column, n) for e, n in pairs if n is not None}))
                if refused := numbers.count(None):
                    what = f"{refused} of {len(numbers)} pasted values " + ("is" if refused == 1 else "are")
                    session.say(f"{what} no number", "What is one was taken", kind=messages.Kind.WARNING)
            if ui.menu_item("Reset column", off=not any(column.changed(session.request, e) for e in entries)):
                session.edit(column.put(session.request, dict.fromkeys(entries)))

        return menu

    def _line(
        self, context: Context, info: ModelInfo, columns: Sequence[Column], places: CellPlaces, number: int, line: Line,
        lines: Sequence[Line],
    ) -> None:  # fmt: skip
        ui, px, session = context.ui, context.ui.px, context.session
        r = ui.take(ROW_HEIGHT)
        if number and size_of(line.name) != size_of(lines[number - 1].name):
            ui.paint.hline(r.x, r.y, r.w)
        edits = [edit_at(session.request.layers, entry) for entry in line.entries]
        muted = all(edit.muted for edit in edits)
        name = Rect(places.name.x - px(INDEX + 4), r.y, places.name.w + px(INDEX + 4), r.h)
        it = ui.item(f"Row {line.index}", name, tip=f"Layer {line.index} · {line.name}", more="Right click resets it",
                     reset_text="as it is" if any(edit != UNEDITED for edit in edits) else "")  # fmt: skip
        if it.clicked:
            context.selection.layer = line.entries[0]
        if it.reset:
            session.edit(layers=with_edits(session.request.layers, dict.fromkeys(line.entries, vars(UNEDITED))))
        if context.selection.layer in line.entries:
            ui.paint.box(Rect(r.x - px(8), r.y, r.w + px(16), r.h), "select", px(3))
        elif it.hovered:
            ui.paint.box(Rect(r.x - px(8), r.y, r.w + px(16), r.h), "control_hover", px(3), 0.35)
        self._eye(context, line, muted, Rect(r.x, r.y, px(EYE), r.h), info)
        colour = "text_faint" if muted else "text"
        ui.paint.text(Rect(name.x, r.y, px(INDEX), r.h), line.index, "text_faint", size=14, align=1)
        ui.paint.text(Rect(places.name.x, r.y, places.name.w, r.h), line.name, colour)
        for column in columns:
            self._cell(context, info, column, places, number, line, r, muted)

    def _eye(self, context: Context, line: Line, muted: bool, at: Rect, info: ModelInfo) -> None:
        ui, session = context.ui, context.session
        tip = "Edits and sources of this layer count again" if muted else "Mute: this layer as if nothing were edited"
        label, path = f"Mute {line.index}", MUTED.path_at((line.entries[0],))
        it = ui.item(label, at, tip=tip, more="Shift or Alt+click: only this layer is edited", path=path)
        ui.set_path(label, path)
        ui.paint.icon(at, icons.EYE_OFF if muted else icons.EYE, "warning" if muted else
                      "text" if it.hovered else "text_faint", 14)  # fmt: skip
        if not it.clicked:
            return
        layers, io = session.request.layers, imgui.get_io()
        if io.key_shift or io.key_alt:
            session.edit(layers=self._mutes.alone(layers, line.entries, info.num_ws))
        else:
            session.edit(layers=self._mutes.switched(layers, line.entries))

    def _cell(
        self, context: Context, info: ModelInfo, column: Column, places: CellPlaces, number: int, line: Line, r: Rect,
        muted: bool,
    ) -> None:  # fmt: skip
        ui, px, session = context.ui, context.ui.px, context.session
        place = places.of(column.name)
        at = Rect(place.x, r.y + px(2), place.w, r.h - px(4))
        reach = Rect(at.x - px(2), r.y, at.w + 2 * px(2), r.h)  # a drag may begin between two cells
        request = session.request
        entries = [entry for entry in line.entries if not column.off(info, request, entry)]
        off = "" if entries else column.off(info, request, line.entries[0])
        shown = entries or list(line.entries)
        values = [column.get(request, entry) for entry in shown]
        text = number_text(values[0], "%.2f") if len(set(values)) == 1 else "···"
        tip = f"{column.name} of layer {line.index}" + ("" if len(entries) < 2 else f", of {len(entries)} entries")
        label = f"{column.name} {line.index}"
        reset_text = "none" if column.name == "Style" else number_text(column.standing, "%.2f")
        tip = f"Part of {column.name} in layer {line.index}" if isinstance(column, BlendColumn) else tip
        path = column.path(line.entries[0]) if column.there(request) else ""
        value = number_text(values[0], "%.2f")
        it = ui.item(label, reach, tip=tip, off=off, value=value, reset_text=reset_text, path=path)
        self._act(context, column, number, entries, values[0], it, label)
        if ui.is_typing(label):
            ui.draw_typing(label, at)
            return
        hot = it.hovered or it.active
        changed = any(column.changed(session.request, entry) for entry in shown)
        if column.name == "Style":
            draw_style(context, line.entries[0], at, muted=muted, words=places.words)
        elif isinstance(column, BlendColumn):
            draw_blend(ui, column, at, values[0], muted=muted, hot=hot, off=off)
        else:
            draw_number(ui, column, at, values[0], text, changed=changed and not muted, hot=hot, off=off)
        ui.draw_focus(label, at)

    def _act(
        self, context: Context, column: Column, number: int, entries: Sequence[int], value: float, it: Interaction,
        label: str,
    ) -> None:  # fmt: skip
        session = context.session
        new: float | None = value
        if it.started:
            self._stroke = Stroke(column, number, session.request, value, value, number)
        elif it.reset:
            session.edit(column.put(session.request, dict.fromkeys(entries)))
            return
        elif it.typed is not None:
            new = context.ui.typed_number(label, it.typed)
            if new is not None and not column.low <= new <= column.high:
                context.ui.say_limited(label, *(f"{v:.2f}" for v in (_limited(column, new), column.low, column.high)))
        elif it.steps:
            new = value + 0.01 * it.steps * (column.high - column.low)
        if new is not None and new != value:
            new = _limited(column, new)
            session.edit(column.put(session.request, dict.fromkeys(entries, new)))

    def _follow(self, context: Context, info: ModelInfo, lines: Sequence[Line], top: float) -> None:
        """Go on with a stroke: sideways its number changes, and the rows it comes over get it."""
        stroke, session, px = self._stroke, context.session, context.ui.px
        io = imgui.get_io()
        if stroke is None or not imgui.is_mouse_down(0):
            self._stroke = None
            return
        row = min(max(int((io.mouse_pos.y - top) // px(ROW_HEIGHT)), 0), len(lines) - 1)
        fresh, stroke.fresh = stroke.fresh, False
        if (fresh or (io.mouse_delta.x == 0 and row == stroke.last)) and not (fresh and self._tool == "Erase"):
            return  # the frame of the press counts the way to it as a jump
        column, before = stroke.column, stroke.value
        if not fresh:
            fine = FINE if io.key_shift else 1.0
            stroke.value += io.mouse_delta.x / context.ui.style.scale * column.parameter.step * fine
            stroke.value = min(max(stroke.value, column.low), column.high)
        if self._tool == "Line":
            request, start, goal = stroke.before, stroke.first, row
            first, last = stroke.start if row != stroke.first else stroke.value, stroke.value
        else:
            request, start, goal = session.request, stroke.last, row
            first, last = before, stroke.value
        values: dict[int, float | None] = {}
        for number in range(min(start, goal), max(start, goal) + 1):
            part = (number - start) / (goal - start) if goal != start else 1.0
            value = None if self._tool == "Erase" else round(first + part * (last - first), 4)
            values |= {entry: value for entry in lines[number].entries if not column.off(info, request, entry)}
        stroke.last = row
        session.edit(column.put(request, values))

    def _curve_of(
        self, context: Context, column: BlendColumn, place: Rect, lines: Sequence[Line], top: float
    ) -> None:
        """The weights as a curve, and the number where the pointer is."""
        ui, request = context.ui, context.session.request
        fitting = [(i, line) for i, line in enumerate(lines) if not column.misfit.keys() >= set(line.entries)]
        draw_curve(ui, place, top, [(i, column.get(request, line.entries[0])) for i, line in fitting])
        stroke = self._stroke
        if stroke is not None and stroke.column.name == column.name:
            right = place.x + stroke.value * place.w - ui.px(10)
            draw_bubble(ui, f"{stroke.value:.2f} {column.name}", right, top + stroke.last * ui.px(ROW_HEIGHT))

    def _mappings(self, context: Context) -> None:
        """Whose mapping network makes w, or whose embedding of the classes stands in its place."""
        ui, session = context.ui, context.session
        if session.request.blends:
            ui.gap(8)
        no_w = session.info is not None and not session.info.has_w
        what = "embedding of the classes is used" if no_w else "mapping network, and of its average w, makes w"
        for number in range(len(session.request.blends)):
            letter = letter_of(number)
            parameter_row(context, MAPPING, (number,), name=f"Mapping {letter}", tip=f"How much of {letter}'s {what}")


def columns_of(context: Context) -> tuple[Column, ...]:
    session = context.session
    blends = [
        BlendColumn(letter_of(number), WEIGHT, number, misfit=misfit_rows(context, blend))
        for number, blend in enumerate(session.request.blends)
    ]
    style = StyleColumn("Style", PART, session.selection.source)
    return (style, Column("Psi", LAYER_PSI), Column("Noise", LAYER_NOISE), *blends)


def misfit_rows(context: Context, blend: Blend) -> dict[int, str]:
    """The entries of ws where a network that is blended in does not fit, and why."""
    session = context.session
    loaded = session.loaded
    found = session.others.misfits(loaded, blend) if loaded is not None else None
    if found is None or loaded is None:
        return {}
    rows: dict[int, str] = {}
    fitting = {step.row for step in loaded.info.steps if step.name not in found}
    for step in loaded.info.steps:
        if step.name in found and step.row not in fitting:
            rows.setdefault(step.row, f"{short_name(blend.network)} does not fit here: {found[step.name]}.")
    return rows


def _limited(column: Column, value: float) -> float:
    return min(max(value, column.low), column.high)
