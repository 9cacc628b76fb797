"""Controls for values: sliders, numbers, segments, switches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from imgui_bundle import imgui

from core.base.control import Control, Kind, Value, number_text
from resources import icons
from visualizer.toolkit.interact import Interact, Interaction
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font, Style

FINE = 0.1  # Shift drags this much slower


@dataclass(frozen=True)
class Row:
    """A line of a panel: where its control goes, and whether its reset icon or its diamond was clicked."""

    area: Rect
    reset: bool = False
    marked: bool = False

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
        self, control: Control, value: float, *, row: Row, at: Rect | None = None, name: str = "", tip: str = "",
        off: str = "", path: str = "",
    ) -> float:  # fmt: skip
        """A slider with the number at its right. name: of the item, if it is not the label; path: of the value."""
        label, r = name or control.label, at or row.area
        scaled = _Scaled.of(control, value)
        low, high = scaled.low, scaled.high
        shown = number_text(scaled.value, control.format)
        zone = self._number_width(r, [number_text(v, control.format) for v in (low, high)], control.unit)
        it = self.item(label, r, tip=tip or control.tip, off=off, value=shown, path=path,
                       reset_text=number_text(scaled.default, control.format))  # fmt: skip
        new = scaled.value
        if it.started:
            self._drag = scaled.value
        if it.active and it.drag_x:
            groove = r.w - zone
            fine = FINE if imgui.get_io().key_shift else 1.0
            place = _place(self._drag, low, high, control.power) + it.drag_x / max(1.0, groove) * fine
            self._drag = _value(place, low, high, control.power)
            new = round(self._drag) if control.whole else self._drag
        elif it.steps:
            new = scaled.value + it.steps * (1 if control.whole else 0.01 * (high - low))
        elif it.typed is not None:
            new = self._typed(label, it.typed, scaled, control.whole)
        if it.reset or row.reset:
            return scaled.back(scaled.default)
        new = scaled.kept(new)
        self._draw_slider(label, r, scaled, new, shown, zone, it, off)
        return scaled.back(new)

    def _typed(self, label: str, text: str, scaled: _Scaled, whole: bool) -> float:
        """The number that was typed, within the range; what is none leaves the value. Both are said."""
        number = self.typed_number(label, text)
        if number is None:
            return scaled.value
        typed = round(number) if whole else number
        kept = min(max(typed, scaled.low), scaled.high)
        if kept != typed:
            limited, low, high = (number_text(v, scaled.control.format) for v in (kept, scaled.low, scaled.high))
            self.say_limited(label, limited, low, high)
        return kept

    def _number_width(self, r: Rect, extremes: Sequence[str], unit: str) -> float:
        """The width of the zone with the number: that of the design, or what its longest text needs."""
        longest = max(self.paint.text_width(text) for text in extremes)
        needed = longest + (self.paint.text_width(" " + unit, size=14) if unit else 0.0) + self.px(11)
        return max(self.px(60 if r.w > self.px(150) else 50), needed)

    def _draw_slider(
        self, label: str, r: Rect, scaled: _Scaled, value: float, shown: str, zone: float, it: Interaction, off: str
    ) -> None:
        px, paint = self.px, self.paint
        hot = it.hovered or it.active
        self.control_box(r, hot, off)
        groove = Rect(r.x + px(4), r.y + px(4), r.w - zone - px(8), r.h - px(8))

        def to_x(v: float) -> float:
            place = _place(v, scaled.low, scaled.high, scaled.control.power)
            return round(groove.x + min(max(place, 0.0), 1.0) * groove.w)

        if not off:
            paint.box(groove, "track", px(2))
            start, end = sorted((to_x(scaled.zero), to_x(value)))
            paint.box(Rect(start, groove.y, max(1, end - start), groove.h), "accent_fill", px(2))
            edge = min(max(to_x(value), groove.x + px(1)), groove.right - px(1))
            colour = "accent_hover" if hot else "accent"
            paint.box(Rect(edge - px(1), groove.y - px(1), px(3), groove.h + px(2)), colour, px(1))
        tick = min(max(to_x(scaled.default), groove.x), groove.right - 1)
        if off or abs(tick - to_x(value)) > px(2):
            paint.box(Rect(tick, groove.y, 1, groove.h), "text_faint", 0, 0.75)
        number = Rect(r.right - zone, r.y, zone - px(7), r.h)
        if self.is_typing(label):
            self.draw_typing(label, Rect(r.right - zone - px(2), r.y, zone + px(2), r.h))
            return
        self._draw_number_text(number, shown, scaled.control.unit, off)
        self.draw_focus(label, r)

    def _draw_number_text(self, r: Rect, shown: str, unit: str, off: str) -> None:
        paint = self.paint
        unit_width = 0.0
        if unit:
            unit_width = paint.text_width(" " + unit, size=14)
            paint.text(r, unit, "text_faint", size=14, align=1)
        paint.text(Rect(r.x, r.y, r.w - unit_width, r.h), shown, "text_faint" if off else "text", align=1)

    def number(
        self, control: Control, value: float, *, row: Row | None = None, at: Rect | None = None, name: str = "",
        prefix: str = "", stepper: bool = False, tip: str = "", off: str = "", path: str = "",
    ) -> float:  # fmt: skip
        """A box with a number that drags, types and steps; `stepper` adds minus and plus."""
        assert at or row  # one of them says where it goes
        label, r = name or control.label, at or (row.area if row else Rect(0, 0, 0, 0))
        scaled, whole = _Scaled.of(control, value), control.format == "%d"
        side = self.px(20) if stepper else 0
        body = Rect(r.x + side, r.y, r.w - 2 * side, r.h)
        it = self.item(label, body, tip=tip or control.tip, off=off, value=number_text(scaled.value, control.format),
                       reset_text=number_text(scaled.default, control.format), path=path)  # fmt: skip
        new = scaled.value
        if it.started:
            self._drag = scaled.value
        if it.active and it.drag_x:
            self._drag += it.drag_x * control.step * (FINE if imgui.get_io().key_shift else 1.0)
            new = round(self._drag) if whole else self._drag
        elif it.steps:
            new = scaled.value + it.steps * (1 if whole else control.step)
        elif it.typed is not None:
            new = self._typed(label, it.typed, scaled, whole)
        elif it.reset or (row is not None and row.reset):
            new = scaled.default
        self.control_box(r, it.hovered or it.active, off)
        if stepper:
            new += self._stepper(label, r, side, off)
        new = scaled.kept(new)
        if self.is_typing(label):
            self.draw_typing(label, body)
        else:
            self._draw_number(body, number_text(new, control.format), prefix, stepper, off)
            self.draw_focus(label, r)
        return scaled.back(new)

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
        self, control: Control, value: Value, *, row: Row, name: str = "", off: str = "", path: str = ""
    ) -> Value:  # fmt: skip
        """Two to five choices side by side. Returns the chosen one: True or False of a flag."""
        px, paint, r = self.px, self.paint, row.area
        label, options = name or control.label, control.names
        values = (False, True) if control.kind is Kind.FLAG else tuple(choice.value for choice in control.choices)
        chosen, reset = values.index(value), values.index(control.default)
        self.control_box(r, False, off)
        new = reset if row.reset else chosen
        for index, option in enumerate(options):
            x, end = round(r.x + r.w * index / len(options)), round(r.x + r.w * (index + 1) / len(options))
            cell = Rect(x, r.y, end - x, r.h)
            tip = control.choices[index].tip or option
            it = self.item(f"{label}/{option}", cell, tip=tip, off=off, reset_text=options[reset], path=path)
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
        whole = self.name(label)
        self.items[whole], self.values[whole] = r, options[chosen]
        self.set_path(label, path)
        if off:
            self.reasons[whole] = off
        else:
            new = min(max(new + self.steps_of(whole, False), 0), len(options) - 1)
        self.draw_focus(label, r)
        return values[new]

    def toggle(
        self, control: Control, on: bool, *, at: Rect, name: str = "", tip: str = "", off: str = "", path: str = ""
    ) -> bool:  # fmt: skip
        """A switch, 28 x 16, at the left of its box."""
        px, paint, label = self.px, self.paint, name or control.label
        r = Rect(at.x, at.y + (at.h - px(16)) // 2, px(28), px(16))
        hit = Rect(at.x, at.y, px(28), at.h)
        reset = bool(control.default)
        it = self.item(label, hit, tip=tip or control.tip, off=off, reset_text="on" if reset else "off", path=path)
        self.set_path(label, path)
        new = reset if it.reset else on != it.clicked
        paint.box(r, "control_off" if off else "primary" if on else "control_active", r.h / 2)
        knob = r.right - r.h / 2 if on else r.x + r.h / 2
        paint.disc(knob, r.y + r.h / 2, r.h / 2 - px(2.5), "text_faint" if off else "FFFFFF")
        self.draw_focus(label, hit)
        return new


@dataclass(frozen=True)
class _Scaled:
    """A control and its value in the numbers that are shown."""

    control: Control
    before: float  # the value as it was given
    value: float
    low: float
    high: float
    default: float
    zero: float  # where the fill starts

    @classmethod
    def of(cls, control: Control, value: float) -> _Scaled:
        factor, default = control.factor, control.default
        assert isinstance(default, int | float)  # of numbers
        low, high = (limit * factor for limit in control.range)
        zero = low if control.zero is None else control.zero * factor
        return cls(control, value, value * factor, low, high, default * factor, zero)

    def kept(self, new: float) -> float:
        """A new number within the range; one that is not new stays where it is."""
        return min(max(new, self.low), self.high) if new != self.value else new

    def back(self, new: float) -> float:
        """What the value is then."""
        return self.before if new == self.value else new / self.control.factor if self.control.factor != 1 else new


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
