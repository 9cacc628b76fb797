"""What of a file was taken for its generator and what was left out, as notes for the user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.base.errors import CheckpointError
from core.base.text import shown
from core.loading.common.checkpoint import StateDict
from core.loading.formats.state_dicts import Place
from core.loading.formats.words import TRAINING, UNLIKELY, rank, words_of

LITTLE = 3  # tensors that are not worth a word when they are left out
MAX_LISTED = 5  # names in a note


def other_generators(chosen: StateDict, recognised: Sequence[StateDict]) -> list[StateDict]:
    """Those that are other networks than the chosen one, each once, and no discriminators."""
    found: list[StateDict] = []
    for one in recognised:
        known = any(_same_network(one, other) for other in (chosen, *found)) or is_joint(one)
        if not known and rank(*one.place, one.prefix) < UNLIKELY:
            found.append(one)
    return found


def notes_on(chosen: StateDict, generators: Sequence[StateDict], everything: Sequence[StateDict]) -> tuple[str, ...]:
    """What of a file was taken, and what was left out. generators: other ones that could have been taken as well."""
    parts = [
        name_of_part(one)
        for one in everything
        if not one.prefix and not one.partial and len(one.tensors) > LITTLE and not _related(one.place, chosen.place)
    ]
    if chosen.prefix:
        parts += _beside_prefix(chosen, everything)
    parts = [part for part in parts if not words_of(part) & TRAINING]
    return choice_notes(name_of_part(chosen), [name_of_part(one) for one in generators], parts)


def unreadable(one: StateDict, error: CheckpointError) -> str:
    return f"The generator `{shown(name_of_part(one), 80)}` of this file cannot be opened: {error}"


@contextmanager
def named_part(one: StateDict | None) -> Iterator[None]:
    """Errors name the prefix that their names of tensors come after."""
    try:
        yield
    except CheckpointError as error:
        if one is None or not one.prefix:
            raise
        raise type(error)(unreadable(one, error)) from error


def _beside_prefix(chosen: StateDict, everything: Sequence[StateDict]) -> list[str]:
    """What stands beside a prefix, up to the next dot."""
    wholes = (one for one in everything if one.place == chosen.place and not one.prefix and not one.partial)
    whole = next(wholes, chosen)
    parent = chosen.prefix[:-1].rpartition(".")[0]
    before = f"{parent}." if parent else ""
    outside = (name for name in whole.tensors if not name.startswith(chosen.prefix))
    firsts = (name.removeprefix(before).split(".") for name in outside)
    return list(dict.fromkeys(before + parts[0] for parts in firsts if len(parts) > 1))


def name_of_part(one: StateDict) -> str:
    return ".".join(one.place) + ("." if one.place and one.prefix else "") + one.prefix.removesuffix(".")


def choice_notes(chosen: str, generators: Sequence[str], parts: Sequence[str] = ()) -> tuple[str, ...]:
    """chosen: where the network was; generators: other ones; parts: whatever else there is."""
    taken = f"`{shown(chosen, 80)}` was opened" if chosen else "the network at the top was opened"
    others = list(dict.fromkeys(name for name in generators if name != chosen))
    left = list(dict.fromkeys(name for name in (*others, *parts) if name and name != chosen))
    if others:
        return (f"The file holds more than one generator: {taken}, {_listed(left)} left out.",)
    return (f"Of this file {taken}; {_listed(left)} left out.",) if left else ()


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    named = ", ".join(f"`{shown(name, 60)}`" for name in names[:MAX_LISTED])
    return f"{named}{more} {'was' if len(names) == 1 else 'were'}"


def is_joint(one: StateDict) -> bool:
    """Whether it is several groups of tensors that lie side by side."""
    return one.partial and not one.prefix


def _same_network(one: StateDict, other: StateDict) -> bool:
    """Whether they are the same network, of which one is seen from further away."""
    if is_joint(other):
        return _related(one.place, other.place)
    return one.place == other.place and (one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix))


def _related(one: Place, other: Place) -> bool:
    return one == other[: len(one)] or other == one[: len(other)]
