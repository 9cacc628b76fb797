"""Clips as they are added: which generators there are, and for what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.request import SEEDS_PER_ROW, RenderRequest, SeedPoint
from core.timeline import (
    Circle,
    Clip,
    Drive,
    Generator,
    LatentWalk,
    NoiseLoop,
    Orbit,
    Pulse,
    RandomWalk,
    TargetKind,
    Track,
    target_of,
)
from core.timeline.arranging import changed_clip, clip_at, resized_clip, with_clip
from core.timeline.editing import changed_track, with_track
from visualizer.actions.context import Context
from visualizer.actions.timeline import verbs
from visualizer.actions.timeline.names import target_or_none
from visualizer.session.seeds import random_seed

LATENT, TRANSFORM, PSI = "latent", "transform", "truncation.psi"
WALKED = 4  # latents of a walk through seeds
NOTHING_KEPT = "Keep two pictures or more on the shelf first (K)."
DRIVEN = 0.1  # of the range of a value, that the loudest moments add at first


@dataclass(frozen=True)
class Choice:
    """A generator that can be added."""

    name: str
    tip: str
    make: Callable[[Context], Generator]
    path: str  # of the track that it goes to, if the chosen one takes no such values
    kind: TargetKind  # that it gives
    of: type[Generator]
    lacks: Callable[[Context], str] = lambda context: ""  # what is needed besides, and not there

    def why_not(self, context: Context) -> str:
        """Why it cannot be added; "": it can."""
        if context.session.loaded is None:
            return verbs.NO_NETWORK
        missing = target_of(self.path_for(context)).missing(context.session.request, context.session.info)
        return missing or self.lacks(context)

    def path_for(self, context: Context) -> str:
        """Of the chosen track, if it takes this."""
        chosen = target_or_none(context.chosen.path) if context.chosen.path else None
        if chosen is None:
            return self.path
        takes = chosen.is_number if self.kind is TargetKind.NUMBER else chosen.kind is self.kind
        return chosen.path if takes else self.path


def _kept(context: Context) -> list[RenderRequest]:
    """What is on the shelf of the network that is shown, in order."""
    state = context.session.document.state
    return [each.request for each in state.shelf if each.request.network == state.request.network]


def _why_not_shelf(context: Context) -> str:
    return "" if len(_kept(context)) >= 2 else NOTHING_KEPT


def _walk_shelf(context: Context) -> Generator:
    """Through what was kept, with its classes."""
    kept = _kept(context)
    classed = any(each.label is not None for each in kept)
    labels = tuple(each.label for each in kept) if classed else ()
    return LatentWalk(tuple(each.latent for each in kept), labels)


def _walk_seeds(context: Context) -> Generator:
    """From the shown latent through random seeds."""
    seeds = [SeedPoint(float(random_seed())) for _ in range(WALKED - 1)]
    return LatentWalk((context.session.request.latent, *seeds))


def _circle(context: Context) -> Generator:
    seed = _seed(context)
    return Circle(seed, seed + 1, seed + 2)


def _seed(context: Context) -> int:
    point = context.session.point
    return max(0, round(point.x) + SEEDS_PER_ROW * round(point.y))


def _pulse(context: Context) -> Generator:
    target = target_or_none(context.chosen.path) if context.chosen.path else None
    value = target.get(context.session.request) if target is not None and target.is_number else None
    if target is None or target.path == PSI or not isinstance(value, int | float):
        return Pulse()
    span = target.parameter.range if target.parameter is not None else (0.0, 1.0)
    width = span[1] - span[0]
    return Pulse(float(value), min(float(value) + (width / 4 if width < 1e6 else 1.0), span[1]))


CHOICES = (
    Choice("Walk through the shelf", "From each kept picture to the next, and from the last to the first", _walk_shelf,
           LATENT, TargetKind.LATENT, LatentWalk, _why_not_shelf),
    Choice("Walk through seeds", "From what is shown through random seeds, and back", _walk_seeds, LATENT,
           TargetKind.LATENT, LatentWalk),
    Choice("Circle around a seed", "Around the z of a seed, and back to where it began", _circle, LATENT,
           TargetKind.LATENT, Circle),
    Choice("Noise loop", "All numbers of z drift by smooth noise, and meet their start", lambda c: NoiseLoop(_seed(c)),
           LATENT, TargetKind.LATENT, NoiseLoop),
    Choice("Random walk", "A smoothed random walk through z that meets its start", lambda c: RandomWalk(_seed(c)),
           LATENT, TargetKind.LATENT, RandomWalk),
    Choice("Pulse", "A number between two values, up and down", _pulse, PSI, TargetKind.NUMBER, Pulse),
    Choice("Orbit", "The picture moves on a circle, and turns", lambda c: Orbit(), TRANSFORM,
           TargetKind.TRANSFORM, Orbit),
)  # fmt: skip


def add(context: Context, choice: Choice) -> None:
    """From the playhead to the end, or to the next clip; the whole timeline, if the playhead is at its end.

    A timeline that begins with one is a loop, as all of them meet their start.
    """
    timeline, path = verbs.timeline_of(context), choice.path_for(context)
    if not timeline.tracks:
        timeline = replace(timeline, loop=True)
    track = timeline.track(path)
    start_s = verbs.now(context)
    if track is not None and (under := clip_at(track, start_s)) is not None:
        start_s = under.end_s
    later = [clip.start_s for clip in track.clips if clip.start_s > start_s] if track is not None else []
    end_s = min([timeline.duration_s, *later])
    if end_s - start_s < float(1 / timeline.rate):
        start_s, end_s = 0.0, timeline.duration_s
    clip = Clip(start_s, end_s - start_s, choice.make(context))
    verbs.change(context, with_clip(timeline, path, clip))
    context.chosen.choose_clip(path, clip)


def stretch(context: Context, path: str, clip: Clip) -> None:
    """A clip from the start of the timeline to its end."""
    timeline = verbs.timeline_of(context)
    context.chosen.clip = path, 0.0
    verbs.change(context, resized_clip(timeline, path, clip, start_s=0.0, end_s=timeline.duration_s))


def replace_clip(context: Context, path: str, clip: Clip, new: Clip) -> None:
    """Another generator, or another number of rounds."""
    verbs.change(context, changed_clip(verbs.timeline_of(context), path, clip, new))


def amount_of(path: str) -> float:
    """What the loudest moments add to a number at first: enough to be seen."""
    target = target_or_none(path)
    low, high = target.parameter.range if target is not None and target.parameter is not None else (0.0, 10.0)
    return float(f"{(high - low) * DRIVEN:.2g}")


def toggle_drive(context: Context, path: str) -> None:
    """Have the sound drive a number, which gets a track if it has none; or no longer."""
    timeline = verbs.timeline_of(context)
    track = timeline.track(path) or Track(path)
    context.chosen.path = path
    if track.drive is None:
        verbs.change(context, with_track(timeline, replace(track, drive=Drive(amount=amount_of(path)))))
    elif track.keys or track.clips:
        verbs.change(context, changed_track(timeline, path, drive=None))
    else:
        verbs.remove_track(context, path)


def set_drive(context: Context, track: Track, drive: Drive) -> None:
    """Another band, amount, attack or release."""
    verbs.change(context, changed_track(verbs.timeline_of(context), track.path, drive=drive))
