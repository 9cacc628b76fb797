"""Clips as bars in the dope sheet."""

from __future__ import annotations

import math

from core.timeline import Circle, Clip, Generator, LatentWalk, NoiseLoop, Orbit, Pulse, RandomWalk, Track
from resources import icons
from visualizer.actions.context import Context
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.animate.desk import Desk
from visualizer.views.animate.drags import Part

EDGE = 6  # pixels at each end that make it longer
NAMES: dict[type[Generator], tuple[str, str]] = {
    LatentWalk: ("Walk", icons.ROUTE), Circle: ("Circle", icons.CIRCLE), NoiseLoop: ("Noise loop", icons.WAVES),
    RandomWalk: ("Random walk", icons.SHUFFLE), Pulse: ("Pulse", icons.ACTIVITY), Orbit: ("Orbit", icons.ROTATE_CW),
}  # fmt: skip


def name_of(clip: Clip) -> str:
    """What a clip does, in a word, and how often."""
    name = NAMES[type(clip.generator)][0]
    return f"{name} × {clip.rounds}" if clip.rounds > 1 else name


def box_of(desk: Desk, row: Rect, clip: Clip, by: float) -> Rect:
    left, right = round(desk.scale.at(clip.start_s)), round(desk.scale.at(clip.end_s))
    return Rect(left, row.y + by, max(2, right - left), row.h - 2 * by - 1)


def draw_clip(context: Context, desk: Desk, row: Rect, track: Track, clip: Clip) -> None:
    """A bar with its name and the rhythm of its rounds."""
    ui, px = context.ui, context.ui.px
    r = box_of(desk, row, clip, px(2))
    if r.right < row.x or r.x > row.right:
        return
    chosen = context.chosen.clip == (track.path, clip.start_s)
    ui.paint.box(r, "p3", px(4), 0.16 if track.muted else 0.34)
    _wave(context, r, row, clip)
    ui.paint.frame(r, "accent" if chosen else "p3", px(4), px(1.5) if chosen else 1, 1.0 if chosen else 0.75)
    left = max(r.x, row.x)
    room = min(r.right, row.right) - left
    if room > px(34):
        ui.paint.icon(Rect(left + px(5), r.y, px(16), r.h), NAMES[type(clip.generator)][1], "text", 13)
        place = Rect(left + px(25), r.y, room - px(30), r.h)
        if ui.paint.fits(name_of(clip), place.w, Font.MEDIUM, 13):
            ui.paint.text(place, name_of(clip), "text", font=Font.MEDIUM, size=13)


def _wave(context: Context, r: Rect, row: Rect, clip: Clip) -> None:
    """How often it comes back to its start."""
    pulses = clip.generator.times if isinstance(clip.generator, Pulse) else 1
    rounds = clip.rounds * pulses * (clip.last - clip.first)
    step = context.ui.px(4)
    if rounds / max(r.w, 1) > 1 / (4 * step):
        return
    left, right = max(r.x, row.x), min(r.right, row.right)
    points = []
    x = left
    while x <= right:
        phase = (clip.first + (x - r.x) / r.w * (clip.last - clip.first)) * clip.rounds * pulses
        points.append((x, r.y + r.h / 2 - math.sin(phase * math.tau) * r.h * 0.32))
        x += step
    if len(points) > 1:
        context.ui.paint.curve(points, "p3", max(1.0, context.ui.px(1)), 0.5)


def clip_under(context: Context, desk: Desk, track: Track, x: float) -> tuple[Clip, Part] | None:
    """The clip at a place of the screen, and which part of it."""
    edge = context.ui.px(EDGE)
    for clip in reversed(track.clips):
        left, right = desk.scale.at(clip.start_s), desk.scale.at(clip.end_s)
        grip = min(edge, (right - left) / 4)
        if left - grip / 2 <= x <= right + grip / 2:
            return clip, Part.START if x < left + grip else Part.END if x > right - grip else Part.BODY
    return None
