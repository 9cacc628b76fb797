"""Networks of other programs, kept in the cache as this program writes them: a file of theirs is parsed once.

A kept network goes by the digest of its file. So that the file need not be read to know that, a note goes by the place,
size and time of the file and of the settings beside it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from core.base.errors import CheckpointError, UsageError
from core.base.files import LEFT_BEHIND_S, write_whole
from core.base.progress import Progress, silent
from core.loading import read_checkpoint
from core.loading.common.checkpoint import Checkpoint, SavedNetwork
from core.loading.common.sidecar import settings_beside
from core.loading.formats.saved import write_saved
from core.opening.download import cache_folder
from core.request import Origin

KEEP_VARIABLE = "VISUALIZER_KEEP_NETWORKS"  # 0: none
LEAST_BYTES = 32 * 2**20  # smaller files are opened at once
MOST_BYTES = 8 * 2**30  # of all together; those that were not used for the longest time go first
FREE_FOR_EACH = 10  # times its size that the disk has to have free
THREAD = "keeping a network"  # its name
CODE = ("families", "loading", "networks")  # what decides how a file is read


def kept_folder() -> Path:
    return cache_folder().with_name("kept")  # beside the downloads


@dataclass(frozen=True)
class CachePlace:
    """Where the network of a file is kept, if it is."""

    path: Path
    note: Path

    def find(self, location: str, progress: Progress = silent) -> Checkpoint | None:
        """The network and its origin, as `read_checkpoint` gave it; None if it has to be read from its file."""
        try:
            note = json.loads(self.note.read_bytes())
            facts = [(str(name), str(text)) for name, text in note["training_set"]]
            origin = Origin(
                location, str(self.path), note["container"], note["size"], note["digest"], tuple(facts),
                tuple(note["notes"]),
            )  # fmt: skip
            network = self.note.with_name(note["network"])
            found = read_checkpoint(network, progress=progress)
            if found.origin.digest != note["network_digest"]:
                return None
            os.utime(network)
        except (OSError, ValueError, KeyError, TypeError, CheckpointError):
            return None
        return Checkpoint(found.content, origin)

    def keep(self, origin: Origin, network: SavedNetwork) -> threading.Thread:
        """Write it, in a thread of its own: nobody waits for it, and that it fails is no loss."""
        thread = threading.Thread(target=self._keep, args=(origin, network), name=THREAD)
        thread.start()
        return thread

    def _keep(self, origin: Origin, network: SavedNetwork) -> None:
        folder = self.note.parent
        kept = folder / f"{origin.digest}-{_code()}.safetensors"
        size = sum(tensor.array.nbytes for tensor in network.tensors.values())
        with suppress(OSError, UsageError):
            folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(folder).free < FREE_FOR_EACH * size:
                return
            write_saved(kept, network)  # even if it is there: it may be damaged
            with kept.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            note = asdict(replace(origin, location="", path="")) | {"network": kept.name, "network_digest": digest}
            write_whole(self.note, json.dumps(note).encode())
            tidy(folder)


def place_of(path: Path) -> CachePlace | None:
    """To be asked before the file is read, so that a network is never kept for what the file has become since.

    None if the network is not to be kept, or there is no such file.
    """
    if os.environ.get(KEEP_VARIABLE) == "0":
        return None
    try:
        own = path.stat()
        if not stat.S_ISREG(own.st_mode) or own.st_size < LEAST_BYTES:
            return None
        facts = [_code(), os.path.realpath(path), f"{own.st_size} {own.st_mtime_ns}"]
    except (OSError, ValueError):
        return None
    for beside in settings_beside(path):
        with suppress(OSError):
            found = beside.stat()
            facts.append(f"{beside.name} {found.st_size} {found.st_mtime_ns}")
    key = hashlib.sha256("\0".join(facts).encode("utf-8", errors="surrogateescape")).hexdigest()
    return CachePlace(path, kept_folder() / f"{key}.json")


def tidy(folder: Path) -> None:
    """Remove the networks for which there is no room, the notes of what is gone, and what was never finished."""
    networks = sorted(folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for network in networks:
        total += network.stat().st_size
        if total > MOST_BYTES:
            network.unlink(missing_ok=True)
    left = {path.name for path in folder.glob("*.safetensors")}
    for note in folder.glob("*.json"):
        with suppress(ValueError, KeyError, TypeError):
            if json.loads(note.read_bytes())["network"] not in left:
                note.unlink(missing_ok=True)
    for partial in folder.glob(".*"):
        if partial.stat().st_mtime < time.time() - LEFT_BEHIND_S:
            partial.unlink(missing_ok=True)


@cache
def _code() -> str:
    """A name for the code that reads files: what an earlier version kept may be wrong."""
    total = hashlib.sha256()
    for path in sorted(path for folder in CODE for path in (Path(__file__).parent.parent / folder).rglob("*.py")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()[:16]
