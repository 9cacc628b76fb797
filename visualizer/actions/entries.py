"""What the searchable list offers, and which of it a search finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from resources import icons
from visualizer.actions.commands import COMMANDS, Command, run_command
from visualizer.actions.context import Context

UNLISTED = {"escape", "find"}  # which would only close or open the list


@dataclass(frozen=True)
class Entry:
    """A line of the list."""

    title: str
    run: Callable[[], None]
    detail: str = ""  # a value, or whether it is on
    place: str = ""  # where it belongs, such as a panel
    keys: str = ""
    why_not: str = ""  # why it cannot be run now
    icon: str = icons.SLIDERS_HORIZONTAL
    more: str = ""  # other words that find it, such as its path


def command_entries(context: Context) -> list[Entry]:
    """Every command of the window."""
    return [_entry_of(command, context) for command in COMMANDS if command.id not in UNLISTED]


def _entry_of(command: Command, context: Context) -> Entry:
    on = command.is_on is not None and command.is_on(context)
    title = command.title_in(context)
    return Entry(
        title, lambda: run_command(command, context), detail="on" if on else "", keys=command.keys_text,
        why_not=command.why_not(context), icon=command.icon, more="" if title == command.title else command.title,
    )  # fmt: skip


# ----------------------------------------------------------------------------
# Searching.


def found(entries: Iterable[Entry], search: str) -> list[Entry]:
    """Those in which each typed word is found, the best first: words that begin so come before parts of words, those
    before letters in the same order; the title counts more than the rest."""
    words = search.lower().split()
    scored = [(_score(entry, words), entry) for entry in entries]
    return [entry for score, entry in sorted(scored, key=lambda pair: pair[0]) if score < HOPELESS]


HOPELESS = 1000
_IN_TITLE, _ELSEWHERE, _LETTERS = 0, 10, 20  # what a word costs by where it is found


def _score(entry: Entry, words: list[str]) -> int:
    title, rest = entry.title.lower(), f"{entry.place} {entry.more} {entry.keys}".lower()
    return sum(_cost(word, title, rest) for word in words)


def _cost(word: str, title: str, rest: str) -> int:
    if word in title:
        return _IN_TITLE + (0 if title.startswith(word) else 1 if f" {word}" in title else 2)
    if word in rest:
        return _ELSEWHERE + (0 if f" {word}" in f" {rest}" else 1)
    return _LETTERS if len(word) > 1 and is_in_order(word, title) else HOPELESS


def is_in_order(letters: str, text: str) -> bool:
    """Whether the letters are in the text one after another, the first at the beginning of a word."""
    at = 0 if text.startswith(letters[0]) else text.find(f" {letters[0]}") + 1
    if at == 0 and not text.startswith(letters[0]):
        return False
    for letter in letters:
        at = text.find(letter, at) + 1
        if at == 0:
            return False
    return True
