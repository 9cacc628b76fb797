"""What actions need of the window, as protocols: the window and its views are above them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class FileChooser(Protocol):
    """Asks the user for a file."""

    def choose(
        self, title: str, suffixes: frozenset[str], then: Callable[[Path], None],
        otherwise: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Show files that end so, and then do something with the chosen one; otherwise: if none is chosen."""
        ...

    def choose_new(
        self, title: str, suffix: str, name: str, start: Path | None, then: Callable[[Path], None]
    ) -> None:  # fmt: skip
        """Ask for a name and a place of a file to be written, and then do something with its path, which ends so.

        name: what is proposed. start: a file in the folder that is shown first; None: the last one that was shown.
        Whether a file that there is may be replaced has been asked.
        """
        ...


class Screen(Protocol):
    """What the window is drawn on."""

    gl_renderer: str

    @property
    def framebuffer_size(self) -> tuple[int, int]: ...

    @property
    def full_screen(self) -> bool: ...

    def toggle_full_screen(self) -> None: ...


class Views(Protocol):
    """What lies in the window. What is asked for comes with the next frame."""

    docks_hidden: bool
    alone: bool  # nothing but the picture is there

    @property
    def smooth(self) -> bool:
        """Whether the picture is seen smooth."""
        ...

    @property
    def framing(self) -> tuple[float | None, float, float]:
        """Device pixels a pixel of the picture (None: fitted), and the shift of its centre in device pixels."""
        ...

    def frame(self, zoom: float | None, pan_x: float, pan_y: float) -> None:
        """Show the next picture so; see `framing`."""
        ...

    def fit(self) -> None: ...

    def one_to_one(self) -> None: ...

    def fit_timeline(self) -> None: ...

    def show_keys(self) -> None: ...

    def show_commands(self) -> None: ...

    def ask_to_quit(self) -> None: ...

    def reset_panels(self) -> None: ...

    def show_item(self, panel: str, name: str) -> None:
        """Open a panel, wherever it is, bring an item of it into view, and give that the keyboard."""
        ...

    def show_parameter(self, path: str) -> None:
        """Bring the control of a parameter into view, wherever it is, and give it the keyboard."""
        ...


@dataclass(frozen=True)
class Ports:
    """All of the window that actions know."""

    files: FileChooser
    screen: Screen
    views: Views
    quit: Callable[[], None]
    wake: Callable[[], None]  # have the next frame drawn, from any thread
