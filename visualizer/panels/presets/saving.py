"""The form that makes a preset: its name, and what of the picture is in it."""

from __future__ import annotations

from core.base.control import switch
from core.base.text import plural
from core.project import Part, Preset
from core.project.presets import PartGroup, parts_of
from core.request import ModelInfo, RenderRequest
from resources import icons
from visualizer.actions.context import Context
from visualizer.session.presets import Entry, Shelf
from visualizer.toolkit.paint import Rect

DEFAULTS = switch("With defaults", "Take what is not changed in these parts, too, so that the preset resets it")
NOTHING = "Nothing is changed yet: turn what the preset is to set."
NO_CHOICE = "Choose what is in the preset."
UNCHOSEN = ("Latent", "View")  # until the user chooses them: a preset is for other pictures

Found = dict[PartGroup, tuple[Part, ...]]


class SavingForm:
    """Open until it is saved or left."""

    def __init__(self) -> None:
        self.is_open = False
        self._name = ""
        self._chosen: dict[str, bool] = {}  # groups by name, as far as the user has chosen
        self._defaults = False
        self._of: tuple[RenderRequest, ModelInfo, bool] | None = None  # what the parts are of
        self._found: Found = {}

    def draw(self, context: Context) -> Entry | None:
        """Returns the preset that was saved just now."""
        ui, px, session = context.ui, context.ui.px, context.session
        if session.info is None:
            return None
        self._update(session.request, session.info)
        if not self._found:
            ui.y += ui.paint.wrapped(ui.x, ui.y, ui.w, NOTHING, size=14)
            ui.gap(6)
            self._leave(context, ui.take(24))
            return None
        row = ui.row("Name")
        at = Rect(row.area.x, row.area.y, row.area.w + px(20), row.area.h)
        text = ui.text_field("Name of the new preset", self._name, at=at, hint=self._proposal, live=True)
        self._name = self._name if text is None else text
        for group, parts in self._found.items():
            self._group(context, group, len(parts))
        row = ui.row(DEFAULTS.label)
        self._defaults = ui.toggle(DEFAULTS, self._defaults, at=row.area)
        ui.gap(2)
        return self._buttons(context)

    def _update(self, request: RenderRequest, info: ModelInfo) -> None:
        """What there is to choose from, found anew if something has changed."""
        now = self._of
        if now is None or now[0] is not request or now[1] is not info or now[2] is not self._defaults:
            self._of = request, info, self._defaults
            self._found = parts_of(request, info, all_of=self._defaults)

    def _group(self, context: Context, group: PartGroup, count: int) -> None:
        ui, px = context.ui, context.ui.px
        row = ui.row(group.name)
        on = self._is_chosen(group)
        self._chosen[group.name] = ui.toggle(switch(group.name, f"Whether the preset sets {group.name.lower()}",
                                                    default=group.name not in UNCHOSEN), on, at=row.area)  # fmt: skip
        words = Rect(row.area.x + px(38), row.area.y, row.area.w - px(38), row.area.h)
        ui.paint.text(words, plural(count, "setting"), "text_dim" if on else "text_faint", size=14)

    def _is_chosen(self, group: PartGroup) -> bool:
        alone = len(self._found) == 1
        return self._chosen.get(group.name, alone or group.name not in UNCHOSEN)

    @property
    def _proposal(self) -> str:
        names = [group.name for group in self._found if self._is_chosen(group)]
        return f"{names[0]} and {len(names) - 1} more" if len(names) > 2 else ", ".join(names) or "Preset"

    def _buttons(self, context: Context) -> Entry | None:
        ui, px = context.ui, context.ui.px
        r = ui.take(24)
        parts = tuple(part for group, parts in self._found.items() if self._is_chosen(group) for part in parts)
        off = "" if parts else NO_CHOICE
        width = round((r.w - px(32)) / 2)
        saved: Entry | None = None
        for number, (shelf, word, tip) in enumerate((
            (Shelf.SESSION, "In the session", "It is saved with the session"),
            (Shelf.FOLDER, "In your folder", "It is there in all sessions, as a file that can be given away"),
        )):
            at = Rect(r.x + number * (width + px(4)), r.y, width, r.h)
            if ui.button(word, at=at, icon=icons.SAVE, tip=tip, off=off):
                saved = context.actions.presets.save(Preset(self._name.strip() or self._proposal, parts), shelf)
        if saved is not None:
            self.is_open, self._name, self._chosen = False, "", {}
        self._leave(context, Rect(r.right - px(24), r.y, px(24), r.h))
        return saved

    def _leave(self, context: Context, r: Rect) -> None:
        at = Rect(r.right - r.h, r.y, r.h, r.h)
        if context.ui.icon_button("Do not save", icons.X, at=at, tip="Leave without saving"):
            self.is_open = False
