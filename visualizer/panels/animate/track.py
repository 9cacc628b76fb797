"""Track: what is chosen in the timeline: the key, the clip, the drive by the sound."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from core.base.control import Control, Kind, switch
from core.base.text import plural
from core.timeline import Between, Clip, Generator, LatentWalk, Pulse, Timeline, Track
from core.timeline.editing import changed_keys, key_at, moved_keys, moved_to
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.timeline import clips, verbs
from visualizer.actions.timeline.names import target_or_none
from visualizer.panels.common.keys.track_words import words_of
from visualizer.toolkit.style import Font

NOTHING = "Choose a track, a key or a clip in the timeline."
SOUND_NEEDED = "The timeline has no sound: drop a file on the window, or open one with +."
DRIVEN = switch("Driven", "A band of the sound is added to the value")
TIME = Control(label="Time", range=(0, 7200), format="%.3f", unit="s", step=0.01, tip="Of the key, in seconds")
ROUNDS = Control(label="Rounds", default=1, kind=Kind.WHOLE, range=(1, 999), format="%d",
                 tip="How often it goes through in its duration")  # fmt: skip
CONTROLS = {  # of what generators and drives have, by their fields
    "centre": Control(label="Seed", kind=Kind.WHOLE, default=0, range=(0, 2**32 - 1), format="%d",
                      tip="Whose z is in the middle"),
    "first": Control(label="Towards", kind=Kind.WHOLE, default=1, range=(0, 2**32 - 1), format="%d",
                     tip="The seed in whose direction the circle begins"),
    "second": Control(label="And", kind=Kind.WHOLE, default=2, range=(0, 2**32 - 1), format="%d",
                      tip="The seed that gives the circle its plane"),
    "seed": Control(label="Seed", kind=Kind.WHOLE, default=0, range=(0, 2**32 - 1), format="%d", tip="Of the noise"),
    "smoothing_s": Control(label="Smooth", default=1.0, range=(0.05, 10), unit="s", power=2,
                           tip="Standard deviation of the Gaussian that smooths it"),
    "low": Control(label="From", default=0.3, range=(-1000, 1000), step=0.01, tip="The value at its start"),
    "high": Control(label="To", default=1.0, range=(-1000, 1000), step=0.01, tip="The value in the middle of a wave"),
    "times": Control(label="Waves", default=1, kind=Kind.WHOLE, range=(1, 999), format="%d", tip="In a round"),
    "radius": Control(label="Radius", default=0.1, range=(0, 2), format="%.3f", power=2, tip="In picture widths"),
    "turns": Control(label="Circles", default=1, kind=Kind.WHOLE, range=(-99, 99), format="%d",
                     tip="Around the centre"),
    "spins": Control(label="Turns", default=0, kind=Kind.WHOLE, range=(-99, 99), format="%d", tip="Around itself"),
    "low_hz": Control(label="Low", default=20.0, range=(0, 20_000), format="%.0f", unit="Hz", power=3,
                      tip="Lower end of the band"),
    "high_hz": Control(label="High", default=200.0, range=(10, 20_000), format="%.0f", unit="Hz", power=3,
                       tip="Upper end of the band"),
    "amount": Control(label="Amount", default=1.0, range=(-100, 100), step=0.01,
                      tip="What the loudest moments add to the value"),
    "attack_s": Control(label="Attack", default=0.01, range=(0, 5), format="%.3f", unit="s", power=3,
                        tip="How long a rise takes for 63 % of its way"),
    "release_s": Control(label="Release", default=0.15, range=(0, 10), unit="s", power=3,
                         tip="How long a fall takes for 63 % of its way"),
}  # fmt: skip
DIAMETERS = {
    "Circle": Control(label="Diameter", default=100.0, range=(0, 1000), format="%.0f", power=2,
                      tip="Of the circle in z"),
    "NoiseLoop": Control(label="Lively", default=2.0, range=(0.05, 20), power=2,
                         tip="Diameter of the circle in the noise: larger moves more"),
}  # fmt: skip
BOXED = ("low", "high", "amount")  # without a range that a slider could show
ONSETS = switch("Onsets", "Pulses at what begins in the band, in place of how loud it is")
STEPPED = ("centre", "first", "second", "seed", "times", "turns", "spins")


class TrackPanel:
    title = "Track"
    icon = icons.CHART_LINE

    def summary(self, context: Context) -> str:
        target = target_or_none(context.chosen.path) if context.chosen.path else None
        return target.label if target is not None else ""

    def changed(self, context: Context) -> bool:
        return False

    def reset(self, context: Context) -> None:
        """Nothing of it is a default: what is animated is made."""

    def draw(self, context: Context) -> None:
        ui, timeline = context.ui, verbs.timeline_of(context)
        ui.gap(8)
        track = timeline.track(context.chosen.path)
        if track is None:
            height = ui.paint.wrapped(ui.x, ui.y, ui.w, NOTHING, size=14)
            ui.y += height
            ui.gap(10)
            return
        target = target_or_none(track.path)
        ui.paint.text(ui.take(22), target.label if target is not None else track.path, font=Font.MEDIUM)
        clip = context.chosen.chosen_clip(timeline)
        if clip is not None and context.chosen.clip is not None:
            self._clip(context, context.chosen.clip[0], clip)
        else:
            self._keys(context, timeline, track)
        if target is not None and target.is_number:
            self._drive(context, timeline, track)
        ui.gap(6)

    # -- Keys -----------------------------------------------------------------

    def _keys(self, context: Context, timeline: Timeline, track: Track) -> None:
        ui, chosen = context.ui, context.chosen.all
        if not chosen:
            words = f"{plural(len(track.keys), 'key')}, {plural(len(track.clips), 'clip')}"
            ui.paint.text(ui.take(24), words, "text_dim", size=14)
            return
        found = [key_at(timeline.track(key.path), key.time_s) for key in chosen]
        kinds = {key.between for key in found if key is not None}
        row = ui.row("Then")
        shown = next(iter(kinds)).value.capitalize() if len(kinds) == 1 else "Several"

        def menu() -> None:
            for between in Between:
                if ui.menu_item(between.value.capitalize(), on=kinds == {between}):
                    verbs.set_between(context, between)

        ui.combo("Then", shown, at=row.area, menu=menu, tip="What lies between the chosen keys and those after them")
        (key, *others) = found
        if key is None or others:
            ui.paint.text(ui.take(24), f"{len(found)} keys are chosen", "text_dim", size=14)
            return
        row = ui.row("Time")
        time_s = ui.number(TIME, key.time_s, row=row, name="Time of the key")
        if time_s != key.time_s:
            verbs.change(context, moved_keys(timeline, chosen, time_s - key.time_s))
            context.chosen.choose(moved_to(chosen, time_s - key.time_s))
        self._value(context, timeline, track)

    def _value(self, context: Context, timeline: Timeline, track: Track) -> None:
        """Of the one chosen key."""
        ui, session, (at,) = context.ui, context.session, context.chosen.all
        target, key = target_or_none(at.path), key_at(timeline.track(at.path), at.time_s)
        if target is None or key is None or at.path != track.path:
            return
        row, parameter, value = ui.row("Value"), target.parameter, key.value
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if parameter is None or not target.is_number or not isinstance(value, int | float) or not number:
            words = words_of(target, value, session.request, session.info) or target.kind.value.capitalize()
            ui.paint.text(row.area, words, size=14)
            return
        control = parameter.fitted(session.info, session.request)
        start = control.default if isinstance(control.default, int | float) else 0.0
        new = ui.number(replace(control, default=start), value, row=row, name="Value of the key")
        if new != value:
            new = round(new) if control.whole else float(new)
            verbs.change(context, changed_keys(timeline, [at], lambda key: replace(key, value=new)))

    # -- Clips ----------------------------------------------------------------

    def _clip(self, context: Context, path: str, clip: Clip) -> None:
        ui = context.ui
        ui.paint.text(ui.take(24), _clip_words(clip), "text_dim", size=14)
        row = ui.row("Rounds", changed=clip.rounds != 1)
        rounds = int(ui.number(ROUNDS, clip.rounds, row=row, stepper=True, name="Rounds"))
        new = replace(clip, rounds=rounds, generator=self._fields(context, clip.generator))
        if isinstance(clip.generator, LatentWalk):
            count = len(clip.generator.latents)
            ui.paint.text(ui.take(24), f"{count} latents, and back to the first", "text_dim", size=14)
        if new != clip:
            clips.replace_clip(context, path, clip, new)

    def _fields(self, context: Context, generator: Generator) -> Generator:
        """Its few values, in rows."""
        for name in (field.name for field in fields(generator)):
            control = CONTROLS.get(name)
            if name == "diameter":
                control = DIAMETERS[type(generator).__name__]
            if control is None or (name == "first" and isinstance(generator, Pulse)):
                continue
            new = self._number(context, control, name, getattr(generator, name))
            changed: dict[str, Any] = {name: new}
            generator = replace(generator, **changed)
        return generator

    def _number(self, context: Context, control: Control, name: str, value: float) -> float:
        ui = context.ui
        row = ui.row(control.label, changed=value != control.default)
        if name in BOXED or name in STEPPED:
            new = ui.number(control, value, row=row, stepper=name in STEPPED)
        else:
            new = ui.slider(control, value, row=row)
        return round(new) if control.whole else new

    # -- The sound ------------------------------------------------------------

    def _drive(self, context: Context, timeline: Timeline, track: Track) -> None:
        ui = context.ui
        off = "" if timeline.sound is not None else SOUND_NEEDED
        ui.separator()
        row = ui.row("By sound", off=off)
        on = ui.toggle(DRIVEN, track.drive is not None, at=row.area, off=off)
        if on != (track.drive is not None):
            clips.toggle_drive(context, track.path)
        drive = track.drive
        if drive is None:
            return
        new = drive
        for name in ("low_hz", "high_hz", "amount", "attack_s", "release_s"):
            control = CONTROLS[name]
            if name == "amount":
                control = replace(control, default=clips.amount_of(track.path))
            changed: dict[str, Any] = {name: self._number(context, control, name, getattr(new, name))}
            new = replace(new, **changed)
        row = ui.row("Onsets", changed=drive.onsets)
        new = replace(new, onsets=ui.toggle(ONSETS, drive.onsets, at=row.area) and not row.reset)
        if new != drive:
            if new.high_hz <= new.low_hz:
                new = replace(new, high_hz=new.low_hz + 10.0)
            clips.set_drive(context, track, new)


def _clip_words(clip: Clip) -> str:
    name = next(choice.name for choice in clips.CHOICES if choice.of is type(clip.generator))
    return f"{name}, {clip.duration_s:.2f} s"
