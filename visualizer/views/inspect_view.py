"""The centre of the workspace Inspect: the spectrum beside the picture, and all channels of the layer below."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from imgui_bundle import imgui

from core.base.control import number_text
from core.display.frame import Frame
from core.display.palette import viridis
from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.texture import Texture
from visualizer.views.chips.probe import draw_scale
from visualizer.views.inspect.mosaic import MosaicView
from visualizer.views.picture import MARGIN, Picture
from visualizer.views.picture_bar import PictureBar
from visualizer.views.view import WithoutFoot

MOSAIC_SHARE = 0.46  # of the height


class InspectView(WithoutFoot):
    """The picture as the request's view has it, its spectrum, its channels."""

    inspects = True

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._bar = PictureBar(picture)
        self._spectrum: Texture | None = None
        self._spectrum_of: Frame | None = None
        self._mosaic = MosaicView()

    def close(self) -> None:
        self._mosaic.close()
        if self._spectrum is not None:
            self._spectrum.close()

    def draw_bar(self, context: Context, bar: Rect) -> None:
        self._bar.draw(context, bar, with_layer=True)

    def draw(self, context: Context, area: Rect) -> None:
        session = context.session
        session.want(mosaic=self._mosaic.cell(context), spectrum=context.spectrum_options)
        below = round(area.h * MOSAIC_SHARE)
        top = Rect(area.x, area.y, area.w, area.h - below)
        half = round(top.w / 2)
        self._draw_spectrum(context, Rect(top.x + half, top.y, top.w - half, top.h))
        self._mosaic.draw(context, Rect(area.x, top.bottom, area.w, below))
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


def power_text(db: npt.NDArray[np.float16], column: int, row: int) -> str:
    """Of a pixel of the map, frequency 0 being in the middle: cycles a pixel to the right and down, and the power."""
    h, w = db.shape
    x, y = (number_text(n, "%.3f") for n in ((column - w // 2) / w, (row - h // 2) / h))
    return f"{x}, {y} cyc/px   {number_text(float(db[row, column]), '%.1f')} dB"
