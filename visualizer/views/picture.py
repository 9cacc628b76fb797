"""The picture: drag to walk, pan, zoom, move the picture in its frame, probe a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor
from time import perf_counter

from imgui_bundle import imgui

from core.display.frame import Frame
from core.request import Compare, SeedPoint, alone
from core.request.placement import Placement
from resources import icons
from visualizer.actions.context import Context
from visualizer.session.network_names import known_as
from visualizer.session.session import Session
from visualizer.toolkit.canvas import Canvas, intersection
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.pixels import Pixels
from visualizer.toolkit.style import Font
from visualizer.toolkit.values import FINE
from visualizer.views.chips.captions import A_AND_B, AS_MADE, captions
from visualizer.views.chips.placement import draw_placement
from visualizer.views.chips.probe import draw_probe, draw_scale, scale_ends

MARGIN = 16
WALK = 0.04  # seeds per pixel in units of the text size
ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MIN_ZOOM, MAX_ZOOM = 0.05, 64.0
WHEEL_STEP = 1.2
TEXT_SIZE = 15
CHIP_MARGIN, CHIP_HEIGHT = 10, 28
BLINK_S = 0.6  # how long each of two pictures is seen
EDGE_REACH = 6  # pixels to each side of a wipe's edge that take hold of it
SMALL = 2.0  # a picture that fills the view only if it is enlarged by more is seen smooth
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
        self.smooth = False  # whether enlarged pixels are blended
        self._canvas, self._upright = Canvas(), Canvas()
        self._frame: Frame | None = None
        self._next: Framing | None = None  # of the next frame
        self._a_and_b = False  # whether the frame compares A and B
        self._area = Rect(0, 0, 0, 0)
        self._edge_held = False
        self._brushing = False  # drags paint
        self._upright_now = False  # whether it is the upright picture's turn to be seen

    def close(self) -> None:
        self._canvas.close()
        self._upright.close()

    def fit(self) -> None:
        self.view = Framing()

    def frame(self, framing: Framing) -> None:
        """Show the picture so from the next frame on, whatever its size is."""
        self.view = self._next = framing

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
        paint, newest = context.ui.paint, context.session.frame
        paint.box(area, "canvas")
        it = context.ui.item("Picture", area)
        if newest is None:
            return
        frame = context.comparison.shown(newest)
        self._a_and_b = frame is not newest
        self.smooth = seen_smooth(context, newest, self._area)
        if self._next is not None and frame is not self._frame:
            self.view, self._next = self._next, None
        elif self._frame is not None and self._frame.pixels.shape != frame.pixels.shape:
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
        tint = ui.style.colour("FFFFFF", DIM if context.session.load_job is not None else 1.0)
        upright, blinks = frame.upright, frame.request.view.compare is Compare.BLINK
        self._upright_now = upright is not None and blinks and self._blinked(context)
        if upright is None or blinks:
            canvas, pixels = (self._upright, upright) if self._upright_now else (self._canvas, frame.pixels)
            assert pixels is not None  # there is an upright picture, if it is its turn
            canvas.draw(ui.paint, pixels, r, area, smooth=self.smooth, tint=tint)
            return
        edge = self._edge_x
        sides = [(self._canvas, frame.pixels), (self._upright, upright)]
        parts = Rect(r.x, r.y, edge - r.x, r.h), Rect(edge, r.y, r.right - edge, r.h)
        for (canvas, pixels), part in zip(reversed(sides) if self._a_and_b else sides, parts, strict=True):
            seen = intersection(part, area)
            ui.paint.list.push_clip_rect(*seen.corners, True)
            canvas.draw(ui.paint, pixels, r, seen, smooth=self.smooth, tint=tint)
            ui.paint.list.pop_clip_rect()
        ui.paint.box(Rect(edge - 1, r.y, 2, r.h), "FFFFFF", 0, 0.9)

    @property
    def _own_rect(self) -> Rect:
        """Where the picture that is edited lies: of two side by side one, else all that is seen."""
        r, frame = self.rect, self._frame
        if frame is None or frame.request.view.compare is not Compare.SIDE:
            return r
        w = r.w * frame.image.shape[-1] / frame.pixels.shape[1]
        return Rect(r.right - w if self._a_and_b else r.x, r.y, w, r.h)

    def _seen_at(self, frame: Frame, x: float) -> Pixels:
        """Of two pictures in one place, the one that is seen at a place of the screen."""
        if frame.upright is None:
            return frame.pixels
        if frame.request.view.compare is Compare.BLINK:
            return frame.upright if self._upright_now else frame.pixels
        return frame.upright if (x < self._edge_x) == self._a_and_b else frame.pixels

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
        mouse, r = imgui.get_io().mouse_pos, self._own_rect
        if it.hovered and r.contains(mouse.x, mouse.y):
            imgui.set_mouse_cursor(imgui.MouseCursor_.hand)
            if it.started:
                context.selection.click((mouse.x - r.x) / r.w, (mouse.y - r.y) / r.h)
        return True

    def _brushed(self, context: Context, it: Interaction, *, panning: bool) -> bool:
        """Whether the mouse paints; it goes to who asked for it in the frame before."""
        brush = context.selection.brush
        self._brushing = brush is not None
        if brush is None or panning or imgui.is_mouse_down(2):
            return False
        mouse, r = imgui.get_io().mouse_pos, self._own_rect
        if it.active or (it.hovered and r.contains(mouse.x, mouse.y)):
            imgui.set_mouse_cursor(imgui.MouseCursor_.hand)
            brush((mouse.x - r.x) / r.w, (mouse.y - r.y) / r.h, it)
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
        r, px = self._own_rect, context.ui.px
        box = Rect(r.x + left * r.w, r.y + top * r.h, (right - left) * r.w, (bottom - top) * r.h)
        context.ui.paint.frame(box.inset(-px(1)), "000000", 0, px(3), 0.5)
        context.ui.paint.frame(box, "FFFFFF", 0, px(1.5))

    def _chips(self, context: Context, frame: Frame, it: Interaction) -> None:
        px, paint = context.ui.px, context.ui.paint
        visible = intersection(self.rect, self._area)
        if visible.w < px(160) or visible.h < px(90):
            visible = self._area
        visible = visible.inset(px(CHIP_MARGIN))
        taken = self._chip_below(context, frame, it, visible)
        hint = "Drag to paint codes" if self._brushing else "Drag to walk the latent map"
        if not self.walked and paint.fits(hint, visible.w - taken - px(CHIP_MARGIN + 40), Font.MEDIUM, 14):
            paint.chip(visible.right, visible.bottom - px(CHIP_HEIGHT), hint, icons.HAND, right=True)
        info, view = context.session.info, frame.request.view
        if not self._a_and_b and not (info and info.has_transform):
            view = alone(view)
        names = A_AND_B if self._a_and_b else AS_MADE
        left, right = captions(frame, view, upright_now=self._upright_now, names=names)
        y, pitch = visible.y, px(CHIP_HEIGHT + 6)
        if left:
            paint.chip(visible.x, y, left)
        draw_placement(context, visible.x, y + pitch if left else y, visible.w)
        if right:
            paint.chip(visible.right, y, right, right=True)
            y += pitch
        for note in frame.notes:
            text = note if paint.fits(note, visible.w - px(40), Font.MEDIUM, 14) else "See the status bar"
            paint.chip(visible.right, y, text, icons.TRIANGLE_ALERT, icon_colour="E9B44C", right=True)
            y += pitch

    def _chip_below(self, context: Context, frame: Frame, it: Interaction, visible: Rect) -> float:
        """What is under the pointer, or what the colours of a layer mean. Returns its width."""
        paint, mouse, r = context.ui.paint, imgui.get_io().mouse_pos, self.rect
        y = visible.bottom - context.ui.px(CHIP_HEIGHT)
        if it.hovered and r.contains(mouse.x, mouse.y):
            pixels = self._seen_at(frame, mouse.x)
            seen = frame if pixels is frame.pixels else replace(frame, pixels=pixels, analysis=None)
            column = int((mouse.x - r.x) / r.w * pixels.shape[1])
            row = int((mouse.y - r.y) / r.h * pixels.shape[0])
            return draw_probe(paint, visible.x, y, seen, column, row)
        if frame.scale is not None and frame.request.view.compare is not Compare.DIFFERENCE:
            return draw_scale(paint, visible.x, y, visible.w, scale_ends(frame.scale), frame.scale.colour)
        return 0.0


def seen_smooth(context: Context, frame: Frame, area: Rect) -> bool:
    """Whether the enlarged pixels of a frame are blended: as was chosen for its network, else those of small pictures.

    area: where there is room for it. The pixels of layers are seen as they are, until something else is chosen.
    """
    loaded = context.session.loaded
    chosen = context.settings.smooth_networks.get(known_as(loaded)) if loaded is not None else None
    if chosen is not None or frame.request.view.layer:
        return bool(chosen)
    height, width = frame.image.shape[-2:]
    return fitting_zoom(area, width, height) > SMALL


def fitting_zoom(area: Rect, width: int, height: int) -> float:
    """The largest zoom at which all of a picture is seen."""
    return max(min(area.w / width, area.h / height), MIN_ZOOM)
