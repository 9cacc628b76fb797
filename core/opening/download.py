"""Networks from the web: one address, one file in the cache, continued where it stopped, never a web page."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import IO

from core.base.errors import DownloadError
from core.base.progress import Progress, silent
from core.base.text import counted, shown
from core.loading.formats.container import looks_like_html
from core.opening.web_address import SCHEMES, ascii_address

MAX_BYTES = 4 * 2**30
CHUNK_BYTES = 2**20
TIMEOUT_S = 30.0  # without any answer
LEFT_BEHIND_S = 24 * 3600.0  # a partial file of a process that was killed
CACHE_VARIABLE = "VISUALIZER_CACHE_DIR"


def is_url(location: str) -> bool:
    return location.lower().startswith(("http://", "https://"))


def cache_folder() -> Path:
    """Where downloads are kept."""
    import platformdirs

    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen or platformdirs.user_cache_dir("stylegan-visualizer", appauthor=False)) / "networks"


def download(
    url: str,
    *,
    folder: Path | None = None,
    progress: Progress = silent,
    limit: int = MAX_BYTES,
    timeout_s: float = TIMEOUT_S,
) -> Path:
    """The file at an http or https address, from the cache if it was fetched before.

    What had arrived when a download broke off is kept, and continued if the server still has the same file.
    Raises DownloadError with a sentence for the user.
    """
    address = _Address(url)
    place = (folder or cache_folder()) / address.key
    target = place / address.file_name
    if target.is_file():
        return target
    try:
        place.mkdir(parents=True, exist_ok=True)
        with _claimed(place, address.file_name) as partial:
            _fetch(address, partial, progress, limit, timeout_s)
            os.replace(partial.path, target)
    except (TimeoutError, http.client.HTTPException, ConnectionError) as error:
        raise DownloadError(f"{address} stopped answering; open it again to continue the download.") from error
    except OSError as error:
        raise DownloadError(f"{address} could not be saved in {shown(place)} ({shown(error.strerror, 80)}).") from error
    return target


@dataclass(frozen=True)
class _Address:
    url: str

    def __post_init__(self) -> None:
        try:
            ascii_address(self.url)
        except ValueError as error:
            raise DownloadError(
                f"{self} is no address of a file on the web ({error}); it should be like https://example.org/file.pkl."
            ) from error

    def __str__(self) -> str:
        # A user name and password in it are nobody's business.
        return f"`{shown(re.sub(r'//[^/@]*@', '//', self.url), 150)}`"

    @property
    def key(self) -> str:
        return hashlib.sha256(self.url.encode("utf-8", "replace")).hexdigest()[:20]

    @property
    def file_name(self) -> str:
        last = urllib.parse.unquote(urllib.parse.urlsplit(self.quoted).path.rsplit("/", 1)[-1])
        return re.sub(r"[^\w.\-]+", "_", last)[-100:].lstrip("._") or "network"

    @property
    def quoted(self) -> str:
        return ascii_address(self.url)


# ----------------------------------------------------------------------------
# The partial file.


@dataclass(frozen=True)
class _Validator:
    """How a server tells versions of a file apart."""

    etag: str = ""
    last_modified: str = ""

    @property
    def value(self) -> str:
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


@dataclass(frozen=True)
class _Partial:
    """A file that is still arriving, and beside it which version of the original it is of."""

    path: Path

    @property
    def note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def validator(self) -> str:
        try:
            return _Validator(**json.loads(self.note.read_text("utf-8"))).value
        except (OSError, ValueError, TypeError):
            return ""

    def remember(self, headers: Message) -> None:
        validator = _Validator(headers.get("ETag", ""), headers.get("Last-Modified", ""))
        self.note.write_text(json.dumps(asdict(validator)), "utf-8")

    def move(self, other: _Partial) -> None:
        if self.path.exists():
            os.replace(self.path, other.path)
        if self.note.exists():
            os.replace(self.note, other.note)

    def delete(self) -> None:
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)


@contextmanager
def _claimed(place: Path, name: str) -> Iterator[_Partial]:
    """The partial file under a name of our own, so that two programs never write into one."""
    for old in place.glob("*.partial*"):
        with suppress(FileNotFoundError):  # another program may tidy up too
            if time.time() - old.stat().st_mtime > LEFT_BEHIND_S:
                old.unlink()
    shared, own = _Partial(place / f"{name}.part"), _Partial(place / f"{name}.{uuid.uuid4().hex}.partial")
    shared.move(own)
    try:
        yield own
    finally:
        if own.size():
            own.move(shared)
        own.delete()
        if (place / name).exists():
            shared.delete()


# ----------------------------------------------------------------------------
# The transfer.


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the web only, and never from https to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        scheme = urllib.parse.urlsplit(newurl).scheme.lower()
        if scheme not in SCHEMES or (req.type == "https" and scheme != "https"):
            fp.close()
            raise DownloadError(f"{_Address(req.full_url)} leads to `{shown(newurl, 100)}`, which is not followed.")
        return super().redirect_request(req, fp, code, msg, headers, ascii_address(newurl))


def _opener() -> urllib.request.OpenerDirector:
    """An opener that knows http and https, and nothing else."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        opener.add_handler(handler)
    return opener


def _fetch(address: _Address, partial: _Partial, progress: Progress, limit: int, timeout_s: float) -> None:
    validator = partial.validator() if partial.size() else ""
    if not validator:
        partial.delete()
    headers = {"User-Agent": "stylegan-visualizer", "Accept-Encoding": "identity"}
    if validator:
        headers |= {"Range": f"bytes={partial.size()}-", "If-Range": validator}
    try:
        request = urllib.request.Request(address.quoted, headers=headers)
        with _answer(address, request, timeout_s) as response:
            _receive(address, response, partial, progress, limit)
    except urllib.error.HTTPError as error:
        with error:
            if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not validator:
                raise DownloadError(f"{address} {_meaning(error.code)}.") from error
        partial.delete()  # what we have is not of this file
        _fetch(address, partial, progress, limit, timeout_s)
    except urllib.error.URLError as error:
        reason = shown(error.reason, 80)
        raise DownloadError(f"{address} cannot be reached ({reason}); check the address and the connection.") from error
    except http.client.InvalidURL as error:
        raise DownloadError(f"{address} is no usable address; check it for spaces and missing parts.") from error


def _answer(address: _Address, request: urllib.request.Request, timeout_s: float) -> http.client.HTTPResponse:
    try:
        return _opener().open(request, timeout=timeout_s)  # type: ignore[no-any-return]
    except ValueError as error:  # of a redirect: its own address was looked at
        raise DownloadError(
            f"{address} leads to what is no address ({shown(error, 80)}); download the file in a browser, then open it."
        ) from error


def _meaning(code: int) -> str:
    match code:
        case 301 | 302 | 303 | 307 | 308:
            return f"leads to a place that is not followed (error {code}); download the file in a browser, then open it"
        case 404 | 410:
            return f"does not exist (error {code}); check the address"
        case 401 | 403:
            return f"is not open to everyone (error {code}); download it in a browser, then open the file"
        case 429:
            return f"was asked for too often (error {code}); try again later"
    return f"could not be fetched (error {code}); try again later"


def _receive(
    address: _Address, response: http.client.HTTPResponse, partial: _Partial, progress: Progress, limit: int
) -> None:
    have = partial.size() if _continues(response, partial.size()) else 0
    length = response.headers.get("Content-Length", "")
    total = have + int(length) if length.isdecimal() else 0
    if response.headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise _web_page(address, partial)
    if total > limit:
        raise _too_large(address, partial, total, limit)
    partial.remember(response.headers)
    with partial.path.open("ab" if have else "wb") as file:
        progress("downloading", have, total, "bytes")
        while chunk := response.read1(CHUNK_BYTES):
            if have == 0 and looks_like_html(chunk):
                break
            have += len(chunk)
            if have > limit:
                break
            file.write(chunk)
            progress("downloading", have, total, "bytes")
    if have > limit:
        raise _too_large(address, partial, have, limit)
    if chunk:
        raise _web_page(address, partial)
    if have < total:
        raise DownloadError(
            f"{address} broke off after {counted(have)} of {counted(total)}; open it again to continue the download."
        )
    if have == 0:
        raise DownloadError(f"{address} gave an empty file; check the address.")


def _continues(response: http.client.HTTPResponse, have: int) -> bool:
    span = response.headers.get("Content-Range", "")
    return response.status == HTTPStatus.PARTIAL_CONTENT and span.startswith(f"bytes {have}-")


def _web_page(address: _Address, partial: _Partial) -> DownloadError:
    partial.delete()
    return DownloadError(
        f"{address} gave a web page instead of a file (a login or quota page?); "
        "download the file in a browser, then open it."
    )


def _too_large(address: _Address, partial: _Partial, size: int, limit: int) -> DownloadError:
    partial.delete()
    return DownloadError(
        f"{address} has at least {counted(size)}, more than the {counted(limit)} that are allowed; "
        "download it in a browser, then open the file."
    )
