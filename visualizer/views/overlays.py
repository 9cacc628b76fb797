"""What lies over the picture: loading, slow frames, failures, toasts."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from resources import icons
from visualizer.actions.context import Context
from visualizer.session.messages import Problem
from visualizer.session.network_names import display_name
from visualizer.session.work.jobs import Status
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import card, overlay
from visualizer.views.toasts import Toasts

CARD = (360, 132)  # of the loading card
STARTING = ("Starting", "", "")
NO_PICTURE = ("No picture yet", "Choose a network at the left, or drop a file here", "")
SLOW_S = 0.4  # a frame that takes longer shows how far it is
MAX_TEXT = 500  # characters of a problem; its details have the rest


class Overlays:
    """Drawn after the shell, in windows of their own."""

    def __init__(self) -> None:
        self.details_wanted: Problem | None = None
        self._toasts = Toasts()
        self._has_begun = False  # a network was asked for

    def close(self) -> None:
        self._toasts.close()

    def take_details(self) -> Problem | None:
        """The problem whose details the user has asked for in this frame."""
        problem, self.details_wanted = self.details_wanted, None
        return problem

    def draw(self, context: Context, view: Rect) -> None:
        context.ui.scope = ""
        self._loading(context, view)
        self._slow_frame(context, view)
        self._problem(context, view)
        self._toasts.draw(context, view)

    # -- Work in progress -----------------------------------------------------

    def _loading(self, context: Context, view: Rect) -> None:
        """A card in the middle while a network is opened, until its first picture; without a picture, why not."""
        session = context.session
        job, running = session.load_job, session.service.running
        self._has_begun = self._has_begun or job is not None
        if job is not None:
            status = job.status
            stage = "Cancelling" if job.cancelling else status.stage or "Starting"
            lines = (f"Opening {display_name(job.name)}", stage, amount_text(status))
            draw_loading(context, view, lines, fraction=status.fraction, cancel=session.cancel_load)
        elif session.frame is None and session.loaded is not None and session.service.busy:
            layer, done = (running.layer, running.layers_done) if running is not None else ("", 0)
            lines = (f"Opening {display_name(session.loaded.location)}", "Making the first picture", layer)
            steps = len(session.loaded.info.steps)
            fraction = min(1.0, done / steps) if steps else None
            draw_loading(context, view, lines, fraction=fraction, cancel=session.service.cancel)
        elif session.frame is None and session.problem is None:
            lines = NO_PICTURE if self._has_begun else STARTING
            draw_loading(context, view, lines)

    def _slow_frame(self, context: Context, view: Rect) -> None:
        """Progress of a frame that takes long, with a button to give it up."""
        session, ui, px = context.session, context.ui, context.ui.px
        running = session.service.running
        if running is None or session.load_job is not None or session.frame is None:
            return
        elapsed = perf_counter() - running.started
        if elapsed < SLOW_S:
            ui.redraw_in(SLOW_S - elapsed + 0.01)
            return
        expected = session.frame.timing.total_ms / 1000
        words = f"{running.layer or 'Starting'} · {elapsed:.1f} s" + (f" of about {expected:.1f} s" if expected else "")
        width = max(px(220), ui.paint.text_width(words, size=14) + px(78))
        r = Rect(round(view.right - width - px(26)), round(view.y + px(26)), round(width), px(32))
        with overlay("Rendering", r):
            ui.paint.box(r, "overlay", px(5), 0.9)
            ui.paint.spinner(r.x + px(17), r.y + px(16), px(7), "E9B44C", perf_counter())
            ui.paint.text(Rect(r.x + px(34), r.y, r.w - px(70), px(30)), words, "overlay_text", size=14)
            layers = len(session.frame.layers)
            if layers:
                done = min(1.0, running.layers_done / layers)
                ui.paint.box(Rect(r.x + px(5), r.bottom - px(3), (r.w - px(10)) * done, px(2)), "E9B44C")
            at = Rect(r.right - px(30), r.y + px(3), px(26), px(26))
            if ui.item("Stop rendering", at, tip="Give this frame up").clicked:
                session.service.cancel()
            ui.paint.icon(at, icons.X, "overlay_text", 14)
        ui.redraw_in(1 / 30)

    # -- Messages -------------------------------------------------------------

    def _problem(self, context: Context, view: Rect) -> None:
        problem, ui, px = context.session.problem, context.ui, context.ui.px
        if problem is None:
            return
        w = min(px(620), view.w - px(24))
        buttons = px(96) * (1 + (problem.retry is not None)) + px(30)
        text_width = w - px(52) - px(16)
        text = problem.text if len(problem.text) <= MAX_TEXT else problem.text[: MAX_TEXT - 1] + "…"
        height = ui.paint.wrapped_height(text_width, text, size=14)
        r = Rect(round(view.x + (view.w - w) / 2), round(view.y + px(12)), round(w), round(height + px(80)))
        with card(ui, "Problem", r):
            ui.paint.box(r, "error", px(6), 0.13)
            ui.paint.frame(r, "error", px(6), 1, 0.6)
            ui.paint.box(Rect(r.x, r.y + px(4), px(3), r.h - px(8)), "error", px(1))
            ui.paint.icon(Rect(r.x + px(12), r.y + px(10), px(24), px(24)), icons.CIRCLE_ALERT, "error", 16)
            ui.paint.text(Rect(r.x + px(44), r.y + px(10), w - px(90), px(24)), problem.title, font=Font.BOLD)
            ui.paint.wrapped(r.x + px(44), r.y + px(36), text_width, text, "text", size=14)
            at = Rect(r.right - px(34), r.y + px(9), px(24), px(24))
            if ui.icon_button("Dismiss", icons.X, at=at, tip="Close (Escape)"):
                context.session.messages.dismiss()
            x, y = r.right - buttons + px(20), r.bottom - px(34)
            if problem.retry is not None:
                if ui.button("Retry", at=Rect(x, y, px(88), px(24))):
                    context.session.messages.dismiss()
                    with context.session.attempt(problem.title, file=problem.file):
                        problem.retry()
                x += px(96)
            if ui.button("Details", at=Rect(x, y, px(88), px(24)), tip="What a bug report needs"):
                self.details_wanted = problem


def draw_loading(
    context: Context, view: Rect, lines: tuple[str, str, str], *, fraction: float | None = None,
    cancel: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """The card in the middle. lines: what is done, its stage, how far it is; cancel: of work that can be given up."""
    ui, px, (title, stage, amount) = context.ui, context.ui.px, lines
    w, h = min(px(CARD[0]), view.w - px(16)), px(CARD[1] if cancel is not None else 72 if stage else 48)
    r = Rect(round(view.x + (view.w - w) / 2), round(view.y + (view.h - h) / 2), w, h)
    with card(ui, "Loading", r):
        inner = r.inset(px(16))
        if cancel is None:
            ui.paint.text(Rect(inner.x, r.y + px(12), inner.w, px(24)), title, font=Font.BOLD)
            ui.paint.text(Rect(inner.x, r.y + px(38), inner.w, px(22)), stage, "text_dim", size=14)
            return
        ui.paint.spinner(inner.x + px(8), inner.y + px(12), px(7), "accent", perf_counter())
        ui.paint.text(Rect(inner.x + px(26), inner.y, inner.w - px(26), px(24)), title, font=Font.BOLD)
        bar = Rect(inner.x, inner.y + px(34), inner.w, px(6))
        ui.paint.box(bar, "control", px(3))
        if fraction is not None:
            ui.paint.box(Rect(bar.x, bar.y, bar.w * fraction, bar.h), "accent", px(3))
            percent = Rect(inner.x, inner.y + px(46), inner.w, px(22))
            ui.paint.text(percent, f"{fraction * 100:.0f} %", size=14, align=1)
        ui.paint.text(Rect(inner.x, inner.y + px(46), inner.w - px(60), px(22)), stage, "text_dim", size=14)
        below = Rect(inner.x, inner.bottom - px(24), inner.w - px(90), px(24))
        ui.paint.text(below, amount, "text_faint", size=14)
        if ui.button("Cancel", at=Rect(inner.right - px(80), inner.bottom - px(24), px(80), px(24))):
            cancel()
    ui.redraw_in(1 / 30)


def amount_text(status: Status) -> str:
    """Done and total of a job with the time left, e.g. "168 of 276 MB · about 4 s left"."""
    words = []
    if status.unit == "B" or status.unit == "bytes":
        done, total = status.done / 1e6, status.total / 1e6
        words.append(f"{done:,.0f} of {total:,.0f} MB" if status.total else f"{done:,.0f} MB" if status.done else "")
    elif status.total:
        unit = status.unit.removesuffix("s") if status.total == 1 else status.unit
        words.append(f"{status.done:,} of {status.total:,} {unit}".rstrip())
    if status.remaining_s is not None and status.remaining_s >= 1:
        words.append(f"about {status.remaining_s:.0f} s left")
    return " · ".join(word for word in words if word)
