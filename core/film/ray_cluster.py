"""The frames of a film from a Ray cluster: actors that hold the network, on as many machines as there are."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.base.errors import RenderError, UsageError, VisualizerError
from core.base.files import write_whole
from core.film.frames import FilmFrame, PackedFrame
from core.film.processes import PATIENCE_S
from core.film.ranges import Range, Ranges
from core.film.worker import Plan, Worker, networks_of
from core.opening.class_counts import named_count, with_count
from core.opening.download import cache_folder
from core.request import Origin

LOCAL = "local"  # the address that starts a Ray of its own, on this machine
DANGER = (
    "A Ray cluster runs whatever is sent to it and encrypts nothing; use one that only those can reach whom you trust."
)
QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
LEAST_STORE = 256 * 2**20  # bytes of a local object store
EXTRA = "Ray is not installed here; run: pip install 'stylegan-visualizer[ray]'"


@dataclass(frozen=True)
class NetworkFile:
    """A file of a network that a film needs; its bytes travel beside it."""

    location: str  # as requests name it
    digest: str
    suffix: str


def frames_of_ray(
    plan: Plan, indices: Sequence[int], address: str, workers: int | None, origins: Sequence[Origin],
    keep_going: Callable[[], None] = lambda: None,
) -> Iterator[FilmFrame]:  # fmt: skip
    """The frames in order. What is lost with a worker is made by another one.

    address: of the cluster, or "local"; workers: how many, None: one a GPU, or one a machine; origins: of the networks
    of the film, the shown one first. The cluster's machines need this program in the same version. Raises UsageError if
    there is no cluster, what a worker raises, and what `keep_going` raises, which is called several times a second.
    """
    ray = _connected(address, origins)
    try:
        crew = _Crew(ray, plan, workers, origins)
        ranges = Ranges(indices, crew.count)
        while not ranges.finished:
            crew.give(ranges)
            crew.receive(ranges)
            keep_going()
            yield from ranges.ready()
    finally:
        ray.shutdown()


def _connected(address: str, origins: Sequence[Origin]) -> Any:
    """Ray's module, connected to a cluster. Raises UsageError."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError as error:
        raise UsageError(EXTRA) from error
    try:
        if address == LOCAL:
            store = max(LEAST_STORE, 2 * sum(origin.size for origin in origins))
            ray.init(include_dashboard=False, object_store_memory=store, **QUIET)
        else:
            ray.init(address=address, **QUIET)
    except Exception as error:  # of many kinds, none of which a user can do more about
        line = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UsageError(f"Ray cannot be reached at {address} ({line}); check the address, or use 'local'.") from error
    return ray


class _Crew:
    """The actors of a film, and what each is doing."""

    def __init__(self, ray: Any, plan: Plan, workers: int | None, origins: Sequence[Origin]) -> None:
        self._ray = ray
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        gpus = int(sum(resources.get("GPU", 0) for resources in nodes)) if plan.device in ("auto", "cuda") else 0
        self.count = workers or gpus or len(nodes)
        cores = int(sum(resources.get("CPU", 0) for resources in nodes))
        threads = plan.threads or max(cores // self.count, 1)
        shipped = [(location, origin) for location, origin in _named(plan, origins) if origin.path]
        files = [NetworkFile(name, origin.digest, Path(origin.path).suffix) for name, origin in shipped]
        # Torch may use no more threads than Ray was asked for, and they have to be set before it is imported.
        self._actor = ray.remote(
            num_cpus=threads, num_gpus=min(gpus / self.count, 1) if gpus else 0, max_restarts=0, max_task_retries=0,
            runtime_env={"env_vars": {"OMP_NUM_THREADS": str(threads)}},
        )(RayWorker)  # fmt: skip
        blobs = [ray.put(Path(origin.path).read_bytes()) for _, origin in shipped]
        self._arguments = (replace(plan, threads=threads), files, *blobs)
        self._idle = [self._new() for _ in range(self.count)]
        self._busy: dict[Any, tuple[Any, Range]] = {}  # by what will be the result: the actor and its range

    def give(self, ranges: Ranges) -> None:
        while self._idle and (some := ranges.take()) is not None:
            actor = self._idle.pop()
            self._busy[actor.frames.remote(some)] = (actor, some)

    def receive(self, ranges: Ranges) -> None:
        """Wait a little, and take in what is done. Raises what a worker raised."""
        from ray.exceptions import RayError, RayTaskError

        done, _ = self._ray.wait(list(self._busy), timeout=PATIENCE_S)
        for reference in done:
            actor, some = self._busy.pop(reference)
            try:
                for frame in self._ray.get(reference):
                    ranges.arrived(frame)
            except RayTaskError as error:
                cause = error.cause
                if isinstance(cause, VisualizerError):
                    raise type(cause)(str(cause)) from None
                raise RenderError(f"a worker failed: {type(cause).__name__}: {cause}") from None
            except RayError as error:  # the actor, its machine or what it sent is gone
                ranges.lost(some, type(error).__name__)
                actor = self._new()
            self._idle.append(actor)

    def _new(self) -> Any:
        return self._actor.remote(*self._arguments)


class RayWorker:
    """A `Worker` as an actor; its networks come to it as bytes."""

    def __init__(self, plan: Plan, files: Sequence[NetworkFile], *blobs: bytes) -> None:
        """Raises what `Worker` raises."""
        paths = {file.location: _kept(file, data) for file, data in zip(files, blobs, strict=True)}
        self._worker = Worker(replace(plan, files=paths))

    def frames(self, some: Range) -> list[PackedFrame]:
        made = [self._worker.frame(index) for index in some]
        return [PackedFrame(frame.index, frame.png, frame.notes) for frame in made]


def _named(plan: Plan, origins: Sequence[Origin]) -> Iterator[tuple[str, Origin]]:
    return zip(networks_of(plan.film), origins, strict=True)


def _kept(file: NetworkFile, data: bytes) -> Path:
    """Where the bytes of a network lie in the cache of this machine."""
    path = cache_folder() / "films" / f"{file.digest}{file.suffix}"
    if not path.exists() or path.stat().st_size != len(data):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
    _, count = named_count(file.location)
    return path if count is None else Path(with_count(str(path), count))

