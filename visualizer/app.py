"""The program around the window: one step is events, panels, request, outcome, picture."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter, sleep
from typing import NoReturn

from imgui_bundle import imgui

from core.base.progress import Progress
from core.display.analysis import NOTHING
from core.opening.demos import default_location
from core.render.open_networks import OpenNetworks
from core.render.service import Networks, RenderService
from core.render.tasks import Loaded
from core.request import BUILT_IN, SeedPoint
from ops.native import build
from visualizer.actions.actions import Actions
from visualizer.actions.context import Context
from visualizer.actions.keyboard import Keyboard
from visualizer.actions.ports import Ports
from visualizer.actions.timeline.sound import open_sound
from visualizer.actions.timeline.verbs import ANIMATE
from visualizer.output.autosaves.files import autosave_folder
from visualizer.output.capture_folder import CaptureFolder
from visualizer.output.settings_keeper import SettingsKeeper
from visualizer.panels.common.keys.key_marks import draw_path_menu
from visualizer.session.messages import Kind
from visualizer.session.network_names import display_name
from visualizer.session.session import Session
from visualizer.session.work.jobs import Jobs
from visualizer.session.work.table_job import Tables
from visualizer.settings import Preferences, Settings, WindowPlace, load_settings
from visualizer.toolkit.style import THEMES, Style
from visualizer.toolkit.thumbnails import Thumbnails
from visualizer.toolkit.ui import Ui
from visualizer.toolkit.window import Window
from visualizer.views.files.browser import Browser
from visualizer.views.shell import Shell

TITLE = "StyleGAN Visualizer"
WRITING_S = 1.0  # how long the end of the program waits for files that are being written
SETTLING_FRAMES = 3  # drawn after an event, until ImGui's state has come to rest
DRAFT_MS = 50  # a frame that takes longer is made in less precision while a control is held
LEAST_ROOM = (640, 360)  # pixels at scale 1 that the window's bars need; in a smaller window the controls shrink
LEAST_SCALE = 0.5


class App:
    """Owns the window and all that lives behind it. `run` until the user quits, or `step` by hand."""

    def __init__(
        self, window: Window, settings: Settings, *, device: str = "auto", capture_folder: Path | None = None,
        networks: Networks | None = None, autosaves: Path | None = None,
    ) -> None:  # fmt: skip
        """autosaves: the folder in which what is done is kept by itself; None: it is not."""
        self.window = window
        self.running = True
        self._style = Style()
        self._style.load_fonts()
        self._applied: tuple[str, float] | None = None
        self._jobs = Jobs(on_change=window.wake)
        self._service = RenderService(window.wake, networks or OpenNetworks())
        self.session = Session(self._jobs, self._service, device=device)
        self.session.opening.on_opened = self._on_opened
        self.shell = Shell()
        self.browser = Browser()
        self.context = self._make_context(settings, capture_folder, autosaves)
        self._keeper = SettingsKeeper(self._settings, on_failure=window.wake)
        self._keyboard = Keyboard()
        self._frames_due = SETTLING_FRAMES
        self._last_step = perf_counter()
        self._frames_seen = 0
        self._stepping = False
        self._kernels_asked_for = False
        self._title = TITLE
        window.on_resize(self._refresh)

    def _make_context(self, settings: Settings, capture_folder: Path | None, autosaves: Path | None) -> Context:
        preferences, ui, tables = Preferences(settings), Ui(self._style), Tables()
        ports = Ports(self.browser, self.window, self.shell, self.quit, self.window.wake)
        folder = CaptureFolder(preferences, capture_folder)
        actions = Actions(self.session, preferences, ui, tables, folder, ports, autosaves=autosaves)
        context = Context(ui, self.session, preferences, tables, Thumbnails(), actions)
        actions.opening.take_sound = partial(open_sound, context)
        ui.path_menu = partial(draw_path_menu, context)
        return context

    def quit(self) -> None:
        """End `run` after this frame."""
        self.running = False

    def close(self) -> bool:
        """Save settings, stop the work, free everything. Returns whether all threads have ended."""
        with self.session.attempt("Cannot finish the video"):  # the rest has to be closed whatever happens
            self.context.actions.recording.finish()
        with self.session.attempt("Cannot finish the film"):
            self.context.actions.filming.finish(WRITING_S)
        self.session.finish_started(WRITING_S)
        self.context.actions.saving.parts_are_known()
        self.context.actions.sessions.close()
        self._keeper.close(self._settings)
        build.stop()
        self._jobs.close()
        ended = self._service.close(0.5) and not self._jobs.running
        self.context.sounds.speaker.stop()
        self.shell.close()
        self.browser.close()
        self.context.thumbnails.close()
        return ended

    @property
    def _settings(self) -> Settings:
        """All that is to be found again at the next start."""
        width, height = self.window.size
        place = WindowPlace(width=width, height=height, maximised=self.window.maximised)
        return replace(self.context.settings, window=place)

    def run(self) -> None:
        """Draw on demand until the user quits: an idle window sleeps."""
        while self.running:
            self.window.wait(self.idle_s())
            self._limit_rate()
            self.step()

    # -- One frame ------------------------------------------------------------

    def step(self) -> None:
        self._stepping = True
        try:
            self._step()
        finally:
            self._stepping = False

    def _refresh(self) -> None:
        """Draw while the event loop is held up, unless this frame itself changed the window's size."""
        if not self._stepping:
            self.step()

    def _step(self) -> None:
        start = perf_counter()
        dt, self._last_step = min(start - self._last_step, 0.25), start
        with self.session.attempt("What came to the window could not be taken"):
            self._take_window_events()
        self._apply_style()
        self.window.new_frame()
        self.context.ui.begin_frame()
        arrived = self._receive()
        self._draw()
        gesture = any(imgui.is_mouse_down(button) for button in (0, 1, 2))
        with self.session.attempt("The picture could not be asked for"):
            self._submit(dt, gesture)
        self.window.draw(self._style.vec4("window"))
        with self.session.attempt("The window could not be captured"):
            self._capture(gesture)
        self.context.meters.window.add((perf_counter() - start) * 1000)
        self.window.present(vsync=self.context.settings.vsync)
        self._frames_due = SETTLING_FRAMES if arrived or _input_arrived() else self._frames_due - 1

    def _receive(self) -> bool:
        """Take in what the threads have done. Returns whether a frame of the network came."""
        self.session.selection.begin_frame()
        self.session.receive()
        self.session.analysis = NOTHING  # until something that is drawn wants more
        with self.session.attempt("The picture could not be taken"):
            return self._take_frame()
        return False

    def _draw(self) -> None:
        context = self.context
        self.shell.picture.panned = False
        self.shell.draw(context)
        with context.part("The file browser"):
            self.browser.draw(context)
        context.ui.draw_remark()
        with context.part("The keyboard"):
            self._keyboard.handle(context, panned=self.shell.picture.panned)

    def _submit(self, dt: float, gesture: bool) -> None:
        """Hand on what has changed. gesture: something is held."""
        session = self.session
        session.animate(dt)
        self._play(dt, gesture)
        self._allow_draft(gesture)
        if not gesture:
            session.commit_gesture()
            if session.frame is not None and not session.animation.running:
                session.document.picture_step(session.frame, session.shown_request)
        if not (gesture and self.context.settings.render_on_release) and not self._show_made(gesture):
            session.submit()
        self.context.actions.recording.take_frame()
        self._keep_settings()
        self._keep_session()

    def _play(self, dt: float, gesture: bool) -> None:
        """Move the playhead, and make what it will come to."""
        context, session = self.context, self.session
        context.sounds.follow(session)
        context.sounds.drive(session)
        context.playback.step(session.document, dt)
        context.sounds.hear(session, context.playback)
        if session.frame is not None:
            context.preview.keep(session.frame)
        context.preview.step(wanted=not gesture and context.settings.workspace == ANIMATE)

    def _show_made(self, gesture: bool) -> bool:
        """While the timeline plays or is scrubbed, a frame that is there is shown at once. Returns whether one is."""
        moves = bool(self.session.document.state.timeline.tracks) and (gesture or self.context.playback.playing)
        frame = self.context.preview.frame() if moves else None
        if frame is not None:
            self.session.show(frame)
        return frame is not None

    def _capture(self, gesture: bool) -> None:
        """Read the window back for whoever wants it."""
        actions = self.context.actions
        if actions.saving.window_shot_wanted and not gesture:
            actions.saving.take_window_shot(self.window.read_pixels())
        if actions.recording.wants_window:
            actions.recording.take_window(self.window.read_pixels())

    def _keep_settings(self) -> None:
        self._keeper.see(self._settings)
        if note := self._keeper.take_note():
            self.session.say(f"{note[0].upper()}{note[1:]}", kind=Kind.WARNING)

    def _keep_session(self) -> None:
        """Have what is done kept, and the window called by it."""
        sessions, loaded = self.context.actions.sessions, self.session.loaded
        sessions.keep()
        title = TITLE if loaded is None else f"{sessions.title} – {display_name(loaded.location)} – {TITLE}"
        if title != self._title:
            self._title = title
            self.window.set_title(title)

    def _take_window_events(self) -> None:
        events = self.window.take_events()
        if len(events.dropped) > 1:
            self.context.actions.shelf.imports.read(events.dropped)
        elif events.dropped:
            self.context.actions.opening.open(str(events.dropped[0]))
        if events.close:
            self.context.actions.window.quit()

    def _apply_style(self) -> None:
        settings, style = self.context.settings, self._style
        width, height = self.window.framebuffer_size
        room = min(width / LEAST_ROOM[0], height / LEAST_ROOM[1])
        scale = min(self.window.content_scale * settings.ui_scale, max(room, LEAST_SCALE))
        wanted = (str(settings.theme), scale)
        if wanted != self._applied:
            style.theme, style.scale = THEMES[settings.theme], scale
            style.apply()
            self._applied = wanted
            self._frames_due = SETTLING_FRAMES

    def _take_frame(self) -> bool:
        """Note a new frame of the network. Returns whether there is one."""
        frame = self.session.frame
        if frame is None or self.session.frames == self._frames_seen:
            return False
        self._frames_seen = self.session.frames
        self.context.meters.render.add(frame.timing.total_ms)
        point = frame.request.latent
        if isinstance(point, SeedPoint) and frame.thumbnail.size:
            self.context.thumbnails.add(point.x, point.y, frame.thumbnail)
        if self.context.actions.saving.picture_wanted and not frame.fast:
            self.context.actions.saving.picture()
        return True

    def _allow_draft(self, gesture: bool) -> None:
        """While a control is held, a slow network may give up precision."""
        frame, recording = self.session.frame, self.context.actions.recording.recorder is not None
        slow = frame is not None and frame.timing.total_ms > DRAFT_MS
        self.session.draft_allowed = gesture and not recording and (slow or self.session.draft_allowed)

    def _on_opened(self, loaded: Loaded) -> None:
        self.context.actions.saving.picture_wanted = False  # that was of the network before
        if not self._kernels_asked_for:
            self._kernels_asked_for = True
            self._jobs.start("Kernels", _have_kernels)
        self.context.actions.sessions.take_opened()
        self.context.thumbnails.clear()
        preferences = self.context.preferences
        preferences.now = preferences.now.with_recent(loaded.location)
        self.context.actions.opening.keep_classes()
        self.context.actions.class_names.recall()
        if loaded.location == BUILT_IN:
            self.session.say("A random network", "It was made from a seed and has learned nothing", kind=Kind.NOTE)

    # -- When to draw ---------------------------------------------------------

    def idle_s(self) -> float | None:
        """How long nothing needs to be drawn; None: until an event."""
        moving = self.session.animation.running or self.context.playback.playing or self.context.preview.planning
        if moving or self._frames_due > 0 or self.context.actions.saving.window_shot_wanted:
            return 0.0
        return self.context.ui.next_frame_in

    def _limit_rate(self) -> None:
        rest = self._last_step + 1 / self.context.settings.fps_limit - perf_counter()
        if rest > 0:
            sleep(rest)
            self.window.wait(0)


def _have_kernels(progress: Progress) -> None:
    """The native kernels of the operations, built if need be; until then, and without a compiler, torch's run."""
    build.run(lambda part, text: progress(text, round(100 * part), 100))


def _input_arrived() -> bool:
    """Whether this frame took input, or some waits for the next one: a key goes down and up in two frames."""
    context = imgui.get_current_context()
    taken, waiting = len(context.input_events_trail), len(context.input_events_queue)
    held = any(imgui.is_mouse_down(button) for button in (0, 1, 2))
    return taken > 0 or waiting > 0 or held or imgui.is_any_item_active()


@contextlib.contextmanager
def stopping_on_signals(app: App) -> Iterator[None]:
    """SIGINT and SIGTERM end the program as its close button does, even while it sleeps in the event loop."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)

    def stop(_number: int, _frame: object) -> None:
        app.running = False

    def watch() -> None:
        while reader.recv(1):
            app.window.wake()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    old = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    thread = threading.Thread(target=watch, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(old)
        for number, handler in previous.items():
            signal.signal(number, handler)
        writer.close()
        thread.join(1)
        reader.close()


def run_window(
    networks: list[str], *, device: str = "auto", session_file: str = "", capture_folder: Path | None = None,
    browse_folder: Path | None = None, classes: int | None = None, make_app: type[App] = App,
) -> NoReturn:  # fmt: skip
    """Open the window, run it until the user quits, and end the process. Raises WindowError if there can be none."""
    settings, notes = load_settings()
    for name in reversed(networks[1:]):
        settings = settings.with_recent(name)
    if browse_folder is not None:
        settings = replace(settings, browse_folder=str(browse_folder))
    place = settings.window
    with Window(TITLE, (place.width, place.height), maximised=place.maximised) as window:
        app = make_app(window, settings, device=device, capture_folder=capture_folder, autosaves=autosave_folder())
        with stopping_on_signals(app):
            try:
                for note in notes:
                    app.session.say(note, kind=Kind.WARNING)
                app.step()  # on the screen before torch is imported
                app.context.actions.saving.tidy_up()
                wanted, actions = session_file or (networks[0] if networks else ""), app.context.actions
                actions.left.begin(
                    lambda: actions.opening.open_with_classes(wanted or default_location(), classes), resume=not wanted
                )  # fmt: skip
                app.run()
            finally:
                app.close()
    # All is saved and closed. Torch would take up to a second to take itself down, and a layer may still be running.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
