"""Preferences that outlive the window, kept as JSON in the user's configuration folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from core.base.control import Control, Kind, one_of, switch
from core.base.errors import UsageError
from core.base.files import write_whole
from core.base.paths import path_of
from core.base.reading import open_ordinary
from core.documents import json_reader as fields
from core.documents.json_reader import Fields
from core.film.choices import DEFAULT_CHOICES, FilmChoices, read_choices
from core.opening.class_counts import named_count
from core.opening.demos import demo_of
from core.request import BUILT_IN

APPLICATION = "stylegan-visualizer"
FOLDER_VARIABLE = "VISUALIZER_CONFIG_DIR"
FILE = "settings.json"
MAX_FILE = 2**20  # bytes
MAX_RECENT = 20
MAX_HOSTS = 100
MAX_SMOOTH = 100  # networks whose choice is remembered
MAX_NAME = 4096  # characters of a path or a URL

MAX_EDGE = 32768  # pixels of a window
VIDEO_FPS = (24, 30, 60)
FPS_LIMIT = Control(label="Frame limit", default=60, kind=Kind.WHOLE, range=(5, 1000), format="%d",
                    tip="The window draws at most this often a second")  # fmt: skip
VSYNC = switch("Vsync", "Wait for the screen before each frame")
ON_RELEASE = switch(
    "On release", "Render when the mouse is released, not while it drags; for networks that take seconds a frame"
)
TABLE_LABELS = switch("Labels", "Write what the rows and columns are beside the pictures of a table that is saved",
                      default=True)  # fmt: skip
RESUME = switch("Go on here at the next start", "The next start goes on where the last window ended", default=True)
FRAME_RATE = one_of("Frame rate", [str(fps) for fps in VIDEO_FPS], [f"{fps} frames a second" for fps in VIDEO_FPS],
                    default=1)  # fmt: skip
UI_SCALES = (0.5, 4.0)
DOCK_WIDTHS = (0.0, 2000.0)


class Theme(StrEnum):
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True)
class WindowPlace:
    """Where the window was."""

    x: int | None = None  # None: wherever the system puts it
    y: int | None = None
    width: int = 1600
    height: int = 1000
    maximised: bool = False


@dataclass(frozen=True)
class Settings:
    window: WindowPlace = WindowPlace()
    theme: Theme = Theme.DARK
    ui_scale: float = 1.0  # on top of the monitor's own
    workspace: str = "Edit"
    dock_width: float = 328.0  # of the left dock, pixels at scale 1
    right_dock_width: float = 412.0
    timeline_height: float = 300.0
    panels: Mapping[str, bool] = field(default_factory=dict)  # name of a panel: is it open
    recent: tuple[str, ...] = ()  # networks as the user named them, the latest first
    recent_sessions: tuple[str, ...] = ()  # whole paths, the latest first
    resume: bool = bool(RESUME.default)
    class_files: Mapping[str, str] = field(default_factory=dict)  # network -> the file that names its classes
    capture_folder: str = ""  # empty: the default
    video_fps: int = int(str(FRAME_RATE.default))
    fps_limit: int = int(FPS_LIMIT.start)
    vsync: bool = bool(VSYNC.default)
    smooth_networks: Mapping[str, bool] = field(default_factory=dict)  # digest or name -> seen smooth, as was chosen
    browse_folder: str = ""  # the last one used
    fetch_from: tuple[str, ...] = ()  # hosts whose networks may be fetched for saved pictures without a question
    render_on_release: bool = bool(ON_RELEASE.default)
    table_labels: bool = bool(TABLE_LABELS.default)
    film: FilmChoices = DEFAULT_CHOICES
    parts_told_s: float = 0.0  # since 1970: until when films that ended early are told of

    def with_recent(self, network: str) -> Settings:
        """With this network as the latest; those that come with the program need not be remembered."""
        if network == BUILT_IN or demo_of(network) is not None:
            return self
        file, _ = named_count(network)  # with whatever number of classes
        others = tuple(name for name in self.recent if named_count(name)[0] != file)
        return replace(self, recent=(network, *others)[:MAX_RECENT])

    def with_recent_session(self, path: str) -> Settings:
        """With this file as the latest."""
        others = tuple(other for other in self.recent_sessions if other != path)
        return replace(self, recent_sessions=(path, *others)[:MAX_RECENT])

    def without_recent_session(self, path: str) -> Settings:
        return replace(self, recent_sessions=tuple(other for other in self.recent_sessions if other != path))

    def with_class_file(self, network: str, path: str) -> Settings:
        others = [(name, file) for name, file in self.class_files.items() if name != network]
        return replace(self, class_files=dict([*others, (network, path)][-MAX_RECENT:]))

    def with_hosts(self, hosts: tuple[str, ...]) -> Settings:
        """With hosts that may be fetched from without a question."""
        return replace(self, fetch_from=tuple(dict.fromkeys((*hosts, *self.fetch_from)))[:MAX_HOSTS])

    def with_smooth(self, network: str, smooth: bool) -> Settings:
        """With the choice for this network, by its digest or name, as the latest."""
        others = [(name, chosen) for name, chosen in self.smooth_networks.items() if name != network]
        return replace(self, smooth_networks=dict([*others, (network, smooth)][-MAX_SMOOTH:]))

    def without_recent(self, network: str) -> Settings:
        return replace(self, recent=tuple(name for name in self.recent if name != network))


class Preferences:
    """The settings as they are now; they are written soon after a change."""

    def __init__(self, settings: Settings) -> None:
        self.now = settings

    def prefer(self, **changes: Any) -> None:
        self.now = replace(self.now, **changes)


def settings_folder() -> Path:
    """The user's configuration folder, or what the environment variable VISUALIZER_CONFIG_DIR names."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else platformdirs.user_config_path(APPLICATION, appauthor=False)


def preset_folder() -> Path:
    """Where the user's presets are, one in each file."""
    return settings_folder() / "presets"


def load_settings(folder: Path | None = None) -> tuple[Settings, tuple[str, ...]]:
    """The settings, and notes on what in the file could not be used. Never raises for what a file may hold.

    A file that is broken as a whole is renamed to settings.json.bak.
    """
    path = (folder or settings_folder()) / FILE
    where = f"the settings in {path}"
    try:
        with open_ordinary(path) as file:
            data = file.read(MAX_FILE + 1)
    except FileNotFoundError:
        return Settings(), ()
    except OSError as error:
        return Settings(), (f"{where} cannot be read: {error.strerror or error}; the defaults are used",)
    try:
        if len(data) > MAX_FILE:
            raise UsageError(f"{where} cannot be used: the file is too large")
        members = fields.parse(data.decode("utf-8", errors="replace"), where)
        Fields(members, where=where)  # an object at all?
    except UsageError as error:
        return Settings(), (f"{error}; the defaults are used{_keep(path)}",)
    notes: list[str] = []
    settings = _read(Fields(members, where=where, errors=notes))
    return settings, tuple(f"{note}; its default is used" for note in notes)


def save_settings(settings: Settings, folder: Path | None = None) -> str:
    """Write the file in one step. Returns a note if that failed, else "": a window must be able to close."""
    path = (folder or settings_folder()) / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # default: exact rates are texts
        write_whole(path, json.dumps(asdict(settings), indent=2, default=str).encode() + b"\n")
    except OSError as error:
        return f"the settings cannot be kept in {path}: {error.strerror or error}"
    return ""


def _keep(path: Path) -> str:
    """Keep a broken file from being overwritten; tells where it went."""
    backup = path.with_name(path.name + ".bak")
    try:
        path.replace(backup)
    except OSError:  # the user is told about the file itself already
        return ""
    return f", and the file was kept as {backup.name}"


def _read(part: Fields) -> Settings:
    default = Settings()
    return Settings(
        window=_read_place(part.child("window")),
        theme=part.get("theme", default.theme, fields.choice(Theme)),
        ui_scale=part.get("ui_scale", default.ui_scale, fields.number(*UI_SCALES)),
        workspace=part.get("workspace", default.workspace, _read_name),
        dock_width=part.get("dock_width", default.dock_width, fields.number(*DOCK_WIDTHS)),
        right_dock_width=part.get("right_dock_width", default.right_dock_width, fields.number(*DOCK_WIDTHS)),
        timeline_height=part.get("timeline_height", default.timeline_height, fields.number(*DOCK_WIDTHS)),
        panels=part.get("panels", default.panels, _read_panels),
        recent=part.get("recent", default.recent, _read_recent),
        recent_sessions=part.get("recent_sessions", default.recent_sessions, _read_recent),
        resume=part.get("resume", default.resume, fields.flag),
        class_files=part.get("class_files", default.class_files, _read_files),
        capture_folder=part.get("capture_folder", default.capture_folder, _read_folder),
        video_fps=part.get("video_fps", default.video_fps, _read_video_fps),
        fps_limit=part.get("fps_limit", default.fps_limit, fields.integer(*map(int, FPS_LIMIT.range))),
        vsync=part.get("vsync", default.vsync, fields.flag),
        smooth_networks=part.get("smooth_networks", default.smooth_networks, _read_smooth),
        browse_folder=part.get("browse_folder", default.browse_folder, _read_folder),
        fetch_from=part.get("fetch_from", default.fetch_from, _read_hosts),
        render_on_release=part.get("render_on_release", default.render_on_release, fields.flag),
        table_labels=part.get("table_labels", default.table_labels, fields.flag),
        film=read_choices(part.child("film")),
        parts_told_s=part.get("parts_told_s", default.parts_told_s, fields.number(0.0)),
    )


def _read_place(part: Fields) -> WindowPlace:
    default = WindowPlace()
    position = fields.optional(fields.integer(-MAX_EDGE, MAX_EDGE))
    edge = fields.integer(64, MAX_EDGE)
    return WindowPlace(
        x=part.get("x", default.x, position),
        y=part.get("y", default.y, position),
        width=part.get("width", default.width, edge),
        height=part.get("height", default.height, edge),
        maximised=part.get("maximised", default.maximised, fields.flag),
    )


def _read_panels(value: object) -> Mapping[str, bool]:
    if isinstance(value, dict) and all(isinstance(is_open, bool) for is_open in value.values()):
        return dict(value)
    raise ValueError("an object of true and false")


def _read_smooth(value: object) -> Mapping[str, bool]:
    return {_read_name(name): smooth for name, smooth in list(_read_panels(value).items())[-MAX_SMOOTH:]}


def _read_files(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        raise ValueError("an object of names and paths")
    return {_read_name(name): _read_name(path) for name, path in list(value.items())[-MAX_RECENT:]}


def _read_recent(value: object) -> tuple[str, ...]:
    names = fields.sequence(_read_name, 0, MAX_FILE)(value)
    return tuple(dict.fromkeys(names))[:MAX_RECENT]


def _read_hosts(value: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields.sequence(_read_name, 0, MAX_HOSTS)(value)))


def _read_name(value: object) -> str:
    name = fields.string(value)
    if len(name) > MAX_NAME or "\0" in name:
        raise ValueError(f"a name of at most {MAX_NAME} characters")
    return name


def _read_folder(value: object) -> str:
    name = _read_name(value)
    try:
        return str(path_of(name)) if name else ""
    except UsageError as error:
        raise ValueError("a path that there can be") from error


def _read_video_fps(value: object) -> int:
    fps = fields.integer()(value)
    if fps not in VIDEO_FPS:
        raise ValueError("one of " + ", ".join(map(str, VIDEO_FPS)))
    return fps
