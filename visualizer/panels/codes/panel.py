"""Codes: the grid of a network with codes, painted cell by cell; pictures as codes; the size of the grid."""

from __future__ import annotations

from dataclasses import replace

from core.base.control import Choice, Control, Kind
from core.documents.pictures import Fit
from core.parameters import changed, latent_hidden, reset
from core.parameters.table import GRID_COLUMNS, GRID_ROWS, SNAP
from core.request import MAX_CODES, MAX_EDGE, CodeGrid, Codes, SeedPoint
from core.request.grids import resized
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.encoding import NO_CODES, why_not_encode
from visualizer.panels.codes.pad import TIPS, TOOLS, CodePad, random_code
from visualizer.panels.codes.palette import Palette
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.parameter_panel import ParameterPanel
from visualizer.panels.common.parameter_rows import parameter_row
from visualizer.panels.common.progress.job_row import draw_job
from visualizer.session.codebook import Codebook, codebook_of, shown_codes
from visualizer.toolkit.paint import Rect

NO_PICTURE = "There is no picture yet."
FIT = Control(label="Fit", default=Fit.AUTO, kind=Kind.CHOICE, choices=(
    Choice(Fit.AUTO, "Auto", "At its own size; a large picture is scaled down to 512² pixels, whatever its shape"),
    Choice(Fit.SQUARE, "Square", "As in training: the shorter side scaled to the usual size, then the square in the "
           "middle"),
    Choice(Fit.OWN, "Own size", "At its own size however large, which takes long"),
))  # fmt: skip
SHOWN = Control(label="Show", default=False, kind=Kind.FLAG, choices=(
    Choice("false", "Codes", "Codes that are alike have colours that are alike"),
    Choice("true", "Picture", "The picture of these codes"),
))  # fmt: skip


class CodesPanel(ParameterPanel):
    title = "Codes"
    icon = icons.GRID_3X3
    parameters = ("grid",)

    def __init__(self) -> None:
        self._pad = CodePad()
        self._palette = Palette()

    def close(self) -> None:
        self._pad.close()
        self._palette.close()

    def useful(self, context: Context) -> bool:
        return context.session.info is not None and context.session.info.codes is not None

    def summary(self, context: Context) -> str:
        codes = shown_codes(context.session) if self.useful(context) else None
        return f"{codes.rows} × {codes.columns}" if codes else "none"

    def changed(self, context: Context) -> bool:
        request = context.session.request
        return isinstance(request.latent, Codes) or changed(request, self.parameters)

    def reset(self, context: Context) -> None:
        request = context.session.request
        latent = SeedPoint() if isinstance(request.latent, Codes) else request.latent
        context.session.edit(reset(request, self.parameters), latent=latent)

    def menu(self, context: Context) -> None:
        off = not self.useful(context)
        if context.ui.menu_item("Encode a picture…", off=why_not_encode(context.session.info) != ""):
            context.actions.encoding.choose()
        if context.ui.menu_item("Open codes…", off=off):
            context.actions.latents.choose()
        if context.ui.menu_item("Save the codes", off=off or context.session.frame is None):
            context.actions.latents.save()

    def draw(self, context: Context) -> None:
        ui, session = context.ui, context.session
        ui.gap(8)
        grid = session.info.codes if session.info else None
        book = codebook_of(session.loaded) if session.loaded else None
        codes = shown_codes(session)
        if session.info is None or grid is None or book is None or codes is None:
            words = NO_PICTURE if grid else NO_CODES if session.info else "No network is open."
            ui.paint.text(ui.take(24), words, "text_dim", size=14)
            ui.gap(8)
            return
        draw_hint(context, latent_hidden(session.request, session.info))
        self._head(context)
        self._pad.code = min(self._pad.code, len(book) - 1)
        self._pad.draw(context, book, codes)
        self._readout(context, codes)
        self._code(context, book)
        self._pad.code = self._palette.draw(context, book, self._pad.code, codes)
        ui.separator()
        self._size(context, grid)
        parameter_row(context, SNAP)
        self._encode(context)
        ui.gap(10)

    # -- The grid -------------------------------------------------------------

    def _head(self, context: Context) -> None:
        ui, px, pad = context.ui, context.ui.px, self._pad
        r = ui.take(24)
        x = r.x
        for name, icon in TOOLS.items():
            if ui.icon_button(name, icon, at=Rect(x, r.y, px(26), r.h), on=name == pad.tool, tip=TIPS[name]):
                pad.tool = name
            x += px(28)
        tip = "In the picture, too: the tools take the place of walking"
        at = Rect(x + px(8), r.y, px(26), r.h)
        if ui.icon_button("In the picture", icons.IMAGE, at=at, on=pad.in_picture, tip=tip):
            pad.in_picture = not pad.in_picture
        at = Rect(r.right - px(136), r.y, px(136), r.h)
        pad.shows_picture = bool(ui.segments(SHOWN, pad.shows_picture, row=ui.bare_row(at)))
        ui.gap(8)

    def _readout(self, context: Context, codes: Codes) -> None:
        """The cell under the pointer."""
        ui, under = context.ui, self._pad.under
        r = ui.take(22)
        words = f"{codes.rows} × {codes.columns} codes · right click picks one"
        if under is not None and under[0] < codes.rows and under[1] < codes.columns:
            code = codes.indices[under[0] * codes.columns + under[1]]
            words = f"Row {under[0]}, column {under[1]}: code {code}"
        ui.paint.text(r, words, "text_dim", size=14)
        ui.gap(4)

    def _code(self, context: Context, book: Codebook) -> None:
        """That the brush paints with."""
        ui, px, pad = context.ui, context.ui.px, self._pad
        row = ui.row("Code")
        swatch = Rect(row.area.x, row.area.y, px(24), row.area.h)
        ui.paint.box(swatch, "".join(f"{int(part):02X}" for part in book.colours[pad.code]), px(4))
        at = Rect(row.area.x + px(28), row.area.y, row.area.w - px(56), row.area.h)
        high = len(book) - 1
        control = Control(label="Code", default=0, kind=Kind.WHOLE, range=(0, high), format="%d",
                          tip=f"The code that is painted with, 0 to {high}")  # fmt: skip
        pad.code = int(ui.number(control, pad.code, at=at, stepper=True))
        at = Rect(row.area.right - px(24), row.area.y, px(24), row.area.h)
        if ui.icon_button("Random code", icons.SHUFFLE, at=at, tip="A random code of those that training has used"):
            pad.code = random_code(book)

    # -- Below it -------------------------------------------------------------

    def _size(self, context: Context, grid: CodeGrid) -> None:
        ui, session, px = context.ui, context.session, context.ui.px
        request, latent = session.request, session.request.latent
        own = isinstance(latent, Codes)
        rows = latent.rows if isinstance(latent, Codes) else request.grid.rows or grid.rows
        columns = latent.columns if isinstance(latent, Codes) else request.grid.columns or grid.columns
        row = ui.row("Size", changed=(rows, columns) != (grid.rows, grid.columns))
        half = (row.area.w - px(4)) // 2
        right = row.after(half + px(4))
        pixels = f"The picture is {columns * grid.size} × {rows * grid.size} pixels"
        more = "what is added repeats the edge" if own else "of the codes that seeds draw"
        tip = f"{pixels}; {more}"
        control = replace(GRID_ROWS, default=grid.rows, range=(1, min(MAX_EDGE, MAX_CODES // columns)))
        new_rows = ui.number(control, rows, row=row, at=row.left(half), prefix="rows", tip=tip, path=control.path)
        control = replace(GRID_COLUMNS, default=grid.columns, range=(1, min(MAX_EDGE, MAX_CODES // int(new_rows))))
        at = Rect(right.x, right.y, half, right.h)
        new_columns = ui.number(control, columns, row=row, at=at, prefix="columns", tip=tip, path=control.path)
        size = int(new_rows), int(new_columns)
        if size == (rows, columns):
            return
        if isinstance(latent, Codes):
            session.edit(latent=resized(latent, *size))
        else:
            usual = size == (grid.rows, grid.columns)
            rows, columns = (0, 0) if usual else size
            session.edit(grid=replace(request.grid, rows=rows, columns=columns))

    def _encode(self, context: Context) -> None:
        ui, px, encoding = context.ui, context.ui.px, context.actions.encoding
        off = why_not_encode(context.session.info)
        row = ui.row("Fit", changed=encoding.fit is not Fit.AUTO, off=off)
        encoding.fit = Fit(str(ui.segments(FIT, encoding.fit, row=row, off=off)))
        ui.gap(2)
        r = ui.take(26)
        if encoding.job is not None:
            draw_job(context, encoding.job, r, tip="Stop encoding")
            return
        tip = "The codes of a picture become the latent; pictures can be dropped, too"
        if ui.button("Encode a picture", at=Rect(r.x, r.y, r.w, px(26)), icon=icons.IMAGE_PLUS, tip=tip, off=off):
            encoding.choose()
