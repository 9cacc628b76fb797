"""The grid of codes as a picture that is painted on: brush, rectangle, random codes, eyedropper."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from imgui_bundle import imgui

from core.request import Codes
from core.request.grids import array_of, with_codes
from resources import icons
from visualizer.actions.context import Context
from visualizer.session.codebook import Codebook, codes_now, shown_codes
from visualizer.session.selection import Touch
from visualizer.toolkit.canvas import Canvas
from visualizer.toolkit.paint import Rect

TALLEST = 300  # pixels at scale 1
LINED = 5  # pixels that a cell is wide at least if lines part the cells
TOOLS = {"Brush": icons.BRUSH, "Rectangle": icons.SQUARE, "Scatter": icons.DICES, "Pick": icons.PIPETTE}
TIPS = {
    "Brush": "Paints cells with the chosen code",
    "Rectangle": "Fills a box with the chosen code; with Shift, with random codes",
    "Scatter": "Paints cells with random codes, each another one",
    "Pick": "Chooses the code of a cell; so does a right click with every tool",
}

Cell = tuple[int, int]  # row, column


class CodePad:
    """Shows the codes, or the picture below lines, and takes the mouse here and, if asked to, in the picture."""

    def __init__(self) -> None:
        self.tool = "Brush"
        self.code = 0  # that is painted with
        self.shows_picture = False
        self.in_picture = False  # the tools work in the picture, too
        self.under: Cell | None = None  # the pointer
        self._touched = False  # in this frame
        self._last: Cell | None = None  # where a stroke was in the frame before
        self._start: Cell | None = None  # of a box
        self._canvas = Canvas()
        self._drawn: tuple[object, object] | None = None  # of what, with what codebook
        self._pixels = np.zeros((1, 1, 3), np.uint8)

    def close(self) -> None:
        self._canvas.close()

    def draw(self, context: Context, book: Codebook, codes: Codes) -> None:
        ui, px = context.ui, context.ui.px
        if not imgui.is_mouse_down(0):
            self._fill(context, book)
        scale = min(ui.w / codes.columns, px(TALLEST) / codes.rows)
        w, h = max(1, round(codes.columns * scale)), max(1, round(codes.rows * scale))
        room = ui.take(h / ui.style.scale)
        r = Rect(round(room.x + (room.w - w) / 2), round(room.y), w, h)
        it = ui.item("Grid", r)  # without a tooltip, which would hide what is painted
        mouse = imgui.get_io().mouse_pos
        if it.hovered or it.active:
            self.touch(context, book, (mouse.x - r.x) / r.w, (mouse.y - r.y) / r.h, it)
        self.under = self.under if self._touched else None
        self._touched = False
        self._paint(context, book, codes, r)
        self._mark(context, codes, r)
        if self.in_picture:
            context.selection.offer_brush(lambda x, y, over: self.touch(context, book, x, y, over))

    # -- Drawing --------------------------------------------------------------

    def _paint(self, context: Context, book: Codebook, codes: Codes, r: Rect) -> None:
        ui, frame = context.ui, context.session.frame
        white = ui.style.colour("FFFFFF", 1.0)
        if self.shows_picture and frame is not None:
            self._canvas.draw(ui.paint, frame.pixels, r, r, smooth=True, tint=white)
        else:
            if self._drawn != (codes, book):
                self._drawn = (codes, book)
                self._pixels = book.colours[np.minimum(array_of(codes), len(book) - 1)]
            self._canvas.draw(ui.paint, self._pixels, r, r, smooth=False, tint=white)
        if r.w / codes.columns >= ui.px(LINED):
            for column in range(1, codes.columns):
                x = round(r.x + column * r.w / codes.columns)
                ui.paint.box(Rect(x, r.y, 1, r.h), "000000", 0, 0.25)
            for row in range(1, codes.rows):
                y = round(r.y + row * r.h / codes.rows)
                ui.paint.box(Rect(r.x, y, r.w, 1), "000000", 0, 0.25)

    def _mark(self, context: Context, codes: Codes, r: Rect) -> None:
        """The cell under the pointer, or the box that is drawn, here and in the picture."""
        if self.under is None:
            return
        px, paint = context.ui.px, context.ui.paint
        top, left, bottom, right = box_of(self._start or self.under, self.under)
        bottom, right = min(bottom, codes.rows), min(right, codes.columns)
        part = (left / codes.columns, top / codes.rows, right / codes.columns, bottom / codes.rows)
        box = Rect(r.x + part[0] * r.w, r.y + part[1] * r.h, (part[2] - part[0]) * r.w, (part[3] - part[1]) * r.h)
        paint.frame(box.inset(-px(1)), "000000", 0, px(3), 0.6)
        paint.frame(box, "FFFFFF", 0, px(1.5))
        context.selection.mark(part)

    # -- Painting -------------------------------------------------------------

    def touch(self, context: Context, book: Codebook, x: float, y: float, it: Touch) -> None:
        """The mouse is at a place of the grid, 0..1, perhaps with a button down."""
        codes = shown_codes(context.session)
        inside = 0 <= x < 1 and 0 <= y < 1
        if codes is None or not (inside or it.active):
            return
        cell = min(max(int(y * codes.rows), 0), codes.rows - 1), min(max(int(x * codes.columns), 0), codes.columns - 1)
        self.under, self._touched = cell, True
        if (it.hovered and imgui.is_mouse_clicked(1)) or (self.tool == "Pick" and it.active):
            self.code = codes.indices[cell[0] * codes.columns + cell[1]]
            return
        if it.started:
            self._start = cell if self.tool == "Rectangle" else None
        if not it.active or self.tool in ("Pick", "Rectangle") or cell == self._last:
            return
        start, self._last = self._last or cell, cell
        cells = [between for between in line(start, cell) if between != start or between == cell]
        if self.tool == "Brush":
            self._put(context, dict.fromkeys(cells, self.code))
        else:
            self._put(context, {each: random_code(book) for each in cells})

    def _fill(self, context: Context, book: Codebook) -> None:
        """A stroke is over: the box that it has drawn, if any, is filled."""
        if self._start is not None and self.under is not None:
            top, left, bottom, right = box_of(self._start, self.under)
            cells = [(row, column) for row in range(top, bottom) for column in range(left, right)]
            scattered = imgui.get_io().key_shift
            self._put(context, {cell: random_code(book) if scattered else self.code for cell in cells})
        self._start = self._last = None

    def _put(self, context: Context, changes: dict[Cell, int]) -> None:
        session = context.session
        codes = codes_now(session)
        if codes is not None:
            known = {cell: code for cell, code in changes.items() if cell[0] < codes.rows and cell[1] < codes.columns}
            session.edit(latent=with_codes(codes, known))


def random_code(book: Codebook) -> int:
    return int(random.choice(book.used))


def box_of(a: Cell, b: Cell) -> tuple[int, int, int, int]:
    """First row and column, and those behind the last."""
    return min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]) + 1, max(a[1], b[1]) + 1


def line(a: Cell, b: Cell) -> Iterator[Cell]:
    """The cells from one to another in a straight line."""
    steps = max(abs(b[0] - a[0]), abs(b[1] - a[1]))
    for step in range(steps + 1):
        part = step / max(1, steps)
        yield round(a[0] + part * (b[0] - a[0])), round(a[1] + part * (b[1] - a[1]))
