"""Mixtures of latents: against NumPy, and at what they are made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from core.base.errors import UsageError
from core.request import (
    ClassMean,
    Codes,
    Label,
    Latent,
    Mixture,
    RenderRequest,
    SeedPoint,
    Share,
    Space,
    StyleSource,
    Truncation,
    WVector,
    ZVector,
)
from core.request.grids import grid_of
from core.request.mixtures import between, mixed_label, mixture
from core.request.seeds import z_of
from core.synthesis.mapper import Mapper, ws_of
from core.synthesis.mixtures import slerp, z_of_mixture
from tests.core import vqgans
from tests.fixtures.biggans import deep
from tests.small import Opened, stylegan2

CPU = torch.device("cpu")
PLAIN, CONDITIONAL = stylegan2(), stylegan2(c_dim=3)
Z_DIM = PLAIN.info.z_dim
A, B, C = SeedPoint(3.0), SeedPoint(8.0), ZVector(tuple(z_of(5, Z_DIM, 0)[0].tolist()))


def ws(latent: Latent, network: Opened = PLAIN, label: Label = None, psi: float = 1.0, **parts: object) -> Tensor:
    request = RenderRequest(latent=latent, label=label, truncation=Truncation(psi), **parts)  # type: ignore[arg-type]
    with torch.inference_mode():
        return ws_of(network.generator, network.info, request, CPU)


def z(seed: int) -> np.ndarray:
    return z_of(seed, Z_DIM, 0)[0]


def close(a: Tensor, b: Tensor) -> bool:
    return bool(torch.allclose(a, b, atol=2e-5, rtol=1e-5))


def spherical(a: np.ndarray, b: np.ndarray, part: float) -> np.ndarray:
    """As Shoemake 1985."""
    angle = np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))
    return (np.sin((1 - part) * angle) * a + np.sin(part * angle) * b) / np.sin(angle)


def test_in_w_it_is_the_weighted_sum_each_truncated_by_itself():
    for psi in (1.0, 0.5):
        mixed = ws(mixture([(A, 0.25, None), (B, 0.75, None)]), psi=psi)
        assert close(mixed, 0.25 * ws(A, psi=psi) + 0.75 * ws(B, psi=psi))
    beyond = ws(between(A, B, 1.5))
    assert close(beyond, 1.5 * ws(B) - 0.5 * ws(A))


def test_a_mixture_of_neighbours_is_what_lies_between_them_on_the_seed_map():
    assert close(ws(between(SeedPoint(3.0), SeedPoint(4.0), 0.3), psi=0.7), ws(SeedPoint(3.3), psi=0.7))


def test_in_z_it_is_spherical():
    for part in (0.2, 0.5, 0.9):
        latent = between(A, B, part, Space.Z)
        assert isinstance(latent, Mixture)
        expected = spherical(z(3), z(8), part)
        assert np.allclose(z_of_mixture(latent, PLAIN.info).values, expected, atol=1e-5)
        assert close(ws(latent), ws(ZVector(tuple(expected.tolist()))))


def test_what_points_the_same_way_is_mixed_linearly():
    a, b = torch.tensor([1.0, 0.0]), torch.tensor([2.0, 0.001])
    assert torch.equal(slerp(a, b, 0.5), torch.lerp(a, b, 0.5))
    assert torch.equal(slerp(a, -b, 0.25), torch.lerp(a, -b, 0.25))


def test_several_in_z_are_gone_towards_in_turn_and_none_leaps_as_its_weight_goes():
    three = mixture([(A, 0.2, None), (B, 0.3, None), (C, 0.5, None)], Space.Z)
    assert isinstance(three, Mixture)
    expected = spherical(spherical(z(3), z(8), 0.6), np.array(C.values), 0.5)
    assert np.allclose(z_of_mixture(three, PLAIN.info).values, expected, atol=1e-5)
    nearly = mixture([(C, -1e-7, None), (A, 0.5, None), (B, 0.5, None)], Space.Z)
    assert torch.allclose(ws(nearly), ws(between(A, B, 0.5, Space.Z)), atol=1e-4)


def test_between_seeds_z_is_brought_to_the_variance_of_each():
    latent = Mixture((Share(SeedPoint(3.25), 1.0),), Space.Z)
    expected = (0.75 * z(3) + 0.25 * z(4)) / np.hypot(0.75, 0.25)
    assert np.allclose(z_of_mixture(latent, PLAIN.info).values, expected, atol=1e-6)


def test_where_one_has_no_z_all_are_mixed_in_w():
    w = WVector((tuple(ws(B)[0, 0].tolist()),))
    assert close(ws(between(A, w, 0.5, Space.Z)), (ws(A) + ws(w)) / 2)


def test_shares_have_classes_of_their_own_or_that_of_the_request():
    mixed = mixture([(A, 0.5, 2), (B, 0.5, None)])
    assert close(ws(mixed, CONDITIONAL, 1), (ws(A, CONDITIONAL, 2) + ws(B, CONDITIONAL, 1)) / 2)
    assert close(ws(mixed, CONDITIONAL), (ws(A, CONDITIONAL, 2) + ws(B, CONDITIONAL)) / 2)
    spherically = mixture([(A, 0.5, 2), (B, 0.5, 0)], Space.Z)
    middle = ZVector(tuple(spherical(z(3), z(8), 0.5).tolist()))
    assert close(ws(spherically, CONDITIONAL), ws(middle, CONDITIONAL, (0.5, 0.0, 0.5)))
    own = mixture([(A, 0.5, None), (A, 0.5, 1)], Space.Z)
    label = z_of(3, Z_DIM, 3)[1]
    soft = tuple(0.5 * (i == label) + 0.5 * (i == 1) for i in range(3))
    assert close(ws(own, CONDITIONAL), ws(A, CONDITIONAL, soft))
    with pytest.raises(UsageError, match="does not tell the class"):
        ws(between(A, C, 0.5, Space.Z), CONDITIONAL)


def test_it_is_a_source_a_centre_and_has_the_class_of_what_is_most_of_it():
    mixed = between(A, B, 0.25)
    taken = ws(SeedPoint(0.0), sources=(StyleSource(mixed, parts=(1.0,) * PLAIN.info.num_ws),))
    assert close(taken, ws(mixed))
    with torch.inference_mode():
        centre = RenderRequest(latent=C, truncation=Truncation(0.0, None, mixed))
        assert close(ws_of(PLAIN.generator, PLAIN.info, centre, CPU), ws(mixed)[:, :1].expand(1, PLAIN.info.num_ws, -1))
        to_class = Truncation(0.0, None, ClassMean())
        of_class = RenderRequest(latent=mixture([(A, 0.4, 1), (B, 0.6, 2)]), truncation=to_class)
        second = replace(of_class, latent=B, label=2)
        generator, info = CONDITIONAL.generator, CONDITIONAL.info
        assert close(ws_of(generator, info, of_class, CPU), ws_of(generator, info, second, CPU))


def test_without_a_w_z_is_brought_to_the_variance_of_each_as_between_seeds():
    network = deep()
    opened = Opened(network, network.info)
    mixed = ws(between(SeedPoint(3.0), SeedPoint(4.0), 0.3), opened, 1, 0.5)
    assert close(mixed, ws(SeedPoint(3.3), opened, 1, 0.5))
    in_z = ws(between(SeedPoint(3.0), SeedPoint(4.0), 0.3, Space.Z), opened, 1, 0.5)
    first, second = (z_of(s, network.info.z_dim, network.info.c_dim, network.info.z_bound)[0] for s in (3, 4))
    width = network.info.z_width
    assert np.allclose(in_z[0, 0, :width], 0.5 * spherical(first, second, 0.3), atol=1e-5)


def test_codes_are_mixed_as_between_seeds_at_the_size_of_the_first_grid():
    network = vqgans.small()
    opened = Opened(network, network.info)
    assert close(ws(between(SeedPoint(3.0), SeedPoint(4.0), 0.3, Space.Z), opened), ws(SeedPoint(3.3), opened))
    painted = Codes(1, 2, (0, 1))
    mixed = between(SeedPoint(3.0), painted, 0.5)
    request = RenderRequest(latent=mixed)
    assert grid_of(request, network.info) == (1, 2)
    assert ws(mixed, opened).shape[2:4] == (1, 2)
    codes = Mapper(network, network.info, CPU).codes(request)
    assert codes is not None
    assert (codes.rows, codes.columns) == (1, 2)


def test_what_does_not_fit_the_network_is_told():
    for space in Space:
        with pytest.raises(UsageError, match="The z has 5 numbers"):
            ws(between(A, ZVector((0.0,) * 5), 0.5, space))


def test_mixtures_are_flat_and_as_short_as_can_be():
    half = between(A, B, 0.5)
    assert between(half, A, 0.5) == Mixture((Share(A, 0.75), Share(B, 0.25)))
    assert between(A, B, 0.0) is A
    assert between(A, B, 1.0) is B
    assert mixture([(A, 2.0, None), (B, 0.0, None)]) is A
    assert mixture([(A, 1.0, 2)]) == Mixture((Share(A, 1.0, 2),))
    many = mixture([(SeedPoint(float(i)), 1.0 + i, None) for i in range(100)])
    assert isinstance(many, Mixture)
    assert len(many.shares) == 64
    assert sum(share.weight for share in many.shares) == pytest.approx(1)
    with pytest.raises(ValueError, match="add up to nothing"):
        mixture([(A, 1.0, None), (B, -1.0, None)])


def test_labels_between_are_soft_where_both_are_known():
    assert mixed_label(0, 2, 0.25, 3) == (0.75, 0.0, 0.25)
    assert mixed_label((0.5, 0.5), 1, 0.5) == (0.25, 0.75)
    assert mixed_label(0, 2, 0.25) == 0  # of how many?
    assert mixed_label(None, 2, 0.9, 3) is None
    assert mixed_label(0, 2, 1.5, 3) == 2
    assert mixed_label(0, 7, 0.5, 3) == 0
