"""Lists of seeds in text files."""

from __future__ import annotations

import pytest

from core.base.errors import UsageError
from core.documents.seed_lists import MAX_SEEDS, ListedSeed, read_seeds


@pytest.fixture
def read(tmp_path):
    def read(text: str | bytes, name: str = "list.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_seeds(path)

    return read


@pytest.mark.parametrize(
    "text",
    ["85\n100\n5-7\n", "85, 100; 5-7 # mine", "\ufeff85 100\r\n\r\n# more\r\n5-7", "85\t100\n5-7\n85\n"],
)
def test_numbers_and_ranges_are_seeds(read, text):
    assert read(text) == tuple(map(ListedSeed, (85, 100, 5, 6, 7)))


def test_a_table_says_which_column_has_the_seed(read):
    text = 'note,Seed,name\ngood,85,"Anna, again"\n,-3,\n'
    assert read(text, "list.csv") == (ListedSeed(85, "Anna, again"), ListedSeed(-3))


def test_a_seed_and_a_name_a_line_need_no_head(read):
    assert read("85;Anna\n3;Berta 2\n") == (ListedSeed(85, "Anna"), ListedSeed(3, "Berta 2"))


@pytest.mark.parametrize("text", ["0.5 1.5\n-0.1 2", "1,0.5\n2,1e-3", b"\xff\xfe\x00", "hello", "nan"])
def test_other_text_is_no_list_of_seeds(read, text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# nothing\n", "is empty"),
        ("seed,name\nx,Anna", "has x for a seed"),
        ("seed,name\n", "no seed"),
        ("9-5", "no seed"),
        (f"0-{MAX_SEEDS}", f"more than {MAX_SEEDS:,}"),
        ("1-999999999999999999", "seed"),
        ("99999999999", "There is no seed 99999999999"),
        ("1" * 5000, "too large"),
        ("seed\n" + "9" * 2000, "too large"),
    ],
)  # fmt: skip
def test_a_bad_list_is_told_in_a_sentence(read, text, words):
    with pytest.raises(UsageError) as error:
        read(text)
    assert words in str(error.value)
    assert len(str(error.value)) < 300
