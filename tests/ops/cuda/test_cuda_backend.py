"""The CUDA backend among the others: when it is asked, and that it makes of an operation's arguments what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from ops.base.calls import BiasAct, FilteredLrelu, Modulate
from ops.cuda import cuda_backend
from tests.ops.test_contract import BACKENDS, DTYPES, calls, channels_last, contiguous

OPS = tuple(BACKENDS)


@pytest.mark.parametrize("op", OPS)
def test_it_comes_first_and_leaves_tensors_of_the_cpu_to_the_others(op: str) -> None:
    first = BACKENDS[op][0]
    assert first.name == "cuda"
    for call in calls(op, 3, torch.float32, contiguous):
        assert first.why_not(call) == cuda_backend.NOT_CUDA


@pytest.mark.skipif(torch.version.cuda is not None, reason="this torch has CUDA")
@pytest.mark.parametrize("op", OPS)
def test_a_torch_without_cuda_is_the_reason_on_a_gpu(op: str) -> None:
    with on_a_gpu(next(calls(op, 3, torch.float32, contiguous))) as call:
        reason = BACKENDS[op][0].why_not(call)
    assert reason == "this torch is built without CUDA"


@pytest.mark.parametrize("layout", [contiguous, channels_last], ids=["contiguous", "channels_last"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("op", OPS)
def test_results_have_the_size_type_and_layout_of_the_plain_backend(
    op: str, dtype: torch.dtype, layout: Callable[[Tensor], Tensor]
) -> None:
    cuda, *_, plain = BACKENDS[op]
    ran = 0
    for call in calls(op, 7, dtype, layout):
        match call:
            case Modulate(normalize=True) | FilteredLrelu(fu=Tensor(ndim=2)):
                continue  # which the kernel leaves to the others
            case Modulate(weight=weight) if layout_of(weight) == "another":
                continue
            case BiasAct(inplace=True) | BiasAct(x=Tensor(ndim=1 | 2 | 3)):
                continue  # for which there is nothing to see without a GPU
        expected = plain.run(call)
        with on_a_gpu(call) as there:
            found = cuda.run(there)
        assert (found.shape, found.dtype, found.device.type) == (expected.shape, expected.dtype, "cuda")
        if op == "modulate":
            strides = zip(found.shape, found.stride(), expected.stride(), strict=True)
            assert all(mine == theirs for size, mine, theirs in strides if size > 1), call
        elif expected.ndim == 4:
            last = layout is channels_last
            assert found.is_contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
        ran += 1
    assert ran


def layout_of(w: Tensor) -> str:
    if w.is_contiguous():
        return "contiguous"
    either = (w, w.transpose(0, 1))
    return "channels_last" if any(x.is_contiguous(memory_format=torch.channels_last) for x in either) else "another"


@contextmanager
def on_a_gpu(call: Any) -> Iterator[Any]:
    """The call with tensors that have no values, on a GPU that need not be there."""
    with FakeTensorMode():
        values = {field.name: getattr(call, field.name) for field in fields(call)}
        yield replace(call, **{name: there(value) for name, value in values.items() if isinstance(value, Tensor)})


def there(x: Tensor) -> Tensor:
    return torch.empty_strided(x.shape, x.stride(), dtype=x.dtype, device="cuda")
