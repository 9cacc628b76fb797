"""Style space: the channels that the affine of a layer makes of w, and edits of single ones."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.control import Control, number_text, one_of
from core.display.analysis import Styles
from core.parameters import layer_hidden, matched
from core.parameters.table import STYLE_OFFSET, STYLE_SCALE
from core.render.operations import FindInfluence
from core.request import Box, RenderRequest, StyleEdit
from core.request.edits import style_at, with_style
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_control
from visualizer.panels.common.progress.job_row import draw_job, is_running
from visualizer.session.work.jobs import Job
from visualizer.toolkit.paint import Rect

ROWS = 12
SORT = one_of("Sort by", ("Deviation", "Edited", "Pointer"), (
    "What is farthest from its mean in this picture",
    "What has been changed",
    "What acts most on a place in the picture",
))  # fmt: skip
SIZE = Control(label="Size", default=0.1, range=(0.01, 1), factor=100, format="%.0f", step=0.2,
               tip="How large the place is, of the picture's width")  # fmt: skip
NO_STYLES = "This layer makes no styles."
NO_PLACE = "Choose a place in the picture first."

Floats = npt.NDArray[np.float32]


class StyleSpacePanel(ParameterPanel):
    title = "Style space"
    icon = icons.ACTIVITY
    parameters = ("styles",)

    def __init__(self) -> None:
        self._step = 0  # which of the layers of the chosen row
        self._sort = str(SORT.default)
        self._first = 0  # of the rows
        self._size = SIZE.start  # of the box at the pointer, of the picture
        self._found: tuple[str, RenderRequest, Floats] | None = None  # the layer, and the influence of its channels
        self._marked: tuple[float, float, float, float] | None = None  # the place
        self._job: Job[Floats] | None = None
        self._network = 0  # whose place and channels these are

    def useful(self, context: Context) -> bool:
        return context.session.info is None or context.session.info.codes is None

    def summary(self, context: Context) -> str:
        count = len(context.session.request.styles)
        return f"{count} edited" if count else "as it is"

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        ui.gap(8)
        layer = self._layer(context)
        if not layer:
            ui.paint.text(ui.take(24), NO_STYLES if session.loaded else "No network is open.", "text_dim", size=14)
            ui.gap(8)
            return
        self._forget_others(context)
        draw_hint(context, layer_hidden(session.request, context.selection.layer))
        session.want(styles=layer)
        frame = session.frame
        styles = frame.styles if frame is not None and frame.styles and frame.styles.layer == layer else None
        if matched(ui.path_wanted, self.parameters):
            self._sort, self._first = "Edited", 0  # where it is among few
        self._choice(context)
        self._pointer(context, layer)
        if styles is not None:
            self._table(context, styles)
        ui.gap(8)

    def _layer(self, context: Context) -> str:
        """The chosen one of the layers that the chosen row of the strip has."""
        ui, info = context.ui, context.session.info
        steps = info.steps if info is not None else ()
        names = [step.name for step in steps if step.row == context.selection.layer and step.has_styles]
        if not names:
            return ""
        self._step = min(self._step, len(names) - 1)
        row = ui.row("Layer")
        if len(names) == 1:
            ui.paint.text(row.area, names[0])
        else:
            control = one_of("Layer", names, [f"The styles of {name}" for name in names])
            self._step = names.index(str(ui.segments(control, names[self._step], row=row)))
        return names[self._step]

    def _choice(self, context: Context) -> None:
        ui = context.ui
        row = ui.row("Sort by", changed=self._sort != SORT.default)
        chosen = str(ui.segments(SORT, self._sort, row=row))
        if chosen != self._sort:
            self._sort, self._first = chosen, 0

    # -- What acts on a place -------------------------------------------------

    def _forget_others(self, context: Context) -> None:
        """The place, and what acts there, are of one network."""
        loaded = context.session.loaded
        network = loaded.key.number if loaded is not None else 0
        if network != self._network:
            self._network, self._found, self._marked = network, None, None

    def _pointer(self, context: Context, layer: str) -> None:
        ui, px = context.ui, context.ui.px
        if self._sort != "Pointer":
            return
        context.selection.mark(self._marked)
        if is_running(self._job, context):
            draw_job(context, self._job, ui.row("Place").area, tip="Stop looking for the channels that act here")
            return
        row = ui.row("Place")
        at = row.left(row.area.w - px(96))
        waiting = context.selection.waits_for_click
        words = "Click into the picture" if waiting else "Choose a place"
        if ui.button(words, at=at, icon=icons.CROSSHAIR, tip="Then click in the picture: what acts there?"):
            if waiting:
                context.selection.give_up_click()
            else:
                context.selection.wait_for_click(lambda x, y: self._ask(context, layer, x, y))
        right = row.after(row.area.w - px(92))
        self._size = ui.number(SIZE, self._size, row=row, at=right, prefix="%")

    def _ask(self, context: Context, layer: str, x: float, y: float) -> None:
        session = context.session
        loaded, request = session.loaded, session.request
        if loaded is None:
            return
        half, width, height = self._size / 2, loaded.info.width, loaded.info.height
        marked = (max(0.0, x - half), max(0.0, y - half), min(1.0, x + half), min(1.0, y + half))
        left, top = int(marked[0] * width), int(marked[1] * height)
        box = Box(left, top, max(left + 1, round(marked[2] * width)), max(top + 1, round(marked[3] * height)))

        def take(found: Floats) -> None:
            self._found, self._first = (layer, request, found), 0

        self._marked = marked
        self._job = session.run("What acts here", FindInfluence(request, layer, box), take, for_shown=True)

    # -- The channels ---------------------------------------------------------

    def _order(self, context: Context, styles: Styles) -> list[int]:
        deviation = np.abs(styles.values - styles.mean) / np.maximum(styles.std, 1e-8)
        match self._sort:
            case "Edited":
                known = {edit.channel for edit in context.session.request.styles if edit.layer == styles.layer}
                return sorted(channel for channel in known if channel < len(deviation))
            case "Pointer":
                if self._found is None or self._found[0] != styles.layer or len(self._found[2]) != len(deviation):
                    return []
                return [int(i) for i in np.argsort(-self._found[2], kind="stable")[:20]]
        return [int(i) for i in np.argsort(-deviation, kind="stable")]

    def _table(self, context: Context, styles: Styles) -> None:
        ui, px = context.ui, context.ui.px
        order = self._order(context, styles)
        if not order:
            words = {"Pointer": NO_PLACE, "Edited": "No channel of this layer is edited."}[self._sort]
            ui.paint.text(ui.take(24), words, "text_dim", size=14)
            return
        self._first = min(max(self._first, 0), max(0, len(order) - ROWS))
        head = ui.take(20)
        for text, x, w, align in (("Channel", 0, 60, 0.0), ("σ", 60, 44, 1.0), ("Offset", 112, 100, 0.0)):
            ui.paint.text(Rect(head.x + px(x), head.y, px(w), head.h), text, "text_dim", size=13, align=align)
        ui.paint.text(Rect(head.right - px(84), head.y, px(64), head.h), "Scale", "text_dim", size=13, align=1)
        for channel in order[self._first : self._first + ROWS]:
            self._row(context, styles, channel)
        if len(order) > ROWS:
            self._pages(context, len(order))

    def _row(self, context: Context, styles: Styles, channel: int) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        edit = style_at(session.request, styles.layer, channel)
        r = ui.take(24)
        ui.gap(4)
        changed = edit != StyleEdit(styles.layer, channel)
        ui.paint.text(Rect(r.x, r.y, px(60), r.h), str(channel), "accent" if changed else "text")
        if self._sort == "Pointer" and self._found is not None:  # how much it acts there, beside the most
            strength = float(self._found[2][channel]) / max(float(self._found[2].max()), 1e-30)
            ui.paint.box(Rect(r.x, r.bottom - px(2), px(52) * strength, px(2)), "p1", 0)
        deviation = float((styles.values[channel] - styles.mean[channel]) / max(float(styles.std[channel]), 1e-8))
        words = number_text(deviation, "%+.1f")
        ui.paint.text(Rect(r.x + px(60), r.y, px(44), r.h), words, "text_dim", size=14, align=1)
        at = Rect(r.x + px(112), r.y, r.w - px(112 + 88), r.h)
        where = ((styles.layer, channel),)
        tip = f"Added to channel {channel}, in its standard deviations"
        parameter_control(context, STYLE_OFFSET, where, row=ui.bare_row(at), name=f"Offset {channel}", tip=tip)
        row = ui.bare_row(Rect(r.right - px(84), r.y, px(64), r.h))
        tip = f"What channel {channel} is multiplied by; 0 switches it off"
        parameter_control(context, STYLE_SCALE, where, row=row, name=f"Scale {channel}", tip=tip, boxed=True)
        if changed and ui.icon_button(
            f"Reset {channel}", icons.ROTATE_CCW, at=Rect(r.right - px(18), r.y, px(18), r.h), tip="As it was"
        ):
            session.edit(styles=with_style(session.request.styles, StyleEdit(styles.layer, channel)))

    def _pages(self, context: Context, count: int) -> None:
        """Which of the rows are seen."""
        ui, px = context.ui, context.ui.px
        r = ui.take(24)
        last = min(self._first + ROWS, count)
        words = f"{self._first + 1} to {last} of {count}"
        ui.paint.text(Rect(r.x + px(60), r.y, r.w - px(120), r.h), words, "text_dim", size=14, align=0.5)
        off = "" if self._first > 0 else "These are the first."
        if ui.icon_button("Back", icons.CHEVRON_LEFT, at=Rect(r.x, r.y, px(24), r.h), tip="Those before", off=off):
            self._first -= ROWS
        off = "" if last < count else "These are the last."
        at = Rect(r.right - px(24), r.y, px(24), r.h)
        if ui.icon_button("Next", icons.CHEVRON_RIGHT, at=at, tip="Those after", off=off):
            self._first += ROWS
