"""The commands of the window: one tuple behind menus, shortcuts, tips, the table of keys and the searchable list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.request import Compare
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.films.filming import PANEL
from visualizer.actions.timeline import sound, verbs
from visualizer.session.messages import Kind
from visualizer.settings import Theme

Run = Callable[[Context], None]

NO_PICTURE = "There is no picture yet."
NO_A = "No picture is kept as A."
ONLY_IN_EDIT = "Only in Edit: this workspace compares in its own way."
NOTHING_CHOSEN = "Nothing on the shelf is chosen."
NO_JOB = "Nothing is being worked on."
WORKSPACES = {
    "Edit": icons.SLIDERS_HORIZONTAL, "Inspect": icons.SCAN_SEARCH, "Tables": icons.LAYOUT_GRID,
    verbs.ANIMATE: icons.FILM,
}  # in order  # fmt: skip


@dataclass(frozen=True)
class Command:
    """Something the user can have done, wherever it is asked for."""

    id: str
    title: str
    icon: str
    run: Run
    keys: tuple[str, ...] = ()  # each with its modifiers, as shown: "Ctrl+Shift+Z"
    why_not: Callable[[Context], str] = lambda context: ""  # why it cannot be done now; "": it can
    title_now: Callable[[Context], str] | None = None  # says more than the title where there is more to say
    is_on: Callable[[Context], bool] | None = None  # of one that switches something
    repeats: bool = False  # while its key is held
    keys_count: Callable[[Context], bool] | None = None  # only then, and before others with the same keys

    @property
    def keys_text(self) -> str:
        return " or ".join(self.keys)

    def title_in(self, context: Context) -> str:
        return self.title_now(context) if self.title_now is not None else self.title

    def tip(self, text: str = "") -> str:
        """A tooltip that ends with its keys; text: in place of the title."""
        return f"{text or self.title} ({self.keys_text})" if self.keys else text or self.title


# ----------------------------------------------------------------------------
# What some of them do, and why some cannot be done.


def undo_title(context: Context) -> str:
    """The step that undo takes back, in words."""
    return f"Undo {context.session.document.undone}".rstrip()


def redo_title(context: Context) -> str:
    """The step that redo makes again, in words."""
    return f"Redo {context.session.document.redone}".rstrip()


def _no_picture(context: Context) -> str:
    return "" if context.session.frame is not None else NO_PICTURE


def why_not_compare(context: Context) -> str:
    """Why A and B cannot be compared here."""
    return _no_picture(context) or (ONLY_IN_EDIT if context.session.inspecting else "")


def keep_as_a(context: Context) -> None:
    context.comparison.keep(context.session.frame)


def swap_a_and_b(context: Context) -> None:
    """B is kept, and A is edited again."""
    comparison = context.comparison
    if comparison.kept is not None:
        kept, comparison.kept = comparison.kept, context.session.frame
        context.actions.opening.restore(kept.request)


def _why_not_chosen(context: Context) -> str:
    return "" if context.actions.shelf.chosen else NOTHING_CHOSEN


def _why_not_export(context: Context) -> str:
    return context.actions.shelf.exports.why_not(context.actions.shelf.shelf)


def _no_a(context: Context) -> str:
    return why_not_compare(context) or ("" if context.comparison.kept is not None else NO_A)


def _no_network(context: Context) -> str:
    return "" if context.session.loaded is not None else "No network is open."


def why_not_fetch(context: Context) -> str:
    """Why the shown network cannot be fetched again."""
    loaded = context.session.loaded
    return "No network is open." if loaded is None else "" if loaded.origin.fetched_s else "It is not from the web."


def _why_not_forget_hosts(context: Context) -> str:
    return "" if context.settings.fetch_from else "Every host is asked about."


def _animate(context: Context) -> None:
    context.session.animation.latent = not context.session.animation.latent


def _cancel_newest_job(context: Context) -> None:
    job = context.session.newest_job
    if job is not None:
        job.cancel()


def _cancel_title(context: Context) -> str:
    job = context.session.newest_job
    return "Cancel the newest job" if job is None or job is context.session.load_job else f"Cancel: {job.name}"


def _copy_title(context: Context) -> str:
    return "Copy the value" if context.ui.focus in context.ui.values else "Copy the picture's command line"


def _record_title(context: Context) -> str:
    return "Stop recording" if context.actions.recording.recorder else "Start recording"


def _workspace(number: int, name: str, icon: str) -> Command:
    return Command(
        f"workspace-{name.lower()}", f"Workspace {name}", icon, lambda c: c.prefer(workspace=name),
        (f"Ctrl+{number}",), is_on=lambda c: c.settings.workspace == name,
    )  # fmt: skip


def _at_time(
    name: str, title: str, icon: str, run: Run, *keys: str, why_not: Callable[[Context], str] = lambda context: "",
    **more: Any,
) -> Command:  # fmt: skip
    """One whose keys count in the workspace Animate."""
    return Command(name, title, icon, run, keys, why_not, keys_count=verbs.in_animate, **more)


def _toggle_auto_key(context: Context) -> None:
    document = context.session.document
    document.auto_key = not document.auto_key


def _plays(context: Context) -> bool:
    return verbs.in_animate(context) and context.playback.playing


def _toggle_preview(context: Context) -> None:
    context.preview.on = not context.preview.on


# ----------------------------------------------------------------------------
# All of them, in the order of the menus and of the table of keys.

COMMANDS: tuple[Command, ...] = (
    Command("new-session", "New session", icons.FILE, lambda c: c.actions.sessions.new(), ("Ctrl+N",), _no_network),
    Command("open", "Open a network, a saved picture or a session", icons.FOLDER_OPEN,
            lambda c: c.actions.opening.browse(), ("Ctrl+O",)),
    Command("save-session", "Save the session", icons.SAVE, lambda c: c.actions.sessions.save(), ("Ctrl+S",),
            _no_network),
    Command("save-session-as", "Save the session under another name", icons.SAVE,
            lambda c: c.actions.sessions.save_as(), ("Ctrl+Shift+S",), _no_network),
    Command("resume", "Go on here at the next start", icons.HISTORY, lambda c: c.prefer(resume=not c.settings.resume),
            is_on=lambda c: c.settings.resume),
    Command("fetch-again", "Fetch the network again", icons.REFRESH_CW, lambda c: c.session.opening.fetch_again(),
            why_not=why_not_fetch),
    Command("forget-hosts", "Ask again before fetching from any host", icons.GLOBE,
            lambda c: c.actions.consent.forget(), why_not=_why_not_forget_hosts),
    Command("save-picture", "Save the picture", icons.IMAGE_DOWN, lambda c: c.actions.saving.picture(), ("Ctrl+P",),
            _no_picture),
    Command("save-window", "Save the window", icons.MONITOR, lambda c: c.actions.saving.window()),
    Command("record", "Start or stop recording", icons.CIRCLE, lambda c: c.actions.recording.toggle(), ("Ctrl+R",),
            _no_picture, title_now=_record_title),
    Command("keep-recording", "Keep the recording as a timeline", icons.FILM,
            lambda c: c.actions.recording.keep_as_timeline(), why_not=lambda c: c.actions.recording.why_not_keep()),
    Command("export-film", "Export the timeline as a film", icons.FILM,
            lambda c: c.actions.window.views.show_item(PANEL, "Start"), (), _no_network),
    Command("find", "Find a command or a parameter", icons.SEARCH, lambda c: c.actions.window.views.show_commands(),
            ("Ctrl+K", "Ctrl+Shift+P")),
    Command("cancel-job", "Cancel the newest job", icons.X, _cancel_newest_job, ("Ctrl+.",),
            lambda c: "" if c.session.newest_job else NO_JOB, title_now=_cancel_title),
    Command("copy", "Copy the focused value, else the picture's command line", icons.COPY,
            lambda c: c.actions.window.copy(), ("Ctrl+C",), title_now=_copy_title),
    Command("undo", "Undo", icons.UNDO_2, lambda c: c.session.undo(), ("Ctrl+Z",),
            lambda c: "" if c.session.document.can_undo else "There is nothing to undo.", undo_title, repeats=True),
    Command("redo", "Redo", icons.REDO_2, lambda c: c.session.redo(), ("Ctrl+Shift+Z",),
            lambda c: "" if c.session.document.can_redo else "There is nothing to redo.", redo_title, repeats=True),
    Command("reset-everything", "Reset everything", icons.ROTATE_CCW, lambda c: c.actions.window.views.reset_panels()),
    Command("random-seed", "Random seed", icons.DICES, lambda c: c.session.random_seed(), ("R",)),
    Command("previous-seed", "Previous seed", icons.ARROW_LEFT, lambda c: c.session.move_seed(-1), ("Left",),
            repeats=True),
    Command("next-seed", "Next seed", icons.ARROW_RIGHT, lambda c: c.session.move_seed(1), ("Right",), repeats=True),
    Command("animate", "Animate the latent, or stop it", icons.PLAY, _animate,
            ("Space",), is_on=lambda c: c.session.animation.latent),
    _at_time("play", "Play the timeline, or stop", icons.PLAY, lambda c: c.playback.toggle(), "Space",
             is_on=lambda c: c.playback.playing),
    _at_time("play-backwards", "Play backwards, then faster", icons.STEP_BACK, lambda c: c.playback.shuttle(-1), "J"),
    Command("stop-playing", "Stop playing", icons.PAUSE, lambda c: c.playback.stop(), ("K",),
            lambda c: "" if c.playback.playing else "Nothing plays.", keys_count=_plays),
    _at_time("play-forwards", "Play forwards, then faster", icons.STEP_FORWARD, lambda c: c.playback.shuttle(1), "L"),
    _at_time("first-frame", "First frame", icons.SKIP_BACK, verbs.go_to_start, "Home"),
    _at_time("last-frame", "Last frame", icons.SKIP_FORWARD, verbs.go_to_end, "End"),
    _at_time("previous-frame", "Previous frame", icons.ARROW_LEFT, lambda c: verbs.step_frames(c, -1), "Left",
             repeats=True),
    _at_time("next-frame", "Next frame", icons.ARROW_RIGHT, lambda c: verbs.step_frames(c, 1), "Right", repeats=True),
    _at_time("previous-key", "Previous key", icons.STEP_BACK, lambda c: verbs.go_to_key(c, -1), "Up", repeats=True,
             why_not=lambda c: verbs.why_not_keys_ahead(c, -1)),
    _at_time("next-key", "Next key", icons.STEP_FORWARD, lambda c: verbs.go_to_key(c, 1), "Down", repeats=True,
             why_not=lambda c: verbs.why_not_keys_ahead(c, 1)),
    Command("insert-key", "Set a key for the control under the pointer, else for the chosen track", icons.PLUS,
            verbs.insert_key, ("I",), verbs.why_not_insert, title_now=lambda c: "Set a key at the playhead"),
    _at_time("delete-keys", "Delete the chosen keys or clip", icons.TRASH_2, verbs.delete, "Delete",
             why_not=verbs.why_not_delete),
    Command("copy-keys", "Copy the chosen keys", icons.COPY, verbs.copy_keys, ("Ctrl+C",), verbs.why_not_keys,
            keys_count=lambda c: verbs.in_animate(c) and bool(c.chosen.keys)),
    _at_time("paste-keys", "Paste keys at the playhead", icons.CLIPBOARD_PASTE, verbs.paste_keys, "Ctrl+V",
             why_not=verbs.why_not_paste),
    _at_time("duplicate-keys", "Duplicate the chosen keys at the playhead", icons.COPY, verbs.duplicate_keys, "Ctrl+D",
             why_not=verbs.why_not_keys),
    _at_time("choose-all-keys", "Choose all keys", icons.SQUARE_CHECK, verbs.choose_all, "Ctrl+A",
             why_not=lambda c: "" if verbs.timeline_of(c).tracks else verbs.NO_TRACKS),
    _at_time("marker", "Marker at the playhead", icons.TAG, verbs.add_marker, "M"),
    Command("auto-key", "Auto-key: keys for what is changed", icons.CIRCLE_DOT, _toggle_auto_key,
            is_on=lambda c: c.session.document.auto_key),
    Command("loop-timeline", "Loop: the end meets the start", icons.REPEAT, verbs.toggle_loop,
            is_on=lambda c: verbs.timeline_of(c).loop),
    Command("preview", "RAM preview", icons.MEMORY_STICK, _toggle_preview, is_on=lambda c: c.preview.on),
    _at_time("fit-timeline", "See the whole timeline", icons.MAXIMIZE,
             lambda c: c.actions.window.views.fit_timeline(), "Shift+F"),
    Command("open-sound", "Open a sound", icons.MUSIC, sound.choose),
    Command("remove-sound", "Remove the sound", icons.MUSIC, sound.remove, why_not=sound.why_not_remove),
    Command("keep-a", "Keep the picture as A", icons.PIN, keep_as_a, ("A",), why_not_compare),
    Command("swap-a-b", "Swap A and B", icons.REPEAT, swap_a_and_b, ("B",), _no_a),
    Command("forget-a", "Forget A", icons.X, lambda c: c.comparison.keep(None), (), _no_a),
    Command("compare", "Show or hide A beside B", icons.COLUMNS_2, lambda c: c.comparison.toggle(), ("C",), _no_a,
            is_on=lambda c: c.comparison.mode is not Compare.OFF),
    Command("keep", "Keep this on the shelf", icons.PLUS, lambda c: c.actions.shelf.keep(), ("K",), _no_picture),
    Command("shelf-remove", "Remove what is chosen on the shelf", icons.TRASH_2,
            lambda c: c.actions.shelf.remove(c.actions.shelf.chosen), ("Delete",), _why_not_chosen),
    Command("shelf-star", "Star what is chosen on the shelf", icons.STAR,
            lambda c: c.actions.shelf.star(c.actions.shelf.chosen), (), _why_not_chosen),
    Command("shelf-import", "Import pictures, latents or seeds to the shelf", icons.UPLOAD,
            lambda c: c.actions.shelf.imports.choose()),
    Command("shelf-import-captures", "Import the folder of captures to the shelf", icons.IMAGES,
            lambda c: c.actions.shelf.imports.captures()),
    Command("shelf-export", "Export all latents of the shelf", icons.DOWNLOAD,
            lambda c: c.actions.shelf.exports.latents(c.actions.shelf.shelf, ".npz"), (), _why_not_export),
    Command("shelf-sheet", "Save a contact sheet of the shelf", icons.LAYOUT_GRID,
            lambda c: c.actions.shelf.exports.sheet(c.actions.shelf.shelf), (), _why_not_export),
    Command("fit", "Fit the picture", icons.SCAN, lambda c: c.actions.window.views.fit(), ("F",)),
    Command("one-to-one", "One to one", icons.SQUARE, lambda c: c.actions.window.views.one_to_one(), ("1",)),
    Command("smooth", "Smooth picture", icons.CONTRAST, lambda c: c.actions.window.toggle_smooth(), (), _no_picture,
            is_on=lambda c: c.actions.window.views.smooth),
    Command("full-screen", "The picture alone, on the whole screen", icons.EXPAND,
            lambda c: c.actions.window.full_screen(), ("F11",)),
    *(_workspace(number, *item) for number, item in enumerate(WORKSPACES.items(), 1)),
    Command("docks", "Hide or show the panels", icons.EYE, lambda c: c.actions.window.toggle_docks(), ("Tab",)),
    Command("focus-panels", "Keyboard to the panels: Up and Down choose, Left and Right step, Enter types",
            icons.SLIDERS_HORIZONTAL, lambda c: c.ui.move_focus(0), ("F6",),
            title_now=lambda c: "Keyboard to the panels"),
    Command("theme", "Dark or light", icons.MOON, lambda c: c.actions.window.toggle_theme(),
            title_now=lambda c: f"{'Light' if c.settings.theme is Theme.DARK else 'Dark'} theme"),
    Command("larger", "Larger controls", icons.ZOOM_IN, lambda c: c.actions.window.scale(1), ("Ctrl++",)),
    Command("smaller", "Smaller controls", icons.ZOOM_OUT, lambda c: c.actions.window.scale(-1), ("Ctrl+-",)),
    Command("own-size", "Controls at their own size", icons.ROTATE_CCW, lambda c: c.actions.window.scale(0),
            ("Ctrl+0",)),
    Command("escape", "Leave what is open", icons.X, lambda c: c.actions.window.escape(),
            ("Escape",)),
    Command("keys", "Keys and gestures", icons.KEYBOARD, lambda c: c.actions.window.views.show_keys(), ("F1",)),
    Command("copy-report", "Copy system report", icons.CLIPBOARD_COPY, lambda c: c.actions.window.copy_report()),
    Command("quit", "Quit", icons.POWER, lambda c: c.actions.window.quit(), ("Ctrl+Q",)),
)  # fmt: skip

_BY_ID = {command.id: command for command in COMMANDS}


def command_of(name: str) -> Command:
    """The one with this id."""
    return _BY_ID[name]


def run_command(command: Command, context: Context) -> None:
    """Run one if it can be run; else say why not. What it raises is shown."""
    with context.session.attempt(f"“{command.title}” has failed"):
        why_not, notices = command.why_not(context), context.session.notices
        if not why_not:
            command.run(context)
        elif not notices or notices[-1].text != why_not:
            context.session.say(why_not, kind=Kind.WARNING)
