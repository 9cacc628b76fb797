"""Paths as people write them: the one way from a text to a path that the system can be asked about."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from core.base.errors import UsageError
from core.base.text import shown

MAX_SHOWN = 100  # characters of a path in a sentence
IMPOSSIBLE = {errno.ENAMETOOLONG: "a name in it is too long for this system", errno.EINVAL: "no file can be called so"}


def unquoted(text: str) -> str:
    """A name without the quotes that a terminal or a file manager gives when a file is dropped on it."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def path_of(text: str) -> Path:
    """The path that a text names, whether anything is there or not; `~` is the user's home.

    Raises UsageError if no file of this system can have such a name.
    """
    path = Path(os.path.expanduser(text))
    try:
        path.lstat()
    except ValueError as error:  # half a character (a lone surrogate), or a zero
        raise UsageError(_sentence(text, "it holds a character that no name of a file can have")) from error
    except OSError as error:
        if error.errno in IMPOSSIBLE:
            raise UsageError(_sentence(text, IMPOSSIBLE[error.errno])) from error
        if text.startswith("~") and str(path).startswith("~"):  # neither a user of this name nor a file
            raise UsageError(_sentence(text, "there is no user of this name")) from error
    return path


def _sentence(text: str, why: str) -> str:
    return f"`{shown(text, MAX_SHOWN)}` is no usable path ({why}); check it."
