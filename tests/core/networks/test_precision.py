"""Pictures in less precision: how far they are off, when they are made, and that the exact ones stay exact."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.base.device import fast_dtype
from core.render.blend_renderer import BlendRenderer
from core.render.execution import Execution
from core.render.renderer import Renderer
from core.request import Blend, Precision, RenderRequest, SeedPoint
from tests.small import Opened, stylegan2, stylegan3

REQUEST = RenderRequest(latent=SeedPoint(3.5, 1.0))
FAST = replace(REQUEST, precision=Precision.FAST)
DRAFT = Execution(draft=True)
TOLERANCE = 3e-2  # of the standard deviation of the picture, root mean square

has_fast = fast_dtype(torch.device("cpu")) is not None
needs_fast = pytest.mark.skipif(not has_fast, reason="this CPU computes in nothing faster than float32")
of_both = pytest.mark.parametrize("network", [stylegan2(), stylegan3()], ids=["StyleGAN2", "StyleGAN3"])


@needs_fast
@of_both
def test_a_fast_picture_comes_close_to_the_exact_one(network: Opened):
    exact, fast = Renderer(network).render(REQUEST), Renderer(network).render(FAST)
    assert "bfloat16" in {layer.dtype for layer in fast.layers}
    assert fast.image.dtype == torch.float32
    error = (fast.image - exact.image).square().mean().sqrt()
    assert 0 < error <= TOLERANCE * exact.image.std()


@needs_fast
@of_both
def test_a_draft_is_fast_and_afterwards_exact(network: Opened):
    renderer = Renderer(network)
    exact = Renderer(network).render(REQUEST)
    draft = renderer.render(REQUEST, execution=DRAFT)
    assert draft.fast
    assert draft.request == REQUEST
    assert torch.equal(draft.image, Renderer(network).render(FAST).image)
    after = renderer.render(REQUEST)
    assert not after.fast
    assert torch.equal(after.image, exact.image)
    assert renderer.render(REQUEST, execution=DRAFT).analysis is None


def test_a_request_for_exactness_is_kept_in_a_draft():
    exact = replace(REQUEST, precision=Precision.EXACT)
    frame = Renderer(stylegan2()).render(exact, execution=DRAFT)
    assert not frame.fast
    assert torch.equal(frame.image, Renderer(stylegan2()).render(exact).image)


@needs_fast
def test_what_is_mixed_in_by_features_is_as_fast():
    a, b = stylegan2(seed=0), stylegan2(seed=5)
    whole = (Blend("b", (1.0,) * 8, features=True),)
    mixed = BlendRenderer(a, {"b": b}.get).render(replace(FAST, blends=whole))
    assert torch.equal(mixed.image, Renderer(b).render(FAST).image)


@pytest.mark.skipif(has_fast, reason="this CPU computes in bfloat16")
def test_without_a_faster_type_the_picture_is_exact_and_says_so():
    frame = Renderer(stylegan2()).render(FAST)
    assert frame.notes == ("This device computes in nothing faster than float32; the picture is exact.",)
    assert torch.equal(frame.image, Renderer(stylegan2()).render(REQUEST).image)
