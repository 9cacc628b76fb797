"""Addresses of files on the web: which text is one, what of it is shown, what its file is called here."""

from __future__ import annotations

import hashlib
import re
import urllib.parse
from dataclasses import dataclass

from core.base.errors import DownloadError
from core.base.text import shown
from core.opening.web_address import ascii_address

# A user name and password, also one with a slash in it, which ends the host for everybody else.
SECRET = re.compile(r"//(?:[^/?#]*|[^/?#:]*:(?![0-9]{1,5}[/?#])[^@]*)@")
PATH_ENDS = 60, 90  # characters of a long path that are shown, of its beginning and its end


def is_url(location: str) -> bool:
    return location.lower().startswith(("http://", "https://"))


def displayed(url: str) -> str:
    """An address safe to show: a user name and password in it are nobody's business."""
    return f"`{shown(SECRET.sub('//', url), 150)}`"


@dataclass(frozen=True)
class Address:
    """An http or https address. Raises DownloadError, with a sentence for the user, if it is none that can be used."""

    url: str

    def __post_init__(self) -> None:
        try:
            ascii_address(self.url)
        except ValueError as error:
            raise DownloadError(
                f"{self} is no address of a file on the web ({error}); it should be like https://example.org/file.pkl."
            ) from error
        if "@" in urllib.parse.urlsplit(self.url).netloc:
            raise DownloadError(
                f"{self} was given with a user name or password, which are never sent; download the file in a "
                "browser, then open it."
            )

    def __str__(self) -> str:
        return displayed(self.url)

    @property
    def host(self) -> str:
        """The host and, where it is not the usual one, the port; safe to show."""
        return shown(urllib.parse.urlsplit(self.quoted).netloc.lower())

    @property
    def path(self) -> str:
        """What is asked for at the host; safe to show."""
        parts = urllib.parse.urlsplit(self.url)
        path, (first, last) = parts.path + (f"?{parts.query}" if parts.query else ""), PATH_ENDS
        return shown(path if len(path) <= first + last else f"{path[:first]}…{path[-last:]}") or "/"

    @property
    def key(self) -> str:
        """A name for what is asked for, for a folder."""
        return hashlib.sha256(self.url.partition("#")[0].encode("utf-8", "replace")).hexdigest()[:20]

    @property
    def file_name(self) -> str:
        """What its file is called in the cache."""
        last = urllib.parse.unquote(urllib.parse.urlsplit(self.quoted).path.rsplit("/", 1)[-1])
        return re.sub(r"[^\w.\-]+", "_", last)[-100:].lstrip("._") or "network"

    @property
    def quoted(self) -> str:
        """As a request has it."""
        return ascii_address(self.url)
