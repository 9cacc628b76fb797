"""The centre of the workspace Inspect: the spectrum beside the picture, and all channels of the layer below."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from core.base.control import number_text
from core.display.frame import Frame
from core.display.palette import BAD, signed, viridis
from core.request import Show
from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.texture import Texture
from visualizer.views.chips.probe import draw_scale
from visualizer.views.picture import MARGIN, Picture
from visualizer.views.picture_bar import PictureBar

CELL, CELL_GAP = 56, 3
HEAD = 36  # of the mosaic
MOSAIC_SHARE = 0.46  # of the height


# Of the levels of a mosaic, four bytes each; 0 is what is no number.
_RGBA = [(*BAD, 255), *((*signed((level - 128) / 127), 255) for level in range(1, 256))]
COLOURS = np.array(_RGBA, np.uint8).view(np.uint32)[:, 0]


class InspectView:
    """The picture as the request's view has it, its spectrum, its channels."""

    inspects = True

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._bar = PictureBar(picture)
        self._spectrum: Texture | None = None
        self._spectrum_of: Frame | None = None
        self._mosaic: Texture | None = None
        self._mosaic_of: tuple[Frame, int, int] | None = None  # and the rows of cells that are in it

    def close(self) -> None:
        for texture in (self._spectrum, self._mosaic):
            if texture is not None:
                texture.close()

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=True)

    def draw(self, context: Context, area: Rect) -> None:
        session, px = context.session, context.ui.px
        session.want(mosaic=int(px(CELL)), spectrum=context.spectrum_options)
        below = round(area.h * MOSAIC_SHARE)
        top = Rect(area.x, area.y, area.w, area.h - below)
        half = round(top.w / 2)
        self._draw_spectrum(context, Rect(top.x + half, top.y, top.w - half, top.h))
        self._draw_mosaic(context, Rect(area.x, top.bottom, area.w, below), px(CELL), px(CELL_GAP))
        self._picture.draw(context, Rect(top.x, top.y, half, top.h))

    # -- Spectrum -------------------------------------------------------------

    def _draw_spectrum(self, context: Context, area: Rect) -> None:
        ui, px, frame = context.ui, context.ui.px, context.session.frame
        ui.paint.box(area, "canvas")
        spectrum = frame.analysis.spectrum if frame and frame.analysis else None
        if frame is None or spectrum is None:
            return
        if self._spectrum is None:
            self._spectrum = Texture()
        if self._spectrum_of is not frame:
            self._spectrum.update(spectrum.pixels)
            self._spectrum_of = frame
        h, w = spectrum.pixels.shape[:2]
        room = area.inset(px(MARGIN))
        zoom = min(room.w / w, room.h / h)
        x, y = room.centre
        r = Rect(round(x - w * zoom / 2), round(y - h * zoom / 2), round(w * zoom), round(h * zoom))
        ui.paint.list.add_image(self._spectrum.ref, *r.corners)
        for share in (0.5, 1.0):
            ui.paint.ring(*r.centre, r.w / 2 * share, "FFFFFF", 1, 0.25)
        ui.paint.chip(r.x + px(10), r.y + px(10), "Power spectrum", icons.AUDIO_LINES)
        mouse = imgui.get_io().mouse_pos
        column, row = int((mouse.x - r.x) / r.w * w), int((mouse.y - r.y) / r.h * h)
        inside = 0 <= column < w and 0 <= row < h
        text = power_text(spectrum.db, column, row) if inside else ""
        if ui.readout("Spectrum map", r, text).hovered and inside:
            ui.paint.chip(r.right - px(10), r.bottom - px(38), text, icons.PIPETTE, right=True)
        else:
            reach = f"{context.spectrum_options.reach_db:.0f}"
            draw_scale(ui.paint, r.x + px(10), r.bottom - px(38), r.w - px(20), (f"−{reach}", f"+{reach} dB"), viridis)

    # -- Mosaic ---------------------------------------------------------------

    def _draw_mosaic(self, context: Context, area: Rect, cell: float, gap: float) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        ui.paint.box(area, "panel")
        ui.paint.hline(area.x, area.y, area.w, "window")
        frame = session.frame
        mosaic = frame.analysis.mosaic if frame and frame.analysis else None
        head = Rect(area.x + px(12), area.y, area.w - px(24), px(HEAD))
        ui.paint.text(head, "Channel mosaic", font=Font.MEDIUM)
        if frame is None or mosaic is None:
            return
        levels, dead = mosaic
        text = f"{len(levels)} channels" + (f" · {len(dead)} dead" if dead else "")
        width = ui.paint.text_width("Channel mosaic", Font.MEDIUM) + px(14)
        ui.paint.text(Rect(head.x + width, head.y, head.w - width, head.h), text, "text_dim", size=14)

        imgui.set_cursor_screen_pos((area.x, head.bottom))
        imgui.begin_child("##mosaic", (area.w, area.bottom - head.bottom))
        at = imgui.get_cursor_screen_pos()
        left = at.x + px(12)
        columns = max(1, int((area.w - px(24) + gap - px(8)) // (cell + gap)))
        rows = -(-len(levels) // columns)
        pitch = cell + gap
        first = max(0, int((head.bottom - at.y) // pitch))
        last = min(rows, int((area.bottom - at.y) // pitch) + 1)
        if last > first:
            self._upload_mosaic(frame, levels, first * columns, last * columns, cell)
            whole = Rect(left, at.y, columns * pitch, rows * pitch)
            self._cells(context, whole, levels, columns, first, last, dead)
        imgui.set_cursor_screen_pos((left, at.y + rows * pitch))
        imgui.dummy((1, px(12)))
        imgui.end_child()

    def _upload_mosaic(
        self, frame: Frame, levels: npt.NDArray[np.uint8], first: int, last: int, cell: float
    ) -> None:
        """Channels first to last, one below the other, in signed colours; small ones with sharp pixels."""
        if self._mosaic is None:
            self._mosaic = Texture()
        if self._mosaic_of != (frame, first, last):
            self._mosaic_of = (frame, first, last)
            times = max(1, round(cell / max(levels.shape[1:])))
            cells = levels[first:last].reshape(-1, levels.shape[2]).repeat(times, 0).repeat(times, 1)
            self._mosaic.update(COLOURS[cells].view(np.uint8).reshape(*cells.shape, 4))

    def _cells(
        self, context: Context, r: Rect, levels: npt.NDArray[np.uint8], columns: int, first: int, last: int,
        dead: tuple[int, ...],
    ) -> None:  # fmt: skip
        ui, px, session = context.ui, context.ui.px, context.session
        assert self._mosaic is not None  # uploaded just before
        view = session.request.view
        pitch, cell = r.w / columns, px(CELL)
        mouse = imgui.get_io().mouse_pos
        begin, end = first * columns, min(last * columns, len(levels))
        visible = Rect(r.x, r.y + first * pitch, r.w, (last - first) * pitch)
        column, row = int((mouse.x - r.x) // pitch), int((mouse.y - r.y) // pitch)
        under = row * columns + column if 0 <= column < columns else -1
        tip = f"Channel {under}; a click shows it" if begin <= under < end else ""
        it = ui.item("Mosaic", visible, tip=tip)
        h, w = levels.shape[1:]
        size = (cell, cell * h / w) if w >= h else (cell * w / h, cell)
        for index in range(begin, end):
            x, y = r.x + index % columns * pitch, r.y + index // columns * pitch
            box = Rect(round(x + (cell - size[0]) / 2), round(y + (cell - size[1]) / 2), round(size[0]), round(size[1]))
            low, high = (index - begin) / (end - begin), (index - begin + 1) / (end - begin)
            ui.paint.list.add_image(self._mosaic.ref, *box.corners, (0, low), (1, high))
            if index in dead:
                ui.paint.frame(box, "warning", px(2))
                ui.paint.text(box, "dead", "warning", size=12, align=0.5)
            if view.show is not Show.PCA and index == view.base:
                ui.paint.frame(box.inset(-1), "accent", px(3), px(2))
                ui.paint.text(Rect(box.x + px(3), box.bottom - px(17), box.w, px(16)), str(index), "FFFFFF", size=13)
            elif it.hovered and index == under:
                ui.paint.frame(box, "FFFFFF", px(2), 1, 0.7)
        if it.started and begin <= under < end:
            session.edit(view=replace(view, show=Show.ONE, base=under))


def power_text(db: npt.NDArray[np.float16], column: int, row: int) -> str:
    """Of a pixel of the map, frequency 0 being in the middle: cycles a pixel to the right and down, and the power."""
    h, w = db.shape
    x, y = (number_text(n, "%.3f") for n in ((column - w // 2) / w, (row - h // 2) / h))
    return f"{x}, {y} cyc/px   {number_text(float(db[row, column]), '%.1f')} dB"
