"""The words for steps of the shelf and of presets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.project import Kept, Part, Preset
from core.project.changes import describe_kept, describe_presets
from core.request import RenderRequest, SeedPoint

A, B = Kept("a", RenderRequest()), Kept("b", RenderRequest(latent=SeedPoint(3)), "Face")
SOFT, HARD = Preset("Soft", (Part("noise.strength", 0.5),)), Preset("Hard")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((A,), (A,), ""),
        ((), (B,), "Kept “Face”"),
        ((), (A,), "Kept"),
        ((), (A, B), "2 pictures kept"),
        ((A, B), (A,), "Removed “Face” from the shelf"),
        ((A,), (), "Removed a picture from the shelf"),
        ((A, B), (), "2 pictures removed from the shelf"),
        ((A, B), (B, A), "Shelf in another order"),
        ((A,), (B,), "Shelf replaced"),
        ((A,), (replace(A, name="Me"),), "Picture of the shelf named “Me”"),
        ((B,), (replace(B, name=""),), "Name of a picture removed"),
        ((A,), (replace(A, starred=True),), "Star"),
        ((replace(A, starred=True),), (A,), "Star removed"),
        ((A,), (replace(A, tags=("old",)),), "Tags"),
        ((A, B), (replace(A, starred=True), replace(B, starred=True)), "2 pictures of the shelf changed"),
    ],
)
def test_a_step_of_the_shelf_is_told_in_a_few_words(before, after, words):
    assert describe_kept(before, after) == words


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((SOFT,), (SOFT,), ""),
        ((), (SOFT,), "Preset “Soft” added"),
        ((), (SOFT, HARD), "2 presets added"),
        ((SOFT,), (), "Preset “Soft” removed"),
        ((SOFT, HARD), (HARD, SOFT), "Presets in another order"),
        ((SOFT,), (replace(SOFT, name="Mild"),), "Preset “Soft” named “Mild”"),
        ((SOFT,), (replace(SOFT, parts=()),), "Preset “Soft” changed"),
    ],
)
def test_a_step_of_the_presets_is_told_in_a_few_words(before, after, words):
    assert describe_presets(before, after) == words
