"""What the user is told when something fails."""

from __future__ import annotations

from time import perf_counter

import pytest

from core.base.errors import UsageError
from visualizer.session.messages import KEPT_S, NOTICE_S, Messages


def refuse() -> None:
    try:
        raise KeyError("psi")
    except KeyError as error:
        raise UsageError("There is no psi; reset it.") from error


def test_what_an_action_raises_becomes_a_problem_with_its_causes_and_its_traceback():
    messages = Messages()
    with messages.attempt("Cannot do it", file="n.pkl"):
        refuse()
    problem = messages.problem
    assert problem is not None
    assert (problem.title, problem.text, problem.file) == ("Cannot do it", "There is no psi; reset it.", "n.pkl")
    assert problem.causes == ("UsageError: There is no psi; reset it.", "KeyError: 'psi'")
    assert "in refuse" in problem.details
    assert messages.unforeseen == []


@pytest.mark.parametrize("error", [ZeroDivisionError("a"), UnicodeError(), RecursionError("b"), MemoryError()])
def test_what_no_action_should_raise_is_a_problem_too_and_is_remembered(error: Exception):
    messages = Messages()
    for _ in range(20):
        with messages.attempt("Cannot do it"):
            raise error
    assert messages.problem is not None
    assert messages.problem.text.startswith(type(error).__name__)
    assert 0 < len(messages.unforeseen) < 20


def test_a_notice_goes_by_itself_unless_it_is_being_read():
    messages = Messages()
    messages.say("first")
    messages.say("second")
    first, second = messages.notices
    assert first.until <= second.until <= perf_counter() + NOTICE_S
    messages.keep(first, second.until)
    messages.forget_old(second.until)
    assert [notice.text for notice in messages.notices] == ["first"]
    messages.forget_old(second.until + KEPT_S)
    assert messages.notices == []


def test_who_stops_the_program_is_not_stopped():
    with pytest.raises(KeyboardInterrupt), Messages().attempt("Cannot do it"):
        raise KeyboardInterrupt


def test_nobody_has_to_read_thousands_of_digits():
    messages = Messages()
    messages.fail("Cannot do it", UsageError(f"{'9' * 5000} is too much; take less."))
    assert messages.problem is not None
    assert len(messages.problem.text) < 400
    assert messages.problem.text.endswith(" is too much; take less.")
