"""Centres of W found by k-means, and truncation towards the nearest of them."""

from __future__ import annotations

import pytest
import torch

from core.clusters import centroids, nearest
from core.errors import Cancelled
from core.latents import map_seeds
from core.mapper import ws_of
from core.request import Clusters, RenderRequest, SeedPoint, Truncation
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
