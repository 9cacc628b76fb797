"""Table: which pictures are made side by side, and saving them."""

from __future__ import annotations

from collections.abc import Callable

from core.base.control import Control, Kind
from core.base.errors import UsageError, VisualizerError
from core.documents.latents.lists import layers, named_latents
from core.parameters.reasons import psi_off
from core.request import LAST_SEED, ModelInfo, RenderRequest, SeedPoint
from core.request.tables import MOST_CELLS, Table, between, gallery, mixing, neighbours, truncations
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.progress.job_row import draw_job
from visualizer.session.messages import Kind as MessageKind
from visualizer.settings import TABLE_LABELS
from visualizer.toolkit.paint import Rect

KINDS = {
    "Style mixing": "Rows with layers of the columns",
    "Latents": "The pictures of seeds and of saved latents, row by row",
    "Neighbours": "The pictures around this one on the seed map",
    "Truncation": "This picture from one psi to another",
    "Between": "From this latent to that of a seed, in equal steps",
}


def count(label: str, default: int, low: int, high: int) -> Control:
    return Control(label=label, default=default, kind=Kind.WHOLE, range=(low, high), format="%d")


PICTURES = count("Pictures", 9, 1, 100)
NUMBERS = {
    "Latents": (count("In a row", 4, 1, 100),),
    "Neighbours": (count("Rows", 3, 1, 50), count("Columns", 5, 1, 50),
                   Control(label="Step", default=1.0, range=(0.01, 10), step=0.01)),
    "Truncation": (Control(label="From", default=-1.0, range=(-2, 2), step=0.01),
                   Control(label="To", default=1.0, range=(-2, 2), step=0.01), PICTURES),
    "Between": (count("To seed", 1, 0, LAST_SEED), PICTURES),
}  # fmt: skip
COARSE = 4  # layers
NO_NETWORK = "No network is open."
NO_TABLE = "There is no table yet."


class TablePanel:
    title = "Table"
    icon = icons.LAYOUT_GRID

    def __init__(self) -> None:
        self._kind = next(iter(KINDS))
        self._texts = {"Rows": "0-3", "Columns": "4-7", "Latents": "0-15"}
        self._numbers: dict[str, float] = {}
        self._error = ""

    def summary(self, context: Context) -> str:
        return self._kind.lower()

    def changed(self, context: Context) -> bool:
        return False

    def reset(self, context: Context) -> None:
        """A table is not a part of the request."""

    def draw(self, context: Context) -> None:
        ui, session, tables = context.ui, context.session, context.tables
        ui.gap(10)
        row = ui.row("Kind")

        def menu() -> None:
            for kind in KINDS:
                if ui.menu_item(kind, on=kind == self._kind):
                    self._kind, self._error = kind, ""

        ui.combo("Kind", self._kind, at=row.area, menu=menu, tip=KINDS[self._kind])
        self._draw_texts(context)
        self._draw_numbers(context)
        ui.gap(4)
        r = ui.take(26)
        if tables.job is not None and tables.running(session):
            draw_job(context, tables.job, r, tip="Stop; the pictures that are there stay")
        else:
            off = "" if session.info else NO_NETWORK
            off = off or (psi_off(session.info, session.request) if self._kind == "Truncation" else "")
            if ui.button("Make the table", at=r, icon=icons.LAYOUT_GRID, tip=KINDS[self._kind], off=off):
                self._make(context)
        if self._error:
            ui.gap(6)
            ui.y += ui.paint.wrapped(ui.x, ui.y, ui.w, self._error, "error", size=14)
        ui.gap(6)
        self._draw_saving(context)
        ui.gap(10)

    def _draw_texts(self, context: Context) -> None:
        ui = context.ui
        latents = "Seeds such as 0,3,5-9, files of latents, folders of them"
        layers = "Entries of ws that come from the column, such as 0-6"
        tips = {
            "Style mixing": {"Rows": latents, "Columns": latents, "Layers": layers},
            "Latents": {"Latents": latents},
        }
        for label, tip in tips.get(self._kind, {}).items():
            row = ui.row(label)
            text = self._text(label, context.session.info)
            typed = ui.text_field(label, text, at=row.area, hint="0,3,5-9", tip=tip, live=True)
            if typed is not None:
                self._texts[label] = typed

    def _text(self, label: str, info: ModelInfo | None) -> str:
        """What was typed; layers of which nothing was: the coarse ones of the network."""
        last = min(COARSE, info.num_ws if info else COARSE) - 1
        return self._texts.get(label, f"0-{last}" if last else "0")

    def _draw_numbers(self, context: Context) -> None:
        ui = context.ui
        for control in NUMBERS.get(self._kind, ()):
            key = f"{self._kind} {control.label}"
            value = self._numbers.get(key, control.start)
            row = ui.row(control.label, changed=value != control.default)
            self._numbers[key] = ui.number(control, value, row=row, stepper=control.whole)

    def _number(self, label: str) -> float:
        return self._numbers[f"{self._kind} {label}"]

    def _make(self, context: Context) -> None:
        session, self._error = context.session, ""
        if session.info is None:
            return
        notes: list[str] = []
        try:
            context.tables.make(session, self._table(session.shown_request, session.info, notes.append))
        except VisualizerError as error:
            self._error = str(error)
        for text in notes:
            session.say(text, kind=MessageKind.NOTE)

    def _table(self, base: RenderRequest, info: ModelInfo, tell: Callable[[str], None]) -> Table:
        texts = self._texts
        match self._kind:
            case "Style mixing":
                rows, columns = (named_latents(texts[part], info, tell) for part in ("Rows", "Columns"))
                if len(rows) * len(columns) > MOST_CELLS:
                    raise UsageError(f"{len(rows)} x {len(columns)} are more than {MOST_CELLS:,} pictures; take fewer.")
                return mixing(base, rows, columns, layers(self._text("Layers", info), info, "the list of layers"))
            case "Latents":
                return gallery(base, named_latents(texts["Latents"], info, tell), int(self._number("In a row")))
            case "Neighbours":
                return neighbours(base, int(self._number("Rows")), int(self._number("Columns")), self._number("Step"))
            case "Truncation":
                return truncations(base, self._number("From"), self._number("To"), int(self._number("Pictures")))
            case _:
                return between(base, SeedPoint(self._number("To seed")), int(self._number("Pictures")))

    def _draw_saving(self, context: Context) -> None:
        ui, px, tables = context.ui, context.ui.px, context.tables
        labels = context.settings.table_labels
        row = ui.row(TABLE_LABELS.label, changed=labels != TABLE_LABELS.default)
        labels = ui.toggle(TABLE_LABELS, labels, at=row.left(px(36))) or row.reset
        context.prefer(table_labels=labels)
        r = ui.take(26)
        half = round((r.w - px(4)) / 2)
        off = "" if tables.pictures else NO_TABLE
        left, right = Rect(r.x, r.y, half, r.h), Rect(r.right - half, r.y, half, r.h)
        if ui.button("Save as one", at=left, icon=icons.SAVE, tip="All of it as one picture", off=off):
            context.actions.exports.table(singly=False, labels=labels)
        if ui.button("Save singly", at=right, icon=icons.IMAGES, tip="As one picture, and each by itself", off=off):
            context.actions.exports.table(singly=True, labels=labels)
