"""The shelf as it is edited, searched, and told in words."""

from __future__ import annotations

from core.project import Kept
from core.project.shelf import (
    MOST_KEPT,
    describe_shelf,
    found,
    moved,
    new_kept,
    pictured,
    renamed,
    starred,
    tagged,
    title_of,
    with_kept,
    without,
)
from core.request import RenderRequest, SeedPoint, WVector


def kept(seed: int, name: str = "", *tags: str, star: bool = False) -> Kept:
    return Kept(str(seed), RenderRequest(latent=SeedPoint(seed)), name, tags, star)


SHELF = (kept(1), kept(2, "Anna", "Hats", "old"), kept(3, "", "hat", star=True), kept(104, "Berta"))


def ids(shelf: tuple[Kept, ...]) -> list[str]:
    return [one.id for one in shelf]


def test_what_is_kept_comes_to_the_end_with_an_id_of_its_own():
    first, second = new_kept(RenderRequest()), new_kept(RenderRequest())
    assert first.id != second.id
    assert with_kept((first,), second) == (first, second)
    assert with_kept((first,), second, before=first.id) == (second, first)


def test_a_full_shelf_takes_no_more():
    full = tuple(kept(index) for index in range(MOST_KEPT - 1))
    assert len(with_kept(full, kept(-1), kept(-2))) == MOST_KEPT


def test_several_are_moved_together_and_keep_their_order():
    assert ids(moved(SHELF, {"3", "1"}, 4)) == ["2", "104", "1", "3"]
    assert ids(moved(SHELF, {"104"}, 0)) == ["104", "1", "2", "3"]
    assert moved(SHELF, {"2"}, 1) == moved(SHELF, {"2"}, 2) == SHELF


def test_names_are_one_line_and_tags_stand_once():
    assert renamed(SHELF, "1", "  A\n name ")[0].name == "A name"
    assert tagged(SHELF, {"1"}, ["Red", "red", " ", "a,b"])[0].tags == ("Red", "a b")


def test_a_picture_is_put_only_where_there_is_none():
    shelf = pictured(SHELF, "1", b"small")
    assert shelf[0].picture == b"small"
    assert pictured(shelf, "1", b"other") is shelf
    assert pictured(SHELF, "gone", b"small") is SHELF


def test_a_search_finds_names_seeds_and_tags():
    assert ids(found(SHELF, "ann")) == ["2"]
    assert ids(found(SHELF, "hat")) == ["2", "3"]
    assert ids(found(SHELF, "#hat old")) == ["2"]
    assert ids(found(SHELF, "#nna")) == []
    assert ids(found(SHELF, "3")) == ["3"]
    assert ids(found(SHELF, only_starred=True)) == ["3"]
    assert found(SHELF) == SHELF


def test_what_has_no_name_is_called_by_its_latent():
    assert [title_of(one) for one in SHELF] == ["Seed 1", "Anna", "Seed 3", "Berta"]
    assert title_of(new_kept(RenderRequest(latent=WVector(((0.0,),))))) == "A w"


def test_each_step_is_told_in_words():
    told = {
        "Kept Seed 7": with_kept(SHELF, kept(7)),
        "Kept 2 latents": with_kept(SHELF, kept(7), kept(8)),
        "Removed Anna": without(SHELF, {"2"}),
        "Renamed Seed 1 → Dora": renamed(SHELF, "1", "Dora"),
        "Starred Seed 1": starred(SHELF, {"1", "3"}, True),
        "Unstarred Seed 3": starred(SHELF, {"1", "3"}, False),
        "Tagged 2 latents": tagged(SHELF, {"1", "3"}, ["new"]),
        "Moved Seed 1": moved(SHELF, {"1"}, 3),
        "Moved 2 latents": moved(SHELF, {"1", "104"}, 2),
        "": pictured(SHELF, "1", b"small"),
    }
    assert {describe_shelf(SHELF, after): after for after in told.values()} == told
