"""Network: what is open, opening another one, recent ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imgui_bundle import imgui

from core.base.control import Control, Kind
from core.base.text import moment, plural, shown
from core.opening.class_counts import named_count
from core.parameters import letter_of
from core.parameters.table import FEATURES, LOD
from core.render.tasks import Loaded
from core.request import Blend, ModelInfo, Origin, RenderRequest
from core.request.edits import weight_at
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.command_items import draw_command
from visualizer.panels.common.demo_row import DemoRow
from visualizer.panels.common.networks import network_colour
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_row
from visualizer.session.messages import Problem
from visualizer.session.network_names import display_name, short_name
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font

MAX_BLENDS = 2
MOST_REASON = 160  # characters under the field of the path; the card over the picture has all
SAVING = {
    ".safetensors": ("safetensors", "Opens in this program; small, and holds no code at all"),
    ".pkl": (
        "a snapshot",
        "The official layout without source code: opens in this program, "
        "but not in programs that run the source inside of a snapshot",
    ),
}
CLASSES = (
    "How many of the last numbers of z are a class, which its file does not tell: 0, if it was trained without; "
    "remembered for this network"
)
MIXING = {
    False: "One network with weights between the two: for networks trained one from the other",
    True: "Both networks run, each with its own latents, and what their layers make is mixed: for any two of one shape",
}


@dataclass(frozen=True)
class Opened:
    """A path that was typed, and the problem that there was before it was opened."""

    path: str
    before: Problem | None


class NetworkPanel(ParameterPanel):
    title = "Network"
    icon = icons.BRAIN
    parameters = ("blends", "lod")

    def __init__(self) -> None:
        self._typed = ""
        self._shown: Loaded | None = None
        self._opening: Opened | None = None  # until it is known how that went
        self._failed: Problem | None = None  # of what is in the field
        self._demos = DemoRow()

    def close(self) -> None:
        self._demos.close()

    def summary(self, context: Context) -> str:
        return display_name(context.session.loaded.location) if context.session.loaded else ""

    def menu(self, context: Context) -> None:
        off = not context.session.request.blends
        for suffix, (name, tip) in SAVING.items():
            if context.ui.menu_item(f"Save the blended network as {name}", off=off):
                context.actions.exports.blended(suffix)
            if imgui.is_item_hovered():
                context.ui.draw_tooltip(tip)
        imgui.separator()
        for name in ("fetch-again", "forget-hosts"):
            draw_command(context, name)

    def draw(self, context: Context) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        ui.gap(8)
        self._slot(context, ui.take(28))
        ui.gap(2)
        for number in range(len(session.request.blends)):
            ui.gap(2)
            self._other(context, ui.take(28), number)
        if session.request.blends:
            ui.gap(2)
        fact = facts_line(session.info) if session.info else "No network is open yet"
        area = ui.take(22)
        ui.item("Facts", area, tip=fact, more=self._more(context))
        ui.paint.text(area, fact, "text_dim", size=14)
        ui.gap(4)
        self._detail(context)
        self._classes(context)
        row = ui.take(24)
        button = px(28)
        field = Rect(row.x, row.y, row.w - 2 * button, row.h)
        self._path(context, field)
        at = Rect(row.right - 2 * button + px(4), row.y, px(24), row.h)
        if ui.icon_button("Browse", icons.FOLDER_OPEN, at=at, tip="Choose a file (Ctrl+O)"):
            context.actions.opening.browse()
        at = Rect(row.right - px(24), row.y, px(24), row.h)
        off = "" if context.settings.recent else "Nothing has been opened yet."
        if ui.icon_button("Recent", icons.HISTORY, at=at, tip="Networks opened before", off=off):
            imgui.open_popup("##recent")
        ui.popup("##recent", lambda: self._recent(context), Rect(row.x, row.bottom + px(2), row.w, 0))
        if self._failed is not None:
            words = shown(self._failed.text, MOST_REASON)
            ui.y += ui.paint.wrapped(ui.x + px(2), ui.y + px(3), ui.w - px(4), words, "error", size=14) + px(3)
        ui.gap(6)
        self._add(context)
        ui.gap(10)
        self._demos.draw(context)

    def _path(self, context: Context, r: Rect) -> None:
        """The field of the path. What could not be opened stays in it, until something else is."""
        ui, session = context.ui, context.session
        if self._opening is not None and session.load_job is None:
            failed = session.problem if session.problem is not self._opening.before else None
            self._failed, self._typed, self._opening = failed, self._opening.path if failed else "", None
        if session.problem is not self._failed:
            self._failed = None
        if session.loaded is not self._shown:  # something else was opened
            self._shown = session.loaded
            self._typed = self._typed if self._opening is not None else ""
        committed = ui.text_field(
            "Path", self._typed, at=r, hint="Path, folder or URL",
            tip="A network file, a run folder (its newest snapshot) or an http(s) address; Enter opens it",
        )  # fmt: skip
        if self._failed is not None:
            ui.paint.frame(r, "error", ui.px(4), max(1.5, 1.5 * ui.style.scale))
        if committed and committed.strip():
            self._typed, self._opening = committed, Opened(committed, session.problem)
            context.actions.opening.open(committed)

    def _slot(self, context: Context, r: Rect) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        ui.control_box(r, False, "")
        letter = Rect(r.x + px(5), r.y + px(5), px(18), px(18))
        ui.paint.box(letter, "p0", px(3), 0.22)
        ui.paint.text(letter, "A", "p0", font=Font.BOLD, size=14, align=0.5)
        loaded = session.loaded
        family = loaded.info.family if loaded else ""
        room = ui.paint.text_width(family, size=14) + px(20)
        name = display_name(loaded.location) if loaded else "none"
        tip = loaded.origin.path or name if loaded else "No network is open yet"
        ui.item("Name", r, tip=tip, more=fetched_words(loaded.origin) if loaded else "")
        ui.paint.text(Rect(r.x + px(32), r.y, r.w - px(36) - room, r.h), name)
        ui.paint.text(Rect(r.x, r.y, r.w - px(10), r.h), family, "text_dim", size=14, align=1)

    def _detail(self, context: Context) -> None:
        """The level of detail, where there is more than one."""
        session, info = context.session, context.session.info
        if info is None or not info.max_lod:
            return
        lod = info.lod if session.request.lod is None else min(session.request.lod, info.max_lod)
        parameter_row(context, LOD, tip=detail_words(info, lod))

    def _classes(self, context: Context) -> None:
        """How many of the last numbers of z are a class, where only the user can tell."""
        session, info = context.session, context.session.info
        if session.loaded is None or info is None or not info.max_classes:
            return
        opening = session.load_job.name if session.load_job else ""
        name, count = named_count(opening)
        count = count if name == named_count(session.loaded.location)[0] else None  # else another network is opened
        count = info.c_dim if count is None else count
        control = Control(label="Classes", default=0, kind=Kind.WHOLE, range=(0, info.max_classes), format="%d",
                          tip=CLASSES)  # fmt: skip
        row = context.ui.row("Classes", changed=count != 0)
        new = int(context.ui.number(control, count, row=row, stepper=True))
        if new != count:
            context.actions.opening.take_classes(new)

    def _other(self, context: Context, r: Rect, number: int) -> None:
        """A network that is blended in: its name, how it fits, and what can be done with it."""
        ui, session, px = context.ui, context.session, context.ui.px
        blend, colour = session.request.blends[number], network_colour(number)
        ui.control_box(r, False, "")
        letter = Rect(r.x + px(5), r.y + px(5), px(18), px(18))
        ui.paint.box(letter, colour, px(3), 0.22)
        ui.paint.text(letter, letter_of(number), colour, font=Font.BOLD, size=14, align=0.5)
        state, more = self._fit(context, blend)
        button = Rect(r.right - px(26), r.y + px(2), px(24), px(24))
        room = ui.paint.text_width(state, size=14) + px(10)
        text = Rect(r.x + px(32), r.y, button.x - r.x - px(36), r.h)
        ui.item(f"Name {letter_of(number)}", Rect(r.x, r.y, button.x - r.x, r.h), tip=blend.network, more=more)
        ui.paint.text(Rect(text.x, r.y, text.w - room, r.h), display_name(blend.network))
        ui.paint.text(text, state, "text_dim", size=14, align=1)
        popup = f"##blend {number}"
        name, path = f"Actions {letter_of(number)}", FEATURES.path_at((number,))
        if ui.icon_button(name, icons.ELLIPSIS, at=button, tip="Actions of this network", path=path):
            imgui.open_popup(popup)
        ui.popup(popup, lambda: self._other_menu(context, number), Rect(button.x, button.bottom, px(140), 0))

    def _fit(self, context: Context, blend: Blend) -> tuple[str, str]:
        """How a network fits the shown one, in words, and where it does not."""
        session = context.session
        found = session.others.misfits(session.loaded, blend) if session.loaded else None
        if found is None:
            words = "opening" if session.others.opening(blend.network) else "not open"
            return words, "It is blended in when it is open"
        steps = session.info.steps if session.info else ()
        bad = [step.name for step in steps if step.name in found]
        what = "features fit" if blend.features else "fits"
        if not bad:
            return what if blend.features else "fits A", ""
        first = f"{bad[0]}: {found[bad[0]]}"
        fitting = len(steps) - len(bad)
        return (f"{what} {fitting}/{len(steps)}", first) if fitting else ("does not fit", first)

    def _other_menu(self, context: Context, number: int) -> None:
        ui, session = context.ui, context.session
        blends = session.request.blends
        blend = blends[number]
        if ui.menu_item("All of it"):
            whole = replace(blend, weights=(1.0,) * (session.info.num_ws if session.info else 0), mapping=1.0)
            session.edit(blends=(*blends[:number], whole, *blends[number + 1 :]))
        if ui.menu_item("Nothing of it"):
            nothing = replace(blend, weights=(), mapping=0.0)
            session.edit(blends=(*blends[:number], nothing, *blends[number + 1 :]))
        for name, features in (("Mix parameters", False), ("Mix features", True)):
            if ui.menu_item(name, on=blend.features == features):
                mixing = replace(blend, features=features)
                session.edit(blends=(*blends[:number], mixing, *blends[number + 1 :]))
            if imgui.is_item_hovered():
                ui.draw_tooltip(MIXING[features])
        alone = len(blends) == 1 and session.loaded is not None and not blend.features
        if ui.menu_item("Change places with A", off=not alone):
            session.open(blend.network, swapped(session.request, session.info.num_ws if session.info else 0))
        if ui.menu_item("Try again", off=blend.network not in session.others.failed):
            session.others.failed.discard(blend.network)
        if ui.menu_item("Remove"):
            session.edit(blends=blends[:number] + blends[number + 1 :])

    def _add(self, context: Context) -> None:
        ui, session = context.ui, context.session
        off = "" if session.loaded else "No network is open."
        off = off or ("No more than two can be blended in." if len(session.request.blends) >= MAX_BLENDS else "")

        def menu() -> None:
            known = [demo.location for demo in self._demos.demos]
            for index, location in enumerate(dict.fromkeys((*known, *context.settings.recent))):
                if ui.menu_item(f"{display_name(location)}##{index}"):
                    session.edit(blends=(*session.request.blends, Blend(location)))
            imgui.separator()
            if ui.menu_item("A file…"):
                context.actions.opening.choose_blend()

        ui.combo("Blend with", "Blend with another network", at=ui.take(24), menu=menu, off=off,
                 tip="Its layers can take the place of this network's, by parts, in the layer strip")  # fmt: skip

    def _recent(self, context: Context) -> None:
        for index, location in enumerate(context.settings.recent):
            current = context.session.loaded is not None and location == context.session.loaded.location
            if context.ui.menu_item(f"{short_name(location)}##{index}", on=current):
                context.actions.opening.open(location)
            if imgui.is_item_hovered():
                context.ui.draw_tooltip(location)
        imgui.separator()
        if context.ui.menu_item("Forget these"):
            context.prefer(recent=())

    def _more(self, context: Context) -> str:
        loaded = context.session.loaded
        if loaded is None:
            return ""
        info, size = loaded.info, loaded.origin.size
        widths = f"z {info.z_dim}, w {info.w_dim}" if info.has_w else f"z {info.z_dim}"
        widths = f"codes of {info.w_dim}" if info.codes else widths
        parts = [info.architecture, widths, f"{size / 1e6:,.1f} MB" if size else ""]
        if info.c_dim:
            parts.append(plural(info.c_dim, "class", "classes"))
        return " · ".join(part for part in parts if part)


def detail_words(info: ModelInfo, lod: float) -> str:
    """What a level of detail shows."""
    level = int(lod)
    fine, coarse = (f"{info.width >> k} × {info.height >> k}" for k in (level, level + 1))
    if lod == level:
        return f"Level of detail: pictures of {fine}, as when the network had grown so far"
    return f"Level of detail: pictures of {fine} that fade into those of {coarse}, as while the network grew"


def swapped(request: RenderRequest, num_ws: int) -> RenderRequest:
    """The same picture, as far as both fit, with the other network as the first."""
    (blend,) = request.blends
    weights = tuple(1 - weight_at(blend, entry) for entry in range(num_ws))
    return replace(request, network=blend.network, blends=(Blend(request.network, weights, 1 - blend.mapping),))


def fetched_words(origin: Origin) -> str:
    """Where a network from the web came from and when; "" for others."""
    return f"Fetched on {moment(origin.fetched_s)} from {origin.location}" if origin.fetched_s else ""


def facts_line(info: ModelInfo) -> str:
    """A network in one line: size, colours, layers, parameters."""
    colours = {1: "gray", 2: "gray + alpha", 3: "RGB", 4: "RGBA"}.get(info.channels, plural(info.channels, "channel"))
    millions = info.num_parameters / 1e6
    count = f"{millions:.1f} M" if millions >= 1 else f"{info.num_parameters / 1e3:.0f} k"
    latent = plural(info.codes.count, "code") if info.codes else plural(info.num_ws, "layer")
    return f"{info.width} × {info.height}  ·  {colours}  ·  {latent}  ·  {count}"
