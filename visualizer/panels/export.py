"""Export: the timeline as a film, of exact length and in full quality, made beside the live view."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from core.base.control import Choice, Control, Kind, number_text, switch
from core.base.errors import VisualizerError
from core.base.text import counted, plural
from core.film.choices import DEFAULT_CHOICES, Cells
from core.film.film import FULL_TURN, MOST_PIXELS, MOST_SAMPLES, NATIVE, NO_BLUR, Film, FilmSize, Fitting
from core.film.rates import USUAL, rate_text
from core.video.formats import CODINGS, Format
from core.video.quality import QUALITY
from resources import icons
from visualizer.actions.context import Context
from visualizer.actions.films.filming import PANEL
from visualizer.panels.common.hint import draw_hint
from visualizer.panels.common.progress.film_progress import draw_last, draw_progress
from visualizer.toolkit.paint import Rect

SCALES = (1, 2, 3, 4)
SIZES = ((1920, 1080), (1080, 1920), (1080, 1080), (3840, 2160))
QUALITIES = Control(label="Quality", default=QUALITY, range=(0.0, 1.0), step=0.01,
                    tip="0.5 is like the original to the eye; below, about how large the film will be")  # fmt: skip
SAMPLES = Control(label="Motion blur", default=1, kind=Kind.WHOLE, range=(1, MOST_SAMPLES), format="%d",
                  tip="Pictures a frame, averaged in linear light; 1: none. So many times as long to make")  # fmt: skip
SHUTTER = Control(label="Shutter", default=NO_BLUR.angle, range=(1.0, FULL_TURN), unit="°", format="%.0f", step=1.0,
                  tip="How long it is open of the 360 degrees from one frame to the next")  # fmt: skip
SOUND = switch("Sound", "The timeline's sound, in sync", default=True)
FITTING = Control(label="Fit", kind=Kind.CHOICE, default=str(Fitting.CONTAIN), choices=(
    Choice(str(Fitting.CONTAIN), "Contain", "All of the picture, with black around it"),
    Choice(str(Fitting.COVER), "Cover", "All of the frame; what lies beyond is cut off"),
    Choice(str(Fitting.STRETCH), "Stretch"),
))  # fmt: skip
CELLS = Control(label="Pictures", kind=Kind.CHOICE, default=str(Cells.SHOWN), choices=(
    Choice(str(Cells.SHOWN), "This one"), Choice(str(Cells.SHELF), "Shelf", "All that is kept, side by side"),
    Choice(str(Cells.STARRED), "Starred", "What has a star, side by side"),
))  # fmt: skip
NO_SHELF = "Nothing is kept on the shelf."
NO_SOUND = "The timeline has no sound."
MUTE = "This format holds no sound."


def edge(label: str) -> Control:
    return Control(label=label, default=512, kind=Kind.WHOLE, range=(1, MOST_PIXELS), format="%d", step=4, unit="px")


def moment(label: str, default: float) -> Control:
    return Control(label=label, default=default, range=(0.0, 86_400.0), step=0.02, unit="s")


class ExportPanel:
    title = PANEL
    icon = icons.FILM

    def summary(self, context: Context) -> str:
        filming = context.actions.filming
        if filming.run is not None and filming.running:
            fraction = filming.run.job.status.fraction
            return "paused" if filming.run.paused else f"{(fraction or 0.0) * 100:.0f} %"
        return CODINGS[filming.choices.format].label

    def changed(self, context: Context) -> bool:
        return context.actions.filming.choices != DEFAULT_CHOICES

    def reset(self, context: Context) -> None:
        context.actions.filming.prefer(DEFAULT_CHOICES)

    def draw(self, context: Context) -> None:
        ui, filming = context.ui, context.actions.filming
        filming.look_for_encoders()
        ui.gap(10)
        self._draw_target(context)
        self._draw_size(context)
        self._draw_time(context)
        self._draw_quality(context)
        ui.separator()
        try:
            film, error = filming.film(), ""
        except VisualizerError as problem:
            film, error = None, str(problem)
        if film is not None:
            self._draw_facts(context, film)
        if filming.run is not None and filming.running:
            draw_progress(context, filming.run, ui.take(28))
        else:
            self._draw_start(context, error)
        if filming.run is not None and filming.run.made is not None:
            ui.gap(4)
            draw_last(context, filming.run.made, ui.take(26))
        ui.gap(8)

    def _draw_target(self, context: Context) -> None:
        ui, filming = context.ui, context.actions.filming
        choices, unusable = filming.choices, filming.unusable or {}
        coding = CODINGS[choices.format]

        def formats() -> None:
            for kind in Format:
                if ui.menu_item(CODINGS[kind].label, on=kind is choices.format, off=kind in unusable):
                    filming.choose(format=kind)

        row = ui.row("Format", changed=choices.format is not Format.H264)
        tip = f"{coding.tip} ({coding.suffixes[0] or 'a folder'})"
        ui.combo("Format", coding.label, at=row.area, menu=formats, tip=tip)
        if row.reset:
            filming.choose(format=Format.H264)
        row = ui.row("Name", changed=bool(choices.name))
        where = f"In {context.actions.capture_folder}; without a name it gets a number"
        typed = ui.text_field("Name", choices.name, at=row.area, hint="numbered", tip=where, live=True)
        if typed is not None or row.reset:
            filming.choose(name="" if row.reset or typed is None else typed)
        row = ui.row("Pictures", changed=choices.cells is not Cells.SHOWN)
        off = "" if context.session.document.state.shelf or choices.cells is not Cells.SHOWN else NO_SHELF
        chosen = Cells(str(ui.segments(CELLS, str(choices.cells), row=row, off=off)))
        if chosen is not choices.cells:
            filming.choose(cells=chosen)

    def _draw_size(self, context: Context) -> None:
        ui, px, filming = context.ui, context.ui.px, context.actions.filming
        size = filming.choices.size

        def sizes() -> None:
            for scale in SCALES:
                if ui.menu_item(scale_text(scale), on=size.width is None and size.scale == scale):
                    filming.choose(size=FilmSize(scale, fitting=size.fitting))
            for width, height in SIZES:
                if ui.menu_item(f"{width} × {height}", on=(size.width, size.height) == (width, height)):
                    filming.choose(size=FilmSize(1, width, height, size.fitting))

        row = ui.row("Size", changed=size != NATIVE)
        shown = scale_text(size.scale) if size.width is None else f"{size.width} × {size.height}"
        ui.combo("Size", shown, at=row.area, menu=sizes, tip="Of the frames; scaled by Lanczos")
        if row.reset:
            filming.choose(size=NATIVE)
        if size.width is None or size.height is None:
            return
        row = ui.row("Pixels")
        half = round((row.area.w - px(6)) / 2)
        right = Rect(row.area.right - half, row.area.y, half, row.area.h)
        width = int(ui.number(edge("Width"), size.width, at=row.left(half)))
        height = int(ui.number(edge("Height"), size.height, at=right))
        row = ui.row("Fit", changed=size.fitting is not Fitting.CONTAIN)
        fitting = Fitting(str(ui.segments(FITTING, str(size.fitting), row=row)))
        new = replace(size, width=width, height=height, fitting=fitting)
        if new != size:
            filming.choose(size=new)

    def _draw_time(self, context: Context) -> None:
        ui, px, filming = context.ui, context.ui.px, context.actions.filming
        choices, timeline = filming.choices, context.session.document.state.timeline

        def rates() -> None:
            if ui.menu_item(f"As the timeline ({rate_text(timeline.rate)})", on=choices.rate is None):
                filming.choose(rate=None)
            for rate in USUAL:
                if ui.menu_item(rate_text(rate), on=choices.rate == rate):
                    filming.choose(rate=rate)

        row = ui.row("Frame rate", changed=choices.rate is not None)
        ui.combo("Frame rate", rate_words(choices.rate, timeline.rate), at=row.area, menu=rates,
                 tip="Frames a second, exact: 23.976 is 24000 in 1001 seconds")  # fmt: skip
        if row.reset:
            filming.choose(rate=None)
        start_s = timeline.start_s if choices.start_s is None else choices.start_s
        last_s = timeline.duration_s if timeline.end_s is None else timeline.end_s
        end_s = last_s if choices.end_s is None else choices.end_s
        row = ui.row("From, to", changed=choices.start_s is not None or choices.end_s is not None)
        half = round((row.area.w - px(6)) / 2)
        right = Rect(row.area.right - half, row.area.y, half, row.area.h)
        start = ui.number(moment("From", timeline.start_s), start_s, at=row.left(half))
        end = ui.number(moment("To", last_s), end_s, at=right)
        if row.reset:
            filming.choose(start_s=None, end_s=None)
        elif (start, end) != (start_s, end_s):
            filming.choose(
                start_s=choices.start_s if start == start_s else start, end_s=choices.end_s if end == end_s else end
            )

    def _draw_quality(self, context: Context) -> None:
        ui, filming = context.ui, context.actions.filming
        choices, timeline = filming.choices, context.session.document.state.timeline
        coding, blur = CODINGS[choices.format], choices.blur
        row = ui.row("Quality", changed=choices.quality != QUALITY, off=coding.fixed)
        quality = float(ui.slider(QUALITIES, choices.quality, row=row, off=coding.fixed))
        row = ui.row("Motion blur", changed=blur.samples != 1)
        samples = int(ui.number(SAMPLES, blur.samples, row=row, stepper=True))
        angle = blur.angle
        if samples > 1:
            row = ui.row("Shutter", changed=angle != NO_BLUR.angle)
            angle = float(ui.slider(SHUTTER, angle, row=row))
        off = NO_SOUND if timeline.sound is None else "" if coding.has_sound else MUTE
        row = ui.row("Sound", changed=not choices.sound, off=off)
        sound = ui.toggle(SOUND, choices.sound and not off, at=row.left(28), off=off) or row.reset or bool(off)
        new = replace(choices, quality=quality, blur=replace(blur, samples=samples, angle=angle),
                      sound=choices.sound if off else sound)  # fmt: skip
        if new != choices:
            filming.prefer(new)

    def _draw_facts(self, context: Context, film: Film) -> None:
        """What it will be: frames, length, size in pixels and in megabytes."""
        ui, px, filming = context.ui, context.ui.px, context.actions.filming
        width, height = filming.frame_size(film)
        length = number_text(float(film.frames / film.rate), "%.3f").rstrip("0").rstrip(".")
        facts = f"{plural(film.frames, 'frame')} · {length} s · {width} × {height}"
        size = f"about {counted(round(filming.estimate(film)))}"
        row, words = ui.take(20), ui.paint.text_width(size, size=14)
        left, right = Rect(row.x, row.y, row.w - words - px(8), row.h), Rect(row.right - words, row.y, words, row.h)
        ui.readout("Film", left, facts, tip=facts)
        ui.paint.text(left, facts, "text_dim", size=14)
        ui.readout("Bytes", right, size)
        ui.paint.text(right, size, "text", size=14)
        ui.gap(6)

    def _draw_start(self, context: Context, error: str) -> None:
        ui, filming = context.ui, context.actions.filming
        draw_hint(context, error)
        off, in_the_way = error or filming.why_not(), filming.in_the_way
        if in_the_way is not None and not off:
            draw_hint(context, f"{in_the_way.name} is there already.")
            label, icon = f"Replace {in_the_way.name}", icons.REFRESH_CW
        else:
            label, icon = "Start", icons.FILM
        if ui.button(label, at=ui.take(28), icon=icon, primary=True, tip="Every frame in full quality", off=off):
            filming.start(replace_it=in_the_way is not None)


def scale_text(scale: int) -> str:
    return "As the network" if scale == 1 else f"{scale} times"


def rate_words(rate: Fraction | None, timeline: Fraction) -> str:
    return f"{rate_text(timeline)} (timeline)" if rate is None else rate_text(rate)
