"""The picture: drag to walk, pan, zoom, move the picture in its frame, probe a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from time import perf_counter

from imgui_bundle import imgui

from core.base.control import number_text
from core.display.frame import Frame
from core.request import Compare, SeedPoint, View, alone
from core.request.placement import Placement
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.layer_text import shown_channels
from visualizer.session.session import Session
from visualizer.toolkit.canvas import Canvas, intersection
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.values import FINE
from visualizer.views.probe import draw_probe, draw_scale

MARGIN = 16
WALK = 0.04  # seeds per pixel in units of the text size
ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MIN_ZOOM, MAX_ZOOM = 0.05, 64.0
WHEEL_STEP = 1.2
TEXT_SIZE = 15
CHIP_MARGIN = 10
BLINK_S = 0.6  # how long each of two pictures is seen
EDGE_REACH = 6  # pixels to each side of a wipe's edge that take hold of it
NAMES = ("As made", "Upright")  # of what a comparison of the request shows
DIM = 0.38  # while another network is opened


@dataclass
class Framing:
    """Zoom in device pixels a pixel of the picture (None: fitted), and the shift of the centre in device pixels."""

    zoom: float | None = None
    pan_x: float = 0.0
    pan_y: float = 0.0


class Picture:
    """Shows the newest frame; one for all views, so that its zoom stays."""

    def __init__(self) -> None:
        self.view = Framing()
        self.rect = Rect(0, 0, 0, 0)  # of the picture on the screen
        self.walked = False  # the hint goes after the first drag
        self.panned = False  # whether a drag happened while Space was held
        self.edge = 0.5  # of a wipe, from left to right
        self._canvas, self._upright = Canvas(), Canvas()
        self._frame: Frame | None = None
        self._area = Rect(0, 0, 0, 0)
        self._edge_held = False
        self._brushing = False  # drags paint
        self._upright_now = False  # whether it is the upright picture's turn to be seen

    def close(self) -> None:
        self._canvas.close()
        self._upright.close()

    def fit(self) -> None:
        self.view = Framing()

    def one_to_one(self) -> None:
        self.view = Framing(zoom=1.0)

    def set_zoom(self, zoom: float) -> None:
        """Zoom around the middle of the view."""
        x, y = self._area.centre
        self._zoom_at(x, y, zoom / self.zoom)

    @property
    def zoom(self) -> float:
        """Device pixels a pixel of the picture."""
        if self.view.zoom is not None or self._frame is None:
            return self.view.zoom or 1.0
        return fitting_zoom(self._area, *self._size)

    @property
    def _size(self) -> tuple[int, int]:
        height, width = self._frame.pixels.shape[:2] if self._frame is not None else (1, 1)
        return width, height

    # -- Drawing --------------------------------------------------------------

    def draw(self, context: Context, area: Rect) -> None:
        """Draw into an area of the current ImGui window and take its mouse input."""
        self._area = area.inset(context.ui.px(MARGIN))
        paint, frame = context.ui.paint, context.session.frame
        frame = context.comparison.shown(frame) if frame is not None else None
        paint.box(area, "canvas")
        it = context.ui.item("Picture", area)
        if frame is None:
            return
        if self._frame is not None and self._frame.pixels.shape != frame.pixels.shape:
            self.fit()
        self._frame = frame
        self._walk_or_pan(context, it)
        self._wheel(it)
        self.rect = self._place()
        if it.hovered and frame.request.view.layer:
            context.session.want(values=True)
        paint.list.push_clip_rect((area.x, area.y), (area.right, area.bottom), True)
        self._draw_picture(context, frame, area)
        self._mark(context)
        paint.list.pop_clip_rect()
        self._chips(context, frame, it)

    def _place(self) -> Rect:
        zoom, (width, height) = self.zoom, self._size
        w, h = round(width * zoom), round(height * zoom)
        x, y = self._area.centre
        return Rect(round(x - w / 2 + self.view.pan_x), round(y - h / 2 + self.view.pan_y), w, h)

    def _draw_picture(self, context: Context, frame: Frame, area: Rect) -> None:
        ui, r = context.ui, self.rect
        if self.view.zoom is None:
            ui.paint.shadow(r, 2)
        smooth = context.settings.smooth
        tint = ui.style.colour("FFFFFF", DIM if context.session.load_job is not None else 1.0)
        upright, blinks = frame.upright, frame.request.view.compare is Compare.BLINK
        self._upright_now = upright is not None and blinks and self._blinked(context)
        if upright is None or blinks:
            canvas, pixels = (self._upright, upright) if self._upright_now else (self._canvas, frame.pixels)
            assert pixels is not None  # there is an upright picture, if it is its turn
            canvas.draw(ui.paint, pixels, r, area, smooth=smooth, tint=tint)
            return
        edge = self._edge_x
        for canvas, pixels, part in (
            (self._canvas, frame.pixels, Rect(r.x, r.y, edge - r.x, r.h)),
            (self._upright, upright, Rect(edge, r.y, r.right - edge, r.h)),
        ):
            seen = intersection(part, area)
            ui.paint.list.push_clip_rect(*seen.corners, True)
            canvas.draw(ui.paint, pixels, r, seen, smooth=smooth, tint=tint)
            ui.paint.list.pop_clip_rect()
        ui.paint.box(Rect(edge - 1, r.y, 2, r.h), "FFFFFF", 0, 0.9)

    @property
    def _edge_x(self) -> float:
        return round(self.rect.x + self.edge * self.rect.w)

    def _blinked(self, context: Context) -> bool:
        """Whether it is the upright picture's turn; asks for a frame when the other's comes."""
        phase = perf_counter() / BLINK_S
        context.ui.redraw_in((floor(phase) + 1 - phase) * BLINK_S)
        return floor(phase) % 2 == 1

    # -- Input ----------------------------------------------------------------

    def _walk_or_pan(self, context: Context, it: Interaction) -> None:
        io, session = imgui.get_io(), context.session
        space = imgui.is_key_down(imgui.Key.space) and not context.ui.typing
        middle = it.hovered and imgui.is_mouse_down(2)
        if it.started:
            context.ui.focus, context.ui.focus_ring = "", False
        if self._drag_edge(context, it) or self._picked(context, it) or self._brushed(context, it, panning=space):
            pass
        elif it.hovered and imgui.is_mouse_double_clicked(0):
            self.fit()
        elif middle or (it.active and space):
            if (io.mouse_delta.x or io.mouse_delta.y) and not it.started:
                self.panned = True
                self.view = Framing(self.zoom, self.view.pan_x + io.mouse_delta.x, self.view.pan_y + io.mouse_delta.y)
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_all)
        elif it.active and io.key_ctrl and session.info is not None and session.info.has_transform:
            fine = FINE if io.key_shift else 1.0
            self._move(session, it.drag_x * fine, it.drag_y * fine)
        elif it.active and (it.drag_x or it.drag_y):
            self.walked = True
            unit = WALK / context.ui.px(TEXT_SIZE) * (FINE if io.key_shift else 1.0)
            point = session.point
            session.edit(latent=SeedPoint(point.x + it.drag_x * unit, point.y + it.drag_y * unit))

    def _picked(self, context: Context, it: Interaction) -> bool:
        """Whether a click is being waited for; it goes to who asked for it."""
        if not context.selection.waits_for_click:
            return False
        mouse = imgui.get_io().mouse_pos
        if it.hovered:
            imgui.set_mouse_cursor(imgui.MouseCursor_.hand)
        if it.started and self.rect.contains(mouse.x, mouse.y):
            context.selection.click(
                (mouse.x - self.rect.x) / self.rect.w, (mouse.y - self.rect.y) / self.rect.h
            )
        return True

    def _brushed(self, context: Context, it: Interaction, *, panning: bool) -> bool:
        """Whether the mouse paints; it goes to who asked for it in the frame before."""
        brush = context.selection.brush
        self._brushing = brush is not None
        if brush is None or panning or imgui.is_mouse_down(2):
            return False
        mouse = imgui.get_io().mouse_pos
        if it.active or (it.hovered and self.rect.contains(mouse.x, mouse.y)):
            imgui.set_mouse_cursor(imgui.MouseCursor_.hand)
            brush((mouse.x - self.rect.x) / self.rect.w, (mouse.y - self.rect.y) / self.rect.h, it)
        return True

    def _drag_edge(self, context: Context, it: Interaction) -> bool:
        """Whether the mouse has hold of the edge of a wipe."""
        frame, mouse = self._frame, imgui.get_io().mouse_pos
        wipes = frame is not None and frame.upright is not None and frame.request.view.compare is Compare.WIPE
        near = wipes and it.hovered and abs(mouse.x - self._edge_x) <= context.ui.px(EDGE_REACH)
        if it.started:
            self._edge_held = near
        self._edge_held = self._edge_held and wipes and it.active
        if near or self._edge_held:
            imgui.set_mouse_cursor(imgui.MouseCursor_.resize_ew)
        if self._edge_held:
            self.edge = min(max((mouse.x - self.rect.x) / self.rect.w, 0.0), 1.0)
        return self._edge_held

    def _move(self, session: Session, x: float, y: float) -> None:
        """The picture in its frame, by so many pixels of the screen."""
        placement = Placement.of(session.request.transform)
        if (x or y) and placement is not None:
            moved = replace(placement, x=placement.x + x / self.rect.h, y=placement.y + y / self.rect.h)
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
        self.view = Framing(new, pan_x, pan_y)

    # -- What lies over the picture -------------------------------------------

    def _mark(self, context: Context) -> None:
        """The part of the picture that something was asked about."""
        marked = context.selection.marked
        if marked is None:
            return
        left, top, right, bottom = marked
        r, px = self.rect, context.ui.px
        box = Rect(r.x + left * r.w, r.y + top * r.h, (right - left) * r.w, (bottom - top) * r.h)
        context.ui.paint.frame(box.inset(-px(1)), "000000", 0, px(3), 0.5)
        context.ui.paint.frame(box, "FFFFFF", 0, px(1.5))

    def _chips(self, context: Context, frame: Frame, it: Interaction) -> None:
        px, paint = context.ui.px, context.ui.paint
        visible = intersection(self.rect, self._area)
        if visible.w < px(160) or visible.h < px(90):
            visible = self._area
        margin = px(CHIP_MARGIN)
        bottom = visible.bottom - margin - px(28)
        mouse = imgui.get_io().mouse_pos
        taken = 0.0
        if it.hovered and self.rect.contains(mouse.x, mouse.y):
            x = int((mouse.x - self.rect.x) / self.rect.w * frame.pixels.shape[1])
            y = int((mouse.y - self.rect.y) / self.rect.h * frame.pixels.shape[0])
            taken = draw_probe(paint, visible.x + margin, bottom, frame, x, y)
        elif frame.request.view.layer and frame.request.view.compare is not Compare.DIFFERENCE:
            taken = draw_scale(paint, visible.x + margin, bottom, frame.request.view)
        hint = "Drag to paint codes" if self._brushing else "Drag to walk the latent map"
        room = visible.w - taken - 3 * margin - px(40)
        if not self.walked and paint.fits(hint, room, Font.MEDIUM, 14):
            paint.chip(visible.right - margin, bottom, hint, icons.HAND, right=True)
        top = visible.y + margin
        info = context.session.info
        view = frame.request.view if info and info.has_transform else alone(frame.request.view)
        compares = context.session.frame is not frame  # A and B
        view = frame.request.view if compares else view
        left, right = captions(frame, view, upright_now=self._upright_now, names=("B", "A") if compares else NAMES)
        if left:
            paint.chip(visible.x + margin, top, left)
        if right:
            paint.chip(visible.right - margin, top, right, right=True)
            top += px(34)
        for note in frame.notes:
            text = note if paint.fits(note, visible.w - 2 * margin - px(40), Font.MEDIUM, 14) else "See the status bar"
            paint.chip(visible.right - margin, top, text, icons.TRIANGLE_ALERT, icon_colour="E9B44C", right=True)
            top += px(34)


def captions(frame: Frame, view: View, *, upright_now: bool, names: tuple[str, str] = NAMES) -> tuple[str, str]:
    """What is seen at the left and at the right. names: of the newest picture and of the other."""
    made, other = names
    made = "Untransformed" if view.untransform else made
    match view.compare:
        case Compare.SIDE if names != NAMES:
            return other, made
        case Compare.SIDE | Compare.WIPE:
            return made, other
        case Compare.BLINK:
            return other if upright_now else made, ""
        case Compare.DIFFERENCE:
            what = "Difference" if names == NAMES else f"{made} − {other}"
            return f"{what} {number_text(view.difference_db, '%+.0f')} dB", ""
        case _:
            shown = shown_channels(frame) if view.layer else ""
            return " · ".join(word for word in (shown, "Untransformed" if view.untransform else "") if word), ""


def fitting_zoom(area: Rect, width: int, height: int) -> float:
    """The largest zoom at which all of a picture is seen."""
    return max(min(area.w / width, area.h / height), MIN_ZOOM)
