"""Networks on the web: what the cache has of them, and what opening them would ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from core.base.errors import CheckpointError, UnsupportedFile, UsageError
from core.base.progress import Progress, silent
from core.base.text import shown
from core.loading import is_container
from core.opening.address import Address, is_url
from core.opening.download import Copy, copy_of, download_again


def address_of(location: str) -> str:
    """The address that a location asks for; "" if it is none, but a file, a demo network or a seed.

    However it is quoted, and without what follows a #, which no server sees: in doubt, it is one.
    """
    text = location.strip().strip("\"'").strip().partition("#")[0]
    return text if is_url(text) else ""


def copy_at(location: str) -> Copy | None:
    """What the cache has of a location; None if that is no address. Raises DownloadError if it is a bad one."""
    url = address_of(location)
    return copy_of(url) if url else None


def to_be_fetched(names: Iterable[str]) -> tuple[Address, ...]:
    """The addresses that opening networks would ask for: of those names that are some, without what the cache has.

    Raises DownloadError if one of them is no address that can be used.
    """
    missing = [name for name in dict.fromkeys(names) if (copy := copy_at(name)) is not None and not copy.exists]
    return tuple(Address(address_of(name)) for name in missing)


def fetch_again(location: str, progress: Progress = silent) -> bool:
    """Fetch the network at an address, if it is another one than the cache has. Returns whether it is.

    Raises UsageError if the location is no address, and what `core.opening.download.download_again` raises.
    """
    url = address_of(location)
    if not url:
        raise UsageError(f"`{shown(location, 100)}` was not fetched from the web, so it cannot be fetched again.")
    return download_again(url, progress=progress)


@contextmanager
def removed_if_bad(location: str) -> Iterator[None]:
    """Around reading what a location names: a copy in the cache that is no whole network is not kept."""
    try:
        yield
    except CheckpointError as error:
        copy = copy_at(location)
        if copy is None or not copy.exists or (isinstance(error, UnsupportedFile) and is_container(copy.path)):
            raise
        copy.remove()
        raise type(error)(f"{error} It was removed from the cache: opening it again fetches it anew.") from error
