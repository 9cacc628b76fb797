"""Statistics: numbers of all channels and of those shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from core.base.control import number_text
from resources import icons
from visualizer.actions.context import Context
from visualizer.panels.common.layer_text import shown_channels
from visualizer.panels.common.readonly_panel import ReadonlyPanel
from visualizer.toolkit.paint import Rect

if TYPE_CHECKING:
    from core.display.analysis import Statistics

ROW_HEIGHT = 22
LARGE = 100.0  # a magnitude that is worth a look: float16 ends at 65504


class StatisticsPanel(ReadonlyPanel):
    title = "Statistics"
    icon = icons.SIGMA

    def summary(self, context: Context) -> str:
        return ""

    def draw(self, context: Context) -> None:
        ui, frame = context.ui, context.session.frame
        context.session.want(statistics=True)
        ui.gap(8)
        analysis = frame.analysis if frame else None
        if frame is None or analysis is None or analysis.statistics is None:
            ui.paint.text(ui.take(ROW_HEIGHT), "Nothing is measured yet.", "text_dim", size=14)
            ui.gap(8)
            return
        heads = f"All {analysis.channels}", shown_channels(frame)
        self._line(context, "", heads, ("text_dim", "text_dim"))
        for label, text, worry in ROWS:
            texts = [text(one) for one in analysis.statistics]
            colours = ["warning" if worry(one) else "text" for one in analysis.statistics]
            self._line(context, label, (texts[0], texts[1]), (colours[0], colours[1]))
        ui.gap(8)

    def _line(self, context: Context, label: str, texts: tuple[str, str], colours: tuple[str, str]) -> None:
        paint, px = context.ui.paint, context.ui.px
        r = context.ui.take(ROW_HEIGHT)
        paint.text(r, label, "text_dim", size=14)
        half = px(92)
        paint.text(Rect(r.right - 2 * half, r.y, half, r.h), texts[0], colours[0], size=14, align=1)
        paint.text(Rect(r.right - half, r.y, half, r.h), texts[1], colours[1], size=14, align=1)


def _number(value: float) -> str:
    return number_text(value, "%+.4f" if abs(value) < LARGE else "%+.1f")


ROWS: tuple[tuple[str, Callable[[Statistics], str], Callable[[Statistics], bool]], ...] = (
    ("Mean", lambda s: _number(s.mean), lambda s: False),
    ("Std", lambda s: _number(s.std)[1:], lambda s: s.std == 0),
    ("Max |x|", lambda s: _number(s.max_abs)[1:], lambda s: s.max_abs > LARGE),
    ("Zeros", lambda s: f"{s.zeros * 100:.1f} %", lambda s: s.zeros > 0.5),
    ("Saturated", lambda s: f"{s.saturated * 100:.2f} %", lambda s: False),
    ("NaN · Inf", lambda s: f"{s.nan:,} · {s.inf:,}", lambda s: s.nan + s.inf > 0),
)
