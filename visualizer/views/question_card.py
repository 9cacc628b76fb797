"""The question that waits for an answer, as a card over the window."""

from __future__ import annotations

from imgui_bundle import imgui

from resources import icons
from visualizer.actions.context import Context
from visualizer.session.messages import Question
from visualizer.toolkit.paint import Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import card

WIDTH = 520
TEXT_LEFT, MARGIN = 48, 16  # of the words; at all sides
NAME_WIDTH = 52  # of the facts
TITLE, BUTTON, GAP = 24, 28, 8  # heights; between buttons


def draw_question(context: Context) -> None:
    """Draw it in the middle of the window, as high as its words need; a click answers it."""
    question, ui, px = context.session.messages.question, context.ui, context.ui.px
    if question is None:
        return
    size = imgui.get_main_viewport().size
    width = min(px(WIDTH), size.x - px(24))
    words = width - px(TEXT_LEFT + MARGIN)
    rows = _button_rows(context, question, width - px(2 * MARGIN))
    height = px(MARGIN) + _draw_words(context, question, 0, 0, words, only_measure=True)
    height += len(rows) * px(BUTTON + GAP) + px(MARGIN - GAP)
    r = Rect(round((size.x - width) / 2), round((size.y - height) / 2), round(width), round(height))
    with card(ui, "Question", r):
        ui.paint.box(Rect(r.x, r.y + px(4), px(3), r.h - px(8)), "accent", px(1))
        ui.paint.icon(Rect(r.x + px(MARGIN), r.y + px(MARGIN - 3), px(24), px(TITLE)), icons.GLOBE, "accent", 18)
        _draw_words(context, question, r.x + px(TEXT_LEFT), r.y + px(MARGIN), words)
        y = r.bottom - px(MARGIN - GAP) - len(rows) * px(BUTTON + GAP)
        for row in rows:
            _draw_buttons(context, question, row, r.right - px(MARGIN), y)
            y += px(BUTTON + GAP)


def _draw_words(
    context: Context, question: Question, x: float, y: float, width: float, *, only_measure: bool = False
) -> float:
    """Title, text and facts. Returns their height."""
    paint, px = context.ui.paint, context.ui.px
    top, name = y, px(NAME_WIDTH)
    title = paint.wrapped_height(width, question.title, font=Font.BOLD)
    if not only_measure:
        paint.wrapped(x, y, width, question.title, "text", font=Font.BOLD)
    y += max(px(TITLE), title) + px(4)
    if not only_measure:
        paint.wrapped(x, y, width, question.text, "text_dim", size=14)
    y += paint.wrapped_height(width, question.text, size=14) + px(8)
    for label, value in question.facts:
        if not only_measure:
            paint.wrapped(x, y, name, label, "text_dim", size=14)
            paint.wrapped(x + name, y, width - name, value, "text", size=14)
        y += paint.wrapped_height(width - name, value, size=14) + px(4)
    return y - top + px(8)


def _button_rows(context: Context, question: Question, room: float) -> list[list[int]]:
    """Which answers stand side by side, from the top."""
    rows: list[list[int]] = [[]]
    taken = 0.0
    for number in range(len(question.answers)):
        width = _button_width(context, question, number)
        if rows[-1] and taken + width > room:
            rows.append([])
            taken = 0.0
        rows[-1].append(number)
        taken += width + context.ui.px(GAP)
    return rows


def _button_width(context: Context, question: Question, number: int) -> float:
    font = Font.MEDIUM if number == 0 else Font.REGULAR
    return context.ui.paint.text_width(question.answers[number].label, font) + context.ui.px(28)


def _draw_buttons(context: Context, question: Question, row: list[int], right: float, y: float) -> None:
    """A row of answers that ends at the right, the last at its end."""
    ui, px = context.ui, context.ui.px
    x = right - sum(_button_width(context, question, number) + px(GAP) for number in row) + px(GAP)
    for number in row:
        answer, width = question.answers[number], _button_width(context, question, number)
        if ui.button(answer.label, at=Rect(round(x), round(y), round(width), px(BUTTON)), primary=number == 0):
            context.session.messages.answer(answer)
        x += width + px(GAP)
