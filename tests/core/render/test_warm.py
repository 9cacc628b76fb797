"""For every field of a request: a renderer that has made another picture makes the same one as a new renderer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any, get_args, get_type_hints

import numpy as np
import pytest
import torch

from core import request as requests
from core.base.device import fast_dtype
from core.render.blend_renderer import BlendRenderer
from core.render.renderer import Opened
from core.request import (
    Blend,
    Centroids,
    ClassMean,
    Clusters,
    Codes,
    Colours,
    Compare,
    Grid,
    Label,
    LayerEdit,
    Mixture,
    Noise,
    NoiseMode,
    Precision,
    RenderRequest,
    SeedPoint,
    Share,
    Show,
    Space,
    StyleEdit,
    StyleSource,
    Truncation,
    View,
    WVector,
    ZVector,
)
from core.request.placement import Placement
from tests import small
from tests.core import vqgans

WIDTH = 16  # of z and w
Z = tuple(i / 7 - 1 for i in range(WIDTH))
W = tuple(1 - i / 9 for i in range(WIDTH))
TURNED = Placement(0.1, -0.05, 20).matrix
CODES = tuple(i % 12 for i in range(9))

MIXED = StyleSource(SeedPoint(7), parts=(0.5,) * 8)
EDITED = LayerEdit(psi=0.5, noise=2.0, offset=W, jitter=0.3)
STYLED = StyleEdit("b8.conv0", 1, 2.0)

# A picture in which all that is not at its default counts.
BASE = RenderRequest(
    "small", SeedPoint(3.5, 1), 1, sources=(MIXED,), truncation=Truncation(0.8, 6, SeedPoint(2)),
    blends=(Blend("other", (0.0, 0.4, 0.4, 0.4)),), styles=(STYLED,), layers=(LayerEdit(), EDITED),
    noise=Noise(NoiseMode.RANDOM, 1.5, 1.5, (0.1, 0.2)),
)  # fmt: skip
MOVED = RenderRequest("moved", SeedPoint(3.5), transform=TURNED, view=View("", compare=Compare.SIDE))
GROWN = RenderRequest("grown", SeedPoint(3))
CODED = RenderRequest("coded", SeedPoint(3.5))
LAYER = replace(BASE, view=View("b8.conv0"))


def source(**changes: Any) -> RenderRequest:
    return replace(BASE, sources=(replace(MIXED, **changes),))


def edit(**changes: Any) -> RenderRequest:
    return replace(BASE, layers=(LayerEdit(), replace(EDITED, **changes)))


def styled(**changes: Any) -> RenderRequest:
    return replace(BASE, styles=(replace(STYLED, **changes),))


def blended(**changes: Any) -> RenderRequest:
    return replace(BASE, blends=(replace(BASE.blends[0], **changes),))


def truncated(**changes: Any) -> RenderRequest:
    return replace(BASE, truncation=replace(BASE.truncation, **changes))


def noised(**changes: Any) -> RenderRequest:
    return replace(BASE, noise=replace(BASE.noise, **changes))


def viewed(of: RenderRequest, /, **changes: Any) -> RenderRequest:
    return replace(of, view=replace(of.view, **changes))


ROWS = (W, tuple(reversed(W)))



def between(latent: SeedPoint, weight: float = 0.5, label: int | None = None, space: Space = Space.W) -> RenderRequest:
    """Between two latents, of which one is this."""
    shares = (Share(latent, weight, label), Share(SeedPoint(5), 1 - weight))
    return replace(BASE, latent=Mixture(shares, space))


# By field: the picture before, and the one with another value of the field.
CHANGES: dict[str, tuple[RenderRequest, RenderRequest]] = {
    "RenderRequest.latent": (BASE, replace(BASE, latent=ZVector(Z))),
    "RenderRequest.label": (BASE, replace(BASE, label=2)),
    "RenderRequest.sources": (BASE, replace(BASE, sources=(MIXED, StyleSource(SeedPoint(9), parts=(0.3,) * 4)))),
    "RenderRequest.truncation": (BASE, replace(BASE, truncation=Truncation(0.5))),
    "RenderRequest.blends": (BASE, replace(BASE, blends=())),
    "RenderRequest.styles": (BASE, replace(BASE, styles=())),
    "RenderRequest.layers": (BASE, replace(BASE, layers=())),
    "RenderRequest.noise": (BASE, replace(BASE, noise=Noise())),
    "RenderRequest.transform": (MOVED, replace(MOVED, transform=Placement(-0.1, 0.1, 5).matrix)),
    "RenderRequest.grid": (CODED, replace(CODED, grid=Grid(3, 4))),
    "RenderRequest.lod": (GROWN, replace(GROWN, lod=1.5)),
    "RenderRequest.precision": (BASE, replace(BASE, precision=Precision.FAST)),
    "RenderRequest.view": (BASE, LAYER),
    "SeedPoint.x": (BASE, replace(BASE, latent=SeedPoint(3.75, 1))),
    "SeedPoint.y": (BASE, replace(BASE, latent=SeedPoint(3.5, 1.5))),
    "Mixture.shares": (between(SeedPoint(1)), replace(BASE, latent=Mixture((Share(SeedPoint(1), 1.0),)))),
    "Mixture.space": (between(SeedPoint(1)), between(SeedPoint(1), space=Space.Z)),
    "Share.latent": (between(SeedPoint(1)), between(SeedPoint(2))),
    "Share.weight": (between(SeedPoint(1)), between(SeedPoint(1), weight=0.25)),
    "Share.label": (between(SeedPoint(1)), between(SeedPoint(1), label=2)),
    "ZVector.values": (replace(BASE, latent=ZVector(Z)), replace(BASE, latent=ZVector(W))),
    "WVector.rows": (replace(BASE, latent=WVector((Z,))), replace(BASE, latent=WVector((W,)))),
    "Codes.rows": (replace(CODED, latent=Codes(3, 3, CODES)), replace(CODED, latent=Codes(1, 9, CODES))),
    "Codes.columns": (replace(CODED, latent=Codes(3, 3, CODES)), replace(CODED, latent=Codes(9, 1, CODES))),
    "Codes.indices": (replace(CODED, latent=Codes(3, 3, CODES)), replace(CODED, latent=Codes(3, 3, CODES[::-1]))),
    "StyleSource.latent": (BASE, source(latent=SeedPoint(8))),
    "StyleSource.label": (BASE, source(label=2)),
    "StyleSource.fraction": (BASE, source(fraction=0.25)),
    "StyleSource.parts": (BASE, source(parts=(1.0,) * 4)),
    "StyleSource.on": (BASE, source(on=False)),
    "Truncation.psi": (BASE, truncated(psi=0.2)),
    "Truncation.cutoff": (BASE, truncated(cutoff=2)),
    "Truncation.centre": (BASE, truncated(centre=ClassMean())),
    "Clusters.count": (truncated(centre=Clusters(2)), truncated(centre=Clusters(3))),
    "Centroids.rows": (truncated(centre=Centroids(ROWS)), truncated(centre=Centroids(ROWS[1:]))),
    "Noise.mode": (BASE, noised(mode=NoiseMode.CONST)),
    "Noise.seed": (BASE, noised(seed=2.5)),
    "Noise.strength": (BASE, noised(strength=0.5)),
    "Noise.shift": (BASE, noised(shift=(0.4, 0.2))),
    "LayerEdit.psi": (BASE, edit(psi=0.1)),
    "LayerEdit.noise": (BASE, edit(noise=0.0)),
    "LayerEdit.w": (BASE, edit(w=Z)),
    "LayerEdit.offset": (BASE, edit(offset=Z)),
    "LayerEdit.jitter": (BASE, edit(jitter=1.0)),
    "LayerEdit.jitter_seed": (BASE, edit(jitter_seed=5)),
    "LayerEdit.muted": (BASE, edit(muted=True)),
    "StyleEdit.layer": (BASE, styled(layer="b16.conv0")),
    "StyleEdit.channel": (BASE, styled(channel=2)),
    "StyleEdit.offset": (BASE, styled(offset=-3.0)),
    "StyleEdit.scale": (BASE, styled(scale=-1.0)),
    "Blend.network": (BASE, blended(network="third")),
    "Blend.weights": (BASE, blended(weights=(1.0, 0.0, 0.7))),
    "Blend.mapping": (BASE, blended(mapping=0.6)),
    "Blend.features": (BASE, blended(features=True)),
    "Grid.rows": (replace(CODED, grid=Grid(3, 3)), replace(CODED, grid=Grid(5, 3))),
    "Grid.columns": (replace(CODED, grid=Grid(3, 3)), replace(CODED, grid=Grid(3, 5))),
    "Grid.snap": (CODED, replace(CODED, grid=Grid(snap=True))),
    "View.layer": (LAYER, viewed(LAYER, layer="b16.conv0")),
    "View.show": (LAYER, viewed(LAYER, show=Show.PCA)),
    "View.base": (LAYER, viewed(LAYER, base=3)),
    "View.normalize": (LAYER, viewed(LAYER, normalize=True)),
    "View.auto_range": (LAYER, viewed(LAYER, auto_range=True)),
    "View.gain_db": (LAYER, viewed(LAYER, gain_db=6.0)),
    "View.colours": (viewed(LAYER, show=Show.ONE), viewed(LAYER, show=Show.ONE, colours=Colours.SIGNED)),
    "View.untransform": (MOVED, viewed(MOVED, untransform=True)),
    "View.compare": (MOVED, viewed(MOVED, compare=Compare.DIFFERENCE)),
    "View.difference_db": (
        viewed(MOVED, compare=Compare.DIFFERENCE),
        viewed(MOVED, compare=Compare.DIFFERENCE, difference_db=20.0),
    ),
    "View.mask": (MOVED, viewed(MOVED, mask=False)),
    "View.exposure": (BASE, viewed(BASE, exposure=1.0)),
    "View.contrast": (BASE, viewed(BASE, contrast=0.5)),
}

# Fields that decide no picture of one network.
WITHOUT_A_PICTURE = {
    "RenderRequest.network": "each network has a renderer of its own",
    "StyleSource.name": "what it is called",
    "Centroids.name": "what it is called",
}


def networks() -> dict[str, Callable[[], Opened]]:
    vqgan = vqgans.small()
    return {
        "small": lambda: small.stylegan2(c_dim=3),
        "other": lambda: small.stylegan2(c_dim=3, seed=1),
        "third": lambda: small.stylegan2(c_dim=3, seed=2),
        "moved": lambda: small.stylegan3(),
        "grown": lambda: small.progan(),
        "coded": lambda: small.Opened(vqgan, vqgan.info),
    }


@cache
def network(name: str) -> Opened:
    return networks()[name]()


def renderer(request: RenderRequest) -> BlendRenderer:
    return BlendRenderer(network(request.network), lambda name: network(name))


def parts_of(kind: type) -> Iterator[type]:
    """The records that a field can hold, wherever in its type."""
    if dataclasses.is_dataclass(kind):
        yield kind
    for inner in get_args(kind):
        yield from parts_of(inner)


def fields_of(kind: type, seen: set[type]) -> Iterator[str]:
    """All fields of a record and of those in it, as "Record.field"."""
    if kind in seen:
        return
    seen.add(kind)
    hints = get_type_hints(kind, vars(requests) | {"Label": Label})
    for field in dataclasses.fields(kind):
        yield f"{kind.__name__}.{field.name}"
        for part in parts_of(hints[field.name]):
            yield from fields_of(part, seen)


def test_every_field_of_a_request_is_walked():
    fields = set(fields_of(RenderRequest, set()))
    assert fields - CHANGES.keys() == WITHOUT_A_PICTURE.keys()
    assert not CHANGES.keys() - fields


@pytest.mark.parametrize("field", CHANGES)
def test_a_warm_renderer_equals_a_cold_one(field: str):
    before, after = CHANGES[field]
    warm = renderer(before)
    first = warm.render(before)
    there, cold = warm.render(after), renderer(after).render(after)
    np.testing.assert_array_equal(there.pixels, cold.pixels)
    assert torch.equal(there.image, cold.image)
    same = there.pixels.shape == first.pixels.shape and bool((there.pixels == first.pixels).all())
    if field == "RenderRequest.precision" and fast_dtype(torch.device("cpu")) is None:
        return  # this processor computes in nothing faster
    assert not same or not torch.equal(there.image, first.image), f"{field} changes nothing here; choose other values"
    back = warm.render(before)
    np.testing.assert_array_equal(back.pixels, first.pixels)
    assert torch.equal(back.image, first.image)
