"""How far a job is, in a row of a panel, with the button that stops it."""

from __future__ import annotations

from typing import Any, TypeGuard, TypeVar

from visualizer.actions.context import Context
from visualizer.session.work.jobs import Job
from visualizer.toolkit.paint import Rect

T = TypeVar("T")

BUTTON_WIDTH = 72
WAITING = "Starting"  # or waiting for others


def is_running(job: Job[T] | None, context: Context) -> TypeGuard[Job[T]]:
    """Whether a panel's job is in progress."""
    return job is not None and job in context.session.operations


def draw_job(context: Context, job: Job[Any], r: Rect, *, tip: str) -> None:
    """Fill a row's area; tip: what becomes of what it has made when it is cancelled."""
    ui, px, status = context.ui, context.ui.px, job.status
    button = Rect(r.right - px(BUTTON_WIDTH), r.y, px(BUTTON_WIDTH), r.h)
    room = Rect(r.x, r.y, button.x - px(8) - r.x, r.h)
    text = "Stopping" if job.cancelling else f"{status.done:,} of {status.total:,}" if status.total else WAITING
    ui.paint.text(Rect(room.x, room.y, room.w, px(18)), text, "text_dim", size=14)
    track = Rect(room.x, room.bottom - px(5), room.w, px(4))
    ui.paint.box(track, "control", px(2))
    ui.paint.box(Rect(track.x, track.y, track.w * (status.fraction or 0.0), track.h), "accent", px(2))
    off = "It stops at the next layer." if job.cancelling else ""
    if ui.button("Cancel", at=button, tip=tip, off=off):
        job.cancel()
