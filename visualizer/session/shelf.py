"""What is chosen on the shelf, what is looked for there, and how one gets from what is shown to what was kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core.project import Kept
from core.project.shelf import Shelf, found
from core.timeline import Between

TIMES_S = (0.5, 1.0, 2.0, 4.0, 8.0)
EASINGS = {
    "Steady": Between.LINEAR, "Smooth": Between.SMOOTH, "Slow start": Between.EASE_IN, "Slow end": Between.EASE_OUT,
    "Beyond and back": Between.BACK, "Elastic": Between.ELASTIC, "Bounce": Between.BOUNCE,
}  # fmt: skip


class ShelfChoice:
    """What the controls of the shelf act on. Nothing of it is undone."""

    def __init__(self) -> None:
        self.search = ""
        self.only_starred = False
        self.easing = Between.SMOOTH
        self.dragged: tuple[str, ...] = ()  # ids, while they hang at the pointer
        self._ids: frozenset[str] = frozenset()
        self._last = ""  # chosen last: where a range begins
        self._seen: tuple[Shelf, str, bool, Shelf] = ((), "", False, ())  # of what, and it: found out once

    def seen(self, shelf: Shelf) -> Shelf:
        """Those that the search lets through."""
        of, search, only_starred, seen = self._seen
        if of is not shelf or (search, only_starred) != (self.search, self.only_starred):
            seen = found(shelf, self.search, only_starred=self.only_starred)
            self._seen = shelf, self.search, self.only_starred, seen
        return seen

    @property
    def filters(self) -> bool:
        return bool(self.search.strip()) or self.only_starred

    def of(self, shelf: Shelf) -> Shelf:
        """The chosen ones, as far as they are still there, in their order."""
        return tuple(one for one in shelf if one.id in self._ids)

    def has(self, id: str) -> bool:
        return id in self._ids

    def with_chosen(self, shelf: Shelf, id: str) -> Shelf:
        """What a gesture at one of them is for: all that are chosen if it is one of them, else it alone."""
        return tuple(one for one in shelf if (one.id in self._ids if id in self._ids else one.id == id))

    def choose(self, ids: Collection[str]) -> None:
        self._ids = frozenset(ids)

    def choose_one(self, id: str) -> None:
        self._ids, self._last = frozenset((id,)), id

    def toggle(self, id: str) -> None:
        """Ctrl and click."""
        self._ids, self._last = self._ids ^ {id}, id

    def extend(self, seen: Sequence[Kept], id: str) -> None:
        """Shift and click: all from the one that was chosen last to this one."""
        ids = [one.id for one in seen]
        if self._last not in ids or id not in ids:
            self.choose_one(id)
            return
        first, last = sorted((ids.index(self._last), ids.index(id)))
        self._ids = self._ids | {*ids[first : last + 1]}
