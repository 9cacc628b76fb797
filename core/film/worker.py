"""A worker: a network, opened once, and the frames of one film that are made with it. Imports no torch."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.errors import UsageError
from core.base.process import prepare_process
from core.base.progress import Progress, silent
from core.film.driven import NOTHING_HEARD, Heard
from core.film.film import Film
from core.film.frames import FrameMaker, MadeFrame
from core.request import Origin, RenderRequest
from core.request.edits import counts

if TYPE_CHECKING:
    from core.render.open_networks import Owned

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Plan:
    """All that a worker has to know; a plain value, which can be pickled."""

    film: Film
    origin: Origin  # of the network, as the pictures tell it
    device: str = "cpu"
    heard: Heard = NOTHING_HEARD  # of the timeline's sound
    threads: int | None = None  # None: as torch chooses
    files: Mapping[str, Path] = field(default_factory=dict)  # where files of networks lie that have other names here


class Worker:
    """Opens what a film needs, and makes its frames."""

    def __init__(self, plan: Plan, progress: Progress = silent) -> None:
        """Raises CheckpointError, DownloadError, UsageError, DeviceError."""
        prepare_process()
        if plan.threads is not None:
            os.environ.update(dict.fromkeys(THREADS, str(plan.threads)))
        import torch

        from core.render.open_networks import OpenNetworks, open_location
        from core.render.weights import WeightPlacement
        from ops.native import build

        if plan.threads is not None:
            torch.set_num_threads(plan.threads)
        build.run(make=False)

        def open_here(location: str, progress: Progress) -> Owned:
            return open_location(str(plan.files.get(location, location)), progress)

        networks = OpenNetworks(open_here, placement=WeightPlacement(plan.device))
        self._networks = [networks.open(name, progress) for name in networks_of(plan.film)]  # open while it lives
        network = self._networks[0]
        if network.origin.digest != plan.origin.digest:
            raise UsageError(f"{plan.film.request.network} is another file than when the film began; start it anew.")
        self._renderer = networks.renderer(network)
        self._maker = FrameMaker(plan.film, network.info, plan.origin, plan.heard)

    def frame(self, index: int) -> MadeFrame:
        """Raises RenderError."""
        return self._maker.make(index, self._renderer.render)


def networks_of(film: Film) -> tuple[str, ...]:
    """The network of a film, and those that are blended into it at some time."""
    whole = [key.value for track in film.timeline.tracks for key in track.keys]
    requests = [*film.requests, *(value for value in whole if isinstance(value, RenderRequest))]
    blended = [blend.network for request in requests for blend in request.blends if counts(blend) or whole]
    return tuple(dict.fromkeys((film.request.network, *blended)))
