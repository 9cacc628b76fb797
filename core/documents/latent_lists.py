"""Lists of numbers and of latents as users write them: 0,3,5-9,me.npz."""

from __future__ import annotations

import re
from pathlib import Path

from core.base.errors import UsageError
from core.base.paths import path_of
from core.documents.latent_files import READ, read_latents
from core.request import ModelInfo
from core.request.tables import MOST_CELLS, Named


def named_latents(text: str, info: ModelInfo) -> list[Named]:
    """Seeds, ranges of seeds, files of latents and folders of them, each under a name of its own. Raises UsageError."""
    found: list[Named] = []
    for part in text.split(","):
        if re.fullmatch(r"\s*-?\d{1,10}(-\d{1,10})?\s*", part):
            found += [Named.seed(seed) for seed in integers(part, "the list")]
            continue
        for path in _files(path_of(part.strip())):
            latents = read_latents(path, info)
            names = [path.stem] if len(latents) == 1 else [f"{path.stem}.{i}" for i in range(len(latents))]
            found += [Named(latent, name) for latent, name in zip(latents, names, strict=True)]
    if len({named.name for named in found}) < len(found):
        raise UsageError(f"'{text}' names a source twice; each picture needs a name of its own.")
    return found


def _files(path: Path) -> list[Path]:
    """The file itself, or the files of latents in a folder by their names."""
    try:
        if not path.is_dir():
            return [path]
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in READ)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    if not files:
        raise UsageError(f"The folder {path} holds no {', '.join(READ)} files.")
    return files


def integers(text: str, option: str) -> list[int]:
    """Numbers and ranges; option: what is said of them in errors. Raises UsageError."""
    numbers: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(-?\d{1,10})(?:-(\d{1,10}))?\s*", part)
        if match is None:
            raise UsageError(f"'{part}' of {option} is no number or range; write 0,3,5-9.")
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + MOST_CELLS:
            raise UsageError(f"'{part}' of {option} is no usable range.")
        numbers += range(first, last + 1)
    return numbers
