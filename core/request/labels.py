"""Labels: mixes of classes, and what users call classes: 3, "hen", "hen:0.7,3:0.3". Imports no torch."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from core.base.errors import UsageError
from core.base.text import shown
from core.request import ModelInfo

WHOLE = 1e-3  # by how much the weights of one may differ from 1
LISTED, LISTED_LENGTH = 4, 40  # classes in a message; characters of the name of each
NUMBER, NUMBERS = re.compile(r"[+-]?[0-9]{1,9}"), re.compile(r"[\d.,:+-]+")
WEIGHTED = re.compile(r"(.+?):\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)\s*(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Mix:
    """(1 - part) of one class and part of another one. Without another one, the class alone."""

    first: int
    second: int | None = None
    part: float = 0.0  # 0..1

    @property
    def weights(self) -> dict[int, float]:
        if self.second is None or self.second == self.first:
            return {self.first: 1.0}
        return {self.first: 1 - self.part, self.second: self.part}


def soft_label(weights: Mapping[int, float], c_dim: int) -> tuple[float, ...]:
    """The label with these weights of classes, each below c_dim, and 0 of all others."""
    return tuple(float(weights.get(index, 0.0)) for index in range(c_dim))


def weights_of(label: Sequence[float]) -> dict[int, float]:
    """The weights of a soft label that are not 0, by class."""
    return {index: weight for index, weight in enumerate(label) if weight}


def mix_of(label: Sequence[float], before: Mix | None = None) -> Mix | None:
    """What mix of at most two classes a soft label is, None if it is no such mix.

    before: a mix that it may have come from: it tells which class is the first, and a class whose weight is 0 now.
    """
    weights = weights_of(label)
    if not 1 <= len(weights) <= 2 or min(weights.values()) < 0 or abs(sum(weights.values()) - 1) > WHOLE:
        return None
    if before is not None and before.weights.keys() >= weights.keys():
        first, second = before.first, before.second
        same = weights_of(soft_label(before.weights, len(label))) == weights
        return before if same else Mix(first, second, 0.0 if second is None else weights.get(second, 0.0))
    first, second = min(weights), max(weights)
    if before is not None and (before.first == second or (before.second == first != before.first)):
        first, second = second, first
    return Mix(first) if first == second else Mix(first, second, weights[second])


def checked_class(index: int, c_dim: int) -> int:
    """The number of a class of a network with so many. Raises UsageError if it has no such class."""
    if not 0 <= index < c_dim:
        raise UsageError(f"Class {index} is not in this network; it has classes 0 to {c_dim - 1}.")
    return index


# ----------------------------------------------------------------------------
# What users call classes.


def label_called(text: str, info: ModelInfo) -> int | tuple[float, ...]:
    """A class by its number, its name or a part of it that no other has, or a mix of classes with their weights.

    Raises UsageError if there is no such class, or if there are several.
    """
    text = text.strip()
    if NUMBER.fullmatch(text):
        return int(text)
    if not info.c_dim:
        advice = "say how many with --classes" if info.max_classes else "leave the class out"
        raise UsageError(f"This network has no classes, so none is called '{shown(text)}'; {advice}.")
    is_name = bool(_called(text, info))
    weighted = [] if is_name else _weighted(text)
    if not weighted and not is_name and NUMBERS.fullmatch(text):
        raise UsageError(f"'{shown(text)}' is no class; a mix names each with its weight, such as 3:0.7,5:0.3.")
    if not weighted:
        return _class_called(text, info)
    weights: dict[int, float] = {}
    for name, weight in weighted:
        index = _class_called(name, info)
        if index in weights:
            raise UsageError(f"'{shown(text)}' names class {index} twice; give each class one weight.")
        weights[index] = weight
    return soft_label(weights, info.c_dim)


def _weighted(text: str) -> list[tuple[str, float]]:
    """Names and weights, if all of the text is such; a name may have commas."""
    found, at = [], 0
    while match := WEIGHTED.match(text, at):
        found.append((match[1].strip(), float(match[2])))
        at = match.end()
    return found if at == len(text) and all(math.isfinite(weight) for _, weight in found) else []


def _class_called(text: str, info: ModelInfo) -> int:
    if NUMBER.fullmatch(text):
        return checked_class(int(text), info.c_dim)
    called = shown(text, 2 * LISTED_LENGTH)
    if not any(info.class_names):
        advice = f"give a number from 0 to {info.c_dim - 1}, or put the names into NETWORK.classes.txt beside it"
        raise UsageError(f"Nothing tells the names of the classes of this network, so '{called}' is unknown; {advice}.")
    folded = text.casefold()
    parts = [index for index, name in enumerate(info.class_names) if folded and folded in name.casefold()]
    found = _called(text, info) or parts
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"'{called}' may be {_listed(found, info)}; write more of the name, or the number.")
    names: dict[str, int] = {}
    for index, name in enumerate(info.class_names):
        for word in filter(None, map(str.strip, (name, *name.split(",")))):  # each of several that a class has
            names.setdefault(word.casefold(), index)
    close = dict.fromkeys(names[name] for name in get_close_matches(folded, names, LISTED))
    advice = f"close to it: {_listed(list(close), info)}" if close else f"give a number from 0 to {info.c_dim - 1}"
    raise UsageError(f"No class of this network is called '{called}'; {advice}.")


def _called(text: str, info: ModelInfo) -> list[int]:
    """The classes of exactly this name, but for its case."""
    return [index for index, name in enumerate(info.class_names) if text and name.casefold() == text.casefold()]


def _listed(classes: Sequence[int], info: ModelInfo) -> str:
    """Numbers and names of the first ones, and how many more there are."""
    words = [f"{index} '{shown(info.class_names[index], LISTED_LENGTH)}'" for index in classes[:LISTED]]
    if len(classes) > LISTED:
        words.append(f"{len(classes) - LISTED} more")
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else words[0]
