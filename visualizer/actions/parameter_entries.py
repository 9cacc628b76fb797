"""What can be turned, as entries of the searchable list: Enter goes to the control."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from core.request import RenderRequest, SeedPoint
from visualizer.actions.context import Context
from visualizer.actions.entries import Entry, focus_control


@dataclass(frozen=True)
class Turned:
    """A value of the request, and the control that turns it."""

    title: str
    path: str
    panel: str
    item: str
    text: Callable[[RenderRequest], str]  # of its value


def _seed(request: RenderRequest) -> str:
    return f"{request.latent.x:g}, {request.latent.y:g}" if isinstance(request.latent, SeedPoint) else "its own"


TURNED = (
    Turned("Seed", "latent", "Latent", "Seed", _seed),
    Turned("Psi", "truncation.psi", "Truncation & noise", "Psi", lambda r: f"{r.truncation.psi:.2f}"),
    Turned("Noise strength", "noise.strength", "Truncation & noise", "Strength", lambda r: f"{r.noise.strength:.2f}"),
    Turned("Precision", "precision", "Performance", "Precision", lambda r: r.precision.value),
)


def parameter_entries(context: Context) -> list[Entry]:
    """Every parameter of the current network with its value."""
    request = context.session.request
    return [
        Entry(
            turned.title, partial(focus_control, context, turned.panel, turned.item), detail=turned.text(request),
            place=turned.panel, more=turned.path,
        )
        for turned in TURNED
    ]  # fmt: skip
