"""What menus, shortcuts and panels can do: open, save, record, copy, quit."""

from __future__ import annotations

import os
import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import platformdirs
from imgui_bundle import imgui

from core.base.errors import VisualizerError
from core.display.frame import Frame
from core.documents.document import Document, command_line, from_text, load_session, save_session, to_text
from core.documents.pictures import PICTURES
from core.opening.class_names import SUFFIXES as CLASS_FILES
from core.opening.class_names import read_class_names
from core.request import Blend, RenderRequest
from visualizer.actions.encoding import Encoding
from visualizer.actions.exports import Exports
from visualizer.actions.latent_files import LatentActions
from visualizer.output.capture import capturing, claim, read_picture_text, save_picture
from visualizer.output.recorder import Recorder
from visualizer.output.system_report import report
from visualizer.session.messages import Kind
from visualizer.session.session import MAX_RANDOM_SEED
from visualizer.settings import Theme
from visualizer.views.file_browser import NETWORKS, SUFFIXES

if TYPE_CHECKING:
    from visualizer.app import App

SCALE_STEPS = (0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
SESSION_SUFFIX = ".json"


class Actions:
    """The verbs of the window."""

    def __init__(self, app: App, capture_folder: Path | None) -> None:
        self._app = app
        self._capture_folder = capture_folder
        self.recorder: Recorder | None = None
        self.record_window = False
        self.window_shot_wanted = False
        self.picture_wanted = False  # as soon as it is there in full precision
        self._recorded: Frame | None = None
        self.latents = LatentActions(app)
        self.encoding = Encoding(app)
        self.exports = Exports(app)

    @property
    def gl_renderer(self) -> str:
        return self._app.window.gl_renderer

    # -- Opening --------------------------------------------------------------

    def open(self, name: str) -> None:
        """Open what a user typed, dropped or chose: a network, a saved or another picture, a session, a latent."""
        name = name.strip().strip("'\"").strip()
        path = Path(name).expanduser()
        session = self._app.session
        try:
            if path.suffix.lower() in PICTURES and path.is_file():
                self._restore(read_picture_text(path), path)
            elif path.suffix.lower() == SESSION_SUFFIX and path.is_file():
                self._restore_document(load_session(path), path)
            elif not self.latents.opened(path):
                session.open(name)
        except VisualizerError as error:
            session.fail(f"Cannot open {path.name}", error)

    def _restore(self, text: str | None, path: Path) -> None:
        if text is None:
            self.encoding.opened(path)
            return
        self._restore_document(from_text(text, path.name), path)

    def _restore_document(self, document: Document, path: Path) -> None:
        session = self._app.session
        for note in document.notes:
            session.say(note, kind=Kind.NOTE)
        loaded, request = session.loaded, document.request
        same = loaded is not None and document.digest and loaded.origin.digest == document.digest
        if loaded is not None and (same or request.network == loaded.location):
            session.edit(request, network=loaded.location)
            session.say(f"Restored {path.name}")
        elif "://" not in request.network and not _exists(request.network):
            self._find(request, document.name or request.network)
        else:
            session.open(request.network, request)

    def restore(self, request: RenderRequest) -> None:
        """Show a request, opening its network if another one is open."""
        session = self._app.session
        if session.loaded is not None and request.network == session.loaded.location:
            session.edit(request)
        else:
            session.open(request.network, request)

    def _find(self, request: RenderRequest, name: str) -> None:
        """Ask where the network of a restored picture is now."""

        def chosen(path: Path) -> None:
            self._app.session.open(str(path), replace(request, network=str(path)))

        self._app.browser.choose(f"Where is {name} now?", SUFFIXES, chosen)

    def browse(self) -> None:
        self._app.browser.choose("Open", SUFFIXES, lambda path: self.open(str(path)))

    def choose_blend(self) -> None:
        """Choose a network to blend into the shown one."""
        session = self._app.session

        def chosen(path: Path) -> None:
            session.edit(blends=(*session.request.blends, Blend(str(path))))

        self._app.browser.choose("Blend with", NETWORKS, chosen)

    def choose_class_names(self) -> None:
        """Choose a file that names the classes of the shown network; it is remembered for this network."""

        def chosen(path: Path) -> None:
            session, context = self._app.session, self._app.context
            if session.loaded is None:
                return
            try:
                session.name_classes(read_class_names(path, session.loaded.info.c_dim))
                context.settings = context.settings.with_class_file(session.loaded.location, str(path))
            except VisualizerError as error:
                session.fail(f"Cannot use {path.name}", error)

        self._app.browser.choose("Names of the classes", frozenset(CLASS_FILES), chosen)

    def recall_class_names(self) -> None:
        """Take the names that were chosen for the shown network before, if there are any."""
        session, known = self._app.session, self._app.context.settings.class_files
        if session.loaded is None or session.loaded.location not in known:
            return
        with suppress(VisualizerError):  # the file is gone, or another one now
            session.name_classes(read_class_names(Path(known[session.loaded.location]), session.loaded.info.c_dim))

    def random_seed(self) -> int:
        return random.randrange(MAX_RANDOM_SEED)

    # -- Saving ---------------------------------------------------------------

    @property
    def capture_folder(self) -> Path:
        if self._app.context.settings.capture_folder:
            return Path(self._app.context.settings.capture_folder)
        return self._capture_folder or platformdirs.user_pictures_path() / "stylegan-visualizer"

    def _text_of(self, frame: Frame) -> str:
        loaded = self._app.session.loaded
        origin = loaded.origin if loaded and loaded.location == frame.request.network else None
        return to_text(frame.request, origin, family=loaded.info.family if loaded else "")

    def save_picture(self) -> None:
        """The shown picture at its own size, with its request inside."""
        frame = self._app.session.frame
        if frame is None:
            self._app.session.say("There is no picture yet", kind=Kind.WARNING)
            return
        self.picture_wanted = frame.fast  # then it is saved when the exact one is there
        if not frame.fast:
            self._save(frame.pixels, self._text_of(frame))

    def save_window(self) -> None:
        """The whole window; it is read after the next frame, when no button is hot any more."""
        self.window_shot_wanted = True

    def take_window_shot(self, pixels: npt.NDArray[np.uint8]) -> None:
        self.window_shot_wanted = False
        frame = self._app.session.frame
        self._save(pixels, self._text_of(frame) if frame else "")

    def _save(self, pixels: npt.NDArray[np.uint8], text: str) -> None:
        folder, session = self.capture_folder, self._app.session
        size = f"{pixels.shape[1]} × {pixels.shape[0]}"
        session.start(
            "Cannot save the picture",
            lambda: save_picture(pixels, folder, text),
            lambda path: session.say(f"Saved {path.name}", f"{size} · {folder}"),
        )

    def save_session(self) -> None:
        """The request as a file that `open` takes, beside the pictures."""
        session, folder = self._app.session, self.capture_folder
        loaded = session.loaded
        try:
            with capturing(folder):
                folder.mkdir(parents=True, exist_ok=True)
                path, descriptor = claim(folder, SESSION_SUFFIX)
                os.close(descriptor)
                save_session(path, session.request, loaded.origin if loaded else None)
            session.say(f"Saved {path.name}", str(folder))
        except VisualizerError as error:
            session.fail("Cannot save the session", error)

    # -- Recording ------------------------------------------------------------

    def toggle_recording(self) -> None:
        if self.recorder is not None:
            self.stop_recording()
            return
        session, frame = self._app.session, self._app.session.frame
        if frame is None:
            session.say("There is no picture to record yet", kind=Kind.WARNING)
            return
        size = self._app.window.framebuffer_size if self.record_window else frame.pixels.shape[1::-1]
        fps = self._app.context.settings.video_fps
        try:
            self.recorder = Recorder(self.capture_folder, (size[0], size[1]), fps=fps, text=self._text_of(frame))
        except VisualizerError as error:
            session.fail("Cannot record", error)
            return
        if self.recorder.note:
            session.say(self.recorder.note, kind=Kind.NOTE)
        self._recorded = None

    def stop_recording(self) -> None:
        recorder, self.recorder = self.recorder, None
        if recorder is None:
            return
        session = self._app.session
        status = recording_text(recorder)
        session.start("Cannot finish the video", recorder.close, lambda path: self._recorded_as(recorder, path, status))

    def _recorded_as(self, recorder: Recorder, path: Path | None, status: str) -> None:
        session = self._app.session
        if recorder.failure is not None:
            session.fail("The recording ended early", recorder.failure)
        elif path is not None:
            session.say(f"Saved {path.name}", status)

    def finish_recording(self) -> None:
        """At the end of the program: close the file before leaving."""
        if self.recorder is not None:
            self.recorder.close()
            self.recorder = None

    def record_frame(self) -> None:
        """Hand the newest picture to the recorder; called once a frame."""
        recorder, frame = self.recorder, self._app.session.frame
        if recorder is None:
            return
        if recorder.failure is not None:
            self.stop_recording()
        elif not self.record_window and frame is not None and frame is not self._recorded:
            self._recorded = frame
            recorder.submit(frame.pixels)

    def recording_status(self) -> str:
        return recording_text(self.recorder) if self.recorder is not None else ""

    # -- Copying --------------------------------------------------------------

    def copy(self) -> None:
        """The focused control's value, or the picture's command line."""
        ui, session = self._app.context.ui, self._app.session
        if ui.focus and ui.focus in ui.values:
            imgui.set_clipboard_text(ui.values[ui.focus])
            session.say(f"Copied {ui.values[ui.focus]}")
            return
        try:
            imgui.set_clipboard_text(command_line(session.request))
            session.say("Copied the command line", "It renders this picture without a window")
        except VisualizerError as error:
            session.fail("Cannot copy the command line", error)

    def copy_report(self) -> None:
        imgui.set_clipboard_text(report(gl_renderer=self.gl_renderer))
        self._app.session.say("Copied the system report", "Paste it into a bug report")

    # -- The window -----------------------------------------------------------

    def toggle_theme(self) -> None:
        theme = Theme.LIGHT if self._app.context.settings.theme is Theme.DARK else Theme.DARK
        self._app.context.prefer(theme=theme)

    def scale_ui(self, by: int) -> None:
        """To the next larger or smaller size of the controls; 0: back to 1."""
        now = self._app.context.settings.ui_scale
        at = min(range(len(SCALE_STEPS)), key=lambda index: abs(SCALE_STEPS[index] - now))
        scale = SCALE_STEPS[min(max(at + by, 0), len(SCALE_STEPS) - 1)] if by else 1.0
        self._app.context.prefer(ui_scale=scale)

    def toggle_animation(self) -> None:
        animation = self._app.session.animation
        animation.latent = not animation.latent

    def toggle_smooth(self) -> None:
        self._app.context.prefer(smooth=not self._app.context.settings.smooth)

    def toggle_docks(self) -> None:
        self._app.shell.docks_hidden = not self._app.shell.docks_hidden

    def show_keys(self) -> None:
        self._app.shell.show_keys()

    def undo(self) -> None:
        self._app.session.undo()

    def redo(self) -> None:
        self._app.session.redo()

    def fit(self) -> None:
        self._app.shell.picture.fit()

    def one_to_one(self) -> None:
        self._app.shell.picture.one_to_one()

    def full_screen(self) -> None:
        self._app.window.toggle_full_screen()

    def quit(self) -> None:
        """Ends the program; asks first while recording."""
        if self.recorder is not None:
            self._app.shell.ask_to_quit()
        else:
            self._app.running = False

    def quit_now(self) -> None:
        self._app.running = False

    def escape(self) -> None:
        """Leave what is open, one thing at a time; then ask to quit."""
        ui, session = self._app.context.ui, self._app.session
        if ui.leave_focus():
            return
        if session.selection.give_up_click() or session.messages.dismiss():
            return
        if self._app.window.full_screen:
            self.full_screen()
            return
        self._app.shell.ask_to_quit()


def recording_text(recorder: Recorder) -> str:
    """Elapsed time, size and dropped frames in one line."""
    elapsed = recorder.elapsed_s
    words = f"{int(elapsed // 60):02d}:{elapsed % 60:04.1f} · {recorder.bytes_written / 1e6:.1f} MB"
    return words + (f" · {recorder.dropped} dropped" if recorder.dropped else "")


def _exists(network: str) -> bool:
    if network.startswith(("seed:", "demo:")):
        return True
    return Path(network.strip("'\"")).expanduser().exists()
