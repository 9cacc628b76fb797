"""The CUDA operations on a GPU, against the reference in float64, without a wait for the GPU. Skipped where none is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor

from ops.base.constants import ACTIVATIONS
from ops.bias_act import bias_act as reference_bias_act
from ops.cuda import bias_act, filtered_lrelu, modulate, sg2_tail, upfirdn2d
from ops.cuda.device import opened
from ops.filtered_lrelu import filtered_lrelu as reference_filtered_lrelu
from ops.upfirdn2d import upfirdn2d as reference_upfirdn2d

from .emulation.cases import TOLERANCE, TYPES, double, drawn, taps

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
SIZES = ((3, 4), (7, 17), (64, 65))  # height and width


@pytest.fixture(scope="module", autouse=True)
def runtime() -> None:
    gpu = opened(torch.cuda.current_device())
    if isinstance(gpu, str):
        pytest.skip(gpu)


@contextmanager
def no_waiting() -> Iterator[None]:
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def to_gpu(value: Any) -> Any:
    return value.cuda() if isinstance(value, Tensor) else value


def check(module: Any, reference: Callable[..., Tensor], x: Tensor, *others: Any, **options: Any) -> None:
    """The GPU gives what the reference gives in float64 on the CPU, in the layout of x."""
    function = getattr(module, module.__name__.rpartition(".")[2])
    exact = [double(o) if isinstance(o, Tensor) else o for o in others]
    exact_options = {name: double(o) if isinstance(o, Tensor) else o for name, o in options.items()}
    expected = reference(x.double(), *exact, **exact_options)
    on_gpu, arguments = x.cuda(), [to_gpu(o) for o in others]
    gpu_options = {name: to_gpu(o) for name, o in options.items()}
    assert module.why_not(on_gpu, *arguments, **gpu_options) == ""
    with no_waiting():
        y = function(on_gpu, *arguments, **gpu_options)
    error = (y.cpu().double() - expected).abs().max()
    assert error <= TOLERANCE[y.dtype] * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("act", ACTIVATIONS)
def test_bias_act(dtype: torch.dtype, act: str) -> None:
    for channels_last in (False, True):
        x = drawn(2, 5, 33, 17, dtype=dtype, channels_last=channels_last)
        check(bias_act, reference_bias_act, x, drawn(5, seed=1), act=act, clamp=0.9)
    check(bias_act, reference_bias_act, drawn(2 * 5 * 9 + 1, dtype=dtype)[1:].view(2, 5, 9), None, act=act)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_upfirdn2d(size: tuple[int, int], channels_last: bool, dtype: torch.dtype) -> None:
    x = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last)
    for up, down, shape in ((1, 1, (4, 4)), (2, 1, (4, 4)), (1, 2, (12,)), (4, 2, (24,)), (2, 4, ())):
        for padding in (32, (-2, 40, 33, -1)):
            check(upfirdn2d, reference_upfirdn2d, x, taps(*shape), up=up, down=down, padding=padding, gain=2.0)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_filtered_lrelu(size: tuple[int, int], channels_last: bool, dtype: torch.dtype) -> None:
    x = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last)
    shapes = (
        (2, 2, (12,), (12,)),
        (4, 2, (24,), (12, 12)),
        (1, 4, (32,), (32,)),
        (2, 2, (12,), (12, 12)),
        (1, 1, (), ()),
    )
    for up, down, up_shape, down_shape in shapes:
        options = {"fu": taps(*up_shape), "fd": taps(*down_shape), "b": drawn(3, seed=1), "up": up, "down": down}
        for padding in ((31, 32, 33, 34), (-1, 70, 71, -1)):
            check(filtered_lrelu, reference_filtered_lrelu, x, **options, padding=padding, clamp=0.8)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("norm", modulate.NORMS)
def test_modulate(norm: str, dtype: torch.dtype) -> None:
    weight, styles, gain = drawn(5, 300, 3, 3), drawn(2, 300, seed=1), torch.rand(300)
    for demodulate, flip, transpose, channels_last in ((True, False, False, True), (False, True, True, False)):
        numbers = (norm, demodulate, flip, transpose, channels_last)
        exact = modulate.steps(weight.double(), styles.double(), gain.double(), torch.float64, *numbers)
        options: dict[str, Any] = {"dtype": dtype, "norm": norm, "demodulate": demodulate, "flip": flip}
        options |= {"transpose": transpose, "channels_last": channels_last, "input_gain": gain.cuda()}
        inputs = weight.cuda(), styles.cuda()
        assert modulate.why_not(*inputs, **options) == ""
        with no_waiting():
            y = modulate.modulate(*inputs, **options)
        assert (y.cpu().double() - exact).abs().max() <= TOLERANCE[dtype] * max(1.0, float(exact.abs().max()))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("shape", [(), (4, 4), (4,)])
def test_the_end_of_a_layer(shape: tuple[int, ...], channels_last: bool, dtype: torch.dtype) -> None:
    def reference(x: Tensor, f: Tensor | None, b: Tensor, *, noise: Tensor, strength: Tensor, **_: Any) -> Tensor:
        x = reference_upfirdn2d(x, f, padding=2, gain=4.0) + noise * strength
        return reference_bias_act(x, b, act="lrelu", clamp=3.0)

    for size in SIZES:
        x, f = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last), taps(*shape)
        noise = drawn(2, 1, *reference_upfirdn2d(x.double(), double(f), padding=2).shape[2:], seed=2)
        inputs = {"noise": noise, "strength": torch.tensor(0.3)}
        options = {"padding": 2, "filter_gain": 4.0, "act": "lrelu", "clamp": 3.0}
        check(sg2_tail, reference, x, f, drawn(3, seed=1), **inputs, **options)


def test_work_on_another_stream_and_in_another_thread_of_the_program() -> None:
    from concurrent.futures import ThreadPoolExecutor

    x = drawn(2, 3, 64, 64).cuda()
    torch.cuda.synchronize()

    def work() -> Tensor:
        with torch.cuda.stream(torch.cuda.Stream()):
            y = bias_act.bias_act(x, act="relu")
            torch.cuda.current_stream().synchronize()
        return y

    with ThreadPoolExecutor(1) as pool:
        y = pool.submit(work).result()
    assert torch.allclose(y, reference_bias_act(x, act="relu"))


def test_torch_finds_no_fault_in_the_registration() -> None:
    x, f = drawn(2, 3, 9, 8).cuda().requires_grad_(), torch.rand(4, 4).cuda()
    for operation, arguments in (
        (bias_act.compute, (x, None, 1, "lrelu", 0.2, 1.4, 0.9)),
        (upfirdn2d.compute, (x, f, (2, 2), (1, 1), (2, 1, 2, 1), False, 4.0)),
        (filtered_lrelu.compute, (x, f[0], f, None, (2, 2), (2, 2), (3, 4, 3, 4), 1.3, 0.2, 0.8, False)),
        (sg2_tail.compute, (x, None, None, None, f, (2, 1, 2, 1), False, 4.0, "lrelu", 0.2, 1.4, 3.0)),
    ):
        torch.library.opcheck(operation, arguments)
