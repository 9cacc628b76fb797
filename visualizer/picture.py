"""The picture view: drag to walk, pan, zoom, move the picture in its frame, probe a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from core.placement import Placement
from core.request import Frame, SeedPoint
from resources import icons
from visualizer.capture import Pixels
from visualizer.context import Context
from visualizer.interact import Interaction
from visualizer.paint import Paint, Rect
from visualizer.session import Session
from visualizer.style import Font
from visualizer.texture import Texture
from visualizer.values import FINE

MARGIN = 16
WALK = 0.04  # seeds per pixel in units of the text size
ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MIN_ZOOM, MAX_ZOOM = 0.05, 64.0
WHEEL_STEP = 1.2
TEXT_SIZE = 15
CHECKER_CELLS = 48  # along the longer edge at most
CHIP_MARGIN = 10


@dataclass
class View:
    """Zoom in device pixels a pixel of the picture (None: fitted), and the shift of the centre in device pixels."""

    zoom: float | None = None
    pan_x: float = 0.0
    pan_y: float = 0.0


class Enlarged:
    """The seen part of a picture with sharp pixel edges, at the resolution of the screen.

    ImGui's renderer has a linear sampler of its own, so that a texture cannot ask for the nearest pixel. Here the
    picture is enlarged before; the cost is that of the pixels on the screen, a few milliseconds for a million.
    """

    def __init__(self) -> None:
        self._texture: Texture | None = None
        self._shows: tuple[Frame, Rect, Rect] | None = None

    def show(self, frame: Frame, whole: Rect, seen: Rect) -> imgui.ImTextureRef:
        """whole: where the whole picture lies on the screen, seen: the part of it to be drawn, both in whole pixels."""
        if self._texture is None:
            self._texture = Texture()
        if self._shows != (frame, whole, seen):
            self._shows = (frame, whole, seen)
            self._texture.update(enlarge(frame.pixels, whole, seen))
        return self._texture.ref

    def close(self) -> None:
        if self._texture is not None:
            self._texture.close()


class PictureView:
    """Shows the newest frame in the centre of the window."""

    def __init__(self) -> None:
        self.view = View()
        self.rect = Rect(0, 0, 0, 0)  # of the picture on the screen
        self.walked = False  # the hint goes after the first drag
        self.panned = False  # whether a drag happened while Space was held
        self._texture: Texture | None = None
        self._enlarged = Enlarged()
        self._uploaded: Frame | None = None
        self._area = Rect(0, 0, 0, 0)

    def close(self) -> None:
        self._enlarged.close()
        if self._texture is not None:
            self._texture.close()

    def fit(self) -> None:
        self.view = View()

    def one_to_one(self) -> None:
        self.view = View(zoom=1.0)

    def set_zoom(self, zoom: float) -> None:
        """Zoom around the middle of the view."""
        x, y = self._area.centre
        self._zoom_at(x, y, zoom / self.zoom)

    @property
    def zoom(self) -> float:
        """Device pixels a pixel of the picture."""
        if self.view.zoom is not None or self._uploaded is None:
            return self.view.zoom or 1.0
        return fitting_zoom(self._area, *self._size)

    @property
    def _size(self) -> tuple[int, int]:
        height, width = self._uploaded.pixels.shape[:2] if self._uploaded is not None else (1, 1)
        return width, height

    # -- Drawing --------------------------------------------------------------

    def draw(self, context: Context, area: Rect) -> None:
        """Draw into an area of the current ImGui window and take its mouse input."""
        self._area = area.inset(context.ui.px(MARGIN))
        paint, frame = context.ui.paint, context.session.frame
        paint.box(area, "canvas")
        it = context.ui.item("Picture", area)
        if frame is None:
            return
        self._upload(context, frame)
        self._walk_or_pan(context, it)
        self._wheel(it)
        self.rect = self._place()
        paint.list.push_clip_rect((area.x, area.y), (area.right, area.bottom), True)
        self._draw_picture(context, frame, area)
        paint.list.pop_clip_rect()
        self._chips(context, frame, it)

    def _upload(self, context: Context, frame: Frame) -> None:
        if self._texture is None:
            self._texture = Texture()
        if frame is not self._uploaded:
            if self._uploaded is not None and self._uploaded.pixels.shape != frame.pixels.shape:
                self.fit()
            self._texture.update(frame.pixels)
            self._uploaded = frame

    def _place(self) -> Rect:
        zoom, (width, height) = self.zoom, self._size
        w, h = round(width * zoom), round(height * zoom)
        x, y = self._area.centre
        return Rect(round(x - w / 2 + self.view.pan_x), round(y - h / 2 + self.view.pan_y), w, h)

    def _draw_picture(self, context: Context, frame: Frame, area: Rect) -> None:
        paint, r = context.ui.paint, self.rect
        if self.view.zoom is None:
            paint.shadow(r, 2)
        if frame.pixels.shape[2] in (2, 4):
            draw_checkerboard(paint, r)
        assert self._texture is not None  # uploaded just before
        dim = 0.38 if context.session.load_job is not None else 1.0
        tint = context.ui.style.colour("FFFFFF", dim)
        seen = intersection(r, area)
        if context.settings.smooth or self.zoom <= 1 or seen.w < 1 or seen.h < 1:
            paint.list.add_image(self._texture.ref, (r.x, r.y), (r.right, r.bottom), (0, 0), (1, 1), tint)
            return
        texture = self._enlarged.show(frame, r, seen)
        paint.list.add_image(texture, (seen.x, seen.y), (seen.right, seen.bottom), (0, 0), (1, 1), tint)

    # -- Input ----------------------------------------------------------------

    def _walk_or_pan(self, context: Context, it: Interaction) -> None:
        io, session = imgui.get_io(), context.session
        space = imgui.is_key_down(imgui.Key.space) and not context.ui.typing
        middle = it.hovered and imgui.is_mouse_down(2)
        if it.started:
            context.ui.focus, context.ui.focus_ring = "", False
        if it.hovered and imgui.is_mouse_double_clicked(0):
            self.fit()
        elif middle or (it.active and space):
            if (io.mouse_delta.x or io.mouse_delta.y) and not it.started:
                self.panned = True
                self.view = View(self.zoom, self.view.pan_x + io.mouse_delta.x, self.view.pan_y + io.mouse_delta.y)
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
        elif it.active and io.key_ctrl and session.info is not None and session.info.has_transform:
            self._move(session, it.drag_x, it.drag_y)
        elif it.active and (it.drag_x or it.drag_y):
            self.walked = True
            unit = WALK / context.ui.px(TEXT_SIZE) * (FINE if io.key_shift else 1.0)
            point = session.point
            session.edit(latent=SeedPoint(point.x + it.drag_x * unit, point.y + it.drag_y * unit))

    def _move(self, session: Session, x: float, y: float) -> None:
        """The picture in its frame, by so many pixels of the screen."""
        placement = Placement.of(session.request.transform)
        if (x or y) and placement is not None:
            moved = replace(placement, x=placement.x + x / self.rect.w, y=placement.y + y / self.rect.w)
            session.edit(transform=moved.matrix)

    def _wheel(self, it: Interaction) -> None:
        wheel = imgui.get_io().mouse_wheel
        if it.hovered and wheel:
            mouse = imgui.get_io().mouse_pos
            self._zoom_at(mouse.x, mouse.y, WHEEL_STEP**wheel)

    def _zoom_at(self, x: float, y: float, factor: float) -> None:
        """Change the zoom so that the point of the picture at (x, y) stays there."""
        old = self.zoom
        new = min(max(old * factor, MIN_ZOOM), MAX_ZOOM)
        cx, cy = self._area.centre
        pan_x = (x - cx) - (x - cx - self.view.pan_x) * new / old
        pan_y = (y - cy) - (y - cy - self.view.pan_y) * new / old
        self.view = View(new, pan_x, pan_y)

    # -- What lies over the picture -------------------------------------------

    def _chips(self, context: Context, frame: Frame, it: Interaction) -> None:
        px, paint = context.ui.px, context.ui.paint
        visible = intersection(self.rect, self._area)
        if visible.w < px(160) or visible.h < px(90):
            visible = self._area
        margin = px(CHIP_MARGIN)
        bottom = visible.bottom - margin - px(28)
        mouse = imgui.get_io().mouse_pos
        probe_width = 0.0
        if it.hovered and self.rect.contains(mouse.x, mouse.y):
            x = int((mouse.x - self.rect.x) / self.rect.w * frame.pixels.shape[1])
            y = int((mouse.y - self.rect.y) / self.rect.h * frame.pixels.shape[0])
            probe_width = draw_probe(paint, visible.x + margin, bottom, frame, x, y)
        hint = "Drag to walk the latent map"
        room = visible.w - probe_width - 3 * margin - px(40)
        if not self.walked and paint.fits(hint, room, Font.MEDIUM, 14):
            paint.chip(visible.right - margin, bottom, hint, icons.HAND, right=True)
        top = visible.y + margin
        for note in frame.notes:
            text = note if paint.fits(note, visible.w - 2 * margin - px(40), Font.MEDIUM, 14) else "See the status bar"
            paint.chip(visible.right - margin, top, text, icons.TRIANGLE_ALERT, icon_colour="E9B44C", right=True)
            top += px(34)


def enlarge(pixels: Pixels, whole: Rect, seen: Rect) -> Pixels:
    """The seen part of a picture that is drawn as large as `whole`: each screen pixel takes the one that it lies in."""
    height, width, channels = pixels.shape
    x, y = width / whole.w, height / whole.h  # pixels of the picture a pixel of the screen
    left, top = (seen.x - whole.x) * x, (seen.y - whole.y) * y
    box = (left, top, min(left + seen.w * x, width), min(top + seen.h * y, height))
    image = Image.fromarray(pixels[..., 0] if channels == 1 else pixels)
    shown = image.resize((int(seen.w), int(seen.h)), Image.Resampling.NEAREST, box=box)
    return np.asarray(shown).reshape(int(seen.h), int(seen.w), channels)


def draw_probe(paint: Paint, x: float, y: float, frame: Frame, column: int, row: int) -> float:
    """A chip with a pixel's colour, place and values. Returns its width."""
    px = paint.px
    values = [int(value) for value in frame.pixels[row, column]]
    names = {1: ("V",), 2: ("V", "A"), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}[len(values)]
    rgb = values[:3] if len(values) >= 3 else values[:1] * 3
    place = f"{column}, {row}"
    place_width = max(paint.text_width(place, size=14), paint.text_width("0000, 0000", size=14))
    cell = px(54)
    r = Rect(x, y, px(36) + place_width + cell * len(values), px(28))
    paint.box(r, "overlay", px(5), 0.86)
    paint.box(Rect(r.x + px(7), r.y + px(7), px(14), px(14)), "{:02X}{:02X}{:02X}".format(*rgb), px(3))
    left = r.x + px(30)
    paint.text(Rect(left, r.y, place_width, r.h), place, "overlay_text", size=14)
    left += place_width + px(10)
    colours = {"R": "F47F6B", "G": "6CC96C", "B": "6FA8FF"}
    for name, value in zip(names, values, strict=True):
        paint.text(Rect(left, r.y, px(14), r.h), name, colours.get(name, "overlay_dim"), font=Font.MEDIUM, size=14)
        paint.text(Rect(left, r.y, px(40), r.h), str(value), "overlay_text", size=14, align=1)
        left += cell
    return r.w


def draw_checkerboard(paint: Paint, r: Rect) -> None:
    """Gray cells that show through transparent parts of a picture."""
    paint.box(r, "B4B4B4")
    cell = max(paint.px(8), round(max(r.w, r.h) / CHECKER_CELLS))
    for row in range(int(r.h // cell) + 1):
        for column in range(row % 2, int(r.w // cell) + 1, 2):
            x, y = r.x + column * cell, r.y + row * cell
            w, h = min(cell, r.right - x), min(cell, r.bottom - y)
            if w > 0 and h > 0:
                paint.box(Rect(x, y, w, h), "8C8C8C")


def fitting_zoom(area: Rect, width: int, height: int) -> float:
    """The largest zoom at which all of a picture is seen."""
    return max(min(area.w / width, area.h / height), MIN_ZOOM)


def intersection(a: Rect, b: Rect) -> Rect:
    x, y = max(a.x, b.x), max(a.y, b.y)
    return Rect(x, y, max(0.0, min(a.right, b.right) - x), max(0.0, min(a.bottom, b.bottom) - y))
