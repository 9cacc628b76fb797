"""The demo networks as a row of small pictures and as lines of a menu: a click opens one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from imgui_bundle import imgui
from PIL import Image

from core.opening.demos import Demo, demo_picture, installed_demos
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.toolkit.texture import Texture

COLUMNS = 4
GAP = 6
MAX_SIDE = 88  # of a picture
CAPTION = 20  # height


class DemoRow:
    """The demo networks of this copy of the program, and their pictures at the size that they are drawn at."""

    def __init__(self) -> None:
        self.demos = installed_demos()
        self._pictures: dict[str, Image.Image] = {}
        self._textures: dict[str, Texture] = {}
        self._side = 0  # pixels, of the textures
        self._asked = False

    def close(self) -> None:
        for texture in self._textures.values():
            texture.close()

    # -- The row --------------------------------------------------------------

    def draw(self, context: Context) -> None:
        """Draw the row at the cursor of `context.ui`; nothing if no demo network is installed."""
        if not self.demos:
            return
        if not self._asked:
            self._asked = True
            context.session.start("Cannot show the demo networks", lambda: read_pictures(self.demos), self._take)
        ui, px = context.ui, context.ui.px
        pitch = min((ui.w + px(GAP)) / COLUMNS, px(MAX_SIDE + GAP))
        side = int(pitch - px(GAP))
        self._fit(side)
        chosen = next((i for i, demo in enumerate(self.demos) if demo.location == wanted_location(context)), -1)
        new = chosen
        row = ui.take(CAPTION)
        row = Rect(row.x, row.y, round(pitch * (len(self.demos) - 1)) + side, row.h + side)
        ui.y = row.bottom
        ui.gap(6)
        for index, demo in enumerate(self.demos):
            cell = Rect(row.x + round(index * pitch), row.y, side, row.h)
            if self._cell(context, demo, cell, is_open=index == chosen):
                new = index
        name = ui.name("Demo")
        ui.items[name], ui.values[name] = row, self.demos[chosen].caption if chosen >= 0 else "none"
        steps = ui.steps_of(name, False)
        if steps:
            new = min(max(chosen + steps, 0), len(self.demos) - 1)
        ui.draw_focus("Demo", row.inset(-px(3)))
        if new != chosen:
            context.actions.opening.open(self.demos[new].location)

    def _cell(self, context: Context, demo: Demo, r: Rect, *, is_open: bool) -> bool:
        """One picture and its caption. Returns whether it was clicked."""
        ui, px, paint = context.ui, context.ui.px, context.ui.paint
        it = ui.item(f"Demo/{demo.name}", r, tip=demo.description, more=f"{demo.location} on the command line")
        picture = Rect(r.x, r.y, r.w, r.w)
        texture = self._textures.get(demo.name)
        if texture is None:
            paint.box(picture, "control", px(4))
        else:
            paint.list.add_image_rounded(texture.ref, *picture.corners, (0, 0), (1, 1), 0xFFFFFFFF, px(4))
        if is_open:
            paint.frame(picture, "accent", px(4), px(2))
        elif it.hovered:
            paint.frame(picture, "text", px(4))
        caption = Rect(r.x, picture.bottom, r.w, r.bottom - picture.bottom)
        font, colour = (Font.MEDIUM, "accent") if is_open else (Font.REGULAR, "text" if it.hovered else "text_dim")
        paint.text(caption, demo.caption, colour, font=font, size=13, align=0.5)
        return it.clicked

    # -- The pictures ---------------------------------------------------------

    def _take(self, pictures: dict[str, Image.Image]) -> None:
        self._pictures, self._side = pictures, 0

    def _fit(self, side: int) -> None:
        """Bring the pictures to a size: the renderer's own filter would leave out pixels of what it makes smaller."""
        if side == self._side or side < 1:
            return
        self._side = side
        for name, picture in self._pictures.items():
            if name not in self._textures:
                self._textures[name] = Texture()
            self._textures[name].update(np.asarray(picture.resize((side, side), Image.Resampling.LANCZOS)))


def draw_demo_menu(context: Context, demos: Sequence[Demo]) -> None:
    """The demo networks as a menu within the open one."""
    if demos and context.ui.begin_submenu("Demo networks"):
        for demo in demos:
            if context.ui.menu_item(demo.description, on=demo.location == wanted_location(context)):
                context.actions.opening.open(demo.location)
        imgui.end_menu()


def wanted_location(context: Context) -> str:
    """The network that is being opened, else the one that is open."""
    job, loaded = context.session.load_job, context.session.loaded
    return job.name if job is not None else loaded.location if loaded is not None else ""


def read_pictures(demos: tuple[Demo, ...]) -> dict[str, Image.Image]:
    """The pictures of demo networks by name. One that is missing or damaged is left out: its caption says enough."""
    pictures = {}
    for demo in demos:
        file = demo_picture(demo)
        if file is None:
            continue
        try:
            with Image.open(file) as image:
                pictures[demo.name] = image.convert("RGB")
        except OSError:
            continue
    return pictures
