"""Convolutions whose weights stay, on every backend, against float64."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from ops import conv
from ops.base import reference
from ops.base.calls import Conv2d
from ops.base.styled_weights import StyledWeights
from ops.conv import conv2d


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize(("outputs", "inputs", "kernel"), [(17, 35, 3), (64, 32, 3), (20, 16, 1), (3, 2, 3)])
@pytest.mark.parametrize("size", [(1, 2), (16, 17), (19, 33)], ids=str)
def test_every_backend_convolves(
    backend: str, size: tuple[int, int], outputs: int, inputs: int, kernel: int, dtype: torch.dtype
) -> None:
    random = torch.Generator().manual_seed(0)
    weight = torch.randn(outputs, inputs, kernel, kernel, generator=random)
    b = torch.randn(outputs, generator=random)
    x = torch.randn(2, inputs, *size, generator=random).to(dtype)
    expected = F.conv2d(x.double(), weight.double(), b.double(), padding=kernel // 2)
    tolerance = reference.TOLERANCES["styled_conv2d"][dtype] * max(1.0, float(expected.abs().max()))
    for known in conv.BACKENDS:
        if known.why_not(Conv2d(x, StyledWeights(weight), b)):
            continue
        found = known.run(Conv2d(x, StyledWeights(weight), b))
        assert found.dtype == dtype
        assert (found - expected).abs().max() <= tolerance, known.name
    assert (conv2d(x, StyledWeights(weight), b) - expected).abs().max() <= tolerance


def test_the_fast_one_runs_where_it_can(native: object) -> None:
    weights, x = StyledWeights(torch.randn(32, 32, 3, 3)), torch.randn(1, 32, 16, 16)
    native_conv = conv.BACKENDS[0]
    assert native_conv.why_not(Conv2d(x, weights, torch.zeros(32))) == ""
    assert native_conv.why_not(Conv2d(x[:, :, :4, :4], weights, torch.zeros(32))) != ""
