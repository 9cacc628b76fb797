"""What is dragged from the shelf onto the timeline becomes keys."""

from __future__ import annotations

from collections.abc import Sequence

from imgui_bundle import imgui

from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.panels.shelf.drop import dropped
from visualizer.session.time.frames import on_frame
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.desk import Desk
from visualizer.views.animate.lines import Line

LATENT, REQUEST = "latent", "request"


def take_dropped(context: Context, desk: Desk, r: Rect, lines: Sequence[Line]) -> None:
    """Keys at the time where it is let go: of the track under the pointer, else of the latent; with Shift, of the whole
    picture. Of several, a second apart."""
    some = dropped(context, r)
    if not some:
        return
    io, timeline = imgui.get_io(), verbs.timeline_of(context)
    index = int((io.mouse_pos.y - r.y + desk.scroll) // desk.pitch(context.ui.px))
    track = lines[index].track if 0 <= index < len(lines) else None
    path = REQUEST if io.key_shift else track.path if track is not None else LATENT
    time_s = min(max(on_frame(timeline, desk.scale.time(io.mouse_pos.x)), 0.0), timeline.duration_s)
    context.actions.shelf.on_timeline(some, path, time_s)
    context.chosen.path = path
