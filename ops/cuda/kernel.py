"""A CUDA kernel as the program describes it before anything is compiled: its source, its macros, one launch of it."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

NAMESPACE = "stylegan_visualizer"  # of the operations in torch.ops
SOURCES = Path(__file__).parent.parent / "csrc" / "cuda"
THREADS = 256  # of every block, as in common.cuh
MAX_BLOCKS = 2**31 - 1
MAX_INDEX = 2**31 - 1  # up to here 32 bits count the elements, and the threads past their end


class Unavailable(RuntimeError):
    """A kernel cannot run here. Its text is the reason, in one sentence without a full stop."""


@dataclass(frozen=True)
class Kernel:
    """csrc/cuda/<name>.cu with the given macros; its entry has the same name and takes one structure."""

    name: str
    macros: tuple[tuple[str, int | str], ...]
    shared_bytes: int = 0  # of each block

    @classmethod
    def of(cls, name: str, macros: Mapping[str, int | str], shared_bytes: int = 0) -> Kernel:
        return cls(name, tuple(macros.items()), shared_bytes)

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(f"-D{name}={value}" for name, value in self.macros)


@dataclass(frozen=True)
class Launch:
    """One run of a kernel on `blocks` blocks of THREADS threads."""

    kernel: Kernel
    blocks: int
    parameters: ctypes.Structure
    tensors: tuple[Tensor | None, ...]  # that the parameters point into: kept until the launch is queued


def blocks_for(threads: int) -> int:
    return -(-threads // THREADS)


def index_type(count: int) -> str:
    """The C++ type in which this many elements are counted."""
    return "unsigned int" if count <= MAX_INDEX else "unsigned long long"


@functools.cache
def source(name: str) -> str:
    """The text of a kernel's file."""
    return (SOURCES / f"{name}.cu").read_text(encoding="utf-8")


@functools.cache
def headers() -> dict[str, str]:
    """All the headers that kernels include, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(SOURCES.glob("*.cuh"))}
