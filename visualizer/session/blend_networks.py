"""The networks that are blended into the shown one: opened when a request names them, kept while one does."""

from __future__ import annotations

from collections.abc import Callable
from weakref import ref

from core.request import Blend
from visualizer.session.jobs import Job
from visualizer.session.loader import Loaded

KEPT = 2  # how many stay open that no request names any more, for undo


class Others:
    """Which are open, being opened, or cannot be. UI thread only."""

    def __init__(self, start: Callable[[str], Job[Loaded]]) -> None:
        self._start = start
        self.opened: dict[str, Loaded] = {}  # the latest use last
        self.failed: set[str] = set()
        self._jobs: dict[str, Job[Loaded]] = {}
        self._misfits: dict[tuple[ref[Loaded], ref[Loaded], bool], dict[str, str]] = {}

    def want(self, names: list[str], shown: Loaded | None) -> None:
        """Open what is named and not open; close what has not been named for long."""
        for name in names:
            if name in self.opened:
                self.opened[name] = self.opened.pop(name)
            elif shown is not None and name == shown.location:
                self.opened[name] = shown
            elif name and name not in self._jobs and name not in self.failed:
                self._jobs[name] = self._start(name)
        unused = [name for name in self.opened if name not in names]
        for name in unused[: max(0, len(unused) - KEPT)]:
            del self.opened[name]

    def opening(self, name: str) -> bool:
        return name in self._jobs

    def owns(self, job: Job[Loaded]) -> bool:
        return any(own is job for own in self._jobs.values())

    def take(self, job: Job[Loaded], loaded: Loaded | None) -> str:
        """A job has ended. Returns the name of its network."""
        (name,) = [name for name, own in self._jobs.items() if own is job]
        del self._jobs[name]
        if loaded is not None:
            self.opened[name] = loaded
        else:
            self.failed.add(name)
        return name

    def misfits(self, shown: Loaded, blend: Blend) -> dict[str, str] | None:
        """Where an open one does not fit the shown network, by step, and why; None while it is not open."""
        other = self.opened.get(blend.network)
        if other is None or other.generator is None or shown.generator is None:
            return None
        key = (ref(shown), ref(other), blend.features)
        if key not in self._misfits:
            from core.synthesis.blending import misfits
            from core.synthesis.features import feature_misfits

            find = feature_misfits if blend.features else misfits
            kept = {k: found for k, found in self._misfits.items() if k[0]() is shown and k[1]() is not None}
            self._misfits = {**kept, key: find(shown.generator, other.generator)}
        return self._misfits[key]
