"""What files give to the shelf: pictures saved here, latents, lists of seeds."""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.base.errors import UsageError, VisualizerError
from core.base.progress import Progress
from core.base.text import shown
from core.documents.document import from_text
from core.documents.latents.latents import read_latents
from core.documents.pictures import read_pixels
from core.documents.seed_lists import SUFFIXES as SEED_LISTS
from core.documents.seed_lists import read_seeds
from core.project import Kept
from core.project.shelf import new_kept
from core.request import Latent, ModelInfo, RenderRequest, SeedPoint
from visualizer.output.capture import read_picture_text
from visualizer.output.small_pictures import small_picture

SAVED_PICTURES = (".png",)  # which have their settings inside
LATENTS = (".npy", ".npz", ".pt", ".pth", ".pkl", ".pickle", ".txt", ".csv")
READ = frozenset((*SAVED_PICTURES, *LATENTS, *SEED_LISTS))
NAMES = "names"  # of the latents, in a .npz of ours
MOST_FILES = 20_000  # of a folder
MOST_SHOWN = 60  # characters of a name
DAMAGED = (OSError, ValueError, EOFError, KeyError, NotImplementedError, MemoryError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True)
class Base:
    """What the latents of files are shown with."""

    request: RenderRequest
    info: ModelInfo | None = None  # of the open network; without one, only pictures can be read
    digest: str = ""  # of its file: a picture of it is shown with it, wherever that file was


@dataclass(frozen=True)
class Imported:
    """What was found, and what was not."""

    kept: tuple[Kept, ...] = ()
    left_out: int = 0  # pictures of other programs
    bad: tuple[str, ...] = ()  # why a file cannot be read, a sentence each
    notes: tuple[str, ...] = ()  # what should be known of those that were


def pictures_in(folder: Path) -> list[Path]:
    """The files of a folder that may be pictures saved here, by name. Raises UsageError."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.lower().endswith(SAVED_PICTURES))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        name = shown(folder, MOST_SHOWN)
        raise UsageError(f"The folder {name} cannot be read: {reason}; choose another one.") from error
    return [folder / name for name in names[:MOST_FILES] if not name.startswith(".")]


def read_all(paths: Sequence[Path], base: Base, most: int, progress: Progress) -> Imported:
    """What files give, in their order, at most so many. A bad file is told and the others are read."""
    kept: list[Kept] = []
    left_out, bad, notes = 0, list[str](), list[str]()
    for done, path in enumerate(paths):
        progress("Reading", done, len(paths), "files")
        try:
            found = list(_read(path, base, notes))
        except VisualizerError as error:
            bad.append(str(error))
            continue
        left_out += not found
        kept += found[: most - len(kept)]
        if len(found) and len(kept) >= most:
            notes.append(f"The shelf has room for {most:,} more; the rest was left out.")
            break
    progress("Reading", len(paths), len(paths), "files")
    return Imported(tuple(kept), left_out, tuple(bad), tuple(dict.fromkeys(notes)))


def _read(path: Path, base: Base, notes: list[str]) -> Iterator[Kept]:
    """Nothing of a picture of another program. Raises UsageError."""
    suffix = path.suffix.lower()
    if suffix in SAVED_PICTURES:
        text = read_picture_text(path)
        if text is not None:
            yield _of_picture(path, text, base, notes)
        return
    if suffix in SEED_LISTS and (seeds := read_seeds(path)) is not None:
        for each in seeds:
            yield new_kept(replace(base.request, latent=SeedPoint(float(each.seed))), name=each.name)
        return
    if suffix not in LATENTS:
        raise UsageError(f"{shown(path.name, MOST_SHOWN)} is no picture, latent or list of seeds; choose another file.")
    if base.info is None:
        raise UsageError(f"{shown(path.name, MOST_SHOWN)} holds latents of a network; open the network first.")
    latents = read_latents(path, base.info, tell=notes.append)
    names = _names(path, latents)
    for latent, name in zip(latents, names, strict=True):
        yield new_kept(replace(base.request, latent=latent), name=name)


def _of_picture(path: Path, text: str, base: Base, notes: list[str]) -> Kept:
    """The request of a saved picture, under the name of its file, with its own pixels small."""
    document = from_text(text, shown(path.name, MOST_SHOWN))
    request = document.request
    if base.info is not None and document.digest and document.digest == base.digest:
        request = replace(request, network=base.request.network)
    if not request.network:
        raise UsageError(f"{shown(path.name, MOST_SHOWN)} names no network; choose a picture that this program saved.")
    notes += document.notes
    return new_kept(request, name=path.stem, picture=small_picture(read_pixels(path)))


def _names(path: Path, latents: Sequence[Latent]) -> list[str]:
    """Those that the file has itself, else its own name with numbers."""
    if len(latents) == 1:
        return [path.stem]
    if path.suffix.lower() == ".npz":
        try:
            with np.load(path, allow_pickle=False) as archive:
                names = archive[NAMES] if NAMES in archive.files else None
        except DAMAGED:
            names = None
        if names is not None and names.dtype.kind == "U" and names.shape == (len(latents),):
            return [str(name) for name in names]
    return [f"{path.stem} {number}" for number in range(len(latents))]
