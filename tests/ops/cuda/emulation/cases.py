"""Calls of CUDA operations on the host, over tensors that lie in surroundings of NaN, against float64."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from ops.cuda.kernel import Launch

from .emulator import Emulator

GUARD = 64  # elements before and after a tensor
TOLERANCE = {torch.float32: 5e-6, torch.float16: 1e-3, torch.bfloat16: 8e-3}  # of max(1, max |expected|)
TYPES = tuple(TOLERANCE)
SIZES = ((1, 1), (2, 3), (7, 17), (33, 16))  # height and width
EMPTY = (torch.ops.aten.empty.memory_format, torch.ops.aten.empty_like.default, torch.ops.aten.empty_strided.default)
ALLOCATES = Callable[..., tuple[Tensor, list[Launch]]]


class Guards(TorchDispatchMode):
    """Allocates what is empty in surroundings of NaN, and can tell whether these were written."""

    def __init__(self) -> None:
        super().__init__()
        self._memories: list[tuple[Tensor, int]] = []

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = function(*args, **(kwargs or {}))
        return self._guarded(made) if function in EMPTY else made

    def _guarded(self, like: Tensor) -> Tensor:
        memory, span = surroundings(like)
        self._memories.append((memory, span))
        return memory.as_strided(like.shape, like.stride(), GUARD)

    def assert_untouched(self) -> None:
        for memory, span in self._memories:
            assert memory[:GUARD].isnan().all(), "written before the tensor"
            assert memory[GUARD + span :].isnan().all(), "written behind the tensor"


def surroundings(like: Tensor) -> tuple[Tensor, int]:
    span = 1 + sum((size - 1) * stride for size, stride in zip(like.shape, like.stride(), strict=True))
    return torch.full((span + 2 * GUARD,), torch.nan, dtype=like.dtype), span


def apart(value: Any) -> Any:
    """A tensor of the same values and strides in surroundings of NaN, also in a call; anything else as it is."""
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: apart(getattr(value, field.name)) for field in fields(value)})
    if not isinstance(value, Tensor):
        return value
    memory, _ = surroundings(value)
    return memory.as_strided(value.shape, value.stride(), GUARD).copy_(value)


@dataclass(frozen=True)
class Case:
    """A prepared call, the value it has to give, and its arguments in words."""

    name: str
    y: Tensor
    launches: list[Launch]
    guards: Guards
    expected: Tensor

    @classmethod
    def of(cls, name: str, expected: Tensor, prepare: ALLOCATES, *arguments: Any) -> Case:
        arguments = tuple(map(apart, arguments))
        with Guards() as guards:
            y, launches = prepare(*arguments)
        return cls(name, y, launches, guards, expected)

    def check(self, emulator: Emulator) -> None:
        """The value is right, nothing else is written, and it does not matter which thread is first."""
        emulator.run(self.launches)
        rising = self.y.clone()
        assert not rising.isnan().any(), f"{self.name}: something is not written, or comes from outside a tensor"
        self.y.fill_(torch.nan)
        emulator.run(self.launches, falling=True)
        self.guards.assert_untouched()
        assert torch.equal(rising, self.y), f"{self.name}: the order of the threads matters"
        assert self.y.shape == self.expected.shape, self.name
        error = (self.y.double() - self.expected).abs().max()
        scale = max(1.0, float(self.expected.abs().max()))
        assert error <= TOLERANCE[self.y.dtype] * scale, f"{self.name}: off by {float(error / scale):.1e}"


def check_all(emulator: Emulator, cases: Iterable[Case]) -> None:
    cases = list(cases)
    assert cases
    emulator.compile(launch.kernel for case in cases for launch in case.launches)
    for case in cases:
        case.check(emulator)


def double(value: Tensor | None) -> Tensor | None:
    return None if value is None else value.double()


def drawn(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32, channels_last: bool = False) -> Tensor:
    x = torch.randn(shape, generator=torch.Generator().manual_seed(seed)).to(dtype)
    return x.contiguous(memory_format=torch.channels_last) if channels_last else x


def taps(*shape: int) -> Tensor | None:
    """Without any symmetry. No shape: no filter."""
    if not shape:
        return None
    f = torch.rand(shape, generator=torch.Generator().manual_seed(7)) + 0.1
    return f / f.sum()
