"""What keeps other parts of a request from being seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.parameters import latent_hidden, layer_hidden, psi_hidden, source_hidden
from core.request import (
    Clusters,
    CodeGrid,
    LayerEdit,
    ModelInfo,
    RenderRequest,
    StyleSource,
    Truncates,
    Truncation,
)

INFO = ModelInfo("Fake", "", 8, 8, 3, z_dim=4, w_dim=4, c_dim=0, num_ws=3, ws_names=("w",) * 3)
KEPT, MUTED = LayerEdit(w=(1.0,) * 4), LayerEdit(muted=True)
ALL = StyleSource(parts=(1.0,) * 3)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, ""),
        ({"sources": (ALL,)}, "Style mixing takes all of every layer"),
        ({"sources": (replace(ALL, fraction=0.5), replace(ALL, fraction=0.5))}, "Style mixing takes all"),
        ({"sources": (replace(ALL, fraction=0.9),)}, ""),
        ({"sources": (replace(ALL, on=False),)}, ""),
        ({"sources": (ALL,), "layers": (MUTED,)}, ""),
        ({"layers": (KEPT,) * 3}, "All layers keep a style of their own; the latent is not seen."),
        ({"layers": (KEPT,) * 2}, ""),
        ({"layers": (KEPT,), "sources": (ALL,)}, "All layers keep a style of their own or take all of a source"),
        ({"truncation": Truncation(0.0)}, "With psi 0"),
        ({"truncation": Truncation(0.0, 2)}, ""),
        ({"truncation": Truncation(0.0, None, Clusters())}, ""),
        ({"truncation": Truncation(0.0), "layers": (LayerEdit(psi=1.0),)}, ""),
    ],
)
def test_the_latent_is_hidden_where_no_layer_takes_it(parts: dict[str, Any], words: str):
    said = latent_hidden(RenderRequest(**parts), INFO)
    assert said.startswith(words)
    assert bool(said) == bool(words)


def test_psi_0_hides_nothing_where_it_leads_nowhere():
    assert latent_hidden(RenderRequest(truncation=Truncation(0.0)), replace(INFO, truncates=Truncates.NONE)) == ""


def test_painted_codes_are_told_by_their_name():
    info = replace(INFO, num_ws=1, codes=CodeGrid(2, 2, 4, 16))
    said = latent_hidden(RenderRequest(sources=(StyleSource(parts=(1.0,)),)), info)
    assert said == "Style mixing takes all of it; the codes are not seen."


def test_a_muted_layer_says_so():
    request = RenderRequest(layers=(LayerEdit(), MUTED))
    assert layer_hidden(request, 0) == ""
    assert layer_hidden(request, 1).startswith("Layer 1 is muted")


def test_psi_says_where_all_layers_have_their_own():
    request = RenderRequest(layers=(LayerEdit(psi=0.5),) * 3)
    assert "psi of their own" in psi_hidden(request, INFO)
    assert psi_hidden(replace(request, layers=(LayerEdit(psi=0.5),) * 2), INFO) == ""
    assert "psi of their own" in psi_hidden(replace(request, truncation=Truncation(0.5, 2)), INFO)
    assert psi_hidden(RenderRequest(truncation=Truncation(0.5, 0)), INFO) == ""


def test_a_source_says_why_no_layer_takes_it():
    source = StyleSource(parts=(1.0, 1.0))
    request = RenderRequest(sources=(source,), layers=(MUTED, MUTED))
    assert "are muted" in source_hidden(request, INFO, 0)
    assert "keep a style of their own" in source_hidden(replace(request, layers=(MUTED, KEPT)), INFO, 0)
    assert source_hidden(replace(request, layers=(MUTED,)), INFO, 0) == ""
    assert source_hidden(RenderRequest(), INFO, 0) == ""
