"""What a file holds that this version does not know: it is kept, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

# The unknown members of an object, and of the objects in it; those of objects in a list by their `identity`.
Rest: TypeAlias = dict[str, Any]

IDENTITIES = ("id", "path", "location", "name", "time_s", "start_s")  # members that tell objects of a list apart
MAX_DEPTH = 40  # of what is kept


def identity(members: Mapping[str, object], index: int) -> str:
    """What tells an object from the others of its list, wherever in it that is later."""
    return next((f"{name} {members[name]!s:.200}" for name in IDENTITIES if name in members), f"at {index}")


def with_rest(value: Mapping[str, Any], rest: Rest) -> Mapping[str, Any]:
    """An object that is written, with what was unknown in it when it was read."""
    if not rest:
        return value
    whole = dict(value)
    for name, part in rest.items():
        inner = value.get(name)
        if name not in value:
            whole[name] = part
        elif isinstance(part, dict) and isinstance(inner, dict):
            whole[name] = with_rest(inner, part)
        elif isinstance(part, dict) and isinstance(inner, list):
            whole[name] = [
                with_rest(item, _of_item(part, item, index)) if isinstance(item, dict) else item
                for index, item in enumerate(inner)
            ]
    return whole


def _of_item(rest: Rest, item: Mapping[str, object], index: int) -> Rest:
    """What was unknown in an object of a list, which may have been told from others by its place only."""
    known = rest.get(identity(item, index))
    found = rest.get(f"at {index}", {}) if known is None else known
    return found if isinstance(found, dict) else {}


def without_depths(rest: Rest) -> Rest:
    """Without what is nested so deep that it could not be written again."""
    return {name: part for name, part in rest.items() if _is_flat(part, MAX_DEPTH)}


def _is_flat(value: object, depth: int) -> bool:
    if not isinstance(value, dict | list):
        return True
    items = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_is_flat(item, depth - 1) for item in items)
