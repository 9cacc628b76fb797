"""The sound of the timeline as users choose, move and time it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.audio.reading import SOUND_FILES
from core.timeline import SoundTrack
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.session.time.sounds import Heard, allowed_bpm

NO_SOUND = "The timeline has no sound."


def choose(context: Context) -> None:
    """Ask for a file."""
    context.actions.choose_file("Sound of the timeline", SOUND_FILES, lambda path: open_sound(context, path))


def open_sound(context: Context, path: Path) -> None:
    """Put a file under the timeline, if it can be read, and show it there."""

    def take(heard: Heard) -> None:
        sound = SoundTrack(str(path), digest=heard.sound.digest)
        verbs.change(context, replace(verbs.timeline_of(context), sound=sound))
        context.prefer(workspace=verbs.ANIMATE)
        for note in heard.sound.notes:
            context.session.say(note)

    context.sounds.read(context.session, path, take)


def why_not_remove(context: Context) -> str:
    return "" if verbs.timeline_of(context).sound is not None else NO_SOUND


def remove(context: Context) -> None:
    verbs.change(context, replace(verbs.timeline_of(context), sound=None))


def change(context: Context, **fields: float) -> None:
    """Another place, loudness, tempo or first beat."""
    timeline = verbs.timeline_of(context)
    if timeline.sound is not None:
        sound = replace(timeline.sound, **fields)  # type: ignore[arg-type]
        verbs.change(context, replace(timeline, sound=sound))


def scale_tempo(context: Context, factor: float) -> None:
    """Twice or half the tempo that is there."""
    sound = verbs.timeline_of(context).sound
    bpm = context.sounds.bpm(sound) if sound is not None else 0.0
    if bpm:
        set_tempo(context, bpm * factor)


def set_tempo(context: Context, bpm: float) -> None:
    """A tempo that was typed, through the first beat that there is."""
    sound, heard = verbs.timeline_of(context).sound, context.sounds.heard
    if sound is None:
        return
    first_s = sound.first_beat_s
    if not sound.bpm and heard is not None and len(heard.rhythm.beats_s):
        first_s = float(heard.rhythm.beats_s[0])
    change(context, bpm=allowed_bpm(bpm) if bpm > 0 else 0.0, first_beat_s=first_s)
