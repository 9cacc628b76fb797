"""Channels: which of a layer's channels make its picture, and how they are coloured."""

from __future__ import annotations

from dataclasses import replace

from core.request import Colours, Show, View
from resources import icons
from visualizer.actions.context import Context

SHOWS, COLOURS = tuple(Show), tuple(Colours)
GAIN = 40.0  # dB to each side


class ChannelsPanel:
    title = "Channels"
    icon = icons.GRID_2X2

    def summary(self, context: Context) -> str:
        view = context.session.request.view
        return "PCA" if view.show is Show.PCA else f"{view.base}"

    def changed(self, context: Context) -> bool:
        view = context.session.request.view
        return view != plain(view)

    def reset(self, context: Context) -> None:
        context.session.edit(view=plain(context.session.request.view))

    def draw(self, context: Context) -> None:
        ui, px, session = context.ui, context.ui.px, context.session
        view, count = session.request.view, _count(context)
        ui.gap(10)
        row = ui.row("Show", changed=view.show is not Show.THREE)
        tips = ("One channel", "Three channels as red, green and blue", "Three principal components of all channels")
        show = ui.segments("Show", ("One", "Three", "PCA"), SHOWS.index(view.show), row=row, reset=1, tips=tips)

        off = "The principal components are of all channels." if view.show is Show.PCA else ""
        width = 3 if view.show is Show.THREE and count >= 3 else 1
        row = ui.row("Channel", changed=view.base != 0, off=off)
        base = ui.number(
            "Channel", min(view.base, count - width), row=row, at=row.left(px(108)), reset=0, low=0, high=count - width,
            stepper=True, tip="The first channel shown; click one in the mosaic", off=off,
        )  # fmt: skip
        if base == min(view.base, count - width):
            base = view.base  # of another layer perhaps, which has more
        text = f"of {count}" if width == 1 else f"to {int(base) + width - 1} of {count}"
        ui.paint.text(row.after(px(118)), text, "text_dim", size=14)

        row = ui.row("Normalise", changed=view.normalize, off=off)
        tip = "Divide each channel by its largest magnitude"
        normalize = ui.toggle("Normalise", view.normalize, at=row.left(px(36)), tip=tip, off=off) and not row.reset

        row = ui.row("Gain", changed=view.gain_db != 0)
        gain = ui.slider(
            "Gain", view.gain_db, -GAIN, GAIN, row=row, reset=0.0, zero=0.0, text="%+.1f", unit="dB",
            tip="Amplify before −1 to 1 is shown",
        )  # fmt: skip

        off = "" if view.show is Show.ONE else "Only a single channel is coloured; choose One above."
        row = ui.row("Colours", changed=view.colours is not Colours.GRAY, off=off)
        meanings = ("−1 black, 1 white", "Blue below zero, dark at zero, orange above")
        colours = ui.segments(
            "Colours", ("Gray", "Signed"), COLOURS.index(view.colours), row=row, tips=meanings, off=off
        )
        new = replace(
            view, show=SHOWS[show], base=int(base), normalize=normalize, gain_db=gain, colours=COLOURS[colours]
        )  # fmt: skip
        if new != view:
            session.edit(view=new)
        ui.gap(6)


def plain(view: View) -> View:
    """The view with its layer and its comparison, all else at the defaults."""
    default = View()
    return replace(
        view, show=default.show, base=default.base, normalize=default.normalize, gain_db=default.gain_db,
        colours=default.colours,
    )  # fmt: skip


def _count(context: Context) -> int:
    """Channels of the layer or picture that is shown."""
    frame = context.session.frame
    return int(frame.image.shape[0]) if frame is not None else 3
