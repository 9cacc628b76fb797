"""How far a film is, with the buttons that hold it up and end it; and where the last one went."""

from __future__ import annotations

from core.base.text import counted
from core.film.export import Exported
from resources import icons
from visualizer.actions.context import Context
from visualizer.session.work.film_run import FilmRun
from visualizer.toolkit.paint import Rect

PAUSE_WIDTH, CANCEL_WIDTH = 84, 66
WAITING = "Starting"
NO_MORE = "It stops at the next layer."


def draw_progress(context: Context, run: FilmRun, r: Rect) -> None:
    """Fill a row: frames, the time that is left, a bar, Pause and Cancel."""
    ui, px, status = context.ui, context.ui.px, run.job.status
    cancel = Rect(r.right - px(CANCEL_WIDTH), r.y, px(CANCEL_WIDTH), r.h)
    pause = Rect(cancel.x - px(4 + PAUSE_WIDTH), r.y, px(PAUSE_WIDTH), r.h)
    room = Rect(r.x, r.y, pause.x - px(8) - r.x, r.h)
    text = progress_text(run)
    ui.readout("Progress", room, text)
    ui.paint.text(Rect(room.x, room.y, room.w, px(18)), text, "text_dim", size=13)
    track = Rect(room.x, room.bottom - px(5), room.w, px(4))
    ui.paint.box(track, "control", px(2))
    ui.paint.box(Rect(track.x, track.y, track.w * (status.fraction or 0.0), track.h), "accent", px(2))
    stopping = NO_MORE if run.job.cancelling else ""
    label, icon = ("Go on", icons.PLAY) if run.paused else ("Pause", icons.PAUSE)
    if ui.button(label, at=pause, icon=icon, tip="The finished part stays", off=stopping):
        context.actions.filming.pause()
    if ui.button("Cancel", at=cancel, tip="The finished part stays, and can be played", off=stopping):
        context.actions.filming.cancel()


def progress_text(run: FilmRun) -> str:
    """In few words: "81 of 240 · 0:42"."""
    status = run.job.status
    if run.job.cancelling:
        return "Stopping"
    if not status.total:
        return WAITING
    done = f"{status.done:,} of {status.total:,}"
    if run.paused or status.remaining_s is None:
        return done
    left = round(status.remaining_s)
    return f"{done} · {left // 60}:{left % 60:02d}"


def draw_last(context: Context, made: Exported, r: Rect) -> None:
    """Fill a row: what the last film is called, how large it is, and a button that shows it."""
    ui, px = context.ui, context.ui.px
    button = Rect(r.right - r.h, r.y, r.h, r.h)
    room = Rect(r.x, r.y, button.x - px(8) - r.x, r.h)
    text = f"{made.path.name} · {counted(made.bytes)}"
    ui.readout("Last film", room, text, tip=str(made.path))
    ui.paint.text(room, text, "text_dim", size=14)
    if ui.icon_button("Show in folder", icons.FOLDER_OPEN, at=button):
        context.actions.saving.show_in_folder(made.path)
