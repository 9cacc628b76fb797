"""Children of kept requests: what each layer gets is what one of the parents has there, and what is new beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.parameters.adaptation import fitted
from core.project.breeding import MAX_SOURCES, MOST_CHILDREN, Breeding, children, groups_of, why_not
from core.request import (
    CodeGrid,
    LayerEdit,
    Mixture,
    NoiseMode,
    RenderRequest,
    SeedPoint,
    Space,
    StepInfo,
    StyleEdit,
    StyleSource,
    Truncation,
)
from core.synthesis.mapper import ws_of
from tests.small import Opened, progan, stylegan2

CPU = torch.device("cpu")
CONDITIONAL = stylegan2(c_dim=3)
PLAIN = stylegan2()
INFO = CONDITIONAL.info
PARENTS = (
    RenderRequest("a", SeedPoint(3.0), sources=(StyleSource(SeedPoint(9.0), parts=(0.5,) * INFO.num_ws),)),
    RenderRequest("a", SeedPoint(4.5), 2, truncation=Truncation(0.5, 5), layers=(LayerEdit(noise=0.2),) * 6),
    RenderRequest("a", SeedPoint(8.0), 1, (StyleSource(SeedPoint(1.0), 0, parts=(0.0, 0.7, 0.0, 0.0, 1.0)),),
                  layers=(LayerEdit(), LayerEdit(psi=0.1), LayerEdit(), LayerEdit(), LayerEdit(muted=True, noise=3.0))),
)  # fmt: skip
STILL = Breeding(count=10, strength=0.0, seed=7)


def ws(request: RenderRequest, network: Opened = CONDITIONAL) -> Tensor:
    with torch.inference_mode():
        return ws_of(network.generator, network.info, request, CPU)[0]


def test_each_group_of_layers_is_that_of_one_parent():
    known = [ws(parent) for parent in PARENTS]
    crossed = set[tuple[int, ...]]()
    for child in children(PARENTS, STILL, INFO):
        got, of = ws(child), list[int]()
        for group in groups_of(INFO.num_ws):
            rows = slice(group.start, group.stop)
            same = [i for i, w in enumerate(known) if torch.allclose(got[rows], w[rows], atol=3e-5)]
            assert same, (child, group)
            of.append(same[0])
        crossed.add(tuple(of))
        assert len(set(of)) > 1
        noises = [edit.noise for edit in child.layers] + [1.0] * INFO.num_ws
        assert noises[groups_of(INFO.num_ws)[-1].start] in (0.2, 1.0)
    assert len(crossed) > 3


def test_the_same_seed_gives_the_same_children_and_more_begin_with_those():
    few, many = (children(PARENTS, Breeding(count=count, seed=3), INFO) for count in (4, 8))
    assert many[:4] == few
    assert children(PARENTS, Breeding(count=4, seed=4), INFO) != few
    assert len(set(many)) == 8


def test_what_is_new_grows_with_the_strength_and_stays_in_the_next_generation():
    first = children(PARENTS[1:], Breeding(count=6, strength=0.4), INFO)
    assert all(edit.jitter == 0.4 for child in first for edit in child.layers)
    assert all(len({edit.jitter_seed for edit in child.layers}) == len(groups_of(INFO.num_ws)) for child in first)
    second = children(first, Breeding(count=6, strength=0.4, seed=1), INFO)
    seeds = {edit.jitter_seed for child in first for edit in child.layers}
    assert {edit.jitter_seed for child in second for edit in child.layers} <= seeds
    known = [ws(parent) for parent in first]
    for child in second:
        assert all(not torch.allclose(ws(child), w, atol=1e-3) for w in known)
        assert fitted(child, INFO) == (child, ())


def test_generations_stay_plain_requests_of_a_bounded_size():
    parents = children(PARENTS, Breeding(count=4), INFO)
    for generation in range(12):
        parents = children(parents, Breeding(count=4, seed=generation), INFO)
    assert all(len(child.sources) <= MAX_SOURCES for child in parents)
    assert all(torch.isfinite(ws(child)).all() for child in parents)


def test_psi_and_noise_vary_if_they_are_to():
    bred = children(PARENTS, Breeding(count=5, psi=True, noise=True), INFO)
    assert len({child.truncation.psi for child in bred}) == 5
    assert all(-1 <= child.truncation.psi <= 2 for child in bred)
    assert all(child.noise.mode is NoiseMode.RANDOM for child in bred)
    assert len({child.noise.seed for child in bred}) == 5


def test_edits_of_channels_come_with_their_layers():
    info = replace(INFO, steps=(StepInfo("first", 0, True), StepInfo("last", INFO.num_ws - 1, True)))
    a = replace(PARENTS[0], styles=(StyleEdit("first", 0, 1.0), StyleEdit("last", 1, 1.0)))
    for child in children((a, PARENTS[1]), STILL, info):
        assert [edit.layer for edit in child.styles] == ["first" if child.latent == a.latent else "last"]


def test_without_layers_children_lie_between_two_parents():
    network = progan()
    parents = (RenderRequest("a", SeedPoint(1.0)), RenderRequest("a", SeedPoint(2.0)), RenderRequest("a", SeedPoint(3)))
    single = replace(network.info, num_ws=1, ws_names=("z",))
    for child in children(parents, Breeding(count=5, strength=0.0), single):
        assert isinstance(child.latent, Mixture)
        assert child.latent.space is Space.Z
        assert len(child.latent.shares) == 2
    assert all(child.layers[0].jitter == 0.3 for child in children(parents, Breeding(count=2), single))


def test_odd_parents():
    alike = (PARENTS[0], replace(PARENTS[0]))
    assert ws(children(alike, STILL, INFO)[0]).allclose(ws(PARENTS[0]), atol=3e-5)
    with pytest.raises(ValueError, match="two parents"):
        children(PARENTS[:1], STILL, INFO)
    assert len(children(PARENTS, Breeding(count=MOST_CHILDREN), INFO)) == MOST_CHILDREN
    assert why_not(replace(INFO, codes=CodeGrid(4, 4, 10, 8))).startswith("Breeding crosses w or z")
    assert not why_not(INFO)
