"""What a killed program leaves among the captures: partial files, empty ones, videos and films without a frame."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.base.files import LEFT_BEHIND_S, tidy
from core.film.files import UNFINISHED
from core.video.formats import SUFFIXES
from core.video.png import SIGNATURE
from core.video.video import TITLE
from ops.base.file_lock import try_lock

NAME = re.compile(r"[0-9]{5,18}\.(png|json|npz|mp4|safetensors|pkl)")  # as `visualizer.output.capture.claim` gives them
PART = re.compile(rf".+{re.escape(UNFINISHED)}(-[0-9]{{1,9}})?({'|'.join(map(re.escape, SUFFIXES))})", re.IGNORECASE)
MOST_EMPTY_BYTES = 2**20  # a video without a frame is its header, with the request in it
UNTITLED, UNTITLED_BYTES = (b"GIF89a", SIGNATURE), 64  # how GIF and APNG begin, without a title
FRAMES, BOX_HEAD = b"mdat", 8  # the box of MP4 that frames are in; bytes of the size and kind of each


@dataclass(frozen=True)
class Tidied:
    """What was found."""

    removed: int = 0  # videos and films that held nothing
    parts: tuple[Path, ...] = ()  # films that ended early, and can be played


def tidy_captures(folder: Path, *, since_s: float = 0.0) -> Tidied:
    """Remove from the folder of captures what holds nothing and nobody is writing to. Raises nothing.

    since_s: films that have not changed since, in seconds since 1970, are not told of.
    """
    tidy(folder)
    removed, parts = 0, []
    for path in _files(folder):
        with suppress(OSError):
            if PART.fullmatch(path.name):
                if _remove_empty(path, _is_empty_part):
                    removed += 1
                elif path.stat().st_mtime > since_s and _is_free(path) and _has_frame(path):
                    parts.append(path)
            elif path.suffix == ".mp4":
                removed += _remove_empty(path, _is_empty_video)
            elif path.stat().st_size == 0 and path.stat().st_mtime < time.time() - LEFT_BEHIND_S:
                path.unlink()
    return Tidied(removed, tuple(parts))


def _files(folder: Path) -> list[Path]:
    with suppress(OSError, ValueError):  # ValueError: a name that no folder can have
        names = [path for path in sorted(folder.iterdir()) if NAME.fullmatch(path.name) or PART.fullmatch(path.name)]
        return [path for path in names if path.is_file() and not path.is_symlink()]
    return []


def _remove_empty(path: Path, is_empty: Callable[[BinaryIO], bool]) -> bool:
    """Whether it was a file of this program without a frame, which nobody writes to any more. Raises OSError."""
    if path.stat().st_size > MOST_EMPTY_BYTES:
        return False
    with path.open("r+b") as file:
        if not try_lock(file) or not is_empty(file):
            return False
        if os.name != "nt":
            path.unlink()
    if os.name == "nt":  # it has to be closed first
        path.unlink()
    return True


def _is_empty_video(file: BinaryIO) -> bool:
    """Whether it is a video that this program began, and no frame has come."""
    while len(head := file.read(BOX_HEAD)) == BOX_HEAD:
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == FRAMES and size != BOX_HEAD:
            return False
        file.seek(max(size, BOX_HEAD) - BOX_HEAD, os.SEEK_CUR)
    file.seek(0)
    header = file.read(MOST_EMPTY_BYTES)
    return not header or TITLE.encode() in header


def _is_empty_part(file: BinaryIO) -> bool:
    """Whether it is a film that this program began, and none of it can be seen."""
    file.seek(0)
    header = file.read(MOST_EMPTY_BYTES)
    if len(header) <= UNTITLED_BYTES and header.startswith(UNTITLED):
        return True
    return not header or (TITLE.encode() in header and not _has_frame(Path(file.name)))


def _is_free(path: Path) -> bool:
    """Whether nobody writes to it any more. Raises OSError."""
    with path.open("r+b") as file:
        return try_lock(file)


def _has_frame(path: Path) -> bool:
    """Whether a film can be played, be it a moment."""
    import av  # loading FFmpeg takes some tenths of a second, which is lost only where there is such a file

    with suppress(av.FFmpegError, OSError, ValueError, IndexError), av.open(str(path)) as container:
        return next(container.decode(video=0), None) is not None
    return False
