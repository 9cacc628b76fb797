"""What a killed program leaves among the captures: partial files, empty ones, videos without a frame."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from core.base.files import LEFT_BEHIND_S, tidy
from core.video.video import TITLE
from ops.base.file_lock import try_lock

NAME = re.compile(r"[0-9]{5,18}\.(png|json|npz|mp4|safetensors|pkl)")  # as `visualizer.output.capture.claim` gives them
MOST_EMPTY_BYTES = 2**20  # a video without a frame is its header, with the request in it
FRAMES, BOX_HEAD = b"mdat", 8  # the box of MP4 that frames are in; bytes of the size and kind of each


def hold(descriptor: int) -> None:
    """Tell other programs that a file is being recorded, for as long as it is open."""
    if os.name != "nt":  # there an open file cannot be removed, and a lock would keep players from reading it
        with suppress(OSError), os.fdopen(descriptor, "r+b", closefd=False) as file:
            try_lock(file)


def tidy_captures(folder: Path) -> int:
    """Remove from the folder of captures what holds nothing. Returns how many videos were among it. Raises nothing."""
    tidy(folder)
    videos = 0
    with suppress(OSError, ValueError):  # ValueError: a name that no folder can have
        for path in [path for path in folder.iterdir() if NAME.fullmatch(path.name)]:
            with suppress(OSError):
                if path.is_symlink() or not path.is_file():
                    continue
                if path.suffix == ".mp4":
                    videos += _remove_empty_video(path)
                elif path.stat().st_size == 0 and path.stat().st_mtime < time.time() - LEFT_BEHIND_S:
                    path.unlink()
    return videos


def _remove_empty_video(path: Path) -> bool:
    """Whether it was a video of this program without a frame, which nobody is recording any more. Raises OSError."""
    if path.stat().st_size > MOST_EMPTY_BYTES:
        return False
    with path.open("r+b") as file:
        if not try_lock(file) or not _is_empty(file):
            return False
        if os.name != "nt":
            path.unlink()
    if os.name == "nt":  # it has to be closed first
        path.unlink()
    return True


def _is_empty(file: BinaryIO) -> bool:
    """Whether it is a video that this program began, and no frame has come."""
    while len(head := file.read(BOX_HEAD)) == BOX_HEAD:
        size, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind == FRAMES and size != BOX_HEAD:
            return False
        file.seek(max(size, BOX_HEAD) - BOX_HEAD, os.SEEK_CUR)
    file.seek(0)
    header = file.read(MOST_EMPTY_BYTES)
    return not header or TITLE.encode() in header
