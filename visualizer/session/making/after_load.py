"""What is shown once a network is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.project import Project
from core.request import RenderRequest


@dataclass(frozen=True)
class AfterLoad:
    """What the user wanted when the network was asked for."""

    request: RenderRequest | None = None  # None: what is shown then
    state: Project | None = None  # in place of all that is being made; None: that
    begin: Callable[[], None] | None = None  # the state is another session; called when that has begun
