"""Saving the picture and the window."""

from __future__ import annotations

from pathlib import Path
from time import time

from core.base.text import plural, shown
from core.display.frame import Frame
from core.documents.document import to_text
from visualizer.output.capture import save_picture
from visualizer.output.capture_folder import CaptureFolder
from visualizer.output.file_manager import show_in_folder
from visualizer.output.left_behind import Tidied, tidy_captures
from visualizer.session.messages import Kind
from visualizer.session.session import Session
from visualizer.settings import Preferences
from visualizer.toolkit.pixels import Pixels


class Saving:
    """What is saved at once, and what as soon as it is there."""

    def __init__(self, session: Session, preferences: Preferences, folder: CaptureFolder) -> None:
        self._session = session
        self._preferences = preferences
        self._folder = folder
        self.picture_wanted = False  # as soon as it is there in full precision
        self.window_shot_wanted = False

    def tidy_up(self) -> None:
        """Remove what a killed program left among the captures."""
        folder, session, since_s = self._folder.path, self._session, self._preferences.now.parts_told_s

        def say(found: Tidied) -> None:
            if found.removed:
                what = plural(found.removed, "empty video was removed", "empty videos were removed")
                session.say(what, "The program ended before a frame was on the disk", kind=Kind.NOTE)
            if found.parts:
                what = plural(len(found.parts), "film has ended early", "films have ended early")
                names = shown(", ".join(path.name for path in found.parts), 90)
                session.say(what, f"What is there can be played: {names} · {folder}", kind=Kind.NOTE)

        session.start("Cannot tidy the folder of captures", lambda: tidy_captures(folder, since_s=since_s), say)
        self.parts_are_known()

    def parts_are_known(self) -> None:
        """The user has been told of all films that ended early until now."""
        self._preferences.prefer(parts_told_s=time())

    def picture(self) -> None:
        """The shown picture at its own size, with its request inside."""
        frame = self._session.frame
        if frame is None:
            self._session.say("There is no picture yet", kind=Kind.WARNING)
            return
        self.picture_wanted = frame.fast  # then it is saved when the exact one is there
        if not frame.fast:
            self._save(frame.pixels, text_of(self._session, frame))

    def window(self) -> None:
        """The whole window; it is read after the next frame, when no button is hot any more."""
        self.window_shot_wanted = True

    def take_window_shot(self, pixels: Pixels) -> None:
        self.window_shot_wanted = False
        frame = self._session.frame
        self._save(pixels, text_of(self._session, frame) if frame else "")

    def _save(self, pixels: Pixels, text: str) -> None:
        folder, session = self._folder.path, self._session
        size = f"{pixels.shape[1]} × {pixels.shape[0]}"
        session.start(
            "Cannot save the picture",
            lambda: save_picture(pixels, folder, text),
            lambda path: session.say_saved(path, detail=f"{size} · {folder}", picture=pixels),
        )

    def show_in_folder(self, path: Path) -> None:
        """Show a file that was saved in the system's file manager."""
        self._session.start("Cannot show the folder", lambda: show_in_folder(path), lambda _: None)


def text_of(session: Session, frame: Frame) -> str:
    """What is kept inside of a picture."""
    loaded = session.loaded
    origin = loaded.origin if loaded and loaded.location == frame.request.network else None
    return to_text(frame.request, origin, family=loaded.info.family if loaded else "")
