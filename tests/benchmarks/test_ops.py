"""The operations on each backend: native kernels, fast torch, and the plain reference, in turn in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor

import ops.bias_act
import ops.filtered_lrelu
import ops.modulate
import ops.upfirdn2d
from ops.base import reference
from ops.base.calls import Call, FilteredLrelu, FirBiasAct, Modulate, Upfirdn2d
from ops.base.dispatch import Backend
from ops.fir import design_lowpass, setup_filter
from ops.native import build
from ops.native.state import Phase

ROUNDS = 5
Run = Callable[[], Tensor]


@pytest.fixture(scope="module", autouse=True)
def no_gradient() -> Iterator[None]:
    state = build.run()
    if state.phase is not Phase.READY:
        pytest.skip(state.reason)
    with torch.no_grad():
        yield


def in_turn(
    benchmark: Any, backends: tuple[Backend[Call, Tensor], ...], plain: Callable[[Call], Tensor] | None, call: Call
):
    """Medians of the backends and of the reference, taken in turn; prints times and ratios to the first."""
    runs: dict[str, Run] = {backend.name: partial(backend.run, call) for backend in backends}
    if plain is not None:
        runs["plain"] = partial(plain, call)
    for run in runs.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in runs}

    def each_once() -> None:
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - started) * 1e3)

    benchmark.pedantic(each_once, rounds=ROUNDS)
    medians = {name: statistics.median(values) for name, values in times.items()}
    first = medians[backends[0].name]
    benchmark.extra_info |= {f"{name}_ms": median for name, median in medians.items()}
    print("\n" + ", ".join(f"{name} {ms:.1f} ms (x{ms / first:.1f})" for name, ms in medians.items()))  # noqa: T201


def picture(channels: int, size: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(1, channels, size, size).to(dtype, memory_format=torch.channels_last)


@pytest.mark.parametrize("kind", ["up 2", "up 4", "radial"])
@pytest.mark.parametrize(("channels", "size"), [(512, 148), (128, 278)])
def test_filtered_lrelu(benchmark: Any, channels: int, size: int, kind: str):
    up, taps = (4, 24) if kind == "up 4" else (2, 12)
    fu = design_lowpass(taps, 16, 8, 64 * up)
    fd = design_lowpass(12, 16, 8, 128, radial=kind == "radial")
    x, b = picture(channels, size), torch.randn(channels)
    side = taps - 1
    call = FilteredLrelu(x, fu, fd, b, (up, up), (2, 2), (side, side, side, side), gain=2**0.5, clamp=256.0)
    plain = None if channels == 512 and up == 4 else reference.filtered_lrelu_ref
    in_turn(benchmark, ops.filtered_lrelu.BACKENDS, plain, call)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("filtered", [True, False], ids=["filtered", "unfiltered"])
@pytest.mark.parametrize(("channels", "size"), [(32, 1024), (128, 256)])
def test_tail(benchmark: Any, channels: int, size: int, filtered: bool, dtype: torch.dtype):
    x, b, noise = picture(channels, size + filtered, dtype), torch.randn(channels), torch.randn(size, size)
    f = setup_filter([1, 3, 3, 1]) if filtered else None
    side = int(filtered)
    call = FirBiasAct(
        x, f, b, noise, torch.tensor(0.1), (side, side, side, side), filter_gain=1 + 3.0 * filtered, act="lrelu",
        gain=2**0.5, clamp=256.0,
    )  # fmt: skip
    in_turn(benchmark, ops.bias_act.FIR_BACKENDS, reference.fir_bias_act_ref, call)


def test_image_enlarged_and_added_to(benchmark: Any):
    x, y, f = torch.randn(1, 3, 512, 512), torch.randn(1, 3, 1024, 1024), setup_filter([1, 3, 3, 1])
    call = Upfirdn2d(x, f, up=(2, 2), padding=(2, 1, 2, 1), gain=4.0, add=y)
    in_turn(benchmark, ops.upfirdn2d.BACKENDS, reference.upfirdn2d_ref, call)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("taps", [3, 1])
def test_weights(benchmark: Any, taps: int, dtype: torch.dtype):
    w, s = torch.randn(512, 512, taps, taps).contiguous(memory_format=torch.channels_last), torch.randn(512)
    call = Modulate(w, s, None, True, False, dtype, torch.preserve_format)
    in_turn(benchmark, ops.modulate.BACKENDS, reference.modulate_ref, call)
