"""What commands and menus do with the timeline: keys set and removed, copied, stepped through; the playhead moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.request import RenderRequest
from core.timeline import Between, Key, Marker, Timeline, Track
from core.timeline.arranging import with_marker, without_clips
from core.timeline.editing import (
    KeyAt,
    changed_keys,
    copied,
    duplicated,
    key_after,
    key_at,
    key_before,
    moved_to,
    pasted,
    pasted_at,
    with_track,
    with_values,
    without_keys,
    without_track,
)
from visualizer.actions.context import Context
from visualizer.actions.timeline.names import target_or_none, track_path
from visualizer.session.time.frames import frame_at, on_frame, played, time_of

NO_NETWORK = "No network is open."
NO_TRACKS = "Nothing is animated yet; press I over a control."
NO_KEYS = "No key is chosen."
NOTHING_CHOSEN = "No key and no clip is chosen."
NOTHING_COPIED = "No keys were copied."
ANIMATE = "Animate"


def timeline_of(context: Context) -> Timeline:
    return context.session.document.state.timeline


def request_then(context: Context, time_s: float) -> RenderRequest:
    """The picture at a time."""
    return context.session.document.request_at(time_s)


def change(context: Context, timeline: Timeline) -> None:
    """Go on with another timeline."""
    context.session.document.change(timeline=timeline)
    context.chosen.follow(timeline)


def in_animate(context: Context) -> bool:
    return context.settings.workspace == ANIMATE


# ----------------------------------------------------------------------------
# Keys at the playhead.


def now(context: Context) -> float:
    """The time of the playhead's frame."""
    return on_frame(timeline_of(context), context.session.document.time_s)


def insert_keys(context: Context, paths: Iterable[str]) -> None:
    """What the picture has at the playhead is kept there: by the key of its frame, else by a new one.

    The track of a single path is the chosen one then.
    """
    paths, timeline, request = tuple(paths), timeline_of(context), context.session.request
    for path in paths:
        there = key_here(context, path)
        time_s = now(context) if there is None else there.time_s
        timeline = with_values(timeline, [track_path(path)], time_s, request)
    change(context, timeline)
    if len({track_path(path) for path in paths}) == 1:
        context.chosen.path = track_path(paths[0])


def remove_keys(context: Context, path: str) -> None:
    """That of a track at the playhead."""
    key = key_here(context, path)
    if key is not None:
        change(context, without_keys(timeline_of(context), [KeyAt(track_path(path), key.time_s)]))


def key_here(context: Context, path: str) -> Key | None:
    """That of a control's track at the playhead."""
    timeline = timeline_of(context)
    return key_at(timeline.track(track_path(path)), now(context), time_of(timeline, 1) / 2)


def toggle_keys(context: Context, paths: Sequence[str]) -> None:
    """Keys at the playhead, or none any more; what was changed and not kept is kept."""
    loose = any(track_path(path) in context.session.document.loose for path in paths)
    if loose or not any(key_here(context, path) is not None for path in paths):
        insert_keys(context, paths)
        return
    for path in paths:
        remove_keys(context, path)


def insert_key(context: Context) -> None:
    """For the control under the pointer; else for the track that was chosen, else for all tracks."""
    path = context.ui.hovered_path
    if path and target_or_none(track_path(path)) is not None:
        insert_keys(context, [path])
        return
    timeline = timeline_of(context)
    chosen = timeline.track(context.chosen.path)
    insert_keys(context, [chosen.path] if chosen is not None else [track.path for track in timeline.tracks])


def why_not_insert(context: Context) -> str:
    if context.session.loaded is None:
        return NO_NETWORK
    return "" if context.ui.hovered_path or timeline_of(context).tracks else NO_TRACKS


def remove_track(context: Context, *paths: str) -> None:
    change(context, without_track(timeline_of(context), *paths))


def mute(context: Context, tracks: Iterable[Track], muted: bool) -> None:
    timeline = timeline_of(context)
    for track in tracks:
        timeline = with_track(timeline, replace(track, muted=muted))
    change(context, timeline)


# ----------------------------------------------------------------------------
# Chosen keys.


def why_not_keys(context: Context) -> str:
    return "" if context.chosen.keys else NO_KEYS


def why_not_delete(context: Context) -> str:
    return "" if context.chosen.keys or context.chosen.clip else NOTHING_CHOSEN


def delete(context: Context) -> None:
    """The chosen keys, or the chosen clip."""
    chosen, timeline = context.chosen, timeline_of(context)
    clip = chosen.chosen_clip(timeline)
    if clip is not None and chosen.clip is not None:
        change(context, without_clips(timeline, chosen.clip[0], clip))
    else:
        change(context, without_keys(timeline, chosen.all))
    chosen.clear()


def copy_keys(context: Context) -> None:
    context.chosen.copied = copied(timeline_of(context), context.chosen.all)


def why_not_paste(context: Context) -> str:
    return "" if context.chosen.copied.tracks else NOTHING_COPIED


def paste_keys(context: Context) -> None:
    """At the playhead, over what is there."""
    chosen, time_s = context.chosen, now(context)
    change(context, pasted(timeline_of(context), chosen.copied, time_s))
    chosen.choose(pasted_at(chosen.copied, time_s))


def duplicate_keys(context: Context) -> None:
    """At the playhead, from the first of them on."""
    chosen, timeline = context.chosen, timeline_of(context)
    by_s = now(context) - min(key.time_s for key in chosen.all)
    by_s = by_s or time_of(timeline, 1)
    keys = chosen.all
    change(context, duplicated(timeline, keys, by_s))
    chosen.choose(moved_to(keys, by_s))


def choose_all(context: Context) -> None:
    tracks = timeline_of(context).tracks
    context.chosen.choose(KeyAt(track.path, key.time_s) for track in tracks for key in track.keys)


def choose_track(context: Context, track: Track) -> None:
    """All keys of a track."""
    context.chosen.choose(KeyAt(track.path, key.time_s) for key in track.keys)


def set_between(context: Context, between: Between) -> None:
    """What lies between the chosen keys and those after them."""
    keys = context.chosen.all
    change(context, changed_keys(timeline_of(context), keys, lambda key: replace(key, between=between)))


# ----------------------------------------------------------------------------
# The playhead.


def move_to_frame(context: Context, frame: int) -> None:
    timeline = timeline_of(context)
    last = max(0, timeline.frames - 1)
    context.session.document.move_to(time_of(timeline, min(max(frame, 0), last)))


def step_frames(context: Context, by: int) -> None:
    context.playback.stop()
    move_to_frame(context, frame_at(timeline_of(context), context.session.document.time_s) + by)


def go_to_start(context: Context) -> None:
    move_to_frame(context, played(timeline_of(context)).start)


def go_to_end(context: Context) -> None:
    context.playback.stop()
    move_to_frame(context, played(timeline_of(context)).stop - 1)


def go_to_key(context: Context, direction: int) -> None:
    """The key after the playhead (1), or before it (-1), of any track."""
    find = key_after if direction > 0 else key_before
    timeline = timeline_of(context)
    time_s = find(timeline, context.session.document.time_s)
    if time_s is not None:
        context.playback.stop()
        context.session.document.move_to(time_s)


def why_not_keys_ahead(context: Context, direction: int) -> str:
    timeline = timeline_of(context)
    if not timeline.tracks:
        return NO_TRACKS
    find = key_after if direction > 0 else key_before
    there = find(timeline, context.session.document.time_s) is not None
    return "" if there else "There is no key " + ("after" if direction > 0 else "before") + " the playhead."


def add_marker(context: Context) -> None:
    """At the playhead."""
    timeline, time_s = timeline_of(context), now(context)
    if all(abs(marker.time_s - time_s) > time_of(timeline, 1) / 2 for marker in timeline.markers):
        change(context, with_marker(timeline, Marker(time_s)))


def toggle_loop(context: Context) -> None:
    timeline = timeline_of(context)
    change(context, replace(timeline, loop=not timeline.loop))
