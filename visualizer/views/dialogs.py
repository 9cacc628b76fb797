"""The dialogs of the window: keys and gestures, quitting, what a bug report needs, questions."""

from __future__ import annotations

from imgui_bundle import imgui

from core.base.text import encodable
from resources import icons
from visualizer.actions.commands import COMMANDS
from visualizer.actions.context import Context
from visualizer.actions.gestures import GESTURES
from visualizer.output.system_report import Facts, table
from visualizer.session.messages import Problem, Question
from visualizer.toolkit.paint import Paint, Rect
from visualizer.toolkit.style import Font
from visualizer.views.boxes import begin_list, card, dialog

KEYS_WIDTH = 920
COLUMNS_FROM = 760  # pixels at scale 1 of a dialog in which keys and gestures have a column each
KEY_WIDTH, GESTURE_WIDTH = 148, 216  # of what is pressed, before the words
LINE, LINE_GAP = 18, 7  # of the words, which may need several lines

# Of a question.
QUESTION_WIDTH = 520
TEXT_LEFT, MARGIN = 48, 16  # of the words; at all sides
NAME_WIDTH = 52  # of the facts, at least
TITLE, BUTTON, GAP = 24, 28, 8  # heights; between buttons


class Dialogs:
    """Each is shown in the frame after it was asked for."""

    def __init__(self) -> None:
        self.keys_wanted = False
        self.quit_wanted = False
        self._problem: Problem | None = None  # whose details are shown
        self._system: Facts = ()  # on what the program runs, once it is known

    def draw(self, context: Context, problem: Problem | None) -> None:
        """problem: whose details are wanted."""
        context.ui.scope = ""
        draw_question(context)
        self._draw_keys(context)
        self._draw_quit(context)
        self._draw_details(context, problem)

    # -- Keys and gestures ----------------------------------------------------

    def _draw_keys(self, context: Context) -> None:
        if self.keys_wanted:
            imgui.open_popup("##keys")
            self.keys_wanted = False
        r, shown = dialog(context.ui, "##keys", KEYS_WIDTH, 780)
        if not shown:
            return
        ui, px = context.ui, context.ui.px
        inner = r.inset(px(16))
        ui.paint.text(Rect(inner.x, inner.y, inner.w, px(24)), "Keys and gestures", font=Font.BOLD, size=16)
        list_ = Rect(inner.x, inner.y + px(34), inner.w + px(8), inner.h - px(34 + 40))
        begin_list("##lines", list_)
        at = imgui.get_cursor_screen_pos()
        width = list_.w - imgui.get_style().scrollbar_size - px(6)
        bottom = draw_keys_and_gestures(context, Rect(at.x, at.y, width, 0))
        imgui.set_cursor_screen_pos((at.x, bottom))
        imgui.dummy((1, 1))
        imgui.end_child()
        if ui.button("Close keys", at=Rect(inner.right - px(110), inner.bottom - px(28), px(110), px(28))):
            imgui.close_current_popup()
        imgui.end_popup()

    def _draw_quit(self, context: Context) -> None:
        if self.quit_wanted:
            imgui.open_popup("##quit")
            self.quit_wanted = False
        r, shown = dialog(context.ui, "##quit", 400, 128)
        if not shown:
            return
        ui, px, actions = context.ui, context.ui.px, context.actions
        inner = r.inset(px(16))
        recording = actions.recording.recorder is not None
        ui.paint.text(Rect(inner.x, inner.y, inner.w, px(24)), "Quit?", font=Font.BOLD, size=16)
        why = "The recording ends and is kept." if recording else "Pictures and videos that were saved are kept."
        ui.paint.text(Rect(inner.x, inner.y + px(30), inner.w, px(22)), why, "text_dim")
        y = inner.bottom - px(28)
        stay = ui.button("Stay", at=Rect(inner.right - px(204), y, px(96), px(28)))
        leave = ui.button("Quit", at=Rect(inner.right - px(100), y, px(100), px(28)), primary=True)
        if leave or imgui.is_key_pressed(imgui.Key.enter):
            actions.window.quit_now()
        if stay or leave:
            imgui.close_current_popup()
        imgui.end_popup()

    # -- A problem ------------------------------------------------------------

    def _take_system(self, facts: Facts) -> None:
        self._system = facts

    def _draw_details(self, context: Context, problem: Problem | None) -> None:
        if problem is not None:
            self._problem = problem
            context.actions.window.describe_system(self._take_system)
            imgui.open_popup("##details")
        r, shown = dialog(context.ui, "##details", 720, 480)
        if not shown or self._problem is None:
            return
        ui, px = context.ui, context.ui.px
        inner = r.inset(px(16))
        ui.paint.text(Rect(inner.x, inner.y, inner.w, px(24)), self._problem.title, font=Font.BOLD, size=16)
        imgui.set_cursor_screen_pos((inner.x, inner.y + px(34)))
        imgui.push_font(ui.style.fonts[Font.MONO], px(14))
        text = encodable(details(self._problem, self._system))
        wrapped = imgui.InputTextFlags_.read_only | imgui.InputTextFlags_.word_wrap
        imgui.input_text_multiline("##text", text, (inner.w, inner.h - px(78)), wrapped)
        imgui.pop_font()
        y = inner.bottom - px(28)
        if ui.button("Copy all", at=Rect(inner.x, y, px(110), px(28)), icon=icons.COPY):
            ui.copy(text)
        if ui.button("Close details", at=Rect(inner.right - px(120), y, px(120), px(28))):
            imgui.close_current_popup()
        imgui.end_popup()


def details(problem: Problem, system: Facts) -> str:
    """What a bug report needs: what failed and why, with which file, on what; then the traceback."""
    about = (("failed", problem.title), ("cause", "\n".join(problem.causes) or problem.text), ("file", problem.file))
    facts = table((*(fact for fact in about if fact[1]), *(system or (("system", "is being asked …"),))))
    return f"{facts}\n\n{problem.details.strip()}".strip()


# ----------------------------------------------------------------------------
# The table of keys and gestures.


def draw_keys_and_gestures(context: Context, r: Rect) -> float:
    """Side by side where there is room, else one below the other. Returns where they end."""
    paint, px = context.ui.paint, context.ui.px
    keys = [("Keys", [(one.keys_text, one.title) for one in COMMANDS if one.keys])]
    gestures = [(where, list(lines)) for where, lines in GESTURES]
    if r.w < px(COLUMNS_FROM):
        return draw_sections(paint, [*keys, *gestures], r, GESTURE_WIDTH)
    half = round((r.w - px(28)) / 2)
    left = draw_sections(paint, keys, Rect(r.x, r.y, half, 0), KEY_WIDTH)
    right = draw_sections(paint, gestures, Rect(r.right - half, r.y, half, 0), GESTURE_WIDTH)
    return max(left, right)


def draw_sections(
    paint: Paint, sections: list[tuple[str, list[tuple[str, str]]]], r: Rect, first_width: float
) -> float:  # fmt: skip
    """Titles, and below each what is pressed and what it does. Returns where they end."""
    px, y = paint.px, r.y
    for title, lines in sections:
        paint.text(Rect(r.x, y, r.w, px(24)), title, "text_dim", font=Font.MEDIUM, size=14)
        y += px(26)
        for pressed, words in lines:
            width = r.w - px(first_width)
            paint.wrapped(r.x, y, px(first_width - 12), pressed, "accent", size=15)
            paint.wrapped(r.x + px(first_width), y, width, words, "text", size=15)
            tall = max(paint.wrapped_height(width, words), paint.wrapped_height(px(first_width - 12), pressed))
            y += max(px(LINE), tall) + px(LINE_GAP)
        y += px(12)
    return y


# ----------------------------------------------------------------------------
# The question that waits for an answer.


def draw_question(context: Context) -> None:
    """Draw it in the middle of the window, as high as its words need; a click answers it."""
    question, ui, px = context.session.messages.question, context.ui, context.ui.px
    if question is None:
        return
    size = imgui.get_main_viewport().size
    width = min(px(QUESTION_WIDTH), size.x - px(24))
    words = width - px(TEXT_LEFT + MARGIN)
    rows = _button_rows(context, question, width - px(2 * MARGIN))
    height = px(MARGIN) + _draw_words(context, question, 0, 0, words, only_measure=True)
    height += len(rows) * px(BUTTON + GAP) + px(MARGIN - GAP)
    r = Rect(round((size.x - width) / 2), round((size.y - height) / 2), round(width), round(height))
    with card(ui, "Question", r):
        ui.paint.box(Rect(r.x, r.y + px(4), px(3), r.h - px(8)), "accent", px(1))
        ui.paint.icon(Rect(r.x + px(MARGIN), r.y + px(MARGIN - 3), px(24), px(TITLE)), question.icon, "accent", 18)
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
    top = y
    widest = max((paint.text_width(label, size=14) for label, _ in question.facts), default=0.0)
    name = max(px(NAME_WIDTH), min(widest + px(12), width / 2))
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
