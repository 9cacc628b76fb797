"""Keys of the timeline in the gutters of rows: a diamond that tells, and that sets or removes one."""

from __future__ import annotations

from collections.abc import Sequence

from core.timeline import Track
from core.timeline.targets import Target
from visualizer.actions.context import Context
from visualizer.actions.timeline import clips, verbs
from visualizer.actions.timeline.names import target_or_none, track_path
from visualizer.toolkit.ui import Mark

ORDER = (Mark.CHANGED, Mark.KEY, Mark.ANIMATED, Mark.NONE)
TIPS = {
    Mark.NONE: "Animate: a key at the playhead (I)",
    Mark.ANIMATED: "Animated; a click sets a key at the playhead (I)",
    Mark.KEY: "A key at the playhead; a click removes it",
    Mark.CHANGED: "Changed, and not kept: a click sets a key at the playhead (I)",
}


def mark_of(context: Context, paths: Sequence[str]) -> Mark | None:
    """What the timeline has for a control at the playhead; None where the window does not show it.

    paths: of what it sets; of several, what tells most.
    """
    if not verbs.timeline_of(context).tracks and not verbs.in_animate(context):
        return None
    marks = {_mark(context, path) for path in paths}
    return next((mark for mark in ORDER if mark in marks), None)


def _mark(context: Context, path: str) -> Mark | None:
    document, own = context.session.document, track_path(path)
    track = document.state.timeline.track(own)
    if track is None:
        return Mark.NONE if target_or_none(own) is not None else None
    if own in document.loose:
        return Mark.CHANGED
    return Mark.KEY if verbs.key_here(context, path) is not None else Mark.ANIMATED


def draw_path_menu(context: Context, path: str) -> None:
    """Lines for what a control sets, in its menu."""
    own = track_path(path)
    target = target_or_none(own)
    if target is None or context.session.loaded is None:
        return
    ui, track = context.ui, verbs.timeline_of(context).track(own)
    why_not = target.missing(context.session.request, context.session.info)
    if track is None:
        if ui.menu_item("Animate", "I", off=why_not != ""):
            verbs.insert_keys(context, [path])
        _draw_drive(context, target, None)
        return
    here = verbs.key_here(context, path) is not None
    if ui.menu_item("Insert key", "I", off=why_not != ""):
        verbs.insert_keys(context, [path])
    if ui.menu_item("Remove key", off=not here):
        verbs.remove_keys(context, path)
    _draw_drive(context, target, track)
    if ui.menu_item("Remove its animation"):
        verbs.remove_track(context, own)


def _draw_drive(context: Context, target: Target, track: Track | None) -> None:
    """A line that has the sound drive a number, or no longer."""
    if target.is_number and verbs.timeline_of(context).sound is not None:
        driven = track is not None and track.drive is not None
        if context.ui.menu_item("Driven by the sound", on=driven):
            clips.toggle_drive(context, target.path)
