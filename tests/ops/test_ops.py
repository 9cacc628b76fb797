"""The operations where no recorded values exist: gradients, in-place work, other types, errors, the report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor

from ops import BackendReport, backends
from ops.base.cache_folder import CACHE_VARIABLE
from ops.base.constants import ACTIVATIONS
from ops.bias_act import bias_act
from ops.filtered_lrelu import filtered_lrelu
from ops.fir import design_lowpass, setup_filter
from ops.modulated_conv import conv2d_resample, modulated_conv2d, normalized_modulated_conv2d
from ops.torch_backend import CHUNK
from ops.upfirdn2d import downsample2d, upfirdn2d, upsample2d


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def test_the_report_has_a_line_for_every_operation_and_needs_no_torch() -> None:
    code = "import sys, ops; assert ops.backends(); assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert all(isinstance(report, BackendReport) and report.backend and report.reason for report in backends())
    names = ["upfirdn2d", "bias_act", "fir_bias_act", "filtered_lrelu", "modulate", "styled_conv2d"]
    assert [report.op for report in backends()] == names


def test_the_report_can_be_read_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    done = subprocess.run([sys.executable, "-m", "ops"], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(backends()) + 1
    assert "filtered_lrelu  torch: plain torch operations (the kernels are not built yet" in done.stdout


@pytest.mark.parametrize("act", ACTIVATIONS)
def test_work_in_place_gives_the_same_values(backend: str, act: str) -> None:
    x, b = drawn(2, 3, 4, 5), drawn(3, seed=1)
    expected = bias_act(x, b, act=act, gain=1.5, clamp=0.9)
    assert torch.equal(bias_act(x.clone(), b, act=act, gain=1.5, clamp=0.9, inplace=True), expected)


def test_what_autograd_follows_is_not_overwritten(backend: str) -> None:
    x = drawn(2, 3, 4, 5).requires_grad_()
    before = x.detach().clone()
    bias_act(x, drawn(3), act="lrelu", inplace=True).sum().backward()
    assert torch.equal(x.detach(), before)
    assert x.grad is not None


def test_channels_in_chunks_give_the_same_as_all_at_once(no_native: None) -> None:
    x, b = drawn(2, 2 * CHUNK + 3, 9, 8), drawn(2 * CHUNK + 3, seed=1)
    f = setup_filter([1, 2, 3, 4, 4, 3, 2, 1])
    options = {"fu": f, "fd": f, "b": b, "up": 2, "down": 2, "padding": 7, "clamp": 0.7}
    chunked = filtered_lrelu(x, **options)  # type: ignore[arg-type]
    whole = filtered_lrelu(x.clone().requires_grad_(), **options)  # type: ignore[arg-type]
    assert torch.allclose(chunked, whole, atol=1e-6)


def test_an_activation_without_filters_leaves_its_input_alone(backend: str) -> None:
    x = drawn(1, 3, 4, 4)
    before = x.clone()
    filtered_lrelu(x, clamp=0.1)
    assert torch.equal(x, before)


def test_gradients_agree_with_finite_differences() -> None:
    shapes = (2, 2, 3, 2), (2, 2, 3, 3), (2, 2), (2,)
    x, w, s, b = (drawn(*shape, seed=i).double().requires_grad_() for i, shape in enumerate(shapes))
    f = setup_filter([1, 3, 3, 1]).double()

    def layer(x: Tensor, w: Tensor, s: Tensor, b: Tensor) -> Tensor:
        y = modulated_conv2d(x, w, s, up=2, padding=1, resample_filter=f, flip_weight=False)
        return filtered_lrelu(y, fu=f, fd=f, b=b, up=2, down=2, padding=3, clamp=2.0)

    assert torch.autograd.gradcheck(layer, (x, w, s, b), fast_mode=True)
    assert torch.autograd.gradcheck(
        lambda x, w, s: normalized_modulated_conv2d(x, w, s, padding=2), (x, w, s), fast_mode=True
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_comes_close_and_stays_finite_with_large_styles(backend: str, dtype: torch.dtype) -> None:
    x, w, s = drawn(2, 32, 8, 8), drawn(16, 32, 3, 3, seed=1) * 100, drawn(2, 32, seed=2) * 2000
    exact = modulated_conv2d(x, w, s, padding=1)
    half = modulated_conv2d(x.to(dtype), w, s, padding=1)
    assert half.dtype == dtype
    assert (half.float() - exact).abs().max() <= (0.05 if dtype == torch.bfloat16 else 0.01) * exact.std()


def test_inputs_in_any_memory_layout_give_the_same_values(backend: str) -> None:
    x, w, s = drawn(2, 6, 8, 7), drawn(4, 6, 3, 3, seed=1), drawn(2, 6, seed=2)
    f = setup_filter([1, 3, 3, 1])
    expected = modulated_conv2d(x, w, s, up=2, padding=1, resample_filter=f)
    layouts = (
        x.to(memory_format=torch.channels_last),
        drawn(2, 6, 8, 14)[..., ::2].copy_(x),
        x.transpose(2, 3).contiguous().transpose(2, 3),
    )
    for layout in layouts:
        assert torch.allclose(modulated_conv2d(layout, w, s, up=2, padding=1, resample_filter=f), expected, atol=1e-5)


def test_a_crop_is_done_before_the_filter(backend: str) -> None:
    x, w, f = drawn(1, 2, 8, 8), drawn(3, 2, 3, 3, seed=1), setup_filter([1, 3, 3, 1])
    y = conv2d_resample(x, w, f=f, up=2, padding=-4)
    sides = (2 - 4, 1 - 4, 2 - 4, 1 - 4)
    expected = torch.nn.functional.conv2d(upfirdn2d(x, f, up=2, padding=sides, gain=4), w)
    assert torch.allclose(y, expected, atol=1e-5)


def test_enlarging_keeps_a_flat_picture_and_reducing_keeps_its_place(backend: str) -> None:
    f = setup_filter([1, 3, 3, 1])
    flat = torch.ones(1, 1, 8, 8)
    assert torch.allclose(upsample2d(flat, f)[:, :, 2:-2, 2:-2], torch.ones(()))
    assert downsample2d(upsample2d(flat, f), f).shape == flat.shape


def test_a_lowpass_filter_passes_its_band_and_stops_the_rest() -> None:
    taps = design_lowpass(48, 8.0, 4.0, 64.0)
    assert taps is not None
    response = torch.fft.rfft(taps, n=640).abs()  # bins of 0.1 up to 32
    assert (response[:60] - 1).abs().max() < 0.01
    assert response[100:].max() < 0.01
    assert design_lowpass(1, 8.0, 4.0, 64.0) is None
    odd = design_lowpass(11, 8.0, 16.0, 64.0, radial=True)
    assert odd is not None
    assert torch.allclose(odd, odd.t())
    assert odd.argmax() == 60
    assert odd.sum().isclose(torch.ones(()))


def test_what_makes_no_sense_is_refused_in_words() -> None:
    x = drawn(1, 1, 4, 4)
    with pytest.raises(ValueError, match="no activation 'gelu'; there are linear"):
        bias_act(x, act="gelu")
    with pytest.raises(ValueError, match="1 or 2 dimensions"):
        upfirdn2d(x, torch.ones(1, 1, 1))
    with pytest.raises(ValueError, match="positive whole numbers"):
        upfirdn2d(x, None, up=0)
    with pytest.raises(ValueError, match="one, two or four"):
        upfirdn2d(x, None, padding=[1, 2, 3])
    with pytest.raises(ValueError, match="than the filter covers"):
        upfirdn2d(x, torch.ones(5, 5))
    with pytest.raises(ValueError, match="some taps"):
        setup_filter([])
    with pytest.raises(ValueError, match="at least one tap"):
        design_lowpass(0, 1.0, 1.0, 4.0)
