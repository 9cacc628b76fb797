"""Centres of W found by k-means, and truncation towards the nearest of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.base.errors import Cancelled, UsageError
from core.request import Blend, Centroids, ClassMean, Clusters, RenderRequest, SeedPoint, Truncation, WVector
from core.request.seeds import z_of
from core.synthesis.blending import Blended
from core.synthesis.clusters import centroids, class_mean, nearest
from core.synthesis.latents import map_seeds
from core.synthesis.mapper import Mapper, ws_of
from tests.small import stylegan2

CPU = torch.device("cpu")
NETWORK = stylegan2()


def test_more_centres_are_nearer_and_each_is_the_mean_of_those_around_it():
    w = map_seeds(NETWORK.generator, NETWORK.info, tuple(range(10_000, 11_000)), None, CPU)[:, 0]
    spreads = []
    for count in (1, 4, 32):
        found = centroids(NETWORK.generator, NETWORK.info, count, CPU)
        assert found.shape == (count, NETWORK.info.w_dim)
        distance = torch.cdist(w, found)
        spreads.append(float(distance.amin(dim=1).square().mean()))
        members = distance.argmin(dim=1).bincount(minlength=count)
        assert int(members.min()) > 0
    assert spreads[0] > 1.1 * spreads[1] > 1.1 * spreads[2]
    torch.testing.assert_close(centroids(NETWORK.generator, NETWORK.info, 1, CPU)[0], w.mean(0), rtol=0, atol=0.15)


def test_they_are_equal_for_equal_networks_and_found_once():
    again = stylegan2()
    first = centroids(NETWORK.generator, NETWORK.info, 4, CPU)
    assert torch.equal(centroids(again.generator, again.info, 4, CPU), first)

    def never(stage: str, done: int, total: int, unit: str = "") -> None:
        raise Cancelled

    assert torch.equal(centroids(again.generator, again.info, 4, CPU, progress=never), first)
    with pytest.raises(Cancelled):
        centroids(again.generator, again.info, 5, CPU, progress=never)


def test_truncation_goes_towards_the_nearest_centre():
    centres = centroids(NETWORK.generator, NETWORK.info, 4, CPU)

    def ws(truncation: Truncation) -> torch.Tensor:
        return ws_of(NETWORK.generator, NETWORK.info, RenderRequest(latent=SeedPoint(3), truncation=truncation), CPU)

    w = ws(Truncation())
    centre = nearest(centres, w[0, 0])
    torch.testing.assert_close(ws(Truncation(0.25, centre=Clusters(4))), centre.lerp(w, 0.25))
    assert torch.equal(ws(Truncation(0, centre=Clusters(4)))[0, 0], centre)


def test_truncation_goes_towards_the_nearest_of_given_centroids():
    mapper = Mapper(NETWORK.generator, NETWORK.info, CPU)
    ws = map_seeds(NETWORK.generator, NETWORK.info, (3, 4, 5), None, CPU)[:, 0]
    near = ws + 0.01
    given = Centroids(tuple(tuple(row) for row in near.tolist()))
    for w, centre, seed in zip(ws, near, (3, 4, 5), strict=True):
        request = RenderRequest(latent=SeedPoint(seed), truncation=Truncation(0.25, 2, given))
        made = mapper.ws_of(request)[0]
        torch.testing.assert_close(made[:2], centre.lerp(w, 0.25).expand(2, -1))
        torch.testing.assert_close(made[2:], w.expand(len(made) - 2, -1))
    moved = Centroids(tuple(tuple(row) for row in (near + 1).tolist()))
    made = mapper.ws_of(RenderRequest(latent=SeedPoint(3), truncation=Truncation(0, centre=moved)))
    assert torch.equal(made[0, 0], nearest(near + 1, ws[0]))


def test_centroids_of_another_network_do_not_fit():
    request = RenderRequest(truncation=Truncation(0.5, centre=Centroids(((0.0,) * 7,))))
    with pytest.raises(UsageError, match="have 7 numbers each; this network needs 16"):
        ws_of(NETWORK.generator, NETWORK.info, request, CPU)


def test_truncation_goes_towards_the_mean_of_the_class_of_the_picture():
    conditional = stylegan2(c_dim=3)

    def ws(request: RenderRequest) -> torch.Tensor:
        return ws_of(conditional.generator, conditional.info, request, CPU)[0, 0]

    towards = Truncation(0, centre=ClassMean())
    means = [class_mean(conditional.generator, conditional.info, label, CPU) for label in range(3)]
    for label, mean in enumerate(means):
        w = map_seeds(conditional.generator, conditional.info, tuple(range(9000, 11_000)), label, CPU)[:, 0]
        assert (w.mean(0) - mean).norm() < 0.1 * w.std(0).norm()
        assert torch.equal(ws(RenderRequest(label=label, truncation=towards)), mean)
    own = z_of(8, conditional.info.z_dim, 3)[1]
    torch.testing.assert_close(ws(RenderRequest(latent=SeedPoint(7.75), truncation=towards)), means[own])
    alone = RenderRequest(latent=WVector(((0.0,) * 16,)), truncation=towards)
    with pytest.raises(UsageError, match="choose a class"):
        ws(alone)
    assert torch.equal(ws(replace(alone, label=1)), means[1])


def test_without_classes_the_mean_of_the_class_is_the_average():
    request = RenderRequest(latent=SeedPoint(3), truncation=Truncation(0.5, centre=ClassMean()))
    plain = replace(request, truncation=Truncation(0.5))
    of = (ws_of(NETWORK.generator, NETWORK.info, each, CPU) for each in (request, plain))
    assert torch.equal(*of)


def test_centres_are_found_anew_when_another_mapping_network_is_mixed_in():
    blended = Blended(NETWORK.generator, [stylegan2(seed=5).generator])
    before = centroids(blended, NETWORK.info, 2, CPU)
    blended.blend(RenderRequest(blends=(Blend("b", mapping=1.0),)))
    assert torch.equal(centroids(blended, NETWORK.info, 2, CPU), centroids(blended.others[0], NETWORK.info, 2, CPU))
    assert not torch.equal(centroids(blended, NETWORK.info, 2, CPU), before)
