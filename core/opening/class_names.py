"""Names of classes, from a small file beside a network: a name a line, or JSON."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from core.base.errors import UsageError
from core.base.reading import check_ordinary
from core.base.text import shown
from core.base.whole import is_whole

SUFFIXES = (".txt", ".json")
BESIDE = tuple(f"classes{suffix}" for suffix in SUFFIXES)  # alone, or after the name of the network and a dot
MAX_BYTES = 16 * 2**20
MAX_NAME = 100  # characters
FORMS = "a name a line, or a JSON list of names, or a JSON object of numbers and names"


def names_beside(network: Path, c_dim: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the classes of a network, if a file beside it has them, and notes for the user.

    That is `NETWORK.classes.txt` (or .json), where NETWORK is its name without the ending, else `classes.txt`.
    """
    candidates = [network.with_name(f"{network.stem}.{name}") for name in BESIDE]
    candidates += [network.with_name(name) for name in BESIDE]
    try:
        found = next((path for path in candidates if os.path.isfile(path)), None) if c_dim and network.name else None
        return (read_class_names(found, c_dim), ()) if found else ((), ())
    except UsageError as error:
        return (), (f"The names of the classes were left out: {error}",)


def count_beside(network: Path) -> int | None:
    """How many classes `NETWORK.classes.txt` (or .json) beside a network names; None if there is no such file."""
    for name in BESIDE if network.name else ():
        with suppress(UsageError, OSError):
            names = _names_in(network.with_name(f"{network.stem}.{name}"))
            return len(names) if isinstance(names, list) else 1 + max(names, default=-1)
    return None


def read_class_names(path: Path, c_dim: int) -> tuple[str, ...]:
    """One name a class, "" for those without. Raises UsageError if the file does not fit a network of so many classes.

    In JSON also as {"0": name}, {"0": [anything, name]} and {name: 0}.
    """
    where, names = f"`{shown(path.name)}`", _names_in(path)
    if isinstance(names, list):
        if len(names) != c_dim:
            raise UsageError(f"{where} has names of {len(names)} classes; this network has {c_dim}.")
        names = dict(enumerate(names))
    if not all(0 <= number < c_dim for number in names):
        raise UsageError(f"{where} has names of classes that this network does not have; it has 0 to {c_dim - 1}.")
    return tuple(shown(names.get(number, "").strip(), MAX_NAME) for number in range(c_dim))


def _names_in(path: Path) -> list[str] | dict[int, str]:
    """Raises UsageError if the file holds none."""
    where = f"`{shown(path.name)}`"
    check_ordinary(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise UsageError(f"{where} is too large for names of classes; it should hold {FORMS}.")
        text = data.decode("utf-8-sig")
        return _of_json(json.loads(text)) if path.suffix.lower() == ".json" else text.rstrip().splitlines()
    except OSError as error:
        raise UsageError(f"{where} cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{where} holds no names of classes; it should hold {FORMS}.") from error


def _of_json(value: object) -> list[str] | dict[int, str]:
    """Raises ValueError if it is of another form."""
    if isinstance(value, list):
        return [_name(item) for item in value]
    if not isinstance(value, dict):
        raise ValueError("neither a list nor an object")
    if all(map(is_whole, value.values())):
        return {number: name for name, number in value.items()}
    return {int(number): _name(item) for number, item in value.items()}


def _name(item: object) -> str:
    if isinstance(item, list) and item:
        item = item[-1]
    if not isinstance(item, str):
        raise ValueError("a name that is no text")
    return item
