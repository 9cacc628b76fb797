"""What a reader makes of a file: inert records that a family turns into a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.request import Origin

# Values of attributes: None, bool, int, float, str, and list, tuple, dict of them; numpy scalars arrive as Python
# numbers, small numpy arrays as tuples. What is none of these arrives as `Opaque`.
Plain: TypeAlias = object


@dataclass(frozen=True)
class Opaque:
    """A value that was not interpreted: nothing may use it but to name it in a message."""

    name: str  # e.g. "timm.models.resnet.ResNet"


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor of the file, bounds-checked. `array` is a view into the file's bytes: copy before writing."""

    array: npt.NDArray[np.generic]
    dtype: str  # as stored: "float32", "float16", "bfloat16" (then `array` is uint16), "int64", ...

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape


@dataclass(frozen=True, eq=False)
class Node:
    """A module of a pickled network: what its `__dict__` held."""

    class_name: str
    attributes: Mapping[str, Plain] = field(default_factory=dict)
    tensors: Mapping[str, StoredTensor] = field(default_factory=dict)  # parameters and buffers that are not None
    children: Mapping[str, Node] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SavedNetwork:
    """A network written by this program: a family's own configuration and tensors by name."""

    family: str  # the family's `key`
    config: Mapping[str, Plain]  # JSON
    tensors: Mapping[str, StoredTensor]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The generator found in a file, and where it came from."""

    content: Node | SavedNetwork
    origin: Origin
