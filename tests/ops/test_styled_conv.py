"""Whole layers on every backend, in every type, odd size and batch, against the reference in float64."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ops import styled_conv
from ops.base import reference
from ops.base.calls import StyledConv2d
from ops.base.styled_weights import StyledWeights, demodulation
from ops.fir import setup_filter
from ops.native import winograd
from ops.styled_conv import styled_conv2d

F4 = setup_filter([1, 3, 3, 1])
SIZES = ((1, 1), (2, 3), (4, 5), (16, 17), (19, 33))
CHANNELS = ((1, 3), (16, 16), (17, 35), (64, 70), (33, 128))
TAIL: dict[str, Any] = {"act": "lrelu", "alpha": 0.2, "gain": 1.5, "clamp": 4.0}
PLAIN: dict[str, Any] = {"act": "linear", "alpha": 0.2, "gain": 1.0, "clamp": None}
SILENT: dict[str, Any] = {"noise": None, "strength": None, "b": None}


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def layers(inputs: int, outputs: int, size: tuple[int, int]) -> list[tuple[int, bool, dict[str, Any]]]:
    """Kernel, whether its weights are normalised, and the rest of the options."""
    h, w = size
    same = {"up": 1, "f": None, "input_gain": None, "demodulate": True}
    b, strength, gains = drawn(outputs, seed=5), torch.tensor(0.6), drawn(inputs, seed=6).abs() + 0.5
    return [
        (3, False, {**same, **TAIL, "padding": 1, "noise": drawn(h, w, seed=4), "strength": strength, "b": b}),
        (3, True, {**same, **PLAIN, **SILENT, "padding": 2, "input_gain": torch.tensor(0.4)}),
        (3, True, {**same, **PLAIN, **SILENT, "padding": 2, "input_gain": gains}),
        (1, True, {**same, **PLAIN, **SILENT, "padding": 0, "input_gain": torch.tensor(0.4)}),
        (1, False, {**same, **PLAIN, **SILENT, "padding": 0, "demodulate": False, "b": b, "clamp": 6.0}),
        (3, False, {**same, **TAIL, **SILENT, "padding": 1, "up": 2, "f": F4, "b": b}),
    ]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("channels", CHANNELS, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_a_layer_gives_what_the_reference_gives(
    backend: str, dtype: torch.dtype, channels: tuple[int, int], size: tuple[int, int]
) -> None:
    inputs, outputs = channels
    tolerance = reference.TOLERANCES["styled_conv2d"][dtype]
    for kernel, normalize, options in layers(inputs, outputs, size):
        weight = drawn(outputs, inputs, kernel, kernel, seed=1)
        for batch in (1, 3):
            x, styles = drawn(batch, inputs, *size, seed=2).to(dtype), drawn(batch, inputs, seed=3)
            x = x.contiguous(memory_format=torch.channels_last)
            call = StyledConv2d(x, StyledWeights(weight, normalize=normalize), styles, **options)
            expected = reference.styled_conv2d_ref(reference.in_float64(call))
            scale = max(1.0, float(expected.abs().max()))
            for known in styled_conv.BACKENDS:
                if known.why_not(call):
                    continue
                found = known.run(call)
                assert found.shape == expected.shape
                assert found.dtype == dtype
                assert (found - expected).abs().max() <= tolerance * scale, (known.name, kernel, batch, options)


def test_minimal_filtering_runs_where_it_pays_and_says_why_not_elsewhere(native: object) -> None:
    (_, _, options), *_, (_, _, doubled) = layers(32, 32, (16, 16))
    x, styles = drawn(1, 32, 16, 16), drawn(1, 32)
    weights = StyledWeights(drawn(32, 32, 3, 3))
    call = StyledConv2d(x, weights, styles, **options)
    assert winograd.why_not(call) == ""
    assert "without resampling" in winograd.why_not(StyledConv2d(x, weights, styles, **doubled))
    assert "takes longer" in winograd.why_not(replace(call, x=x[:, :, :8, :8]))
    assert "float16" in winograd.why_not(replace(call, x=x.half()))
    assert "relu, not swish" in winograd.why_not(replace(call, act="swish"))
    assert "gradient" in winograd.why_not(replace(call, x=x.clone().requires_grad_()))


ROOT = 2**0.5
POINTS = torch.tensor(
    [[1, 0, 0], [-2 / 3, -ROOT / 3, -1 / 3], [-2 / 3, ROOT / 3, -1 / 3], [1 / 6, ROOT / 6, 1 / 3],
     [1 / 6, -ROOT / 6, 1 / 3], [0, 0, 1]], dtype=torch.float64,
)  # fmt: skip
TO_POINTS = torch.tensor(
    [[1, 0, -5 / 2, 0, 1, 0], [0, -ROOT, -2, ROOT / 2, 1, 0], [0, ROOT, -2, -ROOT / 2, 1, 0],
     [0, -ROOT / 2, -1 / 2, ROOT, 1, 0], [0, ROOT / 2, -1 / 2, -ROOT, 1, 0], [0, 1, 0, -5 / 2, 0, 1]],
    dtype=torch.float64,
)  # fmt: skip
FROM_POINTS = torch.tensor(
    [[1, 1, 1, 1, 1, 0], [0, ROOT / 2, -ROOT / 2, ROOT, -ROOT, 0], [0, 1 / 2, 1 / 2, 2, 2, 0],
     [0, ROOT / 4, -ROOT / 4, 2 * ROOT, -2 * ROOT, 1]], dtype=torch.float64,
)  # fmt: skip


def at_points(weights: StyledWeights) -> Tensor:
    """[36, O, I]"""
    return torch.einsum("ay,oiyx,bx->aboi", POINTS, weights.final.double(), POINTS).flatten(0, 1)


@pytest.mark.parametrize("normalize", [False, True])
def test_prepared_weights_are_those_at_the_points(native: object, normalize: bool) -> None:
    weights = StyledWeights(drawn(40, 23, 3, 3), normalize=normalize)
    expected = at_points(weights)
    found = weights.winograd(20, torch.float32).permute(0, 1, 3, 2).reshape(36, -1, 23)
    torch.testing.assert_close(found[:, :40].double(), expected, rtol=1e-6, atol=1e-6)
    assert not found[:, 40:].any()
    pairs = weights.winograd(20, torch.bfloat16).permute(0, 1, 3, 2, 4).reshape(36, -1, 24)
    torch.testing.assert_close(pairs[:, :40, :23].double(), expected, rtol=2**-8, atol=1e-6)
    assert not pairs[:, 40:].any()
    assert not pairs[:, :, 23:].any()


@pytest.mark.parametrize("channels", [(16, 16), (35, 70), (64, 33)], ids=str)
def test_pairs_of_bfloat16_are_multiplied_and_nothing_else_is_rounded(
    native: object, channels: tuple[int, int]
) -> None:
    inputs, outputs = channels
    x, weights = drawn(2, inputs, 20, 32), StyledWeights(drawn(outputs, inputs, 3, 3, seed=1))
    windows = F.pad(x.double(), (1, 1, 1, 1)).unfold(2, 6, 4).unfold(3, 6, 4)
    u = torch.einsum("ay,nithyx,bx->abnthi", TO_POINTS, windows, TO_POINTS).bfloat16().double()
    v = at_points(weights).bfloat16().double().unflatten(0, (6, 6))
    tiles = torch.einsum("ya,abnthi,aboi,xb->notyhx", FROM_POINTS, u, v, FROM_POINTS)
    expected = tiles.reshape(2, outputs, 20, 32)
    packed = weights.winograd(80, torch.bfloat16)
    nothing = (None, None, None, None, None)  # scales, bias, noise
    found = torch.ops.stylegan_ops.winograd(x, packed, outputs, 1, *nothing, 1.0, 1.0, None)
    assert (found - expected).abs().max() <= 1e-3 * expected.abs().max()  # a value halfway may be rounded otherwise


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_the_number_of_threads_does_not_change_a_layer(native: object, dtype: torch.dtype) -> None:
    (_, _, options), *_ = layers(48, 130, (21, 34))
    weights, styles = StyledWeights(drawn(130, 48, 3, 3)), drawn(2, 48)
    pictures = [drawn(2, 48, 21, 34, seed=2).to(dtype), drawn(1, 48, 21, 34, seed=2).to(dtype)]
    before = torch.get_num_threads()
    try:
        for x in pictures:
            results = []
            for threads in (1, 2, 3, 7):
                torch.set_num_threads(threads)
                results.append(winograd.run(StyledConv2d(x, weights, styles[: len(x)], **options)))
            assert all(torch.equal(result, results[0]) for result in results[1:])
    finally:
        torch.set_num_threads(before)


def test_prepared_weights_stay_for_small_pictures_and_not_for_large_ones(native: object) -> None:
    weights = StyledWeights(drawn(16, 16, 3, 3))
    for dtype in (torch.float32, torch.bfloat16):
        large = weights.winograd(10_000, dtype)
        assert weights.winograd(10_000, dtype) is not large
        small = weights.winograd(20, dtype)
        assert weights.winograd(20, dtype) is small
        assert small.dtype == large.dtype == dtype
        assert torch.equal(small, large)


@pytest.mark.parametrize("batch", [1, 2])
def test_a_layer_has_gradients(backend: str, batch: int) -> None:
    weight, f = drawn(4, 3, 3, 3).double(), F4.double()
    inputs = (drawn(batch, 3, 5, 4).double().requires_grad_(), drawn(batch, 3, seed=1).double().requires_grad_())
    for options in ({"padding": 1}, {"padding": 1, "up": 2, "f": f}, {"padding": 2, "input_gain": torch.tensor(0.5)}):
        assert torch.autograd.gradcheck(
            lambda x, s, options=options: styled_conv2d(x, StyledWeights(weight), s, act="lrelu", **options),
            inputs,
            fast_mode=True,
        )


def test_weights_are_prepared_once_and_a_copy_prepares_its_own() -> None:
    weights = StyledWeights(drawn(4, 3, 3, 3), normalize=True)
    assert weights.energy is weights.energy
    assert weights.channels_last is weights.channels_last
    again = copy.deepcopy(weights)
    assert again.weight is not weights.weight
    assert "energy" not in vars(again)
    torch.testing.assert_close(weights.final.square().mean((1, 2, 3)), torch.ones(4))
    styles = drawn(2, 3)
    w = weights.final * styles[1][:, None, None]
    torch.testing.assert_close(demodulation(weights, styles)[1], w.square().sum((1, 2, 3)).rsqrt())


@pytest.mark.parametrize("up", [1, 2])
def test_types_that_onednn_lacks_are_convolved_by_torch(backend: str, up: int) -> None:
    x, weight, styles = drawn(2, 5, 6, 7).double(), drawn(4, 5, 3, 3, seed=1).double(), drawn(2, 5, seed=2).double()
    f = F4.double() if up == 2 else None
    expected = reference.styled_conv2d_ref(StyledConv2d(x, StyledWeights(weight), styles, up=up, padding=1, f=f))
    found = styled_conv2d(x, StyledWeights(weight), styles, up=up, padding=1, f=f)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-7)
