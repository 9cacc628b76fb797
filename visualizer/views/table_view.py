"""The table of pictures in the centre of the window: a click makes one of them current."""

from __future__ import annotations

from math import ceil

from imgui_bundle import imgui

from core.project.shelf import Shelf
from core.request.tables import GAP, Cell, Table
from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.canvas import Canvas
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.view import WithoutFoot

MARGIN = 16
LABEL, MOST_LABEL = 22, 140  # height of the labels above, width of those at the left at most
STAR = 24  # edge of the corner in which a click keeps a picture
EMPTY = "No table yet"


class TableView(WithoutFoot):
    """Draws the newest table, fitted."""

    inspects = False

    def __init__(self) -> None:
        self._canvas = Canvas()
        self._kept: tuple[Cell, ...] = ()  # of the table, what is on the shelf,
        self._kept_of: tuple[Table, Shelf] | None = None  # and of which
        self.rect = Rect(0, 0, 0, 0)  # of the table on the screen

    def close(self) -> None:
        self._canvas.close()

    def draw_bar(self, context: Context, bar: Rect) -> None:
        left = bar.x + context.ui.px(12)
        context.ui.paint.text(Rect(left, bar.y, bar.right - left, bar.h), "Table", font=Font.MEDIUM)

    def draw(self, context: Context, area: Rect) -> None:
        ui, px, tables = context.ui, context.ui.px, context.tables
        ui.paint.box(area, "canvas")
        it = ui.item("Sheet", area)
        pixels, table = tables.sheet(), tables.table
        inner = area.inset(px(MARGIN))
        if table is not None:
            inner = self._room(context, table, inner)
        if pixels is None or table is None:
            words = "Making it" if tables.running(context.session) else EMPTY
            ui.paint.text(inner, words, "text_dim", align=0.5)
            return
        height, width = pixels.shape[:2]
        scale = min(inner.w / width, inner.h / height)
        w, h = round(width * scale), round(height * scale)
        self.rect = r = Rect(round(inner.x + (inner.w - w) / 2), round(inner.y + (inner.h - h) / 2), w, h)
        white = ui.style.colour("FFFFFF", 1.0)
        self._canvas.draw(ui.paint, pixels, r, area, smooth=True, tint=white)
        self._draw_labels(context, table)
        self._draw_stars(context, table)
        mouse = imgui.get_io().mouse_pos
        cell = self._cell_at(context, table, pixels.shape[:2], mouse.x, mouse.y) if it.hovered else None
        if cell is None:
            return
        place = self._place(table, cell)
        ui.paint.frame(place.inset(-px(1)), "accent", px(2), px(2))
        star = self._star_place(context, place)
        at_star = star.contains(mouse.x, mouse.y)
        kept = context.actions.shelf.kept_as(cell.request) is not None
        if not kept:
            self._draw_star(context, star, kept=False)
        words = "A click takes it from the shelf" if kept else "A click keeps it on the shelf"
        ui.draw_tooltip(cell.title or cell.name.replace("-", " · "), words if at_star else "A click makes it current")
        if it.clicked and at_star:
            context.actions.shelf.keep_or_remove(cell.request, tables.pictures[cell], cell.title)
        elif it.clicked:
            context.actions.opening.restore(cell.request)

    def _draw_stars(self, context: Context, table: Table) -> None:
        """At what is kept, in the corner in which a click keeps it."""
        shelf = context.actions.shelf
        if self._kept_of is None or self._kept_of[0] is not table or self._kept_of[1] is not shelf.shelf:
            self._kept_of = table, shelf.shelf
            self._kept = tuple(cell for cell in table.cells if cell.request in shelf.requests) if shelf.shelf else ()
        for cell in self._kept:
            self._draw_star(context, self._star_place(context, self._place(table, cell)), kept=True)

    def _star_place(self, context: Context, place: Rect) -> Rect:
        size = min(context.ui.px(STAR), place.w / 2)
        return Rect(place.right - size - context.ui.px(3), place.y + context.ui.px(3), size, size)

    def _draw_star(self, context: Context, r: Rect, *, kept: bool) -> None:
        paint = context.ui.paint
        paint.box(r, "overlay", context.ui.px(4), 0.86)
        paint.icon(r, icons.STAR, "E9B44C" if kept else "overlay_text", 14)

    def _room(self, context: Context, table: Table, r: Rect) -> Rect:
        """What the labels of rows and columns leave."""
        ui, px = context.ui, context.ui.px
        widest = max((ui.paint.text_width(label, size=14) for label in table.row_labels), default=-px(8))
        left = min(round(widest), px(MOST_LABEL)) + px(8)
        top = px(LABEL) if table.column_labels else 0
        return Rect(r.x + left, r.y + top, r.w - left, r.h - top)

    def _draw_labels(self, context: Context, table: Table) -> None:
        """What the rows and columns are, as far as they are high and wide enough."""
        paint, px, r = context.ui.paint, context.ui.px, self.rect
        x, y = self._pitch(table)
        widest = max((paint.text_width(label, size=14) for label in table.column_labels), default=0.0)
        every = max(1, ceil((widest + px(8)) / x))
        for column, label in enumerate(table.column_labels):
            if column % every == 0:
                middle = r.x + (column + 0.5) * x - GAP / 2
                place = Rect(middle - widest / 2 - 1, r.y - px(LABEL), widest + 2, px(LABEL))
                paint.text(place, label, "text_dim", size=14, align=0.5)
        every = max(1, ceil(px(16) / y))
        for row, label in enumerate(table.row_labels):
            if row % every == 0:
                place = Rect(r.x - px(8 + MOST_LABEL), r.y + row * y, px(MOST_LABEL), max(y - GAP, px(14)))
                paint.text(place, label, "text_dim", size=14, align=1)

    def _pitch(self, table: Table) -> tuple[float, float]:
        """From one cell to the next on the screen."""
        return (self.rect.w / table.columns, self.rect.h / table.rows)

    def _place(self, table: Table, cell: Cell) -> Rect:
        x, y = self._pitch(table)
        return Rect(self.rect.x + cell.column * x, self.rect.y + cell.row * y, x - GAP, y - GAP)

    def _cell_at(self, context: Context, table: Table, size: tuple[int, int], x: float, y: float) -> Cell | None:
        if not self.rect.contains(x, y):
            return None
        across, down = self._pitch(table)
        at = int((y - self.rect.y) / down), int((x - self.rect.x) / across)
        known = context.tables.pictures
        return next((cell for cell in table.cells if (cell.row, cell.column) == at and cell in known), None)
