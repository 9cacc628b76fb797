"""History: all steps with their pictures, and the branches that an undo left; a click returns to any of them."""

from __future__ import annotations

from time import time

from imgui_bundle import imgui

from core.base.text import ago, counted, plural
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.readonly_panel import ReadonlyPanel
from visualizer.panels.common.scrolled import rows_area, scrolled
from visualizer.panels.pictures.small_pictures import SmallPictures
from visualizer.session.making.document import words_of
from visualizer.session.making.history import History, Step
from visualizer.session.making.history_rows import Row, branches_of, rows_of
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

ROW, THUMBNAIL, INDENT = 34, 28, 16
MOST_SEEN = 9  # rows at a time
DEEPEST = 4  # branches in branches that are indented
ATLAS_ROWS = 8


class HistoryPanel(ReadonlyPanel):
    title = "History"
    icon = icons.HISTORY

    def __init__(self) -> None:
        self._pictures = SmallPictures(ATLAS_ROWS)
        self._unfolded: set[Step] = set()
        self._rows: tuple[Row, ...] = ()
        self._of: tuple[History, int, frozenset[Step]] | None = None  # what the rows are of
        self._network = 0  # with which pictures are made

    def close(self) -> None:
        self._pictures.close()

    def summary(self, context: Context) -> str:
        return plural(len(context.session.history), "step")

    def menu(self, context: Context) -> None:
        ui, history = context.ui, context.session.history
        branches = branches_of(history)
        if ui.menu_item("Unfold all branches", off=not branches):
            self._unfolded.update(branches)
        if ui.menu_item("Fold all branches", off=not branches):
            self._unfolded.clear()

    def draw(self, context: Context) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        moved = self._update(session.history)
        if session.loaded is not None and session.loaded.key.number != self._network:
            self._network = session.loaded.key.number
            self._pictures.forget_failures()
        current = next(i for i, row in enumerate(self._rows) if row.step is session.history.step and not row.count)
        ui.gap(8)
        area = rows_area(ui, min(len(self._rows), MOST_SEEN), px(ROW))
        with scrolled(ui, "history", area, len(self._rows), px(ROW), show=current if moved else None) as rows:
            for index in rows.seen:
                row = self._rows[index]
                if row.count:
                    self._branch(context, row, index, rows.place(index))
                else:
                    self._step(context, row, index, rows.place(index), undone=not row.depth and index < current)
        ui.gap(4)
        self._foot(context)
        ui.gap(8)

    def _update(self, history: History) -> bool:
        """Make the rows anew if something has changed. Returns whether the place in the history has."""
        before = self._of
        now = (history, history.changes, frozenset(self._unfolded))
        if now != before:
            self._of, self._rows = now, rows_of(history, self._unfolded)
            self._unfolded &= {row.step for row in self._rows if row.count}
        return before is None or before[:2] != now[:2]

    def _step(self, context: Context, row: Row, index: int, r: Rect, *, undone: bool) -> None:
        ui, px, step = context.ui, context.ui.px, row.step
        words = words_of(step) or ("The beginning" if not context.session.history.forgotten else "The oldest step kept")
        here = step is context.session.history.step
        tip = words if here else f"Back to “{words}”" if not undone else f"Again to “{words}”"
        it = ui.item(f"Step {index}", r, tip=tip, more=ago(time() - step.made_s))
        if here or it.hovered:
            ui.paint.box(r, "select" if here else "control_hover", px(4))
        if here:
            ui.paint.box(Rect(r.x, r.y + px(4), px(3), r.h - px(8)), "accent", px(1))
        x = r.x + px(8 + INDENT * min(row.depth, DEEPEST))
        self._lines(context, row, r)
        small = Rect(x, r.y + px((ROW - THUMBNAIL) / 2), px(THUMBNAIL), px(THUMBNAIL))
        self._picture(context, step, small, alpha=0.45 if undone else 1.0)
        room = Rect(small.right + px(8), r.y, r.right - small.right - px(14), r.h)
        font = Font.MEDIUM if here else Font.REGULAR
        ui.paint.text(room, words, "text_faint" if undone else "text", font=font)
        ui.draw_focus(f"Step {index}", r)
        if it.clicked and not here:
            context.session.go_to(step)

    def _branch(self, context: Context, row: Row, index: int, r: Rect) -> None:
        """The head of a branch: a click folds or unfolds it, the arrow at its right goes to its end."""
        ui, px, is_open = context.ui, context.ui.px, row.step in self._unfolded
        back = Rect(r.right - px(28), r.y + px(5), px(24), px(24))
        head = Rect(r.x, r.y, back.x - r.x, r.h)
        it = ui.item(f"Branch {index}", head, tip="What an undo left; it begins at the step below")
        if it.hovered:
            ui.paint.box(r, "control_hover", px(4))
        x = r.x + px(8 + INDENT * (min(row.depth, DEEPEST) - 1))
        chevron = icons.CHEVRON_DOWN if is_open else icons.CHEVRON_RIGHT
        ui.paint.icon(Rect(x, r.y, px(16), r.h), chevron, size=14)
        room = Rect(x + px(22), r.y, back.x - x - px(26), r.h)
        ui.paint.text(room, f"Branch of {plural(row.count, 'step')}", "text_dim", size=14)
        if it.clicked:
            self._unfolded ^= {row.step}
        if ui.icon_button(f"Return {index}", icons.ROTATE_CW, at=back, tip="Return to the end of this branch"):
            context.session.go_to(_end_of(row.step))

    def _lines(self, context: Context, row: Row, r: Rect) -> None:
        """What shows that a step lies in a branch."""
        px = context.ui.px
        for depth in range(min(row.depth, DEEPEST)):
            context.ui.paint.box(Rect(r.x + px(15 + INDENT * depth), r.y, 1, r.h), "border", 0)

    def _picture(self, context: Context, step: Step, r: Rect, *, alpha: float) -> None:
        session = context.session
        if not self._pictures.has(step):
            if step.picture is not None:
                self._pictures.put(step, step.picture)
            elif session.loaded is not None and step.state.request.network == session.loaded.location:
                history = session.history
                self._pictures.ask(
                    context, step, step.state.request, "Pictures of steps",
                    lambda picture: history.take_picture(picture, step),
                )  # fmt: skip
        if not self._pictures.draw(context, step, r, alpha=alpha):
            context.ui.paint.box(r, "control", context.ui.px(4))

    def _foot(self, context: Context) -> None:
        """How much there is."""
        history, ui = context.session.history, context.ui
        words = f"{plural(len(history), 'step')} · {counted(history.bytes)}"
        tip = "Kept until the program ends; of very many steps the oldest are forgotten"
        r = ui.take(18)
        ui.item("Kept", r, tip=tip)
        branches = len(branches_of(history)) if len(history) > len(history.line) else 0
        if branches:
            words = f"{words} · {plural(branches, 'branch', 'branches')}"
        ui.paint.text(r, words, "text_dim", size=13)
        if imgui.is_rect_visible(*r.corners):
            ui.redraw_in(30.0)  # what a tip says of the time


def _end_of(step: Step) -> Step:
    while step.after:
        step = step.after[-1]
    return step
