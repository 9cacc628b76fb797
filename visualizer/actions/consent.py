"""Asks before what a saved picture or session names is fetched from the web: opening a file must contact nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.base.text import shown
from core.opening.address import Address
from core.opening.web import address_of, to_be_fetched
from core.request import RenderRequest
from visualizer.session.messages import Answer, Question
from visualizer.session.session import Session
from visualizer.settings import Preferences

MOST_SHOWN = 2  # addresses
MOST_OF_NAME = 60  # characters


class Consent:
    """Whose files are fetched without a question: of the hosts that the user has allowed for good."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        self._session = session
        self._preferences = preferences

    def before(
        self, request: RenderRequest, name: str, then: Callable[[], None], otherwise: Callable[[], None]
    ) -> None:  # fmt: skip
        """Do something that shows a request, after the user has agreed to what it would fetch.

        name: of the file that the request comes from; otherwise: what is done if the user does not agree. Raises
        DownloadError for an address that cannot be used.
        """
        session, allowed = self._session, self._preferences.now.fetch_from
        names = (*session.others.opened, *([session.loaded.location] if session.loaded else []))
        is_open = {address_of(name) for name in names}
        asked = [one for one in to_be_fetched(request) if one.host not in allowed and one.url not in is_open]
        if not asked:
            then()
            return
        title = shown(name, MOST_OF_NAME)
        hosts = tuple(dict.fromkeys(address.host for address in asked))

        def always() -> None:
            self._preferences.now = self._preferences.now.with_hosts(hosts)
            then()

        session.messages.question = Question(
            f"Fetch the network of {title}?" if len(asked) == 1 else f"Fetch {len(asked)} networks for {title}?",
            "Nothing is sent before you agree. The size is shown as soon as the host answers.",
            named(asked),
            (
                Answer("Fetch", then),
                Answer("Fetch always from this host" if len(hosts) == 1 else "Fetch always from these hosts", always),
                Answer("Not now", otherwise),
            ),
        )

    def forget(self) -> None:
        """Ask for every host again."""
        self._preferences.prefer(fetch_from=())


def named(addresses: Sequence[Address]) -> tuple[tuple[str, str], ...]:
    """Host and path of each address, as the window names them."""
    facts = [fact for one in addresses[:MOST_SHOWN] for fact in (("Host", one.host), ("File", one.path))]
    more = len(addresses) - MOST_SHOWN
    return (*facts, *([("", f"and {more} more")] if more > 0 else []))
