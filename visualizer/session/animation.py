"""What moves by itself, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.base.control import Control, switch
from core.request import ModelInfo, NoiseMode, RenderRequest, SeedPoint, StyleSource
from core.request.placement import Placement
from core.timeline import Between
from core.timeline.between import mixed_requests
from core.timeline.curves import eased

WALK = switch("Animate", "Walk along x by itself (Space)")
WALK_SPEED = Control(label="Speed", default=0.25, range=(-5, 5), format="%+.2f", unit="/s", zero=0, power=3,
                     tip="Seeds per second")  # fmt: skip
MIX = switch("Animate", "Walk along x of the seed map by itself")
NOISE = switch("Animate", "Run through the noise seeds")
NOISE_SPEED = Control(label="Speed", default=2.0, range=(0.5, 60), format="%.1f", unit="/s", power=2,
                      tip="Noise seeds per second")  # fmt: skip
ORBIT = switch("Orbit", "Move on a circle around the centre")
ORBIT_SPEED = Control(label="Orbit speed", default=0.1, range=(0.01, 1), unit="/s", power=2,
                      tip="Picture widths a second")  # fmt: skip
TURN = switch("Turn", "Turn around the centre")
TURN_SPEED = Control(label="Turn speed", default=36.0, range=(-360, 360), format="%.0f", unit="°/s", zero=0, power=2,
                     tip="Degrees a second")  # fmt: skip


@dataclass
class Transition:
    """On the way from one request to another; it ends when something else changes what is shown."""

    start: RenderRequest
    end: RenderRequest
    seconds: float
    easing: Between = Between.SMOOTH
    info: ModelInfo | None = None  # of the network of both
    shown: RenderRequest | None = None  # what it has made of it last
    _elapsed_s: float = 0.0

    def step(self, dt: float) -> bool:
        """Go on for `dt` seconds. Returns whether it has arrived."""
        self._elapsed_s += dt
        part = min(self._elapsed_s / self.seconds, 1.0) if self.seconds > 0 else 1.0
        self.shown = mixed_requests(self.start, self.end, eased(self.easing, part) if part < 1 else 1, info=self.info)
        return part >= 1


@dataclass
class Animation:
    """What moves, and its speeds in the units of their controls."""

    latent: bool = False
    latent_speed: float = WALK_SPEED.start
    mixing: bool = False
    mixing_speed: float = WALK_SPEED.start
    noise: bool = False
    noise_speed: float = NOISE_SPEED.start
    noise_smooth: bool = True  # through what lies between the seeds
    orbit: bool = False
    orbit_speed: float = ORBIT_SPEED.start
    turn: bool = False
    turn_speed: float = TURN_SPEED.start
    transition: Transition | None = None
    _noise_rest: float = 0.0

    @property
    def running(self) -> bool:
        moving = self.latent or self.mixing or self.noise or self.orbit or self.turn
        return moving or self.transition is not None

    def step(self, request: RenderRequest, dt: float, *, source: int = 0) -> RenderRequest:
        """The request after `dt` seconds. source: which of the sources of styles moves."""
        if self.transition is not None:
            request = self._on_the_way(self.transition, request, dt)
        if self.latent and isinstance(request.latent, SeedPoint):
            point = replace(request.latent, x=request.latent.x + self.latent_speed * dt)
            request = replace(request, latent=point)
        if self.mixing:
            moved = (self._moved(s, dt) if i == source else s for i, s in enumerate(request.sources))
            request = replace(request, sources=tuple(moved))
        if self.noise and request.noise.mode is NoiseMode.RANDOM:
            by = self.noise_speed * dt
            if not self.noise_smooth:
                self._noise_rest, by = math.modf(self._noise_rest + by)
            request = replace(request, noise=replace(request.noise, seed=request.noise.seed + by))
        if (self.orbit or self.turn) and (placement := Placement.of(request.transform)) is not None:
            placement = placement.orbited(self.orbit_speed * dt) if self.orbit else placement
            placement = placement.turned(self.turn_speed * dt) if self.turn else placement
            request = replace(request, transform=placement.matrix)
        return request

    def _on_the_way(self, transition: Transition, request: RenderRequest, dt: float) -> RenderRequest:
        if transition.shown is not None and request != transition.shown:
            self.transition = None
            return request
        if transition.step(dt):
            self.transition = None
        return transition.shown or request

    def _moved(self, source: StyleSource, dt: float) -> StyleSource:
        if not isinstance(source.latent, SeedPoint):
            return source
        return replace(source, latent=replace(source.latent, x=source.latent.x + self.mixing_speed * dt))
