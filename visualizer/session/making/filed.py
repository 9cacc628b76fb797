"""Which file the session is saved in, and whether all of it is in there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from core.documents.rest import Rest
from core.documents.session_json import NO_REST
from core.opening.class_counts import named_count
from core.project import NetworkFile, Project
from core.render.tasks import Loaded

UNTITLED = "Untitled"


@dataclass(frozen=True)
class Stamp:
    """What tells whether somebody else has written a file."""

    modified_ns: int
    size: int


class Filed:
    """The file of the session that is being made."""

    def __init__(
        self, begun: Project, *, path: Path | None = None, behind: bool = False, rest: Rest = NO_REST,
        networks: tuple[NetworkFile, ...] = (),
    ) -> None:  # fmt: skip
        """begun: what was there when the session was begun or opened. behind: the file lacks some of that.

        rest: what the file holds that this version does not know. networks: what is known of them.
        """
        self.path = path
        self.rest = rest
        self._saved: Project | None = None if behind else begun
        self._stamp = stamp_of(path)
        self._networks = {one.location: one for one in networks}
        self._known: tuple[NetworkFile, ...] = networks

    @property
    def name(self) -> str:
        return self.path.stem if self.path is not None else UNTITLED

    def lacks(self, state: Project) -> bool:
        """Whether something of a state is not in the file."""
        return self._saved is None or state != self._saved

    def was_saved(self, path: Path, state: Project) -> None:
        """A file of a state has been written."""
        self.path, self._saved, self._stamp = path, state, stamp_of(path)

    @property
    def was_changed_elsewhere(self) -> bool:
        """Whether the file is not as it was when it was read or written here last."""
        now = stamp_of(self.path)
        return now is not None and now != self._stamp

    # -- Networks -------------------------------------------------------------

    @property
    def networks(self) -> tuple[NetworkFile, ...]:
        """What tells the files of the networks; the same value as long as nothing is learned."""
        return self._known

    def learn(self, loaded: Loaded) -> None:
        """Note what tells an open network."""
        origin, (location, _) = loaded.origin, named_count(loaded.location)
        known = NetworkFile(location, origin.digest, origin.size, loaded.info.family)
        if origin.digest and self._networks.get(location) != known:
            self._networks[location] = known
            self._known = tuple(self._networks.values())

    def names_before(self, loaded: Loaded) -> tuple[str, ...]:
        """Other names under which a file of the same content as an open network is known."""
        location, digest = named_count(loaded.location)[0], loaded.origin.digest
        same = (one.location for one in self._known if digest and one.digest == digest)
        return tuple(name for name in same if name != location)


def stamp_of(path: Path | None) -> Stamp | None:
    """That of a file; None if there is none, or it cannot be asked about."""
    try:
        status = os.stat(path) if path is not None else None
    except (OSError, ValueError):
        return None
    return None if status is None else Stamp(status.st_mtime_ns, status.st_size)
