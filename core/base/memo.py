"""A value that is kept until what it was made of changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass
class Memo(Generic[T]):
    """The latest value of a stage and what it was made of."""

    key: object = None
    value: T | None = None
