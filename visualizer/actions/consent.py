"""Asks before a file has the program open others: what it names on the web, and what lies outside of its folder.

Opening what a stranger sent must contact nobody, and read nothing that he only guesses is there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.text import shown
from core.opening.address import Address
from core.opening.class_counts import named_count
from core.opening.session_files import exists, file_of, files_of, is_inside, is_remote
from core.opening.web import address_of, to_be_fetched
from core.project import Project
from core.project.saved import networks_in
from resources import icons
from visualizer.session.messages import Answer, Question
from visualizer.session.session import Session
from visualizer.settings import Preferences

MOST_SHOWN = 2  # addresses, and files
MOST_OF_NAME = 60  # characters
MOST_OF_PATH = 90


@dataclass(frozen=True)
class Source:
    """A file that names others."""

    name: str
    folder: Path | None = None  # where it lies; None: this program wrote it for itself, so that it may name anything


class Consent:
    """Whose files are fetched without a question: of the hosts that the user has allowed for good."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        self._session = session
        self._preferences = preferences

    def before(
        self, project: Project, source: Source, then: Callable[[], None], otherwise: Callable[[], None] | None = None
    ) -> None:  # fmt: skip
        """Do something that shows what a file holds, after the user has agreed to what that would open.

        otherwise: called if not. Raises DownloadError for an address that cannot be used.
        """
        session, allowed = self._session, self._preferences.now.fetch_from
        names = (*session.others.opened, *([session.loaded.location] if session.loaded else []))
        is_open = {address_of(name) for name in names}
        found = to_be_fetched(networks_in(project))
        asked = [one for one in found if one.host not in allowed and one.url not in is_open]
        outside = self._outside(project, source.folder, names)
        if not asked and not outside:
            then()
            return
        title = shown(source.name, MOST_OF_NAME)
        hosts = tuple(dict.fromkeys(address.host for address in asked))

        def always() -> None:
            self._preferences.now = self._preferences.now.with_hosts(hosts)
            then()

        refuse = Answer("Not now", otherwise or (lambda: None))
        if not asked:
            session.messages.question = _about_files(title, outside, Answer("Open", then), refuse)
            return
        session.messages.question = Question(
            f"Fetch the network of {title}?" if len(asked) == 1 else f"Fetch {len(asked)} networks for {title}?",
            "Nothing is sent before you agree. The size is shown as soon as the host answers."
            + (" It opens files outside of its folder, too." if outside else ""),
            (*named(asked), *_paths(outside)),
            (
                Answer("Fetch", then),
                Answer("Fetch always from this host" if len(hosts) == 1 else "Fetch always from these hosts", always),
                refuse,
            ),
        )

    def _outside(self, project: Project, folder: Path | None, is_open: Sequence[str]) -> tuple[Path, ...]:
        """The files that it names outside of its folder, that there are, and that the user has not opened before."""
        if folder is None:
            return ()
        known = {_whole(name) for name in (*is_open, *self._preferences.now.recent)}
        files = dict.fromkeys(_whole(name) for name in (*networks_in(project), *files_of(project)))
        unknown = (Path(file) for file in files if file and file not in known)
        return tuple(
            file for file in unknown if is_remote(str(file)) or (exists(str(file)) and not is_inside(file, folder))
        )

    def forget(self) -> None:
        """Ask for every host again."""
        self._preferences.prefer(fetch_from=())


def _whole(location: str) -> str:
    """The whole path of a location; "" if it is none."""
    path = file_of(named_count(location)[0])
    return os.path.abspath(path) if path is not None else ""


def _about_files(title: str, files: Sequence[Path], *answers: Answer) -> Question:
    which = "a file" if len(files) == 1 else f"{len(files)} files"
    return Question(
        f"Open {which} outside of the folder of {title}?",
        "It was made with what you have not opened before. What is opened is read as data; nothing in it is run.",
        _paths(files),
        answers,
        icon=icons.FOLDER_OPEN,
    )


def _paths(files: Sequence[Path]) -> tuple[tuple[str, str], ...]:
    more = len(files) - MOST_SHOWN
    facts = tuple(("File", shown(file, MOST_OF_PATH)) for file in files[:MOST_SHOWN])
    return (*facts, *([("", f"and {more} more")] if more > 0 else []))


def named(addresses: Sequence[Address]) -> tuple[tuple[str, str], ...]:
    """Host and path of each address, as the window names them."""
    facts = [fact for one in addresses[:MOST_SHOWN] for fact in (("Host", one.host), ("File", one.path))]
    more = len(addresses) - MOST_SHOWN
    return (*facts, *([("", f"and {more} more")] if more > 0 else []))
