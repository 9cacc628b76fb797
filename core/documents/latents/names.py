"""What the names of arrays and files say of them, as published programs give them."""

from __future__ import annotations

import re
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
OTHER_WORDS = frozenset(("noise", "noises", "avg", "mean", "std", "stdev", "stdevs", "mask", "loss", "label", "labels"))
PICTURE_WORDS = frozenset(("img", "imgs", "image", "images"))  # with a number, it is the name of a picture
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


def meaning_of(keys: Keys, path: Path) -> Meaning:
    """What its keys say of an array, or else the names of its file and of the folder."""
    if (found := meaning_of_keys(keys)) is not Meaning.UNNAMED:
        return found
    found = _meaning(path.stem)
    if found in (Meaning.UNNAMED, Meaning.OTHER):  # other words say little in the name of a file
        of_folder = DIRECTION_WORDS & {*_words(path.absolute().parent.name)}
        return Meaning.DIRECTION if of_folder else Meaning.UNNAMED
    return found


def meaning_of_keys(keys: Keys) -> Meaning:
    """What the innermost key that says something says of an array."""
    for key in reversed(keys):
        if isinstance(key, str) and not is_path(key) and (found := _meaning(key)) is not Meaning.UNNAMED:
            return found
    return Meaning.UNNAMED


def is_path(key: str) -> bool:
    """Whether a key is the name of a picture, not of an array."""
    return re.search(r"[./\\]", key) is not None


def is_weight(array: Array) -> bool:
    """Whether it is a parameter of a network, by its name."""
    return bool(array.keys) and bool(WEIGHT_WORDS & {*_words(str(array.keys[-1]))})


def _meaning(name: str) -> Meaning:
    words = _words(name)
    ends = {*words[:1], *words[-1:]}  # "w_0001", "projected_w", but no "man_w_hat"
    if DIRECTION_WORDS & {*words}:
        return Meaning.DIRECTION
    if OTHER_WORDS & {*words} or (PICTURE_WORDS & {*words} and not re.search("[0-9]", name)):
        return Meaning.OTHER
    if PLUS_WORDS & ends or {"w", "plus"} <= {*words}:
        return Meaning.PLUS
    for known, meaning in ((W_WORDS, Meaning.W), (Z_WORDS, Meaning.Z), (LATENT_WORDS, Meaning.LATENT)):
        if known & ends:
            return meaning
    return Meaning.UNNAMED


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+\+?", name.lower())
