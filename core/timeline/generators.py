"""The value of a clip at a time: seeded, and seamless over its way in value and slope. Imports no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from core.parameters.adaptation import takes, takes_label
from core.request import Label, Latent, ModelInfo, RenderRequest, Space, ZVector
from core.request.mixtures import mixture
from core.request.placement import Placement
from core.request.seeds import z_of
from core.timeline.between import LatentPlace, through
from core.timeline.clips import Circle, Clip, Generator, LatentWalk, NoiseLoop, Orbit, Pulse, RandomWalk
from core.timeline.simplex import DEVIATION, simplex
from core.timeline.targets import Nothing, Target, TargetKind
from core.timeline.timeline import KeyValue

Floats = npt.NDArray[np.float64]

REMEMBERED = 64  # of what is drawn for a generator
MAX_WAVES = 256  # of a random walk
FADED = 1e-4  # a wave of this size is not seen

# What can lie on a track, by its kind.
OF_NUMBERS: tuple[type[Generator], ...] = (Pulse,)
OF_LATENTS: tuple[type[Generator], ...] = (LatentWalk, Circle, NoiseLoop, RandomWalk)


def generators_for(target: Target) -> tuple[type[Generator], ...]:
    """Which generators a track takes."""
    match target.kind:
        case TargetKind.NUMBER | TargetKind.WHOLE | TargetKind.ANGLE:
            return OF_NUMBERS
        case TargetKind.LATENT:
            return OF_LATENTS
        case TargetKind.TRANSFORM:
            return (Orbit,)
    return ()


def value_of(
    clip: Clip, time_s: float, target: Target, request: RenderRequest, info: ModelInfo | None, space: Space
) -> KeyValue | Nothing:
    """What a clip says at a time within it. Nothing where its generator does not belong to the track, or where z is
    drawn and no network tells how many numbers that has.

    request: what is under the track.
    """
    way = clip.first + (clip.last - clip.first) * (time_s - clip.start_s) / clip.duration_s
    rounds = max(clip.rounds, 1)
    at = way * rounds % 1.0
    if type(clip.generator) not in generators_for(target):
        return Nothing.NOTHING
    match clip.generator:
        case Pulse() as pulse:
            return _pulse(pulse, at)
        case Orbit() as orbit:
            return _orbit(orbit, at, request)
        case LatentWalk() as walk:
            return _walk(walk, at, info, space)
        case Circle() as circle if info is not None and info.codes is None:
            return _latent(_circle(circle, at, info), circle.centre, request, info)
        case NoiseLoop() as loop if info is not None and info.codes is None:
            return _latent(_noise_loop(loop, at, info.z_dim), loop.seed, request, info)
        case RandomWalk() as walk if info is not None and info.codes is None:
            length_s = clip.duration_s / max(clip.last - clip.first, FADED) / rounds
            return _latent(_random_walk(walk, at, length_s, info.z_dim), walk.seed, request, info)
    return Nothing.NOTHING


def why_not(clip: Clip, target: Target, info: ModelInfo | None) -> str:
    """Why a clip says nothing on a track; "": it does."""
    if type(clip.generator) not in generators_for(target):
        return "This track takes no such clip."
    if isinstance(clip.generator, LatentWalk):
        taken = info is None or any(takes(info, latent) for latent in clip.generator.latents)
        return "" if taken and clip.generator.latents else "It has no latents that this network takes."
    of_z = isinstance(clip.generator, Circle | NoiseLoop | RandomWalk)
    return "This network takes codes, not a z." if of_z and info is not None and info.codes is not None else ""


# ----------------------------------------------------------------------------
# Numbers, and the transform.


def _pulse(pulse: Pulse, at: float) -> float:
    """(cos(2 pi t) + A) / B, from the low value over the high one and back."""
    return (pulse.low + pulse.high) / 2 + (pulse.low - pulse.high) / 2 * math.cos(2 * math.pi * pulse.times * at)


def _orbit(orbit: Orbit, at: float, request: RenderRequest) -> KeyValue:
    placement = Placement.of(request.transform) or Placement()
    angle = 2 * math.pi * orbit.turns * at
    x, y = placement.x + orbit.radius * math.cos(angle), placement.y + orbit.radius * math.sin(angle)
    return replace(placement, x=x, y=y, degrees=placement.degrees + 360 * (orbit.spins * at % 1)).matrix


# ----------------------------------------------------------------------------
# Latents.


def _walk(walk: LatentWalk, at: float, info: ModelInfo | None, space: Space) -> Latent | Nothing:
    """Along the curve through the latents that the network takes, which closes."""
    stops = _stops(walk, info)
    if not stops:
        return Nothing.NOTHING
    index, part = int(at * len(stops)), at * len(stops) % 1.0
    before, left, right, after = (LatentPlace(float(i), stops[(index + i) % len(stops)]) for i in (-1, 0, 1, 2))
    return left.latent if part == 0 else through(before, left, right, after, part, space)


def _stops(walk: LatentWalk, info: ModelInfo | None) -> list[Latent]:
    labels: tuple[Label, ...] = (*walk.labels, *(None,) * len(walk.latents))
    stops: list[Latent] = []
    for latent, label in zip(walk.latents, labels, strict=False):
        if info is None or takes(info, latent):
            known = label if info is None or takes_label(info, label) else None
            stops.append(latent if known is None else mixture([(latent, 1.0, known)]))
    return stops


def _latent(z: Floats, seed: int, request: RenderRequest, info: ModelInfo) -> Latent:
    """A z; where classes are drawn from seeds, with that of its seed."""
    latent = ZVector(tuple(z.astype(np.float32).tolist()))
    if not info.c_dim or request.label is not None:
        return latent
    return mixture([(latent, 1.0, z_of(seed, info.z_dim, info.c_dim, info.z_bound)[1])])


def _circle(circle: Circle, at: float, info: ModelInfo) -> Floats:
    """z_a + r sin(2 pi t) u + r cos(2 pi t) v, with u and v the directions from a to b and to c."""
    centre, u, v = _axes(circle.centre, circle.first, circle.second, info.z_dim, info.c_dim, info.z_bound)
    angle = 2 * math.pi * at
    return centre + circle.diameter / 2 * (math.sin(angle) * u + math.cos(angle) * v)


@lru_cache(REMEMBERED)
def _axes(a: int, b: int, c: int, z_dim: int, c_dim: int, bound: float) -> tuple[Floats, Floats, Floats]:
    """The centre, and the unit vectors to the two others."""
    centre, first, second = (z_of(seed, z_dim, c_dim, bound)[0].astype(np.float64) for seed in (a, b, c))
    u, v = (other - centre for other in (first, second))
    return centre, u / (np.linalg.norm(u) or 1.0), v / (np.linalg.norm(v) or 1.0)


def _noise_loop(loop: NoiseLoop, at: float, z_dim: int) -> Floats:
    """Each number of z along the same circle, in another place of the noise; of variance 1 over many seeds."""
    places = np.random.RandomState(loop.seed & 0xFFFFFFFF).uniform(0, 256, (2, z_dim))
    angle, radius = 2 * math.pi * at, loop.diameter / 2
    return simplex(places[0] + radius * math.cos(angle), places[1] + radius * math.sin(angle), loop.seed) / DEVIATION


@dataclass(frozen=True, eq=False)
class _Waves:
    """A random walk that closes, as the waves it is made of."""

    cosines: Floats  # [waves, z_dim]
    sines: Floats


def _random_walk(walk: RandomWalk, at: float, length_s: float, z_dim: int) -> Floats:
    """White noise around a circle, smoothed by a Gaussian, and brought to variance 1: its Fourier series, in which the
    wave that goes round k times is drawn from a normal distribution of the size exp(-(2 pi k s / length)^2 / 2)."""
    waves = _waves(walk.seed, round(2 * math.pi * max(walk.smoothing_s, 0.0) / length_s, 9), z_dim)
    angles = 2 * math.pi * at * np.arange(len(waves.cosines))
    z: Floats = np.cos(angles) @ waves.cosines + np.sin(angles) @ waves.sines
    return z


@lru_cache(REMEMBERED)
def _waves(seed: int, decay: float, z_dim: int) -> _Waves:
    count = MAX_WAVES if decay <= 0 else min(math.ceil(math.sqrt(-2 * math.log(FADED)) / decay), MAX_WAVES)
    k = np.arange(count + 1)
    sizes = np.exp(-((decay * k) ** 2) / 2)
    sizes[0] /= math.sqrt(2)  # which has no sine
    sizes /= np.linalg.norm(sizes)
    random = np.random.RandomState(seed & 0xFFFFFFFF)
    drawn = random.randn(count + 1, 2, z_dim) * sizes[:, None, None]
    return _Waves(drawn[:, 0], drawn[:, 1])
