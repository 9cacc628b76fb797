"""Latent: the seed map, seed, fractional offset, animation, class."""

from __future__ import annotations

import math

from imgui_bundle import imgui

from core.base.control import Control, Kind
from core.parameters import latent_hidden, source_name
from core.parameters.table import LABEL, LATENT_X, LATENT_Y
from core.request import SeedPoint
from core.request.tables import region
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.classes.rows import ClassRows
from visualizer.panels.common.capability_text import letter_of_space
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import keyed_row
from visualizer.panels.common.sources import colour_of, latent_words, seed_at
from visualizer.session.animation import WALK, WALK_SPEED
from visualizer.toolkit.interact import Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.values import FINE

PAD_HEIGHT = 166
CELL, CELL_SIZES = 51, (10, 160)  # of a seed: at first, and at least and at most
ZOOM_STEP = 1.2
TRAIL_LENGTH = 60
JUMP = 0.9  # seeds in one frame
SEED = Control(label="Seed", default=0, kind=Kind.WHOLE, format="%d")
CLICK_SLOP = 4  # pixels that a click may move
EXPLICIT = "This picture has a latent of its own; drag or set a seed to leave it."


class LatentPanel(ParameterPanel):
    title = "Latent"
    icon = icons.MAP
    parameters = ("latent", "label")

    def __init__(self) -> None:
        self._classes = ClassRows()
        self._trail: list[tuple[float, float]] = []
        self._moved = 0.0  # pixels since the press
        self._cell_size = float(CELL)
        self._band: tuple[float, float] | None = None  # where a box with Ctrl began, on the screen

    def summary(self, context: Context) -> str:
        return f"seed {seed_at(context.session.point)}"

    def changed(self, context: Context) -> bool:
        return super().changed(context) or context.session.animation.latent

    def reset(self, context: Context) -> None:
        animation = context.session.animation
        animation.latent, animation.latent_speed = False, WALK_SPEED.start
        super().reset(context)

    def menu(self, context: Context) -> None:
        if context.ui.menu_item("Open a latent…"):
            context.actions.latents.choose()
        if context.ui.menu_item("Save the latent", off=context.session.frame is None):
            context.actions.latents.save()

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        ui.gap(10)
        self._pad(context, ui.take(PAD_HEIGHT))
        ui.gap(8)
        draw_hint(context, latent_hidden(session.request, session.info) if session.info else "")
        self._seed(context)
        self._animate(context)
        self._class(context)
        ui.gap(6)

    # -- The seed map ---------------------------------------------------------

    def _pad(self, context: Context, r: Rect) -> None:
        ui, px = context.ui, context.ui.px
        point = context.session.point
        centre = (round(r.x + r.w / 2), round(r.y + r.h / 2))
        more = "One cell is one seed · Shift is finer · Ctrl draws a box whose seeds become a table"
        it = ui.item("Seed map", r, tip="Drag to walk, click to go to a seed, wheel to zoom", more=more)
        self._zoom(it)
        self._walk(context, it, centre)
        self._follow(point)

        ui.paint.list.push_clip_rect((r.x, r.y), (r.right, r.bottom), True)
        ui.paint.box(r, "canvas")
        self._cells(context, r, point, centre)
        self._sources(context, point, centre)
        self._cross(context, r, point, centre)
        self._draw_band(context)
        ui.paint.list.pop_clip_rect()
        ui.paint.frame(r, "border", px(4))
        latent, space = context.session.request.latent, letter_of_space(context.session.info)
        words = f"{point.x:+.2f}, {point.y:+.2f}".replace("-", "−")
        words = words if isinstance(latent, SeedPoint) else latent_words(latent, space)
        plate = Rect(r.x + px(6), r.bottom - px(24), ui.paint.text_width(words, size=13) + px(12), px(18))
        ui.paint.box(plate, "000000", px(4), 0.6)
        ui.paint.text(plate, words, "FFFFFF", size=13, align=0.5)

    def _zoom(self, it: Interaction) -> None:
        """The wheel makes the cells larger or smaller, around the point that is shown.

        Not while the dock scrolls: the map may come under a pointer that rests.
        """
        if it.hovered and imgui.get_current_context().wheeling_window is None:
            imgui.set_item_key_owner(imgui.Key.mouse_wheel_y)  # the dock does not scroll meanwhile
            size = self._cell_size * ZOOM_STEP**imgui.get_io().mouse_wheel
            self._cell_size = min(max(size, CELL_SIZES[0]), CELL_SIZES[1])

    def _follow(self, point: SeedPoint) -> None:
        """Add a point to the trail; after a jump it begins anew."""
        last = self._trail[-1] if self._trail else (point.x, point.y)
        if max(abs(point.x - last[0]), abs(point.y - last[1])) > JUMP:
            self._trail = []
        if not self._trail or last != (point.x, point.y):
            self._trail = [*self._trail, (point.x, point.y)][-TRAIL_LENGTH:]

    def _walk(self, context: Context, it: Interaction, centre: tuple[float, float]) -> None:
        session, px = context.session, context.ui.px
        if self._choose_region(context, it, centre):
            return
        if it.started:
            self._moved, self._trail = 0.0, []
        if it.drag_x or it.drag_y:
            self._moved += abs(it.drag_x) + abs(it.drag_y)
            unit = (FINE if imgui.get_io().key_shift else 1.0) / px(self._cell_size)
            point = session.point
            session.edit(latent=SeedPoint(point.x + it.drag_x * unit, point.y + it.drag_y * unit))
        elif it.clicked and self._moved < CLICK_SLOP:
            mouse, point = imgui.get_io().mouse_pos, session.point
            cell = px(self._cell_size)
            i, j = (mouse.x - centre[0]) / cell + point.x, (mouse.y - centre[1]) / cell + point.y
            session.edit(latent=SeedPoint(float(round(i)), float(round(j))))

    def _choose_region(self, context: Context, it: Interaction, centre: tuple[float, float]) -> bool:
        """Whether the mouse draws a box with Ctrl; when it is let go, its seeds become a table."""
        io, session, px = imgui.get_io(), context.session, context.ui.px
        if it.started and io.key_ctrl:
            self._band = (io.mouse_pos.x, io.mouse_pos.y)
        if self._band is None:
            return False
        if it.active:
            return True
        start, self._band = self._band, None
        point, cell = session.point, px(self._cell_size)
        columns, rows = (
            sorted(round((place - middle) / cell + at) for place in places)
            for places, middle, at in (
                ((start[0], io.mouse_pos.x), centre[0], point.x),
                ((start[1], io.mouse_pos.y), centre[1], point.y),
            )
        )
        size = rows[1] - rows[0] + 1, columns[1] - columns[0] + 1
        context.tables.make(session, region(session.request, columns[0], rows[0], *size))
        context.prefer(workspace="Tables")
        return True

    def _draw_band(self, context: Context) -> None:
        if self._band is None:
            return
        mouse, paint = imgui.get_io().mouse_pos, context.ui.paint
        left, right = sorted((self._band[0], mouse.x))
        top, bottom = sorted((self._band[1], mouse.y))
        box = Rect(left, top, right - left, bottom - top)
        paint.box(box, "accent", 0, 0.25)
        paint.frame(box, "accent", 0, context.ui.px(1.5))

    def _cells(self, context: Context, r: Rect, point: SeedPoint, centre: tuple[float, float]) -> None:
        ui, px = context.ui, context.ui.px
        cell = px(self._cell_size)
        texture = context.thumbnails.texture()
        alpha = 0.62 if ui.style.theme.name == "dark" else 0.85
        across, down = math.ceil(r.w / cell / 2) + 1, math.ceil(r.h / cell / 2) + 1
        for j in range(round(point.y) - down, round(point.y) + down + 1):
            for i in range(round(point.x) - across, round(point.x) + across + 1):
                x = round(centre[0] + (i - point.x - 0.5) * cell) + 1
                y = round(centre[1] + (j - point.y - 0.5) * cell) + 1
                uv = context.thumbnails.uv((i, j))
                if uv is None:
                    ui.paint.box(Rect(x, y, cell - 2, cell - 2), "control", px(3), 0.7)
                    continue
                tint = ui.style.colour("FFFFFF", alpha)
                ui.paint.list.add_image_rounded(texture, (x, y), (x + cell - 2, y + cell - 2), *uv, tint, px(3))

    def _sources(self, context: Context, point: SeedPoint, centre: tuple[float, float]) -> None:
        """A ring with its name where a source of styles lies."""
        paint, px = context.ui.paint, context.ui.px
        for index, source in enumerate(context.session.request.sources):
            if source.on and source.parts and isinstance(source.latent, SeedPoint):
                x = round(centre[0] + (source.latent.x - point.x) * px(self._cell_size))
                y = round(centre[1] + (source.latent.y - point.y) * px(self._cell_size))
                paint.disc(x, y, px(10), "overlay", 0.86)
                paint.ring(x, y, px(10), colour_of(index), px(2))
                box = Rect(x - px(9), y - px(9), px(18), px(18))
                paint.text(box, source_name(index), colour_of(index), font=Font.BOLD, size=12, align=0.5)

    def _cross(self, context: Context, r: Rect, point: SeedPoint, centre: tuple[float, float]) -> None:
        paint, px = context.ui.paint, context.ui.px
        x, y = centre
        cell = px(self._cell_size)
        places = [(x + (i - point.x) * cell, y + (j - point.y) * cell) for i, j in self._trail]
        for index in range(len(places) - 1):
            strength = 0.1 + 0.65 * index / len(places)
            paint.line(places[index], places[index + 1], "FFFFFF", px(2), strength)
        paint.line((x, r.y), (x, r.bottom), "FFFFFF", 1, 0.25)
        paint.line((r.x, y), (r.right, y), "FFFFFF", 1, 0.25)
        paint.disc(x, y, px(7), "000000", 0.35)
        paint.ring(x, y, px(8.5), "000000", px(3), 0.5)
        paint.ring(x, y, px(8), "FFFFFF", px(2))
        paint.disc(x, y, px(3), "5B93FF")

    # -- Rows -----------------------------------------------------------------

    def _seed(self, context: Context) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        point = session.point
        seed = seed_at(point)
        explicit = not isinstance(session.request.latent, SeedPoint)
        row = keyed_row(context, "Seed", "latent", changed=seed != 0 or explicit)
        tip = EXPLICIT if explicit else "The nearest seed of the map; typing one goes to it"
        room = row.left(row.area.w - px(28))
        new = ui.number(SEED, seed, row=row, at=room, stepper=True, tip=tip, path=LATENT_X.path)
        if new != seed or row.reset:
            session.edit(latent=SeedPoint(float(new), 0.0))
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Random seed", icons.DICES, at=at, tip="A random seed (R)"):
            session.random_seed()

        dx, dy = point.x - round(point.x), point.y - round(point.y)
        row = ui.row("Offset", changed=(dx, dy) != (0, 0))
        half = (row.area.w - px(4) - px(28)) // 2
        tip = "How far the picture lies from that seed, in seeds"
        right = row.after(half + px(4))
        places = row.left(half), Rect(right.x, right.y, half, right.h)
        new_x, new_y = (
            ui.number(parameter, value, row=row, at=at, name=f"Offset {axis}", prefix=axis, tip=tip,
                      path=parameter.path)
            for parameter, value, at, axis in zip((LATENT_X, LATENT_Y), (dx, dy), places, "xy", strict=True)
        )  # fmt: skip
        if (new_x, new_y) != (dx, dy):
            session.edit(latent=SeedPoint(round(point.x) + new_x, round(point.y) + new_y))
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Snap", icons.LOCATE_FIXED, at=at, tip="Snap to the nearest seed"):
            session.edit(latent=SeedPoint(float(round(point.x)), float(round(point.y))))

    def _animate(self, context: Context) -> None:
        ui, px, animation = context.ui, context.ui.px, context.session.animation
        row = ui.row("Animate", changed=animation.latent or animation.latent_speed != WALK_SPEED.default)
        animation.latent = ui.toggle(WALK, animation.latent, at=row.left(px(36))) and not row.reset
        animation.latent_speed = ui.slider(WALK_SPEED, animation.latent_speed, row=row, at=row.after(px(36)))

    def _class(self, context: Context) -> None:
        session = context.session
        tip = "Each seed draws its own class, or one class for all"
        label = self._classes.draw(context, session.request.label, none="From the seed", tip=tip, path=LABEL.path)
        if label != session.request.label:
            session.edit(label=label)
