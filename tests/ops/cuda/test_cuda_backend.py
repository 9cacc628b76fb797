"""The CUDA backend among the others: when it is asked, and that it makes of an operation's arguments what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from ops.cuda import cuda_backend
from tests.ops.test_contract import BACKENDS, DTYPES, Call, calls, channels_last, contiguous

OPS = tuple(BACKENDS)


@pytest.mark.parametrize("op", OPS)
def test_it_comes_first_and_leaves_tensors_of_the_cpu_to_the_others(op: str) -> None:
    first = BACKENDS[op][0]
    assert first.name == "cuda"
    for call in calls(op, 3, torch.float32, contiguous):
        assert first.why_not(*call.tensors, **call.options) == cuda_backend.NOT_CUDA


@pytest.mark.skipif(torch.version.cuda is not None, reason="this torch has CUDA")
@pytest.mark.parametrize("op", OPS)
def test_a_torch_without_cuda_is_the_reason_on_a_gpu(op: str) -> None:
    with on_a_gpu(next(iter(calls(op, 3, torch.float32, contiguous)))) as call:
        reason = BACKENDS[op][0].why_not(*call.tensors, **call.options)
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
        w = call.tensors[0]
        if op == "modulate" and (call.options["normalize"] or (w is not None and layout_of(w) == "another")):
            continue  # which the kernel leaves to the others
        if op == "bias_act" and (call.options["inplace"] or (w is not None and w.ndim < 4)):
            continue  # for which there is nothing to see without a GPU
        if any(t is not None and t.ndim == 2 for t in call.tensors[1:2]) and op == "filtered_lrelu":
            continue  # likewise an up-sampling filter that does not separate
        expected = plain.run(*call.tensors, **call.options)
        with on_a_gpu(call) as there:
            found = cuda.run(*there.tensors, **there.options)
        assert (found.shape, found.dtype, found.device.type) == (expected.shape, expected.dtype, "cuda")
        if op == "modulate":
            strides = zip(found.shape, found.stride(), expected.stride(), strict=True)
            assert all(mine == theirs for size, mine, theirs in strides if size > 1), call.options
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
def on_a_gpu(call: Call) -> Iterator[Call]:
    """The call with tensors that have no values, on a GPU that need not be there."""
    with FakeTensorMode():
        tensors = tuple(None if t is None else there(t) for t in call.tensors)
        options = {name: there(v) if isinstance(v, Tensor) else v for name, v in call.options.items()}
        yield Call(tensors, options)


def there(x: Tensor) -> Tensor:
    return torch.empty_strided(x.shape, x.stride(), dtype=x.dtype, device="cuda")
