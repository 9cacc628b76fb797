"""Files that come with the program: fonts, their icons, and demo networks."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent


def path(name: str) -> Path:
    """Where the resource of that name is, e.g. "fonts/Inter-Regular.ttf".

    Raises FileNotFoundError if this copy of the program has no such file.
    """
    found = ROOT / name
    if not found.is_file():
        raise FileNotFoundError(f"the resource '{name}' is missing from {ROOT}; install the program again")
    return found
