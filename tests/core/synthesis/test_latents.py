"""The seed map, classes, truncation and mixing, against NumPy and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from core.base.errors import UsageError
from core.request import (
    UNEDITED,
    Label,
    Latent,
    LayerEdit,
    RenderRequest,
    SeedPoint,
    StyleSource,
    Truncation,
    WVector,
    ZVector,
)
from core.request.seeds import nodes_of, seed_of, z_of
from core.synthesis.latents import truncate
from core.synthesis.mapper import ws_of
from tests.small import Opened, mixed, stylegan2

CPU = torch.device("cpu")
PLAIN = stylegan2()
CONDITIONAL = stylegan2(c_dim=5)
INFO = PLAIN.info
NUM_WS, Z_DIM, W_DIM = INFO.num_ws, INFO.z_dim, INFO.w_dim


def ws(latent: Latent | None = None, network: Opened = PLAIN, label: Label = None, **parts: object) -> Tensor:
    request = replace(RenderRequest(latent=latent or SeedPoint(), label=label), **parts)  # type: ignore[arg-type]
    with torch.inference_mode():
        return ws_of(network.generator, network.info, request, CPU)


def mapped(seed: int, network: Opened = PLAIN, label: int | None = None) -> Tensor:
    """w of a seed as the official tools make it."""
    random = np.random.RandomState(seed % 2**32)
    z = random.randn(1, network.info.z_dim)
    c = None
    if network.info.c_dim:
        own = random.randint(network.info.c_dim)
        c = torch.eye(network.info.c_dim)[[own if label is None else label]]
    with torch.inference_mode():
        return network.generator.map(torch.from_numpy(z).float(), c)


def same(a: Tensor, b: Tensor) -> bool:
    return bool(torch.allclose(a, b, atol=1e-5, rtol=1e-5))


# ----------------------------------------------------------------------------
# The seed map.


def test_a_whole_number_is_one_seed():
    assert [(node.seed, node.weight) for node in nodes_of(SeedPoint(7, 2))] == [(207, 1.0)]


def test_a_point_on_an_edge_blends_two_seeds():
    assert [(node.seed, node.weight) for node in nodes_of(SeedPoint(7.25, 0))] == [(7, 0.75), (8, 0.25)]
    assert [(node.seed, node.weight) for node in nodes_of(SeedPoint(7, 0.5))] == [(7, 0.5), (107, 0.5)]


def test_a_point_within_a_square_blends_four_seeds():
    shares = {node.seed: node.weight for node in nodes_of(SeedPoint(0.25, 0.5))}
    assert shares == {0: 0.375, 1: 0.125, 100: 0.375, 101: 0.125}


def test_negative_seeds_wrap_at_32_bits():
    assert seed_of(-1, 0) == 2**32 - 1
    assert seed_of(0, -1) == 2**32 - 100
    assert [node.seed for node in nodes_of(SeedPoint(-0.5, 0))] == [2**32 - 1, 0]


def test_a_seed_and_the_same_seed_2_to_the_32_further_are_one():
    assert torch.equal(ws(SeedPoint(3)), ws(SeedPoint(3 + 2.0**32)))


@given(x=st.floats(-1e300, 1e300), y=st.floats(-1e6, 1e6))
def test_the_shares_of_a_point_sum_to_one(x: float, y: float):
    shares = [node.weight for node in nodes_of(SeedPoint(x, y))]
    assert sum(shares) == pytest.approx(1)
    assert all(0 < share <= 1 for share in shares)


@pytest.mark.parametrize("point", [SeedPoint(float("nan")), SeedPoint(0, float("inf"))])
def test_a_point_that_is_nowhere_is_refused_in_words(point: SeedPoint):
    with pytest.raises(UsageError, match="not finite"):
        nodes_of(point)


def test_w_is_blended_around_its_centre_and_not_z():
    centre = PLAIN.generator.w_avg
    expected = centre + 0.75 * (mapped(4) - centre) + 0.25 * (mapped(5) - centre)
    assert same(ws(SeedPoint(4.25)), expected)


def test_a_seed_is_numpys_legacy_stream():
    z, label = z_of(12, 16, 0)
    np.testing.assert_array_equal(z, np.random.RandomState(12).randn(16).astype(np.float32))
    assert z.dtype == np.float32
    assert label == 0


# ----------------------------------------------------------------------------
# Classes.


def test_the_class_of_a_seed_is_drawn_after_its_z_from_the_same_stream():
    random = np.random.RandomState(12)
    z = random.randn(16).astype(np.float32)
    np.testing.assert_array_equal(z_of(12, 16, 5)[0], z)
    assert z_of(12, 16, 5)[1] == random.randint(5)


def test_each_seed_keeps_its_own_class_in_a_blend():
    centre = CONDITIONAL.generator.w_avg
    a, b = mapped(0, CONDITIONAL), mapped(1, CONDITIONAL)
    assert same(ws(SeedPoint(0.5), CONDITIONAL), centre + (a - centre) / 2 + (b - centre) / 2)


def test_a_fixed_class_holds_for_every_seed_and_the_mixed_one():
    got = ws(SeedPoint(3), CONDITIONAL, 2, sources=mixed(8, frozenset({1})))
    assert same(got[:, 0], mapped(3, CONDITIONAL, 2)[:, 0])
    assert same(got[:, 1], mapped(8, CONDITIONAL, 2)[:, 1])


def test_a_soft_label_with_one_whole_class_is_that_class():
    assert torch.equal(ws(SeedPoint(3), CONDITIONAL, (0.0, 0.0, 1.0, 0.0, 0.0)), ws(SeedPoint(3), CONDITIONAL, 2))


def test_a_soft_label_blends_classes():
    half = ws(SeedPoint(3), CONDITIONAL, (0.5, 0.5, 0.0, 0.0, 0.0))
    assert not same(half, ws(SeedPoint(3), CONDITIONAL, 0))
    assert not same(half, ws(SeedPoint(3), CONDITIONAL, 1))


@pytest.mark.parametrize(
    ("label", "words"),
    [(5, "classes 0 to 4"), (-1, "classes 0 to 4"), ((1.0, 0.0), "2 numbers; this network needs 5"), ((), "0 numbers")],
)
def test_a_label_that_does_not_fit_is_refused_in_words(label: Label, words: str):
    with pytest.raises(UsageError, match=words):
        ws(SeedPoint(), CONDITIONAL, label)


def test_a_network_without_classes_ignores_a_class():
    assert torch.equal(ws(SeedPoint(3), label=4), ws(SeedPoint(3)))


# ----------------------------------------------------------------------------
# Explicit latents.


def test_the_z_of_a_seed_gives_its_w():
    z = ZVector(tuple(z_of(9, Z_DIM, 0)[0].tolist()))
    assert same(ws(z), mapped(9))


def test_an_explicit_z_of_a_conditional_network_needs_a_class():
    z = ZVector(tuple(z_of(9, Z_DIM, 5)[0].tolist()))
    assert same(ws(z, CONDITIONAL, 1), mapped(9, CONDITIONAL, 1))
    with pytest.raises(UsageError, match="choose a class"):
        ws(z, CONDITIONAL)


def test_one_row_of_w_is_given_to_all_layers():
    got = ws(WVector((tuple(range(W_DIM)),)))
    assert torch.equal(got, torch.arange(W_DIM).float().expand(1, NUM_WS, -1))


def test_an_explicit_w_is_truncated_and_mixed_too():
    w = WVector(tuple((float(row),) * W_DIM for row in range(NUM_WS)))
    got = ws(w, truncation=Truncation(0.5), sources=mixed(8, frozenset({2})))
    centre = PLAIN.generator.w_avg
    assert same(got[0, 1], centre + 0.5 * (1 - centre))
    assert same(got[0, 2], (centre + 0.5 * (mapped(8) - centre))[0, 2])


@pytest.mark.parametrize(
    ("latent", "words"),
    [
        (ZVector((1.0,)), f"1 numbers; this network needs {Z_DIM}"),
        (WVector(((1.0,) * W_DIM,) * 2), f"2 x {W_DIM}"),
        (WVector(((1.0,),)), "1 x 1"),
        (WVector(((1.0,) * W_DIM,) * (NUM_WS - 1) + ((1.0,),)), "this network needs"),
        (WVector(()), "0 x 0"),
    ],
    ids=["short z", "two rows", "short row", "ragged", "empty"],
)
def test_a_latent_that_does_not_fit_is_refused_in_words(latent: Latent, words: str):
    with pytest.raises(UsageError, match=words):
        ws(latent)


# ----------------------------------------------------------------------------
# Truncation and mixing.


def test_psi_1_changes_nothing_to_the_bit_whatever_the_cutoff():
    w = ws(SeedPoint(3))
    for cutoff in (None, 0, 2, 99):
        assert torch.equal(ws(SeedPoint(3), truncation=Truncation(1.0, cutoff)), w)


def test_psi_0_is_the_centre_to_the_bit():
    assert torch.equal(ws(SeedPoint(3), truncation=Truncation(0.0))[0, 0], PLAIN.generator.w_avg)


def test_a_negative_psi_goes_beyond_the_centre():
    centre = PLAIN.generator.w_avg
    assert same(ws(SeedPoint(3), truncation=Truncation(-0.5)), centre - 0.5 * (mapped(3) - centre))


@pytest.mark.parametrize("cutoff", [0, 1, 3, NUM_WS, NUM_WS + 5])
def test_layers_from_the_cutoff_on_stay_as_they_are(cutoff: int):
    w, got = ws(SeedPoint(3)), ws(SeedPoint(3), truncation=Truncation(0.5, cutoff))
    assert torch.equal(got[:, cutoff:], w[:, cutoff:])
    assert same(got[:, :cutoff], PLAIN.generator.w_avg.lerp(w[:, :cutoff], 0.5))


def test_truncation_keeps_the_shape():
    assert truncate(torch.ones(2, 7, 4), torch.zeros(4), [0.5] * 3 + [1.0] * 4).shape == (2, 7, 4)


def test_mixing_replaces_whole_layers_after_the_blend_with_the_same_truncation():
    truncation = Truncation(0.5, 4)
    got = ws(SeedPoint(2.5), truncation=truncation, sources=mixed(77, frozenset({1, 5})))
    plain, other = ws(SeedPoint(2.5), truncation=truncation), ws(SeedPoint(77), truncation=truncation)
    for layer in range(NUM_WS):
        assert same(got[:, layer], (other if layer in (1, 5) else plain)[:, layer])


def test_mixing_leaves_the_other_layers_alone_to_the_bit():
    for point in (SeedPoint(2), SeedPoint(2.3, 0.7)):
        got, plain = ws(point, sources=mixed(77, frozenset({5}))), ws(point)
        assert torch.equal(got[:, :5], plain[:, :5])


def test_layers_that_the_network_lacks_are_not_mixed():
    assert torch.equal(ws(SeedPoint(2), sources=mixed(77, frozenset({99, -1}))), ws(SeedPoint(2)))


def test_a_negative_mixing_seed_wraps():
    everything = frozenset(range(NUM_WS))
    assert same(ws(SeedPoint(2), sources=mixed(-1, everything)), mapped(2**32 - 1))


# ----------------------------------------------------------------------------
# Sources and edits of single layers.


def test_a_layer_takes_its_fraction_of_a_source():
    sources = (StyleSource(SeedPoint(77), fraction=0.5, parts=(0.0, 0.5, 1.0)),)
    got, plain, other = ws(SeedPoint(2), sources=sources), ws(SeedPoint(2)), ws(SeedPoint(77))
    assert torch.equal(got[:, 0], plain[:, 0])
    assert same(got[:, 1], plain[:, 1].lerp(other[:, 1], 0.25))
    assert same(got[:, 2], plain[:, 2].lerp(other[:, 2], 0.5))
    assert torch.equal(got[:, 3:], plain[:, 3:])


def test_several_sources_share_a_layer_and_leave_the_rest_to_the_latent():
    sources = (StyleSource(SeedPoint(7), parts=(0.25, 1.0)), StyleSource(SeedPoint(8), parts=(0.5, 1.0)))
    got, plain, a, b = ws(SeedPoint(2), sources=sources), *(ws(SeedPoint(seed)) for seed in (2, 7, 8))
    assert same(got[:, 0], 0.25 * plain[:, 0] + 0.25 * a[:, 0] + 0.5 * b[:, 0])
    assert same(got[:, 1], 0.5 * a[:, 1] + 0.5 * b[:, 1])  # together they cannot be more than all


def test_a_source_that_is_off_or_a_muted_layer_takes_nothing():
    everything = (1.0,) * NUM_WS
    off = (StyleSource(SeedPoint(7), parts=everything, on=False),)
    assert torch.equal(ws(SeedPoint(2), sources=off), ws(SeedPoint(2)))
    muted = (UNEDITED, LayerEdit(psi=0.1, w=(1.0,) * W_DIM, offset=(1.0,) * W_DIM, muted=True))
    got = ws(SeedPoint(2), sources=(StyleSource(SeedPoint(7), parts=everything),), layers=muted)
    assert torch.equal(got[:, 1], ws(SeedPoint(2))[:, 1])
    assert same(got[:, 2], ws(SeedPoint(7))[:, 2])


def test_a_source_may_have_a_class_of_its_own_or_that_of_the_request():
    for own, expected in ((None, 2), (1, 1)):
        sources = (StyleSource(SeedPoint(7), own, parts=(1.0,)),)
        got = ws(SeedPoint(3), CONDITIONAL, 2, sources=sources)
        assert same(got[:, 0], ws(SeedPoint(7), CONDITIONAL, expected)[:, 0])
        assert same(got[:, 1], ws(SeedPoint(3), CONDITIONAL, 2)[:, 1])


def test_a_source_that_does_not_fit_says_so_only_where_it_is_used():
    assert torch.equal(ws(SeedPoint(2), sources=(StyleSource(ZVector((1.0,))),)), ws(SeedPoint(2)))
    with pytest.raises(UsageError, match="needs"):
        ws(SeedPoint(2), sources=(StyleSource(ZVector((1.0,)), parts=(1.0,)),))


def test_a_layer_has_its_own_psi_and_the_others_keep_theirs_to_the_bit():
    truncation = Truncation(0.7, 3)
    got = ws(
        SeedPoint(3), truncation=truncation, layers=(UNEDITED, LayerEdit(psi=0.2), *[UNEDITED] * 3, LayerEdit(psi=0))
    )
    plain, w, w_avg = ws(SeedPoint(3), truncation=truncation), ws(SeedPoint(3)), PLAIN.generator.w_avg
    assert same(got[:, 1], w_avg.lerp(w[:, 1], 0.2))
    assert torch.equal(got[:, 5], w_avg[None])  # beyond the cutoff too
    assert torch.equal(got[:, [0, 2, 3, 4]], plain[:, [0, 2, 3, 4]])


def test_truncation_goes_towards_the_centre_that_was_chosen():
    for centre in (
        SeedPoint(5),
        WVector(((0.5,) * W_DIM,)),
        WVector(tuple((float(i),) * W_DIM for i in range(NUM_WS))),
    ):
        w, at = ws(SeedPoint(3)), ws(centre)
        assert same(ws(SeedPoint(3), truncation=Truncation(0.3, centre=centre)), at.lerp(w, 0.3))
        assert torch.equal(ws(SeedPoint(3), truncation=Truncation(0, centre=centre)), at)


def test_a_kept_w_stays_while_the_latent_moves_and_an_offset_is_added():
    kept, offset = (0.25,) * W_DIM, (1.0,) * W_DIM
    layers = (LayerEdit(w=kept), LayerEdit(offset=offset), LayerEdit(w=kept, offset=offset))
    for seed in (3, 4):
        got, plain = (
            ws(SeedPoint(seed), layers=layers, truncation=Truncation(0.5)),
            ws(SeedPoint(seed), truncation=Truncation(0.5)),
        )
        assert torch.equal(got[0, 0], torch.full((W_DIM,), 0.25))
        assert torch.equal(got[0, 1], plain[0, 1] + 1)
        assert torch.equal(got[0, 2], torch.full((W_DIM,), 1.25))
        assert torch.equal(got[0, 3:], plain[0, 3:])


def test_an_edit_of_a_wrong_length_says_which_layer():
    with pytest.raises(UsageError, match="The offset of layer 1 has 3 numbers"):
        ws(SeedPoint(3), layers=(UNEDITED, LayerEdit(offset=(1.0,) * 3)))


def test_edits_of_layers_that_the_network_lacks_do_nothing():
    layers = (*[UNEDITED] * NUM_WS, LayerEdit(psi=0, w=(1.0,), offset=(2.0,)))
    assert torch.equal(ws(SeedPoint(2), layers=layers), ws(SeedPoint(2)))


def test_a_gaussian_offset_is_in_standard_deviations_of_w_and_comes_from_its_seed():
    def moved(amount: float, seed: int = 3) -> torch.Tensor:
        return ws(SeedPoint(2), layers=(UNEDITED, LayerEdit(jitter=amount, jitter_seed=seed)))

    plain = ws(SeedPoint(2))
    spread = torch.cat([ws(SeedPoint(seed))[:, 0] for seed in range(300)]).std(dim=0)
    offset = (moved(0.5) - plain)[0, 1]
    gauss = torch.from_numpy(np.random.RandomState(3).randn(W_DIM).astype(np.float32))
    assert (offset - 0.5 * gauss * spread).abs().max() < 0.15 * spread.max()
    assert same(moved(1.0) - plain, 2 * (moved(0.5) - plain))
    assert torch.equal(moved(0.5)[:, 2:], plain[:, 2:])
    assert not torch.equal(moved(0.5, seed=4), moved(0.5))
