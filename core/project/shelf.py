"""The shelf as it is edited: every function gives another one. Imports no torch."""

from __future__ import annotations

import secrets
from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TypeAlias

from core.project.project import Kept
from core.request import RenderRequest
from core.request.words import latent_words

Shelf: TypeAlias = tuple[Kept, ...]

MOST_KEPT = 5000
MOST_TAGS = 20  # of one
MOST_OF_NAME, MOST_OF_TAG = 120, 40  # characters
ID_BYTES = 6


def new_kept(
    request: RenderRequest, *, name: str = "", tags: Iterable[str] = (), starred: bool = False, picture: bytes = b""
) -> Kept:  # fmt: skip
    """A request with an id of its own."""
    return Kept(secrets.token_hex(ID_BYTES), request, named(name), tags_of(tags), starred, picture)


def with_kept(shelf: Shelf, *new: Kept, before: str = "") -> Shelf:
    """With more on it, as far as there is room. before: the id of the one that they come before; "": at the end."""
    new = new[: max(0, MOST_KEPT - len(shelf))]
    at = next((index for index, one in enumerate(shelf) if one.id == before), len(shelf))
    return (*shelf[:at], *new, *shelf[at:])


def without(shelf: Shelf, ids: Collection[str]) -> Shelf:
    return tuple(one for one in shelf if one.id not in ids)


def moved(shelf: Shelf, ids: Collection[str], at: int) -> Shelf:
    """Those together, in the order that they have, before the one that is now at a place; len(shelf): to the end."""
    moving = tuple(one for one in shelf if one.id in ids)
    return (*without(shelf[:at], ids), *moving, *without(shelf[at:], ids))


def renamed(shelf: Shelf, id: str, name: str) -> Shelf:
    """name: "": by its seed."""
    return tuple(replace(one, name=named(name)) if one.id == id else one for one in shelf)


def tagged(shelf: Shelf, ids: Collection[str], tags: Iterable[str]) -> Shelf:
    """With these tags in place of those they had."""
    new = tags_of(tags)
    return tuple(replace(one, tags=new) if one.id in ids and one.tags != new else one for one in shelf)


def starred(shelf: Shelf, ids: Collection[str], on: bool) -> Shelf:
    return tuple(replace(one, starred=on) if one.id in ids and one.starred is not on else one for one in shelf)


def pictured(shelf: Shelf, id: str, picture: bytes) -> Shelf:
    """With a small picture of one that had none; the same shelf if it is not there."""
    if not any(one.id == id and not one.picture for one in shelf):
        return shelf
    return tuple(replace(one, picture=picture) if one.id == id and not one.picture else one for one in shelf)


def named(text: str) -> str:
    """A name as it is kept: one line, not too long."""
    return " ".join(text.split())[:MOST_OF_NAME]


def tags_of(words: Iterable[str]) -> tuple[str, ...]:
    """Tags as they are kept: each once, whatever its case; not too long, not too many."""
    tags: dict[str, str] = {}
    for word in words:
        tag = " ".join(word.replace(",", " ").split())[:MOST_OF_TAG]
        if tag:
            tags.setdefault(tag.casefold(), tag)
    return tuple(tags.values())[:MOST_TAGS]


# ----------------------------------------------------------------------------
# Looking at it.


def title_of(kept: Kept) -> str:
    """Its name, else what its latent is called."""
    return kept.name or latent_words(kept.request.latent)


def found(shelf: Shelf, search: str = "", *, only_starred: bool = False) -> Shelf:
    """Those in whose title or tags each word is found; a word that begins with # has to begin a tag."""
    words = search.casefold().split()
    if not words and not only_starred:
        return shelf
    return tuple(
        one
        for one in shelf
        if (one.starred or not only_starred) and all(_has(one, word) for word in words)
    )


def _has(one: Kept, word: str) -> bool:
    tags = [tag.casefold() for tag in one.tags]
    if word.startswith("#"):
        return any(tag.startswith(word[1:]) for tag in tags)
    return word in title_of(one).casefold() or any(word in tag for tag in tags)


# ----------------------------------------------------------------------------
# A step in words.


def describe_shelf(before: Shelf, after: Shelf) -> str:
    """What a step did to the shelf, such as "Kept Seed 384"; "" if nothing differs but small pictures."""
    if before is after:
        return ""
    old, new = {one.id: one for one in before}, {one.id: one for one in after}
    if gained := [one for one in after if one.id not in old]:
        return f"Kept {_counted(gained)}"
    if lost := [one for one in before if one.id not in new]:
        return f"Removed {_counted(lost)}"
    pairs = [(old[one.id], one) for one in after]
    if changed := [(a, b) for a, b in pairs if a.name != b.name]:
        return f"Renamed {title_of(changed[0][0])} → {title_of(changed[0][1])}"
    if stars := [b for a, b in pairs if a.starred != b.starred]:
        return f"{'Starred' if stars[0].starred else 'Unstarred'} {_counted(stars)}"
    if tags := [b for a, b in pairs if a.tags != b.tags]:
        return f"Tagged {_counted(tags)}"
    if moving := _moved(before, after):
        return f"Moved {_counted(moving)}"
    return ""


def _counted(some: list[Kept]) -> str:
    return title_of(some[0]) if len(some) == 1 else f"{len(some):,} latents"


def _moved(before: Shelf, after: Shelf) -> list[Kept]:
    """The fewest that can have gone elsewhere: all but the longest run that is still in its order."""
    places = {one.id: index for index, one in enumerate(before)}
    ends: list[int] = []  # of the runs of each length, the smallest last place
    links: dict[int, int | None] = {}  # by place, the one before it in its run
    for one in after:
        place = places[one.id]
        length = bisect_left(ends, place)
        links[place] = ends[length - 1] if length else None
        ends[length : length + 1] = [place]
    stayed: set[int] = set()
    place_or_none = ends[-1] if ends else None
    while place_or_none is not None:
        stayed.add(place_or_none)
        place_or_none = links[place_or_none]
    return [one for one in after if places[one.id] not in stayed]
