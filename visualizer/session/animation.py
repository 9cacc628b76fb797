"""What moves by itself, and how fast."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.request import NoiseMode, RenderRequest, SeedPoint, StyleSource
from core.request.placement import Placement


@dataclass
class Animation:
    """Speeds are in seeds per second where nothing else is said."""

    latent: bool = False
    latent_speed: float = 0.25
    mixing: bool = False
    mixing_speed: float = 0.25
    noise: bool = False
    noise_speed: float = 2.0
    noise_smooth: bool = True  # through what lies between the seeds
    orbit: bool = False
    orbit_speed: float = 0.1  # picture widths a second
    turn: bool = False
    turn_speed: float = 36.0  # degrees a second
    _noise_rest: float = 0.0

    @property
    def running(self) -> bool:
        return self.latent or self.mixing or self.noise or self.orbit or self.turn

    def step(self, request: RenderRequest, dt: float, *, source: int = 0) -> RenderRequest:
        """The request after `dt` seconds. source: which of the sources of styles moves."""
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

    def _moved(self, source: StyleSource, dt: float) -> StyleSource:
        if not isinstance(source.latent, SeedPoint):
            return source
        return replace(source, latent=replace(source.latent, x=source.latent.x + self.mixing_speed * dt))
