"""What the window tells the user: notices that go by themselves, and the problem that stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from time import perf_counter

from visualizer.toolkit.pixels import Pixels

NOTICE_S = 4.0
KEPT_S = 1.0  # how long a notice stays at least after it was last read
MOST_NOTICES = 4


class Kind(StrEnum):
    """What a notice is about."""

    DONE = "done"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True)
class Notice:
    """A toast: a line, a dim line, when it goes."""

    text: str
    detail: str = ""
    kind: Kind = Kind.DONE
    until: float = 0.0  # time.perf_counter()
    path: Path | None = None  # of the file that it is about
    picture: Pixels | None = field(default=None, compare=False, repr=False)  # of what it is about


@dataclass(frozen=True)
class Problem:
    """Something that failed, as the window shows it until it is dismissed or repaired."""

    title: str
    text: str
    details: str = field(default="", repr=False)
    retry: Callable[[], None] | None = field(default=None, repr=False)
    of_render: bool = False  # the next good frame ends it


class Messages:
    """The notices of now, the newest last, and the newest problem."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.problem: Problem | None = None

    def say(
        self, text: str, detail: str = "", *, kind: Kind = Kind.DONE, path: Path | None = None,
        picture: Pixels | None = None,
    ) -> None:  # fmt: skip
        notice = Notice(text, detail, kind, perf_counter() + NOTICE_S, path, picture)
        self.notices = [*self.notices, notice][-MOST_NOTICES:]

    def fail(
        self, title: str, error: BaseException | None, details: str = "", retry: Callable[[], None] | None = None, *,
        of_render: bool = False,
    ) -> None:  # fmt: skip
        """Show what failed; details: for a bug report; retry: what may repair it."""
        self.problem = Problem(title, str(error) or type(error).__name__, details, retry, of_render)

    def dismiss(self) -> bool:
        """The problem was read. Returns whether there was one."""
        had, self.problem = self.problem is not None, None
        return had

    def end_problem(self, *, of_render: bool) -> None:
        """What the problem was about has gone well now."""
        if self.problem is not None and self.problem.of_render == of_render:
            self.problem = None

    def forget_old(self, now: float) -> None:
        """Let the notices go whose time is over. now: time.perf_counter()"""
        self.notices = [notice for notice in self.notices if notice.until > now]

    def keep(self, notice: Notice, now: float) -> None:
        """It is being read: it stays for a moment more."""
        kept = replace(notice, until=max(notice.until, now + KEPT_S))
        self.notices = [kept if one is notice else one for one in self.notices]
