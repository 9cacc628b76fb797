"""What the window tells the user: notices that go by themselves, the problem that stays, the question that waits."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from time import perf_counter

from core.base.errors import VisualizerError
from core.base.text import cut_words
from resources import icons
from visualizer.toolkit.pixels import Pixels

NOTICE_S = 4.0
KEPT_S = 1.0  # how long a notice stays at least after it was last read
MOST_NOTICES = 4
MOST_UNFORESEEN = 10


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
    causes: tuple[str, ...] = ()  # each error with its kind, the first one that was noticed last
    file: str = ""  # that it is about, as the user named it
    details: str = field(default="", repr=False)  # the traceback
    retry: Callable[[], None] | None = field(default=None, repr=False)
    of_render: bool = False  # the next good frame ends it


@dataclass(frozen=True)
class Answer:
    """What a button below a question says, and does."""

    label: str
    run: Callable[[], None] = field(repr=False)


@dataclass(frozen=True)
class Question:
    """Something that is not done before the user has said so. The first answer does it, the last leaves it."""

    title: str
    text: str
    facts: tuple[tuple[str, str], ...]  # what it is about: names and values
    answers: tuple[Answer, ...]
    icon: str = icons.GLOBE


class Messages:
    """The notices of now, the newest last, the newest problem, and the newest question."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.problem: Problem | None = None
        self.unforeseen: list[str] = []  # tracebacks of what no action should raise, the newest last
        self.question: Question | None = None

    def say(
        self, text: str, detail: str = "", *, kind: Kind = Kind.DONE, path: Path | None = None,
        picture: Pixels | None = None,
    ) -> None:  # fmt: skip
        notice = Notice(text, detail, kind, perf_counter() + NOTICE_S, path, picture)
        self.notices = [*self.notices, notice][-MOST_NOTICES:]

    def fail(
        self, title: str, error: BaseException | None, details: str = "", retry: Callable[[], None] | None = None, *,
        file: str = "", of_render: bool = False,
    ) -> None:  # fmt: skip
        """Show what failed; details: the traceback, if the error has lost its own; retry: what may repair it."""
        causes = _causes(error)
        text = str(error) if isinstance(error, VisualizerError | OSError) else causes[0] if causes else ""
        details = details or "".join(traceback.format_exception(error))
        self.problem = Problem(cut_words(title), cut_words(text), causes, file, details, retry, of_render)

    @contextmanager
    def attempt(self, title: str, *, file: str = "") -> Iterator[None]:
        """Around actions: whatever is raised meanwhile is shown as a problem of this title, and the window goes on."""
        try:
            yield
        except Exception as error:
            self.fail(title, error, file=file)
            if not isinstance(error, VisualizerError):
                self.unforeseen = [*self.unforeseen, traceback.format_exc()][-MOST_UNFORESEEN:]

    def dismiss(self) -> bool:
        """The problem was read. Returns whether there was one."""
        had, self.problem = self.problem is not None, None
        return had

    def answer(self, answer: Answer) -> None:
        """The question was answered."""
        self.question = None
        answer.run()

    def leave_question(self) -> bool:
        """The question is left unanswered. Returns whether there was one."""
        had, self.question = self.question is not None, None
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


def _causes(error: BaseException | None) -> tuple[str, ...]:
    """An error and what led to it, each with its kind."""
    said: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        text, kind = cut_words(str(error)), type(error).__name__
        said.append(f"{kind}: {text}" if text else kind)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return tuple(said)
