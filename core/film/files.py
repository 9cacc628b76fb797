"""The files of a film while they are written: under names that say so until they are whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from core.base.errors import CaptureError, UsageError
from core.base.files import force_names, why, write_whole
from core.base.text import plural
from core.film.film import Film
from core.film.frames import MARK, FilmFrame, FrameMaker
from core.video.formats import CODINGS, SOUND, Format
from core.video.gif import Gif
from core.video.pictures import has_alpha
from core.video.png import png_text
from core.video.sound import Blocks
from core.video.video import Video
from ops.base.file_lock import hold

UNFINISHED = ".unfinished"  # in the name of a film until its last frame is there
DIGITS = 5  # at least, in the name of a picture of a film


class FilmWriter(Protocol):
    """Takes the frames of a film, in their order."""

    frames: int  # that were written

    @property
    def missing(self) -> Sequence[int]:
        """The frames that it wants."""
        ...

    @property
    def bytes_written(self) -> int: ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know about the encoder."""
        ...

    def write(self, frame: FilmFrame) -> None:
        """Raises CaptureError."""
        ...

    def finish(self) -> Path:
        """All frames are there: give it its name. Raises CaptureError."""
        ...

    def stop(self) -> Path | None:
        """No more frames come. Returns where the finished part can be played, None if there is none. Raises nothing."""
        ...


def film_writer(
    film: Film, path: Path, maker: FrameMaker, *, text: str = "", sound: Callable[[], Blocks | None] = lambda: None,
    replace: bool = False,
) -> FilmWriter:  # fmt: skip
    """What writes a film to a file, or to a folder of pictures.

    text: what is kept in the file; sound: gives its samples; replace: what is there already. Raises UsageError.
    """
    if film.format is Format.PNG:
        return PictureFolder(film, path, maker, replace=replace)
    if path.suffix.lower() not in CODINGS[film.format].suffixes:
        endings = " or ".join(CODINGS[film.format].suffixes)
        raise UsageError(f"{path.name} cannot hold {CODINGS[film.format].label}; end it in {endings}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; choose another name for the film.")
    if path.exists() and not replace:
        raise UsageError(f"{path} is there already; choose another name, or have it replaced.")
    return FilmFile(film, path, text=text, sound=sound)


class FilmFile:
    """One file. What is there of it can be played while it is written, where its format allows that."""

    def __init__(self, film: Film, path: Path, *, text: str, sound: Callable[[], Blocks | None]) -> None:
        self.frames = 0
        self._film, self._path, self._text, self._sound = film, path, text, sound
        self._part: Path | None = None
        self._video: Video | Gif | None = None
        self._notes: tuple[str, ...] = ()

    @property
    def missing(self) -> Sequence[int]:
        return range(self._film.frames)

    @property
    def bytes_written(self) -> int:
        return self._video.bytes_written if self._video is not None else 0

    @property
    def notes(self) -> tuple[str, ...]:
        return self._notes

    def write(self, frame: FilmFrame) -> None:
        pixels = frame.pixels
        with writing(self._path):
            if self._video is None:
                height, width, _ = pixels.shape
                self._video = self._open((width, height), has_alpha(pixels))
            self._video.write(self.frames, pixels)
            self.frames += 1

    def finish(self) -> Path:
        assert self._video is not None
        assert self._part is not None
        with writing(self._path):
            self._video.close()
            with self._part.open("r+b") as file:
                os.fsync(file.fileno())
            self._part.replace(self._path)
            force_names(self._path.parent)
        return self._path

    def stop(self) -> Path | None:
        if self._video is not None:
            with suppress(Exception):  # what is on the disk can be played without its end
                self._video.close()
        if self._part is not None and not self.frames:
            with suppress(OSError):
                self._part.unlink()
            return None
        return self._part

    def _open(self, size: tuple[int, int], alpha: bool) -> Video | Gif:
        film, suffix = self._film, self._path.suffix.lower()
        self._notes = _remarks(film, size, alpha)
        sound = self._sound() if film.sound and suffix in SOUND else None
        self._part, file = _unfinished(self._path)
        hold(file)
        try:
            if film.format is Format.GIF:
                return Gif(file, size, film.rate, quality=film.quality)
            video = Video(
                file, size, film.rate, kind=film.format, suffix=suffix, quality=film.quality, alpha=alpha,
                text=self._text, sound=sound,
            )  # fmt: skip
        except BaseException:
            self._part.unlink(missing_ok=True)
            raise
        self._notes += (video.note,) if video.note else ()
        return video


def _unfinished(path: Path) -> tuple[Path, BinaryIO]:
    """A new file beside the final one: film.unfinished.mp4, film.unfinished-2.mp4, ... Raises OSError."""
    number = 1
    while True:
        count = "" if number == 1 else f"-{number}"
        part = path.with_name(f"{path.stem}{UNFINISHED}{count}{path.suffix}")
        with suppress(FileExistsError):
            return part, part.open("x+b")
        number += 1


def _remarks(film: Film, size: tuple[int, int], alpha: bool) -> tuple[str, ...]:
    coding = CODINGS[film.format]
    across, down = coding.layout.step
    wide, high = size[0] + -size[0] % across, size[1] + -size[1] % down
    remarks = []
    if (wide, high) != size:
        remarks.append(f"{coding.label} needs even sizes: the last column or row is there twice, in {wide} × {high}")
    if alpha and not coding.layout.with_alpha and film.format is not Format.PNG:
        remarks.append(f"{coding.label} has no transparency: the pictures lie over black")
    return tuple(remarks)


class PictureFolder:
    """A folder with a picture for each frame. Those that are there already are not made again."""

    def __init__(self, film: Film, folder: Path, maker: FrameMaker, *, replace: bool = False) -> None:
        """Raises UsageError if pictures of something else are there that may not be replaced."""
        self.frames = 0
        self.bytes_written = 0
        self.notes: tuple[str, ...] = ()
        self._folder = folder
        self._digits = max(DIGITS, len(str(film.frames - 1)))
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{folder} is a file; choose another name for the folder of pictures.")
        there = {index: self._mark(index) for index in range(film.frames) if self._path(index).exists()}
        known = {index for index, mark in there.items() if mark == maker.mark(index)}
        foreign = sorted(set(there) - known)
        beyond = [path for path in self._numbered() if int(path.stem) >= film.frames]
        if (foreign or beyond) and not replace:
            name = (beyond or [self._path(foreign[0])])[0].name
            raise UsageError(f"{folder} holds pictures of another film, such as {name}; choose another folder.")
        self._beyond = [path for path in beyond if self._text(path)]
        self.missing: Sequence[int] = [index for index in range(film.frames) if index not in known]
        self.frames = len(known)
        if known:
            self.notes = (f"{plural(len(known), 'frame was', 'frames were')} there already",)

    def write(self, frame: FilmFrame) -> None:
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            data = frame.png
            write_whole(self._path(frame.index), data)
        self.frames += 1
        self.bytes_written += len(data)

    def finish(self) -> Path:
        with writing(self._folder):
            for path in self._beyond:
                path.unlink(missing_ok=True)
        return self._folder

    def stop(self) -> Path | None:
        return self._folder if self.frames else None

    def _path(self, index: int) -> Path:
        return self._folder / f"{index:0{self._digits}d}.png"

    def _numbered(self) -> Iterator[Path]:
        """The pictures that are named like frames."""
        with suppress(OSError):
            names = [path for path in self._folder.glob("*.png") if len(path.stem) == self._digits]
            yield from sorted(path for path in names if path.stem.isascii() and path.stem.isdigit())

    def _mark(self, index: int) -> str:
        return self._text(self._path(index))

    def _text(self, path: Path) -> str:
        with suppress(OSError):
            return png_text(path, MARK) or ""
        return ""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns what the system and the encoders raise into a CaptureError about `path`."""
    from av import FFmpegError

    try:
        yield
    except FFmpegError as error:
        raise CaptureError(f"{path} cannot be encoded: {error.strerror or error}; choose another format") from error
    except OSError as error:
        raise CaptureError(f"{path} cannot be written: {why(error)}") from error
    except ValueError as error:
        raise CaptureError(f"{path} cannot be written: {error}; choose another format or size") from error
