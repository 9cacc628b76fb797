"""Settings and tensors of a checkpoint, checked before use. Nothing is allocated from a number in a file."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.base.errors import CheckpointError, RefusedFile, UnsupportedFile
from core.base.text import shown
from core.base.whole import is_whole
from core.loading.common.checkpoint import Node, Plain, StoredTensor

MAX_RESOLUTION = 4096
MAX_SIZE = MAX_RESOLUTION * 2  # of feature maps, with their margins
MAX_CHANNELS = 8192
MAX_LAYERS = 64
MAX_LATENT = 8192
MAX_CLASSES = 100_000
MAX_RESAMPLING = 16
MAX_TAPS = 256
MAX_NAMED = 5  # tensors in one message
MAX_DEPTH = 8  # of modules in each other

FLOATS = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class Settings:
    """The attributes of one module, or a JSON object, read with a range for every number."""

    values: Mapping[str, Plain]
    where: str  # for messages, e.g. "synthesis.b8"

    def has(self, name: str) -> bool:
        return self.values.get(name) is not None

    def integer(self, name: str, low: int, high: int, default: int | None = None) -> int:
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not is_whole(value):
            raise self._wrong(name, value, "a whole number")
        if not low <= value <= high:
            raise unreasonable(name, value, f"{low} to {high}")
        return value

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(name, value, "a number")
        if not low <= value <= high:  # false for NaN too
            raise unreasonable(name, value, f"{low:g} to {high:g}")
        return float(value)

    def optional_number(self, name: str, low: float, high: float) -> float | None:
        return self.number(name, low, high) if self.has(name) else None

    def flag(self, name: str, default: bool | None = None) -> bool:
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, value, "text")
        return value

    def integers(self, name: str, low: int, high: int, lengths: range | tuple[int, ...]) -> tuple[int, ...]:
        items = self.sequence(name)
        if len(items) not in lengths:
            raise self._wrong(name, self.values[name], f"a list of another length than {len(items)}")
        return tuple(Settings({name: item}, self.where).integer(name, low, high) for item in items)

    def numbers(self, name: str, low: float, high: float) -> tuple[float, ...]:
        return tuple(Settings({name: item}, self.where).number(name, low, high) for item in self.sequence(name))

    def sequence(self, name: str) -> tuple[Plain, ...]:
        value = self.values.get(name)
        if not isinstance(value, list | tuple):
            raise self._wrong(name, value, "a list")
        return tuple(value)

    def child(self, name: str) -> Settings:
        value = self.values.get(name)
        if not isinstance(value, dict):
            raise self._wrong(name, value, "an object")
        return Settings(value, f"{self.where}.{name}" if self.where else name)

    def _wrong(self, name: str, value: Plain, wanted: str) -> CheckpointError:
        if value is None:
            return CheckpointError(f"The network lacks the setting `{shown(name)}` of `{shown(self.where)}`.")
        return CheckpointError(
            f"The setting `{shown(name)}` of `{shown(self.where)}` is {shown(repr(value), 60)}; it must be {wanted}."
        )


def unreasonable(name: str, value: object, wanted: str) -> RefusedFile:
    return RefusedFile(
        f"Unreasonable setting `{shown(name)}` = {shown(value, 40)}: no network has this, it should be {wanted}."
    )


# ----------------------------------------------------------------------------
# Trees of modules.


def settings(node: Node, where: str) -> Settings:
    return Settings(node.attributes, where)


def child(node: Node, name: str, where: str) -> Node:
    """Raises CheckpointError if there is no such module."""
    if name not in node.children:
        path = f"{where}.{name}" if where else name
        raise CheckpointError(f"The network lacks its part `{shown(path)}`; the file is damaged or of another kind.")
    return node.children[name]


def shape(node: Node, name: str, rank: int, where: str) -> tuple[int, ...]:
    """The shape of a tensor. Raises CheckpointError if it is missing, RefusedFile if it is unreasonable."""
    return shape_of(node.tensors, name, rank, f"{where}.")


def shape_of(tensors: Mapping[str, StoredTensor], name: str, rank: int, prefix: str = "") -> tuple[int, ...]:
    """As `shape`, of tensors without modules around them; prefix: of the name in a message."""
    label = shown(prefix + name)
    if name not in tensors:
        raise CheckpointError(f"The network lacks its tensor `{label}`; the file is damaged.")
    found = tensors[name].shape
    if len(found) != rank:
        raise CheckpointError(f"The tensor `{label}` has {len(found)} dimensions instead of {rank}.")
    if rank and (min(found) < 1 or max(found) > max(MAX_CLASSES, MAX_LATENT + MAX_CHANNELS)):
        raise unreasonable(label, tuple(found), "a shape of a network")
    return tuple(found)


def agree(what: str, *values: object) -> None:
    """Raises CheckpointError unless all values are equal."""
    if any(value != values[0] for value in values):
        known = " and ".join(shown(value, 60) for value in dict.fromkeys(map(str, values)))
        raise CheckpointError(f"The file contradicts itself about {what}: {known}. It cannot be opened.")


def flatten(node: Node, prefix: str = "") -> Iterator[tuple[str, StoredTensor]]:
    """All tensors with their full names."""
    for name, tensor in node.tensors.items():
        yield prefix + name, tensor
    for name, sub in node.children.items():
        yield from flatten(sub, f"{prefix}{name}.")


def tree(tensors: Mapping[str, StoredTensor], depth: int = MAX_DEPTH) -> Node:
    """The modules that the names of tensors tell of, without attributes."""
    own: dict[str, StoredTensor] = {}
    inside: dict[str, dict[str, StoredTensor]] = {}
    for name, tensor in tensors.items():
        head, dot, rest = name.partition(".")
        if dot and depth:
            inside.setdefault(head, {})[rest] = tensor
        else:
            own[name] = tensor
    return Node("", {}, own, {head: tree(part, depth - 1) for head, part in inside.items()})


def count_note(generator: Node, num_ws: int) -> tuple[str, ...]:
    """A note if the file's number of w entries is not that of its layers."""
    claimed = generator.attributes.get("num_ws")
    if claimed is None or claimed == num_ws:
        return ()
    return (f"The file says that its w has {shown(claimed, 20)} entries; its layers need {num_ws}.",)


def known_activation(name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise UnsupportedFile(
            f"The network uses the activation `{shown(name)}`, which this program does not have. "
            f"It has {', '.join(known)}."
        )
    return name


# ----------------------------------------------------------------------------
# Tensors.


def fill(network: nn.Module, stored: Mapping[str, StoredTensor], optional: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Give a network on the meta device its tensors, float32 on the CPU. Returns notes.

    Raises CheckpointError naming the first five tensors that are missing (but for `optional`) or do not fit.
    """
    wanted = {name: tuple(t.shape) for name, t in network.state_dict().items()}
    faults = [
        fault
        for name, s in wanted.items()
        if name not in optional or name in stored
        for fault in misfit(name, s, stored)
    ]
    if faults:
        more = f" and {len(faults) - MAX_NAMED} more" if len(faults) > MAX_NAMED else ""
        raise CheckpointError(f"The network's tensors do not fit: {'; '.join(faults[:MAX_NAMED])}{more}.")
    tensors = {name: to_torch(stored[name]) for name in wanted if name in stored}
    for name in wanted.keys() - tensors.keys():
        tensors[name] = torch.zeros(wanted[name])
    network.load_state_dict(tensors, assign=True)
    network.requires_grad_(False).eval()
    return tuple(_notes(tensors, stored))


def misfit(name: str, wanted: tuple[int, ...], stored: Mapping[str, StoredTensor]) -> Iterator[str]:
    if name not in stored:
        yield f"`{shown(name)}` is missing"
        return
    tensor = stored[name]
    source = shown(tensor.source or name)
    if tensor.shape != wanted:
        there = tensor.source_shape or tensor.shape
        has = f"has the shape {there}" if there == tensor.shape else f"of the shape {there} gives {tensor.shape}"
        yield f"`{source}` {has} instead of {wanted}"
    elif tensor.dtype not in FLOATS:
        yield f"`{source}` holds {shown(tensor.dtype, 40)} instead of numbers with a fraction"


def to_torch(stored: StoredTensor) -> Tensor:
    """A float32 copy."""
    array = stored.array
    if stored.dtype == "bfloat16":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    return torch.from_numpy(np.array(array, dtype=np.float32, order="C"))


def _notes(tensors: Mapping[str, Tensor], stored: Mapping[str, StoredTensor]) -> Iterator[str]:
    # A sum is finite only if all terms are; it is much quicker to find than the terms themselves.
    bad = [name for name, t in tensors.items() if not math.isfinite(float(t.sum())) and not t.isfinite().all()]
    bad = [stored[name].source or name for name in bad]
    extra = [tensor.source or name for name, tensor in stored.items() if name not in tensors]
    if bad:
        yield f"Some numbers are NaN or infinite in {listed(bad)}; the training may have collapsed."
    if extra:
        yield f"Tensors that this network does not use were left out: {listed(extra)}."


def listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(f"`{shown(name, 100)}`" for name in names[:MAX_NAMED]) + more


def saved_tensors(network: nn.Module) -> dict[str, StoredTensor]:
    """All parameters and buffers; those on the CPU share their memory."""
    state = network.state_dict()
    return {name: StoredTensor(t.detach().cpu().contiguous().numpy(), "float32") for name, t in state.items()}
