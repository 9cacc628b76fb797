"""Controls for values: sliders, numbers, segments, switches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from resources import icons
from visualizer.toolkit.interact import Interact, Interaction, parse_number
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font, Style

FINE = 0.1  # Shift drags this much slower


@dataclass(frozen=True)
class Row:
    """A line of a panel: where its control goes, and whether its reset icon was clicked."""

    area: Rect
    reset: bool = False

    def left(self, width: float) -> Rect:
        return Rect(self.area.x, self.area.y, width, self.area.h)

    def after(self, width: float) -> Rect:
        return Rect(self.area.x + width, self.area.y, self.area.w - width, self.area.h)


class ValueControls(Interact):
    """A value control takes a value and returns the new one; equal means untouched."""

    def __init__(self, style: Style) -> None:
        super().__init__(style)
        self._drag = 0.0  # the unrounded value under the mouse

    def control_box(self, r: Rect, hot: bool, off: str) -> None:
        self.paint.box(r, "control_off" if off else "control_hover" if hot else "control", self.px(4))
        if self.style.theme.name == "light" and not off:
            self.paint.frame(r, "border", self.px(4), 1, 0.55)

    # -- Values ---------------------------------------------------------------

    def slider(
        self, label: str, value: float, low: float, high: float, *, row: Row, at: Rect | None = None, reset: float,
        text: str = "%.2f", unit: str = "", zero: float | None = None, power: float = 1.0, whole: bool = False,
        tip: str = "", off: str = "",
    ) -> float:  # fmt: skip
        """A slider with the number at its right. power: 3 makes it slow around zero; zero: where the fill starts."""
        r = at or row.area
        shown = number_text(value, text)
        zone = self._number_width(r, [number_text(v, text) for v in (low, high)], unit)
        it = self.item(label, r, tip=tip, off=off, value=shown, reset_text=number_text(reset, text))
        new = value
        if it.started:
            self._drag = value
        if it.active and it.drag_x:
            groove = r.w - zone
            fine = FINE if imgui.get_io().key_shift else 1.0
            place = _place(self._drag, low, high, power) + it.drag_x / max(1.0, groove) * fine
            self._drag = _value(place, low, high, power)
            new = round(self._drag) if whole else self._drag
        elif it.steps:
            new = value + it.steps * (1 if whole else 0.01 * (high - low))
        elif it.typed is not None:
            typed = parse_number(it.typed)
            new = value if typed is None else round(typed) if whole else typed
        elif it.reset or row.reset:
            return reset
        new = min(max(new, low), high) if new != value else value
        start = low if zero is None else zero
        self._draw_slider(label, r, new, low, high, shown, unit, reset, start, power, zone, it, off)
        return new

    def _number_width(self, r: Rect, extremes: Sequence[str], unit: str) -> float:
        """The width of the zone with the number: that of the design, or what its longest text needs."""
        longest = max(self.paint.text_width(text) for text in extremes)
        needed = longest + (self.paint.text_width(" " + unit, size=14) if unit else 0.0) + self.px(11)
        return max(self.px(60 if r.w > self.px(150) else 50), needed)

    def _draw_slider(
        self, label: str, r: Rect, value: float, low: float, high: float, shown: str, unit: str, reset: float,
        zero: float, power: float, zone: float, it: Interaction, off: str,
    ) -> None:  # fmt: skip
        px, paint = self.px, self.paint
        hot = it.hovered or it.active
        self.control_box(r, hot, off)
        groove = Rect(r.x + px(4), r.y + px(4), r.w - zone - px(8), r.h - px(8))

        def to_x(v: float) -> float:
            return round(groove.x + min(max(_place(v, low, high, power), 0.0), 1.0) * groove.w)

        if not off:
            paint.box(groove, "track", px(2))
            start, end = sorted((to_x(zero), to_x(value)))
            paint.box(Rect(start, groove.y, max(1, end - start), groove.h), "accent_fill", px(2))
            edge = min(max(to_x(value), groove.x + px(1)), groove.right - px(1))
            colour = "accent_hover" if hot else "accent"
            paint.box(Rect(edge - px(1), groove.y - px(1), px(3), groove.h + px(2)), colour, px(1))
        tick = min(max(to_x(reset), groove.x), groove.right - 1)
        if off or abs(tick - to_x(value)) > px(2):
            paint.box(Rect(tick, groove.y, 1, groove.h), "text_faint", 0, 0.75)
        number = Rect(r.right - zone, r.y, zone - px(7), r.h)
        if self.is_typing(label):
            self.draw_typing(label, Rect(r.right - zone - px(2), r.y, zone + px(2), r.h))
            return
        self._draw_number_text(number, shown, unit, off)
        self.draw_focus(label, r)

    def _draw_number_text(self, r: Rect, shown: str, unit: str, off: str) -> None:
        paint = self.paint
        unit_width = 0.0
        if unit:
            unit_width = paint.text_width(" " + unit, size=14)
            paint.text(r, unit, "text_faint", size=14, align=1)
        paint.text(Rect(r.x, r.y, r.w - unit_width, r.h), shown, "text_faint" if off else "text", align=1)

    def number(
        self, label: str, value: float, *, row: Row | None = None, at: Rect | None = None, reset: float,
        text: str = "%d", low: float = -math.inf, high: float = math.inf, per_pixel: float = 0.25, prefix: str = "",
        stepper: bool = False, tip: str = "", off: str = "",
    ) -> float:  # fmt: skip
        """A box with a number that drags, types and steps. Whole if `text` is "%d"; `stepper` adds minus and plus."""
        assert at or row  # one of them says where it goes
        r = at or (row.area if row else Rect(0, 0, 0, 0))
        whole = text == "%d"
        shown = number_text(value, text)
        side = self.px(20) if stepper else 0
        body = Rect(r.x + side, r.y, r.w - 2 * side, r.h)
        it = self.item(label, body, tip=tip, off=off, value=shown, reset_text=number_text(reset, text))
        new = value
        if it.started:
            self._drag = value
        if it.active and it.drag_x:
            self._drag += it.drag_x * per_pixel * (FINE if imgui.get_io().key_shift else 1.0)
            new = round(self._drag) if whole else self._drag
        elif it.steps:
            new = value + it.steps * (1 if whole else per_pixel)
        elif it.typed is not None:
            typed = parse_number(it.typed)
            new = value if typed is None else round(typed) if whole else typed
        elif it.reset or (row is not None and row.reset):
            new = reset
        self.control_box(r, it.hovered or it.active, off)
        if stepper:
            new += self._stepper(label, r, side, off)
        new = min(max(new, low), high)
        if self.is_typing(label):
            self.draw_typing(label, body)
        else:
            self._draw_number(body, number_text(new, text), prefix, stepper, off)
            self.draw_focus(label, r)
        return new

    def _stepper(self, label: str, r: Rect, side: float, off: str) -> int:
        step = 0
        for name, icon, x, by in (("less", icons.MINUS, r.x, -1), ("more", icons.PLUS, r.right - side, 1)):
            area = Rect(x, r.y, side, r.h)
            it = self.item(f"{label} {name}", area, tip=f"{by:+d}".replace("-", "−"), off=off)
            self.paint.icon(area, icon, "text_faint" if off else "text" if it.hovered else "text_dim", 13)
            step += by if it.started else 0
        return step

    def _draw_number(self, r: Rect, shown: str, prefix: str, centred: bool, off: str) -> None:
        px, paint = self.px, self.paint
        if prefix:
            paint.text(Rect(r.x + px(8), r.y, r.w, r.h), prefix, "text_faint")
        inner = r if centred else Rect(r.x + px(4), r.y, r.w - px(12), r.h)
        paint.text(inner, shown, "text_faint" if off else "text", align=0.5 if centred else 1)

    def segments(
        self, label: str, options: Sequence[str], chosen: int, *, row: Row, reset: int = 0, tips: Sequence[str] = (),
        off: str = "",
    ) -> int:  # fmt: skip
        """Two to four choices side by side. Returns the index of the chosen one."""
        px, paint, r = self.px, self.paint, row.area
        self.control_box(r, False, off)
        new = reset if row.reset else chosen
        for index, option in enumerate(options):
            x, end = round(r.x + r.w * index / len(options)), round(r.x + r.w * (index + 1) / len(options))
            cell = Rect(x, r.y, end - x, r.h)
            tip = tips[index] if tips else option
            it = self.item(f"{label}/{option}", cell, tip=tip, off=off, reset_text=options[reset])
            if it.reset:
                new = reset
            elif it.started:
                new = index
            if index == chosen:
                inner = cell.inset(px(2))
                paint.box(inner, "control" if off else "chosen", px(3))
                if self.style.theme.name == "light" and not off:
                    paint.frame(inner, "border", px(3))
            colour = "text_faint" if off else "text" if index == chosen or it.hovered else "text_dim"
            font = Font.MEDIUM if index == chosen else Font.REGULAR
            paint.text(cell, option, colour, font=font, size=14, align=0.5)
        name = self.name(label)
        self.items[name], self.values[name] = r, options[chosen]
        if off:
            self.reasons[name] = off
        else:
            new = min(max(new + self.steps_of(name, False), 0), len(options) - 1)
        self.draw_focus(label, r)
        return new

    def toggle(self, label: str, on: bool, *, at: Rect, reset: bool = False, tip: str = "", off: str = "") -> bool:
        """A switch, 28 x 16, at the left of its box."""
        px, paint = self.px, self.paint
        r = Rect(at.x, at.y + (at.h - px(16)) // 2, px(28), px(16))
        hit = Rect(at.x, at.y, px(28), at.h)
        it = self.item(label, hit, tip=tip, off=off, reset_text="on" if reset else "off")
        new = reset if it.reset else on != it.clicked
        paint.box(r, "control_off" if off else "primary" if on else "control_active", r.h / 2)
        knob = r.right - r.h / 2 if on else r.x + r.h / 2
        paint.disc(knob, r.y + r.h / 2, r.h / 2 - px(2.5), "text_faint" if off else "FFFFFF")
        self.draw_focus(label, hit)
        return new


def number_text(value: float, text: str) -> str:
    """A number as shown: with the true minus, and never "-0.00"."""
    shown = text % (round(value) if text.endswith("d") else value)
    if float(shown.replace("+", "") or 0) == 0:
        shown = shown.replace("-", "+" if "+" in text else "")
    return shown.replace("-", "−")


def _place(value: float, low: float, high: float, power: float) -> float:
    """Where a value lies on the groove, 0..1. With a power, each side of zero is stretched around it."""
    if power == 1:
        return (value - low) / (high - low)

    def bend(v: float) -> float:
        return math.copysign(abs(v) ** (1 / power), v)

    return (bend(value) - bend(low)) / (bend(high) - bend(low))


def _value(place: float, low: float, high: float, power: float) -> float:
    """The inverse of `_place`, clamped."""
    place = min(max(place, 0.0), 1.0)
    if power == 1:
        return low + place * (high - low)

    def bend(v: float) -> float:
        return math.copysign(abs(v) ** (1 / power), v)

    return math.copysign(abs(x := bend(low) + place * (bend(high) - bend(low))) ** power, x)
