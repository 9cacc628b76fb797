"""Text from files, made safe to show."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.base.text import MAX_SHOWN, counted, shown


@given(st.text(st.characters(), max_size=500))
def test_shown_text_is_short_and_has_nothing_hidden(text):
    safe = shown(text)
    assert len(safe) <= MAX_SHOWN
    assert "".join(safe.split()).isprintable()
    assert safe.encode("utf-8").decode("utf-8") == safe


def test_ordinary_text_is_shown_as_it_is():
    assert shown("Gesichter für «FFHQ», 1024² × 3 — 顔") == "Gesichter für «FFHQ», 1024² × 3 — 顔"


def test_hidden_characters_are_spelled_out():
    assert shown("a\x1b[31m\u202eb\u200b\n\x9b") == "a\\x1b[31m\\u202eb\\u200b\\n\\x9b"


def test_long_text_ends_with_an_ellipsis():
    assert shown("x" * 201) == "x" * 199 + "…"
    assert shown("\n" * 150) == "\\n" * 99 + "\\…"


def test_bytes_are_counted_as_people_do():
    assert [counted(n) for n in (999, 1500, 4 * 10**12)] == ["999 bytes", "1.5 kB", "4.0 TB"]
