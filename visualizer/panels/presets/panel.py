"""Presets: a click applies one, sliders say how much of it, or lead to another one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgui_bundle import imgui

from core.base.control import Control
from core.base.text import plural, shown
from core.project import Preset
from core.project.presets import described
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.readonly_panel import ReadonlyPanel
from visualizer.panels.common.scrolled import rows_area, scrolled
from visualizer.panels.presets.saving import SavingForm
from visualizer.session.presets import Entry, Shelf
from visualizer.settings import preset_folder
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

ROW, MOST_SEEN = 26, 9
TOLD = 3  # bad files
MOST_WORDS = 1000  # presets of which it is known what they set
AMOUNT = Control(label="Amount", default=1.0, range=(0, 1), factor=100, format="%.0f", unit="%",
                 tip="How far the picture goes from what it was to what the preset says")  # fmt: skip
MORPH = Control(label="Morph", default=0.0, range=(0, 1), factor=100, format="%.0f", unit="%",
                tip="From the chosen preset to the other one")  # fmt: skip
NO_NETWORK = "Open a network first."
OF_PROGRAM = "This preset comes with the program; copy it first."


@dataclass(frozen=True)
class Line:
    """A preset of the list, or the head over those of one place."""

    shelf: Shelf
    entry: Entry | None = None


class PresetsPanel(ReadonlyPanel):
    title = "Presets"
    icon = icons.SLIDERS_HORIZONTAL

    def __init__(self) -> None:
        self._form = SavingForm()
        self._chosen: Entry | None = None
        self._other: Entry | None = None  # what is morphed to
        self._amount, self._part = AMOUNT.start, MORPH.start
        self._words: dict[int, tuple[Preset, str]] = {}  # by the id of a preset, what it sets
        self._drawn = 0  # the last frame in which it was

    def summary(self, context: Context) -> str:
        return plural(len(context.session.document.state.presets), "preset") + " here"

    def draw(self, context: Context) -> None:
        ui, presets = context.ui, context.actions.presets
        frame = imgui.get_frame_count()
        if presets.folder is None or frame > self._drawn + 1:  # the panel was opened just now
            presets.refresh()
        self._drawn = frame
        entries = presets.entries
        self._chosen = self._chosen if self._chosen in entries else None
        self._other = self._other if self._other in entries else None
        ui.gap(8)
        self._list(context, entries)
        ui.gap(8)
        if self._chosen is not None and not self._form.is_open:
            self._details(context, self._chosen, entries)
        self._foot(context)
        ui.gap(10)

    def menu(self, context: Context) -> None:
        if context.ui.menu_item("Look at the folder again"):
            context.actions.presets.refresh()
        if context.ui.menu_item("Copy the path of the folder"):
            context.ui.copy(str(preset_folder()))

    # -- The list -------------------------------------------------------------

    def _list(self, context: Context, entries: tuple[Entry, ...]) -> None:
        ui, px = context.ui, context.ui.px
        lines = [line for shelf in Shelf for line in _of(shelf, entries)]
        area = rows_area(ui, min(len(lines), MOST_SEEN), px(ROW))
        with scrolled(ui, "presets", area, len(lines), px(ROW)) as rows:
            for index in rows.seen:
                line, r = lines[index], rows.place(index)
                if line.entry is None:
                    self._head(context, line.shelf, r)
                else:
                    self._entry(context, line.entry, r)

    def _head(self, context: Context, shelf: Shelf, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        ui.paint.text(Rect(r.x + px(8), r.y, r.w - px(40), r.h), shelf, "text_dim", font=Font.MEDIUM, size=13)
        if shelf is Shelf.FOLDER:
            at = Rect(r.right - px(26), r.y + px(2), px(22), px(22))
            if ui.icon_button("Refresh", icons.REFRESH_CW, at=at, tip=f"Look again at {preset_folder()}"):
                context.actions.presets.refresh()

    def _entry(self, context: Context, entry: Entry, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        preset, what = entry.preset, self._described(entry.preset)
        off = "" if context.session.info else NO_NETWORK
        tip = f"Apply {shown(preset.name, 60)}"
        it = ui.item(f"{entry.shelf}/{preset.name}", r, tip=tip, more=f"Sets {what}", off=off)
        chosen = entry == self._chosen
        if chosen or it.hovered:
            ui.paint.box(r, "select" if chosen else "control_hover", px(4))
        width = min(ui.paint.text_width(what, size=13), r.w * 0.42)
        ui.paint.text(Rect(r.right - width - px(8), r.y, width + 1, r.h), what, "text_faint", size=13)
        room = Rect(r.x + px(16), r.y, r.w - width - px(32), r.h)
        ui.paint.text(room, preset.name, "text_faint" if off else "text", font=Font.MEDIUM if chosen else Font.REGULAR)
        if it.clicked:
            self._chosen, self._other, self._part = entry, None, MORPH.start
            context.actions.presets.apply(preset, self._amount, anew=True)

    def _described(self, preset: Preset) -> str:
        """What it sets, found out once."""
        known = self._words.get(id(preset))
        if known is None or known[0] is not preset:
            self._words = self._words if len(self._words) < MOST_WORDS else {}
            known = self._words[id(preset)] = preset, described(preset)
        return known[1]

    # -- The chosen one -------------------------------------------------------

    def _details(self, context: Context, entry: Entry, entries: tuple[Entry, ...]) -> None:
        ui, presets = context.ui, context.actions.presets
        off = "" if context.session.info else NO_NETWORK
        row = ui.row("Amount", changed=self._amount != AMOUNT.start, off=off)
        amount = ui.slider(AMOUNT, self._amount, row=row, off=off)
        if amount != self._amount:
            self._amount = amount
            if self._other is None:
                presets.apply(entry.preset, amount, anew=False)
        row = ui.row("Morph to")

        def menu() -> None:
            if ui.menu_item("None", on=self._other is None):
                self._other, self._part = None, MORPH.start
            for other in entries:
                called = f"{other.preset.name}##{other.shelf}{other.path}"
                if other != entry and ui.menu_item(called, on=other == self._other):
                    self._other, self._part = other, MORPH.start

        name = self._other.preset.name if self._other is not None else "None"
        ui.combo("Morph to", name, at=row.area, menu=menu, tip="Another preset, to which a slider leads")
        if self._other is not None:
            row = ui.row("Morph", changed=self._part != MORPH.start, off=off)
            part = ui.slider(MORPH, self._part, row=row, off=off)
            if part != self._part:
                self._part = part
                presets.morph(entry.preset, self._other.preset, part)
        self._name(context, entry)
        ui.gap(4)

    def _name(self, context: Context, entry: Entry) -> None:
        """Its name, and what can be done with it."""
        ui, px, presets = context.ui, context.ui.px, context.actions.presets
        off = "" if entry.shelf is not Shelf.PROGRAM else OF_PROGRAM
        if not off:
            row = ui.row("Name")
            field = Rect(row.area.x, row.area.y, row.area.w + px(20), row.area.h)
            name = ui.text_field("Name", entry.preset.name, at=field, tip="Enter gives it this name")
            if name is not None and name.strip() and name.strip() != entry.preset.name:
                entry = self._chosen = presets.replace(entry, replace(entry.preset, name=name))
        r = ui.take(24)
        width = (r.w - px(8)) / 3
        places = [Rect(round(r.x + i * (width + px(4))), r.y, round(width), r.h) for i in range(3)]
        tip = "What it sets becomes what the picture has now"
        if ui.button("Update", at=places[0], icon=icons.PENCIL, tip=tip, off=off):
            self._chosen = presets.update(entry)
        target = Shelf.SESSION if entry.shelf is Shelf.FOLDER else Shelf.FOLDER
        if ui.button("Copy", at=places[1], icon=icons.COPY, tip=f"Copy it to {target[0].lower()}{target[1:]}"):
            self._chosen = presets.save(entry.preset, target) or entry
        if ui.button("Remove", at=places[2], icon=icons.TRASH_2, tip="Remove this preset", off=off):
            presets.remove(entry)
        ui.gap(4)

    # -- Below ----------------------------------------------------------------

    def _foot(self, context: Context) -> None:
        ui, presets, px = context.ui, context.actions.presets, context.ui.px
        if self._form.is_open:
            saved = self._form.draw(context)
            self._chosen = saved or self._chosen
        else:
            off = "" if context.session.info else NO_NETWORK
            tip = "Choose which settings of the picture it takes"
            if ui.button("Save a preset…", at=ui.take(26), icon=icons.PLUS, tip=tip, off=off):
                self._form.is_open = True
        if presets.removed is not None:
            ui.gap(6)
            r, name = ui.take(24), shown(presets.removed.preset.name, 40)
            if ui.button(f"Put back {name}", at=r, icon=icons.ROTATE_CCW, tip="The file that was removed last"):
                presets.put_back()
        errors = presets.folder.errors if presets.folder else ()
        for error in (*errors[:TOLD], *([f"And {len(errors) - TOLD} more."] if len(errors) > TOLD else [])):
            ui.gap(6)
            words = f"{error[:1].upper()}{error[1:]}"
            ui.y += ui.paint.wrapped(ui.x, ui.y, ui.w - px(4), words, "error", size=14)


def _of(shelf: Shelf, entries: tuple[Entry, ...]) -> list[Line]:
    """The lines of one place; that of the folder has a head even if it is empty, to be looked at again."""
    own = [Line(shelf, entry) for entry in entries if entry.shelf is shelf]
    return [Line(shelf), *own] if own or shelf is Shelf.FOLDER else []
