"""The CUDA operations on a GPU, against the reference in float64, without a wait for the GPU. Skipped where none is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ops.base.calls import BiasAct, Call, FilteredLrelu, FirBiasAct, Upfirdn2d
from ops.base.constants import ACTIVATIONS
from ops.base.geometry import filter_size
from ops.base.reference import bias_act_ref, filtered_lrelu_ref, fir_bias_act_ref, in_float64, upfirdn2d_ref
from ops.cuda import bias_act, filtered_lrelu, modulate, sg2_tail, upfirdn2d
from ops.cuda.device import opened
from ops.cuda.modulate import Weights

from .emulation.cases import TOLERANCE, TYPES, drawn, taps

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


def to_gpu(call: Any) -> Any:
    values = {field.name: getattr(call, field.name) for field in fields(call)}
    return replace(call, **{name: value.cuda() for name, value in values.items() if isinstance(value, Tensor)})


def check(module: Any, reference: Callable[[Call], Tensor], call: Call) -> None:
    """The GPU gives what the reference gives in float64 on the CPU."""
    expected, on_gpu = reference(in_float64(call)), to_gpu(call)
    assert module.why_not(on_gpu) == ""
    with no_waiting():
        y = module.run(on_gpu)
    error = (y.cpu().double() - expected).abs().max()
    assert error <= TOLERANCE[y.dtype] * max(1.0, float(expected.abs().max()))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("act", ACTIVATIONS)
def test_bias_act(dtype: torch.dtype, act: str) -> None:
    for channels_last in (False, True):
        x = drawn(2, 5, 33, 17, dtype=dtype, channels_last=channels_last)
        check(bias_act, bias_act_ref, BiasAct(x, drawn(5, seed=1), act=act, gain=2**0.5, clamp=0.9))
    x = drawn(2 * 5 * 9 + 1, dtype=dtype)[1:].view(2, 5, 9)
    check(bias_act, bias_act_ref, BiasAct(x, act=act, gain=2**0.5))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_upfirdn2d(size: tuple[int, int], channels_last: bool, dtype: torch.dtype) -> None:
    x = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last)
    for up, down, shape in ((1, 1, (4, 4)), (2, 1, (4, 4)), (1, 2, (12,)), (4, 2, (24,)), (2, 4, ())):
        for padding in ((32, 32, 32, 32), (-2, 40, 33, -1)):
            call = Upfirdn2d(x, taps(*shape), up=(up, up), down=(down, down), padding=padding, gain=2.0)
            check(upfirdn2d, upfirdn2d_ref, call)


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
        filters = taps(*up_shape), taps(*down_shape)
        for padding in ((31, 32, 33, 34), (-1, 70, 71, -1)):
            call = FilteredLrelu(x, *filters, drawn(3, seed=1), (up, up), (down, down), padding, gain=2**0.5, clamp=0.8)
            check(filtered_lrelu, filtered_lrelu_ref, call)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("norm", modulate.NORMS)
def test_modulate(norm: str, dtype: torch.dtype) -> None:
    weight, styles, gain = drawn(5, 300, 3, 3), drawn(2, 300, seed=1), torch.rand(300)
    for demodulate, flip, transpose, channels_last in ((True, False, False, True), (False, True, True, False)):
        numbers = (norm, demodulate, flip, transpose, channels_last)
        exact = modulate.steps(Weights(weight.double(), styles.double(), gain.double(), torch.float64, *numbers))
        wanted = to_gpu(Weights(weight, styles, gain, dtype, *numbers))
        assert modulate.why_not_make(wanted) == ""
        with no_waiting():
            y = modulate.make(wanted)
        assert (y.cpu().double() - exact).abs().max() <= TOLERANCE[dtype] * max(1.0, float(exact.abs().max()))


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("shape", [(), (4, 4), (4,)])
def test_the_end_of_a_layer(shape: tuple[int, ...], channels_last: bool, dtype: torch.dtype) -> None:
    width, height = filter_size(taps(*shape))
    for size in SIZES:
        x, f = drawn(2, 3, *size, dtype=dtype, channels_last=channels_last), taps(*shape)
        noise = drawn(2, 1, size[0] + 5 - height, size[1] + 5 - width, seed=2)
        call = FirBiasAct(
            x, f, drawn(3, seed=1), noise, torch.tensor(0.3), padding=(2, 2, 2, 2), filter_gain=4.0, act="lrelu",
            gain=2**0.5, clamp=3.0,
        )  # fmt: skip
        check(sg2_tail, fir_bias_act_ref, call)


def test_work_on_another_stream_and_in_another_thread_of_the_program() -> None:
    from concurrent.futures import ThreadPoolExecutor

    x = drawn(2, 3, 64, 64).cuda()
    torch.cuda.synchronize()

    def work() -> Tensor:
        with torch.cuda.stream(torch.cuda.Stream()):
            y = bias_act.run(BiasAct(x, act="relu"))
            torch.cuda.current_stream().synchronize()
        return y

    with ThreadPoolExecutor(1) as pool:
        y = pool.submit(work).result()
    assert torch.allclose(y, bias_act_ref(BiasAct(x, act="relu")))


def test_torch_finds_no_fault_in_the_registration() -> None:
    x, f = drawn(2, 3, 9, 8).cuda().requires_grad_(), torch.rand(4, 4).cuda()
    for operation, arguments in (
        (bias_act.compute, (x, None, 1, "lrelu", 0.2, 1.4, 0.9)),
        (upfirdn2d.compute, (x, f, (2, 2), (1, 1), (2, 1, 2, 1), False, 4.0)),
        (filtered_lrelu.compute, (x, f[0], f, None, (2, 2), (2, 2), (3, 4, 3, 4), 1.3, 0.2, 0.8, False)),
        (sg2_tail.compute, (x, f, None, None, None, (2, 1, 2, 1), False, 4.0, "lrelu", 0.2, 1.4, 3.0)),
    ):
        torch.library.opcheck(operation, arguments)
