"""Which worker makes which frames, and their order when they come back."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from core.base.errors import RenderError
from core.film.frames import FilmFrame

Range: TypeAlias = tuple[int, ...]

LONGEST = 8  # frames in a range: what is lost with a worker
TRIES = 3  # of a range, with other workers, before it is given up


class Ranges:
    """Hands out ranges of frames, again where they were lost, and gives the frames back in order.

    It never runs far ahead of what was given back, whatever the workers' speeds: memory holds a few ranges.
    """

    def __init__(self, indices: Sequence[int], workers: int) -> None:
        length = min(max(len(indices) // (4 * workers), 1), LONGEST)
        self._waiting = deque(tuple(indices[at : at + length]) for at in range(0, len(indices), length))
        self._order = deque(indices)
        self._ahead = 2 * workers * length  # frames
        self._arrived: dict[int, FilmFrame] = {}
        self._lost: dict[int, int] = {}  # by frame, how often
        self._workers, self._deaths = workers, 0  # of workers since a frame arrived

    @property
    def finished(self) -> bool:
        return not self._order

    def take(self) -> Range | None:
        """The next range to be made; None: nothing now."""
        if not self._waiting or not self._order:
            return None
        place = self._waiting[0][0]
        near = len(self._order) <= self._ahead or place < self._order[self._ahead]
        return self._waiting.popleft() if near else None

    def arrived(self, frame: FilmFrame) -> None:
        self._arrived[frame.index] = frame
        self._deaths = 0

    def lost(self, some: Range, why: str) -> None:
        """A worker died over a range: what of it has not arrived is made by another one.

        Raises RenderError if that has happened too often.
        """
        rest = tuple(index for index in some if index not in self._arrived and index in self._order)
        self._deaths += 1
        if rest:
            self._lost[rest[0]] = self._lost.get(rest[0], 0) + 1
            self._waiting.appendleft(rest)
        if self._deaths >= TRIES * self._workers or (rest and self._lost[rest[0]] >= TRIES):
            place = f"over frame {rest[0]}" if rest else "before a frame was made"
            raise RenderError(f"Workers ended again and again {place} ({why}); take fewer, as memory may be short.")

    def ready(self) -> Iterator[FilmFrame]:
        """Those that have arrived and are next."""
        while self._order and self._order[0] in self._arrived:
            yield self._arrived.pop(self._order.popleft())
