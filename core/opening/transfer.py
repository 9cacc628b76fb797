"""The transfer of one file over http or https: continued where it stopped, nothing but what was asked for."""

from __future__ import annotations

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

from core.base.errors import DownloadError
from core.base.progress import Progress
from core.base.text import counted, shown
from core.loading.formats.container import looks_like_html
from core.opening.address import Address, displayed
from core.opening.messages import message_in
from core.opening.partial import Partial, Version
from core.opening.web_address import SCHEMES

CHUNK_BYTES = 2**20
MOST_DIGITS = 15  # of a length: a petabyte
SPAN = re.compile(rf"bytes ([0-9]{{1,{MOST_DIGITS}}})-([0-9]{{1,{MOST_DIGITS}}})/([0-9]{{1,{MOST_DIGITS}}}|\*)")
HEADERS = {"User-Agent": "stylegan-visualizer", "Accept-Encoding": "identity"}
CONDITIONS = ("If-None-Match", "If-Modified-Since")
WEB_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True)
class Transfer:
    """One file, from an address into a partial file."""

    address: Address
    partial: Partial
    progress: Progress
    limit: int  # bytes
    timeout_s: float  # without any answer

    def run(self, known: Version) -> bool:
        """Receive the whole file. Returns whether there is one: not if it is still the version that is known.

        Raises DownloadError, OSError, HTTPException, and what `progress` raises.
        """
        version = self.partial.version if self.partial.size else Version()
        have = self.partial.size if version.strong else 0
        headers = dict(HEADERS)
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": version.strong}
        elif known.etag:
            headers["If-None-Match"] = known.etag
        elif known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        asked = self._ask(headers, have, version)
        if asked is None:  # what we have is not of this file
            self.partial.delete()
            return self.run(known)
        return asked

    def _ask(self, headers: dict[str, str], have: int, version: Version) -> bool | None:
        """Whether a file was received; None: what came does not continue the partial file."""
        address = self.address
        try:
            request = urllib.request.Request(address.quoted, headers=headers)
            with _opener().open(request, timeout=self.timeout_s) as response:
                return self._take(response, have, version)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == HTTPStatus.NOT_MODIFIED and not headers.keys().isdisjoint(CONDITIONS):
                    return False
                if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
                    return None
                raise DownloadError(f"{address} {_meaning(error.code)}.") from error
        except urllib.error.URLError as error:
            reason = shown(error.reason, 80)
            advice = "check the address and the connection"
            raise DownloadError(f"{address} cannot be reached ({reason}); {advice}.") from error
        except (http.client.InvalidURL, ValueError) as error:  # its own address was looked at
            raise DownloadError(
                f"{address} leads to another place, which is no address ({shown(error, 80)}); download the file in a "
                "browser, then open it."
            ) from error

    def _take(self, response: http.client.HTTPResponse, have: int, version: Version) -> bool | None:
        if response.headers.get_content_type() in WEB_PAGES:
            raise self._web_page()
        if response.status == HTTPStatus.PARTIAL_CONTENT:
            if not have:
                raise DownloadError(f"{self.address} gave a part of a file that was not asked for; try again later.")
            span = SPAN.fullmatch(response.headers.get("Content-Range", ""))
            same = response.headers.get("ETag", version.etag) == version.etag
            if span is None or int(span[1]) != have or not same:
                return None
            total = int(span[3]) if span[3] != "*" else have + self._length(response)
        else:
            have, total = 0, self._length(response)
        if total > self.limit:
            raise self._too_large(total)
        if have == 0:
            self.partial.begin(Version.of(response.headers))
        self._receive(response, have, total)
        return True

    def _length(self, response: http.client.HTTPResponse) -> int:
        """How many bytes are announced; 0: none are."""
        if re.fullmatch(rf"\s*[0-9]{{{MOST_DIGITS + 1},}}\s*", response.headers.get("Content-Length", "")):
            raise self._too_large(10**MOST_DIGITS)
        return response.length or 0

    def _receive(self, response: http.client.HTTPResponse, have: int, total: int) -> None:
        with self.partial.path.open("ab") as file:
            self.progress("downloading", have, total, "bytes")
            while chunk := response.read1(CHUNK_BYTES):
                if have == 0 and looks_like_html(chunk):
                    break
                have += len(chunk)
                if have > self.limit:
                    break
                file.write(chunk)
                self.progress("downloading", have, total, "bytes")
        if have > self.limit:
            raise self._too_large(have)
        if chunk:
            self.partial.delete()
            raise self._web_page()
        if have < total:
            raise DownloadError(
                f"{self.address} broke off after {counted(have)} of {counted(total)}; "
                "open it again to continue the download."
            )
        if total and have > total:
            raise self._dropped("gave more than the file has; try again later")
        if have == 0:
            raise self._dropped("gave an empty file; check the address")
        if message := message_in(self.partial.path):
            raise self._dropped(f"gave a text and no network: \"{shown(message, 80)}\"; check the address")

    def _dropped(self, what: str) -> DownloadError:
        self.partial.delete()
        return DownloadError(f"{self.address} {what}.")

    def _web_page(self) -> DownloadError:
        return DownloadError(
            f"{self.address} gave a web page instead of a file (a login or quota page?); "
            "download the file in a browser, then open it."
        )

    def _too_large(self, size: int) -> DownloadError:
        return self._dropped(
            f"has at least {counted(size)}, more than the {counted(self.limit)} that are allowed; "
            "download it in a browser, then open the file"
        )


# ----------------------------------------------------------------------------
# What is followed, and what errors mean.


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to the web only, and never from https to http."""

    def http_error_302(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> IO[bytes] | None:
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except (DownloadError, ValueError):  # it leads to no place that is followed
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

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
            raise DownloadError(f"{Address(req.full_url)} leads to {displayed(newurl)}, which is not followed.")
        try:
            address = Address(newurl)
        except DownloadError as error:
            raise DownloadError(f"{Address(req.full_url)} leads to another place. {error}") from error
        return super().redirect_request(req, fp, code, msg, headers, address.quoted)


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
