"""The menus of the timeline: of keys, of clips, of tracks, of what is empty."""

from __future__ import annotations

from dataclasses import replace

from imgui_bundle import imgui

from core.timeline import Between, Space, TargetKind, Track
from core.timeline.arranging import split_clip, without_time
from core.timeline.editing import changed_keys, changed_track, key_at
from visualizer.actions.context import Context
from visualizer.actions.timeline import clips, verbs
from visualizer.actions.timeline.names import target_or_none
from visualizer.panels.common.command_items import draw_command
from visualizer.toolkit.paint import Rect
from visualizer.views.animate.desk import Desk

KEYS, CLIP, TRACK, EMPTY = "##keys", "##clip", "##track", "##empty"
SPACES = {Space.W: "Straight, in w", Space.Z: "Along the sphere, in z"}


def draw_menus(context: Context, desk: Desk) -> None:
    """Those of the sheet; the one that was opened is seen."""
    mouse = imgui.get_io().mouse_pos
    here = Rect(mouse.x, mouse.y, 0, 0)
    context.ui.popup(KEYS, lambda: _keys(context), here)
    context.ui.popup(CLIP, lambda: _clip(context), here)
    context.ui.popup(EMPTY, lambda: _empty(context), here)


def draw_track_menu(context: Context, desk: Desk, track: Track) -> None:
    mouse = imgui.get_io().mouse_pos
    context.ui.popup(TRACK, lambda: _track(context, track), Rect(mouse.x, mouse.y, 0, 0))


def _keys(context: Context) -> None:
    ui, timeline = context.ui, verbs.timeline_of(context)
    keys = context.chosen.all
    found = [key_at(timeline.track(key.path), key.time_s) for key in keys]
    now = {key.between for key in found if key is not None}
    for between in Between:
        if ui.menu_item(between.value.capitalize(), on=now == {between}):
            verbs.set_between(context, between)
    imgui.separator()
    straight = all(key is None or (key.left is None and key.right is None) for key in found)
    if ui.menu_item("Tangents along the neighbours", off=straight):
        free = changed_keys(timeline, keys, lambda key: replace(key, left=None, right=None))
        verbs.change(context, free)
    imgui.separator()
    for name in ("copy-keys", "paste-keys", "duplicate-keys", "delete-keys"):
        draw_command(context, name)


def _clip(context: Context) -> None:
    ui, chosen, timeline = context.ui, context.chosen, verbs.timeline_of(context)
    clip = chosen.chosen_clip(timeline)
    if clip is None or chosen.clip is None:
        imgui.close_current_popup()
        return
    path, now = chosen.clip[0], verbs.now(context)
    inside = clip.start_s < now < clip.end_s
    if ui.menu_item("Split at the playhead", off=not inside):
        verbs.change(context, split_clip(timeline, path, now))
    if ui.menu_item("As long as the timeline"):
        clips.stretch(context, path, clip)
    draw_command(context, "delete-keys")


def _empty(context: Context) -> None:
    ui, timeline = context.ui, verbs.timeline_of(context)
    for name in ("insert-key", "paste-keys", "choose-all-keys"):
        draw_command(context, name)
    draw_add_clip(context)
    imgui.separator()
    whole = timeline.start_s == 0 and timeline.end_s is None
    if ui.menu_item("Cut out what lies from in to out", off=whole):
        end_s = timeline.duration_s if timeline.end_s is None else timeline.end_s
        verbs.change(context, replace(without_time(timeline, timeline.start_s, end_s), start_s=0.0, end_s=None))


def draw_add(context: Context) -> None:
    """The menu behind the plus."""
    draw_command(context, "insert-key")
    draw_add_clip(context)
    draw_command(context, "marker")
    imgui.separator()
    draw_command(context, "open-sound")


def draw_add_clip(context: Context) -> None:
    """A line that opens the list of generators."""
    ui = context.ui
    if not ui.begin_submenu("Add a clip"):
        return
    for choice in clips.CHOICES:
        why_not = choice.why_not(context)
        if ui.menu_item(choice.name, off=why_not != ""):
            clips.add(context, choice)
        if why_not and imgui.is_item_hovered(imgui.HoveredFlags_.allow_when_disabled):
            ui.draw_tooltip(why_not, lock=True)
        elif imgui.is_item_hovered():
            ui.draw_tooltip(choice.tip)
    imgui.end_menu()


def _track(context: Context, track: Track) -> None:
    ui, timeline = context.ui, verbs.timeline_of(context)
    if context.chosen.path != track.path:
        return
    target = target_or_none(track.path)
    if ui.menu_item("Set a key at the playhead", "I"):
        verbs.insert_keys(context, [track.path])
    if ui.menu_item("Choose all of its keys"):
        verbs.choose_track(context, track)
    if ui.menu_item("Mute", on=track.muted):
        verbs.mute(context, [track], not track.muted)
    if target is not None and target.kind in (TargetKind.LATENT, TargetKind.REQUEST):
        imgui.separator()
        for space, words in SPACES.items():
            if ui.menu_item(words, on=track.space is space):
                verbs.change(context, changed_track(timeline, track.path, space=space))
    if target is not None and target.is_number:
        imgui.separator()
        if ui.menu_item("Driven by the sound", on=track.drive is not None, off=timeline.sound is None):
            clips.toggle_drive(context, track.path)
    imgui.separator()
    draw_add_clip(context)
    if ui.menu_item("Remove the track"):
        verbs.remove_track(context, track.path)
