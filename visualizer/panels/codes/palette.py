"""The codebook as a page of colours, from which a code is chosen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from core.base.control import one_of
from core.request import Codes
from resources import icons
from visualizer.actions.context import Context
from visualizer.session.codebook import Codebook
from visualizer.toolkit.canvas import Canvas
from visualizer.toolkit.paint import Rect

CELL = 13  # pixels at scale 1
ROWS = 6
ORDER = one_of(
    "Order", ("Alike", "Number", "In use"),
    ("Codes like the chosen one first", "By their numbers", "Those of this picture, the most frequent first"),
)  # fmt: skip

Order = npt.NDArray[np.int64]


class Palette:
    """Pages of codes; a click chooses one."""

    def __init__(self) -> None:
        self._order = str(ORDER.default)
        self._first = 0
        self._canvas = Canvas()
        self._page: tuple[int, ...] = ()  # the codes that are seen
        self._pixels = np.zeros((1, 1, 4), np.uint8)  # of them
        self._alike: tuple[Codebook, Order] | None = None
        self._code = 0  # that was chosen in the frame before

    def close(self) -> None:
        self._canvas.close()

    def draw(self, context: Context, book: Codebook, code: int, codes: Codes | None) -> int:
        """Returns the code that is chosen then."""
        ui, px = context.ui, context.ui.px
        row = ui.row("Codebook", changed=self._order != ORDER.default)
        wanted = str(ui.segments(ORDER, self._order, row=row))
        if wanted != self._order:
            self._order, self._first = wanted, 0
        order = self._sorted(book, code, codes)
        across = max(1, int(ui.w // px(CELL)))
        page = across * ROWS
        self._first = min(self._first, max(0, (len(order) - 1) // page * page))
        shown = order[self._first : self._first + page]
        rows = -(-len(order) // across) if len(order) < page else ROWS  # the last page is as high as the others
        area = ui.take(CELL * rows)
        pitch = px(CELL)
        mouse = imgui.get_io().mouse_pos
        place = int((mouse.y - area.y) // pitch) * across + int((mouse.x - area.x) // pitch)
        beside = mouse.x >= area.x + across * pitch
        under = int(shown[place]) if not beside and 0 <= place < len(shown) else None
        tip = "" if under is None else f"Code {under}; a click chooses it"
        it = ui.item("Palette", Rect(area.x, area.y, across * pitch, area.h), tip=tip)
        self._paint(context, book, shown, across, Rect(area.x, area.y, across * pitch, area.h))
        for number in np.flatnonzero(shown == code).tolist():
            chosen = Rect(area.x + number % across * pitch, area.y + number // across * pitch, pitch, pitch)
            ui.paint.frame(chosen, "000000", 0, px(3))
            ui.paint.frame(chosen, "FFFFFF", 0, px(1.5))
        ui.gap(4)
        self._pages(context, len(order), page)
        return under if it.started and under is not None else code

    def _sorted(self, book: Codebook, code: int, codes: Codes | None) -> Order:
        match self._order:
            case "Number":
                return np.arange(len(book))
            case "In use" if codes is not None:
                found, counts = np.unique(np.array(codes.indices), return_counts=True)
                order: Order = found[np.argsort(-counts, kind="stable")]
                return order[order < len(book)]
            case _:
                left = code != self._code and code not in self._page  # one that is seen is chosen where it is
                self._code = code
                if self._alike is None or self._alike[0] is not book or left:
                    self._alike, self._first = (book, book.alike(code)), 0
                return self._alike[1]

    def _paint(self, context: Context, book: Codebook, shown: Order, across: int, whole: Rect) -> None:
        codes = tuple(shown.tolist())
        if self._page != codes or self._pixels.shape[1] != across:
            rows = round(whole.h / context.ui.px(CELL))
            cells = np.zeros((rows * across, 4), np.uint8)
            cells[: len(codes), :3] = book.colours[shown]
            cells[: len(codes), 3] = 255
            self._page, self._pixels = codes, cells.reshape(rows, across, 4)
        ui = context.ui
        white = ui.style.colour("FFFFFF", 1.0)
        r = Rect(round(whole.x), round(whole.y), round(whole.w), round(whole.h))
        self._canvas.draw(ui.paint, self._pixels, r, r, smooth=False, tint=white, checkers=False)

    def _pages(self, context: Context, count: int, page: int) -> None:
        """Which of the codes are seen."""
        ui, px = context.ui, context.ui.px
        r = ui.take(24)
        last = min(self._first + page, count)
        words = f"{self._first + 1:,} to {last:,} of {count:,}"
        ui.paint.text(Rect(r.x + px(30), r.y, r.w - px(60), r.h), words, "text_dim", size=14, align=0.5)
        off = "" if self._first > 0 else "These are the first."
        if ui.icon_button("Back", icons.CHEVRON_LEFT, at=Rect(r.x, r.y, px(24), r.h), tip="Those before", off=off):
            self._first = max(0, self._first - page)
        off = "" if last < count else "These are the last."
        at = Rect(r.right - px(24), r.y, px(24), r.h)
        if ui.icon_button("Next", icons.CHEVRON_RIGHT, at=at, tip="Those after", off=off):
            self._first += page
