"""A film from its frames to its file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import CaptureError
from core.base.progress import Progress
from core.base.text import plural
from core.film.files import FilmWriter
from core.film.frames import FilmFrame

# Gives these frames, in this order. It may raise Cancelled.
Source = Callable[[Sequence[int]], Iterator[FilmFrame]]


@dataclass(frozen=True)
class Exported:
    """A film that is there, whole or in part."""

    path: Path
    frames: int
    bytes: int
    notes: tuple[str, ...] = ()


def export(
    writer: FilmWriter, source: Source, progress: Progress, on_stopped: Callable[[Exported], None] = lambda part: None
) -> Exported:
    """Write a film whole. What ends it early leaves its finished part, which `on_stopped` is told of.

    Raises CaptureError if it cannot be written, and what the source and the progress raise.
    """
    missing = writer.missing
    notes: dict[str, None] = {}
    done, total = writer.frames, writer.frames + len(missing)
    progress("rendering", done, total, "frames")
    try:
        for frame in source(missing):
            writer.write(frame)
            notes |= dict.fromkeys(frame.notes)
            done += 1
            progress("rendering", done, total, "frames")
        path = writer.finish()
    except BaseException as error:
        part = writer.stop()
        if part is not None:
            on_stopped(Exported(part, writer.frames, writer.bytes_written, (*writer.notes, *notes)))
            if isinstance(error, CaptureError):
                kept = plural(writer.frames, "frame is", "frames are")
                raise CaptureError(f"{error}. {kept[0].upper()}{kept[1:]} in {part.name}.") from error
        raise
    return Exported(path, done, writer.bytes_written, (*writer.notes, *notes))
