"""Parts of a request by path: whether they differ from the defaults, and back to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from typing import Any

from core.request import RenderRequest

DEFAULT = RenderRequest()
BRACKETS = re.compile(r"\[[^\[\]]*\]")


def changed(request: RenderRequest, paths: Iterable[str]) -> bool:
    """Whether anything at these paths differs from its default: whole records such as "noise", or "view.show"."""
    return any(_part(request, path) != _part(DEFAULT, path) for path in paths)


def reset(request: RenderRequest, paths: Iterable[str]) -> RenderRequest:
    """The request with the defaults at these paths."""
    return reduce(lambda whole, path: _with(whole, path.split("."), _part(DEFAULT, path)), paths, request)


def matched(path: str, beginnings: Iterable[str]) -> int:
    """How much of a path, such as layers[5].noise, is said by the longest of these beginnings; 0: none begins it."""
    bare = BRACKETS.sub("[]", path)
    fitting = (start for start in beginnings if bare == start or bare.startswith((f"{start}.", f"{start}[")))
    return max((len(start) for start in fitting), default=0)


def _part(request: RenderRequest, path: str) -> Any:
    return reduce(getattr, path.split("."), request)


def _with(whole: Any, names: list[str], value: Any) -> Any:
    name, *rest = names
    return replace(whole, **{name: _with(getattr(whole, name), rest, value) if rest else value})
