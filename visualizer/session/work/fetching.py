"""A network of the web fetched again."""

from __future__ import annotations

from dataclasses import replace
from time import time

from core.base.progress import Progress
from core.render.service import RenderService
from core.render.tasks import Loaded


def fetched(loaded: Loaded, service: RenderService, progress: Progress) -> Loaded:
    """The network at an address as it is now; the same one if nothing has changed. In the thread of a job."""
    from core.opening.web import fetch_again

    if fetch_again(loaded.location, progress):
        return service.open(loaded.location, progress)
    return replace(loaded, origin=replace(loaded.origin, fetched_s=time()))
