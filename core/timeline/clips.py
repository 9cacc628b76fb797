"""Clips: what moves by a rule for a while, the same each time, and meets its own start at its end. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.request import Label, Latent


@dataclass(frozen=True)
class LatentWalk:
    """From one latent to the next, and from the last to the first. Of seeds, or of what was kept."""

    latents: tuple[Latent, ...]
    labels: tuple[Label, ...] = ()  # of the latents, where they have any


@dataclass(frozen=True)
class Circle:
    """Around the z of one seed, in the plane of the directions to two others (behaviour 13)."""

    centre: int = 0
    first: int = 1
    second: int = 2
    diameter: float = 100.0  # of z


@dataclass(frozen=True)
class NoiseLoop:
    """Each number of z by simplex noise along a circle."""

    seed: int = 0
    diameter: float = 2.0  # of the circle in the noise: larger is more lively


@dataclass(frozen=True)
class RandomWalk:
    """Gaussian z over time, smoothed by a Gaussian that wraps."""

    seed: int = 0
    smoothing_s: float = 1.0  # standard deviation


@dataclass(frozen=True)
class Pulse:
    """A number between two values, by a cosine (behaviour 13, pulsating psi)."""

    low: float = 0.3
    high: float = 1.0
    times: int = 1  # whole waves in the clip


@dataclass(frozen=True)
class Orbit:
    """The transform on a circle and around itself."""

    radius: float = 0.1  # picture widths
    turns: int = 1  # whole ones around the circle
    spins: int = 0  # whole ones around itself


Generator: TypeAlias = LatentWalk | Circle | NoiseLoop | RandomWalk | Pulse | Orbit


@dataclass(frozen=True)
class Clip:
    """A generator for a while."""

    start_s: float
    duration_s: float
    generator: Generator
    rounds: int = 1  # how often it goes through in its duration
    first: float = 0.0  # 0..1, where on that way it begins: a part of a clip that was cut
    last: float = 1.0

    @property
    def end_s(self) -> float:
        return self.start_s + self.duration_s
