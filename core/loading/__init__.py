"""From a file to the generator in it, without running anything the file says. A new container is one line below."""

from __future__ import annotations

from pathlib import Path

from core.base.progress import Progress, silent
from core.loading.common.checkpoint import Checkpoint
from core.loading.formats.container import HEAD_BYTES, named, read_file
from core.loading.formats.foreign import unknown
from core.loading.formats.packed import is_packed
from core.loading.readers import PickleReader, Reader, SavedReader, TorchArchiveReader, TorchStreamReader
from core.request import Origin

# In the order in which they are asked.
READERS: tuple[Reader, ...] = (SavedReader(), TorchStreamReader(), TorchArchiveReader(), PickleReader())


def read_checkpoint(path: Path, *, location: str = "", progress: Progress = silent) -> Checkpoint:
    """Find the generator in a file. The file is read once; what is not needed of it stays unread records.

    location: how the user named it. Raises CheckpointError with a sentence for the user.
    """
    with named(path):
        return _read(path, location or str(path), progress)


def is_container(path: Path) -> bool:
    """Whether a file begins as one that networks are in, whatever is in it. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return is_packed(head) or any(reader.recognises(head, path.stat().st_size) for reader in READERS)


def _read(path: Path, location: str, progress: Progress) -> Checkpoint:
    file = read_file(path, progress)
    head = file.data[:HEAD_BYTES]
    reader = next((r for r in READERS if r.recognises(head, len(file.data))), None)
    if reader is None:
        raise unknown(head)
    found = reader.read(file, progress)
    origin = Origin(
        location=location,
        path=str(path),
        container=found.container + (f", in {file.inside}" if file.inside else ""),
        size=file.size,
        digest=file.digest,
        training_set=found.training_set,
        notes=file.notes + found.notes,
    )
    return Checkpoint(found.content, origin)
