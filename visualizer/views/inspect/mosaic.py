"""The mosaic: all channels of a layer, small, in an order of the user's, and a click shows one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from core.base.control import one_of
from core.base.text import plural
from core.display.analysis import Mosaic
from core.display.frame import Frame
from core.display.palette import BAD, signed
from core.request import Show
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.texture import Texture

GAP = 3
HEAD = 36
SIZES = {"S": 32, "M": 56, "L": 112}  # edges of a cell
SIZE = one_of("Cells", tuple(SIZES), ("Small cells", "Cells of usual size", "Large cells"), default=1)
ORDERS = {
    "Index": "As the layer has them",
    "Magnitude": "By the largest magnitude of each, from the largest",
    "Variance": "By how much each varies over the picture, from the most",
    "By place": "By what each has at a place of the picture, from the most; a click there chooses the place",
}
ORDER_WIDTH, SIZE_WIDTH = 118, 84
MARK = 0.02  # half of the frame around the place, of the picture
TITLE = "Channel mosaic"

# Of the levels of a mosaic, four bytes each; 0 is what is no number.
_RGBA = [(*BAD, 255), *((*signed((level - 128) / 127), 255) for level in range(1, 256))]
COLOURS = np.array(_RGBA, np.uint8).view(np.uint32)[:, 0]

Order = npt.NDArray[np.intp]


class MosaicView:
    """Cells in rows, which scroll."""

    def __init__(self) -> None:
        self._size = "M"
        self._order = "Index"
        self._place: tuple[float, float] | None = None  # in the picture, 0..1
        self._texture: Texture | None = None
        self._holds: tuple[Frame, int, int, bytes] | None = None  # what is in it: cells from, to, in which order

    def close(self) -> None:
        if self._texture is not None:
            self._texture.close()

    def cell(self, context: Context) -> int:
        """The edge of a cell, device pixels."""
        return int(context.ui.px(SIZES[self._size]))

    def draw(self, context: Context, area: Rect) -> None:
        ui, px, frame = context.ui, context.ui.px, context.session.frame
        ui.paint.box(area, "panel")
        ui.paint.hline(area.x, area.y, area.w, "window")
        mosaic = frame.analysis.mosaic if frame and frame.analysis else None
        head = Rect(area.x + px(12), area.y, area.w - px(24), px(HEAD))
        ui.paint.text(head, TITLE, font=Font.MEDIUM)
        if frame is None or mosaic is None:
            return
        self._draw_head(context, head, mosaic)
        order = ordered(mosaic, self._order, self._place)
        cell, gap, left = self.cell(context), px(GAP), area.x + px(12)
        imgui.set_cursor_screen_pos((area.x, head.bottom))
        imgui.begin_child("##mosaic", (area.w, area.bottom - head.bottom))
        at = imgui.get_cursor_screen_pos()
        columns = max(1, int((area.w - px(24) + gap - px(8)) // (cell + gap)))
        rows = -(-len(order) // columns)
        pitch = cell + gap
        first = max(0, int((head.bottom - at.y) // pitch))
        last = min(rows, int((area.bottom - at.y) // pitch) + 1)
        if last > first:
            begin, end = first * columns, min(last * columns, len(order))
            self._upload(frame, mosaic, order[begin:end], begin, cell)
            self._draw_cells(context, Rect(left, at.y, columns * pitch, rows * pitch), mosaic, order, columns,
                             (begin, end))  # fmt: skip
        imgui.set_cursor_screen_pos((left, at.y + rows * pitch))
        imgui.dummy((1, px(12)))
        imgui.end_child()

    # -- Above the cells ------------------------------------------------------

    def _draw_head(self, context: Context, r: Rect, mosaic: Mosaic) -> None:
        """How many channels there are; at the right their order and the size of the cells."""
        ui, px = context.ui, context.ui.px
        y, h = r.y + px(6), px(24)
        right = r.right
        if r.w > px(ORDER_WIDTH + SIZE_WIDTH + 130):
            at = Rect(right - px(SIZE_WIDTH), y, px(SIZE_WIDTH), h)
            self._size = str(ui.segments(SIZE, self._size, row=ui.bare_row(at), name="Mosaic cells"))
            at = Rect(at.x - px(ORDER_WIDTH + 8), y, px(ORDER_WIDTH), h)
            ui.combo("Mosaic order", self._order, at=at, menu=lambda: self._menu(context), tip=ORDERS[self._order])
            right = at.x - px(8)
        waiting = self._order == "By place" and self._place is None and context.selection.waits_for_click
        dead = len(mosaic.dead)
        count = plural(len(mosaic.levels), "channel") + (f" · {dead} dead" if dead else "")
        text = "Click a place in the picture" if waiting else count
        x = r.x + ui.paint.text_width(TITLE, Font.MEDIUM) + px(14)
        if right - x > px(40):
            ui.paint.text(Rect(x, r.y, right - x, r.h), text, "accent" if waiting else "text_dim", size=14)
        if self._order == "By place" and self._place is not None:
            x, y = self._place
            context.selection.mark((x - MARK, y - MARK, x + MARK, y + MARK))

    def _menu(self, context: Context) -> None:
        for name in ORDERS:
            if context.ui.menu_item(name, on=name == self._order):
                self._order = name
                if name == "By place":
                    self._place = None
                    context.selection.wait_for_click(self._take_place)

    def _take_place(self, x: float, y: float) -> None:
        self._place = (x, y)

    # -- The cells ------------------------------------------------------------

    def _upload(self, frame: Frame, mosaic: Mosaic, order: Order, begin: int, cell: int) -> None:
        """Those cells, one below the other, in signed colours; small ones with sharp pixels."""
        if self._texture is None:
            self._texture = Texture()
        holds = (frame, begin, cell, order.tobytes())
        if self._holds != holds:
            self._holds = holds
            times = max(1, round(cell / max(mosaic.levels.shape[1:])))
            cells = mosaic.levels[order].reshape(-1, mosaic.levels.shape[2]).repeat(times, 0).repeat(times, 1)
            self._texture.update(COLOURS[cells].view(np.uint8).reshape(*cells.shape, 4))

    def _draw_cells(
        self, context: Context, r: Rect, mosaic: Mosaic, order: Order, columns: int, seen: tuple[int, int]
    ) -> None:
        """r: of all cells; seen: the first and the last of those in sight."""
        ui, px, view = context.ui, context.ui.px, context.session.request.view
        assert self._texture is not None  # uploaded just before
        pitch, cell, mouse, (begin, end) = r.w / columns, self.cell(context), imgui.get_io().mouse_pos, seen
        top, bottom = r.y + begin // columns * pitch, r.y + -(-end // columns) * pitch
        column, row = int((mouse.x - r.x) // pitch), int((mouse.y - r.y) // pitch)
        place = row * columns + column if 0 <= column < columns else -1
        under = int(order[place]) if begin <= place < end else -1
        tip = f"Channel {under}; a click shows it" if under >= 0 else ""
        it = ui.item("Mosaic", Rect(r.x, top, r.w, bottom - top), tip=tip)
        h, w = mosaic.levels.shape[1:]
        size = (cell, cell * h / w) if w >= h else (cell * w / h, cell)
        for number in range(begin, end):
            x, y, index = r.x + number % columns * pitch, r.y + number // columns * pitch, int(order[number])
            box = Rect(round(x + (cell - size[0]) / 2), round(y + (cell - size[1]) / 2), round(size[0]), round(size[1]))
            low, high = (number - begin) / (end - begin), (number - begin + 1) / (end - begin)
            ui.paint.list.add_image(self._texture.ref, *box.corners, (0, low), (1, high))
            if index in mosaic.dead:
                ui.paint.frame(box, "warning", px(2))
                if ui.paint.fits("dead", box.w, size=12):
                    ui.paint.text(box, "dead", "warning", size=12, align=0.5)
            if view.show is not Show.PCA and index == view.base:
                ui.paint.frame(box.inset(-1), "accent", px(3), px(2))
                ui.paint.text(Rect(box.x + px(3), box.bottom - px(17), box.w, px(16)), str(index), "FFFFFF", size=13)
            elif it.hovered and index == under:
                ui.paint.frame(box, "FFFFFF", px(2), 1, 0.7)
        if it.started and under >= 0:
            context.session.edit(view=replace(view, show=Show.ONE, base=under))


def ordered(mosaic: Mosaic, order: str, place: tuple[float, float] | None) -> Order:
    """The channels in an order of ORDERS; what is equal stays by its index."""
    match order:
        case "Magnitude":
            by = mosaic.largest
        case "Variance":
            by = mosaic.variance
        case "By place" if place is not None:
            by = np.abs(mosaic.values_at(*place))
        case _:
            return np.arange(len(mosaic.levels))
    return np.argsort(-by, kind="stable")
