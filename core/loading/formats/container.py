"""A file on disk: read once, hashed as it is read, and refused by its first bytes where they say enough."""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import CheckpointError, RefusedFile, TruncatedFile, UnsupportedFile
from core.base.progress import Progress
from core.base.text import counted, shown
from core.loading.common import policy
from core.loading.formats.foreign import refuse_foreign
from core.loading.formats.packed import is_packed, unpacked
from core.loading.formats.saved import looks_like_safetensors

CHUNK_BYTES = 8 * 2**20
HEAD_BYTES = 512
HTML = "This is a web page, not a network: the download failed (a quota page?); try it again."


@dataclass(frozen=True, eq=False)
class FileBytes:
    """All of a file as it was when it was read, or of the checkpoint that it was packed around."""

    data: bytes
    digest: str  # SHA-256 of the file, hexadecimal
    path: Path
    size: int = 0  # of the file, bytes
    inside: str = ""  # what the checkpoint was packed in
    notes: tuple[str, ...] = ()


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Errors about the contents of a file begin with its name."""
    try:
        yield
    except CheckpointError as error:
        raise type(error)(f"{shown(path.name or path, 100)}: {error}") from error
    except RecursionError as error:  # whatever walks through it, and however deep it is
        raise RefusedFile(f"{shown(path.name or path, 100)}: Refused: structure too large or recursive.") from error


def read_file(path: Path, progress: Progress) -> FileBytes:
    """Read a whole file, once. Raises CheckpointError if that cannot be, or if it is plainly no network."""
    try:
        return _read(path, progress)
    except FileNotFoundError as error:
        raise CheckpointError("There is no such file; check the path.") from error
    except PermissionError as error:
        raise CheckpointError("You are not allowed to read this file; change its permissions or copy it.") from error
    except MemoryError as error:
        raise CheckpointError("It does not fit into the memory of this machine.") from error
    except OSError as error:
        reason = error.strerror or error
        raise CheckpointError(f"It cannot be read ({reason}); copy it to a local disk and try again.") from error


def _read(path: Path, progress: Progress) -> FileBytes:
    mode = path.stat().st_mode  # before opening: a pipe would wait for its other end
    if stat.S_ISDIR(mode):
        raise UnsupportedFile("This is a folder; choose a file in it.")
    if not stat.S_ISREG(mode):
        raise UnsupportedFile("This is no ordinary file; copy the network to one.")
    digest = hashlib.sha256()
    buffer = io.BytesIO()
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        if size > policy.MAX_FILE_BYTES:
            raise UnsupportedFile(f"It has {counted(size)}, more than any network this program knows.")
        head = file.read(HEAD_BYTES)
        if head and not size:
            raise UnsupportedFile("It tells no length, as files of the system do; copy it to an ordinary one.")
        is_in_other = is_packed(head) and not looks_like_safetensors(head, size)
        if not is_in_other:
            _check_head(head, size, path.name)
        chunk = head
        while chunk:
            buffer.write(chunk)
            digest.update(chunk)
            progress("reading", buffer.tell(), size, "bytes")
            chunk = file.read(min(CHUNK_BYTES, size - buffer.tell()))
    if buffer.tell() < size:
        raise TruncatedFile("The file became shorter while it was read; wait until it is complete, then open it again.")
    data = buffer.getvalue()  # its own bytes, not a copy
    if not is_in_other:
        return FileBytes(data, digest.hexdigest(), path, size)
    packed = unpacked(data, progress)
    _check_head(packed.data[:HEAD_BYTES], len(packed.data))
    return FileBytes(packed.data, digest.hexdigest(), path, size, packed.inside, packed.notes)


def _check_head(head: bytes, size: int, name: str = "") -> None:
    """Raises CheckpointError if these are not the first bytes of a network."""
    if looks_like_safetensors(head, size):
        return
    if looks_like_html(head):
        raise UnsupportedFile(HTML)
    refuse_foreign(head, name)


def looks_like_html(head: bytes) -> bool:
    # The length at the start of a safetensors file may look like anything, but a brace follows it.
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" and head[8:9] != b"{"
