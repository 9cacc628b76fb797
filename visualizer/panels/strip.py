"""Layer strip: what is changed at each layer, as one table. Numbers drag sideways, and paint over the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from imgui_bundle import imgui

from core.edits import edit_at, shares, with_edits
from core.request import UNEDITED, ModelInfo, RenderRequest
from resources import icons
from visualizer.context import Context
from visualizer.interact import Interaction, parse_number
from visualizer.paint import Rect
from visualizer.panels.columns import SHAPES, Column, Curve, NoiseColumn, PsiColumn, StyleColumn
from visualizer.panels.sources import colour_of, name_of
from visualizer.style import Font
from visualizer.ui import Ui
from visualizer.values import FINE, number_text

ROW_HEIGHT = 24
EYE, INDEX, CELL = 22, 20, 46  # widths
WIDE = 360  # of the table; where it is narrower, the style is a dot only
TOOLS = {"Free": icons.PENCIL, "Line": icons.SPLINE, "Erase": icons.ERASER}
TIPS = {
    "Free": "Drag over the rows to paint what the number becomes",
    "Line": "Drag over the rows for a straight line",
    "Erase": "Drag over the rows to set them back",
}
NO_NETWORK = "No network is open."


@dataclass(frozen=True)
class Line:
    """A row of the table: one entry of ws, or all of a resolution."""

    index: str
    name: str
    entries: tuple[int, ...]


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

    def __init__(self) -> None:
        self._by_resolution = False
        self._tool = "Free"
        self._shaping = False  # the rows of the curve are shown
        self._curve = Curve()
        self._column = "Psi"  # that the curve is for
        self._stroke: Stroke | None = None

    def summary(self, context: Context) -> str:
        count = sum(edit != UNEDITED for edit in context.session.request.layers)
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
            self._shape(context, info, columns)
        lines = resolutions(info) if self._by_resolution else layers(info)
        places = Places(ui, has_style_words=ui.w >= ui.px(WIDE))
        self._titles(context, columns, places, info)
        top = ui.y
        for number, line in enumerate(lines):
            self._line(context, info, columns, places, number, line, lines)
        self._follow(context, info, lines, top)
        ui.gap(8)

    # -- Above the table ------------------------------------------------------

    def _head(self, context: Context) -> None:
        ui, px = context.ui, context.ui.px
        r = ui.take(24)
        at = Rect(r.x, r.y, px(160), r.h)
        tips = ("A row for each entry of ws", "A row for each resolution")
        chosen = ui.segments("Rows", ("Layer", "Resolution"), self._by_resolution, row=ui.bare_row(at), tips=tips)
        self._by_resolution = bool(chosen)
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

    def _shape(self, context: Context, info: ModelInfo, columns: Sequence[Column]) -> None:
        """The rows of the curve; what they say is drawn into the column at once."""
        ui, before = context.ui, (self._curve, self._column)
        names = [column.name for column in columns]
        at = names.index(self._column) if self._column in names else 0
        column = columns[ui.segments("Column", names, at, row=ui.row("Column"))]
        if column.name != self._column:
            self._column, before = column.name, (self._curve, column.name)  # nothing is drawn by choosing
        curve = self._curve
        row = ui.row("Curve")

        def menu() -> None:
            for shape in SHAPES:
                if ui.menu_item(shape, on=shape == self._curve.shape):
                    self._curve = replace(self._curve, shape=shape)

        ui.combo("Curve", curve.shape, at=row.area, menu=menu, tip="How the numbers run over the layers")
        curve = self._curve
        for label, field, default in (("From", "start", 0.0), ("To", "end", 1.0)):
            value = min(max(getattr(curve, field), column.low), column.high)
            new = ui.slider(
                label, value, column.low, column.high, row=ui.row(label, changed=value != default), reset=default,
                zero=0,
            )  # fmt: skip
            curve = curve if new == value else curve.but(field, new)
        off = "" if curve.shape == "Sigmoid" else "Only a sigmoid has this."
        for label, field, low, default in (("Position", "position", 0.0, 8.0), ("Width", "width", 0.05, 1.5)):
            value = getattr(curve, field)
            new = ui.slider(
                label, value, low, float(info.num_ws), row=ui.row(label, changed=value != default, off=off),
                reset=default, unit="layers", off=off,
            )  # fmt: skip
            curve = curve if new == value else curve.but(field, new)
        self._curve = curve
        if (curve, self._column) != before:
            entries = [entry for entry in range(info.num_ws) if not column.off(info, entry)]
            values = {e: min(max(curve.at(e, info.num_ws), column.low), column.high) for e in entries}
            context.session.request = column.put(context.session.request, values)
        ui.gap(4)

    # -- The table ------------------------------------------------------------

    def _titles(self, context: Context, columns: Sequence[Column], places: Places, info: ModelInfo) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        r = ui.take(22)
        ui.paint.text(Rect(places.name.x, r.y, places.name.w, r.h), "Layer", "text_dim", size=14)
        for column in columns:
            place = places.of(column.name)
            at = Rect(place.x, r.y, place.w, r.h)
            it = ui.item(column.name, at, tip=f"Copy, paste or reset the column {column.name}")
            colour = "text" if it.hovered else "text_dim"
            if places.words or column.name != "Style":
                ui.paint.text(at, column.name, colour, size=14, align=0 if column.name == "Style" else 0.5)
            popup = f"##column {column.name}"
            if it.clicked:
                imgui.open_popup(popup)
            ui.popup(popup, self._column_menu(context, column, info), Rect(at.x, at.bottom, px(120), 0))
        ui.paint.hline(r.x, r.bottom - 1, r.w)
        if session.request.layers and ui.icon_button(
            "Unmute all", icons.EYE, at=Rect(r.x, r.y, px(EYE), r.h), tip="Hear all layers again"
        ):
            unmuted = {i: {"muted": False} for i in range(len(session.request.layers))}
            session.edit(layers=with_edits(session.request.layers, unmuted))

    def _column_menu(self, context: Context, column: Column, info: ModelInfo) -> Callable[[], None]:
        ui, session = context.ui, context.session
        entries = [entry for entry in range(info.num_ws) if not column.off(info, entry)]

        def menu() -> None:
            if ui.menu_item("Copy column", off=not entries):
                imgui.set_clipboard_text("\n".join(f"{column.get(session.request, entry):g}" for entry in entries))
            if ui.menu_item("Paste column", off=not entries):
                numbers = [parse_number(word) for word in imgui.get_clipboard_text().split()]
                pairs = zip(entries, numbers, strict=False)
                pasted = {e: min(max(n, column.low), column.high) for e, n in pairs if n is not None}
                session.request = column.put(session.request, pasted)
            if ui.menu_item("Reset column", off=not any(column.changed(session.request, e) for e in entries)):
                session.request = column.put(session.request, dict.fromkeys(entries))

        return menu

    def _line(
        self, context: Context, info: ModelInfo, columns: Sequence[Column], places: Places, number: int, line: Line,
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
            context.layer = line.entries[0]
        if it.reset:
            session.edit(layers=with_edits(session.request.layers, dict.fromkeys(line.entries, vars(UNEDITED))))
        if context.layer in line.entries:
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
        it = ui.item(f"Mute {line.index}", at, tip=tip, more="Shift+click: only this layer is edited")
        ui.paint.icon(at, icons.EYE_OFF if muted else icons.EYE, "warning" if muted else
                      "text" if it.hovered else "text_faint", 14)  # fmt: skip
        if not it.clicked:
            return
        layers = session.request.layers
        if imgui.get_io().key_shift:
            others = [entry for entry in range(info.num_ws) if entry not in line.entries]
            alone = not muted and all(edit_at(layers, entry).muted for entry in others)
            changes = {entry: {"muted": not alone} for entry in others} | {e: {"muted": False} for e in line.entries}
        else:
            changes = {entry: {"muted": not muted} for entry in line.entries}
        session.edit(layers=with_edits(layers, changes))

    def _cell(
        self, context: Context, info: ModelInfo, column: Column, places: Places, number: int, line: Line, r: Rect,
        muted: bool,
    ) -> None:  # fmt: skip
        ui, px, session = context.ui, context.ui.px, context.session
        place = places.of(column.name)
        at = Rect(place.x, r.y + px(2), place.w, r.h - px(4))
        entries = [entry for entry in line.entries if not column.off(info, entry)]
        off = "" if entries else column.off(info, line.entries[0])
        if column.name == "Style" and not session.request.sources:
            off = "There is no source; add one under Style mixing."
        shown = entries or list(line.entries)
        values = [column.get(session.request, entry) for entry in shown]
        text = number_text(values[0], "%.2f") if len(set(values)) == 1 else "···"
        tip = f"{column.name} of layer {line.index}" + ("" if len(entries) < 2 else f", of {len(entries)} entries")
        label = f"{column.name} {line.index}"
        reset_text = "none" if column.name == "Style" else number_text(column.default, "%.2f")
        it = ui.item(label, at, tip=tip, off=off, value=number_text(values[0], "%.2f"), reset_text=reset_text)
        self._act(context, column, number, entries, values[0], it)
        if ui.is_typing(label):
            ui.draw_typing(label, at)
            return
        changed = any(column.changed(session.request, entry) for entry in shown)
        if column.name == "Style":
            self._draw_style(context, line, at, muted, places.words)
        else:
            self._draw_number(ui, column, at, values, text, changed and not muted, it.hovered or it.active, off)
        ui.draw_focus(label, at)

    def _act(
        self, context: Context, column: Column, number: int, entries: Sequence[int], value: float, it: Interaction
    ) -> None:
        session = context.session
        new: float | None = value
        if it.started:
            self._stroke = Stroke(column, number, session.request, value, value, number)
        elif it.reset:
            session.request = column.put(session.request, dict.fromkeys(entries))
            return
        elif it.typed is not None:
            new = parse_number(it.typed)
        elif it.steps:
            new = value + 0.01 * it.steps * (column.high - column.low)
        if new is not None and new != value:
            new = min(max(new, column.low), column.high)
            session.request = column.put(session.request, dict.fromkeys(entries, new))

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
            stroke.value += io.mouse_delta.x / context.ui.style.scale * column.per_pixel * fine
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
            values |= {entry: value for entry in lines[number].entries if not column.off(info, entry)}
        stroke.last = row
        session.request = column.put(request, values)

    # -- Cells ----------------------------------------------------------------

    def _draw_number(
        self, ui: Ui, column: Column, at: Rect, values: Sequence[float], text: str, changed: bool, hot: bool, off: str
    ) -> None:
        px, paint = ui.px, ui.paint
        paint.box(at, "control_off" if off else "control_hover" if hot else "control", px(3))
        if off:
            paint.text(at, "–", "text_faint", size=14, align=0.5)
            return
        colour = "text" if changed else "text_dim"
        paint.text(Rect(at.x, at.y - px(1), at.w - px(4), at.h - px(2)), text, colour, size=14, align=1)
        groove = Rect(at.x + px(3), at.bottom - px(4), at.w - px(6), px(3))
        part = (values[0] - column.low) / (column.high - column.low)
        zero = (0 - column.low) / (column.high - column.low)
        left, right = sorted((part, zero))
        fill = Rect(round(groove.x + left * groove.w), groove.y, max(1.0, round((right - left) * groove.w)), groove.h)
        paint.box(fill, "accent" if changed else "text_faint", px(1), 1.0 if changed else 0.6)

    def _draw_style(self, context: Context, line: Line, at: Rect, muted: bool, words: bool) -> None:
        """A dot in the colour of the source that the layer takes most of, its name, and how much."""
        ui, px, request = context.ui, context.ui.px, context.session.request
        entry = line.entries[0]
        taken = [row[entry] for row in shares(request, entry + 1)]
        most = max(range(len(taken)), key=lambda i: taken[i]) if any(taken) else None
        colour = "p0" if most is None else colour_of(most)
        x = at.x + px(6) if words else at.x + at.w / 2
        ui.paint.disc(x, at.y + at.h / 2, px(4), colour, 0.4 if muted else 1.0)
        if not words:
            return
        name = "Base" if most is None else name_of(request.sources[most]).removeprefix("Seed ")
        percent = "" if most is None or taken[most] > 0.995 else f"{100 * taken[most]:.0f}%"
        room = Rect(at.x + px(16), at.y, at.w - px(16), at.h)
        ui.paint.text(room, percent, "text_dim", size=14, align=1)
        width = ui.paint.text_width(percent, size=14) + px(4) if percent else 0
        shade = "text_faint" if muted else "text_dim"
        ui.paint.text(Rect(room.x, room.y, room.w - width, room.h), name, shade, font=Font.REGULAR, size=14)


class Places:
    """Where the columns of the table lie in a row, from the column of the panel."""

    def __init__(self, ui: Ui, *, has_style_words: bool) -> None:
        px, right = ui.px, ui.x + ui.w
        self.words = has_style_words
        style = px(104 if has_style_words else 24)
        self._places = {}
        for name, width in (("Noise", px(CELL)), ("Psi", px(CELL)), ("Style", style)):
            self._places[name] = Rect(right - width, 0, width, 0)
            right -= width + px(4)
        x = ui.x + px(EYE + INDEX + 8)
        self.name = Rect(x, 0, right - x, 0)

    def of(self, column: str) -> Rect:
        return self._places[column]


def columns_of(context: Context) -> tuple[Column, ...]:
    return (StyleColumn(context.session.animation.source), PsiColumn(), NoiseColumn())


def layers(info: ModelInfo) -> list[Line]:
    return [Line(str(entry), name, (entry,)) for entry, name in enumerate(info.ws_names)]


def resolutions(info: ModelInfo) -> list[Line]:
    """The entries of ws of each resolution together; those without one by themselves."""
    groups: dict[str, list[int]] = {}
    for entry, name in enumerate(info.ws_names):
        groups.setdefault(size_of(name), []).append(entry)
    lines = []
    for name, entries in groups.items():
        index = str(entries[0]) if len(entries) == 1 else f"{entries[0]}–{entries[-1]}"
        lines.append(Line(index, name, tuple(entries)))
    return lines


def size_of(name: str) -> str:
    """The resolution in the name of a layer, such as 64²; without one, the name."""
    return next((word for word in name.split() if "²" in word or "×" in word), name)
