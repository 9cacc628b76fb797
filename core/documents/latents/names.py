"""What the names of arrays and files say of them, as published programs give them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from core.documents.latents.arrays import Array
from core.loading.arrays import Keys

PLUS_WORDS = frozenset(("wp", "wps", "wplus", "w+", "ws", "dlatent", "dlatents"))
W_WORDS = frozenset(("w",))
LATENT_WORDS = frozenset(("latent", "latents", "lat", "lats"))
Z_WORDS = frozenset(("z", "zs", "qlatent", "qlatents"))
DIRECTION_WORDS = frozenset(
    ("eigvec", "eigvecs", "eigen", "eigenvector", "eigenvectors", "boundary", "boundaries", "direction", "directions",
     "comp", "component", "components", "pca")
)  # fmt: skip
OTHER_WORDS = frozenset(
    ("img", "imgs", "image", "images", "noise", "noises", "avg", "mean", "std", "stdev", "stdevs", "mask", "loss",
     "label", "labels")
)  # fmt: skip
WEIGHT_WORDS = frozenset(("weight", "bias"))


class Meaning(IntEnum):
    """What an array is by its name."""

    PLUS = 0
    W = 1
    LATENT = 2  # w or w+, as a rule
    Z = 3
    UNNAMED = 4
    DIRECTION = 5
    OTHER = 6


@dataclass(frozen=True)
class Naming:
    """What names say of an array, and the name that says so, without its numbers; "": that of the file, or none."""

    meaning: Meaning
    name: str = ""


def naming_of(keys: Keys, path: Path) -> Naming:
    """What the innermost key that says something says of an array, or the name of its file."""
    for key in reversed(keys):
        if isinstance(key, str) and not is_path(key):
            words = _words(key)
            if (found := _meaning(words, words)) is not Meaning.UNNAMED:
                return Naming(found, "_".join(words))
    return Naming(_meaning_of_file(path))


def is_path(key: str) -> bool:
    """Whether a key is the name of a picture, not of an array."""
    return re.search(r"[./\\]", key) is not None


def is_weight(array: Array) -> bool:
    """Whether it is a parameter of a network, by its name."""
    return bool(array.keys) and bool(WEIGHT_WORDS & {*_words(str(array.keys[-1]))})


def _meaning_of_file(path: Path) -> Meaning:
    """In the name of a file, the first and the last word may say that it holds latents, in that of its folder none."""
    words = _words(path.stem)
    found = _meaning(words, [*words[:1], *words[-1:]])
    if found in (Meaning.UNNAMED, Meaning.OTHER):
        of_folder = DIRECTION_WORDS & {*_words(path.absolute().parent.name)}
        return Meaning.DIRECTION if of_folder else Meaning.UNNAMED
    return found


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+\+?", name.lower())


def _meaning(words: list[str], own: list[str]) -> Meaning:
    """words: all of a name; own: those of them that may say that it is a latent."""
    if DIRECTION_WORDS & {*words}:
        return Meaning.DIRECTION
    if OTHER_WORDS & {*words}:
        return Meaning.OTHER
    if PLUS_WORDS & {*own} or {"w", "plus"} <= {*words}:
        return Meaning.PLUS
    for known, meaning in ((W_WORDS, Meaning.W), (Z_WORDS, Meaning.Z), (LATENT_WORDS, Meaning.LATENT)):
        if known & {*own}:
            return meaning
    return Meaning.UNNAMED
