"""The latents of a file: all arrays in it that fit a network, with notes about the others."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from core.base.errors import UsageError
from core.base.text import shown
from core.documents.latents.arrays import Array, Floats, read_arrays
from core.documents.latents.codes import read_codes
from core.documents.latents.names import Meaning, is_path, is_weight, meaning_of, meaning_of_keys
from core.documents.latents.shapes import MAX_LATENTS, Space, latents_of, space_of
from core.request import Latent, ModelInfo

# What a user should know of a file that was read, a sentence each.
Tell: TypeAlias = Callable[[str], None]

MAX_NUMBERS = 2**25  # of all latents of a file
MAX_LISTED = 6  # arrays in a message
UNIT = 1e-3  # by how much the lengths of directions differ from 1
SHORTEST = 16  # numbers of a direction that is known by its length


# Which of the arrays that fit are taken, the first kind that there is.
PREFERRED = {
    None: (Meaning.PLUS, Meaning.W, Meaning.LATENT, Meaning.Z, Meaning.UNNAMED),
    Space.W: (Meaning.PLUS, Meaning.W, Meaning.LATENT, Meaning.UNNAMED, Meaning.Z),
    Space.Z: (Meaning.Z, Meaning.LATENT, Meaning.UNNAMED, Meaning.W, Meaning.PLUS),
}


@dataclass(frozen=True, eq=False)
class Candidate:
    """An array that may be latents."""

    array: Array
    meaning: Meaning
    space: Space


def read_latents(
    path: Path, info: ModelInfo, *, space: Space | None = None, tell: Tell = lambda text: None,
    most: int = MAX_LATENTS,
) -> tuple[Latent, ...]:
    """The latents of a file, as far as they fit the network, in their order and at most so many: z, w or w+ in all the
    shapes of `space_of`; codes for a network with codes. Names decide where shapes do not.

    space: Z or W (then also w+), if that is known already. tell: gets what was left out, and what was only likely.
    Raises UsageError saying what the file has and what is needed.
    """
    if info.codes is not None:
        return read_codes(path, info.codes, tell=tell)
    arrays = read_arrays(path)
    found = [each for array in arrays if (each := _candidate(array, path, info, space)) is not None]
    if not any(each.meaning is not Meaning.UNNAMED for each in found):
        _refuse_others(path, arrays)
    if not found:
        holds = _listed(arrays) if arrays else "no array of numbers that stands alone, in a dict or in a list"
        raise UsageError(f"{_called(path)} holds {holds}; this network needs {_needed(info, space)}.")
    same = _of_one_kind(found, space)
    _tell_of_others(path, arrays, same, tell)
    chosen = _last_steps(path, same, tell)
    _tell_of_doubt(path, chosen, info, space, tell)
    return _read(path, chosen, info, space, most, tell)


def holds_arrays(path: Path) -> bool:
    """Whether a file that may be a network holds other arrays. Raises UsageError if that cannot be told."""
    arrays = read_arrays(path)
    named = (Meaning.PLUS, Meaning.W, Meaning.LATENT, Meaning.Z, Meaning.DIRECTION)
    is_network = any(map(is_weight, arrays)) and not any(meaning_of(a.keys, path) in named for a in arrays)
    return bool(arrays) and not is_network


# ----------------------------------------------------------------------------
# Which arrays.


def _candidate(array: Array, path: Path, info: ModelInfo, space: Space | None) -> Candidate | None:
    meaning = meaning_of(array.keys, path)
    if meaning > Meaning.UNNAMED:
        return None
    is_z = space is Space.Z or (space is None and meaning is Meaning.Z)
    is_w = space is Space.W or (space is None and meaning in (Meaning.PLUS, Meaning.W) and info.has_w)
    found = space_of(array.shape, info, is_z=is_z, is_w=is_w)
    return None if found is None else Candidate(array, meaning, found)


def _refuse_others(path: Path, arrays: Sequence[Array]) -> None:
    """Raises UsageError for a file of directions or of weights, of which some may have the shape of a latent."""
    directions = [array for array in arrays if meaning_of(array.keys, path) is Meaning.DIRECTION]
    if directions:
        raise UsageError(_directions(path, _listed(directions)))
    if any(map(is_weight, arrays)):
        raise UsageError(f"{_called(path)} holds the weights of a network, and no latents; open it as a network.")


def _directions(path: Path, what: str) -> str:
    return (
        f"{_called(path)} holds directions ({what}), which say where to move a latent and are none themselves; "
        "this version has no use for them yet. Open a file of z, w or w+."
    )


def _of_one_kind(found: Sequence[Candidate], space: Space | None) -> list[Candidate]:
    """Those of the first kind that there is: one file may hold the z, the w and the w+ of a picture.

    Where some are called so themselves, the name of the file says nothing of the others.
    """
    kind = min((each.meaning for each in found), key=PREFERRED[space].index)
    same = [each for each in found if each.meaning is kind]
    return [each for each in same if meaning_of_keys(each.array.keys) is kind] or same


def _last_steps(path: Path, found: list[Candidate], tell: Tell) -> list[Candidate]:
    """Of the steps of an encoder, a list for each picture, the last."""
    lists = {each.array.keys[:-1] for each in found if _in_list(each)}
    if len(lists) < 2 and not any(isinstance(keys[-1], str) and is_path(keys[-1]) for keys in lists):
        return found
    last = {each.array.keys[:-1]: each for each in found if _in_list(each)}
    kept = [each for each in found if not _in_list(each) or last[each.array.keys[:-1]] is each]
    if len(kept) < len(found):
        tell(f"{_called(path)} holds several steps of each picture; the last ones were taken.")
    return kept


def _in_list(each: Candidate) -> bool:
    """Whether it stands in a list that is one of several, or has a name, which is not that of latents."""
    match each.array.keys:
        case (*above, int()) if above:
            return meaning_of_keys(tuple(above)) is Meaning.UNNAMED
    return False


# ----------------------------------------------------------------------------
# Their numbers.


def _read(
    path: Path, chosen: Sequence[Candidate], info: ModelInfo, space: Space | None, most: int, tell: Tell
) -> tuple[Latent, ...]:
    width = {Space.Z: info.z_dim, Space.W: info.w_dim, Space.PLUS: info.num_ws * info.w_dim}
    latents: list[Latent] = []
    for each in chosen:
        room = max(1, min(most, MAX_NUMBERS // width[each.space])) - len(latents)
        if room <= 0:
            break
        array = each.array.numbers()
        if each.meaning is Meaning.UNNAMED and space is not Space.Z and _is_unit(array):
            raise UsageError(_directions(path, f"{_listed([each.array])}, of length 1"))
        is_w = each.space is not Space.Z
        latents += latents_of(array, info, is_z=not is_w, is_w=is_w, most=room)
    total = sum(math.prod(each.array.shape) // width[each.space] for each in chosen)
    if total > len(latents):
        tell(f"{_called(path)} holds {total:,} latents; the first {len(latents):,} were taken.")
    return tuple(latents)


def _is_unit(array: Floats) -> bool:
    """Whether all rows have the length of directions, which those of no space have by themselves."""
    if array.shape[-1] < SHORTEST:
        return False
    lengths = np.linalg.norm(array.astype(np.float64), axis=-1)
    return bool((np.abs(lengths - 1) < UNIT).all())


# ----------------------------------------------------------------------------
# What a user is told.


def _tell_of_others(path: Path, arrays: Sequence[Array], same: Sequence[Candidate], tell: Tell) -> None:
    known = {id(each.array) for each in same}
    others = [array for array in arrays if id(array) not in known]
    if others:
        many = f" ({len(same)} latents)" if len(same) > 1 else ""
        taken = _listed(each.array for each in same)
        tell(f"Of {_called(path)}, {taken}{many} was taken; left out: {_listed(others)}.")


def _tell_of_doubt(
    path: Path, chosen: Sequence[Candidate], info: ModelInfo, space: Space | None, tell: Tell
) -> None:
    first, shape = chosen[0], list(chosen[0].array.shape)
    is_alone = not any(isinstance(key, int) or is_path(key) for key in first.array.keys)
    if (space is Space.W and first.meaning is Meaning.Z) or (space is Space.Z and first.meaning < Meaning.LATENT):
        tell(f"{_called(path)}: '{first.array.name or path.stem}' was taken as {first.space}, as the option says.")
    elif space is None and first.space is Space.W and info.w_dim == info.z_dim and first.meaning is not Meaning.W:
        tell(f"{_called(path)} {shape} was taken as w; if it is z, call the file or the array z.")
    elif is_alone and first.space is Space.PLUS and len(shape) == 2 and first.meaning is not Meaning.PLUS:
        tell(f"{_called(path)} {shape} was taken as w+, a row a layer, and not as {shape[0]} latents in w.")


def _listed(arrays: Iterable[Array]) -> str:
    """Names and shapes, those of one name once."""
    names: dict[str, list[int]] = {}
    for array in arrays:
        names.setdefault(array.name or "numbers of the shape", list(array.shape))
    words = [f"{name} {shape}" for name, shape in names.items()]
    more = f" and {len(words) - MAX_LISTED} more" if len(words) > MAX_LISTED else ""
    return ", ".join(words[:MAX_LISTED]) + more


def _needed(info: ModelInfo, space: Space | None) -> str:
    one = "w" if info.has_w else "z and class of a layer"
    every = "w+" if info.has_w else "of all layers"
    z, w = f"z [{info.z_dim}]", f"{one} [{info.w_dim}] or {every} [{info.num_ws}, {info.w_dim}]"
    return z if space is Space.Z else w if space is Space.W else f"{z}, {w}"


def _called(path: Path) -> str:
    return shown(path.name, 100)
