"""Networks from the web: one address, one file in the cache, until somebody asks for it anew."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from core.base.errors import DownloadError
from core.base.files import put, write_whole
from core.base.progress import Progress, silent
from core.base.text import shown
from core.opening.address import Address
from core.opening.partial import Partial, Version, alone, tidy_partials
from core.opening.transfer import Transfer

MAX_BYTES = 4 * 2**30
TIMEOUT_S = 30.0  # without any answer
CACHE_VARIABLE = "VISUALIZER_CACHE_DIR"
NOTE = ".fetched.json"  # in the folder of an address
LAST_S = 2.0**35  # a time that no clock shows


def cache_folder() -> Path:
    """Where downloads are kept."""
    import platformdirs

    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen or platformdirs.user_cache_dir("stylegan-visualizer", appauthor=False)) / "networks"


@dataclass(frozen=True)
class Copy:
    """What the cache has of an address, or would have."""

    path: Path

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    @property
    def fetched_s(self) -> float:
        """When it was, or was found to be, the newest; seconds since 1970. 0: never."""
        noted = self._note().get("fetched_s")
        if isinstance(noted, float) and 0 < noted < LAST_S:
            return noted
        return self.path.stat().st_mtime if self.exists else 0.0  # of an earlier version of this program

    @property
    def version(self) -> Version:
        note = self._note()
        return Version(str(note.get("etag", "")), str(note.get("last_modified", "")))

    def confirm(self, version: Version) -> None:
        """It is of this version, and was the newest now."""
        note = asdict(version) | {"fetched_s": round(time.time(), 3)}
        write_whole(self.path.with_name(NOTE), json.dumps(note).encode())

    def remove(self) -> None:
        """It is no network: the next time it is fetched anew. Raises nothing."""
        with suppress(OSError):
            self.path.with_name(NOTE).unlink(missing_ok=True)
            self.path.unlink(missing_ok=True)

    def _note(self) -> dict[str, object]:
        try:
            note = json.loads(self.path.with_name(NOTE).read_bytes())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}


def copy_of(url: str, *, folder: Path | None = None) -> Copy:
    """What the cache has of an address. Raises DownloadError if it is none."""
    address = Address(url)
    return Copy((folder or cache_folder()) / address.key / address.file_name)


def download(
    url: str,
    *,
    folder: Path | None = None,
    progress: Progress = silent,
    limit: int = MAX_BYTES,
    timeout_s: float = TIMEOUT_S,
) -> Path:
    """The file at an http or https address, from the cache if it was fetched before.

    What had arrived when a download broke off, or its program was killed, is continued if the server still has the same
    file. Raises DownloadError with a sentence for the user.
    """
    copy = copy_of(url, folder=folder)
    if not copy.exists:
        _fetch(url, copy, progress, limit, timeout_s, again=False)
    return copy.path


def download_again(
    url: str,
    *,
    folder: Path | None = None,
    progress: Progress = silent,
    limit: int = MAX_BYTES,
    timeout_s: float = TIMEOUT_S,
) -> bool:
    """Fetch what is at an address now, if it is another file than the cache has. Returns whether it is.

    After an error the cache has what it had. Raises DownloadError.
    """
    return _fetch(url, copy_of(url, folder=folder), progress, limit, timeout_s, again=True)


def _fetch(url: str, copy: Copy, progress: Progress, limit: int, timeout_s: float, *, again: bool) -> bool:
    address, place = Address(url), copy.path.parent
    try:
        place.mkdir(parents=True, exist_ok=True)
        tidy_partials(place.parent)
        with alone(place, progress):
            if copy.exists and not again:  # another program was faster
                return True
            partial = Partial(place / f"{copy.path.name}.part")
            version = copy.version if copy.exists else Version()
            try:
                changed = Transfer(address, partial, progress, limit, timeout_s).run(version)
                if changed:
                    version = partial.version
                    put(partial.path, copy.path)
                copy.confirm(version)
            finally:
                if not partial.size:
                    partial.delete()
            return changed
    except (TimeoutError, http.client.HTTPException, ConnectionError, ssl.SSLError) as error:
        raise DownloadError(f"{address} stopped answering; open it again to continue the download.") from error
    except OSError as error:
        raise DownloadError(f"{address} could not be saved in {shown(place)} ({shown(error.strerror, 80)}).") from error
