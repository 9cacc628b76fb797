"""What a reader makes of a file: inert records that a family turns into a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
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
    source: str = ""  # its name in the file, if it goes by another one
    source_shape: tuple[int, ...] | None = None  # there, if it may have another one here

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
class StateDict:
    """Tensors by name without modules around them; the names tell what network they are of."""

    tensors: Mapping[str, StoredTensor]
    wrapper: str = ""  # the key of the file under which they stood; "": they were the whole of it
    beside: Mapping[str, Plain | StoredTensor] = field(default_factory=dict)  # what else stood there
    path: Path = Path()  # of the file, for what lies beside it
    place: tuple[str, ...] = ()  # all keys that lead to them
    prefix: str = ""  # what was before all names
    partial: bool = False  # they are but some of the tensors there, chosen by nothing but their prefix
    module: str = ""  # the class, if a module was saved whole
    others: tuple[StateDict, ...] = ()  # what else of the file could be the generator, the likeliest first


@dataclass(frozen=True, eq=False)
class TensorFlowNetwork:
    """A network of NVIDIA's TensorFlow code."""

    name: str
    version: int
    function: str  # that built it, e.g. "G_main"; a hint
    arguments: Mapping[str, Plain]  # of the function, as far as they are not its defaults
    variables: Mapping[str, StoredTensor]  # its own, e.g. "4x4/Conv/weight"
    components: Mapping[str, TensorFlowNetwork] = field(default_factory=dict)  # "mapping", "synthesis"


# What files hold.
Content: TypeAlias = Node | SavedNetwork | StateDict | TensorFlowNetwork


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The generator found in a file, and where it came from."""

    content: Content
    origin: Origin
