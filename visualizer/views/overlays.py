"""What lies over the picture: loading, slow frames, failures, toasts, and the dialogs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.keys import SHORTCUTS
from visualizer.output.system_report import report
from visualizer.session.jobs import Status
from visualizer.session.messages import Kind, Notice, Problem
from visualizer.session.network_names import display_name
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

FLAGS = (
    imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
    | imgui.WindowFlags_.no_docking | imgui.WindowFlags_.no_nav | imgui.WindowFlags_.no_focus_on_appearing
    | imgui.WindowFlags_.no_background
)  # fmt: skip
SLOW_S = 0.4  # a frame that takes longer shows how far it is
NOTICE_LOOKS = {  # icon and colour
    Kind.DONE: (icons.CHECK, "ok"),
    Kind.NOTE: (icons.INFO, "accent"),
    Kind.WARNING: (icons.TRIANGLE_ALERT, "warning"),
}


class Overlays:
    """Drawn after the shell, in windows of their own."""

    def __init__(self) -> None:
        self.keys_wanted = False
        self.quit_wanted = False
        self._details_wanted: Problem | None = None
        self._details: tuple[str, str] = ("", "")  # title and text of the dialog

    def draw(self, context: Context, view: Rect) -> None:
        context.ui.scope = ""
        self._loading(context, view)
        self._slow_frame(context, view)
        self._problem(context, view)
        self._toasts(context, view)
        self._keys(context)
        self._quit(context)
        self._problem_details(context)

    # -- Work in progress -----------------------------------------------------

    def _loading(self, context: Context, view: Rect) -> None:
        job = context.session.load_job
        if job is None:
            return
        ui, px = context.ui, context.ui.px
        r = Rect(round(view.x + (view.w - px(360)) / 2), round(view.y + (view.h - px(132)) / 2), px(360), px(132))
        status = job.status
        with self._card(context, "Loading", r):
            inner = r.inset(px(16))
            ui.paint.spinner(inner.x + px(8), inner.y + px(12), px(7), "accent", perf_counter())
            title = Rect(inner.x + px(26), inner.y, inner.w - px(26), px(24))
            ui.paint.text(title, f"Opening {display_name(job.name)}", font=Font.BOLD)
            bar = Rect(inner.x, inner.y + px(34), inner.w, px(6))
            ui.paint.box(bar, "control", px(3))
            if status.fraction is not None:
                ui.paint.box(Rect(bar.x, bar.y, bar.w * status.fraction, bar.h), "accent", px(3))
                percent = Rect(inner.x, inner.y + px(46), inner.w, px(22))
                ui.paint.text(percent, f"{status.fraction * 100:.0f} %", size=14, align=1)
            stage = "Cancelling" if job.cancelling else status.stage or "Starting"
            ui.paint.text(Rect(inner.x, inner.y + px(46), inner.w - px(60), px(22)), stage, "text_dim", size=14)
            amount = Rect(inner.x, inner.bottom - px(24), inner.w - px(90), px(24))
            ui.paint.text(amount, amount_text(status), "text_faint", size=14)
            if ui.button("Cancel", at=Rect(inner.right - px(80), inner.bottom - px(24), px(80), px(24))):
                context.session.cancel_load()
        ui.redraw_in(1 / 30)

    def _slow_frame(self, context: Context, view: Rect) -> None:
        """Progress of a frame that takes long, with a button to give it up."""
        session, ui, px = context.session, context.ui, context.ui.px
        running = session.thread.running
        if running is None or session.load_job is not None:
            return
        elapsed = perf_counter() - running.started
        if elapsed < SLOW_S:
            ui.redraw_in(SLOW_S - elapsed + 0.01)
            return
        expected = session.frame.timing.total_ms / 1000 if session.frame else 0.0
        words = f"{running.layer or 'Starting'} · {elapsed:.1f} s" + (f" of about {expected:.1f} s" if expected else "")
        width = max(px(220), ui.paint.text_width(words, size=14) + px(78))
        r = Rect(round(view.right - width - px(26)), round(view.y + px(26)), round(width), px(32))
        with self._window("Rendering", r):
            ui.paint.box(r, "overlay", px(5), 0.9)
            ui.paint.spinner(r.x + px(17), r.y + px(16), px(7), "E9B44C", perf_counter())
            ui.paint.text(Rect(r.x + px(34), r.y, r.w - px(70), px(30)), words, "overlay_text", size=14)
            layers = len(session.frame.layers) if session.frame else 0
            if layers:
                done = min(1.0, running.layers_done / layers)
                ui.paint.box(Rect(r.x + px(5), r.bottom - px(3), (r.w - px(10)) * done, px(2)), "E9B44C")
            at = Rect(r.right - px(30), r.y + px(3), px(26), px(26))
            if ui.item("Stop rendering", at, tip="Give this frame up").clicked:
                session.stop_rendering()
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
        height = ui.paint.wrapped_height(text_width, problem.text, size=14)
        r = Rect(round(view.x + (view.w - w) / 2), round(view.y + px(12)), round(w), round(height + px(80)))
        with self._card(context, "Problem", r):
            ui.paint.box(r, "error", px(6), 0.13)
            ui.paint.frame(r, "error", px(6), 1, 0.6)
            ui.paint.box(Rect(r.x, r.y + px(4), px(3), r.h - px(8)), "error", px(1))
            ui.paint.icon(Rect(r.x + px(12), r.y + px(10), px(24), px(24)), icons.CIRCLE_ALERT, "error", 16)
            ui.paint.text(Rect(r.x + px(44), r.y + px(10), w - px(90), px(24)), problem.title, font=Font.BOLD)
            ui.paint.wrapped(r.x + px(44), r.y + px(36), text_width, problem.text, "text", size=14)
            at = Rect(r.right - px(34), r.y + px(9), px(24), px(24))
            if ui.icon_button("Dismiss", icons.X, at=at, tip="Close (Escape)"):
                context.session.messages.dismiss()
            x, y = r.right - buttons + px(20), r.bottom - px(34)
            if problem.retry is not None:
                if ui.button("Retry", at=Rect(x, y, px(88), px(24))):
                    problem.retry()
                    context.session.messages.dismiss()
                x += px(96)
            if ui.button("Details", at=Rect(x, y, px(88), px(24)), tip="What a bug report needs"):
                self._details_wanted = problem

    def _problem_details(self, context: Context) -> None:
        problem, self._details_wanted = self._details_wanted, None
        if problem is not None:
            body = problem.details.strip() or problem.text
            text = f"{problem.title}\n{body}\n\n{report(gl_renderer=context.actions.gl_renderer)}"
            self._details = problem.title, text
            imgui.open_popup("##details")
        title, text = self._details
        r, shown = self._dialog(context, "##details", 720, 480)
        if not shown:
            return
        ui, px = context.ui, context.ui.px
        inner = r.inset(px(16))
        ui.paint.text(Rect(inner.x, inner.y, inner.w, px(24)), title, font=Font.BOLD, size=16)
        imgui.set_cursor_screen_pos((inner.x, inner.y + px(34)))
        imgui.push_font(ui.style.fonts[Font.MONO], px(14))
        imgui.input_text_multiline(
            "##text", text, (inner.w, inner.h - px(78)), imgui.InputTextFlags_.read_only
        )  # fmt: skip
        imgui.pop_font()
        y = inner.bottom - px(28)
        if ui.button("Copy all", at=Rect(inner.x, y, px(110), px(28)), icon=icons.COPY):
            imgui.set_clipboard_text(text)
        if ui.button("Close details", at=Rect(inner.right - px(120), y, px(120), px(28))):
            imgui.close_current_popup()
        imgui.end_popup()

    def _toasts(self, context: Context, view: Rect) -> None:
        messages, ui, px = context.session.messages, context.ui, context.ui.px
        now = perf_counter()
        messages.forget_old(now)
        y = view.bottom - px(16)
        for index, notice in enumerate(reversed(messages.notices)):
            w = min(px(312), view.w - px(32))
            h = self._toast_height(context, notice, w)
            r = Rect(round(view.right - px(16) - w), round(y - h), round(w), round(h))
            y -= h + px(8)
            with self._card(context, f"Toast {index}", r):
                hovered = self._draw_toast(context, notice, r)
            if hovered:  # kept while it is read
                messages.keep(notice, now)
            ui.redraw_in(max(0.0, notice.until - now) + 0.01)

    def _toast_height(self, context: Context, notice: Notice, w: float) -> float:
        px, paint = context.ui.px, context.ui.paint
        text = paint.wrapped_height(w - px(56), notice.text)
        detail = paint.wrapped_height(w - px(56), notice.detail, size=14) + px(2) if notice.detail else 0.0
        return max(px(44), text + detail + px(22))

    def _draw_toast(self, context: Context, notice: Notice, r: Rect) -> bool:
        ui, px = context.ui, context.ui.px
        icon, colour = NOTICE_LOOKS[notice.kind]
        ui.paint.icon(Rect(r.x + px(8), r.y, px(32), r.h), icon, colour, 16)
        x, w = r.x + px(44), r.w - px(56)
        y = r.y + px(10)
        y += ui.paint.wrapped(x, y, w, notice.text, "text") + px(2)
        if notice.detail:
            ui.paint.wrapped(x, y, w, notice.detail, "text_dim", size=14)
        return ui.item(notice.text, r).hovered

    # -- Dialogs --------------------------------------------------------------

    def _keys(self, context: Context) -> None:
        if self.keys_wanted:
            imgui.open_popup("##keys")
            self.keys_wanted = False
        r, shown = self._dialog(context, "##keys", 680, 84 + 26 * len(SHORTCUTS))
        if not shown:
            return
        ui, px = context.ui, context.ui.px
        inner = r.inset(px(16))
        ui.paint.text(Rect(inner.x, inner.y, inner.w, px(24)), "Keys", font=Font.BOLD, size=16)
        y, pitch = inner.y + px(34), min(px(26), (inner.h - px(70)) / len(SHORTCUTS))
        for shortcut in SHORTCUTS:
            ui.paint.text(Rect(inner.x, y, px(110), px(24)), shortcut.keys, "accent", font=Font.MEDIUM)
            ui.paint.text(Rect(inner.x + px(116), y, inner.w - px(116), px(24)), shortcut.what)
            y += pitch
        if ui.button("Close keys", at=Rect(inner.right - px(110), inner.bottom - px(28), px(110), px(28))):
            imgui.close_current_popup()
        imgui.end_popup()

    def _quit(self, context: Context) -> None:
        if self.quit_wanted:
            imgui.open_popup("##quit")
            self.quit_wanted = False
        r, shown = self._dialog(context, "##quit", 400, 128)
        if not shown:
            return
        ui, px, actions = context.ui, context.ui.px, context.actions
        inner = r.inset(px(16))
        recording = actions.recorder is not None
        ui.paint.text(Rect(inner.x, inner.y, inner.w, px(24)), "Quit?", font=Font.BOLD, size=16)
        why = "The recording ends and is kept." if recording else "Pictures and videos that were saved are kept."
        ui.paint.text(Rect(inner.x, inner.y + px(30), inner.w, px(22)), why, "text_dim")
        y = inner.bottom - px(28)
        stay = ui.button("Stay", at=Rect(inner.right - px(204), y, px(96), px(28)))
        leave = ui.button("Quit", at=Rect(inner.right - px(100), y, px(100), px(28)), primary=True)
        if leave or imgui.is_key_pressed(imgui.Key.enter):
            actions.quit_now()
        if stay or leave:
            imgui.close_current_popup()
        imgui.end_popup()

    # -- Boxes ----------------------------------------------------------------

    @contextmanager
    def _window(self, name: str, r: Rect) -> Iterator[None]:
        imgui.set_next_window_pos((r.x, r.y))
        imgui.set_next_window_size((r.w, r.h))
        imgui.begin(f"##{name}", None, FLAGS)
        try:
            yield
        finally:
            imgui.end()

    @contextmanager
    def _card(self, context: Context, name: str, r: Rect) -> Iterator[None]:
        """A raised box with a soft shadow."""
        ui, px = context.ui, context.ui.px
        with self._window(name, r):
            ui.paint.list.push_clip_rect_full_screen()
            ui.paint.shadow(r)
            ui.paint.list.pop_clip_rect()
            ui.paint.box(r, "popup", px(6))
            ui.paint.frame(r, "border", px(6))
            yield

    def _dialog(self, context: Context, name: str, width: float, height: float) -> tuple[Rect, bool]:
        """Begin a modal dialog in the middle; the caller ends the popup if it is shown. Escape closes it."""
        px = context.ui.px
        size = imgui.get_main_viewport().size
        w, h = min(px(width), size.x - px(32)), min(px(height), size.y - px(32))
        r = Rect(round((size.x - w) / 2), round((size.y - h) / 2), round(w), round(h))
        if not imgui.is_popup_open(name):
            return r, False
        imgui.set_next_window_pos((r.x, r.y))
        imgui.set_next_window_size((r.w, r.h))
        flags = imgui.WindowFlags_.no_decoration | imgui.WindowFlags_.no_move | imgui.WindowFlags_.no_saved_settings
        with context.ui.dialog_style(8):
            shown = imgui.begin_popup_modal(name, None, flags)[0]
        if not shown:
            return r, False
        if imgui.is_key_pressed(imgui.Key.escape) and not imgui.is_window_appearing():
            imgui.close_current_popup()
        return r, True


def amount_text(status: Status) -> str:
    """Done and total of a job with the time left, e.g. "168 of 276 MB · about 4 s left"."""
    words = []
    if status.unit == "B" or status.unit == "bytes":
        done, total = status.done / 1e6, status.total / 1e6
        words.append(f"{done:,.0f} of {total:,.0f} MB" if status.total else f"{done:,.0f} MB" if status.done else "")
    elif status.total:
        words.append(f"{status.done:,} of {status.total:,} {status.unit}".rstrip())
    if status.remaining_s is not None and status.remaining_s >= 1:
        words.append(f"about {status.remaining_s:.0f} s left")
    return " · ".join(word for word in words if word)
