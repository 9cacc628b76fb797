"""The networks that are blended into the shown one: opened when a request names them, kept while one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from core.render.operations import CompareLayers
from core.render.tasks import Loaded
from core.request import Blend
from visualizer.session.work.jobs import Job

KEPT = 2  # how many stay open that no request names any more, for undo

# What a comparison is of: the keys of both networks, and whether features are mixed.
Pair = tuple[int, int, bool]


class Run(Protocol):
    """Has an operation done with the shown network."""

    def __call__(
        self, name: str, operation: CompareLayers, then: Callable[[dict[str, str]], None], *,
        otherwise: Callable[[], object], quiet: bool,
    ) -> Job[Any] | None: ...  # fmt: skip


class BlendNetworks:
    """Which are open, being opened, or cannot be. UI thread only."""

    def __init__(self, start: Callable[[str], Job[Loaded]], run: Run) -> None:
        self._start, self._run = start, run
        self.opened: dict[str, Loaded] = {}  # the latest use last
        self.failed: set[str] = set()
        self._jobs: dict[str, Job[Loaded]] = {}
        self._misfits: dict[Pair, dict[str, str] | None] = {}  # None: it is being found out

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

    def misfits(self, shown: Loaded, blend: Blend) -> Mapping[str, str] | None:
        """Where an open one does not fit the shown network, by step, and why; None while that is not known."""
        other = self.opened.get(blend.network)
        if other is None:
            return None
        pair = (shown.key.number, other.key.number, blend.features)
        if pair not in self._misfits:
            self._misfits = {known: found for known, found in self._misfits.items() if known[0] == pair[0]}
            self._misfits[pair] = None
            comparison = CompareLayers(blend.network, blend.features)
            self._run(
                "Comparing layers", comparison, lambda found: self._misfits.update({pair: found}),
                otherwise=lambda: self._misfits.pop(pair, None), quiet=True,
            )  # fmt: skip
        return self._misfits[pair]
