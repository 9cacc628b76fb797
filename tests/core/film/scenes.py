"""Small films of several parameters that move, and the networks that they are made with."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from core.display.analysis import Pixels
from core.film.film import Film, film_of
from core.film.frames import FrameMaker, MadeFrame
from core.opening.network import Network, open_network
from core.render.renderer import Renderer
from core.request import RenderRequest, SeedPoint, Space
from core.timeline import Between, Key, Timeline, Track

NETWORK = str(Path(__file__).resolve().parents[2] / "golden" / "sg2-32-gray.pkl")
MOVING = (
    Track("truncation.psi", (Key(0, 0.4), Key(4, 1.1))),
    Track("latent", (Key(0, SeedPoint(0)), Key(2, SeedPoint(5)), Key(4, SeedPoint(0))), space=Space.Z),
    Track("noise.strength", (Key(0, 0.0), Key(3, 2.0, Between.LINEAR), Key(4, 1.0))),
    Track("layers[3].noise", (Key(1, 1.0), Key(2, 0.0))),
    Track("view.exposure", (Key(0, -1.0, Between.EASE_IN), Key(4, 0.5))),
    Track("view.contrast", (Key(0, 1.0), Key(4, 1.4))),
)


def scene(rate: Fraction = Fraction(6), **changes: Any) -> Film:
    """Four seconds in which six parameters move."""
    timeline = Timeline(MOVING, duration_s=4.0, rate=rate)
    return film_of(RenderRequest(network=NETWORK), timeline, **changes)


def opened() -> tuple[Network, Renderer]:
    network = open_network(NETWORK)
    return network, Renderer(network)


def maker_of(film: Film, network: Network) -> FrameMaker:
    return FrameMaker(film, network.info, network.origin)


def pixels(frames: Sequence[MadeFrame]) -> list[Pixels]:
    return [frame.pixels for frame in frames]

