"""Lists of numbers and of latents as users write them: 0,3,5-9,me.npz."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from core.base.errors import UsageError
from core.base.paths import path_of
from core.base.text import shown
from core.documents.latents.latents import read_latents
from core.request import LAST_SEED, ModelInfo
from core.request.tables import MOST_CELLS, Named

IN_FOLDERS = (".npy", ".npz", ".pt", ".pth")  # latents, where other files may lie beside them
RANGE = re.compile(r"\s*(-?[0-9]+)(?:-([0-9]+))?\s*")


def named_latents(text: str, info: ModelInfo, tell: Callable[[str], None] = lambda text: None) -> list[Named]:
    """Seeds, ranges of seeds, files of latents and folders of them, each under a name of its own.

    tell: gets notes about the files. Raises UsageError.
    """
    found: list[Named] = []
    for part in text.split(","):
        if RANGE.fullmatch(part):
            found += [Named.seed(seed) for seed in seeds(part, "the list")]
            continue
        for path in _files(part):
            latents = read_latents(path, info, tell=tell)
            names = [path.stem] if len(latents) == 1 else [f"{path.stem}.{i}" for i in range(len(latents))]
            found += [Named(latent, name) for latent, name in zip(latents, names, strict=True)]
    if len({named.name for named in found}) < len(found):
        raise UsageError(f"'{shown(text)}' names a source twice; each picture needs a name of its own.")
    return found


def _files(part: str) -> list[Path]:
    """The file itself, or the files of latents in a folder by their names."""
    if not part.strip():
        raise UsageError("A part of the list is empty; write seeds and files with a comma between, such as 0,3,me.npz.")
    path = path_of(part.strip())
    try:
        if not path.suffix and not path.exists():
            called = shown(path, 60)
            raise UsageError(f"{called} is no file of latents and no seed; write 0,3,5-9 or the path of a file.")
        if not path.is_dir():
            return [path]
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in IN_FOLDERS)
    except OSError as error:
        raise UsageError(f"{shown(part, 100)} cannot be read: {shown(error, 100)}.") from error
    if not files:
        raise UsageError(f"The folder {shown(path)} holds no {', '.join(IN_FOLDERS)} files.")
    return files


def seeds(text: str, option: str, most: int = MOST_CELLS) -> list[int]:
    """Seeds and ranges of them, each once; option: what is said of them in errors. Raises UsageError."""
    found = integers(text, option, most)
    checked_seed(min(found), option)
    checked_seed(max(found), option)
    if len(set(found)) < len(found):
        twice = next(seed for seed in found if found.count(seed) > 1)
        raise UsageError(f"Seed {twice} stands twice in {option}; each picture needs a name of its own.")
    return found


def checked_seed(seed: int, option: str) -> int:
    """A seed that there is. Raises UsageError."""
    if abs(seed) > LAST_SEED:
        raise UsageError(f"There is no seed {shown(seed, 24)} as in {option}: seeds end at {LAST_SEED}.")
    return seed


def layers(text: str, info: ModelInfo, option: str) -> list[int]:
    """Entries of ws of a network. Raises UsageError for others."""
    found, last = integers(text, option), info.num_ws - 1
    for entry in found:
        if not 0 <= entry <= last:
            has = f"layers 0 to {last}" if last else "layer 0 alone"
            raise UsageError(f"There is no layer {entry} as in {option}: this network has {has}.")
    return found


def integers(text: str, option: str, most: int = MOST_CELLS) -> list[int]:
    """Numbers and ranges, `most` at most; option: what is said of them in errors. Raises UsageError."""
    numbers: list[int] = []
    for part in text.split(","):
        match = RANGE.fullmatch(part)
        if match is None:
            raise UsageError(f"'{shown(part, 40)}' of {option} is no number or range; write 0,3,5-9.")
        if max(map(len, filter(None, match.groups()))) > 18:
            raise UsageError(f"'{shown(part, 40)}' of {option} is too large a number.")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + most - len(numbers):
            raise UsageError(f"'{shown(part, 40)}' of {option} is no usable range.")
        numbers += range(first, last + 1)
    return numbers
