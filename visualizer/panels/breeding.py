"""Breeding: parents of the shelf, and a table of their children."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.control import Control, Kind, switch
from core.base.text import plural
from core.project import Kept
from core.project.breeding import LEAST, MOST, MOST_CHILDREN, Breeding, children, why_not
from core.project.shelf import Shelf, title_of
from core.request.tables import Table, collection
from resources import icons
from visualizer.actions.context import Context
from visualizer.output.small_pictures import small_pixels
from visualizer.panels.common.progress.job_row import draw_job
from visualizer.panels.common.scrolled import rows_area, scrolled
from visualizer.panels.pictures.small_pictures import SmallPictures
from visualizer.session.seeds import random_seed
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

CELL, GAP, ROWS_SEEN, ATLAS_ROWS = 44, 4, 3, 8
COUNT = Control(label="Children", default=12, kind=Kind.WHOLE, range=(1, MOST_CHILDREN), format="%d",
                tip="How many are made")  # fmt: skip
STRENGTH = Control(label="Strength", default=0.3, range=(0, 2), power=2, unit="σ",
                   tip="How much is new: a random offset in each group of layers, in standard deviations")  # fmt: skip
SEED = Control(label="Seed", default=0, kind=Kind.WHOLE, range=(0, 2**31 - 1), format="%d",
               tip="Which children: the same seed and parents give the same")  # fmt: skip
PSI = switch("Psi varies", "Each child has a psi a little beside that of its parents")
NOISE = switch("Noise varies", "Each child has random noise of its own")
NO_NETWORK = "No network is open."
FEW = f"Choose {LEAST} to {MOST} parents above."
NO_STARS = f"Star {LEAST} to {MOST} children of the table: a click in their upper right corners."
NOTHING = "Nothing of this network is on the shelf yet. Keep some pictures; they become parents here."
TITLE = "Child"


class BreedingPanel:
    title = "Breeding"
    icon = icons.HEART

    def __init__(self) -> None:
        self._parents: tuple[str, ...] = ()  # ids on the shelf
        self._count, self._strength, self._seed = COUNT.start, STRENGTH.start, SEED.start
        self._psi = self._noise = False
        self._pictures = SmallPictures(ATLAS_ROWS)
        self._starred_of: tuple[Table | None, Shelf, tuple[str, ...]] = None, (), ()  # of which table and shelf

    def close(self) -> None:
        self._pictures.close()

    def summary(self, context: Context) -> str:
        return plural(len(self._parents), "parent")

    def changed(self, context: Context) -> bool:
        return (self._count, self._strength, self._psi, self._noise) != (COUNT.start, STRENGTH.start, False, False)

    def reset(self, context: Context) -> None:
        self._count, self._strength, self._psi, self._noise = COUNT.start, STRENGTH.start, False, False

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        location = session.loaded.location if session.loaded else ""
        usable = tuple(one for one in context.actions.shelf.shelf if one.request.network == location)
        known = {one.id for one in usable}
        self._parents = tuple(id for id in self._parents if id in known)
        ui.gap(8)
        if usable:
            self._choose(context, usable)
        else:
            ui.y += ui.paint.wrapped(ui.x, ui.y, ui.w, NOTHING, size=14)
        ui.gap(8)
        self._controls(context)
        ui.gap(4)
        self._buttons(context, usable)
        ui.gap(10)

    # -- The parents ----------------------------------------------------------

    def _choose(self, context: Context, usable: Sequence[Kept]) -> None:
        """The pictures of the shelf: a click makes one a parent, or takes that back."""
        ui, px = context.ui, context.ui.px
        r = ui.take(22)
        words = f"{len(self._parents)} of {LEAST} to {MOST} parents"
        ui.paint.text(Rect(r.x, r.y, r.w - px(96), r.h), words, "text_dim", size=14)
        chosen = [one for one in usable if context.actions.shelf.choice.has(one.id)][:MOST]
        off = "" if len(chosen) >= LEAST else "Choose some on the shelf first, with Ctrl or Shift and a click."
        at = Rect(r.right - px(92), r.y, px(92), r.h)
        if ui.button("From shelf", at=at, tip="Those that are chosen on the shelf", off=off):
            self._parents = tuple(one.id for one in chosen)
        ui.gap(4)
        pitch = px(CELL + GAP)
        columns = max(1, int((ui.w - px(GAP + 10)) // pitch))
        count = (len(usable) - 1) // columns + 1
        area = rows_area(ui, min(count, ROWS_SEEN), pitch)
        with scrolled(ui, "parents", area, count, pitch) as rows:
            for index in rows.seen:
                line = rows.place(index)
                for column, one in enumerate(usable[index * columns : (index + 1) * columns]):
                    at = Rect(line.x + px(GAP) + column * pitch, line.y + px(GAP), px(CELL), px(CELL))
                    self._parent(context, one, index * columns + column, at)

    def _parent(self, context: Context, one: Kept, index: int, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        is_parent = one.id in self._parents
        off = "" if is_parent or len(self._parents) < MOST else f"There are {MOST} parents; take one back first."
        more = "A click makes it a parent, or takes that back"
        it = ui.item(f"Parent {index}", r, tip=title_of(one), more=more, off=off)
        if not self._pictures.has(one.id):
            pixels = small_pixels(one.picture) if one.picture else None
            if pixels is not None:
                self._pictures.put(one.id, pixels)
            else:
                self._pictures.ask(context, one.id, one.request, "Pictures of parents")
        if not self._pictures.draw(context, one.id, r, alpha=0.4 if off else 1.0):
            ui.paint.box(r, "control_active", px(4))
        if is_parent or it.hovered:
            ui.paint.frame(r.inset(-px(1)), "accent" if is_parent else "border", px(5), px(2))
        if is_parent:
            plate = Rect(r.right - px(17), r.bottom - px(15), px(17), px(15))
            ui.paint.box(plate, "overlay", px(3), 0.86)
            number = str(self._parents.index(one.id) + 1)
            ui.paint.text(plate, number, "overlay_text", font=Font.MEDIUM, size=12, align=0.5)
        if it.clicked:
            others = tuple(id for id in self._parents if id != one.id)
            self._parents = others if is_parent else (*others, one.id)

    # -- The children ---------------------------------------------------------

    def _controls(self, context: Context) -> None:
        ui, px, info = context.ui, context.ui.px, context.session.info
        row = ui.row(COUNT.label, changed=self._count != COUNT.start)
        self._count = ui.number(COUNT, self._count, row=row, stepper=True)
        row = ui.row(STRENGTH.label, changed=self._strength != STRENGTH.start)
        self._strength = ui.slider(STRENGTH, self._strength, row=row)
        row = ui.row(SEED.label)
        self._seed = ui.number(SEED, self._seed, row=row, at=row.left(row.area.w - px(28)), stepper=True)
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Other children", icons.DICES, at=at, tip="A random seed"):
            self._seed = float(random_seed())
        row = ui.row(PSI.label)
        self._psi = ui.toggle(PSI, self._psi, at=row.area)
        row = ui.row(NOISE.label)
        off = "This network has no noise inputs." if info is not None and not info.has_noise else ""
        self._noise = ui.toggle(NOISE, self._noise and not off, at=row.area, off=off)

    def _buttons(self, context: Context, usable: Sequence[Kept]) -> None:
        ui, session, tables = context.ui, context.session, context.tables
        off = why_not(session.info) if session.info is not None else NO_NETWORK
        r = ui.take(26)
        if tables.job is not None and tables.running(session):
            draw_job(context, tables.job, r, tip="Stop; the pictures that are there stay")
        elif ui.button("Breed", at=r, icon=icons.HEART, primary=True, tip="Make a table of children",
                       off=off or ("" if len(self._parents) >= LEAST else FEW)):  # fmt: skip
            self._breed(context, usable)
        ui.gap(6)
        starred = self._starred(context, usable)
        tip = "The starred pictures of the table become the parents of the next one"
        if ui.button("Breed from the starred", at=ui.take(24), icon=icons.STAR, tip=tip,
                     off=off or ("" if len(starred) >= LEAST else NO_STARS)):  # fmt: skip
            self._parents, self._seed = tuple(starred), float(random_seed())
            self._breed(context, usable)

    def _starred(self, context: Context, usable: Sequence[Kept]) -> tuple[str, ...]:
        """Those on the shelf that are of the table; found out again if either has changed."""
        table, shelf = context.tables.table, context.actions.shelf.shelf
        if self._starred_of[0] is not table or self._starred_of[1] is not shelf:
            of_table = {cell.request for cell in table.cells} if table is not None and shelf else set()
            self._starred_of = table, shelf, tuple(one.id for one in usable if one.request in of_table)[:MOST]
        return self._starred_of[2]

    def _breed(self, context: Context, usable: Sequence[Kept]) -> None:
        session = context.session
        if session.info is None:
            return
        by_id = {one.id: one.request for one in usable}
        breeding = Breeding(int(self._count), self._strength, int(self._seed), self._psi, self._noise)
        bred = children([by_id[id] for id in self._parents], breeding, session.info)
        names = [f"child-{number}" for number in range(1, len(bred) + 1)]
        context.tables.make(session, collection(bred, names, title=TITLE))
