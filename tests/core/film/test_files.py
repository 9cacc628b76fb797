"""The files of films: unfinished until they are whole, never over another one, gone on with, on a disk that fills."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from core.base.errors import Cancelled, CaptureError, UsageError
from core.base.progress import silent
from core.film.export import Exported, Source, export
from core.film.files import FilmWriter, film_writer
from core.film.film import Film
from core.film.frames import FilmFrame, MadeFrame
from core.video.formats import CODINGS, Format
from tests.core.film.scenes import maker_of, opened, scene
from tests.core.film.stills import painted, still
from tests.core.video.films import decoded
from tests.disk import no_larger_files
from tests.visualizer.output.test_recorder import noise, playable

ROOT = Path(__file__).resolve().parents[3]


def writer_of(film: Film, path: Path, *, replace: bool = False) -> FilmWriter:
    return film_writer(film, path, maker_of(film, opened()[0]), replace=replace)


def source(film: Film, stop_at: int | None = None) -> Source:
    """Painted frames; before one of them the user cancels."""

    def frames(indices: Sequence[int]) -> Iterator[FilmFrame]:
        for frame in painted(film, indices):
            if frame.index == stop_at:
                raise Cancelled
            yield frame

    return frames


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


ENDINGS = r"cannot hold H\.264; end it in \.mp4 or \.mkv"
FILES = [kind for kind in Format if kind is not Format.PNG]


@pytest.mark.parametrize("kind", FILES)
def test_a_film_has_its_name_only_when_it_is_whole(tmp_path: Path, kind: Format) -> None:
    film, path = still(kind), tmp_path / f"film{CODINGS[kind].suffixes[0]}"
    seen = []

    def progress(stage: str, done: int, total: int, unit: str = "") -> None:
        assert (total, unit) == (12, "frames")
        seen.append((done, names(tmp_path)))

    made = export(writer_of(film, path), source(film), progress)
    unfinished = f"film.unfinished{path.suffix}"
    assert [files for _, files in seen] == [[]] + [[unfinished]] * 12
    assert (made.path, made.frames, made.bytes) == (path, 12, path.stat().st_size)
    assert names(tmp_path) == [path.name]


@pytest.mark.parametrize("kind", FILES)
def test_the_part_that_is_there_when_it_is_cancelled_can_be_played(tmp_path: Path, kind: Format) -> None:
    film, path = still(kind), tmp_path / f"film{CODINGS[kind].suffixes[0]}"
    parts: list[Exported] = []
    with pytest.raises(Cancelled):
        export(writer_of(film, path), source(film, stop_at=7), silent, parts.append)
    assert names(tmp_path) == [f"film.unfinished{path.suffix}"]
    assert (parts[0].path.name, parts[0].frames) == (f"film.unfinished{path.suffix}", 7)
    if kind is not Format.WEBP:  # which FFmpeg cannot decode
        assert len(decoded(parts[0].path)) == 7
    with pytest.raises(Cancelled):
        export(writer_of(film, path), source(film, stop_at=2), silent, parts.append)
    assert parts[1].path.name == f"film.unfinished-2{path.suffix}"  # nothing is lost
    with pytest.raises(Cancelled):
        export(writer_of(film, path), source(film, stop_at=0), silent, parts.append)
    assert len(parts) == len(names(tmp_path)) == 2  # without a frame there is no file


def test_a_film_never_takes_the_place_of_another_unasked(tmp_path: Path) -> None:
    film, path = still(Format.H264), tmp_path / "film.mp4"
    path.write_bytes(b"holiday")
    with pytest.raises(UsageError, match="is there already; choose another name, or have it replaced"):
        writer_of(film, path)
    assert path.read_bytes() == b"holiday"
    with pytest.raises(Cancelled):
        export(writer_of(film, path, replace=True), source(film, stop_at=5), silent)
    assert path.read_bytes() == b"holiday"
    export(writer_of(film, path, replace=True), source(film), silent)
    assert len(decoded(path)) == 12


@pytest.mark.parametrize(
    ("name", "said"), [("film.avi", ENDINGS), ("film", ENDINGS), ("folder.mp4", "is a folder; choose another name")]
)
def test_names_that_cannot_be_are_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(UsageError, match=said):
        writer_of(still(Format.H264), tmp_path / name)


def test_what_a_user_should_know_is_noted(tmp_path: Path) -> None:
    film = still(Format.H264, 1)

    def odd(indices: Sequence[int]) -> Iterator[FilmFrame]:
        yield MadeFrame(0, noise(0, 33)[:, :, [0, 1, 2, 0]], {}, ("The CPU stands in.",))

    made = export(writer_of(film, tmp_path / "film.mp4"), odd, silent)
    assert made.notes == (
        "H.264 needs even sizes: the last column or row is there twice, in 34 × 34",
        "H.264 has no transparency: the pictures lie over black",
        "The CPU stands in.",
    )


# ----------------------------------------------------------------------------
# Folders of pictures.


def test_only_the_pictures_that_are_missing_are_made(tmp_path: Path) -> None:
    network, renderer = opened()
    film = scene(format=Format.PNG)
    maker = maker_of(film, network)
    asked: list[Sequence[int]] = []

    def made(indices: Sequence[int], stop_at: int | None = None) -> Iterator[FilmFrame]:
        asked.append(list(indices))
        for index in indices:
            if index == stop_at:
                raise Cancelled
            yield maker.make(index, renderer.render)

    with pytest.raises(Cancelled):
        export(film_writer(film, tmp_path / "film", maker), lambda indices: made(indices, 9), silent)
    (tmp_path / "film" / "00003.png").unlink()
    (tmp_path / "film" / "00004.png").write_bytes(b"")
    (tmp_path / "film" / "notes.txt").write_text("mine")
    done = export(film_writer(film, tmp_path / "film", maker, replace=True), made, silent)
    assert asked[1] == [3, 4, *range(9, 24)]
    assert (done.frames, done.notes) == (24, ("7 frames were there already",))
    assert len(names(tmp_path / "film")) == 25
    assert film_writer(film, tmp_path / "film", maker).missing == []


def test_pictures_of_another_film_are_not_mixed_with_these(tmp_path: Path) -> None:
    film, maker = scene(format=Format.PNG), maker_of(scene(format=Format.PNG), opened()[0])
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "00002.png").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"holds pictures of another film, such as 00002\.png; choose another folder"):
        film_writer(film, tmp_path / "film", maker)
    (tmp_path / "film" / "00002.png").rename(tmp_path / "film" / "00024.png")  # beyond the last frame
    with pytest.raises(UsageError, match=r"such as 00024\.png"):
        film_writer(film, tmp_path / "film", maker)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file; choose another name for the folder"):
        film_writer(film, tmp_path / "file", maker)


# ----------------------------------------------------------------------------
# What goes wrong on the way.


@pytest.mark.parametrize("kind", [Format.H264, Format.FFV1, Format.GIF, Format.PNG])
def test_a_disk_that_fills_ends_it_with_a_sentence_and_its_part(tmp_path: Path, kind: Format) -> None:
    film, path = still(kind, 60), tmp_path / f"film{CODINGS[kind].suffixes[0]}"

    def noisy(indices: Sequence[int]) -> Iterator[FilmFrame]:
        for index in indices:
            yield MadeFrame(index, noise(index, 64 if index < 40 or kind is not Format.PNG else 256), {})

    with no_larger_files(150_000), pytest.raises(CaptureError) as failed:
        export(writer_of(film, path), noisy, silent)
    assert "cannot be written: it is larger than a file may be there; choose another folder. " in str(failed.value)
    assert not path.is_file()
    part = path if kind is Format.PNG else tmp_path / f"film.unfinished{path.suffix}"
    assert str(failed.value).endswith(f"in {part.name}.")
    assert (len(names(part)) if kind is Format.PNG else playable(part)) >= 5


KILLED = """
import sys
from pathlib import Path
import numpy as np
from core.base.progress import silent
from core.film.export import export
from core.film.files import FilmFile
from core.film.frames import MadeFrame
from core.video.formats import Format
from tests.core.film.stills import still

kind, path = Format(sys.argv[1]), Path(sys.argv[2])
random = np.random.RandomState(0)

def frames(indices):
    for index in indices:
        if index == 60:
            print("60 frames", flush=True)
        yield MadeFrame(index, random.randint(0, 256, (64, 64, 3)).astype(np.uint8), {})

export(FilmFile(still(kind, 100_000), path, text="", sound=lambda: None), frames, silent)
"""


@pytest.mark.parametrize("kind", [Format.H264, Format.FFV1])
def test_what_a_killed_program_leaves_can_be_played(tmp_path: Path, kind: Format) -> None:
    path = tmp_path / f"film{CODINGS[kind].suffixes[0]}"
    command = [sys.executable, "-c", KILLED, str(kind), str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        program.kill()
    assert line == "60 frames\n"
    assert names(tmp_path) == [f"film.unfinished{path.suffix}"]
    assert playable(tmp_path / f"film.unfinished{path.suffix}") >= 30
