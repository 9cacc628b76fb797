"""Showing a file in the system's own file manager."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from core.base.errors import CaptureError

PATIENCE_S = 3.0  # a file manager that still runs then is at work


def show_in_folder(path: Path) -> None:
    """Open the folder of a file, with the file chosen where the system can do that. May take seconds.

    Raises CaptureError if there is no file manager.
    """
    try:
        process = subprocess.Popen(
            _command(path), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise CaptureError(f"No file manager can be opened here; the file is {path}") from error
    try:
        failed = process.wait(PATIENCE_S) != 0
    except subprocess.TimeoutExpired:
        return
    if failed and sys.platform != "win32":  # Explorer returns 1 when all is well
        raise CaptureError(f"The file manager cannot be opened; the file is {path}")


def _command(path: Path) -> list[str]:
    match sys.platform:
        case "win32":
            return ["explorer", f"/select,{path}"]
        case "darwin":
            return ["open", "-R", str(path)]
        case _:
            return ["xdg-open", str(path.parent)]
